// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"mod_gojk/module/internal/jklog"
	"mod_gojk/module/internal/requestlog"
)

// mountCopy is what JkMountCopy says.
type mountCopy uint8

const (
	copyUnset mountCopy = 0
	copyOff   mountCopy = 1
	copyOn    mountCopy = 2
	copyAll   mountCopy = 3
)

const (
	defaultReload  = 60 * time.Second // JkMountFileReload
	defaultSession = ";jsessionid"    // identifier of JkStripSession
)

// serverConfig is what the directives of one server say, before anything is merged. nil and "": nothing.
type serverConfig struct {
	level      *jklog.Level
	stamp      *string
	requestLog **requestlog.Format
	strip      *string
	reload     *time.Duration
	variables  [VariableCount]string
	envVars    []EnvVar
	options    optionSet

	// What reaches a virtual host by JkMountCopy.
	mountCopy  mountCopy
	mounts     mountList
	mountFile  *MountFile
	mountFiles int // JkMountFile directives
	autoAlias  string
}

// servers interprets the directives and merges each virtual host with the main server.
func (l *loader) servers() {
	raw := make([]serverConfig, len(l.in.Servers))
	for i := range l.in.Directives {
		d := &l.in.Directives[i]
		l.directive(&raw[d.Server], d)
	}
	for i := range l.in.Servers {
		l.config.Servers = append(l.config.Servers, l.server(i, &raw[i], &raw[0]))
	}
	l.rules(raw)
}

// server returns what is in force in a server, but for its rules: its own settings, else the main server's, else the defaults.
func (l *loader) server(i int, own, main *serverConfig) *Server {
	in := &l.in.Servers[i]
	s := &Server{
		Index: i, Name: in.Name, LogFD: in.LogFD,
		LogLevel:     or(own.level, main.level, jklog.Info),
		Stamp:        or(own.stamp, main.stamp, jklog.DefaultStamp),
		RequestLog:   or(own.requestLog, main.requestLog, nil),
		StripSession: or(own.strip, main.strip, ""),
		Options:      main.options.over(defaultOptions),
		EnvVars:      slices.Clone(own.envVars),
	}
	if own != main {
		s.Options = own.options.over(s.Options)
		s.EnvVars = addEnvVars(s.EnvVars, main.envVars)
	}
	for i, standard := range standardNames() {
		s.Variables[i] = cmp.Or(own.variables[i], main.variables[i], standard)
	}
	return s
}

// or returns the first of them that is set.
func or[T any](own, main *T, standard T) T {
	switch {
	case own != nil:
		return *own
	case main != nil:
		return *main
	}
	return standard
}

// putEnvVar adds a variable to a list. If it is there in another spelling, that stays, as in mod_jk; the default is the new one.
func putEnvVar(list []EnvVar, v EnvVar) []EnvVar {
	for i := range list {
		if strings.EqualFold(list[i].Name, v.Name) {
			list[i].Default = v.Default
			return list
		}
	}
	return append(list, v)
}

// addEnvVars adds those variables that the list does not have: a virtual host's own come first, as in mod_jk.
func addEnvVars(list, inherited []EnvVar) []EnvVar {
	for _, v := range inherited {
		if !slices.ContainsFunc(list, func(own EnvVar) bool { return strings.EqualFold(own.Name, v.Name) }) {
			list = append(list, v)
		}
	}
	return list
}

// directive interprets one directive.
func (l *loader) directive(c *serverConfig, d *DirectiveInput) {
	at := position{d.File, d.Line}
	row := findDirective(d.Name)
	switch {
	case row == nil:
		l.report.add(idNotDirective, at, quote(d.Name)+" is not a directive of mod_gojk", "those of docs/directives.md", "httpd does not start")
	case !row.Interpreted:
	case row.Context == contextMain && d.Server != 0:
		l.report.add(idMainOnly, at, row.Name+" cannot occur within a VirtualHost", "the main server", "httpd does not start")
	case len(d.Args) < row.Least || row.Most > 0 && len(d.Args) > row.Most:
		l.report.add(idDirectiveArgs, at, fmt.Sprintf("%s has %d arguments", row.Name, len(d.Args)), row.arguments(), "httpd does not start")
	case row.Group == groupIndicators:
		c.variables[row.variable] = d.Args[0]
	default:
		l.interpret(c, row.Name, d, at)
	}
}

// arguments says how many arguments a directive has.
func (d *Directive) arguments() string {
	switch {
	case d.Most == 0:
		return fmt.Sprintf("%d or more", d.Least)
	case d.Most > d.Least:
		return fmt.Sprintf("%d or %d", d.Least, d.Most)
	}
	return strconv.Itoa(d.Least)
}

