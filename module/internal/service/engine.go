// Licensed under the Apache License, Version 2.0; see LICENSE.

// Package service carries requests out: from the mapped worker to the last byte of the response. engine.go is what the library's exports
// call, exchange.go one request, attempt.go its attempts on one worker, retry.go the question whether an attempt may be repeated, forward.go the
// forwarded URI, maintain.go the upkeep beside the requests.
package service

import (
	"cmp"
	"runtime"
	"sync"
	"time"
	"unsafe"

	"mod_gojk/ajp"
	"mod_gojk/balancer"
	"mod_gojk/module/internal/config"
	"mod_gojk/module/internal/jklog"
	"mod_gojk/module/internal/registry"
	"mod_gojk/module/internal/requestlog"
	"mod_gojk/module/internal/statusworker"
	"mod_gojk/module/internal/urimap"
)

// Engine is the library at work in one child. Safe for concurrent use.
type Engine struct {
	host     Host
	registry *registry.Registry

	// exchanges keeps the memory of requests for the next ones. A sync.Pool: it has one list for each P, so taking from it is neither a lock nor
	// an allocation, except after a collection has emptied it.
	exchanges sync.Pool

	servers []ServerView // the shim's memory

	stale chan struct{} // a request has seen that the configuration is not the one in force any more
	stop  chan struct{} // closed to end maintenance
	done  chan struct{} // closed when it has ended
}

// Check validates the configuration in a new generation's mapping and formats the mapping, carrying over what previous (nil: none) knew.
// Findings go to the host's error log. Reports whether httpd may use it. In the checker process.
func Check(host Host, mapping, previous []byte) bool {
	var before unsafe.Pointer
	if previous != nil {
		before = unsafe.Pointer(unsafe.SliceData(previous))
	}
	return registry.Format(host, unsafe.Pointer(unsafe.SliceData(mapping)), before)
}

// Reload puts a new text of the workers file into force in a generation that runs. Findings go to the host's error log. Reports whether it is in
// force. In the checker process.
func Reload(host Host, mapping []byte, workers string) bool {
	return registry.Reload(host, unsafe.Pointer(unsafe.SliceData(mapping)), workers)
}

// Start starts the library in a child on a formatted mapping. servers is what the shim is to know of each server; it stays in use, and later only
// Mounted is written.
func Start(host Host, mapping []byte, servers []ServerView) (*Engine, error) {
	r, err := registry.Open(host, unsafe.Pointer(unsafe.SliceData(mapping)))
	if err != nil {
		return nil, err
	}
	e := &Engine{host: host, registry: r, stale: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{})}
	e.exchanges.New = newExchange
	e.exchanges.Put(newExchange()) // the pool makes its lists under a lock, which the first requests need not wait for
	s := r.Current()
	e.servers = servers[:min(len(servers), len(s.Servers))]
	for i := range e.servers {
		e.servers[i] = viewOf(s.Servers[i], host)
	}
	s.Servers[0].Log.Log(jklog.Info, jklog.PhaseChildInit, "GOJK0020", "%s initialized (%s, %d workers, %d threads)", s.Config.ModuleVersion, s.Config.HTTPDVersion, len(s.Workers), s.Config.Threads)
	statusworker.LogWarnings(s, s.Servers[0].Log)
	go e.maintain()
	return e, nil
}

// viewOf says what the shim is to know of a server.
func viewOf(s *registry.Server, host Host) ServerView {
	v := ServerView{
		Mounted:            mounted(s),
		ForwardDirectories: flag(s.Options.Has(config.OptForwardDirectories)),
		RequestLog:         flag(s.RequestLog != nil),
		EnvVars:            flag(len(s.EnvVars) > 0),
		WorkerVariable:     keep(host, s.Variables[config.VariableWorker]),
	}
	if s.AutoAlias != "" {
		v.AutoAlias = keep(host, s.AutoAlias)
	}
	if s.StripSession != "" {
		v.StripSession = keep(host, s.StripSession)
	}
	return v
}

// keep copies a string into memory of the shim's, as a C string.
func keep(host Host, text string) string {
	room := unsafe.Slice((*byte)(host.Alloc(uintptr(len(text)+1))), len(text)+1)
	copy(room, text)
	return unsafe.String(&room[0], len(text))
}

// mounted is not 0 if requests to the server must be mapped.
func mounted(s *registry.Server) uint32 {
	return flag(!s.Map.Empty() || s.AutoAlias != "")
}

// flag is how C has a bool.
func flag(set bool) uint32 {
	if set {
		return 1
	}
	return 0
}

// Host returns what Start was given.
func (e *Engine) Host() Host { return e.host }

// Stop ends maintenance, closes idle connections and gives back what this child has counted. Returns after deadline at the latest.
func (e *Engine) Stop(deadline time.Duration) {
	close(e.stop)
	select {
	case <-e.done:
	case <-time.After(deadline):
	}
	e.registry.Close()
}

