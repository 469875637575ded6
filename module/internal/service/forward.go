// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"strings"

	"mod_gojk/module/internal/config"
)

// appendForwardURI appends the path that the container sees, in the form that the server's ForwardURI* option wants
// (mod_jk-surface 9.2). It allocates nothing once dst is large enough.
func appendForwardURI(dst []byte, r *Request, o config.Options) []byte {
	switch {
	case o.Has(config.OptForwardURICompatUnparsed):
		path, _, _ := strings.Cut(r.UnparsedURI, "?")
		return append(dst, path...)
	case o.Has(config.OptForwardURICompat):
		return append(dst, r.URI...)
	case o.Has(config.OptForwardURIEscaped):
		return appendEscaped(dst, r.URI, "0123456789abcdef")
	}
	return appendEscaped(dst, r.URI, "0123456789ABCDEF")
}

// appendEscaped percent-encodes everything that is not a path character, with the given hexadecimal digits.
func appendEscaped(dst []byte, path, digits string) []byte {
	for i := 0; i < len(path); i++ {
		c := path[i]
		if pathByte[c] {
			dst = append(dst, c)
			continue
		}
		dst = append(dst, '%', digits[c>>4], digits[c&15])
	}
	return dst
}

// pathByte marks the bytes that both ForwardURIProxy and ForwardURIEscaped leave as they are.
var pathByte = func() (set [256]bool) {
	for c := range 256 {
		alnum := 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9'
		set[c] = c < 0x80 && (alnum || strings.IndexByte("/~$-_.+!*'(),;:@&=", byte(c)) >= 0)
	}
	return set
}()

// hasControl reports whether a path holds a control character, which no form of forwarding may pass on raw.
func hasControl(path []byte) bool {
	for _, c := range path {
		if c < 0x20 || c == 0x7f {
			return true
		}
	}
	return false
}
