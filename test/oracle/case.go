package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"mod_gojk/test/harness"
)

// Case is one configuration and the steps that run on it, in order. Without steps it is compared whether httpd starts.
type Case struct {
	Name       string
	Containers []string          // names of the containers; empty: "a"
	Workers    string            // workers.properties; {a} is the port of container a
	Config     string            // httpd.conf, main server; {a} as above, ${PORT} and ${PORT2} are httpd's own
	Ports      int               // ports of httpd; 0: one
	Modules    []string          // further httpd modules
	Files      map[string]string // below the DocumentRoot, by relative path
	Beside     map[string]string // files beside httpd.conf, by name; in Config they are ${DIR}/name, or the name alone
	Env        []string          // httpd's environment, "name=value"
	Notes      []string          // further notes of a request that the access log shows
	RequestLog string            // with JkRequestLogFormat: the text that each of its lines begins with, behind the stamp
	Steps      []Step
}

// Step is one request, or something that happens between requests.
type Step struct {
	Name string

	Before    []Happening // what happens first
	Send      string      // what the client sends, byte by byte; empty: no request
	Port      int         // which port of httpd: 0 the first
	Keep      bool        // on the connection of the step before, if that is still open
	Second    string      // another request in the same write as Send; its response belongs to the step, too
	Await     Await       // what the client waits for before it sends Then
	Then      string      // the second part of what the client sends
	Leave     Leave       // the client goes away after sending
	Begin     string      // do not read the response; the step with this name in Finish does
	SoFar     bool        // with Begin: look at what the client has while the containers hold
	Sent      int         // with SoFar: how many bytes of body the container has sent and flushed by then, or notFlushed
	Leftovers bool        // scripts without a request are expected: nobody knows which member is asked
	Finish    string      // release the scripts that Hold this name, and read the response of the step that began it
	On        Scripts     // by container: what it does with the requests of this step, in order
	NoLog     bool        // httpd logs no line for this request
	Random    bool        // mod_jk does not do the same twice (it reads beyond a packet): left out when it is compared with itself

	Unlogged bool     // mod_jk does not handle the request, so that the case's RequestLog gets no line for it
	Says     []string // texts whose presence in the logs is compared: with which levels there are lines, since the step before
	Until    Until    // the request is repeated until this is so, and the last time is what counts

	// AnyFraming hides how the end of the response's body is announced: httpd counts a body that it gets in one piece, so
	// that depends on timing.
	AnyFraming bool
}

// Scripts are the scripts of a step by container.
type Scripts map[string][]harness.Script

// Until is an event. Unless it is the zero value, either field makes it happen.
type Until struct {
	Status int    // the response has this status
	Says   string // a line that the logs have got since the step began matches this regular expression
}

// Await is what a client waits for between two parts of a request.
type Await int

// What a client may wait for.
const (
	AwaitNothing  Await = iota
	AwaitContinue       // a 1xx response
	AwaitScripts        // every script of the step has its request and rests
	AwaitAWhile         // a moment, so that the first part has been read
)

// Leave is how a client goes away before it has its response.
type Leave int

// How a client leaves.
const (
	LeaveNot   Leave = iota
	LeaveClose       // closes
	LeaveReset       // resets
	LeaveHalf        // closes its sending side and reads the response
)

// Happening is something that happens to a case's world between requests.
type Happening func(w *world) error

// down makes containers refuse connections and lose those they have.
func down(names ...string) Happening {
	return func(w *world) error {
		for _, name := range names {
			if err := w.containers[name].Down(); err != nil {
				return err
			}
		}
		return nil
	}
}

// up makes containers accept again.
func up(names ...string) Happening {
	return func(w *world) error {
		for _, name := range names {
			if err := w.containers[name].Up(); err != nil {
				return err
			}
		}
		return nil
	}
}

// pings changes how a container answers CPING.
func pings(name string, mode harness.PingMode) Happening {
	return func(w *world) error {
		w.containers[name].SetPings(mode)
		return nil
	}
}

// pass lets time pass: only for what mod_jk itself measures in seconds.
func pass(d time.Duration) Happening {
	return func(*world) error {
		time.Sleep(d)
		return nil
	}
}

// graceful restarts httpd gracefully.
func graceful() Happening {
	return func(w *world) error { return w.httpd.Graceful() }
}

