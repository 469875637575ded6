// Licensed under the Apache License, Version 2.0; see LICENSE.

package registry

import (
	"fmt"
	"net/netip"

	"mod_gojk/module/internal/config"
	"mod_gojk/module/internal/jklog"
)

// resolve returns where a worker is now; not valid, with a line in the error log, if its host does not resolve.
func resolve(host Host, w *config.Worker) netip.AddrPort {
	addr, err := lookup(host, w.AJP.Host, netip.Addr{}, w.AJP.PreferIPv6)
	if err != nil {
		host.ErrorLog(jklog.Error, fmt.Sprintf("worker %s can't resolve tomcat address %s (%v); it answers 503, as a member it is stopped, until the name resolves and httpd is restarted id=GOJK2010", w.Name, w.AJP.Host, err))
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(addr, uint16(w.AJP.Port))
}

// lookup returns the address of a host that is a name or itself an address. current is the one in use, if there is one.
func lookup(host Host, name string, current netip.Addr, preferIPv6 bool) (netip.Addr, error) {
	if addr, err := netip.ParseAddr(name); err == nil {
		return addr, nil
	}
	addrs, err := host.Resolve(name)
	if err != nil {
		return netip.Addr{}, err
	}
	return choose(addrs, current, preferIPv6), nil
}

// choose returns which of a host's addresses a worker uses: the one it has, as long as the name still has it, so that a name with several
// addresses does not make it wander; otherwise the first, or the first IPv6 address if one is preferred.
func choose(addrs []netip.Addr, current netip.Addr, preferIPv6 bool) netip.Addr {
	best := addrs[0]
	for _, a := range addrs {
		if a == current {
			return a
		}
		if preferIPv6 && a.Is6() && !best.Is6() {
			best = a
		}
	}
	return best
}
