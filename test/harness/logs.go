package harness

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// Log returns a file of the scratch folder, empty if there is none yet.
func (h *HTTPD) Log(name string) string {
	if strings.HasSuffix(name, ".log") {
		h.settleLogs()
	}
	data, err := os.ReadFile(h.path(name))
	if err != nil {
		return ""
	}
	return string(data)
}

// ErrorLog is the text of httpd's error log so far.
func (h *HTTPD) ErrorLog() string { return h.Log("error.log") }

// JkLog is the text of mod_jk.log so far.
func (h *HTTPD) JkLog() string { return h.Log("mod_jk.log") }

// AccessLog is the text of the access log so far.
func (h *HTTPD) AccessLog() string { return h.Log("access.log") }

// Stderr is what httpd has printed so far.
func (h *HTTPD) Stderr() string { return h.Log("stderr.log") }

// LogTail is the end of each log, for error messages.
func (h *HTTPD) LogTail() string {
	var b strings.Builder
	for _, name := range []string{"stderr.log", "error.log", "mod_jk.log"} {
		lines := strings.Split(strings.TrimRight(h.Log(name), "\n"), "\n")
		lines = lines[max(0, len(lines)-20):]
		fmt.Fprintf(&b, "--- %s\n%s\n", name, strings.Join(lines, "\n"))
	}
	return b.String()
}

// WaitLog waits until the text is in the log ("error.log", "mod_jk.log", "access.log", "stderr.log"), at most within.
func (h *HTTPD) WaitLog(name, text string, within time.Duration) error {
	what := fmt.Sprintf("%q in %s", text, name)
	if err := await(what, within, func() bool { return strings.Contains(h.Log(name), text) }); err != nil {
		return fmt.Errorf("%w\n%s", err, h.LogTail())
	}
	return nil
}
