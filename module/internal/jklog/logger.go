// Licensed under the Apache License, Version 2.0; see LICENSE.

// Package jklog writes mod_jk.log in mod_jk's line format:
//
//	<stamp>[<request id>] [<pid>:<tid>] [<level>] <function>::<file> (<line>): <message> id=GOJKnnnn
//
// The stable id stands at the end because scrapers match the message from its start. A line is one write(2) of at most
// 1024 bytes on a descriptor opened for appending (or a pipe), so lines of several children never mix.
package jklog

// Phase names stand for the request id in lines that belong to no request.
const (
	PhaseConfig     = "CONFIG"
	PhasePostConfig = "POST_CONFIG"
	PhaseInit       = "JK_INIT"
	PhaseChildInit  = "CHILD_INIT"
	PhaseTranslate  = "JK_TRANSLATE"
	PhaseWatchdog   = "WATCHDOG"
	PhaseCleanup    = "CLEANUP"

	// NoID is written for a request without an id.
	NoID = "NO-ID"
)

// Logger writes to one log. It is immutable and safe for concurrent use.
type Logger struct {
	fd       int
	level    Level
	stamp    *Stamp
	fallback func(level Level, line string)
}

// New returns a logger that writes lines of at least level to the descriptor fd, which it never closes. A negative fd
// means that there is no log. stamp nil: the default of JkLogStampFormat.
//
// fallback gets each line that could not be written, without stamp and newline; nil: such lines are lost.
func New(fd int, level Level, stamp *Stamp, fallback func(level Level, line string)) *Logger {
	if stamp == nil {
		stamp = CompileStamp(DefaultStamp)
	}
	return &Logger{fd: fd, level: level, stamp: stamp, fallback: fallback}
}

// Enabled reports whether lines of this level are written. Ask before computing costly arguments.
func (l *Logger) Enabled(level Level) bool {
	return level >= l.level
}

// Log writes one line, with the position of its caller. requestID "": NO-ID. id is the message's stable id (GOJK0001);
// "": none is written. Nothing is formatted when the level is off.
func (l *Logger) Log(level Level, requestID, id, format string, args ...any) {
	if l.Enabled(level) {
		l.write(1, level, requestID, id, format, args)
	}
}

// LogDepth is Log with the position of an outer caller: 0 is the caller of LogDepth, 1 the caller of that.
func (l *Logger) LogDepth(depth int, level Level, requestID, id, format string, args ...any) {
	if l.Enabled(level) {
		l.write(1+depth, level, requestID, id, format, args)
	}
}
