// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"mod_gojk/module/internal/jklog"
)

// mountCopy is what JkMountCopy says.
type mountCopy uint8

const (
	copyUnset mountCopy = 0
	copyOff   mountCopy = 1
	copyOn    mountCopy = 2
	copyAll   mountCopy = 3
)

// serverConfig is what the directives of one server say, before anything is merged.
type serverConfig struct {
	level     *jklog.Level
	stamp     *string
	mountCopy mountCopy
	mounts    mountList
	options   optionSet
}

// servers interprets the directives and merges each virtual host with the main server.
func (l *loader) servers() {
	raw := make([]serverConfig, len(l.in.Servers))
	for i := range l.in.Directives {
		d := &l.in.Directives[i]
		l.directive(&raw[d.Server], d)
	}
	for i := range l.in.Servers {
		in, own, main := &l.in.Servers[i], &raw[i], &raw[0]
		s := &Server{Index: i, Name: in.Name, LogFD: in.LogFD, LogLevel: jklog.Info, Stamp: jklog.DefaultStamp}
		for _, c := range []*serverConfig{main, own} {
			if c.level != nil {
				s.LogLevel = *c.level
			}
			if c.stamp != nil {
				s.Stamp = *c.stamp
			}
		}
		s.Options = main.options.over(defaultOptions)
		if i > 0 {
			s.Options = own.options.over(s.Options)
		}
		l.config.Servers = append(l.config.Servers, s)
	}
	l.rules(raw)
}

// directive interprets one directive.
func (l *loader) directive(c *serverConfig, d *DirectiveInput) {
	at := position{d.File, d.Line}
	row := findDirective(d.Name)
	switch {
	case row == nil:
		l.report.add(idNotDirective, at, quote(d.Name)+" is not a directive of mod_gojk", "those of docs/directives.md", "httpd does not start")
		return
	case !row.Interpreted:
		return
	case row.Context == contextMain && d.Server != 0:
		l.report.add(idMainOnly, at, row.Name+" cannot occur within a VirtualHost", "the main server", "httpd does not start")
		return
	}
	want := 1
	if row.Context == contextSection {
		want = 2
	}
	if len(d.Args) != want {
		l.report.add(idDirectiveArgs, at, fmt.Sprintf("%s has %d arguments", row.Name, len(d.Args)), strconv.Itoa(want), "httpd does not start")
		return
	}
	l.interpret(c, row.Name, d, at)
}

// interpret gives a directive, known to be well-formed, its meaning.
func (l *loader) interpret(c *serverConfig, name string, d *DirectiveInput, at position) {
	switch name {
	case "JkMount":
		l.mount(&c.mounts, d.Args[0], d.Args[1], false, at)
	case "JkUnMount":
		l.mount(&c.mounts, d.Args[0], d.Args[1], true, at)
	case "JkMountCopy":
		c.mountCopy = l.mountCopy(d, at)
	case "JkLogLevel":
		level := l.logLevel(d.Args[0], at)
		c.level = &level
	case "JkLogStampFormat":
		c.stamp = &d.Args[0]
		for _, problem := range jklog.CompileStamp(d.Args[0]).Problems() {
			l.report.add(idStampFormat, at, "JkLogStampFormat: "+problem, "the conversions of strftime, and %Q or %q", "the rest is used")
		}
	case "JkOptions":
		l.option(&c.options, d.Args[0], at)
	case "JkWatchdogInterval":
		l.config.WatchdogInterval = l.watchdog(d.Args[0], at)
	case "JkShmSize":
		l.report.add(idShmSize, at, "JkShmSize is not needed", "", "it is ignored: the shared memory is always large enough")
	}
}

func (l *loader) mountCopy(d *DirectiveInput, at position) mountCopy {
	switch {
	case strings.EqualFold(d.Args[0], "On"):
		return copyOn
	case strings.EqualFold(d.Args[0], "Off"):
		return copyOff
	case !strings.EqualFold(d.Args[0], "All"):
		l.report.add(idMountCopy, at, "JkMountCopy "+quote(d.Args[0])+" is unknown", "On, Off, and in the main server All", "httpd does not start")
	case d.Server != 0:
		l.report.add(idMainOnly, at, "JkMountCopy All cannot occur within a VirtualHost", "On or Off, or All in the main server", "httpd does not start")
	}
	return copyAll
}

func (l *loader) logLevel(word string, at position) jklog.Level {
	level, ok := jklog.ParseLevel(word)
	if !ok {
		l.report.add(idLogLevel, at, "JkLogLevel "+quote(word)+" is unknown", "trace, debug, info, warn, error, emerg", "info is used")
	}
	return level
}

// watchdog reads seconds as C's atoi would, but says so when that is not what is written.
func (l *loader) watchdog(text string, at position) time.Duration {
	n, err := strconv.Atoi(text)
	if err == nil && n >= 0 && n <= maxInteger {
		return time.Duration(n) * time.Second
	}
	l.report.add(idOutOfRange, at, "JkWatchdogInterval "+quote(text)+" is not a number of seconds", "an integer of at least 0", "0 is used")
	return 0
}
