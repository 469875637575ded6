// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// junk are values that hardly anybody means. None of them is another spelling of a default.
var junk = []string{"?", "h:x", "x", "zz", "-5", "3", "7x", "1.5", "maybe", "99999999999", "=", "1;2", strings.Repeat("q", 64), "/" + strings.Repeat("q", 200)}

// TestFallback_IsWarnedOf: whatever is written for whichever property either has an effect, or a finding says with file and line that it has none.
// This is the promise that no value silently becomes a default.
func TestFallback_IsWarnedOf(t *testing.T) {
	warned := map[Kind]int{} // how often a value of that kind fell back
	for i := range Properties {
		p := &Properties[i]
		for _, kind := range []Types{OnGlobal, OnAJP, OnLB, OnStatus} {
			if p.Types&kind == 0 {
				continue
			}
			for _, name := range append([]string{p.Name}, p.Aliases...) {
				for _, value := range junk {
					t.Run(fmt.Sprintf("%s %d %.10s", name, kind, value), func(t *testing.T) {
						requireWarning(t, p, kind, name+"="+value, warned)
					})
				}
			}
		}
	}
	for _, kind := range []Kind{KindText, KindName, KindInteger, KindBoolean, KindChoice, KindList, KindStatuses, KindIgnored, KindHost, KindPath} {
		require.NotZero(t, warned[kind], "kind %d: nothing fell back, so nothing was shown", kind)
	}
}

// requireWarning loads a property from the workers file and from a JkWorkerProperty.
func requireWarning(t *testing.T, p *Property, kind Types, line string, warned map[Kind]int) {
	t.Helper()
	text, prefix := "worker.list=w\nworker.w.type=ajp13\nworker.w.port=8009\n", "worker.w."
	switch {
	case kind == OnGlobal:
		prefix = "worker."
	case kind == OnLB:
		text = "worker.list=w\nworker.w.type=lb\nworker.m.port=8009\n"
		if p.Name != "balance_workers" {
			text += "worker.w.balance_workers=m\n"
		}
	case kind == OnStatus:
		text = "worker.list=w\nworker.w.type=status\n"
	}
	if p.Name == "port" || p.Name == "type" || p.Name == "list" { // the only line about it
		text = strings.Replace(text, prefix+p.Name+"=", "#", 1)
	}
	without, _ := Load(input(text))
	fromFile := input(text + "\n" + prefix + line + "\n")
	fromDirective := input(text, directive(0, 77, "JkWorkerProperty", prefix+line))
	for _, in := range []struct {
		*Input
		at position
	}{{fromFile, position{testFile, strings.Count(text, "\n") + 2}}, {fromDirective, position{"httpd.conf", 77}}} {
		with, found := Load(in.Input)
		if with != nil && without != nil && !sameSettings(with, without) {
			continue // it has an effect
		}
		warned[p.Kind]++
		require.True(t, slices.ContainsFunc(found, func(d Diagnostic) bool {
			return d.File == in.at.file && d.Line == in.at.line && (d.Severity > Notice || with == nil)
		}), "%s has no effect, and nothing says so at %v: %v", line, in.at, found)
	}
}

// sameSettings compares what two configurations make of workers and rules.
func sameSettings(a, b *Config) bool {
	if len(a.Workers) != len(b.Workers) || a.Maintain != b.Maintain || !reflect.DeepEqual(a.Servers, b.Servers) {
		return false
	}
	for i := range a.Workers {
		if !reflect.DeepEqual(a.Workers[i], b.Workers[i]) {
			return false
		}
	}
	return true
}

// TestFallback_Extensions is the same for rule extensions.
func TestFallback_Extensions(t *testing.T) {
	const text = "worker.list=w\nworker.w.type=lb\nworker.w.balance_workers=m\nworker.m.port=8009\n"
	fell := map[string]bool{}
	for _, name := range strings.Split(extensionNames(), ", ") {
		for _, value := range append(junk, "") {
			if strings.Contains(value, ";") || name == "reply_timeout" && value == "-5" {
				continue // two extensions; the documented way to say that the worker's own counts
			}
			t.Run(fmt.Sprintf("%s %.10s", name, value), func(t *testing.T) {
				c, found := Load(input(text, directive(0, 77, "JkMount", "/x", "w;"+name+"="+value)))
				require.NotNil(t, c)
				if fmt.Sprintf("%+v", *c.Servers[0].Rules[0].Extensions) != fmt.Sprintf("%+v", NoExtensions()) {
					return // it has an effect
				}
				fell[name] = true
				require.True(t, slices.ContainsFunc(found, func(d Diagnostic) bool {
					return d.File == "httpd.conf" && d.Line == 77 && d.Severity == Warning
				}), "%v", found)
			})
		}
		require.True(t, fell[name], "%s: nothing fell back, so nothing was shown", name)
	}
}
