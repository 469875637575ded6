// Licensed under the Apache License, Version 2.0; see LICENSE.

// Package requestlog writes the lines of JkRequestLogFormat:
//
//	format  = *( text / escape / token )
//	escape  = "\n" / "\t" / "\\"          ; a backslash before anything else is text
//	token   = "%" letter                  ; one of Tokens; no modifiers
//
// A value that is absent is '-'. Control characters in a value, which may come from the client, are written as \xNN, so
// that nobody can forge a line; those that the format itself has are written as they are.
package requestlog

import (
	"strconv"
	"strings"

	"mod_gojk/module/internal/jklog"
)

// Entry is what is known of a request once it is over. Layout: gojk_request_log of mod_gojk.h, field by field. The strings are borrowed
// for the call; "": absent.
type Entry struct {
	Protocol       string // %H
	Method         string // %m
	Query          string // %q, without the '?'
	RequestLine    string // %r, password masked
	URI            string // %U: path, normalised, without parameters
	ServerName     string // %v: canonical
	ServerNameUsed string // %V: as UseCanonicalName says
	Worker         string // %w: the mapped one, a balancer rather than its member
	Route          string // %R: of the member, or its domain

	BytesSent int64  // %b, %B: bytes of body; negative: absent, none was begun
	Duration  int64  // %T: microseconds; negative: absent, no worker was asked
	Server    uint32 // index of the server; not shown
	Port      uint32 // %p: canonical
	Status    int32  // %s; 0 or less: absent
	Flags     uint32 // HasQuery
}

// HasQuery in Entry.Flags says that the URI had a '?'.
const HasQuery = 1 << 0

// Tokens are all tokens, for findings.
const Tokens = "%b %B %H %m %p %q %r %s %T %U %v %V %w %R"

// UnknownError is the error of a format with a token that does not exist.
type UnknownError struct{ Token string }

func (e *UnknownError) Error() string { return "'" + e.Token + "' is not a token" }

// Format is a compiled JkRequestLogFormat. It is immutable and safe for concurrent use.
type Format struct {
	parts []part
}

// part is a token, or text if token is 0.
type part struct {
	token byte
	text  string
}

// Compile compiles a format. The error is an *UnknownError.
func Compile(format string) (*Format, error) {
	f := &Format{}
	for format != "" {
		text, rest, found := strings.Cut(format, "%")
		if text != "" {
			f.parts = append(f.parts, part{text: unescape.Replace(text)})
		}
		if !found {
			break
		}
		if rest == "" || !known(rest[0]) {
			return nil, &UnknownError{"%" + firstRune(rest)}
		}
		f.parts = append(f.parts, part{token: rest[0]})
		format = rest[1:]
	}
	return f, nil
}

var unescape = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t")

func known(token byte) bool {
	return token != '%' && token != ' ' && strings.IndexByte(Tokens, token) >= 0
}

// firstRune returns the first character of text, "" if there is none.
func firstRune(text string) string {
	for i := range text {
		if i > 0 {
			return text[:i]
		}
	}
	return text
}

// Append appends the line for e, without stamp and newline, to dst. It ends early once it is longer than a line of the log
// may be: with room for a format's own text and jklog.LineMax bytes nothing is allocated.
func (f *Format) Append(dst []byte, e *Entry) []byte {
	limit := len(dst) + jklog.LineMax
	for i := range f.parts {
		p := &f.parts[i]
		switch {
		case len(dst) > limit:
			return dst
		case p.token == 0:
			dst = append(dst, p.text...)
		default:
			dst = appendToken(dst, p.token, e, limit)
		}
	}
	return dst
}

func appendToken(dst []byte, token byte, e *Entry, limit int) []byte {
	switch token {
	case 'b':
		if e.BytesSent < 0 {
			return append(dst, '-')
		}
		return strconv.AppendInt(dst, e.BytesSent, 10)
	case 'B':
		return strconv.AppendInt(dst, max(e.BytesSent, 0), 10)
	case 'p':
		return strconv.AppendUint(dst, uint64(e.Port), 10)
	case 's':
		if e.Status <= 0 {
			return append(dst, '-')
		}
		return strconv.AppendInt(dst, int64(e.Status), 10)
	case 'T':
		if e.Duration < 0 {
			return append(dst, '-')
		}
		return appendDuration(dst, e.Duration)
	case 'q':
		if e.Flags&HasQuery == 0 {
			return dst
		}
		return jklog.AppendClean(append(dst, '?'), e.Query, limit)
	}
	if value := e.text(token); value != "" {
		return jklog.AppendClean(dst, value, limit)
	}
	return append(dst, '-')
}

// text returns the value of a token that is a text.
func (e *Entry) text(token byte) string {
	switch token {
	case 'H':
		return e.Protocol
	case 'm':
		return e.Method
	case 'r':
		return e.RequestLine
	case 'U':
		return e.URI
	case 'v':
		return e.ServerName
	case 'V':
		return e.ServerNameUsed
	case 'w':
		return e.Worker
	case 'R':
		return e.Route
	}
	return ""
}

// appendDuration appends microseconds as seconds with six decimals.
func appendDuration(dst []byte, micros int64) []byte {
	dst = append(strconv.AppendInt(dst, micros/1e6, 10), '.')
	rest := micros % 1e6
	for unit := int64(1e5); unit > 0; unit /= 10 {
		dst = append(dst, byte('0'+rest/unit%10))
	}
	return dst
}
