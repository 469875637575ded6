package main

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"mod_gojk/test/harness"
)

const (
	responseDeadline = 15 * time.Second
	settleDeadline   = 10 * time.Second
	restDeadline     = 5 * time.Second
	soFarWait        = 150 * time.Millisecond
	aWhile           = 100 * time.Millisecond
)

// basics end connections on which a client waits in vain, within the deadlines, and keep inodes out of headers.
const basics = "KeepAliveTimeout 3\nFileETag None\n"

// side is what is compared.
type side struct {
	module harness.Module
	file   string // of the module; empty: where it usually is
}

// world is one side of a case: an httpd with one module and the containers behind it.
type world struct {
	httpd      *harness.HTTPD
	recorder   *harness.Recorder
	containers map[string]*harness.Container
	names      []string // of the containers, in the case's order
	logged     seen     // in the access log
	said       seen     // in the case's request log
	heard      [2]int   // by file of spoken: how many bytes of it the steps before have seen
	written    int      // how many files write has written
	last       *harness.Client
	begun      map[string]*begun
	requests   map[string]int     // by container: how many it has had
	lastUse    map[connection]int // which request of its container was the connection's last
}

// connection is a container's connection.
type connection struct {
	container string
	number    int
}

// begun is a request whose response is read by a later step.
type begun struct {
	client *harness.Client
	method string
}

