// Licensed under the Apache License, Version 2.0; see LICENSE.

package jklog

import (
	"strconv"
	"strings"
	"time"
)

// verbs are the conversions of strftime that appendVerb knows.
const verbs = "aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYzZ%"

// nextVerb looks at the beginning of format. Width 0: an ordinary byte. Otherwise a conversion of that many bytes: verb
// says which, 0 one that is not known. The modifiers E and O ask for the locale's forms, of which the C locale has none.
func nextVerb(format string) (verb byte, width int) {
	if format[0] != '%' {
		return 0, 0
	}
	width = 2
	if len(format) > 2 && (format[1] == 'E' || format[1] == 'O') {
		width = 3
	}
	if len(format) < width {
		return 0, 1
	}
	if v := format[width-1]; strings.IndexByte(verbs, v) >= 0 {
		return v, width
	}
	return 0, width
}

// appendTime appends t as strftime in the C locale would; unknown conversions as they are written. The format is expanded.
func appendTime(dst []byte, format string, t time.Time) []byte {
	for format != "" {
		verb, width := nextVerb(format)
		if verb != 0 {
			dst = appendVerb(dst, verb, t)
		} else {
			width = max(width, 1)
			dst = append(dst, format[:width]...)
		}
		format = format[width:]
	}
	return dst
}

// expand replaces the conversions that stand for others.
func expand(format string) string {
	var b strings.Builder
	for format != "" {
		verb, width := nextVerb(format)
		width = max(width, 1)
		if other, ok := composed[verb]; ok {
			b.WriteString(other)
		} else {
			b.WriteString(format[:width])
		}
		format = format[width:]
	}
	return b.String()
}

// composed are the conversions that stand for others.
var composed = map[byte]string{
	'c': "%a %b %e %H:%M:%S %Y",
	'D': "%m/%d/%y",
	'F': "%Y-%m-%d",
	'r': "%I:%M:%S %p",
	'R': "%H:%M",
	'T': "%H:%M:%S",
	'x': "%m/%d/%y",
	'X': "%H:%M:%S",
}

// appendVerb appends one conversion that is in verbs and not composed.
func appendVerb(dst []byte, verb byte, t time.Time) []byte {
	if text, ok := textVerb(verb, t); ok {
		return append(dst, text...)
	}
	n, width, pad := numberVerb(verb, t)
	return appendPadded(dst, n, width, pad)
}

// textVerb returns the conversions that are words or marks.
func textVerb(verb byte, t time.Time) (string, bool) {
	switch verb {
	case 'a':
		return t.Weekday().String()[:3], true
	case 'A':
		return t.Weekday().String(), true
	case 'b', 'h':
		return t.Month().String()[:3], true
	case 'B':
		return t.Month().String(), true
	case 'n':
		return "\n", true
	case 'p':
		return t.Format("PM"), true
	case 'P':
		return t.Format("pm"), true
	case 's':
		return strconv.FormatInt(t.Unix(), 10), true
	case 't':
		return "\t", true
	case 'z':
		return t.Format("-0700"), true
	case 'Z':
		return t.Format("MST"), true
	case '%':
		return "%", true
	}
	return "", false
}

// numberVerb returns the conversions that are numbers, with the width to fill.
func numberVerb(verb byte, t time.Time) (n, width int, pad byte) {
	isoYear, isoWeek := t.ISOWeek()
	switch verb {
	case 'C':
		return t.Year() / 100, 2, '0'
	case 'd':
		return t.Day(), 2, '0'
	case 'e':
		return t.Day(), 2, ' '
	case 'g':
		return isoYear % 100, 2, '0'
	case 'G':
		return isoYear, 1, '0'
	case 'H':
		return t.Hour(), 2, '0'
	case 'I':
		return hour12(t), 2, '0'
	case 'j':
		return t.YearDay(), 3, '0'
	case 'k':
		return t.Hour(), 2, ' '
	case 'l':
		return hour12(t), 2, ' '
	case 'm':
		return int(t.Month()), 2, '0'
	case 'M':
		return t.Minute(), 2, '0'
	case 'S':
		return t.Second(), 2, '0'
	case 'u':
		return (int(t.Weekday())+6)%7 + 1, 1, '0'
	case 'U':
		return (t.YearDay() + 6 - int(t.Weekday())) / 7, 2, '0'
	case 'V':
		return isoWeek, 2, '0'
	case 'w':
		return int(t.Weekday()), 1, '0'
	case 'W':
		return (t.YearDay() + 6 - (int(t.Weekday())+6)%7) / 7, 2, '0'
	case 'y':
		return t.Year() % 100, 2, '0'
	}
	return t.Year(), 1, '0' // 'Y'
}

func hour12(t time.Time) int { return (t.Hour()+11)%12 + 1 }

// appendPadded appends n, at least width characters wide.
func appendPadded(dst []byte, n, width int, pad byte) []byte {
	var digits [20]byte
	text := strconv.AppendInt(digits[:0], int64(n), 10)
	for i := len(text); i < width; i++ {
		dst = append(dst, pad)
	}
	return append(dst, text...)
}
