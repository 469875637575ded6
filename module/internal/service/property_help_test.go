// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"mod_gojk/ajp"
	"mod_gojk/ajp/ajptest"
	"mod_gojk/balancer/shm"
	"mod_gojk/balancer/shm/shmtest"
	"mod_gojk/module/internal/config"
	"mod_gojk/module/internal/jklog"
	"mod_gojk/module/internal/registry"
)

// The tests TestProperty_* show what each property of workers.properties, and each rule extension, does: a whole engine before scripted containers,
// over loopback. property_cover_test.go says which test shows which property. Maintenance runs only when a test says so, at the time it says.

// rig is an engine, its httpd, and the containers behind it.
type rig struct {
	*Engine
	t         testing.TB
	httpd     *httpd
	container map[string]*scripted
	begin     time.Time // before anything was counted
	logFile   string
	shared    *shm.Mapping // as another child sees it

	mu      sync.Mutex
	asked   []visit
	started []*sent  // requests on other threads
	ends    []func() // lets containers go on that hold a request
}

// visit is a request that a container got.
type visit struct {
	*ajp.ForwardRequest
	container  string
	connection int        // 1 for the container's first
	size       int        // of the packet, in bytes
	first      int        // bytes of the body packet that followed unasked; 0: none did
	from       netip.Addr // where the connection came from
}

// plan says what a test wants beside workers and mounts.
type plan struct {
	workers    string            // {a} is the port of container a, which that starts; {-a} that of one that refuses connections
	mounts     []string          // "URI worker"; none: everything to the first worker of the list
	directives []string          // lines of httpd.conf
	network    string            // of the containers; empty: tcp
	names      map[string]string // host names that resolve, to an IPv4 address and an IPv6 address with a blank between
}

// newRig starts an engine with these workers.
func newRig(t testing.TB, workers string, mounts ...string) *rig {
	t.Helper()
	return startRig(t, plan{workers: workers, mounts: mounts})
}

func startRig(t testing.TB, p plan) *rig {
	t.Helper()
	r := &rig{t: t, httpd: &httpd{names: p.names}, container: map[string]*scripted{}, begin: time.Now(), logFile: filepath.Join(t.TempDir(), "mod_jk.log")}
	log, err := os.OpenFile(r.logFile, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	require.NoError(t, err)
	t.Cleanup(func() { _ = log.Close() })
	m := shmtest.NewMemory(t)
	memory := m.Bytes()
	r.shared = m.View()
	r.write(memory, p, int(log.Fd()))
	require.True(t, Check(r.httpd, memory, nil), "%q", r.httpd.errors)
	r.Engine, err = Start(r.httpd, memory, make([]ServerView, 1))
	require.NoError(t, err)
	t.Cleanup(func() { r.Stop(time.Second) })
	t.Cleanup(r.settle)
	return r
}

// settle ends what a test that failed has left under way, before the memory goes.
func (r *rig) settle() {
	r.mu.Lock()
	started, ends := r.started, r.ends
	r.mu.Unlock()
	for _, end := range ends {
		end()
	}
	for _, s := range started {
		select {
		case <-s.done:
		case <-time.After(ajptest.Patience):
			r.t.Errorf("%s %s does not end", s.Method, s.URI)
		}
	}
}

// atEnd has settle call f, which may have been called before.
func (r *rig) atEnd(f func()) func() {
	f = sync.OnceFunc(f)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ends = append(r.ends, f)
	return f
}

var (
	portOf      = regexp.MustCompile(`\{(-?)(\w+)\}`)
	firstListed = regexp.MustCompile(`(?m)^worker\.list=(\w+)`)
)

// write starts the containers and writes the configuration into the mapping.
func (r *rig) write(memory []byte, p plan, log int) {
	r.t.Helper()
	workers := portOf.ReplaceAllStringFunc(p.workers, func(mark string) string {
		m := portOf.FindStringSubmatch(mark)
		if m[1] != "" {
			return fmt.Sprint(refusing(r.t))
		}
		return fmt.Sprint(r.start(m[2], p.network).Address().IP.Port())
	})
	in := &config.Input{
		ServerRoot: "/", HTTPDVersion: "test", ModuleVersion: "mod_gojk/test", Threads: 4, Servers: []config.ServerInput{{Name: "main", LogFD: log}},
		Files: []config.FileInput{{Directive: "JkWorkersFile", Path: "w", Content: workers}},
	}
	for _, line := range append(p.directives, "JkWatchdogInterval 86400") {
		in.Directives = append(in.Directives, directive(line))
	}
	for _, m := range p.mounts {
		in.Directives = append(in.Directives, directive("JkMount "+m))
	}
	if p.mounts == nil {
		in.Directives = append(in.Directives, directive("JkMount /* "+firstListed.FindStringSubmatch(workers)[1]))
	}
	blob := in.Append(nil)
	copy(memory[4096:], blob)
	binary.NativeEndian.PutUint64(memory[40:], uint64(len(blob)))
}

// directive is a line of httpd.conf. The last argument of JkMount has the rest of the line.
func directive(line string) config.DirectiveInput {
	name, rest, _ := strings.Cut(line, " ")
	args := strings.Fields(rest)
	if name == "JkMount" {
		args = strings.SplitN(rest, " ", 2)
	}
	return config.DirectiveInput{File: "t.conf", Line: 1, Name: name, Args: args}
}

// refusing is a loopback port that refuses connections, and that nobody else gets while the test runs.
func refusing(t testing.TB) int {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = unix.Close(fd) })
	require.NoError(t, unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	name, err := unix.Getsockname(fd)
	require.NoError(t, err)
	return name.(*unix.SockaddrInet4).Port
}

