// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

import (
	"errors"
	"net/netip"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// dial connects to the container. The descriptor is blocking and close-on-exec. bindErr: Source could not be bound, and
// the connection was made without.
func dial(cfg *Config) (fd int, bindErr, err error) {
	if !cfg.Address.Usable() {
		return -1, nil, ErrNoAddress
	}
	sa, family, err := sockaddr(cfg.Address)
	if err != nil {
		return -1, nil, err
	}
	fd, err = unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, nil, err
	}
	if err = setOptions(fd, family, cfg); err == nil {
		if family == unix.AF_UNIX {
			err = connectUnix(fd, sa, cfg.ConnectTimeout)
		} else {
			bindErr = bind(fd, cfg.Source)
			err = connectTCP(fd, sa, cfg)
		}
	}
	if err != nil {
		_ = unix.Close(fd)
		return -1, bindErr, err
	}
	return fd, bindErr, nil
}

// sockaddr returns the address as the kernel wants it, and its family.
func sockaddr(a Address) (unix.Sockaddr, int, error) {
	if a.Path != "" {
		return &unix.SockaddrUnix{Name: a.Path}, unix.AF_UNIX, nil
	}
	return sockaddrIP(a.IP.Addr(), int(a.IP.Port()))
}

func sockaddrIP(ip netip.Addr, port int) (unix.Sockaddr, int, error) {
	if ip = ip.Unmap(); ip.Is4() {
		return &unix.SockaddrInet4{Port: port, Addr: ip.As4()}, unix.AF_INET, nil
	}
	sa := &unix.SockaddrInet6{Port: port, Addr: ip.As16()}
	if zone := ip.Zone(); zone != "" {
		id, err := strconv.ParseUint(zone, 10, 32)
		if err != nil {
			return nil, 0, err
		}
		sa.ZoneId = uint32(id)
	}
	return sa, unix.AF_INET6, nil
}

// bind binds to a local address; the port is chosen when connecting.
func bind(fd int, source netip.Addr) error {
	if !source.IsValid() {
		return nil
	}
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1)
	sa, _, err := sockaddrIP(source, 0)
	if err != nil {
		return err
	}
	return unix.Bind(fd, sa)
}

// setOptions sets the socket's options before it is connected.
func setOptions(fd, family int, cfg *Config) error {
	if family != unix.AF_UNIX {
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
			return err
		}
		if cfg.KeepAlive {
			if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1); err != nil {
				return err
			}
		}
	}
	if cfg.SocketBuffer <= 0 {
		return nil
	}
	size := max(cfg.SocketBuffer, cfg.packetSize())
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, size); err != nil {
		return err
	}
	return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, size)
}

// connectUnix connects a Unix socket. Poll cannot wait for a full backlog, but a send timeout limits connect as well;
// it has no effect later, because sends never wait in the call.
func connectUnix(fd int, sa unix.Sockaddr, timeout time.Duration) error {
	if timeout > 0 {
		if err := setTimeout(fd, unix.SO_SNDTIMEO, timeout); err != nil {
			return err
		}
	}
	err := unix.Connect(fd, sa)
	for errors.Is(err, unix.EINTR) {
		err = unix.Connect(fd, sa)
	}
	if errors.Is(err, unix.EAGAIN) {
		return ErrConnectTimeout
	}
	return err
}

// connectTCP connects without blocking, waits for the result, and makes the socket blocking again.
func connectTCP(fd int, sa unix.Sockaddr, cfg *Config) error {
	if err := unix.SetNonblock(fd, true); err != nil {
		return err
	}
	err := unix.Connect(fd, sa)
	if errors.Is(err, unix.EINPROGRESS) || errors.Is(err, unix.EINTR) {
		err = awaitConnect(fd, cfg.ConnectTimeout)
	}
	if err != nil {
		return err
	}
	if err := checkSelf(fd, cfg.Address); err != nil {
		return err
	}
	return unix.SetNonblock(fd, false)
}

// awaitConnect waits for the end of a connect in progress and returns how it ended.
func awaitConnect(fd int, timeout time.Duration) error {
	ready, err := poll(fd, unix.POLLOUT, timeout)
	if err != nil {
		return err
	}
	if !ready {
		return ErrConnectTimeout
	}
	code, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err != nil {
		return err
	}
	if code != 0 {
		return unix.Errno(code)
	}
	return nil
}

// checkSelf refuses a socket that is connected to itself: on this machine, a port that nobody listens on can be chosen as
// our own port, and TCP's simultaneous open then succeeds.
func checkSelf(fd int, a Address) error {
	local, err := localAddress(fd)
	if err != nil {
		return err
	}
	if local == netip.AddrPortFrom(a.IP.Addr().Unmap().WithZone(""), a.IP.Port()) {
		return ErrSelfConnect
	}
	return nil
}
