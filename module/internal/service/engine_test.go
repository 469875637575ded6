// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp"
	"mod_gojk/ajp/ajptest"
	"mod_gojk/balancer"
	"mod_gojk/balancer/shm/shmtest"
	"mod_gojk/module/internal/config"
	"mod_gojk/module/internal/jklog"
)

// fakeHost is httpd: a client that sends body and takes whatever comes.
type fakeHost struct {
	body    string // what the client still sends
	fail    bool   // reading from the client fails once body is used up
	gone    bool   // the client takes nothing
	status  uint32
	headers string
	got     strings.Builder
	parts   int
	ended   bool

	mu     sync.Mutex
	errors []string
}

func (h *fakeHost) Respond(_ *Request, p *ajp.Response) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.parts++
	if h.gone {
		return errors.New("gone")
	}
	if p.Flags&ajp.FlagHead != 0 {
		h.status, h.headers = p.Status, fmt.Sprint(p.Headers)
	}
	for _, b := range p.Body {
		h.got.WriteString(b)
	}
	h.ended = p.Flags&ajp.FlagEnd != 0
	return nil
}

func (h *fakeHost) ReadBody(_ *Request, buf []byte, wait bool) (int, error) {
	if !wait {
		return 0, nil
	}
	n := copy(buf, h.body)
	h.body = h.body[n:]
	if n < len(buf) && h.fail {
		return 0, errors.New("client failed")
	}
	return n, nil
}

// Alloc returns Go's memory: nobody reads it but Go.
func (h *fakeHost) Alloc(size uintptr) unsafe.Pointer { return goMemory(size) }

func goMemory(size uintptr) unsafe.Pointer {
	return unsafe.Pointer(unsafe.SliceData(make([]uint64, size/8+1)))
}

func (h *fakeHost) ErrorLog(_ jklog.Level, text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.errors = append(h.errors, text)
}

func (h *fakeHost) Resolve(name string) ([]netip.Addr, error) {
	if name == "resolves.test" {
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}
	return nil, fmt.Errorf("no such host %q", name)
}

// configure puts a configuration into a mapping: one server on which everything is mapped as mounts say.
func configure(memory []byte, workers string, mounts ...string) {
	configureAs(memory, func(*config.Input) {}, workers, mounts...)
}

// configureAs is configure with a last change.
func configureAs(memory []byte, change func(*config.Input), workers string, mounts ...string) {
	in := &config.Input{
		ServerRoot: "/", HTTPDVersion: "test", ModuleVersion: "mod_gojk/test", Threads: 4, Servers: []config.ServerInput{{Name: "main", LogFD: -1}},
		Directives: []config.DirectiveInput{{File: "t.conf", Line: 1, Name: "JkWorkersFile", Args: []string{"w"}}},
		Files:      []config.FileInput{{Directive: "JkWorkersFile", Path: "w", Content: workers}},
	}
	for _, m := range mounts {
		uri, worker, _ := strings.Cut(m, " ")
		in.Directives = append(in.Directives, config.DirectiveInput{File: "t.conf", Name: "JkMount", Args: []string{uri, worker}})
	}
	change(in)
	blob := in.Append(nil)
	copy(memory[4096:], blob)
	binary.NativeEndian.PutUint64(memory[40:], uint64(len(blob)))
}

// engine starts an engine as a child does, on a mapping that the checker has formatted.
func engine(t testing.TB, host Host, workers string, mounts ...string) *Engine {
	t.Helper()
	memory := shmtest.NewMemory(t).Bytes()
	configure(memory, workers, mounts...)
	require.True(t, Check(host, memory, nil))
	e, err := Start(host, memory, make([]ServerView, 1))
	require.NoError(t, err)
	t.Cleanup(func() { e.Stop(time.Second) })
	return e
}