// write puts a file beside httpd.conf, in place of what is there. Its time is one that no earlier version had: mod_jk compares
// times, in seconds.
func write(name, text string) Happening {
	return func(w *world) error {
		w.written++
		path := filepath.Join(w.httpd.Dir, name)
		if err := os.WriteFile(path+".new", []byte(text), 0o644); err != nil {
			return err
		}
		at := time.Now().Add(time.Duration(w.written) * time.Minute)
		return errors.Join(os.Chtimes(path+".new", at, at), os.Rename(path+".new", path))
	}
}

// remove removes a file beside httpd.conf.
func remove(name string) Happening {
	return func(w *world) error { return os.Remove(filepath.Join(w.httpd.Dir, name)) }
}

// ---- requests --------------------------------------------------------------------------------------------------------

// host is the Host header of every request, without a port: the forwarded server name and port are then always the same.
const host = "example.test"

// request is a request with a Host header and, for a body, a Content-Length.
func request(method, target string, headers []string, body string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, target, host)
	for _, h := range headers {
		b.WriteString(h + "\r\n")
	}
	if body != "" {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(body))
	}
	return b.String() + "\r\n" + body
}

func get(target string, headers ...string) string { return request("GET", target, headers, "") }

func post(target, body string, headers ...string) string {
	return request("POST", target, headers, body)
}

// chunked is a POST whose body comes in chunks.
func chunked(target string, parts ...string) string {
	return request("POST", target, []string{"Transfer-Encoding: chunked"}, "") + chunks(parts...) + "0\r\n\r\n"
}

// chunks is the chunked coding of parts, without the last chunk.
func chunks(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		fmt.Fprintf(&b, "%x\r\n%s\r\n", len(p), p)
	}
	return b.String()
}

// fill is n bytes of text in which every position can be told from the others.
func fill(n int) string {
	var b strings.Builder
	for b.Len() < n {
		fmt.Fprintf(&b, "%08d ", b.Len())
	}
	return b.String()[:n]
}

// ---- what containers do ----------------------------------------------------------------------------------------------

// a is the scripts of a step in which container a answers one request.
func a(actions ...harness.Action) Scripts { return on("a", actions...) }

// on is the scripts of a step in which one container answers one request.
func on(container string, actions ...harness.Action) Scripts {
	return Scripts{container: {harness.Do(actions...)}}
}

// does is a script.
func does(actions ...harness.Action) harness.Script { return harness.Do(actions...) }

func head(status int, reason string, pairs ...string) harness.Action {
	return harness.Head(status, reason, pairs...)
}

func chunk(data string) harness.Action           { return harness.Chunk(data) }
func chunksOf(data string, n int) harness.Action { return harness.Chunks(data, n) }
func flush() harness.Action                      { return harness.Flush() }
func end() harness.Action                        { return harness.End() }
func endClose() harness.Action                   { return harness.EndClose() }
func getBody(n int) harness.Action               { return harness.GetBody(n) }
func readBody(n int) harness.Action              { return harness.ReadBody(n) }
func packet(payload ...byte) harness.Action      { return harness.Packet(payload...) }
func raw(data ...byte) harness.Action            { return harness.Raw(data) }
func closes() harness.Action                     { return harness.Close() }
func resets() harness.Action                     { return harness.Reset() }
func hold(name string) harness.Action            { return harness.Hold(name) }
func hostCloses() harness.Action                 { return harness.AwaitHostClose() }
func text(body string) harness.Script            { return harness.Answer(200, "text/plain", body) }

// early is a script that does not wait for the first body packet.
func early(actions ...harness.Action) harness.Script { return harness.Early(actions...) }

// silent is a script that answers nothing and waits for the host to give up.
func silent() harness.Script { return harness.Do(harness.AwaitHostClose()) }

// ---- workers ---------------------------------------------------------------------------------------------------------

// ajp is a worker of type ajp13 at the container of its name, with further properties "name=value".
func ajp(name string, properties ...string) string {
	return worker(name, append([]string{"type=ajp13", "host=127.0.0.1", "port={" + name + "}"}, properties...)...)
}

// lb is a balancer.
func lb(name string, properties ...string) string {
	return worker(name, append([]string{"type=lb"}, properties...)...)
}

// worker is the properties of one worker.
func worker(name string, properties ...string) string {
	var b strings.Builder
	for _, p := range properties {
		b.WriteString("worker." + name + "." + p + "\n")
	}
	return b.String()
}

// list is worker.list followed by the workers.
func list(names string, workers ...string) string {
	return "worker.list=" + names + "\n" + strings.Join(workers, "")
}
