// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

import (
	"slices"
	"time"

	"mod_gojk/test/harness"
)

// The modules under test, as in variant.module.
const (
	gojk      = "mod_gojk"
	jk        = "mod_jk"
	proxyAJP  = "mod_proxy_ajp"
	proxyHTTP = "mod_proxy_http"
	floor     = "floor"
)

// workload is a row of the table of what is measured.
type workload struct {
	name     string // for -run
	group    string // heading in the document
	title    string
	remark   string // what is to be known beside the figures; empty: nothing
	variants []variant
	site     site // of every variant
	load     load // of every variant that has none of its own
	shows    []metric
	targets  []target
	quick    bool          // part of -quick
	rounds   int           // 0: as the plan says
	duration time.Duration // of one measurement; 0: as the plan says

	// needs returns why this machine cannot measure it; empty: it can. nil: it always can.
	needs func(*rig) string
	// cold: no httpd is started for the variants and nothing is warmed up; measure does what there is to do.
	cold bool
	// sources: what is measured is the source tree, not a build.
	sources bool
	// prepare is called once before the first round, with the variants running. nil: nothing to do.
	prepare func(*rig, *running) error
	// measure takes one sample of one variant. nil: underLoad.
	measure func(*rig, *running, *instance) (sample, error)
}

// variant is one httpd of a workload.
type variant struct {
	name   string // as tables show it, unique in the workload
	module string
	base   string      // the variant that its ratios refer to; empty: none
	site   func(*site) // how it differs from the workload's site; nil: it does not
	load   func(*load) // how its load differs; nil: it does not
	file   string      // of mod_gojk, when it is another build; empty: the plan's
	cpus   []int       // httpd, container and clients run on these processors only; nil: on all
	hold   int         // requests that wait for a slow member during the measurement
}

// site is how httpd and its workers are set up. The zero value: event, one child of 64 threads, a balancer with two members, one mount.
type site struct {
	mpm      harness.MPM
	children int
	threads  int
	members  int      // of the balancer; 0: two
	workers  int      // workers that are mapped one by one, beside the balancer
	mounts   int      // 0: one that everything matches
	packet   int      // bytes of an AJP packet; 0: 8192
	socket   bool     // the members are reached over a Unix domain socket
	slow     bool     // one more member, "slow", that gets only requests of its own sessions
	tomcat   bool     // the only member is a real Tomcat
	watch    bool     // with the stopwatch for child_init
	config   string   // more of httpd.conf
	env      []string // of httpd
}

// load is what the clients do. The zero value of a number means: none, or no limit.
type load struct {
	connections int
	window      int           // requests under way at once; 0: as many as connections
	requests    int           // the measurement ends after so many; 0: after the duration
	rate        float64       // requests a second whether answers come or not; 0: as fast as they come
	path        string        // of the request, below the mount
	size        int64         // bytes of a response body, added to the path
	body        int64         // bytes of a request body; 0: GET
	chunk       int64         // the body goes in chunks of so many bytes, its length unknown
	session     bool          // each connection keeps its session
	wrk         bool          // wrk does it, where it can
	duration    time.Duration // set by the run
}

// instance is a variant that runs.
type instance struct {
	*variant
	site  site
	load  load
	httpd *harness.HTTPD // nil in a cold workload
}

// running is a workload that is being measured.
type running struct {
	*workload
	plan      *plan
	instances []*instance
	remarks   []string // made while measuring
}

// find returns the instance of a variant, nil if there is none.
func (w *running) find(name string) *instance {
	i := slices.IndexFunc(w.instances, func(in *instance) bool { return in.name == name })
	if i < 0 {
		return nil
	}
	return w.instances[i]
}

// siteOf is the variant's site.
func (w *workload) siteOf(v *variant) site {
	s := w.site
	if v.site != nil {
		v.site(&s)
	}
	if s.mpm == "" {
		s.mpm = harness.Event
	}
	if s.threads == 0 {
		s.threads = 64
	}
	if s.children == 0 {
		s.children = 1
		if s.mpm == harness.Prefork {
			s.children = s.threads
		}
	}
	if s.members == 0 {
		s.members = 2
	}
	return s
}

// loadOf is the variant's load.
func (w *workload) loadOf(v *variant, p *plan) load {
	l := w.load
	if v.load != nil {
		v.load(&l)
	}
	l.duration = w.durationOf(p)
	return l
}

// durationOf is how long one measurement takes.
func (w *workload) durationOf(p *plan) time.Duration {
	switch {
	case p.Duration > 0:
		return p.Duration
	case w.duration > 0:
		return w.duration
	}
	return usualDuration
}

// roundsOf is how many rounds are measured.
func (w *workload) roundsOf(p *plan) int {
	switch {
	case p.Rounds > 0:
		return p.Rounds
	case w.rounds > 0:
		return w.rounds
	}
	return usualRounds
}

// otherBuild is what the name of a variant ends with that is another build of mod_gojk.
const otherBuild = " (other build)"

// compareBuilds adds, behind each variant of mod_gojk, the same with another build of it; its ratios refer to the first.
func (w *workload) compareBuilds(file string) {
	if w.sources {
		return
	}
	var all []variant
	for _, v := range w.variants {
		all = append(all, v)
		if v.module == gojk {
			v.base, v.name, v.file = v.name, v.name+otherBuild, file
			all = append(all, v)
		}
	}
	w.variants = all
}

// beside returns variants for modules that are compared with mod_jk.
func beside(modules ...string) []variant {
	var all []variant
	for _, m := range modules {
		v := variant{name: m, module: m, base: jk}
		if m == floor {
			v.base = ""
		}
		all = append(all, v)
	}
	return all
}
