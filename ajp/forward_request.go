// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

// ForwardRequest is the head of a request, to the container (ajpv13a, "Request Packet Structure"). All strings are
// borrowed. Printing it shows no field but method and URI, so that the secret cannot get into a log.
//
//	byte 2, byte method, string protocol, string req_uri, string? remote_addr, string? remote_host, string server_name,
//	integer server_port, boolean is_ssl, integer num_headers, headers, attributes, byte FF
//	header:    (integer A0xx | string name), string value
//	attribute: byte code, string value | byte 0A, string name, string value | byte 0B, integer
type ForwardRequest struct {
	Method   string
	Protocol string
	URI      string
	// RemoteAddr and RemoteHost are sent as null strings if empty.
	RemoteAddr string
	RemoteHost string
	ServerName string
	ServerPort uint16
	TLS        bool

	// Headers are sent in order, names that have a code as code.
	Headers []Header
	// DropContentLength leaves Content-Length out of Headers (chunked request, JK_IGNORE_CL).
	DropContentLength bool
	// ContentLengthZero appends "content-length: 0".
	ContentLengthZero bool

	// Attributes with their own code; left out if empty.
	Secret     string
	RemoteUser string
	AuthType   string
	// Query is sent, even empty, if HasQuery.
	HasQuery bool
	Query    string
	// Route is what mod_jk sends as jvm_route.
	Route   string
	SSLCert string
	// SSLCipher and SSLSession are sent, even empty, if their Has field is set.
	HasSSLCipher  bool
	SSLCipher     string
	HasSSLSession bool
	SSLSession    string
	// SSLKeySize in bits; 0: left out.
	SSLKeySize uint16
	// Attributes and then MoreAttributes are sent as req_attribute, in order. Two lists, so that a caller can put its own
	// before borrowed ones without copying.
	Attributes     []Header
	MoreAttributes []Header
	// Context and ServletPath are never sent by a web server that follows mod_jk; left out if empty.
	Context     string
	ServletPath string
}

// Append appends the complete packet to dst and returns it. Error: *TooLargeError, if no packet can hold it.
func (r *ForwardRequest) Append(dst []byte) ([]byte, error) {
	start := len(dst)
	dst = beginPacket(dst, ToContainer)
	method := methodCode(r.Method)
	dst = append(dst, byte(CodeForwardRequest), method)
	dst = appendString(dst, r.Protocol)
	dst = appendString(dst, r.URI)
	dst = appendNullable(dst, r.RemoteAddr)
	dst = appendNullable(dst, r.RemoteHost)
	dst = appendString(dst, r.ServerName)
	dst = appendInt(dst, r.ServerPort)
	dst = appendBool(dst, r.TLS)
	dst = r.appendHeaders(dst)
	dst = r.appendAttributes(dst, method == methodStored)
	dst = append(dst, attrEnd)
	return finishPacket(dst, start)
}

// appendHeaders appends the number of headers and the headers.
func (r *ForwardRequest) appendHeaders(dst []byte) []byte {
	count, at := 0, len(dst)
	dst = append(dst, 0, 0)
	for i := range r.Headers {
		h := &r.Headers[i]
		code := requestHeaderCode(h.Name)
		if code == requestContentLength && r.DropContentLength {
			continue
		}
		if code != 0 {
			dst = append(dst, headerCode, code)
		} else {
			dst = appendString(dst, h.Name)
		}
		dst = appendString(dst, h.Value)
		count++
	}
	if r.ContentLengthZero {
		dst = appendString(append(dst, headerCode, requestContentLength), "0")
		count++
	}
	dst[at], dst[at+1] = byte(count>>8), byte(count)
	return dst
}
