// Licensed under the Apache License, Version 2.0; see LICENSE.

package jklog

import "time"

// DefaultStamp is the default of JkLogStampFormat. The trailing blank separates it from the rest of the line.
const DefaultStamp = "[%a %b %d %H:%M:%S.%Q %Y] "

// Stamp is a compiled JkLogStampFormat. It is immutable and safe for concurrent use.
type Stamp struct{}

// CompileStamp compiles a strftime format that may hold %Q (milliseconds, 3 digits) or %q (microseconds, 6 digits).
func CompileStamp(format string) *Stamp { return &Stamp{} }

// Append appends t, in t's own time zone, to dst.
func (s *Stamp) Append(dst []byte, t time.Time) []byte { return dst }
