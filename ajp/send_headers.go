// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

// SendHeaders is the head of a response, to the web server (ajpv13a, "Response Packet Structure").
//
//	byte 4, integer status, string reason, integer num_headers, headers
//	header: (integer A0xx | string name), string value
type SendHeaders struct {
	// Status is 200 to 999; Append does not check.
	Status uint16
	// Reason is free of control characters; null comes as empty.
	Reason  string
	Headers []Header
}

// Append appends the complete packet to dst and returns it. Error: *TooLargeError, if no packet can hold it.
func (m *SendHeaders) Append(dst []byte) ([]byte, error) {
	start := len(dst)
	dst = append(beginPacket(dst, FromContainer), byte(CodeSendHeaders))
	dst = appendInt(dst, m.Status)
	dst = appendString(dst, m.Reason)
	dst = appendInt(dst, uint16(len(m.Headers)))
	for i := range m.Headers {
		if code := responseHeaderCode(m.Headers[i].Name); code != 0 {
			dst = append(dst, headerCode, code)
		} else {
			dst = appendString(dst, m.Headers[i].Name)
		}
		dst = appendString(dst, m.Headers[i].Value)
	}
	return finishPacket(dst, start)
}

// Decode reads a payload and checks what a client will see. Strings borrow the payload, the list of m is reused. What
// follows the last header is ignored, as in mod_jk.
func (m *SendHeaders) Decode(payload []byte) error {
	*m = SendHeaders{Headers: m.Headers[:0]}
	in := reader{payload}
	if err := in.code(CodeSendHeaders); err != nil {
		return err
	}
	if err := m.decodeStatus(&in); err != nil {
		return err
	}
	n, err := in.int()
	if err != nil {
		return err
	}
	if m.Headers, err = in.headers(m.Headers, int(n), responseHeaders[:]); err != nil {
		return err
	}
	return m.check()
}

// decodeStatus reads status and reason. A 1xx status is refused: the client would wait for the real one, which AJP's
// single SEND_HEADERS can never bring.
func (m *SendHeaders) decodeStatus(in *reader) (err error) {
	if m.Status, err = in.int(); err != nil {
		return err
	}
	if m.Status < 200 || m.Status > 999 {
		return ErrStatus
	}
	m.Reason, _, err = in.nullable()
	return err
}

// check looks for what would let a container write into the client's byte stream (CVE-2026-33523).
func (m *SendHeaders) check() error {
	if !isText(m.Reason) {
		return ErrControl
	}
	for i := range m.Headers {
		if !isToken(m.Headers[i].Name) {
			return ErrHeaderName
		}
		if !isText(m.Headers[i].Value) {
			return ErrControl
		}
	}
	return nil
}
