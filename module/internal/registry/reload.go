// Licensed under the Apache License, Version 2.0; see LICENSE.

package registry

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"
	"unsafe"

	"mod_gojk/balancer/shm"
	"mod_gojk/module/internal/config"
	"mod_gojk/module/internal/jklog"
)

// This file puts a changed configuration file into force while httpd runs. The text of all files is in the shared mapping; a process that
// finds another text in a file makes a new configuration of it, validates that as a start would, and publishes it under the next epoch; then each
// child makes a snapshot of it (Registry.Refresh). The parent looks at the workers file, which may be readable by root only, and has a checker
// process do the rest; mount files are looked at by the children, as in mod_jk, by one of them per interval.
//
// A text is refused if it would make something fail that works now (config.Diagnostics.BlocksReload): nothing changes then, the log says why, once,
// and the status page for as long as the file stays as it is.

const (
	// fileMax is how large a file may be, in bytes: what the shim accepts at a start.
	fileMax = shm.ConfigSlot / 2
	// settled is how old a file must be before it is read: somebody may still be writing it.
	settled = time.Second
	// slowReload is how long the lookups of a reload may take together.
	slowReload = 5 * time.Second
)

// Reload puts a new text of JkWorkersFile into force. Reports whether it is in force. In the checker process.
func Reload(host Host, mapping unsafe.Pointer, text string) bool {
	m := shm.New(mapping)
	if err := m.Check(); err != nil {
		host.ErrorLog(jklog.Error, fmt.Sprintf("%v id=GOJK0014", err))
		return false
	}
	in, _, err := decode(m)
	if err != nil {
		host.ErrorLog(jklog.Error, fmt.Sprintf("%v id=GOJK0014", err))
		return false
	}
	for i := range in.Files {
		if f := &in.Files[i]; f.Directive == "JkWorkersFile" {
			p := publisher{host: host, mapping: m, path: f.Path, file: i, now: time.Now()}
			return p.publish(text)
		}
	}
	return false
}

// publisher puts one text of a file into force.
type publisher struct {
	host    Host
	mapping *shm.Mapping
	path    string
	file    int // in config.Input.Files, the first of this path
	now     time.Time
}

// publish does it, unless the text is refused. Reports whether it is in force.
func (p *publisher) publish(text string) bool {
	for {
		in, epoch, err := decode(p.mapping)
		if err != nil {
			return p.refuse(text, epoch, err.Error())
		}
		record := p.mapping.File(p.file)
		if f := &in.Files[p.file]; f.Content == text && f.Errno == 0 {
			record.Accept(p.now, false)
			return true
		}
		if record.WasRefused(text, epoch) {
			return false
		}
		next := p.with(in, text)
		blob := next.Append(nil)
		if err := shm.FitsConfig(blob); err != nil {
			return p.refuse(text, epoch, err.Error())
		}
		c, err := p.prepare(in, next)
		if err == nil {
			_, err = p.mapping.PublishConfig(epoch, blob)
		}
		if errors.Is(err, shm.ErrMoved) {
			continue
		}
		if err != nil {
			return p.refuse(text, epoch, err.Error())
		}
		record.Accept(p.now, true)
		p.say(c)
		return true
	}
}

// with returns the input with the new text, wherever that file is named.
func (p *publisher) with(in *config.Input, text string) *config.Input {
	next := in
	for i := range in.Files {
		if in.Files[i].Path == p.path {
			next = next.WithFile(i, text)
		}
	}
	return next
}

// prepare validates a configuration and makes the shared records ready for it, unless there is no room for them: children see that before they see the
// configuration. An error is what is wrong with it, for people.
func (p *publisher) prepare(in, next *config.Input) (*config.Config, error) {
	before, known := config.Load(in)
	c, findings := config.Load(next)
	if blocks := findings.BlocksReload(known); c == nil || before == nil || len(blocks) > 0 {
		for i := range blocks {
			blocks[i].Severity = config.Failure
		}
		report(p.host, blocks)
		return nil, because(blocks)
	}
	report(p.host, findings.New(known))
	names := &lookups{host: p.host, limit: slowReload}
	moved := func(w *config.Worker) bool { return hasMoved(before.Worker(w.Name), w) }
	balancers, err := formatWorkers(p.host, names, p.mapping, nil, c, moved)
	if err != nil {
		return nil, err
	}
	recoverMoved(balancers, moved)
	return c, stopUnreachable(p.mapping, balancers)
}

