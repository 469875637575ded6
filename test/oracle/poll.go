package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// pollDeadline is beyond what either module takes to notice a changed file. pollPause is between two requests.
const (
	pollDeadline = 20 * time.Second
	pollPause    = 20 * time.Millisecond
)

// poll does what a step does, until that what it waits for is so.
func (w *world) poll(s *Step) ([]string, error) {
	if s.Until == (Until{}) {
		return w.once(s)
	}
	for deadline := time.Now().Add(pollDeadline); ; time.Sleep(pollPause) {
		lines, err := w.once(s)
		if err != nil {
			return nil, err
		}
		if w.reached(s.Until, lines) {
			return lines, nil
		}
		if time.Now().After(deadline) {
			return append(lines, "still not as awaited"), nil
		}
	}
}

// reached reports whether the event has happened. lines is what was rendered last.
func (w *world) reached(u Until, lines []string) bool {
	status := fmt.Sprintf("client: HTTP/1.1 %d ", u.Status)
	if u.Status != 0 && slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, status) }) {
		return true
	}
	if u.Says == "" {
		return false
	}
	text := regexp.MustCompile(u.Says)
	for i, file := range spoken {
		if text.MatchString(w.httpd.Log(file)[w.heard[i]:]) {
			return true
		}
	}
	return false
}
