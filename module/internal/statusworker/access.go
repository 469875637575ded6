// Licensed under the Apache License, Version 2.0; see LICENSE.

package statusworker

import (
	"slices"
	"strings"

	"mod_gojk/module/internal/jklog"
)

// allowed reports whether the client may use this status worker at all: everybody may if the property user is empty.
func (c *call) allowed() bool {
	if len(c.settings.Users) == 0 {
		return true
	}
	if c.User == "" {
		c.log(jklog.Warn, "GOJK4002", "Status worker '%s' service denied (no user) [%s] from %s [%s]",
			c.Worker.Name, orNull(c.AuthType), orNull(c.RemoteAddr), orNull(c.RemoteHost))
		return false
	}
	if slices.ContainsFunc(c.settings.Users, c.isUser) {
		return true
	}
	c.log(jklog.Warn, "GOJK4003", "Status worker '%s' service denied for user '%s' [%s] from %s [%s]",
		c.Worker.Name, c.User, orNull(c.AuthType), orNull(c.RemoteAddr), orNull(c.RemoteHost))
	return false
}

func (c *call) isUser(name string) bool {
	if c.settings.UserCaseInsensitive {
		return strings.EqualFold(name, c.User)
	}
	return name == c.User
}

// orNull is how mod_jk's log shows what is not there.
func orNull(s string) string {
	if s == "" {
		return "(null)"
	}
	return s
}

// foreign returns the header by which a browser tells that the page of another site has sent this request; empty: none does. That is the protection
// against cross-site request forgery, and needs no token: scripts, which send none of these headers, are not in its way.
//
// Sec-Fetch-Site (W3C, Fetch Metadata) decides when it is there, as no page can set it: that also holds behind a proxy that changes Host. Browsers
// without it, and those on plain HTTP, send Origin with every POST; Referer is for those that do not even do that.
func (c *call) foreign() string {
	if sites := c.header("Sec-Fetch-Site"); len(sites) > 0 {
		return firstHeader("Sec-Fetch-Site", sites, func(site string) bool { return site == "same-origin" || site == "none" })
	}
	hosts := c.header("Host")
	ours := func(url string) bool { return len(hosts) == 1 && sameHost(url, hosts[0]) }
	if origins := c.header("Origin"); len(origins) > 0 {
		return firstHeader("Origin", origins, ours)
	}
	return firstHeader("Referer", c.header("Referer"), ours)
}

// firstHeader returns "name: value" of the first value that is not good; empty: all are.
func firstHeader(name string, values []string, good func(string) bool) string {
	for _, v := range values {
		if !good(v) {
			return name + ": " + v
		}
	}
	return ""
}

// sameHost reports whether a URL (or an origin, RFC 6454) is on the host and port that a Host header names.
func sameHost(url, host string) bool {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return false
	}
	authority := rest
	if end := strings.IndexAny(rest, "/?#\\"); end >= 0 {
		authority = rest[:end]
	}
	defaultPort := ":80"
	if strings.EqualFold(scheme, "https") {
		defaultPort = ":443"
	}
	return authority != "" && strings.EqualFold(strings.TrimSuffix(authority, defaultPort), strings.TrimSuffix(host, defaultPort))
}
