// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"mod_gojk/ajp"
	"mod_gojk/ajp/ajptest"
)

// sockets returns this process's descriptors that are connected to a loopback port.
func sockets(t testing.TB, port int) (list []int) {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	for _, e := range entries {
		fd, err := strconv.Atoi(e.Name())
		require.NoError(t, err)
		peer, err := unix.Getpeername(fd)
		if err != nil {
			continue
		}
		switch sa := peer.(type) {
		case *unix.SockaddrInet4:
			if sa.Port == port {
				list = append(list, fd)
			}
		case *unix.SockaddrInet6:
			if sa.Port == port {
				list = append(list, fd)
			}
		}
	}
	return list
}

// socket returns the one connection to a container.
func (c *scripted) socket() int {
	c.rig.t.Helper()
	list := sockets(c.rig.t, c.port())
	require.Len(c.rig.t, list, 1)
	return list[0]
}

func option(t testing.TB, fd, level, name int) int {
	t.Helper()
	v, err := unix.GetsockoptInt(fd, level, name)
	require.NoError(t, err)
	return v
}

// receiveTimeout is how long a receive may wait. 0: for ever.
func receiveTimeout(t testing.TB, fd int) time.Duration {
	t.Helper()
	tv, err := unix.GetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO)
	require.NoError(t, err)
	return time.Duration(tv.Nano())
}

// atFirstPart serves a request and calls look when the first part of its response has come.
func (r *rig) atFirstPart(look func(), target string, edits ...edit) *sent {
	return r.do(target, append(edits, func(s *sent) {
		s.onRespond = func(p *ajp.Response) error {
			if p.Flags&ajp.FlagHead != 0 {
				look()
			}
			return nil
		}
	})...)
}

// TestProperty_SocketTimeout: the wait for each packet is limited; seconds. That it runs out is a connection that is lost: 502, not 504.
func TestProperty_SocketTimeout(t *testing.T) {
	for _, tt := range []struct {
		name, properties string
		want             time.Duration
	}{
		{"default", "", 0},
		{"seconds", "socket_timeout=7", 7 * time.Second},
		{"0", "socket_timeout=0", 0},
		{"a smaller reply_timeout goes first", "socket_timeout=7 reply_timeout=1500", 1500 * time.Millisecond},
		{"it goes before a larger one", "socket_timeout=7 reply_timeout=9000", 7 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, direct(strings.Fields(tt.properties)...))
			got := time.Duration(-1)
			require.Equal(t, Done, r.atFirstPart(func() { got = receiveTimeout(t, r.container["a"].socket()) }, "/x").code)
			require.Equal(t, tt.want, got)
		})
	}
	t.Run("nothing comes", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, direct("socket_timeout=1", "retries=1"))
		r.container["a"].next(silent)
		begin := time.Now()
		require.Equal(t, 502, r.do("/x").code)
		require.GreaterOrEqual(t, time.Since(begin), time.Second)
		require.Equal(t, Done, r.do("/x").code)
	})
	t.Run("nothing more comes", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, direct("socket_timeout=1", "retries=1"))
		r.container["a"].next(append(reply(head, ajptest.Chunk("part"), ajptest.Flush()), silent...))
		require.Equal(t, Broken, r.do("/x").code)
	})
}

// TestProperty_SocketTimeout_Send: unlike in mod_jk, a container that takes nothing does not hold a request for ever.
func TestProperty_SocketTimeout_Send(t *testing.T) {
	ask := make([]byte, 0, 400<<10)
	for range 50000 { // more body than sockets hold; the container reads none of it
		ask = append(ask, ajptest.Get(0xffff)...)
	}
	for _, worker := range []string{"a", "lb"} {
		t.Run(worker, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, lb("", ajp13("a", "socket_timeout=1", "retries=1", "socket_buffer=8192", "max_packet_size=65536"))+"worker.list=a\n", "/x "+worker)
			stop := make(chan struct{})
			defer close(stop)
			r.container["a"].next(answer{ajptest.Send(ask), ajptest.Await(stop), hangUp})
			begin := time.Now()
			s := r.do("POST /x", chunkedBody(strings.Repeat("x", 64<<20)))
			require.Equal(t, 503, s.code)
			require.GreaterOrEqual(t, time.Since(begin), time.Second)
			require.NotEmpty(t, s.send, "the body did not fit")
			require.Contains(t, r.log(), "socket timeout")
		})
	}
}

