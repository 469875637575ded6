// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import "mod_gojk/ajp"

// Bits of recovery_options (mod_jk-surface 4.9).
const (
	noRetryAfterSent     = 1 // not if it broke after the request was sent and before the head of the response
	noRetryAfterHead     = 2 // not if it broke after the head
	hardClose            = 4 // a client failure closes the connection to the container without draining it
	retryHEADAfterSent   = 8
	retryGETAfterSent    = 16
	recoveryNotSpecified = -1
)

// mayRepeat answers whether an attempt that failed may be repeated, on this member or another. options is the worker's recovery_options,
// or recoveryNotSpecified if it has none.
//
// Never repeated: what the client has seen a part of, what the client itself broke, and a body of which more was read than is kept. Always
// repeated: what the container cannot have received. In between the container may have acted on the request: without recovery_options only a method
// that is safe to repeat is repeated (RFC 9110, 9.2.2: idempotent methods); with them, the operator's word holds. mod_jk's default
// repeats any method there (docs/migrating.md).
func mayRepeat(f *ajp.Failure, method string, options int) bool {
	switch f.Kind {
	case ajp.KindTooLarge, ajp.KindClientRead, ajp.KindClientWrite:
		return false
	}
	if f.Stage == ajp.StageResponded || f.BodyRead || f.BodyAsked {
		return false
	}
	if f.Stage == ajp.StageNotSent {
		return true
	}
	if options == recoveryNotSpecified {
		return idempotent(method)
	}
	if f.Stage == ajp.StageHeadReceived {
		return options&noRetryAfterHead == 0
	}
	return options&noRetryAfterSent == 0 ||
		method == "HEAD" && options&retryHEADAfterSent != 0 ||
		method == "GET" && options&retryGETAfterSent != 0
}

// idempotent reports whether carrying a request out twice has the effect of once (RFC 9110, 9.2.2; RFC 4918 for WebDAV).
func idempotent(method string) bool {
	switch method {
	case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "PROPFIND", "REPORT", "SEARCH":
		return true
	}
	return false
}
