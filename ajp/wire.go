// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

import "unsafe"

// Primitive types (ajpv13a, "Data Types"): byte; boolean, a byte 0 or 1; integer, a big-endian uint16; string, an integer
// length, the bytes and a NUL that is not counted; the null string, an integer FFFF and nothing else.

const nullString = 0xFFFF

func appendInt(dst []byte, v uint16) []byte { return append(dst, byte(v>>8), byte(v)) }

func appendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, 1)
	}
	return append(dst, 0)
}

// appendString appends a string. One that is too long for the length field makes the packet too long as well, which
// finishPacket notices.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, byte(len(s)>>8), byte(len(s)))
	dst = append(dst, s...)
	return append(dst, 0)
}

// appendNullable appends a string, the null string if it is empty.
func appendNullable(dst []byte, s string) []byte {
	if s == "" {
		return append(dst, 0xFF, 0xFF)
	}
	return appendString(dst, s)
}

// reader takes primitive values from the front of a payload. After an error it stays where it is.
type reader struct{ buf []byte }

func (r *reader) byte() (byte, error) {
	if len(r.buf) < 1 {
		return 0, ErrTruncated
	}
	b := r.buf[0]
	r.buf = r.buf[1:]
	return b, nil
}

func (r *reader) int() (uint16, error) {
	if len(r.buf) < 2 {
		return 0, ErrTruncated
	}
	v := uint16(r.buf[0])<<8 | uint16(r.buf[1])
	r.buf = r.buf[2:]
	return v, nil
}

// nullable takes a string, which borrows the payload. null: it was the null string.
func (r *reader) nullable() (s string, null bool, err error) {
	if len(r.buf) < 2 {
		return "", false, ErrTruncated
	}
	n := int(r.buf[0])<<8 | int(r.buf[1])
	if n == nullString {
		r.buf = r.buf[2:]
		return "", true, nil
	}
	if len(r.buf) < n+3 {
		return "", false, ErrTruncated
	}
	if r.buf[n+2] != 0 {
		return "", false, ErrString
	}
	s = borrow(r.buf[2 : n+2])
	r.buf = r.buf[n+3:]
	return s, false, nil
}

// string takes a string that must not be null.
func (r *reader) string() (string, error) {
	s, null, err := r.nullable()
	if null {
		return "", ErrString
	}
	return s, err
}

// code takes the code of a message and checks it.
func (r *reader) code(want Code) error {
	got, err := r.byte()
	if err != nil {
		return err
	}
	if got != byte(want) {
		return &CodeError{Code: got}
	}
	return nil
}

// borrow returns the bytes as a string without copying.
func borrow(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
