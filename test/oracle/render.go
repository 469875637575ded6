package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"mod_gojk/test/harness"
)

// shown is the longest text that is rendered whole.
const shown = 160

// quote renders bytes: short ones as they are, long ones by length, digest and both ends.
func quote(data []byte) string {
	if len(data) <= shown {
		return fmt.Sprintf("%d bytes %q", len(data), data)
	}
	return fmt.Sprintf("%d bytes, sha256 %.8x, %q ... %q", len(data), sha256.Sum256(data), data[:24], data[len(data)-24:])
}

// renderResponse renders what the client received.
func renderResponse(r *harness.Response) []string {
	var lines []string
	for _, interim := range r.Interim {
		lines = append(lines, "client: interim "+interim)
	}
	if r.StatusLine != "" {
		lines = append(lines, "client: "+r.StatusLine)
	}
	for _, f := range r.Headers {
		lines = append(lines, "client: header "+f.Name+": "+maskHeader(f))
	}
	if r.StatusLine != "" {
		lines = append(lines, fmt.Sprintf("client: body (%s) %s", r.Framing, quote(r.Body)))
	}
	return append(lines, "client: response "+renderEnding(r.End))
}

var (
	framingLine = regexp.MustCompile(`^client: (header (Content-Length|Transfer-Encoding|Connection|Keep-Alive): |connection )`)
	framingWord = regexp.MustCompile(`^client: body \([^)]*\)|\bconnection [+-],`)
)

// hideFraming removes what depends on how the end of a body is announced.
func hideFraming(lines []string) []string {
	var kept []string
	for _, line := range lines {
		if !framingLine.MatchString(line) {
			kept = append(kept, framingWord.ReplaceAllString(line, "(any framing)"))
		}
	}
	return kept
}

// renderSoFar renders the part of a response that the client has while the container, which has sent that many bytes of body,
// holds the rest back. How much of an unflushed body is on its way is left open.
func renderSoFar(data []byte, sent int) string {
	head, body, complete := bytes.Cut(data, []byte("\r\n\r\n"))
	status, _, _ := bytes.Cut(head, []byte("\r\n"))
	got := dechunkedLength(body)
	switch {
	case len(data) == 0:
		return "client: has nothing so far"
	case !complete:
		return fmt.Sprintf("client: has so far %q and not all of the head", status)
	case sent == notFlushed && got > 0:
		return fmt.Sprintf("client: has so far %q and some of the body", status)
	}
	return fmt.Sprintf("client: has so far %q and %d of %d bytes of body", status, got, sent)
}

// dechunkedLength counts the bytes in the chunks of a body that may break off.
func dechunkedLength(body []byte) int {
	total := 0
	for len(body) > 0 {
		line, rest, _ := bytes.Cut(body, []byte("\r\n"))
		size, err := strconv.ParseUint(string(line), 16, 31)
		if err != nil {
			return total
		}
		size = min(size, uint64(len(rest)))
		total += int(size)
		body = bytes.TrimPrefix(rest[size:], []byte("\r\n"))
	}
	return total
}

// renderEnding makes one of the endings that only a race tells apart.
func renderEnding(e harness.Ending) string {
	if e == harness.EndTruncated || e == harness.EndReset || e == harness.EndNothing {
		return "aborted"
	}
	return string(e)
}

func renderRest(rest string) string {
	if rest == "reset" {
		return "closed"
	}
	return rest
}

// maskHeader hides values that differ from run to run.
func maskHeader(f harness.Field) string {
	switch strings.ToLower(f.Name) {
	case "date", "server", "age":
		return "(masked)"
	case "last-modified":
		at, err := http.ParseTime(f.Value)
		if err == nil && time.Since(at).Abs() < time.Minute {
			return "(now)"
		}
	}
	return fmt.Sprintf("%q", f.Value)
}

// renderContainers renders what the containers saw since the last call: the order of requests among them, then each
// container's own view. port is the client's; leftovers says that scripts without a request mean nothing.
func (w *world) renderContainers(port int, leftovers bool) []string {
	records := w.recorder.Take()
	var order, lines []string
	for _, r := range records {
		if r.Kind == harness.RecordRequest {
			order = append(order, r.Container)
		}
	}
	lines = append(lines, "requests went to: "+strings.Join(order, " "))
	for _, name := range w.names {
		for _, r := range records {
			if r.Container == name {
				lines = append(lines, w.renderRecord(r, port)...)
			}
		}
		c := w.containers[name]
		lines = append(lines, fmt.Sprintf("%s: %d connections open", name, c.Open()))
		if n := c.ClearScripts(); n > 0 && !leftovers {
			lines = append(lines, fmt.Sprintf("%s: %d scripts without a request", name, n))
		}
	}
	return lines
}

// renderReuse says whether a request came on a new connection or on which of the idle ones. It counts back, so that one
// difference does not make all later steps differ.
func (w *world) renderReuse(r harness.Record) string {
	k := connection{r.Container, r.Connection}
	w.requests[r.Container]++
	now := w.requests[r.Container]
	last, kept := w.lastUse[k]
	w.lastUse[k] = now
	if !kept {
		return "a new connection"
	}
	return fmt.Sprintf("the connection of %d requests ago", now-last)
}

func (w *world) renderRecord(r harness.Record, port int) []string {
	at := r.Container + ": "
	switch r.Kind {
	case harness.RecordRequest:
		lines := []string{at + w.renderReuse(r)}
		for _, line := range r.Request.Lines() {
			lines = append(lines, at+maskPort(line, port))
		}
		return lines
	case harness.RecordBody:
		if len(r.Data) == 0 {
			return []string{at + "end of the body"}
		}
		return []string{at + "body packet " + quote(r.Data)}
	case harness.RecordPing:
		return []string{at + "cping"}
	case harness.RecordStray:
		return []string{at + "stray packet " + quote(r.Data)}
	}
	return []string{at + "trouble: " + r.Text}
}

// maskPort hides the client's port where it is expected, and only if it is the right one.
func maskPort(line string, port int) string {
	if line == fmt.Sprintf("attribute 0A AJP_REMOTE_PORT = \"%d\"", port) {
		return "attribute 0A AJP_REMOTE_PORT = (the client's port)"
	}
	return line
}