// interpret gives a directive, known to be well-formed, its meaning.
func (l *loader) interpret(c *serverConfig, name string, d *DirectiveInput, at position) {
	arg := d.Args[0]
	switch name {
	case "JkMount":
		l.mount(&c.mounts, arg, d.Args[1], false, at)
	case "JkUnMount":
		l.mount(&c.mounts, arg, d.Args[1], true, at)
	case "JkMountCopy":
		if m := l.mountCopy(d, at); d.Server != 0 || m == copyAll { // On and Off mean nothing in the main server
			c.mountCopy = m
		}
	case "JkMountFile":
		l.namedAgain(c, at)
	case "JkMountFileReload":
		c.reload = new(l.seconds(name, arg, at))
	case "JkAutoAlias":
		c.autoAlias = l.autoAlias(arg, at)
	case "JkStripSession":
		c.strip = new(l.stripSession(d, at))
	case "JkLogLevel":
		c.level = new(l.logLevel(arg, at))
	case "JkLogStampFormat":
		c.stamp = new(l.stamp(arg, at))
	case "JkRequestLogFormat":
		c.requestLog = new(l.requestLog(arg, at))
	case "JkOptions":
		for _, word := range d.Args {
			l.option(&c.options, word, at)
		}
	case "JkExtractSSL":
		c.options.set(OptExtractSSL, 0, l.onOff(name, arg, at))
	case "JkEnvVar":
		c.envVars = putEnvVar(c.envVars, EnvVar{arg, strings.Join(d.Args[1:], "")})
	case "JkWatchdogInterval":
		l.config.WatchdogInterval = l.seconds(name, arg, at)
	case "JkShmSize":
		l.report.add(idShmSize, at, "JkShmSize is not needed", "", "it is ignored: the shared memory is always large enough")
	}
}

func (l *loader) mountCopy(d *DirectiveInput, at position) mountCopy {
	inMain := d.Server == 0
	switch arg := d.Args[0]; {
	case strings.EqualFold(arg, "On"):
		if inMain {
			l.report.add(idCopyInMain, at, "JkMountCopy On has no effect in the main server", "All in the main server, or On in each VirtualHost", "virtual hosts do not get the main server's mounts")
		}
		return copyOn
	case strings.EqualFold(arg, "Off"):
		return copyOff
	case !strings.EqualFold(arg, "All"):
		l.report.add(idMountCopy, at, "JkMountCopy "+quote(arg)+" is unknown", "On, Off, and in the main server All", "httpd does not start")
	case !inMain:
		l.report.add(idMainOnly, at, "JkMountCopy All cannot occur within a VirtualHost", "On or Off, or All in the main server", "httpd does not start")
	}
	return copyAll
}

// namedAgain reports a second JkMountFile of a server. The text of the file is among the files.
func (l *loader) namedAgain(c *serverConfig, at position) {
	c.mountFiles++
	if c.mountFiles > 1 {
		l.report.add(idFileAgain, at, "JkMountFile names another file than before", "one file for each server", "only this one is read")
	}
}

func (l *loader) autoAlias(path string, at position) string {
	if !strings.HasPrefix(path, "/") {
		l.report.add(idAutoAlias, at, "JkAutoAlias "+quote(path)+" is not an absolute path", "such as /var/lib/tomcat/webapps", "it is relative to whatever folder httpd was started in")
	}
	return path
}

// stripSession returns the identifier to strip, "" for none.
func (l *loader) stripSession(d *DirectiveInput, at position) string {
	switch {
	case !l.onOff("JkStripSession", d.Args[0], at):
		return ""
	case len(d.Args) > 1 && d.Args[1] != "":
		return d.Args[1]
	}
	return defaultSession
}

func (l *loader) onOff(name, arg string, at position) bool {
	on := strings.EqualFold(arg, "On")
	if !on && !strings.EqualFold(arg, "Off") {
		l.report.add(idOnOff, at, name+" "+quote(arg)+" is unknown", "On or Off", "httpd does not start")
	}
	return on
}

func (l *loader) logLevel(word string, at position) jklog.Level {
	level, ok := jklog.ParseLevel(word)
	if !ok {
		l.report.add(idLogLevel, at, "JkLogLevel "+quote(word)+" is unknown", "trace, debug, info, warn, error, emerg", "info is used")
	}
	return level
}

func (l *loader) stamp(format string, at position) string {
	for _, problem := range jklog.CompileStamp(format).Problems() {
		l.report.add(idStampFormat, at, "JkLogStampFormat: "+problem, "the conversions of strftime, and %Q or %q", "the rest is used")
	}
	return format
}

// requestLog compiles a JkRequestLogFormat; nil if it cannot be, as in mod_jk, which says less.
func (l *loader) requestLog(text string, at position) *requestlog.Format {
	format, err := requestlog.Compile(text)
	if unknown := (*requestlog.UnknownError)(nil); errors.As(err, &unknown) {
		l.report.add(idRequestLog, at, "JkRequestLogFormat: "+err.Error(), requestlog.Tokens, "there is no request log")
	}
	return format
}

// seconds reads a number as C's atoi does, but says so when that is not what is written.
func (l *loader) seconds(name, text string, at position) time.Duration {
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	n, err := strconv.ParseInt(text[:digits], 10, 32)
	if err != nil {
		n = 0
	}
	if err != nil || digits < len(text) {
		l.report.add(idOutOfRange, at, name+" "+quote(text)+" is not a number of seconds", "an integer of at least 0", fmt.Sprintf("%d is used", n))
	}
	return time.Duration(n) * time.Second
}