// open starts a side of a case.
func open(c *Case, s side) (*world, error) {
	w, opts, err := prepare(c, s)
	if err == nil {
		w.httpd, err = harness.StartHTTPD(opts)
	}
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// prepare starts the containers of a side, and says how to start its httpd.
func prepare(c *Case, s side) (*world, harness.Options, error) {
	w := &world{
		recorder: harness.NewRecorder(), containers: map[string]*harness.Container{}, names: c.Containers,
		begun: map[string]*begun{}, requests: map[string]int{}, lastUse: map[connection]int{},
		logged: seen{file: accessLog}, said: seen{file: jkLog, text: c.RequestLog},
	}
	if len(w.names) == 0 {
		w.names = []string{"a"}
	}
	var ports []string
	for _, name := range w.names {
		container, err := w.recorder.StartContainer(name)
		if err != nil {
			return w, harness.Options{}, err
		}
		w.containers[name] = container
		ports = append(ports, "{"+name+"}", fmt.Sprint(container.Port))
	}
	expand := strings.NewReplacer(ports...)
	return w, harness.Options{
		Module: s.module, ModuleFile: s.file, Ports: c.Ports, Modules: c.Modules, Files: c.Files, Children: 1, Threads: 8,
		Config: logFormat(c) + basics + expand.Replace(c.Config), Workers: expand.Replace(c.Workers), Beside: c.Beside, Env: c.Env,
	}, nil
}

// tryStart renders whether httpd starts with the configuration of a case.
func tryStart(c *Case, s side) ([]string, error) {
	w, opts, err := prepare(c, s)
	defer w.close()
	if err != nil {
		return nil, err
	}
	if w.httpd, err = harness.StartHTTPD(opts); err != nil {
		how := "it does not end, either"
		if ended := (*exec.ExitError)(nil); errors.As(err, &ended) {
			how = ended.String()
		}
		return []string{"httpd does not start: " + how}, nil
	}
	return []string{"httpd starts"}, nil
}

// close ends the side. The error says that httpd did not end properly.
func (w *world) close() error {
	w.forget()
	for _, c := range w.containers {
		c.Close()
	}
	if w.httpd == nil {
		return nil
	}
	return w.httpd.Stop()
}

// forget closes the client of the last step.
func (w *world) forget() {
	if w.last != nil {
		w.last.Close()
		w.last = nil
	}
}

// step runs a step and renders what was seen.
func (w *world) step(s *Step) ([]string, error) {
	for _, happen := range s.Before {
		if err := happen(w); err != nil {
			return nil, err
		}
	}
	for name, scripts := range s.On {
		w.containers[name].Script(scripts...)
	}
	lines, err := w.poll(s)
	if err != nil {
		return nil, err
	}
	return append(lines, w.hear(s.Says, s.Send == "")...), nil
}

// once does what a step does, one time.
func (w *world) once(s *Step) ([]string, error) {
	var lines []string
	var port int
	if s.Send != "" || s.Finish != "" {
		var err error
		if lines, port, err = w.client(s); err != nil {
			return nil, err
		}
	}
	if s.AnyFraming {
		lines = hideFraming(lines)
	}
	if err := w.settle(s); err != nil {
		return append(lines, err.Error()), nil
	}
	return append(lines, w.renderContainers(port, s.Leftovers)...), nil
}

// client does the client's part and renders it. port is the client's.
func (w *world) client(s *Step) (lines []string, port int, err error) {
	k, method, err := w.connect(s)
	if err != nil {
		return nil, 0, err
	}
	if s.Finish == "" {
		if err := w.send(k, s); err != nil {
			lines = append(lines, "client: cannot send: "+err.Error())
		}
	}
	switch {
	case s.Begin != "":
		w.begun[s.Begin] = &begun{client: k, method: method}
		w.last = nil
		err = w.awaitScripts(s)
		if s.SoFar && err == nil {
			var data []byte
			data, err = k.Received(soFarWait)
			lines = append(lines, renderSoFar(data, s.Sent))
		}
		return append(lines, "client: waits"), k.Port(), err
	case s.Leave == LeaveClose:
		k.Close()
	case s.Leave == LeaveReset:
		err = k.Reset()
	default:
		return append(lines, w.response(k, method, s)...), k.Port(), nil
	}
	w.last = nil
	return append(append(lines, "client: left"), w.awaitLogs(s)...), k.Port(), err
}

// response reads and renders the response, or both if the step has sent two requests, and how the connection is afterwards.
func (w *world) response(k *harness.Client, method string, s *Step) []string {
	r := k.ReadResponse(method, responseDeadline)
	lines := append(renderResponse(r), w.awaitLogs(s)...)
	if s.Second != "" {
		method, _, _ = strings.Cut(s.Second, " ")
		r = k.ReadResponse(method, responseDeadline)
		lines = append(append(lines, renderResponse(r)...), w.awaitLogs(s)...)
	}
	rest := renderRest(k.Rest(r, restDeadline))
	if rest != "open" {
		w.forget()
	}
	return append(lines, "client: connection "+rest)
}

// connect returns the connection of the step and the method of its request.
func (w *world) connect(s *Step) (*harness.Client, string, error) {
	method, _, _ := strings.Cut(s.Send, " ")
	if s.Finish != "" {
		b := w.begun[s.Finish]
		if b == nil {
			return nil, "", fmt.Errorf("no step has begun %q", s.Finish)
		}
		delete(w.begun, s.Finish)
		for _, c := range w.containers {
			c.Release(s.Finish)
		}
		w.forget()
		w.last = b.client
		return b.client, b.method, nil
	}
	if s.Keep && w.last != nil {
		return w.last, method, nil
	}
	w.forget()
	k, err := harness.Dial(w.httpd.AddrOf(s.Port))
	w.last = k
	return k, method, err
}

// send sends the request in its one or two parts.
func (w *world) send(k *harness.Client, s *Step) error {
	if err := k.Send(s.Send + s.Second); err != nil {
		return err
	}
	switch s.Await {
	case AwaitContinue:
		if _, err := k.ReadInterim(responseDeadline); err != nil {
			return err
		}
	case AwaitScripts:
		if err := w.awaitScripts(s); err != nil {
			return err
		}
	case AwaitAWhile:
		time.Sleep(aWhile)
	}
	if s.Then != "" {
		if err := k.Send(s.Then); err != nil {
			return err
		}
	}
	if s.Leave == LeaveHalf {
		return k.CloseWrite()
	}
	return nil
}

// awaitScripts waits until every script of the step is taken and every container rests.
func (w *world) awaitScripts(s *Step) error {
	for name := range s.On {
		if err := w.containers[name].AwaitScripts(settleDeadline); err != nil {
			return err
		}
	}
	return w.rest()
}

// settle waits until the containers have seen all there is of the step.
func (w *world) settle(s *Step) error {
	if s.Begin != "" {
		return nil
	}
	return w.rest()
}

func (w *world) rest() error {
	var errs []error
	for _, c := range w.containers {
		errs = append(errs, c.Settle(settleDeadline))
	}
	return errors.Join(errs...)
}
