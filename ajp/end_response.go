// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

// EndResponse ends a response, to the web server (ajpv13a, "Response Packet Structure").
//
//	byte 5, boolean reuse
type EndResponse struct {
	// Reuse: the container will serve another request on this connection.
	Reuse bool
}

// Append appends the complete packet to dst and returns it.
func (m *EndResponse) Append(dst []byte) []byte {
	dst = append(dst, byte(FromContainer>>8), byte(FromContainer&0xFF), 0, 2, byte(CodeEndResponse))
	return appendBool(dst, m.Reuse)
}

// Decode reads a payload. As in mod_jk, a missing flag and FF are errors and any other value but 0 means true.
func (m *EndResponse) Decode(payload []byte) error {
	*m = EndResponse{}
	in := reader{payload}
	if err := in.code(CodeEndResponse); err != nil {
		return err
	}
	reuse, err := in.byte()
	if err != nil || reuse == 0xFF {
		return ErrReuse
	}
	m.Reuse = reuse != 0
	return nil
}