// because is what is wrong first, for people.
func because(blocks config.Diagnostics) error {
	if len(blocks) == 0 {
		return errors.New("the configuration in force could not be read")
	}
	return errors.New(blocks[0].String())
}

// RefusedFile is a configuration file whose present text is not in force.
type RefusedFile struct {
	Path string
	Time time.Time // when it was refused
	Why  string    // it was, perhaps cut off
}

// RefusedFiles returns those that are refused now.
func (s *Snapshot) RefusedFiles() (list []RefusedFile) {
	for i, path := range s.files {
		record := s.mapping.File(i)
		if record == nil {
			break
		}
		if state := record.State(); !state.Refused.IsZero() {
			list = append(list, RefusedFile{Path: path, Time: state.Refused, Why: state.Why})
		}
	}
	return list
}

// hasMoved reports whether the address of a worker is to be looked up: it is new, or the configuration puts it elsewhere.
func hasMoved(before, now *config.Worker) bool {
	if before == nil || before.AJP == nil {
		return true
	}
	a, b := before.AJP, now.AJP
	return a.Host != b.Host || a.Port != b.Port || a.Socket != b.Socket || a.PreferIPv6 != b.PreferIPv6
}

// refuse notes and says that a text is not put into force. Returns false.
func (p *publisher) refuse(text string, epoch uint64, why string) bool {
	p.mapping.File(p.file).Refuse(text, epoch, p.now, why)
	p.host.ErrorLog(jklog.Error, fmt.Sprintf("%s has changed but is not put into force: %s; what was in force before stays until the file is mended id=GOJK2021", p.path, why))
	return false
}

// say logs that a text is in force.
func (p *publisher) say(c *config.Config) {
	log, server := openLog(c.Servers[0], p.host), 0
	for _, f := range c.MountFiles {
		if f.File == p.file {
			log, server = openLog(c.Servers[f.Server], p.host), f.Server
			log.Log(jklog.Info, jklog.PhaseWatchdog, "GOJK2016", "Reloaded urimaps from %s (%d rules of server %d)", p.path, len(c.Servers[server].Rules), server)
			return
		}
	}
	log.Log(jklog.Info, jklog.PhaseWatchdog, "GOJK2017", "Reloaded workers from %s (%d workers)", p.path, len(c.Workers))
}

// LookAtMountFiles reads the mount files whose time it is, in one child for all, and puts those that have changed into force. From the maintenance
// goroutine, before Refresh.
func (r *Registry) LookAtMountFiles(now time.Time) {
	for _, f := range r.Current().mountFiles {
		if record := r.mapping.File(f.File); record != nil && record.Elect(now, f.Reload) {
			r.lookAtMountFile(f, record, now)
		}
	}
}

// lookAtMountFile puts a mount file into force if it has changed.
func (r *Registry) lookAtMountFile(f *config.MountFile, record *shm.File, now time.Time) {
	p := publisher{host: r.host, mapping: r.mapping, path: f.Path, file: f.File, now: now}
	text, err := readSettled(f.Path, now)
	if errors.Is(err, errUnsettled) {
		record.Again()
		return
	}
	if err == nil {
		p.publish(text)
		return
	}
	why := fmt.Sprintf("Unable to stat the file or to read it (%v; httpd's children, uid %d, need to)", err, syscall.Geteuid())
	if epoch := r.mapping.Epoch(); !record.WasRefused(why, epoch) {
		p.refuse(why, epoch, why)
	}
}

// errUnsettled says that a file has changed this very moment.
var errUnsettled = errors.New("registry: the file may still be written")

// readSettled reads a file that nobody is writing any more, as far as its time of change tells.
func readSettled(path string, now time.Time) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if age := now.Sub(info.ModTime()); age >= 0 && age < settled {
		return "", errUnsettled
	}
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, fileMax+1))
	if err == nil && len(text) > fileMax {
		err = fmt.Errorf("%s has more than %d bytes", path, fileMax)
	}
	return string(text), err
}
