// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// theRig is shared: building its programs is the slow part.
var theRig = sync.OnceValues(func() (*rig, error) {
	return newRig(context.Background(), &plan{Duration: time.Millisecond})
})

// serve starts an HTTP server on loopback and returns it as an instance that clients can be driven against.
func serve(t *testing.T, handler http.HandlerFunc) *instance {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	port := server.Listener.Addr().(*net.TCPAddr).Port
	return &instance{variant: &variant{name: "server"}, httpd: &harness.HTTPD{Ports: []int{port}}}
}

func drive(t *testing.T, in *instance, l load) (outcome, error) {
	t.Helper()
	r, err := theRig()
	require.NoError(t, err)
	return r.drive(in, &l, nothing, nothing)
}

// TestClient_Requests: exactly what was asked for, in every form, and the first request of each connection does not count.
func TestClient_Requests(t *testing.T) {
	for _, tt := range []struct {
		name   string
		load   load
		answer func(http.ResponseWriter)
		length int64 // of the request's body as announced
	}{
		{"GET", load{connections: 3, requests: 50}, nil, 0},
		{"GET, one at a time over many connections", load{connections: 40, window: 1, requests: 50}, nil, 0},
		{"POST", load{connections: 3, requests: 20, body: 70000}, nil, 70000},
		{"POST in chunks", load{connections: 3, requests: 20, body: 70000, chunk: 7000}, nil, -1},
		{"chunked response", load{connections: 2, requests: 20}, func(w http.ResponseWriter) {
			for range 3 {
				_, _ = io.WriteString(w, strings.Repeat("x", 5000))
				w.(http.Flusher).Flush()
			}
		}, 0},
		{"large response", load{connections: 2, requests: 10}, func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "1000000")
			_, _ = w.Write(make([]byte, 1000000))
		}, 0},
		{"connections that are not kept", load{connections: 2, requests: 20}, func(w http.ResponseWriter) {
			w.Header().Set("Connection", "close")
		}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var seen, bytes atomic.Int64
			in := serve(t, func(w http.ResponseWriter, r *http.Request) {
				n, _ := io.Copy(io.Discard, r.Body)
				bytes.Add(n)
				seen.Add(1)
				if r.ContentLength != tt.length || r.URL.Path != "/128" {
					w.WriteHeader(http.StatusTeapot)
				} else if tt.answer != nil {
					tt.answer(w)
				}
			})
			tt.load.size = 128
			o, err := drive(t, in, tt.load)
			require.NoError(t, err)
			all := int64(tt.load.requests + tt.load.connections)
			require.InDelta(t, tt.load.requests, o.requests, 0)
			require.Equal(t, all, seen.Load())
			require.Equal(t, all*tt.load.body, bytes.Load())
			require.LessOrEqual(t, o.p50, o.p99)
			require.LessOrEqual(t, o.p99, o.max)
		})
	}
}

// TestClient_Refused: any status but 200 spoils the measurement.
func TestClient_Refused(t *testing.T) {
	var seen atomic.Int64
	in := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if seen.Add(1) == 5 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	_, err := drive(t, in, load{connections: 1, requests: 10})
	require.ErrorContains(t, err, "1 of 10 requests failed")
}

// TestClient_Session: each connection sends back its own cookie.
func TestClient_Session(t *testing.T) {
	var made atomic.Int64
	visits := sync.Map{}
	in := serve(t, func(w http.ResponseWriter, r *http.Request) {
		cookie, err := r.Cookie("JSESSIONID")
		if err != nil {
			cookie = &http.Cookie{Name: "JSESSIONID", Value: fmt.Sprint(made.Add(1)), Path: "/"}
			http.SetCookie(w, cookie)
		}
		n, _ := visits.LoadOrStore(cookie.Value, new(atomic.Int64))
		n.(*atomic.Int64).Add(1)
	})
	_, err := drive(t, in, load{connections: 4, requests: 100, session: true})
	require.NoError(t, err)
	require.Equal(t, int64(4), made.Load())
	total := int64(0)
	visits.Range(func(_, n any) bool {
		total += n.(*atomic.Int64).Load()
		return true
	})
	require.Equal(t, int64(104), total)
}

// TestClient_ClosedBetweenRequests: a connection that the server closes while the next request is on its way is opened again, and nothing failed.
func TestClient_ClosedBetweenRequests(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go answerOnce(conn.(*net.TCPConn))
		}
	}()
	in := &instance{variant: &variant{}, httpd: &harness.HTTPD{Ports: []int{l.Addr().(*net.TCPAddr).Port}}}
	o, err := drive(t, in, load{connections: 2, requests: 30})
	require.NoError(t, err)
	require.InDelta(t, 30, o.requests, 0)
	require.Positive(t, o.reconnected)
}

// answerOnce makes one response that does not announce the end, ends its side, and swallows what still comes, as httpd does for a while.
func answerOnce(conn *net.TCPConn) {
	defer conn.Close()
	if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
		return
	}
	_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
	_ = conn.CloseWrite()
	_, _ = io.Copy(io.Discard, conn)
}

// TestClient_OpenLoop: requests begin at their time. One that is answered late delays those behind it on the only connection, and they all count from
// when they should have begun: of a hundred at distances of a millisecond, most are late when the first takes long.
func TestClient_OpenLoop(t *testing.T) {
	const stall = 100 * time.Millisecond // what the server does, not what the test waits for
	var seen atomic.Int64
	in := serve(t, func(http.ResponseWriter, *http.Request) {
		if seen.Add(1) == 2 { // the first is not counted
			<-time.After(stall)
		}
	})
	l := load{connections: 1, rate: 1000, duration: 100 * time.Millisecond}
	o, err := drive(t, in, l)
	require.NoError(t, err)
	require.InDelta(t, 100, o.requests, 0, "the schedule, however late the answers are")
	require.Greater(t, o.p50, 40.0, "those that waited count from when they were due")

	closed := load{connections: 1, requests: 100}
	seen.Store(0)
	o, err = drive(t, in, closed)
	require.NoError(t, err)
	require.Greater(t, o.max, 99.0)
	require.Less(t, o.p50, o.max/2, "a client that waits for answers sees one slow request only")
}

func TestMain(m *testing.M) {
	code := m.Run()
	if r, err := theRig(); err == nil {
		if err := r.close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}
