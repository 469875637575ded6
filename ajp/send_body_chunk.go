// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

// SendBodyChunk is a part of the response body, to the web server (ajpv13a, "Response Packet Structure").
//
//	byte 3, integer n, n bytes [, byte 0]
//
// n = 0 is Tomcat's request to flush. Tomcat appends a NUL after the data; what follows the data is ignored.
type SendBodyChunk struct {
	// Data is borrowed.
	Data []byte
}

// chunkOverhead is what precedes the data in the payload, in bytes: code and length.
const chunkOverhead = 3

// Append appends the complete packet, with Tomcat's NUL, to dst and returns it. Error: *TooLargeError.
func (m *SendBodyChunk) Append(dst []byte) ([]byte, error) {
	start := len(dst)
	dst = append(beginPacket(dst, FromContainer), byte(CodeSendBodyChunk))
	dst = appendInt(dst, uint16(len(m.Data)))
	dst = append(append(dst, m.Data...), 0)
	return finishPacket(dst, start)
}

// Decode reads a payload. Data borrows it. A length beyond the payload is an error (CVE-2026-34059).
func (m *SendBodyChunk) Decode(payload []byte) error {
	*m = SendBodyChunk{}
	in := reader{payload}
	if err := in.code(CodeSendBodyChunk); err != nil {
		return err
	}
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
