// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"net/netip"
	"unsafe"

	"mod_gojk/ajp"
	"mod_gojk/module/internal/jklog"
)

// Host is httpd. Respond and ReadBody are called on the thread of, and during, Serve; ErrorLog and Resolve on any. Safe for concurrent use.
type Host interface {
	// Respond hands a part of the response to the client; an error: the client is gone.
	Respond(r *Request, p *ajp.Response) error
	// ReadBody fills buf from the request body; fewer bytes: the body has ended; an error: the client failed. Without wait it takes what has come,
	// perhaps nothing, and a failure is left to the next call that waits.
	ReadBody(r *Request, buf []byte, wait bool) (int, error)
	// Alloc returns zeroed memory outside Go's heap that stays until the process ends.
	Alloc(size uintptr) unsafe.Pointer
	// ErrorLog writes to httpd's error log.
	ErrorLog(level jklog.Level, text string)
	// Resolve looks a host name up, blocking: its addresses in the resolver's order, at least one unless there is an error.
	Resolve(name string) ([]netip.Addr, error)
}
