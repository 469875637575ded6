// Licensed under the Apache License, Version 2.0; see LICENSE.

package statusworker

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp"
	"mod_gojk/balancer"
	"mod_gojk/balancer/shm"
	"mod_gojk/balancer/shm/shmtest"
	"mod_gojk/module/internal/config"
	"mod_gojk/module/internal/jklog"
	"mod_gojk/module/internal/registry"
	"mod_gojk/module/internal/urimap"
)

// world is a small httpd: real records and real balancers on a real mapping, in a snapshot made by hand, and a status worker to ask.
type world struct {
	t        *testing.T
	mapping  *shm.Mapping
	snapshot *registry.Snapshot
	now      time.Time
	log      *os.File
}

// newWorld has the status workers jkstatus and jkread (read only), the balancer LoadBalancer over worker1 and worker2, and the direct worker app.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		t: t, mapping: shmtest.New(t), now: time.Now().Truncate(time.Second),
		snapshot: &registry.Snapshot{Config: &config.Config{HTTPDVersion: "Apache/2.4.71 (Debian)", ModuleVersion: "mod_gojk/0.1"}},
	}
	var err error
	w.log, err = os.Create(filepath.Join(t.TempDir(), "mod_jk.log"))
	require.NoError(t, err)
	t.Cleanup(func() { w.log.Close() })

	w.addStatus("jkstatus", &config.Status{})
	w.addStatus("jkread", &config.Status{ReadOnly: true})
	member1 := w.addAJP("worker1", "127.0.0.1:9101", false)
	member2 := w.addAJP("worker2", "127.0.0.1:9102", false)
	w.addLB("LoadBalancer", member1, member2)
	w.addAJP("app", "[::1]:9103", true)
	w.snapshot.Servers = []*registry.Server{{Server: &config.Server{Name: "www.example.org:443"}}}
	w.mount("/app/*", "LoadBalancer")
	return w
}

func (w *world) add(worker *registry.Worker) *registry.Worker {
	worker.Index = len(w.snapshot.Workers)
	w.snapshot.Workers = append(w.snapshot.Workers, worker)
	w.snapshot.Config.Workers = append(w.snapshot.Config.Workers, worker.Worker)
	return worker
}

// addStatus adds a status worker, with the defaults of the property table for what is left out.
func (w *world) addStatus(name string, s *config.Status) {
	if s.Good == nil {
		s.Good = []string{"a.o", "a.i", "a.b", "a.r"}
	}
	if s.Bad == nil {
		s.Bad = []string{"s", "e"}
	}
	if s.Prefix == "" {
		s.Prefix = "worker"
	}
	w.add(&registry.Worker{Worker: &config.Worker{Name: name, Type: config.TypeStatus, Listed: true, Status: s}})
}

// addAJP adds an ajp13 worker. An empty address is one that did not resolve.
func (w *world) addAJP(name, address string, listed bool) *registry.Worker {
	w.t.Helper()
	record, err := w.mapping.Worker(name)
	require.NoError(w.t, err)
	if address == "" {
		record.SetAddress(netip.AddrPort{})
	} else {
		record.SetAddress(netip.MustParseAddrPort(address))
	}
	return w.add(&registry.Worker{Record: record, Worker: &config.Worker{
		Name: name, Type: config.TypeAJP, Listed: listed,
		AJP: &config.AJP{
			Host: "tomcat-" + name, Port: 9101, Secret: "do-not-show", Retries: 2, PingTimeout: 10 * time.Second, MaxPacketSize: 8192,
			ReplyTimeout: 90 * time.Second, LBFactor: 1, Route: name,
		},
	}})
}

func (w *world) addLB(name string, members ...*registry.Worker) *balancer.Balancer {
	w.t.Helper()
	c := balancer.Config{
		Name: name, Sticky: true, Retries: 2, LBRetries: 2, RecoverTime: time.Minute, Maintain: time.Minute,
		Now: func() time.Time { return w.now },
	}
	for _, m := range members {
		c.Members = append(c.Members, balancer.MemberConfig{Name: m.Name, Route: m.Name})
	}
	b, err := balancer.New(c, w.mapping)
	require.NoError(w.t, err)
	w.add(&registry.Worker{Members: members, Balancer: b, Worker: &config.Worker{
		Name: name, Type: config.TypeLB, Listed: true, LB: &config.LB{RecoverTime: time.Minute},
	}})
	return b
}

