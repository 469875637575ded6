// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mod_gojk/balancer/shm"
	"mod_gojk/test/harness"
)

// h2Threads is how many threads a child of these tests has; mod_http2 starts up to half as many more for its streams.
const h2Threads = 8

// startH2 starts a site that speaks HTTP/2 without TLS, and returns a client that speaks nothing else, on one connection.
func startH2(t *testing.T, worker, config string) (*site, *http.Client) {
	t.Helper()
	s := start(t, plan{
		containers: "a", threads: h2Threads, workers: "worker.a.retries=1\n", options: modules("http2"),
		config: "Protocols h2c http/1.1\nH2WindowSize 65535\nJkMount /app/* " + worker + "\n" + config,
	})
	return s, newH2Client(t)
}

func newH2Client(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{Protocols: new(http.Protocols), DisableCompression: true}
	transport.Protocols.SetUnencryptedHTTP2(true)
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: patience}
}

// ask2 sends a request and returns the response with its whole body.
func ask2(t *testing.T, client *http.Client, method, url, body string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest(method, url, io.MultiReader(strings.NewReader(body))) // a type that hides the length
	require.NoError(t, err)
	if body == "" {
		r.Body = nil
	}
	resp, err := client.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, 2, resp.ProtoMajor)
	return resp, string(got)
}

// TestHTTP2: requests and responses of all kinds through mod_http2, which has threads of its own and no connection to call its own.
func TestHTTP2(t *testing.T) {
	if mpm == harness.Prefork {
		return // mod_http2 does not work there
	}
	s, client := startH2(t, "a", "ErrorDocument 503 \"own 503\"\n")
	a := s.container["a"]
	text := noise(1 << 20)
	readAll := []harness.Action{harness.ReadBody(8186), harness.Head(200, "OK"), harness.Chunk("done"), harness.End()}
	tests := []struct {
		name, method, body string
		script             harness.Script
		status             int
		want               string
	}{
		{"GET", "GET", "", harness.Answer(200, "text/plain", "page"), 200, "page"},
		{"HEAD", "HEAD", "", harness.Do(harness.Head(200, "OK", "Content-Length", "12345"), harness.End()), 200, ""},
		{"large response", "GET", "", page(text), 200, text},
		{"large response of unknown length", "GET", "", harness.Do(harness.Head(200, "OK"), harness.Chunks(text, 8184), harness.End()), 200, text},
		{"flushed", "GET", "", harness.Do(harness.Head(200, "OK"), harness.Flush(), harness.Chunk("a"), harness.Flush(), harness.Chunk("b"), harness.End()), 200, "ab"},
		{"upload", "POST", text, harness.Do(readAll...), 200, "done"},
		{"upload that is not read", "POST", text[:50_000], harness.Do(readAll[1:]...), 200, "done"},
		{"PUT", "PUT", "b", harness.Do(readAll...), 200, "done"},
		{"204", "GET", "", harness.Do(harness.Head(204, ""), harness.End()), 204, ""},
		{"error", "GET", "", harness.Answer(404, "text/plain", "sorry"), 404, "sorry"},
		{"headers of a connection", "GET", "", harness.Do(harness.Head(200, "OK", "Connection", "close", "Transfer-Encoding", "chunked", "Keep-Alive", "x", "Upgrade", "h2"), harness.Chunk("page"), harness.End()), 200, "page"},
		{"nothing", "GET", "", harness.Do(harness.Close()), 502, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.Take()
			a.Script(tt.script)
			resp, got := ask2(t, client, tt.method, s.URL("/app/x?q=1"), tt.body)
			require.Equal(t, tt.status, resp.StatusCode)
			if tt.status != 502 {
				require.Equal(t, sum(tt.want), sum(got))
			}
			sent := ""
			for _, record := range s.Take() {
				sent += string(record.Data)
				if r := record.Request; r != nil {
					require.Equal(t, []string{tt.method, "HTTP/2.0", "/app/x"}, []string{r.Method(), r.Protocol.Value, r.URI.Value})
					require.Equal(t, "127.0.0.1", r.ServerName.Value)
					require.Equal(t, []string{s.Addr()}, values(r, "host"))
				}
			}
			if strings.HasPrefix(tt.name, "upload") && tt.name != "upload" {
				return
			}
			require.Equal(t, sum(tt.body), sum(sent))
		})
	}
	t.Run("trailers", func(t *testing.T) {
		a.Script(harness.Do(readAll...))
		r, err := http.NewRequest("POST", s.URL("/app/x"), io.MultiReader(strings.NewReader("body")))
		require.NoError(t, err)
		r.Trailer = http.Header{"X-Trailer": {"t"}}
		resp, err := client.Do(r)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, 200, resp.StatusCode)
		require.Equal(t, "body", s.body())
	})
	t.Run("nobody there", func(t *testing.T) {
		require.NoError(t, a.Down())
		resp, got := ask2(t, client, "POST", s.URL("/app/x"), "body")
		require.Equal(t, 503, resp.StatusCode)
		require.Equal(t, "own 503", got)
		require.NoError(t, a.Up())
	})
	s.requireIdle(t)
}

