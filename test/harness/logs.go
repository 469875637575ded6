package harness

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// readLog returns a file of the scratch folder, empty if there is none yet.
func (h *HTTPD) readLog(name string) string {
	data, err := os.ReadFile(h.path(name))
	if err != nil {
		return ""
	}
	return string(data)
}

// ErrorLog is the text of httpd's error log so far.
func (h *HTTPD) ErrorLog() string { return h.readLog("error.log") }

// JkLog is the text of mod_jk.log so far.
func (h *HTTPD) JkLog() string { return h.readLog("mod_jk.log") }

// AccessLog is the text of the access log so far.
func (h *HTTPD) AccessLog() string { return h.readLog("access.log") }

// Stderr is what httpd has printed so far.
func (h *HTTPD) Stderr() string { return h.readLog("stderr.log") }

// LogTail is the end of each log, for error messages.
func (h *HTTPD) LogTail() string {
	var b strings.Builder
	for _, name := range []string{"stderr.log", "error.log", "mod_jk.log"} {
		lines := strings.Split(strings.TrimRight(h.readLog(name), "\n"), "\n")
		lines = lines[max(0, len(lines)-20):]
		fmt.Fprintf(&b, "--- %s\n%s\n", name, strings.Join(lines, "\n"))
	}
	return b.String()
}

// WaitLog waits until the text is in the log ("error.log", "mod_jk.log", "access.log", "stderr.log"), at most within.
func (h *HTTPD) WaitLog(name, text string, within time.Duration) error {
	deadline := time.Now().Add(within)
	for !strings.Contains(h.readLog(name), text) {
		if time.Now().After(deadline) {
			return fmt.Errorf("harness: %q is not in %s after %v\n%s", text, name, within, h.LogTail())
		}
		time.Sleep(pollInterval)
	}
	return nil
}
