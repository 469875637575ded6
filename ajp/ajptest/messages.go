// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajptest

import "mod_gojk/ajp"

// Head returns a SEND_HEADERS packet. headers are names and values in turn.
func Head(status uint16, reason string, headers ...string) []byte {
	m := ajp.SendHeaders{Status: status, Reason: reason}
	for i := 0; i+1 < len(headers); i += 2 {
		m.Headers = append(m.Headers, ajp.Header{Name: headers[i], Value: headers[i+1]})
	}
	return must(m.Append(nil))
}

// Chunk returns a SEND_BODY_CHUNK packet. Without data it is a request to flush.
func Chunk(data string) []byte {
	m := ajp.SendBodyChunk{Data: []byte(data)}
	return must(m.Append(nil))
}

// Flush returns the empty SEND_BODY_CHUNK packet.
func Flush() []byte { return Chunk("") }

// End returns an END_RESPONSE packet.
func End(reuse bool) []byte {
	m := ajp.EndResponse{Reuse: reuse}
	return m.Append(nil)
}

// Get returns a GET_BODY_CHUNK packet.
func Get(length uint16) []byte {
	m := ajp.GetBodyChunk{Length: length}
	return m.Append(nil)
}

// Pong returns a CPONG packet.
func Pong() []byte {
	m := ajp.Signal{Code: ajp.CodeCPong}
	return m.Append(nil)
}

// Packet returns a packet to the web server with any payload.
func Packet(payload ...byte) []byte {
	return append([]byte{0x41, 0x42, byte(len(payload) >> 8), byte(len(payload))}, payload...)
}

// must is for messages of a test, which fit a packet: one that does not is a bug of the test.
func must(packet []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return packet
}
