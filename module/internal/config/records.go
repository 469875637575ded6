// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"encoding/binary"
	"fmt"
)

// The kinds of records, GOJK_RECORD_* of mod_gojk.h.
const (
	recordRoot      = 1
	recordServer    = 2
	recordDirective = 3
	recordFile      = 4
)

const recordSize = 24 // gojk_record

// record is gojk_record with its strings.
type record struct {
	kind, server, line, a, b uint32
	strings                  []string
}

// Decode reads the record stream that the shim wrote:
//
//	stream = ROOT *( SERVER / DIRECTIVE / FILE )
//	record = kind server line a b count count*string     ; six uint32 in the machine's byte order
//	string = length length*byte NUL                      ; a uint32, the bytes, one 0
//
// Servers come in the order of their index. The strings are copies; blob is not kept.
func Decode(blob []byte) (*Input, error) {
	in := &Input{}
	for number, rest := 0, blob; len(rest) > 0; number++ {
		var r record
		var err error
		if r, rest, err = cutRecord(rest); err == nil {
			err = in.take(number, &r)
		}
		if err != nil {
			return nil, fmt.Errorf("config: record %d: %w", number, err)
		}
	}
	if err := in.checkServers(); err != nil {
		return nil, err
	}
	return in, nil
}

// cutRecord reads the record at the beginning of blob and returns what follows it.
func cutRecord(blob []byte) (r record, rest []byte, err error) {
	if len(blob) < recordSize {
		return r, nil, fmt.Errorf("%d bytes left, a record has %d", len(blob), recordSize)
	}
	word := func(i int) uint32 { return binary.NativeEndian.Uint32(blob[4*i:]) }
	r = record{kind: word(0), server: word(1), line: word(2), a: word(3), b: word(4)}
	count := word(5)
	rest = blob[recordSize:]
	if uint64(count)*5 > uint64(len(rest)) {
		return r, nil, fmt.Errorf("%d strings do not fit in %d bytes", count, len(rest))
	}
	r.strings = make([]string, count)
	for i := range r.strings {
		if r.strings[i], rest, err = cutString(rest); err != nil {
			return r, nil, fmt.Errorf("string %d: %w", i, err)
		}
	}
	return r, rest, nil
}

// cutString reads the string at the beginning of blob and returns what follows it.
func cutString(blob []byte) (text string, rest []byte, err error) {
	if len(blob) < 4 {
		return "", nil, fmt.Errorf("%d bytes left, a length has 4", len(blob))
	}
	length := uint64(binary.NativeEndian.Uint32(blob))
	blob = blob[4:]
	if length >= uint64(len(blob)) {
		return "", nil, fmt.Errorf("length %d, but %d bytes left", length, len(blob))
	}
	if blob[length] != 0 {
		return "", nil, fmt.Errorf("no NUL after %d bytes", length)
	}
	return string(blob[:length]), blob[length+1:], nil
}

// take adds one record to the input.
func (in *Input) take(number int, r *record) error {
	if (r.kind == recordRoot) != (number == 0) {
		return fmt.Errorf("kind %d: the first record, and no other, is the root", r.kind)
	}
	if err := r.checkCount(); err != nil {
		return err
	}
	switch r.kind {
	case recordRoot:
		in.ServerRoot, in.HTTPDVersion, in.ModuleVersion = r.strings[0], r.strings[1], r.strings[2]
		in.Threads = int(int32(r.a))
	case recordServer:
		if int(r.server) != len(in.Servers) {
			return fmt.Errorf("server %d, expected %d", r.server, len(in.Servers))
		}
		in.Servers = append(in.Servers, ServerInput{r.strings[0], int(int32(r.b))})
	case recordDirective:
		in.Directives = append(in.Directives,
			DirectiveInput{int(r.server), r.strings[0], int(r.line), r.strings[1], r.strings[2:]})
	case recordFile:
		in.Files = append(in.Files,
			FileInput{int(r.server), int(r.line), r.strings[0], r.strings[1], r.strings[2], int(int32(r.a))})
	}
	return nil
}

// checkCount says whether the record has as many strings as its kind needs.
func (r *record) checkCount() error {
	want := 3
	switch r.kind {
	case recordRoot, recordFile:
	case recordServer:
		want = 1
	case recordDirective:
		if len(r.strings) >= 2 {
			return nil
		}
		want = 2
	default:
		return fmt.Errorf("unknown kind %d", r.kind)
	}
	if len(r.strings) != want {
		return fmt.Errorf("kind %d with %d strings, expected %d", r.kind, len(r.strings), want)
	}
	return nil
}

// checkServers says whether there is a main server and no record of a server that does not exist.
func (in *Input) checkServers() error {
	if len(in.Servers) == 0 {
		return fmt.Errorf("config: no record of the main server")
	}
	for i := range in.Directives {
		if d := &in.Directives[i]; d.Server >= len(in.Servers) {
			return fmt.Errorf("config: %s of server %d, but there are %d", d.Name, d.Server, len(in.Servers))
		}
	}
	for i := range in.Files {
		if f := &in.Files[i]; f.Server >= len(in.Servers) {
			return fmt.Errorf("config: %s of server %d, but there are %d", f.Directive, f.Server, len(in.Servers))
		}
	}
	return nil
}

// Append appends the record stream for in to dst: the inverse of Decode, for tests and test hosts. The order of
// directives is kept; LookupEnv is no part of the stream.
func (in *Input) Append(dst []byte) []byte {
	dst = appendRecord(dst, record{
		kind: recordRoot, a: uint32(in.Threads),
		strings: []string{in.ServerRoot, in.HTTPDVersion, in.ModuleVersion},
	})
	for i, s := range in.Servers {
		dst = appendRecord(dst, record{
			kind: recordServer, server: uint32(i), b: uint32(s.LogFD),
			strings: []string{s.Name},
		})
	}
	for _, d := range in.Directives {
		dst = appendRecord(dst, record{
			kind: recordDirective, server: uint32(d.Server), line: uint32(d.Line),
			strings: append([]string{d.File, d.Name}, d.Args...),
		})
	}
	for _, f := range in.Files {
		dst = appendRecord(dst, record{
			kind: recordFile, server: uint32(f.Server), line: uint32(f.Line), a: uint32(f.Errno),
			strings: []string{f.Directive, f.Path, f.Content},
		})
	}
	return dst
}

func appendRecord(dst []byte, r record) []byte {
	for _, word := range [...]uint32{r.kind, r.server, r.line, r.a, r.b, uint32(len(r.strings))} {
		dst = binary.NativeEndian.AppendUint32(dst, word)
	}
	for _, text := range r.strings {
		dst = binary.NativeEndian.AppendUint32(dst, uint32(len(text)))
		dst = append(dst, text...)
		dst = append(dst, 0)
	}
	return dst
}
