// Licensed under the Apache License, Version 2.0; see LICENSE.

package docs

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	transition = regexp.MustCompile(`(?m)^\s+event(\w+):\s+\{next: \[\.\.\.\]State\{([^}]*)\}`)
	eventConst = regexp.MustCompile(`(?m)^\s+event([A-Z]\w+)\b`)
)

// stateTexts are the states' names in the code, in the order of the columns, and what logs and the status page call them.
var stateTexts = []struct{ name, text string }{
	{"Idle", "OK/IDLE"}, {"OK", "OK"}, {"Recover", "ERR/REC"}, {"Force", "ERR/FRC"}, {"Busy", "OK/BUSY"}, {"Error", "ERR"}, {"Probe", "ERR/PRB"},
}

// eventTexts say in words what an event of balancer/state.go is.
var eventTexts = map[string]string{
	"Chosen":          "a request is about to try it",
	"NoSlot":          "no free endpoint within the acquire timeout",
	"SlotFree":        "a child has a free endpoint for it again",
	"Success":         "the request succeeded",
	"ClientError":     "the client failed",
	"SoftStatus":      "`fail_on_status`, with a minus",
	"HardStatus":      "`fail_on_status`",
	"ReplyTimeout":    "reply timeout, within `max_reply_timeouts`",
	"TooManyTimeouts": "reply timeout, one too many",
	"Protocol":        "framing error",
	"BusyLimit":       "`busy_limit` reached",
	"Failed":          "other failure, errors are new and others in flight",
	"FailedForGood":   "other failure",
	"Escalate":        "maintenance: errors for `error_escalation_time`",
	"RecoverTime":     "maintenance: `recover_time` is over",
	"Recover":         "an operator says so",
	"Force":           "nothing else is left",
	"Unused":          "maintenance: no request since the last",
	"ProbeLost":       "maintenance: the probing request is gone",
}

// TestStates_TableIsTheMachine: the table in the internals is that of balancer/state.go.
func TestStates_TableIsTheMachine(t *testing.T) {
	code := read(t, "balancer/state.go")
	rows := transition.FindAllStringSubmatch(code, -1)
	block, _, _ := strings.Cut(code, "\tevents\n")
	require.Len(t, rows, len(eventConst.FindAllString(block, -1)), "every event has a row")
	var b strings.Builder
	b.WriteString("| event |")
	for _, s := range stateTexts {
		b.WriteString(" " + s.text + " |")
	}
	b.WriteString("\n|" + strings.Repeat("---|", len(stateTexts)+1) + "\n")
	for _, row := range rows {
		require.Contains(t, eventTexts, row[1], "say in words what event%s is", row[1])
		b.WriteString("| " + row[1] + ": " + eventTexts[row[1]] + " |")
		next := strings.Split(row[2], ", ")
		require.Len(t, next, len(stateTexts))
		for i, name := range next {
			b.WriteString(" " + cell(t, i, name) + " |")
		}
		b.WriteString("\n")
	}
	replaceBetween(t, "docs/internals.md", "<!-- states: copied from balancer/state.go -->", "<!-- states: end -->", b.String())
}

// cell is the state after an event, a dot if that is the one before.
func cell(t *testing.T, column int, name string) string {
	t.Helper()
	if stateTexts[column].name == name {
		return "·"
	}
	for _, s := range stateTexts {
		if s.name == name {
			return s.text
		}
	}
	t.Fatalf("no state %q", name)
	return ""
}
