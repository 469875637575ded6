// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"fmt"
	"net/netip"
	"path"
	"strconv"
	"strings"
)

// socketMax is the longest path of a Unix domain socket in bytes: what sockaddr_un holds beside its NUL.
const socketMax = 107

// besideSocket are the properties that do nothing for a worker with a socket.
var besideSocket = []string{"host", "port", "source", "prefer_ipv6", "resolve_interval", "socket_keepalive"}

// address reads where the Tomcat of worker name is: its socket, otherwise host and port.
func (r *reader) address(a *AJP, name string) {
	a.ResolveInterval = r.duration("resolve_interval")
	if a.Socket = r.path("socket"); a.Socket != "" {
		r.reportBeside()
		return
	}
	var behind int
	a.Host, behind = r.host()
	port, p := r.port(behind)
	if a.Port = port; port == 0 {
		r.report.add(idNoContact, p.at, p.show()+": worker "+quote(name)+" has no address", "", "it gets no request; as a member it starts stopped")
		a.Activation = Stopped
	}
}

// path returns an absolute path.
func (r *reader) path(name string) string {
	_, p := r.find(name)
	if p == nil {
		return ""
	}
	if !path.IsAbs(p.value) || len(p.value) > socketMax {
		r.report.add(idBadPath, p.at, p.show()+" is not a path of a socket",
			fmt.Sprintf("an absolute path of at most %d bytes, such as $(ServerRoot)/run/tomcat.sock", socketMax), "httpd does not start")
		return ""
	}
	return p.value
}

// host returns the host, and the port behind it, negative if there is none.
func (r *reader) host() (host string, port int) {
	row, p := r.find("host")
	if p == nil {
		return row.Default, -1
	}
	host, port, ok := splitHost(p.value)
	switch {
	case !ok:
		r.report.add(idBadHost, p.at, p.show()+" is neither a host nor a host with a port",
			"a name or an IP address, perhaps with ':' and a port; an IPv6 address with a port in brackets, [::1]:8009", "httpd does not start")
		return row.Default, -1
	case len(host) > NameMax:
		r.reportTooLong(p, len(host))
	}
	return host, port
}

// port returns the port, and what sets it. It may stand behind the host instead (negative: it does not). Of two that differ the worker's own wins
// over its template's; two on the same level are a mistake.
func (r *reader) port(behindHost int) (int, *setting) {
	port := r.integer("port")
	_, p := r.find("port")
	_, host := r.find("host")
	switch {
	case behindHost < 0 || p != nil && port == behindHost:
		return port, p
	case p == nil || p.inherited() && !host.inherited():
		return behindHost, host
	case p.inherited() == host.inherited():
		r.report.add(idTwoPorts, p.at, p.show()+" differs from the port in "+host.show(), "one of them, or the same port twice", "httpd does not start")
	}
	return port, p
}

// reportBeside names what a socket makes idle. What a template brought to a worker with a socket of its own is meant for others.
func (r *reader) reportBeside() {
	_, socket := r.find("socket")
	for _, name := range besideSocket {
		if _, p := r.find(name); p != nil && (socket.inherited() || !p.inherited()) {
			r.report.add(idBesideSocket, p.at, p.show()+" has no effect beside "+quoteName(socket.origin), "one of them", "the socket is used")
		}
	}
}

// splitHost takes a port off a host:
//
//	host = name / address [ ":" port ]      ; an IPv6 address with a port stands in brackets
//
// The port is negative if there is none.
func splitHost(text string) (host string, port int, ok bool) {
	if isIPv6(text) {
		return text, -1, true
	}
	host, digits, found := strings.Cut(text, ":")
	if rest, bracketed := strings.CutPrefix(text, "["); bracketed {
		inside, after, closed := strings.Cut(rest, "]")
		host = inside
		digits, found = strings.CutPrefix(after, ":")
		if !closed || !isIPv6(inside) || after != "" && !found {
			return "", -1, false
		}
	}
	if host == "" || !found {
		return host, -1, host != ""
	}
	n, err := strconv.ParseUint(digits, 10, 16)
	return host, int(n), err == nil
}

func isIPv6(text string) bool {
	addr, err := netip.ParseAddr(text)
	return err == nil && addr.Is6()
}