// TestHTTP2_Streams: as many streams at once as mod_http2 has threads, which are more than the child has. Each has a connection to the container. They are those of
// three clients: mod_http2 lets one begin with six.
func TestHTTP2_Streams(t *testing.T) {
	if mpm == harness.Prefork {
		return
	}
	s, _ := startH2(t, "a", "H2MinWorkers 12\nH2MaxWorkers 12\n")
	a := s.container["a"]
	const streams = 12
	errs := make(chan error, streams)
	for i := range streams {
		a.Script(harness.Do(harness.Hold("all"), harness.Head(200, "OK"), harness.Chunks(noise(100_000+i), 8184), harness.End()))
	}
	clients := []*http.Client{newH2Client(t), newH2Client(t), newH2Client(t)}
	for i := range streams {
		go func() {
			resp, err := clients[i%len(clients)].Get(s.URL("/app/x"))
			if err == nil {
				defer resp.Body.Close()
				var got []byte
				if got, err = io.ReadAll(resp.Body); err == nil && !bytes.HasPrefix([]byte(noise(100_000+streams)), got) {
					err = fmt.Errorf("%d bytes that nobody sent", len(got))
				}
				if resp.StatusCode != 200 {
					err = errors.New(resp.Status)
				}
			}
			errs <- err
		}()
	}
	require.NoError(t, a.AwaitScripts(patience), "all streams are with the container at once")
	a.Release("all")
	for range streams {
		require.NoError(t, <-errs)
	}
	s.requireIdle(t)
}

// TestHTTP2_BesideHTTP1: each of httpd's threads and each of mod_http2's is in the library at once, and none has to wait there for another, which would take up to ten
// seconds (module/monitor.c).
func TestHTTP2_BesideHTTP1(t *testing.T) {
	if mpm == harness.Prefork {
		return
	}
	const streams, requests = 12, h2Threads - 2 // two threads are for the connections of the streams
	s := start(t, plan{threads: h2Threads, options: modules("http2"),
		config: "Protocols h2c http/1.1\nH2MinWorkers 12\nH2MaxWorkers 12\nJkMount /app/one/* a\nJkMount /app/two/* b\n"})
	var answers sync.WaitGroup
	ask := func(c *harness.Container, client *http.Client, path string) {
		c.Script(harness.Do(harness.Hold("all"), harness.Head(200, "OK"), harness.Chunk("done"), harness.End()))
		answers.Go(func() {
			resp, err := client.Get(s.URL(path))
			if assert.NoError(t, err) {
				assert.Equal(t, 200, resp.StatusCode)
				resp.Body.Close()
			}
		})
	}
	begin := time.Now()
	for range requests {
		ask(s.container["a"], &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}, "/app/one/x")
	}
	require.NoError(t, s.container["a"].AwaitScripts(patience))
	for i, clients := 0, []*http.Client{newH2Client(t), newH2Client(t)}; i < streams; i++ {
		ask(s.container["b"], clients[i%len(clients)], "/app/two/x")
	}
	require.NoError(t, s.container["b"].AwaitScripts(patience))
	require.Less(t, time.Since(begin), 5*time.Second)
	s.container["a"].Release("all")
	s.container["b"].Release("all")
	answers.Wait()
}