// fullPort is a listener on loopback whose queue is full: it answers nobody, and refuses nobody.
func fullPort(t testing.TB) int {
	t.Helper()
	listener := tcpSocket(t, 0)
	require.NoError(t, unix.Bind(listener, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	require.NoError(t, unix.Listen(listener, 0))
	name, err := unix.Getsockname(listener)
	require.NoError(t, err)
	address := name.(*unix.SockaddrInet4)
	for waiting := 0; waiting < 3; {
		fd := tcpSocket(t, unix.SOCK_NONBLOCK)
		if err := unix.Connect(fd, address); err != nil {
			require.ErrorIs(t, err, unix.EINPROGRESS)
			if ready, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}, 20); ready == 0 && err == nil {
				waiting++ // it takes no more
			}
		}
	}
	return address.Port
}

func tcpSocket(t testing.TB, flags int) int {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|flags, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = unix.Close(fd) })
	return fd
}

// TestProperty_SocketConnectTimeout: connecting is limited; milliseconds, by default what socket_timeout is.
func TestProperty_SocketConnectTimeout(t *testing.T) {
	for _, tt := range []struct {
		name, properties string
		least            time.Duration
	}{
		{"milliseconds", "socket_connect_timeout=40", 40 * time.Millisecond},
		{"each attempt", "socket_connect_timeout=40 retries=2", 80 * time.Millisecond},
		{"before socket_timeout", "socket_connect_timeout=40 socket_timeout=9", 40 * time.Millisecond},
		{"default", "socket_timeout=1", time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			more := "retries=1 " + tt.properties
			if strings.Contains(tt.properties, "retries") {
				more = tt.properties
			}
			r := newRig(t, "worker.list=a\n"+properties13("a", append(strings.Fields(more), "host=127.0.0.1", fmt.Sprintf("port=%d", fullPort(t)))...))
			begin := time.Now()
			require.Equal(t, 503, r.do("POST /x").code)
			took := time.Since(begin)
			require.GreaterOrEqual(t, took, tt.least)
			require.Less(t, took, 9*time.Second)
			require.Contains(t, r.log(), "connect timed out")
		})
	}
}

// TestProperty_SocketOptions: socket_keepalive and socket_buffer, on the socket itself. TCP_NODELAY is always on.
func TestProperty_SocketOptions(t *testing.T) {
	plain := tcpSocket(t, 0)
	const doubled = 2 // the kernel's own bookkeeping comes on top
	for _, tt := range []struct {
		name, properties string
		keepalive        int
		buffer           int // 0: as the system has it
	}{
		{"default", "", 0, 0},
		{"keepalive", "socket_keepalive=true", 1, 0},
		{"keepalive by number", "socket_keepalive=1", 1, 0},
		{"no keepalive", "socket_keepalive=off", 0, 0},
		{"buffer", "socket_buffer=20000", 0, 20000},
		{"buffer 0", "socket_buffer=0", 0, 0},
		{"buffer less than a packet", "socket_buffer=1", 0, 8192},
		{"buffer less than a large packet", "socket_buffer=8192 max_packet_size=16384", 0, 16384},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, direct(strings.Fields(tt.properties)...))
			require.Equal(t, Done, r.do("/x").code)
			fd := r.container["a"].socket()
			require.Equal(t, 1, option(t, fd, unix.IPPROTO_TCP, unix.TCP_NODELAY))
			require.Equal(t, tt.keepalive, option(t, fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE))
			if tt.buffer == 0 {
				require.Equal(t, option(t, plain, unix.SOL_SOCKET, unix.SO_RCVBUF), option(t, fd, unix.SOL_SOCKET, unix.SO_RCVBUF)&^1)
				return
			}
			require.Equal(t, tt.buffer*doubled, option(t, fd, unix.SOL_SOCKET, unix.SO_SNDBUF))
			require.Equal(t, tt.buffer*doubled, option(t, fd, unix.SOL_SOCKET, unix.SO_RCVBUF))
		})
	}
}

