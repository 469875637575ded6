// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

// Signal is a message that is nothing but its code: CPING (is anybody there?), PING and SHUTDOWN to the container, CPONG
// to the web server. PING and SHUTDOWN are never sent here.
//
//	byte code
type Signal struct {
	Code Code
}

// Append appends the complete packet to dst and returns it.
func (m *Signal) Append(dst []byte) []byte {
	d := ToContainer
	if m.Code == CodeCPong {
		d = FromContainer
	}
	return append(dst, byte(d>>8), byte(d), 0, 1, byte(m.Code))
}

// Decode reads a payload. Unlike other messages nothing may follow.
func (m *Signal) Decode(payload []byte) error {
	*m = Signal{}
	if len(payload) == 0 {
		return ErrTruncated
	}
	switch code := Code(payload[0]); code {
	case CodeShutdown, CodePing, CodeCPong, CodeCPing:
		m.Code = code
	default:
		return &CodeError{Code: payload[0]}
	}
	if len(payload) > 1 {
		return ErrChunkLength
	}
	return nil
}

// cpong is the only packet that answers a CPING.
const cpong = "\x41\x42\x00\x01\x09"

// cping is the packet that asks for it.
const cping = "\x12\x34\x00\x01\x0A"