// TestHTTP2_Aborts: a response that breaks off resets its stream, and a client that resets a stream ends one request; neither concerns the other streams of the
// connection, nor the member.
func TestHTTP2_Aborts(t *testing.T) {
	if mpm == harness.Prefork {
		return
	}
	s, client := startH2(t, "lb", "")
	a, m := s.container["a"], s.shared(t)

	// A stream that is open all the time, on the only connection.
	a.Script(harness.Do(harness.Head(200, "OK"), harness.Chunk("first"), harness.Flush(), harness.Hold("companion"), harness.Chunk(" last"), harness.End()))
	companion, err := client.Get(s.URL("/app/companion"))
	require.NoError(t, err)
	defer companion.Body.Close()

	t.Run("response breaks off", func(t *testing.T) {
		for name, head := range map[string]harness.Action{"no length": harness.Head(200, "OK"), "length": harness.Head(200, "OK", "Content-Length", "20000")} {
			a.Script(harness.Do(head, harness.Chunk("half"), harness.Flush(), harness.Hold(name), harness.Close()))
			resp, err := client.Get(s.URL("/app/x"))
			require.NoError(t, err)
			a.Release(name)
			got, err := io.ReadAll(resp.Body)
			require.ErrorContains(t, err, "stream error", "%q", got)
			_ = resp.Body.Close()
		}
	})
	t.Run("client resets a response", func(t *testing.T) {
		a.Script(harness.Do(harness.Head(200, "OK"), harness.Chunks(noise(large), 8184), harness.AwaitHostClose()))
		ctx, cancel := context.WithCancel(context.Background())
		r, err := http.NewRequestWithContext(ctx, "GET", s.URL("/app/x"), nil)
		require.NoError(t, err)
		resp, err := client.Do(r)
		require.NoError(t, err)
		_, err = io.ReadFull(resp.Body, make([]byte, 1000))
		require.NoError(t, err)
		cancel()
		_ = resp.Body.Close()
	})
	t.Run("client resets while the container works", func(t *testing.T) {
		a.Script(harness.Do(harness.Hold("work"), harness.Head(200, "OK"), harness.Chunk("late"), harness.End()))
		reset := askAndReset(client, s.URL("/app/x"), nil)
		require.NoError(t, a.AwaitScripts(patience))
		require.ErrorIs(t, reset(), context.Canceled)
		a.Release("work")
	})

	a.Release("companion")
	got, err := io.ReadAll(companion.Body)
	require.NoError(t, err)
	require.Equal(t, "first last", string(got))
	s.requireIdle(t)
	require.NotEqual(t, shm.MemberError, state(t, m, "a"), "breaking off was one failure, with others in flight")
	_, page := ask2(t, client, "GET", s.URL("/app/after"), "")
	require.Equal(t, "a", page)
}

// TestHTTP2_CutOff: an upload of unknown length that the client resets must not look whole to the container, though mod_http2 gives it an end. mod_jk
// passes that end on. Sometimes the reset comes while the container asks for more, sometimes before.
func TestHTTP2_CutOff(t *testing.T) {
	if mpm == harness.Prefork {
		return
	}
	for _, module := range []harness.Module{harness.ModuleGojk, harness.ModuleJk} {
		t.Run(string(module), func(t *testing.T) {
			s := start(t, plan{
				containers: "a", config: "Protocols h2c http/1.1\nJkMount /app/* a\n",
				options: func(o *harness.Options) { o.Module, o.Modules, o.Around = module, []string{"http2"}, nil },
			})
			client, a := newH2Client(t), s.container["a"]
			// upload says whether the container took it for a whole one.
			upload := func() (whole bool) {
				a.Script(harness.Do(harness.GetBody(8186), harness.GetBody(8186), harness.Close()))
				body, more := io.Pipe()
				reset := askAndReset(client, s.URL("/app/x"), body)
				_, err := io.WriteString(more, noise(8186))
				require.NoError(t, err)
				require.NoError(t, a.AwaitScripts(patience))
				require.ErrorIs(t, reset(), context.Canceled)
				cut := false
				await(t, "what the container sees", func() bool {
					for _, r := range s.Take() {
						cut = cut || r.Kind == harness.RecordTrouble
						whole = whole || r.Kind == harness.RecordBody && len(r.Data) == 0
					}
					return cut || whole
				})
				return whole
			}
			if module == harness.ModuleJk {
				await(t, "mod_jk to pass the end on, as docs/migrating.md says", upload)
				return
			}
			for range 20 {
				require.False(t, upload())
			}
		})
	}
}

// askAndReset sends a request, a POST if there is a body. What it returns resets the request's stream and returns what became of it.
func askAndReset(client *http.Client, url string, body io.Reader) (reset func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	method := "GET"
	if body != nil {
		method = "POST"
	}
	r, err := http.NewRequestWithContext(ctx, method, url, body)
	done := make(chan error, 1)
	go func() {
		var resp *http.Response
		if err == nil {
			resp, err = client.Do(r)
		}
		if err == nil {
			err = resp.Body.Close()
		}
		done <- err
	}()
	return func() error {
		cancel()
		return <-done
	}
}
