// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"mod_gojk/balancer"
	"mod_gojk/module/internal/jklog"
	"mod_gojk/module/internal/registry"
	"mod_gojk/module/internal/urimap"
)

// tick is how often a child looks whether maintenance is due, unless JkWatchdogInterval says otherwise. Looking costs one atomic load a worker;
// the work itself is done every worker.maintain seconds.
const tick = time.Second

// maintain runs until Stop: the library's only goroutine beside the requests.
func (e *Engine) maintain() {
	defer close(e.done)
	ticker := time.NewTicker(e.interval())
	defer ticker.Stop()
	for {
		select {
		case <-e.stop:
			return
		case <-e.stale:
			e.guarded(e.refresh)
		case now := <-ticker.C:
			e.guarded(func() { e.maintainOnce(now) })
		}
	}
}

// interval is the time between two looks. Mount files ask for a short one: JkMountFileReload is in seconds.
func (e *Engine) interval() time.Duration {
	c := e.registry.Current().Config
	if c.WatchdogInterval > 0 && len(c.MountFiles) == 0 {
		return c.WatchdogInterval
	}
	return tick
}

// guarded does something that may panic: that costs this run, not the child.
func (e *Engine) guarded(do func()) {
	defer func() {
		if p := recover(); p != nil {
			e.host.ErrorLog(jklog.Error, fmt.Sprintf("panic in maintenance: %v; please report it with the stack that follows id=GOJK0011\n%s", p, debug.Stack()))
		}
	}()
	do()
}

// maintainOnce does what is due.
func (e *Engine) maintainOnce(now time.Time) {
	e.registry.LookAtMountFiles(now)
	e.refresh()
	e.registry.Maintain(now, maintenanceLog{e.registry.Current().Servers[0].Log})
}

// refresh brings the configuration in force to work, if it is not yet, and tells the shim which servers have mounts now.
func (e *Engine) refresh() {
	s := e.registry.Refresh()
	if s == nil {
		return
	}
	for i := range e.servers {
		atomic.StoreUint32(&e.servers[i].Mounted, mounted(s.Servers[i]))
	}
}

// maintenanceLog is the balancer.Logger of lines that belong to no request.
type maintenanceLog struct{ log *jklog.Logger }

// Enabled implements balancer.Logger.
func (m maintenanceLog) Enabled(l balancer.Level) bool { return m.log.Enabled(logLevel(l)) }

// Log implements balancer.Logger.
func (m maintenanceLog) Log(l balancer.Level, id, format string, args ...any) {
	m.log.LogDepth(2, logLevel(l), jklog.PhaseWatchdog, id, format, args...)
}

// logBadURI says why a URI is answered with 400.
func logBadURI(s *registry.Server, uri string, v urimap.Verdict) {
	if v == urimap.AboveRoot {
		s.Log.Log(jklog.Emerg, jklog.PhaseTranslate, "GOJK3040", "URI '%s' contains a '/../' sequence that tries to escape above the root", masked(uri))
		return
	}
	s.Log.Log(jklog.Warn, jklog.PhaseTranslate, "GOJK3041", "Uri [%s] does not start with '/'", masked(uri))
}

// logAmbiguous says why a URI that is forwarded unparsed is answered with 400.
func logAmbiguous(s *registry.Server, target string) {
	s.Log.Log(jklog.Info, jklog.PhaseTranslate, "GOJK3044", "Request target '%s' means another path to the container than to httpd (ForwardURICompatUnparsed): refused", masked(target))
}

// logUnmapped says why a URI that might have been mapped is not.
func logUnmapped(s *registry.Server, uri string, v urimap.Verdict) {
	switch v {
	case urimap.Unsafe:
		s.Log.Log(jklog.Info, jklog.PhaseTranslate, "GOJK3042", "Potentially unsafe request url '%s' rejected", masked(uri))
	case urimap.TooLong:
		s.Log.Log(jklog.Warn, jklog.PhaseTranslate, "GOJK3043", "URI of %d bytes is too long to be mapped (at most %d)", len(uri), urimap.MaxPath)
	}
}
