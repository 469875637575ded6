// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajptest

import (
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp"
)

func start(t *testing.T, network string, scripts ...Script) (*Container, net.Conn) {
	t.Helper()
	c, err := Start(network, scripts...)
	require.NoError(t, err)
	address := c.Address().Path
	if address == "" {
		address = c.Address().IP.String()
	}
	if network == "tcp6" {
		network = "tcp"
	}
	conn, err := net.Dial(network, address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return c, conn
}

func request(t *testing.T, uri string) []byte {
	t.Helper()
	r := ajp.ForwardRequest{Method: "GET", Protocol: "HTTP/1.1", URI: uri}
	packet, err := r.Append(nil)
	require.NoError(t, err)
	return packet
}

func TestContainer_Networks(t *testing.T) {
	for _, network := range []string{"tcp", "tcp6", "unix"} {
		t.Run(network, func(t *testing.T) {
			c, conn := start(t, network, Script{ExpectURI("/a"), Send(Head(200, "OK"), End(true)), ExpectGone()})
			_, err := conn.Write(request(t, "/a"))
			require.NoError(t, err)
			want := append(Head(200, "OK"), End(true)...)
			got := make([]byte, len(want))
			_, err = io.ReadFull(conn, got)
			require.NoError(t, err)
			require.Equal(t, want, got)
			require.NoError(t, conn.Close())
			require.NoError(t, c.Wait())
			require.Equal(t, 1, c.Accepted())
		})
	}
}

// TestScript_Reports shows that a container that expected something else says so.
func TestScript_Reports(t *testing.T) {
	ping := (&ajp.Signal{Code: ajp.CodeCPing}).Append(nil)
	body := []byte{0x12, 0x34, 0, 4, 0, 2, 'h', 'i'}
	tests := []struct {
		name string
		step Step
		send []byte
		want string
	}{
		{"other uri", ExpectURI("/a"), request(t, "/b"), "step 0: uri"},
		{"not a request", ExpectRequest(nil), ping, "step 0: forward request"},
		{"other body", ExpectBody("ho"), body, "step 0: body"},
		{"no end", ExpectBodyEnd(), body, "step 0: body"},
		{"no ping", ExpectPing(), body, "step 0: payload"},
		{"not gone", ExpectGone(), ping, "step 0: packet of 1 bytes"},
		{"gone", ExpectPing(), nil, "step 0: web server closed"},
		{"half a packet", ExpectPing(), ping[:3], "after 3 of 4 bytes"},
		{"wrong magic", ExpectPing(), []byte("HTTP"), "packet begins"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, conn := start(t, "tcp", Script{test.step})
			_, err := conn.Write(test.send)
			require.NoError(t, err)
			require.NoError(t, conn.(*net.TCPConn).CloseWrite())
			_, _ = io.Copy(io.Discard, conn)
			require.ErrorContains(t, c.Wait(), test.want)
		})
	}
}

func TestFaultyConn_BreaksOneMessage(t *testing.T) {
	head, chunk, end := Head(200, "OK"), Chunk("data"), End(true)
	upper := func(p []byte) []byte { p[7] = 'D'; return p }
	tests := []struct {
		name    string
		message int
		fault   Fault
		want    [][]byte
	}{
		{"kill first", 1, Kill(), nil},
		{"kill second", 2, Kill(), [][]byte{head}},
		{"truncate second", 2, Truncate(5), [][]byte{head, chunk[:5]}},
		{"truncate beyond", 3, Truncate(100), [][]byte{head, chunk, end}},
		{"edit second", 2, Edit(upper), [][]byte{head, Chunk("Data"), end}},
		{"never", 9, Kill(), [][]byte{head, chunk, end}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, conn := start(t, "tcp", Script{Break(test.message, test.fault), Send(head, chunk, end)})
			got, err := io.ReadAll(conn)
			require.NoError(t, err)
			var want []byte
			for _, p := range test.want {
				want = append(want, p...)
			}
			require.Equal(t, want, append([]byte(nil), got...))
			require.Equal(t, byte('d'), chunk[7], "the message itself is not touched")
		})
	}
}

func TestContainer_CloseCutsOffWaiting(t *testing.T) {
	c, conn := start(t, "tcp", Script{Serve(Head(200, ""), End(true))})
	_, err := conn.Write(request(t, "/"))
	require.NoError(t, err)
	_, err = io.ReadFull(conn, make([]byte, 4))
	require.NoError(t, err)
	require.NoError(t, c.Close())
}
