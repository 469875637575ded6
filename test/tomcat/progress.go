package tomcat

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// Progress prints lines with the seconds since it began. Safe for concurrent use.
type Progress struct {
	begin time.Time

	mu sync.Mutex
	w  io.Writer
}

// NewProgress begins now.
func NewProgress(w io.Writer) *Progress { return &Progress{begin: time.Now(), w: w} }

// Say prints one line.
func (p *Progress) Say(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.w, "%6.1f s  %s\n", time.Since(p.begin).Seconds(), fmt.Sprintf(format, args...))
}
