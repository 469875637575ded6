// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp_test

import (
	"net"
	"net/netip"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"mod_gojk/ajp"
	"mod_gojk/ajp/ajptest"
)

// unused returns a loopback address that nobody listens on.
func unused(t testing.TB) ajp.Address {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return ajp.Address{IP: l.Addr().(*net.TCPAddr).AddrPort()}
}

func loopback(port int) ajp.Address {
	return ajp.Address{IP: netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(port))}
}

func TestDial_Fails(t *testing.T) {
	tests := []struct {
		name    string
		address ajp.Address
		want    error
	}{
		{"no address", ajp.Address{}, ajp.ErrNoAddress},
		{"port 0", ajp.Address{IP: netip.MustParseAddrPort("127.0.0.1:0")}, ajp.ErrNoAddress},
		{"refused", unused(t), unix.ECONNREFUSED},
		{"no socket", ajp.Address{Path: filepath.Join(t.TempDir(), "none")}, unix.ENOENT},
		{"zone by name", ajp.Address{IP: netip.MustParseAddrPort("[fe80::1%eth0]:8009")}, strconv.ErrSyntax},
		{"path too long", ajp.Address{Path: "/" + numbered(200)}, unix.EINVAL},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			events := &log{}
			p := ajp.NewPool(&ajp.Config{Address: test.address, PoolSize: 1, ConnectTimeout: time.Second}, events)
			for range 3 { // the slot is free again each time
				_, err := p.Get()
				f := failure(t, err)
				require.Equal(t, []any{ajp.KindConnect, ajp.StageNotSent}, []any{f.Kind, f.Stage})
				require.ErrorIs(t, f, test.want)
			}
			require.Zero(t, events.open)
			p.Close()
			require.Zero(t, p.Mapped())
		})
	}
}

// TestDial_Timeout: a listener whose queue is full answers nobody.
func TestDial_Timeout(t *testing.T) {
	listen := func(t *testing.T, family int, sa unix.Sockaddr) int {
		fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		require.NoError(t, err)
		t.Cleanup(func() { _ = unix.Close(fd) })
		require.NoError(t, unix.Bind(fd, sa))
		require.NoError(t, unix.Listen(fd, 0))
		return fd
	}
	address := map[string]func(t *testing.T) ajp.Address{
		"tcp": func(t *testing.T) ajp.Address {
			fd := listen(t, unix.AF_INET, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
			sa, err := unix.Getsockname(fd)
			require.NoError(t, err)
			return loopback(sa.(*unix.SockaddrInet4).Port)
		},
		"unix": func(t *testing.T) ajp.Address {
			path := filepath.Join(t.TempDir(), "s")
			listen(t, unix.AF_UNIX, &unix.SockaddrUnix{Name: path})
			return ajp.Address{Path: path}
		},
	}
	for network, make := range address {
		t.Run(network, func(t *testing.T) {
			p := ajp.NewPool(&ajp.Config{Address: make(t), PoolSize: 10, ConnectTimeout: 30 * time.Millisecond}, nil)
			defer p.Close()
			var err error
			for i := 0; i < 5 && err == nil; i++ { // the queue holds a few
				_, err = p.Get()
			}
			f := failure(t, err)
			require.Equal(t, []any{ajp.KindConnect, ajp.ErrConnectTimeout}, []any{f.Kind, f.Err})
		})
	}
}

func TestDial_Options(t *testing.T) {
	get := func(c *ajp.Conn, level, option int) int {
		v, err := unix.GetsockoptInt(c.FD(), level, option)
		require.NoError(t, err)
		return v
	}
	for _, on := range []bool{false, true} {
		r := newRig(t, "tcp", func(c *ajp.Config) {
			if c.KeepAlive = on; on {
				c.SocketBuffer = 1
			}
		}, serve)
		c := r.get(t)
		require.Equal(t, 1, get(c, unix.IPPROTO_TCP, unix.TCP_NODELAY))
		require.Equal(t, map[bool]int{true: 1, false: 0}[on], get(c, unix.SOL_SOCKET, unix.SO_KEEPALIVE))
		// The kernel doubles what is asked for, and 1 is raised to the packet size.
		require.Equal(t, on, get(c, unix.SOL_SOCKET, unix.SO_SNDBUF) == 2*8192)
		require.Equal(t, on, get(c, unix.SOL_SOCKET, unix.SO_RCVBUF) == 2*8192)
		r.pool.Put(c)
	}
}

func TestDial_Source(t *testing.T) {
	local := func(c *ajp.Conn) netip.Addr {
		sa, err := unix.Getsockname(c.FD())
		require.NoError(t, err)
		return netip.AddrFrom4(sa.(*unix.SockaddrInet4).Addr)
	}
	tests := []struct {
		name, source, want string
		event              ajp.Event
	}{
		{"none", "", "127.0.0.1", 0},
		{"bound", "127.0.0.2", "127.0.0.2", 0},
		{"not ours: connects without", "192.0.2.1", "127.0.0.1", ajp.EventBindFailed},
		{"other family: connects without", "::1", "127.0.0.1", ajp.EventBindFailed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, "tcp", func(c *ajp.Config) {
				if test.source != "" {
					c.Source = netip.MustParseAddr(test.source)
				}
			}, serve)
			c := r.get(t)
			require.Equal(t, test.want, local(c).String())
			require.Equal(t, test.event != 0, len(r.log.events()) == 1)
			r.use(t, c)
			r.pool.Put(c)
		})
	}
}

