// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"os"
	"strings"
)

// loader interprets one input.
type loader struct {
	in     *Input
	report *reporter
	store  *store
	config *Config
	byName map[string]*Worker       // nil for a worker that cannot be made; that is reported once
	plain  *Extensions              // of all rules without extensions
	reads  map[Type]map[string]bool // which properties were asked for; a test compares them with the table

	unreadable bool // the workers file cannot be read: findings about workers would only follow from that
}

// Load interprets the input. Whatever is wrong with it is in the findings; the configuration is nil if they have failed.
func Load(in *Input) (*Config, Diagnostics) {
	return newLoader(in).load()
}

func newLoader(in *Input) *loader {
	report := &reporter{}
	lookupEnv := in.LookupEnv
	if lookupEnv == nil {
		lookupEnv = os.LookupEnv
	}
	return &loader{
		in: in, report: report, store: newStore(lookupEnv, report),
		config: &Config{
			ServerRoot: in.ServerRoot, HTTPDVersion: in.HTTPDVersion, ModuleVersion: in.ModuleVersion,
			Threads: max(in.Threads, 1),
		},
		byName: map[string]*Worker{},
		plain:  new(NoExtensions()),
		reads:  map[Type]map[string]bool{},
	}
}

func (l *loader) load() (*Config, Diagnostics) {
	l.properties()
	if !l.unreadable {
		l.store.resolveReferences()
		l.workers()
	}
	l.servers()
	found := l.report.result()
	if found.Failed() {
		return nil, found
	}
	return l.config, found
}

// properties reads JkWorkerProperty lines, then ServerRoot, then the workers file.
func (l *loader) properties() {
	for i := range l.in.Directives {
		if d := &l.in.Directives[i]; strings.EqualFold(d.Name, "JkWorkerProperty") && d.Server == 0 {
			l.store.readDirective(strings.Join(d.Args, " "), position{d.File, d.Line})
		}
	}
	l.store.add(&setting{name: "ServerRoot", origin: "ServerRoot", value: l.in.ServerRoot})
	for i := range l.in.Files {
		f := &l.in.Files[i]
		if !strings.EqualFold(f.Directive, "JkWorkersFile") {
			continue
		}
		if f.Errno != 0 {
			l.reportUnreadable(f)
			l.unreadable = true
			return
		}
		l.store.readText(f.Path, f.Content)
	}
}