// ajp13 is an ajp13 worker at the container of its name. Retries follow at once unless the properties say otherwise.
func ajp13(name string, properties ...string) string {
	return properties13(name, append([]string{"host=127.0.0.1", "port={" + name + "}"}, properties...)...)
}

// refused is an ajp13 worker where nobody listens.
func refused(name string, properties ...string) string {
	return properties13(name, append([]string{"host=127.0.0.1", "port={-" + name + "}"}, properties...)...)
}

func properties13(name string, properties ...string) string {
	text := ""
	if !strings.Contains(strings.Join(properties, "\n"), "retry_interval=") {
		text = "worker." + name + ".retry_interval=1\nworker." + name + ".connection_acquire_timeout=200\n"
		if strings.Contains(strings.Join(properties, "\n"), "connection_acquire_timeout=") {
			text = "worker." + name + ".retry_interval=1\n"
		}
	}
	for _, p := range properties {
		text += "worker." + name + "." + p + "\n"
	}
	return text
}

// direct is one worker "a", in the list.
func direct(properties ...string) string { return "worker.list=a\n" + ajp13("a", properties...) }

// lb is a balancer "lb", in the list, over the members, each the text of a worker. properties has one property a line or blank.
func lb(properties string, members ...string) string {
	var names []string
	for _, m := range members {
		names = append(names, strings.Split(m, ".")[1])
	}
	text := "worker.list=lb\nworker.lb.type=lb\nworker.lb.balance_workers=" + strings.Join(names, ",") + "\n"
	if !strings.Contains(properties, "retry_interval=") {
		text += "worker.lb.retry_interval=1\n"
	}
	for _, p := range strings.Fields(properties) {
		text += "worker.lb." + p + "\n"
	}
	return text + strings.Join(members, "")
}

// httpd is a Host. Each request has a client of its own, to which Request.Host points.
type httpd struct {
	names map[string]string

	mu     sync.Mutex
	errors []string
}

func (h *httpd) Respond(r *Request, p *ajp.Response) error { return (*client)(r.Host).respond(p) }

func (h *httpd) ReadBody(r *Request, buf []byte, wait bool) (int, error) {
	if !wait {
		return 0, nil
	}
	return (*client)(r.Host).read(buf)
}

func (h *httpd) Alloc(size uintptr) unsafe.Pointer { return goMemory(size) }

func (h *httpd) ErrorLog(_ jklog.Level, text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.errors = append(h.errors, text)
}

func (h *httpd) Resolve(name string) ([]netip.Addr, error) {
	var addrs []netip.Addr
	for _, text := range strings.Fields(h.names[name]) {
		addrs = append(addrs, netip.MustParseAddr(text))
	}
	if len(addrs) == 0 {
		return nil, fmt.Errorf("no such host %q", name)
	}
	return addrs, nil
}

// sent is a request, its client, and what came of it.
type sent struct {
	*Request
	client
	code  int           // what Serve returned
	route string        // note JK_WORKER_ROUTE
	done  chan struct{} // closed when Serve has returned
}

// client sends a body and takes a response.
type client struct {
	send      string                      // what is left of the body
	failing   bool                        // reading fails once send is used up
	onRespond func(p *ajp.Response) error // with each part, before it is taken

	status       uint32
	header       map[string]string // of the response
	errorHeaders string            // for httpd's own page
	text         strings.Builder
	ended        bool
}

func (c *client) respond(p *ajp.Response) error {
	if c.onRespond != nil {
		if err := c.onRespond(p); err != nil {
			return err
		}
	}
	if p.Flags&respondErrorHeaders != 0 {
		c.errorHeaders = fmt.Sprint(p.Headers)
		return nil
	}
	if p.Flags&ajp.FlagHead != 0 {
		c.status, c.header = p.Status, map[string]string{}
		for _, h := range p.Headers {
			c.header[strings.Clone(h.Name)] = strings.Clone(h.Value)
		}
	}
	for _, b := range p.Body {
		c.text.WriteString(b)
	}
	c.ended = p.Flags&ajp.FlagEnd != 0
	return nil
}

func (c *client) read(buf []byte) (int, error) {
	n := copy(buf, c.send)
	c.send = c.send[n:]
	if n < len(buf) && c.failing {
		return 0, errors.New("client failed")
	}
	return n, nil
}

// edit changes a request before it is served.
type edit func(*sent)