// Map decides which worker a URI belongs to and fills the answer into the query.
func (e *Engine) Map(q *MapQuery) Verdict {
	e.noticeReload()
	s := e.registry.Current()
	server := s.Server(q.Server)
	if server == nil {
		return MapMiss
	}
	normalised := unsafe.Slice(q.Normalised, len(q.URI)+1)
	rule, n, v := server.Map.MatchEscaped(normalised, q.URI, q.escaped(server.Options))
	if v.BadURI() {
		logBadURI(server, q.URI, v)
		return MapBadURI
	}
	if v == urimap.Unsafe {
		logUnmapped(server, q.URI, v)
		return MapForbidden
	}
	if rule < 0 {
		logUnmapped(server, q.URI, v)
		q.logMissed(server)
		normalised[n] = 0
		if q.MayAlias == 0 || server.AutoAlias == "" {
			return MapMiss
		}
		return autoAlias(server.AutoAlias, string(normalised[:n]))
	}
	if q.AsFile == 0 && server.Options.Has(config.OptForwardURICompatUnparsed) && !urimap.ReadAlike(q.URI, q.Target, normalised[:n]) {
		logAmbiguous(server, q.Target)
		return MapBadURI
	}
	normalised[n] = 0
	q.logMapped(server, rule)
	q.Epoch, q.Rule = s.Epoch, uint32(rule)
	q.Worker = server.Targets[rule]
	c := copy(q.WorkerName[:NameMax], server.Rules[rule].Worker)
	q.WorkerName[c] = 0
	return MapHit
}

// escaped returns which ';' of the URI are letters.
func (q *MapQuery) escaped(o config.Options) []int {
	if q.AsFile != 0 {
		return urimap.Letters(q.URI)
	}
	return escapedIn(q.URI, q.Target, o)
}

// noticeReload wakes maintenance if another configuration has come into force. One atomic load, and nearly always nothing else; the channel has room
// for one and is never waited for.
func (e *Engine) noticeReload() {
	if !e.registry.Stale() {
		return
	}
	select {
	case e.stale <- struct{}{}:
	default:
	}
}

// LogRequest writes the line of JkRequestLogFormat.
func (e *Engine) LogRequest(entry *requestlog.Entry) {
	server := e.registry.Current().Server(entry.Server)
	if server == nil || server.RequestLog == nil {
		return
	}
	var room [jklog.LineMax + 256]byte
	server.Log.Raw(server.RequestLog.Append(room[:0], entry))
}

// Serve carries one request out. Returns Done, ClientGone, Broken or the HTTP status that httpd answers.
func (e *Engine) Serve(r *Request) int {
	began := time.Now()
	x := e.exchanges.Get().(*exchange)
	x.host, x.request, x.snapshot = e.host, r, e.registry.At(r.Epoch, r.Worker != NoWorker)
	status := x.serve()
	if x.target != nil { // nobody was asked otherwise, as in mod_jk
		r.Served.noteDuration(time.Since(began))
	}
	x.clear() // not reached in a panic: then x is not used again
	e.exchanges.Put(x)
	return status
}

// AfterPanic returns what Serve would have for a request whose serving panicked.
func (e *Engine) AfterPanic(r *Request) int {
	if r.Responded() {
		return Broken
	}
	return 500
}

// noExtensions is the rule of a request that came by name.
var noExtensions = config.NoExtensions()

// serve finds the worker and lets it work.
func (x *exchange) serve() int {
	x.server = x.snapshot.Server(x.request.Server)
	if x.server == nil {
		return 500
	}
	x.rule = &noExtensions
	x.env.read(x.request, x.server)
	if x.target = x.findTarget(); x.target == nil {
		x.log(jklog.Error, "GOJK3030", "Could not find a worker for worker name=%s", x.request.WorkerName)
		return 500
	}
	x.request.Served.noteType(x.target.Type)
	x.logService()
	switch x.target.Type {
	case config.TypeLB:
		return x.serveBalanced()
	case config.TypeStatus:
		return x.serveStatus()
	}
	return x.serveDirect()
}

// findTarget returns the mapped worker and notes its rule: by index if the request was mapped under the configuration in force, otherwise by name.
func (x *exchange) findTarget() *registry.Worker {
	r := x.request
	if r.Worker != NoWorker && r.Epoch == x.snapshot.Epoch {
		if int(r.Rule) < len(x.server.Rules) {
			x.rule = x.server.Rules[r.Rule].Extensions
			x.query.Activations = x.server.Activations[r.Rule]
		}
		return x.snapshot.Worker(r.Worker)
	}
	return x.findNamed()
}

// findNamed looks a worker up that was given by name, with or without rule extensions (JK_WORKER_NAME). Off the hot path: it allocates.
func (x *exchange) findNamed() *registry.Worker {
	name, extensions, _ := config.ParseTarget(x.request.WorkerName)
	x.rule = &extensions
	w := x.snapshot.Listed(name)
	if w != nil {
		x.query.Activations = w.Overridden(&extensions)
	}
	return w
}

