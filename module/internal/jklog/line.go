// Licensed under the Apache License, Version 2.0; see LICENSE.

package jklog

import (
	"fmt"
	"path"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// LineMax is the longest line in bytes, the newline included.
const LineMax = 1024

const (
	cutMark  = "..."
	hexDigit = "0123456789abcdef"
)

// write formats one line and sends it out. skip counts the callers between write and the position to log.
func (l *Logger) write(skip int, level Level, requestID, id, format string, args []any) {
	var room [LineMax + 256]byte
	line := l.stamp.Append(room[:0], time.Now())
	stamped := len(line)
	line = appendHead(line, level, requestID, skip+1)
	line = AppendClean(line, fmt.Sprintf(format, args...), LineMax)
	l.send(level, finish(line, id), stamped)
}

// Raw writes one line of no level: stamp, line and newline. It is for the request log, which no level switches off; the caller
// has cleaned the line of what it does not want there. What cannot be written goes to the fallback at level info.
func (l *Logger) Raw(line []byte) {
	var room [LineMax + 256]byte
	whole := l.stamp.Append(room[:0], time.Now())
	stamped := len(whole)
	whole = append(whole, line...)
	l.send(Info, finish(whole, ""), stamped)
}

// send writes a finished line, whose first bytes are the stamp.
func (l *Logger) send(level Level, line []byte, stamped int) {
	if err := writeAll(l.fd, line); err != nil && l.fallback != nil {
		l.fallback(level, string(line[min(stamped, len(line)-1):len(line)-1]))
	}
}

// appendHead appends all that stands between stamp and message.
func appendHead(line []byte, level Level, requestID string, skip int) []byte {
	if requestID == "" {
		requestID = NoID
	}
	function, file, number := position(skip + 1)
	line = append(line, '[')
	line = AppendClean(line, requestID, LineMax/2)
	line = append(line, "] ["...)
	line = strconv.AppendInt(line, int64(unix.Getpid()), 10)
	line = append(line, ':')
	line = strconv.AppendInt(line, int64(unix.Gettid()), 10)
	line = append(line, "] ["...)
	line = append(line, level.String()...)
	line = append(line, "] "...)
	line = append(line, function...)
	line = append(line, "::"...)
	line = append(line, file...)
	line = append(line, " ("...)
	line = strconv.AppendInt(line, int64(number), 10)
	return append(line, "): "...)
}

// position returns where the caller that many frames up stands: function, file without folder, line.
func position(skip int) (function, file string, line int) {
	var pcs [1]uintptr
	if runtime.Callers(skip+2, pcs[:]) == 0 {
		return "unknown", "unknown", 0
	}
	frame, _ := runtime.CallersFrames(pcs[:]).Next()
	return functionName(frame.Function), path.Base(frame.File), frame.Line
}

// functionName reduces "mod_gojk/module/internal/service.(*Engine).serve.func1" to "serve": one word, as in mod_jk.
func functionName(full string) string {
	full = strings.ReplaceAll(full, "[...]", "") // type parameters
	parts := strings.Split(full[strings.LastIndexByte(full, '/')+1:], ".")
	for len(parts) > 2 && isClosure(parts[len(parts)-1]) {
		parts = parts[:len(parts)-1]
	}
	return parts[len(parts)-1]
}

// isClosure recognises the names that the compiler gives to function literals.
func isClosure(part string) bool {
	rest := strings.TrimLeft(strings.TrimPrefix(strings.TrimPrefix(part, "func"), "gowrap"), "-")
	_, err := strconv.Atoi(rest)
	return err == nil
}

// AppendClean appends text with control characters as \xNN, so that nobody can forge a line, until the line has grown
// beyond limit bytes; finish marks the cut.
func AppendClean(line []byte, text string, limit int) []byte {
	for i := 0; i < len(text) && len(line) <= limit; i++ {
		if c := text[i]; c < ' ' || c == 0x7f {
			line = append(line, '\\', 'x', hexDigit[c>>4], hexDigit[c&15])
			continue
		}
		line = append(line, text[i])
	}
	return line
}

// finish cuts the line to its limit, and appends the id and the newline, for which the cut leaves room.
func finish(line []byte, id string) []byte {
	tail := "\n"
	if id != "" {
		tail = " id=" + id + "\n"
	}
	if len(line)+len(tail) > LineMax {
		line = append(line[:LineMax-len(tail)-len(cutMark)], cutMark...)
	}
	return append(line, tail...)
}

// writeAll writes the line in one write(2), so that lines of several processes do not mix. A short write (disk full)
// is an error.
func writeAll(fd int, line []byte) error {
	if fd < 0 {
		return unix.EBADF
	}
	for {
		n, err := unix.Write(fd, line)
		if err == unix.EINTR {
			continue
		}
		if err == nil && n < len(line) {
			return unix.ENOSPC
		}
		return err
	}
}
