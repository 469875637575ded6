// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"mod_gojk/test/harness"
)

// start starts the variant's httpd. The caller stops it.
func (r *rig) start(in *instance) error {
	opts, err := r.options(in)
	if err != nil {
		return err
	}
	in.httpd, err = harness.StartHTTPD(opts)
	return err
}

// options says how the variant's httpd is set up. Nothing is loaded but what is needed.
func (r *rig) options(in *instance) (harness.Options, error) {
	s := &in.site
	opts := harness.Options{
		Lean: true, MPM: s.mpm, Children: s.children, Threads: s.threads, JkLogLevel: "warn", Env: s.env,
	}
	where, err := r.whereabouts(s)
	if err != nil {
		return opts, err
	}
	switch in.module {
	case gojk, jk:
		opts.Module = harness.Module(strings.TrimPrefix(in.module, "mod_"))
		if in.module == gojk {
			opts.ModuleFile = cmp.Or(in.file, r.gojk)
		}
		opts.Config, opts.Workers = mounts(s), workersFile(s, where)
	case proxyAJP, proxyHTTP:
		opts.Module = harness.ModuleNone
		opts.Modules = []string{"proxy", "proxy_ajp", "proxy_http", "slotmem_shm", "proxy_balancer", "lbmethod_byrequests"}
		opts.Config = proxyConfig(in.module, s, where)
	case floor:
		opts.Module, opts.Config = harness.ModuleNone, "BenchFloor\n"
	default:
		return opts, fmt.Errorf("%s is not a module", in.module)
	}
	if in.module == floor || s.watch {
		opts.Config = fmt.Sprintf("LoadModule bench_module %q\n", r.module) + opts.Config
	}
	opts.Config += s.config
	return opts, nil
}

// whereabouts is where the members of a site are.
type whereabouts struct {
	ports  []int
	http   int // Tomcat's HTTP port
	socket string
}

// whereabouts starts the site's container, unless it runs.
func (r *rig) whereabouts(s *site) (whereabouts, error) {
	if s.tomcat {
		t, err := r.startTomcat()
		if err != nil {
			return whereabouts{}, err
		}
		return whereabouts{ports: []int{t.ajp}, http: t.http}, nil
	}
	c, err := r.container(s.packet)
	if err != nil {
		return whereabouts{}, err
	}
	return whereabouts{ports: c.ports, socket: c.socket}, nil
}

// mountPath is the path below which a mount of many lies. All are equally long, so none is preferred.
func mountPath(i int) string { return fmt.Sprintf("/app%05d", i) }

// workerName is the name of a worker that is mapped by itself.
func workerName(i int) string { return fmt.Sprintf("w%04d", i) }

// mounts renders the mounts of mod_gojk and mod_jk.
func mounts(s *site) string {
	if s.mounts == 0 && s.workers == 0 {
		return "JkMount /* lb\n"
	}
	var b strings.Builder
	for i := range s.mounts {
		fmt.Fprintf(&b, "JkMount %s/* lb\n", mountPath(i))
	}
	for i := range s.workers {
		fmt.Fprintf(&b, "JkMount %s/* %s\n", mountPath(i), workerName(i))
	}
	return b.String()
}

// prefix is what precedes the path of a request: the mount in the middle.
func (s *site) prefix() string {
	if n := max(s.mounts, s.workers); n > 0 {
		return mountPath(n / 2)
	}
	return ""
}

// memberName is a member's name and route. Tomcat has the first as its jvmRoute.
func memberName(i int) string { return "m" + strconv.Itoa(i) }

// memberNames lists the members of the balancer.
func (s *site) memberNames() []string {
	if s.tomcat {
		return []string{memberName(0)}
	}
	var names []string
	for i := range s.members {
		names = append(names, memberName(i))
	}
	return names
}

// workersFile renders workers.properties.
func workersFile(s *site, where whereabouts) string {
	var b strings.Builder
	members := s.memberNames()
	balanced := members
	if s.slow {
		balanced = append(balanced, "slow")
	}
	list := []string{"lb"}
	worker := func(name string, i int) {
		fmt.Fprintf(&b, "worker.%s.type=ajp13\n", name)
		if s.socket {
			fmt.Fprintf(&b, "worker.%s.socket=%s\n", name, where.socket)
		} else {
			fmt.Fprintf(&b, "worker.%s.host=127.0.0.1\nworker.%s.port=%d\n", name, name, where.ports[i%len(where.ports)])
		}
		if s.packet > 0 {
			fmt.Fprintf(&b, "worker.%s.max_packet_size=%d\n", name, s.packet)
		}
	}
	for i, name := range balanced {
		worker(name, i)
	}
	for i := range s.workers {
		worker(workerName(i), i)
		list = append(list, workerName(i))
	}
	if s.slow {
		b.WriteString("worker.slow.activation=disabled\n") // for its own sessions only
	}
	fmt.Fprintf(&b, "worker.lb.type=lb\nworker.lb.balance_workers=%s\n", strings.Join(balanced, ","))
	fmt.Fprintf(&b, "worker.list=%s\n", strings.Join(list, ","))
	return b.String()
}

// proxyConfig renders the same for mod_proxy.
func proxyConfig(module string, s *site, where whereabouts) string {
	var b strings.Builder
	scheme, ports := "ajp", where.ports
	if module == proxyHTTP {
		scheme, ports = "http", []int{where.http}
	}
	b.WriteString("<Proxy balancer://lb>\n")
	for i, name := range s.memberNames() {
		fmt.Fprintf(&b, "BalancerMember %s://127.0.0.1:%d route=%s\n", scheme, ports[i%len(ports)], name)
	}
	b.WriteString("</Proxy>\nProxyPass / balancer://lb/ stickysession=JSESSIONID|jsessionid\n")
	return b.String()
}