// serveDirect serves with an ajp13 worker that no balancer stands before.
func (x *exchange) serveDirect() int {
	if status := x.prepare(); status != 0 {
		return status
	}
	x.request.Served.noteRoute(x.env.Route)
	out := x.serveOn(x.target, balancer.Active.String())
	if out.Kind == balancer.NoSlot {
		x.log(jklog.Error, "GOJK3031", "Could not get endpoint for worker=%s", x.target.Name)
	}
	return x.finish(out.Kind, out.Status)
}

// serveBalanced serves with a balancer.
func (x *exchange) serveBalanced() int {
	if status := x.prepare(); status != 0 {
		return status
	}
	x.prepareQuery()
	result := x.target.Balancer.Serve(&x.query, x)
	x.request.Served.noteRoute(cmp.Or(result.Route, x.env.Route))
	x.request.Served.noteMembers(x.target.Members, &result)
	if x.replaced != 0 { // to the balancer that is a success
		return x.finish(result.Kind, x.replaced)
	}
	return x.finish(result.Kind, result.Status)
}

// finish logs how a request ended that did not succeed, and returns its status.
func (x *exchange) finish(kind balancer.OutcomeKind, status int) int {
	switch kind {
	case balancer.Success:
		x.logDone(status)
	case balancer.ClientError:
		x.logAborting()
	default:
		x.log(jklog.Info, "GOJK3033", "Service error=%d for worker=%s", x.returnCode(kind, x.target.Type == config.TypeLB), x.target.Name)
	}
	return status
}

// prepareQuery says what the balancer needs to know of the request: its session, and what the rule and the environment want.
func (x *exchange) prepareQuery() {
	r, q := x.request, &x.query
	q.Route = x.env.Route
	q.IgnoreSticky = x.env.IgnoreSticky.over(x.rule.StickyIgnore)
	q.Stateless = x.env.Stateless.over(x.rule.Stateless)
	q.Logger = x
	if q.IgnoreSticky || !x.target.Balancer.Sticky() {
		return
	}
	path, cookie := x.sessionNames()
	if q.Sessions.FromPath(x.forward.URI, path) {
		return
	}
	for i := range r.Headers {
		if equalFold(r.Headers[i].Name, "Cookie") {
			q.Sessions.FromCookie(r.Headers[i].Value, cookie)
		}
	}
}

// sessionNames returns the names of the session's path parameter and cookie: the rule's, or the balancer's. Only with a balancer.
func (x *exchange) sessionNames() (path, cookie string) {
	path, cookie = x.target.LB.SessionPath, x.target.LB.SessionCookie
	if x.rule.SessionPath != "" {
		path = x.rule.SessionPath
	}
	if x.rule.SessionCookie != "" {
		cookie = x.rule.SessionCookie
	}
	return path, cookie
}

// serveStatus serves with the status worker.
func (x *exchange) serveStatus() int {
	r, e := x.request, &x.env
	page := statusworker.Request{
		Worker: x.target, Snapshot: x.snapshot, Log: x.server.Log, Now: time.Now(),
		Method: r.Method, Path: r.URI, Query: r.Query, User: e.RemoteUser, AuthType: e.AuthType,
		RemoteAddr: e.RemoteAddr, RemoteHost: e.RemoteHost, RequestID: e.RequestID,
		ServerName: e.ServerName, ServerPort: e.ServerPort, Headers: r.Headers, HeadOnly: r.Flags.Has(HeadOnly),
		ReadBody: func(p []byte) (int, error) { return x.host.ReadBody(r, p, true) },
	}
	answer, err := statusworker.Serve(&page)
	if err != nil {
		return 400
	}
	return x.respondFromHeap(answer)
}

// respondFromHeap hands a response over that was made in Go's memory, pinned for the call.
func (x *exchange) respondFromHeap(a *statusworker.Response) int {
	var pin runtime.Pinner
	defer pin.Unpin()
	p := &ajp.Response{Status: uint32(a.Status), Headers: a.Headers, Body: []string{a.Body}, Flags: ajp.FlagHead | ajp.FlagEnd}
	pin.Pin(p)
	pinHeaders(&pin, p.Headers)
	pin.Pin(unsafe.SliceData(p.Body))
	pinString(&pin, a.Body)
	err := x.host.Respond(x.request, p)
	x.request.Flags |= responded
	if err != nil {
		return ClientGone
	}
	return Done
}

func pinHeaders(pin *runtime.Pinner, headers []ajp.Header) {
	pin.Pin(unsafe.SliceData(headers))
	for _, h := range headers {
		pinString(pin, h.Name)
		pinString(pin, h.Value)
	}
}

func pinString(pin *runtime.Pinner, s string) {
	if s != "" {
		pin.Pin(unsafe.StringData(s))
	}
}

// Enabled implements balancer.Logger.
func (x *exchange) Enabled(l balancer.Level) bool { return x.server.Log.Enabled(logLevel(l)) }

// Log implements balancer.Logger.
func (x *exchange) Log(l balancer.Level, id, format string, args ...any) {
	x.server.Log.LogDepth(2, logLevel(l), x.env.RequestID, id, format, args...)
}

// logLevel puts a balancer's level into the log's.
func logLevel(l balancer.Level) jklog.Level { return jklog.Debug + jklog.Level(l) }
