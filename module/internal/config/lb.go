// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"fmt"
	"slices"
)

// lb reads the settings of a balancer, but for its members.
func (r *reader) lb() *LB {
	b := &LB{
		Sticky:            r.boolean("sticky_session"),
		StickyForce:       r.boolean("sticky_session_force"),
		Secret:            r.secret("secret"),
		Method:            Method(r.choice("method")),
		Lock:              Lock(r.choice("lock")),
		Retries:           r.integer("retries"),
		LBRetries:         r.integer("lb_retries"),
		RetryInterval:     r.duration("retry_interval"),
		RecoverTime:       r.duration("recover_time"),
		MaxReplyTimeouts:  r.integer("max_reply_timeouts"),
		SessionCookie:     r.text("session_cookie"),
		SessionPath:       r.text("session_path"),
		SetSessionCookie:  r.boolean("set_session_cookie"),
		SessionCookiePath: r.text("session_cookie_path"),
	}
	b.ErrorEscalation = r.durationOr("error_escalation_time", b.RecoverTime/2)
	return b
}

// members makes the members of a balancer and checks them.
func (l *loader) members(w *Worker) {
	r := newReader(l.store, workerPrefix+w.Name+".", OnLB)
	row, p := r.find("balance_workers")
	l.reads[TypeLB][row.Name] = true
	names := r.list(row.Name)
	if len(names) == 0 {
		at := position{}
		if p != nil {
			at = p.at
		}
		l.report.add(idNoMembers, at, "balancer "+quote(w.Name)+" has no members", "worker."+w.Name+".balance_workers=<name>,<name>", "httpd does not start")
		return
	}
	for _, name := range names {
		m, known := l.byName[name]
		if !known {
			m = l.worker(name, p.at, true)
		}
		l.member(w, m, name, p.at)
	}
	l.checkRoutes(w, p.at)
	l.checkRedirects(w)
}

// member adds m, nil if it could not be made, to the members of w.
func (l *loader) member(w, m *Worker, name string, at position) {
	switch {
	case m == nil:
	case m.Type != TypeAJP:
		l.report.add(idMemberType, at, fmt.Sprintf("member %s of balancer %s is of type %s", quote(name), quote(w.Name), m.Type),
			"members of type ajp13", "httpd does not start")
	case slices.Contains(w.LB.Members, m):
		l.reportTwice(m, name, "worker."+w.Name+".balance_workers", at)
	default:
		w.LB.Members = append(w.LB.Members, m)
	}
}

// checkRoutes says whether two members have the same route.
func (l *loader) checkRoutes(w *Worker, at position) {
	for i, m := range w.LB.Members {
		for j, other := range w.LB.Members[:i] {
			if m.AJP.Route == other.AJP.Route {
				l.report.add(idSameRoute, at, fmt.Sprintf("Balanced workers number %d (%s) and %d (%s) of %s share the same route %s - aborting configuration!",
					j+1, other.Name, i+1, m.Name, quote(w.Name), quote(m.AJP.Route)),
					"a route for each member, equal to the jvmRoute of its Tomcat", "httpd does not start")
			}
		}
	}
}

// checkNames says whether names are too long that only members need. mod_jk does not look at those of other workers; here they have no effect then.
func (l *loader) checkNames() {
	member := map[*Worker]bool{}
	for _, w := range l.config.Workers {
		if w.Type == TypeLB {
			for _, m := range w.LB.Members {
				member[m] = true
			}
		}
	}
	for _, w := range l.config.Workers {
		if w.Type == TypeAJP {
			newReader(l.store, workerPrefix+w.Name+".", OnAJP).checkNames(w, member[w])
		}
	}
}

func (r *reader) checkNames(w *Worker, member bool) {
	for _, n := range []struct {
		attribute string
		text      *string
		standard  string
	}{{"route", &w.AJP.Route, w.Name}, {"domain", &w.AJP.Domain, ""}, {"redirect", &w.AJP.Redirect, ""}} {
		if len(*n.text) <= NameMax {
			continue
		}
		_, p := r.find(n.attribute)
		switch {
		case p == nil: // a domain out of such a route
		case member:
			r.reportTooLong(p, len(p.value))
		default:
			r.report.add(idUnusedName, p.at, fmt.Sprintf("%s is %d bytes too long", p.show(), len(p.value)-NameMax),
				fmt.Sprintf("a maximum of %d bytes", NameMax), "it is ignored, because the worker is no member of a balancer")
		}
		*n.text = n.standard
	}
}

// checkRedirects says whether a member wants to be replaced by a route that does not exist.
func (l *loader) checkRedirects(w *Worker) {
	for _, m := range w.LB.Members {
		target := m.AJP.Redirect
		if target == "" || slices.ContainsFunc(w.LB.Members, func(o *Worker) bool { return o.AJP.Route == target }) {
			continue
		}
		_, p := newReader(l.store, workerPrefix+m.Name+".", OnAJP).find("redirect")
		l.report.add(idRedirect, p.at, fmt.Sprintf("no member of balancer %s has the route that %s names", quote(w.Name), p.show()),
			"the route of a member, which is its name unless it is set", "the redirect is ignored there")
	}
}
