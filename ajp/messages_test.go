// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp_test

import (
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp"
)

// codec is a message type with both its directions.
type codec struct {
	dir    ajp.Direction
	encode func() ([]byte, error)
	// recode decodes a payload and encodes the result.
	recode func(payload []byte) ([]byte, error)
}

// message makes a codec of a message that Append can refuse.
func message[M any, P interface {
	*M
	Append(dst []byte) ([]byte, error)
	Decode(payload []byte) error
}](dir ajp.Direction, m M,
) codec {
	return codec{
		dir, func() ([]byte, error) { return P(&m).Append(nil) },
		func(payload []byte) ([]byte, error) {
			var got M
			if err := P(&got).Decode(payload); err != nil {
				return nil, err
			}
			return P(&got).Append(nil)
		},
	}
}

// fixed makes a codec of a message of fixed size.
func fixed[M any, P interface {
	*M
	Append(dst []byte) []byte
	Decode(payload []byte) error
}](dir ajp.Direction, m M,
) codec {
	return codec{
		dir, func() ([]byte, error) { return P(&m).Append(nil), nil },
		func(payload []byte) ([]byte, error) {
			var got M
			if err := P(&got).Decode(payload); err != nil {
				return nil, err
			}
			return P(&got).Append(nil), nil
		},
	}
}

// messages are all message types with their golden bytes. In want, blanks count for nothing and "text" stands for itself.
var messages = []struct {
	name string
	codec
	want string
}{
	{
		"forward request minimal", message(ajp.ToContainer, ajp.ForwardRequest{Method: "GET"}),
		`1234 0015 02 02 0000 00 0000 00 ffff ffff 0000 00 0000 00 0000 ff`,
	},
	{"forward request", message(ajp.ToContainer, fullRequest()), fullRequestBytes},
	{"body chunk", message(ajp.ToContainer, ajp.BodyChunk{Data: []byte("hello")}), `1234 0007 0005 "hello"`},
	{"body chunk of nothing", message(ajp.ToContainer, ajp.BodyChunk{Data: []byte{}}), `1234 0002 0000`},
	{"body end", message(ajp.ToContainer, ajp.BodyChunk{End: true}), `1234 0000`},
	{"send headers minimal", message(ajp.FromContainer, ajp.SendHeaders{Status: 204}), `4142 0008 04 00cc 0000 00 0000`},
	{"send headers", message(ajp.FromContainer, ajp.SendHeaders{Status: 200, Reason: "OK", Headers: []ajp.Header{
		{Name: "Content-Type", Value: "text/html"}, {Name: "X-A", Value: ""}, {Name: "Set-Cookie", Value: "a=b"},
	}}), `4142 0029 04 00c8 0002 "OK" 00 0003 a001 0009 "text/html" 00 0003 "X-A" 00 0000 00 a007 0003 "a=b" 00`},
	{"send body chunk", message(ajp.FromContainer, ajp.SendBodyChunk{Data: []byte("data")}), `4142 0008 03 0004 "data" 00`},
	{"flush", message(ajp.FromContainer, ajp.SendBodyChunk{}), `4142 0004 03 0000 00`},
	{"end response", fixed(ajp.FromContainer, ajp.EndResponse{Reuse: true}), `4142 0002 05 01`},
	{"end response and close", fixed(ajp.FromContainer, ajp.EndResponse{}), `4142 0002 05 00`},
	{"get body chunk", fixed(ajp.FromContainer, ajp.GetBodyChunk{Length: 8186}), `4142 0003 06 1ffa`},
	{"cping", fixed(ajp.ToContainer, ajp.Signal{Code: ajp.CodeCPing}), `1234 0001 0a`},
	{"cpong", fixed(ajp.FromContainer, ajp.Signal{Code: ajp.CodeCPong}), `4142 0001 09`},
	{"ping", fixed(ajp.ToContainer, ajp.Signal{Code: ajp.CodePing}), `1234 0001 08`},
	{"shutdown", fixed(ajp.ToContainer, ajp.Signal{Code: ajp.CodeShutdown}), `1234 0001 07`},
}

// fullRequest has every field, each attribute, coded and uncoded headers.
func fullRequest() ajp.ForwardRequest {
	return ajp.ForwardRequest{
		Method: "PATCH", Protocol: "HTTP/1.1", URI: "/x", RemoteAddr: "1.2.3.4", RemoteHost: "h", ServerName: "s",
		ServerPort: 443, TLS: true,
		Headers: []ajp.Header{{Name: "host", Value: "s"}, {Name: "X-Y", Value: "z"}, {Name: "x-y", Value: ""}},
		Secret:  "geheim", RemoteUser: "u", AuthType: "Basic", HasQuery: true, Query: "a=1", Route: "n1",
		SSLCert: "pem", HasSSLCipher: true, SSLCipher: "c", HasSSLSession: true, SSLSession: "", SSLKeySize: 256,
		Attributes: []ajp.Header{{Name: "AJP_REMOTE_PORT", Value: "99"}, {Name: "E", Value: ""}},
	}
}