// request is a mapped request as the shim would hand it over.
func request(t testing.TB, e *Engine, method, uri string) *Request {
	t.Helper()
	room := make([]byte, len(uri)+1)
	q := &MapQuery{URI: uri, Normalised: &room[0]}
	require.Equal(t, MapHit, e.Map(q))
	return &Request{
		Method: method, Protocol: "HTTP/1.1", URI: uri, UnparsedURI: uri, RemoteAddr: "127.0.0.1", RemotePort: 1, LocalAddr: "127.0.0.1",
		ServerName: "localhost", ServerPort: 80, ContentLength: -1,
		Worker: q.Worker, Rule: q.Rule, Epoch: q.Epoch, Served: new(Served), Headers: []ajp.Header{{Name: "Host", Value: "localhost"}},
	}
}

// container starts a fake container that runs a script on each connection.
func container(t testing.TB, script ...ajptest.Step) *ajptest.Container {
	t.Helper()
	c, err := ajptest.Start("tcp", script)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// worker is the properties of an ajp13 worker.
func worker(name string, c *ajptest.Container, more ...string) string {
	text := "worker." + name + ".host=127.0.0.1\nworker." + name + ".port=" + strconv.Itoa(int(c.Address().IP.Port())) + "\n"
	for _, property := range more {
		text += "worker." + name + "." + property + "\n"
	}
	return text
}

var (
	head  = ajptest.Head(200, "OK", "Content-Type", "text/plain")
	whole = [][]byte{head, ajptest.Chunk("hello"), ajptest.End(true)}
)

func TestServe_Direct(t *testing.T) {
	noAnswer := []ajptest.Step{ajptest.ExpectURI("/x")}
	tests := []struct {
		name      string
		script    []ajptest.Step
		method    string
		workers   string
		rule      string
		want      int
		wantBody  string
		wantCalls int // connections that the container accepted
	}{
		{name: "answer", script: []ajptest.Step{ajptest.Serve(whole...)}, want: Done, wantBody: "hello", wantCalls: 1},
		{name: "closed before the head, GET: repeated, then 502", script: noAnswer, want: 502, wantCalls: 2},
		{name: "closed before the head, POST: not repeated", script: noAnswer, method: "POST", want: 502, wantCalls: 1},
		{name: "closed before the head, POST, the operator allows it", script: noAnswer, method: "POST", workers: "recovery_options=0", want: 502, wantCalls: 2},
		{name: "closed before the head, bit 1", script: noAnswer, workers: "recovery_options=1", want: 502, wantCalls: 1},
		{name: "one attempt", script: noAnswer, workers: "retries=1", want: 502, wantCalls: 1},
		{name: "broken off after a flush", script: []ajptest.Step{ajptest.ExpectURI("/x"), ajptest.Send(head, ajptest.Chunk("part"), ajptest.Flush())}, want: Broken, wantBody: "part", wantCalls: 1},
		{name: "broken off after the head of an answer to HEAD: complete", method: "HEAD", script: []ajptest.Step{ajptest.ExpectURI("/x"), ajptest.Send(head, ajptest.Flush())}, want: Done, wantCalls: 1},
		{name: "broken off while held back: a clean 502", script: []ajptest.Step{ajptest.ExpectURI("/x"), ajptest.Send(head, ajptest.Chunk("part"))}, want: 502, wantCalls: 2},
		{name: "not AJP", script: []ajptest.Step{ajptest.ExpectURI("/x"), ajptest.Send([]byte("HTTP/1.1 200 OK\r\n\r\n"))}, want: 502, wantCalls: 2},
		{name: "end without head", script: []ajptest.Step{ajptest.ExpectURI("/x"), ajptest.Send(ajptest.End(true))}, want: 502, wantCalls: 2},
		{name: "unknown code", script: []ajptest.Step{ajptest.ExpectURI("/x"), ajptest.Send(ajptest.Packet(77))}, want: 500, wantCalls: 2},
		{name: "reply timeout", script: []ajptest.Step{ajptest.ExpectURI("/x"), ajptest.ExpectGone()}, workers: "reply_timeout=20", want: 504, wantCalls: 2},
		{name: "reply timeout of the rule", script: []ajptest.Step{ajptest.ExpectURI("/x"), ajptest.ExpectGone()}, rule: ";reply_timeout=20", want: 504, wantCalls: 2},
		{name: "fail_on_status", script: []ajptest.Step{ajptest.Serve(whole...)}, workers: "fail_on_status=200", want: 503, wantCalls: 1},
		{name: "fail_on_status of the rule", script: []ajptest.Step{ajptest.Serve(whole...)}, rule: ";fail_on_status=-200", want: 503, wantCalls: 1},
		{name: "use_server_errors", script: []ajptest.Step{ajptest.Serve(ajptest.Head(404, ""), ajptest.Chunk("theirs"), ajptest.End(true))}, rule: ";use_server_errors=400", want: 404, wantCalls: 1},
		{name: "use_server_errors, status below", script: []ajptest.Step{ajptest.Serve(whole...)}, rule: ";use_server_errors=400", want: Done, wantBody: "hello", wantCalls: 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := container(t, tt.script...)
			h := &fakeHost{}
			more := []string{"retry_interval=1"}
			if tt.workers != "" {
				more = append(more, tt.workers)
			}
			e := engine(t, h, "worker.list=a\n"+worker("a", c, more...), "/* a"+tt.rule)
			r := request(t, e, cmp.Or(tt.method, "GET"), "/x")
			if r.Method == "HEAD" {
				r.Flags |= HeadOnly
			}
			require.Equal(t, tt.want, e.Serve(r))
			require.Equal(t, tt.wantBody, h.got.String())
			require.Equal(t, tt.want == Done, h.ended)
			require.Equal(t, tt.wantCalls, c.Accepted())
			require.Zero(t, e.registry.Current().Workers[0].Record.Busy())
			require.Equal(t, "ajp13", r.Served.get("JK_WORKER_TYPE"))
		})
	}
}