// header adds a request header.
func header(name, value string) edit {
	return func(s *sent) { s.Headers = append(s.Headers, ajp.Header{Name: name, Value: value}) }
}

// variable sets a variable of the request.
func variable(name, value string) edit {
	return func(s *sent) { s.Environment = append(s.Environment, ajp.Header{Name: name, Value: value}) }
}

// variableUnless sets a variable to a number, unless that is negative.
func variableUnless(name string, n int32) edit {
	if n < 0 {
		return func(*sent) {}
	}
	return variable(name, strconv.Itoa(int(n)))
}

// session is a cookie of the default name.
func session(id string) edit { return header("Cookie", "JSESSIONID="+id) }

// body is a request body with a Content-Length.
func body(text string) edit {
	return func(s *sent) {
		s.send, s.ContentLength = text, int64(len(text))
		s.Headers = append(s.Headers, ajp.Header{Name: "Content-Length", Value: strconv.Itoa(len(text))})
	}
}

// chunkedBody is a request body without.
func chunkedBody(text string) edit {
	return func(s *sent) { s.send, s.Flags = text, s.Flags|Chunked }
}

// named gives the worker by name, as JK_WORKER_NAME does.
func named(target string) edit {
	return func(s *sent) { s.Worker, s.WorkerName = NoWorker, target }
}

// prepared makes a request without serving it. target is a URI, perhaps with a method and a blank in front.
func (r *rig) prepared(target string, edits ...edit) *sent {
	r.t.Helper()
	method, uri, found := strings.Cut(target, " ")
	if !found {
		method, uri = "GET", target
	}
	s := &sent{Request: request(r.t, r.Engine, method, uri), done: make(chan struct{})}
	s.Request.Host = unsafe.Pointer(&s.client)
	if method == "HEAD" {
		s.Flags |= HeadOnly
	}
	for _, e := range edits {
		e(s)
	}
	return s
}

func (r *rig) run(s *sent) *sent {
	defer close(s.done)
	s.code = r.Serve(s.Request)
	s.route = s.Served.get("JK_WORKER_ROUTE")
	return s
}

// do serves a request.
func (r *rig) do(target string, edits ...edit) *sent {
	r.t.Helper()
	return r.run(r.prepared(target, edits...))
}

// start serves a request on another thread; wait waits for its end.
func (r *rig) startRequest(target string, edits ...edit) *sent {
	r.t.Helper()
	s := r.prepared(target, edits...)
	r.mu.Lock()
	r.started = append(r.started, s)
	r.mu.Unlock()
	go r.run(s)
	return s
}

func (r *rig) wait(s *sent) *sent {
	r.t.Helper()
	receive(r.t, s.done, "the request to end")
	return s
}

// sequence serves n requests, which must succeed, and returns which containers they were answered by.
func (r *rig) sequence(n int, edits ...edit) string {
	r.t.Helper()
	r.visits()
	for i := range n {
		require.Equal(r.t, Done, r.do("/x", edits...).code, "request %d", i+1)
	}
	return r.who()
}

// visits returns the requests that containers got so far, in order, and forgets them.
func (r *rig) visits() []visit {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := r.asked
	r.asked = nil
	return list
}

// who is the names of the containers that were asked since the last look, in order.
func (r *rig) who() string {
	names := ""
	for _, v := range r.visits() {
		names += v.container
	}
	return names
}

// heard waits until containers got n requests since the last look: one that is given up early may be read late.
func (r *rig) heard(n int) string {
	r.t.Helper()
	eventually(r.t, "the containers to be asked", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return len(r.asked) >= n
	})
	names := []byte(r.who())
	slices.Sort(names)
	return string(names)
}

// worker returns a worker by name.
func (r *rig) worker(name string) *registry.Worker {
	r.t.Helper()
	for _, w := range r.registry.Current().Workers {
		if w.Name == name {
			return w
		}
	}
	require.FailNow(r.t, "no worker "+name)
	return nil
}

// state is activation and state of a member of "lb", as the status page shows them.
func (r *rig) state(member string) string {
	r.t.Helper()
	for _, m := range r.worker("lb").Balancer.Snapshot(time.Now()).Members {
		if m.Name == member {
			return m.Activation.String() + " " + m.State.String()
		}
	}
	require.FailNow(r.t, "no member "+member)
	return ""
}

// maintain runs maintenance as if it were that long after the beginning.
func (r *rig) maintain(after time.Duration) { r.maintainOnce(r.begin.Add(after)) }

// log is the text of mod_jk.log.
func (r *rig) log() string {
	r.t.Helper()
	text, err := os.ReadFile(r.logFile)
	require.NoError(r.t, err)
	return string(text)
}

// receive waits for a channel.
func receive(t testing.TB, ch <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-ch:
	case <-time.After(ajptest.Patience):
		require.FailNow(t, "waited in vain for "+what)
	}
}

// eventually polls for what another thread brings about.
func eventually(t testing.TB, what string, happened func() bool) {
	t.Helper()
	require.Eventually(t, happened, ajptest.Patience, time.Millisecond, what)
}
