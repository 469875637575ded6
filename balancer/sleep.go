// Licensed under the Apache License, Version 2.0; see LICENSE.

package balancer

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// Sleep pauses the calling thread; 0 or less: not at all. It waits in the kernel: with a timer of Go's, httpd's thread would be handed over twice. Any thread.
func Sleep(d time.Duration) {
	left := unix.NsecToTimespec(int64(max(d, 0)))
	for errors.Is(unix.Nanosleep(&left, &left), unix.EINTR) {
	}
}
