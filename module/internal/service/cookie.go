// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"cmp"
	"unsafe"

	"mod_gojk/ajp"
	"mod_gojk/balancer"
	"mod_gojk/module/internal/jklog"
)

// This file is set_session_cookie (mod_jk-surface 4.5): a cookie with the route of the member that answered, for applications without sessions.
// Whatever is tried before, a response carries one: the one of its own member, and none if the session already names that member.

// stickTo decides whether the response of an attempt sets the cookie.
func (x *exchange) stickTo(t *balancer.Try) {
	x.cookieRoute = ""
	if !t.Sticky && (x.target.LB.SetSessionCookie || x.rule.SetSessionCookie) {
		x.cookieRoute = t.Route
	}
}

// addCookie adds the cookie to a response head. What the rule says of its name and path goes before what the balancer says.
func (x *exchange) addCookie(p *ajp.Response) {
	name := cmp.Or(x.rule.SessionCookie, x.target.LB.SessionCookie)
	path := cmp.Or(x.rule.SessionCookiePath, x.target.LB.SessionCookiePath)
	x.cookie = balancer.AppendSessionCookie(x.cookie[:0], name, x.cookieRoute, path, x.env.TLS)
	if !x.conn.AddHeader(p, "Set-Cookie", unsafe.String(unsafe.SliceData(x.cookie), len(x.cookie))) {
		x.log(jklog.Warn, "GOJK3034", "(%s) no session cookie is set: its name, its path or the route cannot stand in a header", x.worker.Name)
	}
}