func TestServe_DirectWithoutContainer(t *testing.T) {
	c := container(t)
	require.NoError(t, c.Close()) // nobody listens on its port any more
	e := engine(t, &fakeHost{}, "worker.list=a\n"+worker("a", c, "retry_interval=1"), "/* a")
	require.Equal(t, 503, e.Serve(request(t, e, "POST", "/x")))
	counters := e.registry.Current().Workers[0].Record.Counters()
	require.EqualValues(t, 1, counters.Used)
	require.EqualValues(t, 1, counters.Errors)
}

func TestServe_Failover(t *testing.T) {
	dead := container(t)
	require.NoError(t, dead.Close())
	alive := container(t, ajptest.Serve(whole...))
	e := engine(t, &fakeHost{}, "worker.list=lb\nworker.lb.type=lb\nworker.lb.balance_workers=a,b\n"+worker("a", dead, "retry_interval=1")+worker("b", alive), "/* lb")
	for _, method := range []string{"GET", "POST"} {
		r := request(t, e, method, "/x")
		require.Equal(t, Done, e.Serve(r))
		require.Equal(t, "b", r.Served.get("JK_WORKER_ROUTE"))
		require.Equal(t, "lb", r.Served.get("JK_WORKER_TYPE"))
	}
}

func TestServe_Sticky(t *testing.T) {
	a, b := container(t, ajptest.Serve(whole...)), container(t, ajptest.Serve(whole...))
	e := engine(t, &fakeHost{}, "worker.list=lb\nworker.lb.type=lb\nworker.lb.balance_workers=a,b\n"+worker("a", a)+worker("b", b), "/* lb", "/own/* lb;session_cookie=SID;session_path=;sid")
	tests := []struct{ name, uri, cookie, want string }{
		{"cookie", "/x", "JSESSIONID=1.b", "b"},
		{"path parameter", "/x;jsessionid=1.a", "", "a"},
		{"path before cookie", "/x;jsessionid=1.a", "JSESSIONID=1.b", "a"},
		{"name of the rule", "/own/x", "JSESSIONID=1.a; SID=1.b", "b"},
		{"path of the rule", "/own/x;sid=1.a", "SID=1.b", "a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for range 3 {
				r := request(t, e, "GET", tt.uri)
				r.Headers = append(r.Headers, ajp.Header{Name: "cookie", Value: tt.cookie})
				require.Equal(t, Done, e.Serve(r))
				require.Equal(t, tt.want, r.Served.get("JK_WORKER_ROUTE"))
			}
		})
	}
	t.Run("JK_ROUTE before everything", func(t *testing.T) {
		r := request(t, e, "GET", "/x;jsessionid=1.a")
		r.Environment = []ajp.Header{{Name: "JK_ROUTE", Value: "b"}}
		require.Equal(t, Done, e.Serve(r))
		require.Equal(t, "b", r.Served.get("JK_WORKER_ROUTE"))
	})
}

