// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"strings"
	"time"

	"mod_gojk/ajp"
	"mod_gojk/module/internal/jklog"
)

// websocketText explains the 501 on httpd's page. HTML.
const websocketText = "This address is served over AJP, and AJP cannot carry WebSocket connections. " +
	"The administrator of this server can have it served by mod_proxy_wstunnel instead."

// isHandshake reports whether a request can be answered only by turning its connection into a WebSocket (RFC 6455, 4.1). A container that is asked over AJP
// can but refuse, each in its own way. Other upgrades are offers: who ignores them answers as usual (RFC 9110, 7.8), and does so in HTTP/1.0.
func isHandshake(r *Request) bool {
	return listed(r.Headers, "Upgrade", "websocket") && listed(r.Headers, "Connection", "upgrade") && r.Method == "GET" && r.Protocol != "HTTP/1.0"
}

// listed reports whether one of the headers of that name has a list with that member, each compared without case.
func listed(headers []ajp.Header, name, member string) bool {
	for i := range headers {
		if equalFold(headers[i].Name, name) && inList(headers[i].Value, member) {
			return true
		}
	}
	return false
}

// inList reports whether a member is in a list that is separated by commas and blanks around them (RFC 9110, 5.6.1).
func inList(list, member string) bool {
	for part := range strings.SplitSeq(list, ",") {
		if equalFold(strings.Trim(part, " \t"), member) {
			return true
		}
	}
	return false
}

// refuseHandshake answers 501 and says why: to the client on the page, to the administrator once a minute and mount.
func (x *exchange) refuseHandshake() int {
	if x.snapshot.Said().Allow(x.mount(), time.Now()) {
		x.log(jklog.Warn, "GOJK3035", "(%s) a WebSocket handshake for %s was answered 501, AJP cannot carry WebSockets: take the address away from the worker with JkUnMount and give it to mod_proxy_wstunnel with ProxyPass ws:// (said once a minute)", x.target.Name, x.request.URI)
	}
	_ = x.host.Respond(x.request, &ajp.Response{Reason: websocketText, Flags: respondErrorText}) // without it the page is shorter
	return 501
}

// mount is the pattern of the rule that mapped the request, or the worker's name if none did.
func (x *exchange) mount() string {
	if r := x.request; r.Worker != NoWorker && int(r.Rule) < len(x.server.Rules) {
		return x.server.Rules[r.Rule].Pattern
	}
	return x.target.Name
}