func (w *world) mount(uri, worker string) *config.Rule {
	server := w.snapshot.Servers[0].Server
	server.Rules = append(server.Rules, config.Rule{
		Rule: urimap.Rule{Pattern: uri, Worker: worker, Source: urimap.SourceJkMount}, Extensions: new(config.NoExtensions()),
	})
	return &server.Rules[len(server.Rules)-1]
}

func (w *world) worker(name string) *registry.Worker {
	w.t.Helper()
	for _, worker := range w.snapshot.Workers {
		if worker.Name == name {
			return worker
		}
	}
	require.Fail(w.t, "no worker "+name)
	return nil
}

func (w *world) status(name string) *config.Status { return w.worker(name).Status }

func (w *world) lb() *balancer.Balancer { return w.worker("LoadBalancer").Balancer }

// member is a member of LoadBalancer as the balancer sees it.
func (w *world) member(name string) balancer.MemberSnapshot {
	w.t.Helper()
	i := w.lb().Member(name)
	require.GreaterOrEqual(w.t, i, 0)
	return w.lb().Snapshot(w.now).Members[i]
}

// attempt lets each try end the same way.
type attempt balancer.OutcomeKind

func (a attempt) Attempt(balancer.Try) balancer.Outcome {
	return balancer.Outcome{Kind: balancer.OutcomeKind(a), Status: 503}
}

func (a attempt) Free(int) bool { return true }

// serve sends a request of a member's session through its balancer.
func (w *world) serve(b *balancer.Balancer, member string, kind balancer.OutcomeKind) {
	w.t.Helper()
	result := b.Serve(&balancer.Query{Route: member}, attempt(kind))
	require.Equal(w.t, member, b.MemberName(result.Member))
}

// fail puts a member of LoadBalancer into error, by a request that fails.
func (w *world) fail(member string) {
	w.t.Helper()
	w.serve(w.lb(), member, balancer.Failed)
	require.Equal(w.t, balancer.Error, w.member(member).State)
}

// request is a GET to a status worker.
func (w *world) request(worker, query string) *Request {
	return &Request{
		Worker: w.worker(worker), Snapshot: w.snapshot, Log: jklog.New(int(w.log.Fd()), jklog.Debug, nil, nil), Now: w.now,
		Method: "GET", Path: "/jkmanager/", Query: query, RemoteAddr: "192.0.2.7", RequestID: "rid", ServerName: "www.example.org", ServerPort: 443,
		Headers:  []ajp.Header{{Name: "Host", Value: "www.example.org"}},
		ReadBody: func([]byte) (int, error) { return 0, nil },
	}
}

// post makes a request a POST with a form.
func (r *Request) post(form string) *Request {
	r.Method = "POST"
	r.Headers = append(r.Headers, ajp.Header{Name: "Content-Type", Value: "application/x-www-form-urlencoded"})
	r.ReadBody = func(p []byte) (int, error) { return copy(p, form), nil }
	return r
}

// ask is the body of the answer.
func (w *world) ask(r *Request) string {
	w.t.Helper()
	response, err := Serve(r)
	require.NoError(w.t, err)
	require.Equal(w.t, 200, response.Status)
	return response.Body
}

// get asks the status worker jkstatus.
func (w *world) get(query string) string {
	w.t.Helper()
	return w.ask(w.request("jkstatus", query))
}

// logged is what has been logged since the last call.
func (w *world) logged() string {
	w.t.Helper()
	text, err := os.ReadFile(w.log.Name())
	require.NoError(w.t, err)
	require.NoError(w.t, w.log.Truncate(0))
	_, err = w.log.Seek(0, 0)
	require.NoError(w.t, err)
	return string(text)
}

// has fails unless the page has the text; it shows the page without its style.
func has(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			t.Fatalf("the page lacks %q:\n%s", text, body(page))
		}
	}
}

// lacks is the opposite.
func lacks(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(body(page), text) {
			t.Fatalf("the page has %q:\n%s", text, body(page))
		}
	}
}

func body(page string) string {
	_, after, ok := strings.Cut(page, "<body>")
	if !ok {
		return page
	}
	return after
}

// tags returns each tag of the page that begins with the text, without its '<'.
func tags(page, start string) []string {
	var found []string
	for _, part := range strings.Split(page, "<")[1:] {
		if tag, _, ok := strings.Cut(part, ">"); ok && strings.HasPrefix(tag, start) {
			found = append(found, tag)
		}
	}
	return found
}
