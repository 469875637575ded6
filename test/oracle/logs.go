package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// The logs of httpd that are looked at.
const (
	accessLog = "oracle.log"
	jkLog     = "mod_jk.log"
	errorLog  = "error.log"
)

// spoken are the files in which the modules say something. What concerns the configuration, mod_gojk says in httpd's own.
var spoken = [2]string{jkLog, errorLog}

// logFormat is what httpd's access log says about each request of a case.
func logFormat(c *Case) string {
	format := "status %>s, %B bytes, connection %X, worker %{JK_WORKER_NAME}n, type %{JK_WORKER_TYPE}n, route %{JK_WORKER_ROUTE}n"
	for _, note := range c.Notes {
		format += ", " + note + " %{" + note + "}n"
	}
	return "CustomLog ${DIR}/" + accessLog + ` "` + format + `"` + "\n"
}

// seen is how many lines of a log that contain a text have been seen.
type seen struct {
	file, text string
	lines      int
}

// awaitLogs waits for the lines of the request in the access log and, if the case has one, in the request log: they are written when
// the module is done with the request.
func (w *world) awaitLogs(s *Step) []string {
	if s.NoLog {
		return []string{"log: not awaited"}
	}
	lines := []string{"log: " + maskSeconds(w.await(&w.logged))}
	if w.said.text != "" && !s.Unlogged {
		lines = append(lines, "request log: "+maskStamp(w.await(&w.said), w.said.text))
	}
	return lines
}

// await waits for the next line of a log and returns it.
func (w *world) await(next *seen) string {
	deadline := time.Now().Add(settleDeadline)
	for {
		if lines := next.in(w.httpd.Log(next.file)); len(lines) > next.lines {
			next.lines++
			return lines[next.lines-1]
		}
		if time.Now().After(deadline) {
			return "no line"
		}
		time.Sleep(time.Millisecond)
	}
}

// in returns the complete lines of a log that have the text.
func (s *seen) in(log string) []string {
	lines := strings.Split(log, "\n")
	return slices.DeleteFunc(lines[:len(lines)-1], func(line string) bool { return !strings.Contains(line, s.text) })
}

// cutFrom is less than what is left of a line that is cut: either module cuts at 1024 bytes, give or take those that end the line.
const cutFrom = 900

var (
	duration = regexp.MustCompile(`\b\d+\.\d{6}\b`)
	dayName  = regexp.MustCompile(`\b(Mon|Tues?|Wed(nes)?|Thu(rs)?|Fri|Sat(ur)?|Sun)(day)?\b`)
	monName  = regexp.MustCompile(`\b(Jan(uary)?|Feb(ruary)?|Mar(ch)?|Apr(il)?|May|June?|July?|Aug(ust)?|Sep(tember)?|Oct(ober)?|Nov(ember)?|Dec(ember)?)\b`)
	digit    = regexp.MustCompile(`\d`)
)

// maskSeconds hides durations, not their form.
func maskSeconds(line string) string { return duration.ReplaceAllString(line, "(seconds)") }

// maskStamp hides the time of a line of the request log, which begins with text behind the time, and durations.
func maskStamp(line, text string) string {
	stamp, rest, found := strings.Cut(line, text)
	if !found {
		return line
	}
	stamp = monName.ReplaceAllString(dayName.ReplaceAllString(stamp, "(day)"), "(month)")
	if len(rest) > cutFrom && strings.HasSuffix(rest, "...") {
		rest = rest[:cutFrom] + " ..., cut"
	}
	return digit.ReplaceAllString(stamp, "0") + text + maskSeconds(rest)
}

// hear renders which of the texts are in lines that the logs have got since the steps before. Of a start only that they are there: mod_gojk says
// then what mod_jk says in its log, at its levels, on the terminal and in httpd's log.
func (w *world) hear(texts []string, start bool) []string {
	var fresh []string
	for i, file := range spoken {
		all := w.httpd.Log(file)
		fresh = append(fresh, strings.Split(all[w.heard[i]:], "\n")...)
		w.heard[i] = len(all)
	}
	var lines []string
	for _, text := range texts {
		found := levels(fresh, text)
		if start && found != never {
			found = "yes"
		}
		lines = append(lines, fmt.Sprintf("said: %q: %s", text, found))
	}
	return lines
}

// level is the level of a line, of mod_jk's logs or of httpd's.
var level = regexp.MustCompile(`\[(?:\w+:)?(trace|debug|info|notice|warn|error|crit|alert|emerg)\]`)

// never says that no line has a text.
const never = "never"

// levels names the levels of the lines that contain the text, each once.
func levels(lines []string, text string) string {
	var found []string
	for _, line := range lines {
		if !strings.Contains(line, text) {
			continue
		}
		name := "no level"
		if m := level.FindStringSubmatch(line); m != nil {
			name = m[1]
		}
		found = append(found, name)
	}
	slices.Sort(found)
	if len(found) == 0 {
		return never
	}
	return strings.Join(slices.Compact(found), ", ")
}
