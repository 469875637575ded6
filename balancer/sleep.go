// Licensed under the Apache License, Version 2.0; see LICENSE.

package balancer

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// Sleep pauses the calling thread; 0 or less: not at all. It waits in the kernel: Go's own timers may be late by the timer slack of Go's threads,
// which the shim has raised (docs/internals.md), and the thread would be handed over twice. Any thread.
func Sleep(d time.Duration) {
	left := unix.NsecToTimespec(int64(max(d, 0)))
	for errors.Is(unix.Nanosleep(&left, &left), unix.EINTR) {
	}
}
