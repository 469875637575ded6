// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

import (
	"errors"
	"net/netip"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Calls that cannot block are raw: the scheduler is not told, which would cost more than some of them. Calls that wait go
// through Syscall, so that the thread's P is free meanwhile.

// sendNow sends what the socket's buffer takes.
func sendNow(fd int, p []byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))),
		uintptr(len(p)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
	return int(n), errno
}

// recvNow receives what is there. n is 0 at the end of the stream.
func recvNow(fd int, p []byte, flags uintptr) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))),
		uintptr(len(p)), unix.MSG_DONTWAIT|flags, 0, 0)
	return int(n), errno
}

// recvWait receives, waiting for the socket's receive timeout. n is 0 at the end of the stream.
func recvWait(fd int, p []byte) (int, unix.Errno) {
	n, _, errno := unix.Syscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))),
		uintptr(len(p)), 0, 0, 0)
	return int(n), errno
}

// poll waits until the descriptor is ready for events or has failed. timeout 0: for ever. Returns false on timeout.
func poll(fd int, events int16, timeout time.Duration) (bool, error) {
	deadline := time.Now().Add(timeout)
	for {
		ms := -1
		if timeout > 0 {
			ms = max(0, int((time.Until(deadline)+time.Millisecond-1)/time.Millisecond))
		}
		fds := [1]unix.PollFd{{Fd: int32(fd), Events: events}}
		n, err := unix.Poll(fds[:], ms)
		if !errors.Is(err, unix.EINTR) {
			return n > 0, err
		}
	}
}

// localAddress returns the address of this end of a TCP socket, without a zone; the zero value for another one. By hand, because each connection asks, and
// unix.Getsockname makes two objects on the heap.
func localAddress(fd int) (netip.AddrPort, error) {
	var raw unix.RawSockaddrInet6 // has room for both
	size := uint32(unix.SizeofSockaddrInet6)
	_, _, errno := unix.RawSyscall(unix.SYS_GETSOCKNAME, uintptr(fd), uintptr(unsafe.Pointer(&raw)), uintptr(unsafe.Pointer(&size)))
	if errno != 0 {
		return netip.AddrPort{}, errno
	}
	octets := (*[2]byte)(unsafe.Pointer(&raw.Port)) // in network order
	port := uint16(octets[0])<<8 | uint16(octets[1])
	switch raw.Family {
	case unix.AF_INET:
		return netip.AddrPortFrom(netip.AddrFrom4((*unix.RawSockaddrInet4)(unsafe.Pointer(&raw)).Addr), port), nil
	case unix.AF_INET6:
		return netip.AddrPortFrom(netip.AddrFrom16(raw.Addr), port), nil
	}
	return netip.AddrPort{}, nil
}

// setTimeout sets SO_RCVTIMEO or SO_SNDTIMEO. 0: none.
func setTimeout(fd, option int, timeout time.Duration) error {
	if timeout > 0 {
		timeout = max(timeout, time.Microsecond) // what is rounded to 0 would mean none
	}
	tv := unix.NsecToTimeval(int64(timeout))
	return unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, option, &tv)
}

// futexWait sleeps while *word is value, for up to timeout. It may return early for no reason.
func futexWait(word *atomic.Uint32, value uint32, timeout time.Duration) {
	const waitPrivate = 128
	ts := unix.NsecToTimespec(int64(timeout))
	_, _, _ = unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), waitPrivate, uintptr(value),
		uintptr(unsafe.Pointer(&ts)), 0, 0)
}

// futexWake wakes up to n sleepers on word.
func futexWake(word *atomic.Uint32, n int) {
	const wakePrivate = 129
	_, _, _ = unix.RawSyscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), wakePrivate, uintptr(n), 0, 0, 0)
}
