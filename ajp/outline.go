// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

// Text is a text in a message: the value of a header or an attribute, or a field of the first line.
type Text struct {
	// Name of the header or attribute, as it was sent or as its code is called; "" for other fields.
	Name string
	// Start and End are where it stands in the payload, without length and NUL.
	Start, End int
}

// Outline returns the texts of a message, for whoever shows packets: what they say may be secret. dst is reused. end is where that part of the
// payload ends that has a meaning and is no body data: what follows may be anything. A message that is damaged comes as far as it can be read.
// Not for body data to the container, which has no code.
func Outline(dst []Text, payload []byte) (texts []Text, end int) {
	o := outline{in: reader{payload}, size: len(payload), texts: dst[:0]}
	code, err := o.in.byte()
	if err != nil {
		return o.texts, 0
	}
	switch Code(code) {
	case CodeForwardRequest:
		o.request()
	case CodeSendHeaders:
		o.response()
	case CodeSendBodyChunk, CodeGetBodyChunk:
		_, _ = o.in.int()
	case CodeEndResponse:
		_, _ = o.in.byte()
	case CodeShutdown, CodePing, CodeCPong, CodeCPing:
	}
	return o.texts, o.at()
}

// outline goes through a message. Its methods report whether that could be read which they are for.
type outline struct {
	in    reader
	size  int
	texts []Text
}

// at is how far in.buf has been taken.
func (o *outline) at() int { return o.size - len(o.in.buf) }

// text takes a text, which may be null.
func (o *outline) text(name string) bool {
	s, null, err := o.in.nullable()
	if err == nil && !null {
		end := o.at() - 1
		o.texts = append(o.texts, Text{name, end - len(s), end})
	}
	return err == nil
}

// skip takes bytes that are no text.
func (o *outline) skip(n int) bool {
	if len(o.in.buf) < n {
		return false
	}
	o.in.buf = o.in.buf[n:]
	return true
}

// request goes through a FORWARD_REQUEST.
func (o *outline) request() {
	line := func() bool { return o.text("") && o.text("") && o.text("") && o.text("") && o.text("") }
	if o.skip(1) && line() && o.skip(3) && o.headers(requestHeaders[:]) {
		for o.attribute() {
		}
	}
}

// response goes through a SEND_HEADERS.
func (o *outline) response() {
	_ = o.skip(2) && o.text("") && o.headers(responseHeaders[:])
}

func (o *outline) headers(names []string) bool {
	n, err := o.in.int()
	for ; err == nil && n > 0; n-- {
		var name string
		if name, err = o.in.headerName(names); err == nil && !o.text(name) {
			return false
		}
	}
	return err == nil
}

// attributeNames by code. The others are not a text, or have their name with them.
var attributeNames = [...]string{
	attrContext: "context", attrServletPath: "servlet_path", attrRemoteUser: "remote_user", attrAuthType: "auth_type",
	attrQuery: "query_string", attrRoute: "route", attrSSLCert: "ssl_cert", attrSSLCipher: "ssl_cipher",
	attrSSLSession: "ssl_session", attrSecret: "secret", attrStoredMethod: "stored_method",
}

// attribute reports whether another one may follow.
func (o *outline) attribute() bool {
	code, err := o.in.byte()
	switch {
	case err != nil || code == attrEnd:
		return false
	case code == attrSSLKeySize:
		return o.skip(2)
	case code == attrRequest:
		name, err := o.in.string()
		return err == nil && o.text(name)
	case int(code) < len(attributeNames) && attributeNames[code] != "":
		return o.text(attributeNames[code])
	}
	return false
}
