// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"errors"
	"slices"
	"unsafe"

	"mod_gojk/ajp"
	"mod_gojk/balancer"
	"mod_gojk/balancer/shm"
	"mod_gojk/module/internal/config"
	"mod_gojk/module/internal/registry"
)

// The states of a worker's record that the service sets.
const (
	okState    = shm.WorkerOK
	errorState = shm.WorkerError
)

// The attributes that each request carries besides JkEnvVar (mod_jk-surface 2.4), in their order on the wire.
const (
	attrSSLProtocol = iota
	attrRemotePort
	attrLocalAddr
	attrActivation
	ownAttributes
)

// What stops an exchange whose response is dropped: for another member's by fail_on_status, for httpd's own page by use_server_errors.
var (
	errRefused  = errors.New("response status is in fail_on_status")
	errReplaced = errors.New("response is replaced by httpd's page")
)

// exchange is the memory that serving one request needs, reused from request to request. It is what package ajp sees as the host and what the
// balancer asks to make an attempt. One goroutine at a time.
type exchange struct {
	host     Host
	request  *Request
	snapshot *registry.Snapshot
	server   *registry.Server
	target   *registry.Worker // mapped worker: an ajp13 worker or a balancer
	worker   *registry.Worker // the ajp13 worker of the current attempt
	rule     *config.Extensions
	conn     *ajp.Conn // of the current attempt
	caller   ajp.Caller

	env     environment
	forward ajp.ForwardRequest
	options ajp.ExchangeOptions
	query   balancer.Query
	own     [ownAttributes]ajp.Header
	uri     []byte    // forwarded URI
	room    [160]byte // for uri, unless it is longer: each small object of its own costs a child a page for each P
	first   []byte    // beginning of the request body, kept for repeating

	cookie      []byte // set_session_cookie
	cookieRoute string // of the member that the response is to set a cookie for; "": none

	length   bodyLength
	bodyRead bool   // more of the body than first was read
	counted  bool   // the worker's record has counted the request
	unsent   bool   // the last failure was one of connecting or sending
	refused  int    // status that fail_on_status refused, negative for a soft one; 0: none
	status   uint32 // of the container's last response, for the log; 0: none
	replaced int    // status whose page httpd makes (use_server_errors); 0: none
}

func newExchange() any {
	x := new(exchange)
	x.uri = x.room[:0]
	return x
}

// prepare fills what is the same in every attempt. Returns 0 or the HTTP status that answers the request.
func (x *exchange) prepare() int {
	r := x.request
	if isHandshake(r) {
		return x.refuseHandshake()
	}
	x.uri = appendForwardURI(x.uri[:0], r, x.server.Options)
	if hasControl(x.uri) {
		return 400
	}
	x.prepareHead()
	x.prepareAttributes()
	return x.prepareBody()
}

// prepareHead fills the request line and the headers.
func (x *exchange) prepareHead() {
	r, e, f := x.request, &x.env, &x.forward
	f.Method, f.Protocol = r.Method, r.Protocol
	f.URI = unsafe.String(unsafe.SliceData(x.uri), len(x.uri))
	f.RemoteAddr, f.RemoteHost = e.RemoteAddr, e.RemoteHost
	f.ServerName, f.ServerPort = e.ServerName, uint16(e.ServerPort)
	f.Headers = r.Headers
	f.DropContentLength = r.Flags.Has(Chunked)
	f.ContentLengthZero = r.ContentLength < 0 && !r.Flags.Has(Chunked)
	f.HasQuery, f.Query = r.Flags.Has(HasQuery), r.Query
	f.RemoteUser, f.AuthType, f.Route = e.RemoteUser, e.AuthType, e.Route
}

// prepareAttributes fills what describes the client's connection.
func (x *exchange) prepareAttributes() {
	e, f := &x.env, &x.forward
	f.TLS = e.TLS
	f.SSLCert = e.SSLCert
	f.HasSSLCipher, f.SSLCipher = present(e.SSLCipher), e.SSLCipher
	f.HasSSLSession, f.SSLSession = present(e.SSLSession), e.SSLSession
	f.SSLKeySize = e.SSLKeySize
	x.own[attrSSLProtocol] = ajp.Header{Name: "AJP_SSL_PROTOCOL", Value: e.SSLProtocol}
	x.own[attrRemotePort] = ajp.Header{Name: "AJP_REMOTE_PORT", Value: e.RemotePort}
	x.own[attrLocalAddr] = ajp.Header{Name: "AJP_LOCAL_ADDR", Value: e.LocalAddr}
	x.own[attrActivation].Name = "JK_LB_ACTIVATION"
	f.Attributes = x.own[:]
	if e.SSLProtocol == "" {
		f.Attributes = x.own[attrRemotePort:]
	}
	f.MoreAttributes = e.Attributes
}