// TestServe_ClientFailsBeforeFirstPacket: CVE-2008-5519. No container hears of the request, so none can answer the next one with its remains.
func TestServe_ClientFailsBeforeFirstPacket(t *testing.T) {
	c := container(t, ajptest.Serve(whole...))
	h := &fakeHost{body: "123", fail: true}
	e := engine(t, h, "worker.list=a\n"+worker("a", c), "/* a")
	r := request(t, e, "POST", "/x")
	r.ContentLength = 10
	require.Equal(t, 400, e.Serve(r))
	require.Zero(t, c.Accepted())
	require.Zero(t, h.parts)
}

func TestServe_ClientGone(t *testing.T) {
	c := container(t, ajptest.Serve(whole...))
	e := engine(t, &fakeHost{gone: true}, "worker.list=a\n"+worker("a", c), "/* a")
	require.Equal(t, ClientGone, e.Serve(request(t, e, "GET", "/x")))
	counters := e.registry.Current().Workers[0].Record.Counters()
	require.EqualValues(t, 1, counters.ClientErrors)
	require.Zero(t, counters.Errors, "no fault of the container's")
}

func TestServe_HopByHopHeadersStay(t *testing.T) {
	c := container(t, ajptest.Serve(ajptest.Head(200, "", "Connection", "close", "transfer-encoding", "chunked", "X-Own", "1", "Upgrade", "x"), ajptest.End(true)))
	h := &fakeHost{}
	e := engine(t, h, "worker.list=a\n"+worker("a", c), "/* a")
	require.Equal(t, Done, e.Serve(request(t, e, "GET", "/x")))
	require.Equal(t, "[{X-Own 1}]", h.headers)
}

func TestServe_ByName(t *testing.T) {
	c := container(t, ajptest.Serve(whole...))
	e := engine(t, &fakeHost{}, "worker.list=a\n"+worker("a", c), "/mapped a")
	tests := []struct {
		name string
		want int
	}{
		{"a", Done}, {"a;reply_timeout=5000", Done}, {"", 500}, {"nobody", 500},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := request(t, e, "GET", "/mapped")
			r.Worker, r.WorkerName = NoWorker, tt.name
			require.Equal(t, tt.want, e.Serve(r))
		})
	}
	t.Run("mapped under another configuration", func(t *testing.T) {
		r := request(t, e, "GET", "/mapped")
		r.Epoch, r.Worker, r.WorkerName = 99, 7, "a"
		require.Equal(t, Done, e.Serve(r))
	})
}

