// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"strings"

	"mod_gojk/module/internal/config"
	"mod_gojk/module/internal/urimap"
)

// appendForwardURI appends the path that the container sees, in the form that the server's ForwardURI* option wants
// (mod_jk-surface 9.2). It allocates nothing once dst is large enough, unless the client has escaped a ';' or '/'.
func appendForwardURI(dst []byte, r *Request, o config.Options) []byte {
	switch {
	case o.Has(config.OptForwardURICompatUnparsed):
		path, _, _ := strings.Cut(r.UnparsedURI, "?")
		return append(dst, path...)
	case o.Has(config.OptForwardURICompat):
		return append(dst, r.URI...)
	case o.Has(config.OptForwardURIEscaped):
		return appendEscaped(dst, r.URI, "0123456789abcdef", escapedIn(r.URI, r.UnparsedURI, o))
	}
	return appendEscaped(dst, r.URI, "0123456789ABCDEF", escapedIn(r.URI, r.UnparsedURI, o))
}

// escapedIn returns where the container sees an escaped ';' or '/' (urimap.Escaped). Mapping asks it as well as forwarding, with the same arguments: the
// path that the rules, and then httpd's <Location> sections, have seen is the path that the container sees.
//
//   - "%3B" is a letter to the container (Tomcat removes path parameters, then decodes). Were it a letter for the container and the beginning of a parameter
//     for the rules, then "/app/admin/..%3B/x" would be "/app/x" for JkUnMount /app/admin/* and for <Location /app/admin>, and the container would
//     serve a page in /app/admin. Or the other way round: sent on as ';', it would be a parameter that only the container sees.
//   - When something has rewritten the path, nobody knows what was escaped. Then each ';' begins a parameter for both, and each '%' is encoded: the container sees no separator
//     that the rules have not seen.
//   - ForwardURICompat sends the decoded path, so to the container each ';' is a parameter; hence to the rules, too.
//   - ForwardURICompatUnparsed sends what the client has sent: the same as here, unless the path was rewritten. Who rewrites should not use it.
//   - "%2F" is left by AllowEncodedSlashes NoDecode. The rules see three letters, and that is what the container gets, to which Tomcat answers 400, unless its connector
//     says otherwise: encodedSolidusHandling="passthrough" keeps it a letter. With "decode" it is a separator that no rule has seen: docs/security.md warns.
func escapedIn(uri, target string, o config.Options) []int {
	if o.Has(config.OptForwardURICompat) && !o.Has(config.OptForwardURICompatUnparsed) {
		return nil
	}
	return urimap.Escaped(uri, target)
}

// appendEscaped percent-encodes everything that is not a path character, with the given hexadecimal digits. At the offsets in kept it is the other way round: a ';' is
// encoded, a '%' stays, and begins the escape that the client has sent.
func appendEscaped(dst []byte, path, digits string, kept []int) []byte {
	for i := 0; i < len(path); i++ {
		c, plain := path[i], pathByte[path[i]]
		if len(kept) > 0 && kept[0] == i {
			kept, plain = kept[1:], !plain
		}
		if plain {
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
