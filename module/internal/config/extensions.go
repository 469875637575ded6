// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// extension is a rule extension: its part of the documentation, and how a value is taken.
type extension struct {
	name  string
	value string
	doc   string
	first bool // given twice the first counts, as in mod_jk, otherwise the last
	take  func(x *extensionParser, value string)
}

var ruleExtensions = []extension{
	{"reply_timeout", "milliseconds; 0: no limit; less: the worker's own", "Overrides the worker's.", false,
		func(x *extensionParser, value string) { x.e.ReplyTimeout = x.replyTimeout(value) }},
	{"sticky_ignore", "boolean", "Sessions are not followed.", false,
		func(x *extensionParser, value string) { x.e.StickyIgnore = x.boolean(value) }},
	{"stateless", "boolean", "The request does not count as a new session.", false,
		func(x *extensionParser, value string) { x.e.Stateless = x.boolean(value) }},
	{"active", "members", "They are active for this rule.", true,
		func(x *extensionParser, value string) { x.e.Active = x.list(value) }},
	{"disabled", "members", "They are disabled for this rule, whatever `active` says.", true,
		func(x *extensionParser, value string) { x.e.Disabled = x.list(value) }},
	{"stopped", "members", "They are stopped for this rule, whatever the other two say.", true,
		func(x *extensionParser, value string) { x.e.Stopped = x.list(value) }},
	{"fail_on_status", "statuses; 0: none", "Replaces the worker's list.", true,
		func(x *extensionParser, value string) { x.e.FailOnStatus = x.statuses(value) }},
	{"use_server_errors", "status; 0: off", "From this status on httpd makes the error page.", false,
		func(x *extensionParser, value string) { x.e.UseServerErrors = x.serverErrors(value) }},
	{"session_cookie", "name", "The cookie that holds the session id, and the name of the one that is set.", true,
		func(x *extensionParser, value string) { x.e.SessionCookie = x.text(value) }},
	{"session_path", "name", "The path parameter that holds the session id.", true,
		func(x *extensionParser, value string) { x.e.SessionPath = x.text(value) }},
	{"set_session_cookie", "boolean", "The balancer sets a cookie with the route. The rule can switch it on, not off.", false,
		func(x *extensionParser, value string) { x.e.SetSessionCookie = x.boolean(value) }},
	{"session_cookie_path", "path", "Path of that cookie.", true,
		func(x *extensionParser, value string) { x.e.SessionCookiePath = x.text(value) }},
}

// ParseTarget splits what follows the URI in a mount, and what JK_WORKER_NAME holds:
//
//	target    = worker *( ";" extension )
//	extension = name "=" value
//
// Blanks around each part do not count. The findings carry no file and line.
func ParseTarget(target string) (worker string, e Extensions, d Diagnostics) {
	l := &loader{report: &reporter{}, plain: new(NoExtensions())}
	worker, extensions := l.target(target, position{})
	return worker, *extensions, l.report.result()
}

// target is ParseTarget for a mount at that position. Mounts without extensions share theirs.
func (l *loader) target(target string, at position) (string, *Extensions) {
	worker, rest, found := strings.Cut(target, ";")
	worker = strings.Trim(worker, blanks)
	if !found {
		return worker, l.plain
	}
	parts := strings.Split(rest, ";")
	x := extensionParser{e: new(NoExtensions()), report: l.report, at: at, seen: map[string]bool{}}
	for i := 0; i < len(parts); i++ {
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
	return worker, x.e
}

// extensionParser fills the extensions of one mapping.
type extensionParser struct {
	e      *Extensions
	report *reporter
	at     position
	name   string // of the one that is being read
	seen   map[string]bool
}

// set takes one extension.
func (x *extensionParser) set(name, value string) {
	i := slices.IndexFunc(ruleExtensions, func(e extension) bool { return e.name == name })
	if i < 0 {
		x.report.add(idExtUnknown, x.at, "unknown rule extension "+quote(name), extensionNames(), "it is ignored")
		return
	}
	row := &ruleExtensions[i]
	if x.seen[name] {
		used := "the last one is used"
		if row.first {
			used = "the first one is used"
		}
		x.report.add(idExtRepeated, x.at, "rule extension "+quote(name)+" is given twice", "once", used)
		if row.first {
			return
		}
	}
	x.seen[name], x.name = true, name
	row.take(x, value)
}

func extensionNames() string {
	var names []string
	for _, e := range ruleExtensions {
		names = append(names, e.name)
	}
	return strings.Join(names, ", ")
}

// wrong reports a value that an extension does not take.
func (x *extensionParser) wrong(value, accepted, now string) {
	x.report.add(idExtValue, x.at, fmt.Sprintf("rule extension %s has the value %s", quote(x.name), quote(value)), accepted, now)
}

// replyTimeout returns milliseconds as time; negative: not set.
func (x *extensionParser) replyTimeout(value string) time.Duration {
	n, err := strconv.ParseInt(value, 10, 32)
	if err != nil {
		x.wrong(value, "milliseconds; 0 for no limit; less for the worker's own", "the worker's own is used")
		n = -1
	}
	if n < 0 {
		return NoExtensions().ReplyTimeout
	}
	return time.Duration(n) * time.Millisecond
}

// boolean takes mod_jk's integers, where everything but 0 is on, and words.
func (x *extensionParser) boolean(value string) bool {
	if n, err := strconv.Atoi(value); err == nil {
		return n != 0
	}
	on, ok := parseBoolean(value)
	if !ok {
		x.wrong(value, "1, on, true, yes; 0, off, false, no", "it is off")
	}
	return on
}

func (x *extensionParser) list(value string) []string {
	list := splitList(value)
	if len(list) == 0 {
		x.wrong(value, "members, separated by ',' or blanks", "it is ignored")
	}
	return list
}

// statuses returns a list that replaces the worker's: not nil, also if it is empty.
func (x *extensionParser) statuses(value string) []int {
	const accepted = "statuses from 100 to 999, perhaps with - in front; 0 for none"
	statuses, bad := parseStatuses(value)
	if len(statuses) == 0 {
		if value != "0" {
			x.wrong(value, accepted, "no status counts as a failure")
		}
		return []int{}
	}
	if len(bad) > 0 {
		x.wrong(value, accepted, "what is no number there is ignored")
	}
	return statuses
}

func (x *extensionParser) serverErrors(value string) int {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		x.wrong(value, "the least status for which httpd makes the page; 0 for none", "0 is used")
		return 0
	}
	return n
}

func (x *extensionParser) text(value string) string {
	switch {
	case value == "":
		x.wrong(value, "a text", "the worker's own is used")
	case len(value) > NameMax:
		x.wrong(value, fmt.Sprintf("at most %d bytes", NameMax), "the worker's own is used")
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
	e := r.Extensions
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
