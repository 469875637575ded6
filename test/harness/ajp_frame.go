package harness

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// This is a second reading of AJP/1.3, on purpose: the package under test is not used to judge itself.

// maxPayload is the largest payload that a host may send: 64 KiB less the packet's head.
const maxPayload = 65536 - 4

// readPacket reads one packet of the host (magic 12 34) and returns its payload.
func readPacket(r io.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	if head[0] != 0x12 || head[1] != 0x34 {
		return nil, fmt.Errorf("wrong magic % x", head)
	}
	payload := make([]byte, binary.BigEndian.Uint16(head[2:]))
	if _, err := io.ReadFull(r, payload); err != nil {
		return nil, fmt.Errorf("packet of %d bytes is cut short: %w", len(payload), err)
	}
	return payload, nil
}

// frame puts the container's packet head ("AB", length) before a payload.
func frame(payload []byte) []byte {
	packet := binary.BigEndian.AppendUint16([]byte("AB"), uint16(len(payload)))
	return append(packet, payload...)
}

// appendString appends an AJP string: length, bytes, NUL.
func appendString(b []byte, s string) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(len(s)))
	return append(append(b, s...), 0)
}

// errShort says that a message ends before its last field.
var errShort = errors.New("message is too short")

// cursor takes fields from the front of a message. After a failure every further field is zero and err is set.
type cursor struct {
	rest []byte
	err  error
}

func (c *cursor) take(n int) []byte {
	if c.err != nil || len(c.rest) < n {
		c.err = errShort
		return make([]byte, n)
	}
	taken := c.rest[:n]
	c.rest = c.rest[n:]
	return taken
}

func (c *cursor) byte() byte     { return c.take(1)[0] }
func (c *cursor) uint16() uint16 { return binary.BigEndian.Uint16(c.take(2)) }

// Text is an AJP string, which may be null.
type Text struct {
	Value string
	Null  bool
}

// String quotes the text, so that every byte can be seen and nothing breaks a line.
func (t Text) String() string {
	if t.Null {
		return "(null)"
	}
	return fmt.Sprintf("%q", t.Value)
}

// text takes a string; its final NUL must be there.
func (c *cursor) text() Text {
	n := c.uint16()
	if n == 0xffff {
		return Text{Null: true}
	}
	value := string(c.take(int(n)))
	if end := c.byte(); end != 0 && c.err == nil {
		c.err = fmt.Errorf("string %q ends with %#02x instead of NUL", value, end)
	}
	return Text{Value: value}
}
