// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

import "strconv"

// A packet is two bytes of magic, a big-endian uint16 payload length, and the payload (ajpv13a, "Packet Structure"). A
// payload begins with a code, except that of body data to the container.

// Direction says which way a packet goes, and so its magic.
type Direction uint16

// The directions; the values are the magics.
const (
	ToContainer   Direction = 0x1234
	FromContainer Direction = 0x4142
)

// String returns the direction in words.
func (d Direction) String() string {
	switch d {
	case ToContainer:
		return "to container"
	case FromContainer:
		return "from container"
	}
	return "direction(" + strconv.Itoa(int(d)) + ")"
}

// headerSize is magic and length, in bytes.
const headerSize = 4

// maxPayload is what the length can say, in bytes.
const maxPayload = 0xFFFF

// beginPacket appends the header of a packet whose length is not known yet.
func beginPacket(dst []byte, d Direction) []byte { return append(dst, byte(d>>8), byte(d), 0, 0) }

// finishPacket writes the length of the packet that began at start and ends with dst. Error: *TooLargeError.
func finishPacket(dst []byte, start int) ([]byte, error) {
	n := len(dst) - start - headerSize
	if n > maxPayload {
		return dst[:start], &TooLargeError{Size: n + headerSize, Limit: maxPayload + headerSize}
	}
	dst[start+2], dst[start+3] = byte(n>>8), byte(n)
	return dst, nil
}

// SplitPacket returns the payload of the first packet in buf and what follows it. Both borrow buf. limit is the largest
// payload that is accepted, in bytes. Errors: ErrIncomplete, *MagicError, *SizeError.
func SplitPacket(buf []byte, d Direction, limit int) (payload, rest []byte, err error) {
	if len(buf) < headerSize {
		return nil, buf, ErrIncomplete
	}
	if got := uint16(buf[0])<<8 | uint16(buf[1]); got != uint16(d) {
		return nil, buf, &MagicError{Got: got}
	}
	n := int(buf[2])<<8 | int(buf[3])
	if n > limit {
		return nil, buf, &SizeError{Got: n, Limit: limit}
	}
	if len(buf) < headerSize+n {
		return nil, buf, ErrIncomplete
	}
	return buf[headerSize : headerSize+n], buf[headerSize+n:], nil
}