func TestMap(t *testing.T) {
	c := container(t)
	e := engine(t, &fakeHost{}, "worker.list=a\n"+worker("a", c), "/app/* a")
	tests := []struct {
		uri, normalised string
		want            Verdict
	}{
		{"/app/x", "/app/x", MapHit}, {"/app//x;p=1", "/app/x", MapHit}, {"/other", "", MapMiss}, {"/..", "", MapBadURI}, {"*", "", MapMiss},
	}
	for _, tt := range tests {
		t.Run(tt.uri, func(t *testing.T) {
			room := []byte(strings.Repeat("#", len(tt.uri)+1))
			q := &MapQuery{URI: tt.uri, Normalised: &room[0]}
			require.Equal(t, tt.want, e.Map(q))
			if tt.want == MapHit {
				require.Equal(t, tt.normalised, cString(room))
				require.Equal(t, "a", cString(q.WorkerName[:]))
			}
		})
	}
	require.Equal(t, MapMiss, e.Map(&MapQuery{URI: "/app/x", Normalised: new(byte), Server: 7}), "no such server")
}

func TestAfterPanic(t *testing.T) {
	e := &Engine{}
	require.Equal(t, 500, e.AfterPanic(&Request{}))
	require.Equal(t, Broken, e.AfterPanic(&Request{Flags: responded}))
}

func cString(b []byte) string {
	s, _, _ := strings.Cut(string(b), "\x00")
	return s
}

// TestCheck_BrokenRestart: a broken file is refused at a start; at a restart the workers of the generation before stay in force.
func TestCheck_BrokenRestart(t *testing.T) {
	const good, broken = "worker.list=a\nworker.a.port=1\n", "worker.list=a\nworker.a.nonsense=1\n"
	first := shmtest.NewMemory(t).Bytes()
	h := &fakeHost{}
	configure(first, broken, "/* a")
	require.False(t, Check(h, first, nil))
	require.Contains(t, strings.Join(h.errors, "\n"), "w:2: ")

	before, after := shmtest.NewMemory(t).Bytes(), shmtest.NewMemory(t).Bytes()
	configure(before, good, "/* a")
	require.True(t, Check(h, before, nil))
	configure(after, broken, "/new/* a")
	h.errors = nil
	require.True(t, Check(h, after, before))
	require.Contains(t, strings.Join(h.errors, "\n"), "GOJK0005")
	e, err := Start(h, after, make([]ServerView, 1))
	require.NoError(t, err)
	defer e.Stop(time.Second)
	room := make([]byte, 16)
	require.Equal(t, MapHit, e.Map(&MapQuery{URI: "/new/x", Normalised: &room[0]}), "the new httpd.conf with the old workers")
	require.Equal(t, MapMiss, e.Map(&MapQuery{URI: "/x", Normalised: &room[0]}))
}

func TestCheck_UnresolvableHost(t *testing.T) {
	h := &fakeHost{}
	e := engine(t, h, "worker.list=a,b,lb\nworker.a.host=nowhere.test\nworker.b.host=resolves.test\nworker.lb.type=lb\nworker.lb.balance_workers=a,b\n", "/a a", "/lb lb")
	require.Contains(t, strings.Join(h.errors, "\n"), "can't resolve tomcat address nowhere.test")
	s := e.registry.Current()
	require.Equal(t, "STP", s.Workers[2].Balancer.Snapshot(time.Now()).Members[0].Activation.String())
	require.Equal(t, "ACT", s.Workers[2].Balancer.Snapshot(time.Now()).Members[1].Activation.String())
	require.Equal(t, 503, e.Serve(request(t, e, "GET", "/a")))
}

// TestServe_UseServerErrorsOfABalancer: httpd makes the page, and the member is fine.
func TestServe_UseServerErrorsOfABalancer(t *testing.T) {
	c := container(t, ajptest.Serve(ajptest.Head(503, ""), ajptest.Chunk("theirs"), ajptest.End(true)))
	h := &fakeHost{}
	e := engine(t, h, "worker.list=lb\nworker.lb.type=lb\nworker.lb.balance_workers=a\n"+worker("a", c), "/* lb;use_server_errors=400")
	require.Equal(t, 503, e.Serve(request(t, e, "GET", "/x")))
	require.Empty(t, h.got.String())
	require.Equal(t, balancer.OK, e.registry.Current().Workers[0].Balancer.Snapshot(time.Now()).Members[0].State)
}
