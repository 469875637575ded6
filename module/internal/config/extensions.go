// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ParseTarget splits what follows the URI in a mount, and what JK_WORKER_NAME holds:
//
//	target    = worker *( ";" extension )
//	extension = name "=" value
//
// Blanks around each part do not count. The findings carry no file and line.
func ParseTarget(target string) (worker string, e Extensions, d Diagnostics) {
	l := &loader{report: &reporter{}}
	worker, e = l.target(target, position{})
	return worker, e, l.report.result()
}

// target is ParseTarget for a mount at that position.
func (l *loader) target(target string, at position) (string, Extensions) {
	parts := strings.Split(target, ";")
	e := NoExtensions()
	x := extensionParser{e: &e, report: l.report, at: at, seen: map[string]bool{}}
	for i := 1; i < len(parts); i++ {
		name, value, _ := strings.Cut(parts[i], "=")
		name, value = strings.Trim(name, blanks), strings.Trim(value, blanks)
		if name == "session_path" && value == "" && i+1 < len(parts) && !strings.Contains(parts[i+1], "=") {
			i++ // "session_path=;jsessionid": the ';' belongs to the value
			value = strings.Trim(parts[i], blanks)
		}
		if name != "" || value != "" {
			x.set(name, value)
		}
	}
	x.conflicts()
	return strings.Trim(parts[0], blanks), e
}

// extensionParser fills the extensions of one mapping.
type extensionParser struct {
	e      *Extensions
	report *reporter
	at     position
	seen   map[string]bool
}

// firstWins are the extensions of which, as in mod_jk, the first counts when one is repeated; of others it is the last.
var firstWins = []string{"active", "disabled", "stopped", "fail_on_status", "session_cookie", "session_path", "session_cookie_path"}

// set takes one extension.
func (x *extensionParser) set(name, value string) {
	if x.seen[name] {
		used := "the last one is used"
		if slices.Contains(firstWins, name) {
			used = "the first one is used"
		}
		x.report.add(idExtRepeated, x.at, "rule extension "+quote(name)+" is given twice", "once", used)
		if slices.Contains(firstWins, name) {
			return
		}
	}
	x.seen[name] = true
	switch name {
	case "reply_timeout":
		x.e.ReplyTimeout = x.replyTimeout(value)
	case "sticky_ignore":
		x.e.StickyIgnore = x.boolean(name, value)
	case "stateless":
		x.e.Stateless = x.boolean(name, value)
	case "set_session_cookie":
		x.e.SetSessionCookie = x.boolean(name, value)
	case "active":
		x.e.Active = x.list(name, value)
	case "disabled":
		x.e.Disabled = x.list(name, value)
	case "stopped":
		x.e.Stopped = x.list(name, value)
	case "fail_on_status":
		x.e.FailOnStatus = x.statuses(value)
	case "use_server_errors":
		x.e.UseServerErrors = x.serverErrors(value)
	case "session_cookie":
		x.e.SessionCookie = x.text(name, value)
	case "session_path":
		x.e.SessionPath = x.text(name, value)
	case "session_cookie_path":
		x.e.SessionCookiePath = x.text(name, value)
	default:
		x.report.add(idExtUnknown, x.at, "unknown rule extension "+quote(name),
			"reply_timeout, sticky_ignore, stateless, active, disabled, stopped, fail_on_status, use_server_errors, session_cookie, "+
				"session_path, set_session_cookie, session_cookie_path", "it is ignored")
	}
}

// wrong reports a value that an extension does not take.
func (x *extensionParser) wrong(name, value, accepted, now string) {
	x.report.add(idExtValue, x.at, fmt.Sprintf("rule extension %s has the value %s", quote(name), quote(value)), accepted, now)
}

// replyTimeout returns milliseconds as time; negative: not set.
func (x *extensionParser) replyTimeout(value string) time.Duration {
	n, err := strconv.ParseInt(value, 10, 32)
	if err != nil {
		x.wrong("reply_timeout", value, "milliseconds; 0 for no limit; less for the worker's own", "the worker's own is used")
		n = -1
	}
	if n < 0 {
		return NoExtensions().ReplyTimeout
	}
	return time.Duration(n) * time.Millisecond
}

// boolean takes mod_jk's integers, where everything but 0 is on, and words.
func (x *extensionParser) boolean(name, value string) bool {
	if n, err := strconv.Atoi(value); err == nil {
		return n != 0
	}
	on, ok := parseBoolean(value)
	if !ok {
		x.wrong(name, value, "1, on, true, yes; 0, off, false, no", "it is off")
	}
	return on
}

func (x *extensionParser) list(name, value string) []string {
	list := splitList(value)
	if len(list) == 0 {
		x.wrong(name, value, "members, separated by ',' or blanks", "it is ignored")
	}
	return list
}

func (x *extensionParser) statuses(value string) []int {
	statuses, bad := parseStatuses(value)
	if len(bad) > 0 || len(statuses) == 0 {
		x.wrong("fail_on_status", value, "statuses from 100 to 599, perhaps with - in front", "what is no status is ignored")
	}
	return statuses
}

func (x *extensionParser) serverErrors(value string) int {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		x.wrong("use_server_errors", value, "the least status for which httpd makes the page; 0 for none", "0 is used")
		return 0
	}
	return n
}

func (x *extensionParser) text(name, value string) string {
	switch {
	case value == "":
		x.wrong(name, value, "a text", "the worker's own is used")
	case len(value) > NameMax:
		x.wrong(name, value, fmt.Sprintf("at most %d bytes", NameMax), "the worker's own is used")
		return ""
	}
	return value
}

// conflicts settles members with several activations: stopped wins over disabled, and that over active.
func (x *extensionParser) conflicts() {
	remove := func(from *[]string, kind string, members []string, stronger string) {
		*from = slices.DeleteFunc(*from, func(name string) bool {
			if !slices.Contains(members, name) {
				return false
			}
			x.report.add(idExtConflict, x.at, fmt.Sprintf("member %s is both %s and %s", quote(name), kind, stronger), "one of them", stronger+" is used")
			return true
		})
	}
	remove(&x.e.Active, "active", x.e.Disabled, "disabled")
	remove(&x.e.Active, "active", x.e.Stopped, "stopped")
	remove(&x.e.Disabled, "disabled", x.e.Stopped, "stopped")
}

// checkExtensions says whether the rule's extensions suit its worker.
func (l *loader) checkExtensions(r *Rule, w *Worker, at position) {
	e := &r.Extensions
	if w.LB == nil {
		if len(e.Active)+len(e.Disabled)+len(e.Stopped) > 0 || e.SessionCookie+e.SessionPath+e.SessionCookiePath != "" || e.SetSessionCookie {
			l.report.add(idExtNotBalancer, at, fmt.Sprintf("%s has rule extensions for balancers, but worker %s is of type %s", quote(r.Pattern), quote(w.Name), w.Type),
				"reply_timeout, fail_on_status, use_server_errors", "they have no effect")
		}
		return
	}
	for _, name := range slices.Concat(e.Active, e.Disabled, e.Stopped) {
		if !slices.ContainsFunc(w.LB.Members, func(m *Worker) bool { return m.Name == name }) {
			l.report.add(idExtMember, at, fmt.Sprintf("balancer %s has no member %s", quote(w.Name), quote(name)), "the names of its members", "the name is ignored")
		}
	}
}
