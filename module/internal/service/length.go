// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"errors"
	"strconv"

	"mod_gojk/ajp"
)

// errLength stops a response that is not as long as its head says.
var errLength = errors.New("the body is not as long as Content-Length says")

// bodyLength watches whether a response is as long as its head says (RFC 9110, 8.6). httpd would put a short one's Content-Length right without a word,
// so that half a response looked complete; a long one would run into the next response on the client's connection.
type bodyLength struct {
	announced int64 // bytes; -1: not announced, or no body follows
	got       int64
}

// take looks at a part of a response. Returns nil or errLength.
func (b *bodyLength) take(p *ajp.Response, headOnly bool) error {
	if p.Flags&ajp.FlagHead != 0 {
		b.got = 0
		if !b.begin(p.Headers) {
			return errLength
		}
		if headOnly || p.Status == 204 || p.Status == 304 {
			b.announced = -1
		}
	}
	if b.announced < 0 {
		return nil
	}
	for _, part := range p.Body {
		b.got += int64(len(part))
	}
	if b.got > b.announced || p.Flags&ajp.FlagEnd != 0 && b.got < b.announced {
		return errLength
	}
	return nil
}

// begin reads Content-Length. False: it is no length, or there are two that differ.
func (b *bodyLength) begin(headers []ajp.Header) bool {
	b.announced = -1
	for i := range headers {
		if !equalFold(headers[i].Name, "Content-Length") {
			continue
		}
		n, err := strconv.ParseUint(headers[i].Value, 10, 63)
		if err != nil || b.announced >= 0 && b.announced != int64(n) {
			return false
		}
		b.announced = int64(n)
	}
	return true
}
