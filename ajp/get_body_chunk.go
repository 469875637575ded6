// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

// GetBodyChunk asks for more of the request body, to the web server (ajpv13a, "Response Packet Structure"). The answer
// is a BodyChunk.
//
//	byte 6, integer requested_length
type GetBodyChunk struct {
	// Length is how many bytes are wanted at most.
	Length uint16
}

// Append appends the complete packet to dst and returns it.
func (m *GetBodyChunk) Append(dst []byte) []byte {
	dst = append(dst, byte(FromContainer>>8), byte(FromContainer&0xFF), 0, 3, byte(CodeGetBodyChunk))
	return appendInt(dst, m.Length)
}

// Decode reads a payload.
func (m *GetBodyChunk) Decode(payload []byte) (err error) {
	*m = GetBodyChunk{}
	in := reader{payload}
	if err := in.code(CodeGetBodyChunk); err != nil {
		return err
	}
	m.Length, err = in.int()
	return err
}