// TestDial_Self: a loopback port in the range for clients, which nobody listens on, must not connect to itself.
func TestDial_Self(t *testing.T) {
	address := unused(t)
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	require.NoError(t, err)
	sa := &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: int(address.IP.Port())}
	require.NoError(t, unix.Bind(fd, sa))
	require.NoError(t, unix.Connect(fd, sa), "this is what the kernel does")
	require.ErrorIs(t, ajp.CheckSelf(fd, address), ajp.ErrSelfConnect)
	require.NoError(t, ajp.CheckSelf(fd, ajp.Address{IP: netip.MustParseAddrPort("127.0.0.2:1")}))
	require.NoError(t, unix.Close(fd))
}

func TestDial_Families(t *testing.T) {
	for _, network := range []string{"tcp", "tcp6", "unix"} {
		t.Run(network, func(t *testing.T) {
			r := newRig(t, network, nil, ajptest.Script{ajptest.ExpectURI("/"), ajptest.Send(okHead, end), ajptest.ExpectGone()})
			_, err := r.exchange(t, get("/"), &host{}, ajp.ExchangeOptions{})
			require.NoError(t, err)
		})
	}
}

// TestDial_Mapped: an IPv4 address in IPv6 notation is one.
func TestDial_Mapped(t *testing.T) {
	r := newRig(t, "tcp", func(c *ajp.Config) {
		c.Address.IP = netip.AddrPortFrom(netip.AddrFrom16(c.Address.IP.Addr().As16()), c.Address.IP.Port())
	}, serve)
	r.pool.Put(r.get(t))
}

// TestDial_Zone: the scope id of an IPv6 address goes along.
func TestDial_Zone(t *testing.T) {
	r := newRig(t, "tcp6", func(c *ajp.Config) {
		c.Address.IP = netip.AddrPortFrom(netip.MustParseAddr("::1%1"), c.Address.IP.Port())
	}, serve)
	r.pool.Put(r.get(t))
}

func TestAddress_String(t *testing.T) {
	tests := []struct {
		address ajp.Address
		want    string
		usable  bool
	}{
		{ajp.Address{}, "none", false},
		{ajp.Address{IP: netip.MustParseAddrPort("127.0.0.1:8009")}, "127.0.0.1:8009", true},
		{ajp.Address{IP: netip.MustParseAddrPort("127.0.0.1:0")}, "127.0.0.1:0", false},
		{ajp.Address{IP: netip.MustParseAddrPort("[fe80::1%2]:8009")}, "[fe80::1%2]:8009", true},
		{ajp.Address{Path: "/run/t"}, "unix:/run/t", true},
	}
	for _, test := range tests {
		require.Equal(t, test.want, test.address.String())
		require.Equal(t, test.usable, test.address.Usable())
	}
}