const fullRequestBytes = `1234 00a4 02 ff 0008 "HTTP/1.1" 00 0002 "/x" 00 0007 "1.2.3.4" 00 0001 "h" 00 0001 "s" 00 01bb 01
	0003 a00b 0001 "s" 00 0003 "X-Y" 00 0001 "z" 00 0003 "x-y" 00 0000 00
	0c 0006 "geheim" 00 03 0001 "u" 00 04 0005 "Basic" 00 05 0003 "a=1" 00 06 0002 "n1" 00 07 0003 "pem" 00
	08 0001 "c" 00 09 0000 00 0b 0100 0d 0005 "PATCH" 00 0a 000f "AJP_REMOTE_PORT" 00 0002 "99" 00 0a 0001 "E" 00 0000 00 ff`

// golden turns the notation of messages into bytes.
func golden(t testing.TB, s string) []byte {
	t.Helper()
	var out []byte
	for i, part := range strings.Split(s, `"`) {
		if i%2 == 1 {
			out = append(out, part...)
			continue
		}
		b, err := hex.DecodeString(strings.Join(strings.Fields(part), ""))
		require.NoError(t, err)
		out = append(out, b...)
	}
	return out
}

func TestMessage_GoldenBytes(t *testing.T) {
	for _, m := range messages {
		t.Run(m.name, func(t *testing.T) {
			got, err := m.encode()
			require.NoError(t, err)
			require.Equal(t, hex.EncodeToString(golden(t, m.want)), hex.EncodeToString(got))
		})
	}
}

func TestMessage_RoundTrip(t *testing.T) {
	for _, m := range messages {
		t.Run(m.name, func(t *testing.T) {
			packet := golden(t, m.want)
			payload, rest, err := ajp.SplitPacket(packet, m.dir, 8192)
			require.NoError(t, err)
			require.Empty(t, rest)
			got, err := m.recode(payload)
			require.NoError(t, err)
			require.Equal(t, packet, got)
		})
	}
}

// mayEndAt lists the lengths of a payload that is cut and still means something.
var mayEndAt = map[string][]int{
	"body chunk":            {0}, // the end of the body
	"body chunk of nothing": {0}, // the same
	"send body chunk":       {7}, // Tomcat's NUL is optional
	"flush":                 {3}, // the same
}

func TestMessage_TruncationAtEachByte(t *testing.T) {
	for _, m := range messages {
		t.Run(m.name, func(t *testing.T) {
			payload := golden(t, m.want)[4:]
			for n := range payload {
				_, err := m.recode(payload[:n:n])
				if slices.Contains(mayEndAt[m.name], n) {
					require.NoError(t, err, "%d of %d bytes", n, len(payload))
					continue
				}
				require.Error(t, err, "%d of %d bytes", n, len(payload))
			}
		})
	}
}

func TestMessage_AppendKeepsWhatIsThere(t *testing.T) {
	m := ajp.SendBodyChunk{Data: []byte("x")}
	got, err := m.Append([]byte("before"))
	require.NoError(t, err)
	require.Equal(t, append([]byte("before"), golden(t, `4142 0005 03 0001 "x" 00`)...), got)
}

func TestMessage_TooLongForAnyPacket(t *testing.T) {
	long := strings.Repeat("x", 0xFFFF)
	tests := []struct {
		name string
		codec
	}{
		{"uri", message(ajp.ToContainer, ajp.ForwardRequest{Method: "GET", URI: long})},
		{"header", message(ajp.ToContainer, ajp.ForwardRequest{Method: "GET", Headers: []ajp.Header{{Name: "a", Value: long + long}}})},
		{"body", message(ajp.ToContainer, ajp.BodyChunk{Data: []byte(long)})},
		{"reason", message(ajp.FromContainer, ajp.SendHeaders{Status: 200, Reason: long})},
		{"chunk", message(ajp.FromContainer, ajp.SendBodyChunk{Data: []byte(long)})},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.encode()
			var tooLarge *ajp.TooLargeError
			require.ErrorAs(t, err, &tooLarge)
			require.Greater(t, tooLarge.Size, tooLarge.Limit)
			require.Empty(t, got)
		})
	}
}

func TestSplitPacket(t *testing.T) {
	tests := []struct {
		name          string
		buf           string
		payload, rest string
		err           error
	}{
		{"one", `4142 0002 0501`, "\x05\x01", "", nil},
		{"and another", `4142 0002 0501 4142`, "\x05\x01", "AB", nil},
		{"empty", `4142 0000 "x"`, "", "x", nil},
		{"nothing", ``, "", "", ajp.ErrIncomplete},
		{"half a header", `4142 00`, "", "AB\x00", ajp.ErrIncomplete},
		{"half a payload", `4142 0002 05`, "", "AB\x00\x02\x05", ajp.ErrIncomplete},
		{"largest", `4142 0008 "12345678"`, "12345678", "", nil},
		{"too large", `4142 0009`, "", "AB\x00\x09", &ajp.SizeError{Got: 9, Limit: 8}},
		{"wrong way", `1234 0001 0a`, "", "\x12\x34\x00\x01\x0a", &ajp.MagicError{Got: 0x1234}},
		{"http", `"HTTP/1.1 400"`, "", "HTTP/1.1 400", &ajp.MagicError{Got: 0x4854}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			payload, rest, err := ajp.SplitPacket(golden(t, test.buf), ajp.FromContainer, 8)
			require.Equal(t, test.err, err)
			require.Equal(t, test.payload, string(payload))
			require.Equal(t, test.rest, string(rest))
		})
	}
}
