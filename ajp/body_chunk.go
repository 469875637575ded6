// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

// BodyChunk is request body data, to the container (ajpv13a, "Get Body Chunk" and "Request Body"). It has no code.
//
//	integer n, n bytes            or nothing: the body has ended
//
// An integer 0 with no bytes is what mod_jk sends when the client failed while its first packet was read (CVE-2008-5519).
type BodyChunk struct {
	// Data is borrowed.
	Data []byte
	// End: the empty packet. Data is unused then.
	End bool
}

// bodyOverhead is what a packet of body data needs beside the data, in bytes: header and length.
const bodyOverhead = headerSize + 2

// Append appends the complete packet to dst and returns it. Error: *TooLargeError, if no packet can hold it.
func (m *BodyChunk) Append(dst []byte) ([]byte, error) {
	start := len(dst)
	dst = beginPacket(dst, ToContainer)
	if !m.End {
		dst = appendInt(dst, uint16(len(m.Data)))
		dst = append(dst, m.Data...)
	}
	return finishPacket(dst, start)
}

// Decode reads a payload. Data borrows it.
func (m *BodyChunk) Decode(payload []byte) error {
	*m = BodyChunk{End: len(payload) == 0}
	if m.End {
		return nil
	}
	in := reader{payload}
	n, err := in.int()
	if err != nil {
		return err
	}
	if int(n) > len(in.buf) {
		return ErrChunkLength
	}
	m.Data = in.buf[:n]
	return nil
}

// putBodyHeader writes what precedes n bytes of data into the first bodyOverhead bytes of p.
func putBodyHeader(p []byte, n int) {
	p[0], p[1] = byte(ToContainer>>8), byte(ToContainer&0xFF)
	p[2], p[3] = byte((n+2)>>8), byte(n+2)
	p[4], p[5] = byte(n>>8), byte(n)
}