// prepareBody reads the first part of a body of known length. It is kept, so that the request can go to another container; and a client that
// fails here costs no container anything (CVE-2008-5519). Returns 0, or 400 if the client failed.
func (x *exchange) prepareBody() int {
	r, o := x.request, &x.options
	x.caller = ajp.Caller{Label: x.env.RequestID, Tap: x.tap()}
	x.bodyRead, x.unsent, x.replaced, x.status = false, false, 0, 0
	x.first = x.first[:0]
	*o = ajp.ExchangeOptions{
		BodyUnknown:  r.Flags.Has(Chunked),
		HeadOnly:     r.Flags.Has(HeadOnly),
		FlushPackets: x.server.Options.Has(config.OptFlushPackets),
		FlushHeader:  x.server.Options.Has(config.OptFlushHeader),
		DisableReuse: x.server.Options.Has(config.OptDisableReuse),
	}
	if r.ContentLength <= 0 {
		return 0
	}
	want := int(min(r.ContentLength, int64(x.target.FirstChunk)))
	x.first = slices.Grow(x.first, want)[:want]
	n, err := x.host.ReadBody(r, x.first, true)
	if err != nil || n < want {
		x.logClientRead(err)
		return 400
	}
	o.FirstChunk = x.first
	o.BodyRest = r.ContentLength - int64(want)
	return 0
}

// ReadBody implements ajp.Host.
func (x *exchange) ReadBody(p []byte, wait bool) (int, error) {
	x.bodyRead = true
	return x.host.ReadBody(x.request, p, wait)
}

// Respond implements ajp.Host: it looks at the head, then hands the part on.
func (x *exchange) Respond(p *ajp.Response) error {
	if p.Flags&ajp.FlagHead != 0 {
		x.status = p.Status
		if x.refused = x.refuses(int(p.Status)); x.refused != 0 {
			return errRefused
		}
		if n := x.rule.UseServerErrors; n > 0 && int(p.Status) >= n {
			return x.replace(p)
		}
		x.dropHopByHop(p)
		if x.cookieRoute != "" {
			x.addCookie(p)
		}
	}
	if err := x.length.take(p, x.options.HeadOnly); err != nil {
		return err
	}
	err := x.host.Respond(x.request, p)
	x.request.Flags |= responded
	return err
}

// replace drops a response in favour of httpd's page for its status. Of its headers only the challenge of a 401 is kept.
func (x *exchange) replace(p *ajp.Response) error {
	x.replaced = int(p.Status)
	keep := p.Headers[:0]
	for _, h := range p.Headers {
		if p.Status == 401 && equalFold(h.Name, "WWW-Authenticate") {
			keep = append(keep, h)
		}
	}
	p.Headers, p.Body, p.Flags = keep, nil, respondErrorHeaders
	if err := x.host.Respond(x.request, p); err != nil {
		return err
	}
	return errReplaced
}

// refuses returns the entry of fail_on_status that a status matches: the status, negative for a soft one; 0 for none.
func (x *exchange) refuses(status int) int {
	list := x.worker.AJP.FailOnStatus
	if x.rule.FailOnStatus != nil {
		list = x.rule.FailOnStatus
	}
	for _, s := range list {
		if s == status || s == -status {
			return s
		}
	}
	return 0
}

// dropHopByHop removes what concerns the connection between httpd and its client only (RFC 9110, 7.6.1): httpd writes those itself, and a
// Transfer-Encoding of the container's would corrupt the framing. In place: the list is the connection's own memory.
func (x *exchange) dropHopByHop(p *ajp.Response) {
	keep := p.Headers[:0]
	for _, h := range p.Headers {
		if !hopByHop(h.Name) {
			keep = append(keep, h)
		}
	}
	p.Headers = keep
}

// hopByHop reports whether a response header is about one connection.
func hopByHop(name string) bool {
	for _, n := range [...]string{"Connection", "Keep-Alive", "Transfer-Encoding", "Upgrade", "Trailer", "Proxy-Connection"} {
		if equalFold(name, n) {
			return true
		}
	}
	return false
}

// equalFold compares ASCII strings without case.
func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if x, y := a[i], b[i]; x != y && (x|0x20 != y|0x20 || x|0x20 < 'a' || x|0x20 > 'z') {
			return false
		}
	}
	return true
}

// probe marks a worker that was in error as being tried.
func (x *exchange) probe() {
	if x.worker.Record.State() == errorState {
		x.worker.Record.SetState(shm.WorkerProbe)
	}
}

// clear drops all pointers into C memory before the exchange waits for its next request: they are not valid any more, and the collector must
// not meet them when that memory has become something else.
func (x *exchange) clear() {
	x.host, x.request, x.rule = nil, nil, nil
	x.snapshot, x.server, x.target, x.worker = nil, nil, nil, nil
	x.env.clear()
	x.forward = ajp.ForwardRequest{}
	x.options = ajp.ExchangeOptions{}
	x.query.Reset()
	x.own = [ownAttributes]ajp.Header{}
	x.conn, x.caller, x.cookieRoute = nil, ajp.Caller{}, ""
}

// Attempt implements balancer.Attempter: one try on one member.
func (x *exchange) Attempt(t balancer.Try) balancer.Outcome {
	if x.env.Route == "" {
		x.forward.Route = t.Route
	}
	x.stickTo(&t)
	return x.serveOn(x.target.Members[t.Member], t.Activation.String())
}

// Free implements balancer.Attempter.
func (x *exchange) Free(member int) bool {
	w := x.target.Members[member]
	limit := w.AJP.BusyLimit
	return w.Pool.HasFree() && (limit <= 0 || w.Record.Busy() < int64(limit))
}