// TestProperty_Source: where connections come from.
func TestProperty_Source(t *testing.T) {
	for _, tt := range []struct {
		name, source, want, says string
	}{
		{name: "default", want: "127.0.0.1"},
		{name: "address", source: "127.0.0.2", want: "127.0.0.2"},
		{name: "name", source: "us.test", want: "127.0.0.3"},
		{name: "unknown name: connects without", source: "nobody.test", want: "127.0.0.1", says: "nobody.test"},
		{name: "not ours: connects without", source: "192.0.2.1", want: "127.0.0.1", says: "could not bind source 192.0.2.1"},
		{name: "other family: connects without", source: "::1", want: "127.0.0.1", says: "could not bind source ::1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			properties := []string{}
			if tt.source != "" {
				properties = append(properties, "source="+tt.source)
			}
			r := startRig(t, plan{workers: direct(properties...), names: map[string]string{"us.test": "127.0.0.3"}})
			require.Equal(t, Done, r.do("/x").code)
			require.Equal(t, tt.want, r.visits()[0].from.String())
			require.Contains(t, r.log()+strings.Join(r.httpd.errors, "\n"), tt.says)
		})
	}
}

// TestProperty_Host: names, addresses of both families, what prefer_ipv6 chooses, and hosts and ports that nobody can reach.
func TestProperty_Host(t *testing.T) {
	names := map[string]string{"both.test": "127.0.0.1 ::1", "old.test": "127.0.0.1", "new.test": "::1", "localhost": "127.0.0.1 ::1"}
	for _, tt := range []struct {
		name, network, properties string
		want                      int
	}{
		{"default: localhost", "tcp", "", Done},
		{"name", "tcp", "host=old.test", Done},
		{"IPv4 address", "tcp", "host=127.0.0.1", Done},
		{"IPv6 address", "tcp6", "host=::1", Done},
		{"name with an IPv6 address", "tcp6", "host=new.test", Done},
		{"name with both: the first", "tcp", "host=both.test", Done},
		{"name with both, not preferred", "tcp", "host=both.test prefer_ipv6=false", Done},
		{"name with both, IPv6 preferred", "tcp6", "host=both.test prefer_ipv6=true", Done},
		{"IPv6 preferred, but there is none", "tcp", "host=old.test prefer_ipv6=true", Done},
		{"an address has no choice", "tcp", "host=127.0.0.1 prefer_ipv6=true", Done},
		{"unknown name", "tcp", "host=nobody.test", 503},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := "worker.list=a\nworker.a.retries=1\nworker.a.port={a}\n"
			for _, p := range strings.Fields(tt.properties) {
				text += "worker.a." + p + "\n"
			}
			r := startRig(t, plan{workers: text, network: tt.network, names: names})
			require.Equal(t, tt.want, r.do("/x").code)
		})
	}
}

// TestProperty_Port: 0 is no contact: a worker of its own answers 503, a member is stopped. The default is 8009.
func TestProperty_Port(t *testing.T) {
	r := newRig(t, "worker.list=lb,zero\nworker.lb.type=lb\nworker.lb.balance_workers=zero,b,standard\n"+
		properties13("zero", "host=127.0.0.1", "port=0", "retries=1")+ajp13("b")+properties13("standard", "host=127.0.0.1", "activation=stopped"), "/zero zero", "/* lb")
	require.Equal(t, 503, r.do("/zero").code)
	require.Equal(t, "bbb", r.sequence(3))
	require.Equal(t, "STP OK/IDLE", r.state("zero"))
	require.Equal(t, "127.0.0.1:8009", r.worker("standard").Target())
}
