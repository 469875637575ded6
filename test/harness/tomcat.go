package harness

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	tomcatStartDeadline = 90 * time.Second // a Tomcat needs 2 s of a free processor
	tomcatStopDeadline  = 20 * time.Second
	tomcatPoll          = 20 * time.Millisecond
)

// TomcatOptions says what to start. Connectors and Name must be given.
type TomcatOptions struct {
	Name       string      // jvmRoute
	Connectors []Connector // AJP connectors, at least one; the first is asked whether Tomcat is ready
	Apps       []App
	HTTPPort   int      // an HTTP connector as well, on that loopback port; 0: none
	Cluster    *Cluster // nil: sessions are not replicated
	Threads    int      // maxThreads of each connector; 0: 50
	Dir        string   // CATALINA_BASE, to be made; empty: a scratch folder
	ReadyPath  string   // a path that answers 200 when the application is up; empty: a CPONG is enough
}

// Connector is an AJP connector: on a loopback port, or on a Unix domain socket when Socket is set.
type Connector struct {
	Port   int
	Socket string
	Secret string // empty: none required
}

// App is a web application in a folder. Its context is privileged.
type App struct{ Path, DocBase string }

// Cluster is a static cluster on loopback ports that replicates sessions by DeltaManager.
type Cluster struct {
	Ports       []int // where each member receives
	Self        int   // index in Ports of this member
	SendOptions int   // channelSendOptions; 8: replicate after the response, 6: before it, with an answer from the other side
}

// Tomcat is one Tomcat with its own CATALINA_BASE. One goroutine at a time calls its methods, except Pid, Running, Probe
// and Log, which are safe for concurrent use.
type Tomcat struct {
	Dir string // CATALINA_BASE

	opts   TomcatOptions
	home   *tomcatHome
	run    atomic.Pointer[tomcatRun]
	ownDir bool
}

// tomcatRun is one process of a Tomcat.
type tomcatRun struct {
	cmd    *exec.Cmd
	exited chan struct{} // closed when the process has ended
	waited error         // read after exited
}

// StartTomcat starts a Tomcat and waits until it answers. The caller calls Stop.
func StartTomcat(opts TomcatOptions) (*Tomcat, error) {
	t, err := PrepareTomcat(opts)
	if err != nil {
		return nil, err
	}
	if err := t.Start(); err != nil {
		_ = t.Stop()
		return nil, err
	}
	return t, nil
}

// PrepareTomcat writes CATALINA_BASE and starts nothing. The caller calls Stop, which removes a scratch folder.
func PrepareTomcat(opts TomcatOptions) (*Tomcat, error) {
	home, err := discoverTomcat()
	if err != nil {
		return nil, err
	}
	if opts.Threads == 0 {
		opts.Threads = 50
	}
	t := &Tomcat{Dir: opts.Dir, opts: opts, home: home, ownDir: opts.Dir == ""}
	if t.ownDir {
		if t.Dir, err = os.MkdirTemp("", "gojk-tomcat-"); err != nil {
			return nil, err
		}
	}
	if err := t.writeBase(); err != nil {
		t.removeDir()
		return nil, err
	}
	return t, nil
}

// Start starts the process and waits until the first connector answers a CPING and ReadyPath answers 200. It may be
// called again after Kill: sessions then come back from the rest of the cluster.
func (t *Tomcat) Start() error {
	out, err := os.OpenFile(t.outFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer out.Close()
	t.removeSockets()
	cmd := t.home.command(t.Dir)
	cmd.Stdout, cmd.Stderr = out, out
	// A process group of its own, so that Ctrl-C at a terminal reaches only the program that started it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	run := &tomcatRun{cmd: cmd, exited: make(chan struct{})}
	if err := run.spawn(); err != nil {
		return fmt.Errorf("harness: start %s: %w", cmd.Path, err)
	}
	t.run.Store(run)
	return t.waitReady(run)
}

// spawn starts the process from a thread that stays: the death signal fires when the starting thread ends.
func (r *tomcatRun) spawn() error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := r.cmd.Start()
		started <- err
		if err == nil {
			r.waited = r.cmd.Wait()
		}
		close(r.exited)
	}()
	return <-started
}

func (t *Tomcat) waitReady(run *tomcatRun) error {
	tick := time.NewTicker(tomcatPoll)
	defer tick.Stop()
	deadline := time.After(tomcatStartDeadline)
	for {
		err := t.ready()
		if err == nil {
			return nil
		}
		select {
		case <-run.exited:
			return fmt.Errorf("harness: Tomcat %s ended while starting (%w)\n%s", t.opts.Name, run.waited, t.LogTail())
		case <-deadline:
			return fmt.Errorf("harness: Tomcat %s not ready after %v: %w\n%s", t.opts.Name, tomcatStartDeadline, err, t.LogTail())
		case <-tick.C:
		}
	}
}

// ready asks once.
func (t *Tomcat) ready() error {
	if err := t.opts.Connectors[0].Ping(); err != nil {
		return err
	}
	if t.opts.ReadyPath == "" {
		return nil
	}
	status, _, err := t.Probe(t.opts.ReadyPath)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%s answers %d", t.opts.ReadyPath, status)
	}
	return err
}

// Probe requests a path (with query) straight from the first connector, past any httpd.
func (t *Tomcat) Probe(path string) (status int, body string, err error) {
	return t.opts.Connectors[0].Get(path)
}

// Name is the jvmRoute.
func (t *Tomcat) Name() string { return t.opts.Name }

// Pid is the process, 0 while there is none.
func (t *Tomcat) Pid() int {
	if run := t.run.Load(); run != nil && run.alive() {
		return run.cmd.Process.Pid
	}
	return 0
}

// Running reports whether there is a process.
func (t *Tomcat) Running() bool { return t.Pid() != 0 }

func (r *tomcatRun) alive() bool {
	select {
	case <-r.exited:
		return false
	default:
		return true
	}
}

// Exited is closed when the process started last has ended, nil before the first Start.
func (t *Tomcat) Exited() <-chan struct{} {
	if run := t.run.Load(); run != nil {
		return run.exited
	}
	return nil
}

// Kill ends the process with SIGKILL and waits until it is gone. Nothing to kill is an error.
func (t *Tomcat) Kill() error {
	run := t.run.Load()
	if run == nil || !run.alive() {
		return fmt.Errorf("harness: Tomcat %s is not running", t.opts.Name)
	}
	if err := run.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-run.exited
	return nil
}

// Stop ends the process in good order, waits for it, and removes CATALINA_BASE if it was a scratch folder. A second call
// does nothing. A Tomcat that does not end within the deadline is killed, and that is an error.
func (t *Tomcat) Stop() error {
	defer t.removeDir()
	defer t.removeSockets()
	run := t.run.Load()
	if run == nil || !run.alive() {
		return nil
	}
	_ = run.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-run.exited:
		return nil
	case <-time.After(tomcatStopDeadline):
	}
	_ = run.cmd.Process.Kill()
	<-run.exited
	return fmt.Errorf("harness: Tomcat %s did not end within %v, killed\n%s", t.opts.Name, tomcatStopDeadline, t.LogTail())
}

func (t *Tomcat) removeDir() {
	if t.ownDir {
		_ = os.RemoveAll(t.Dir)
	}
}

// removeSockets removes what a killed process leaves of its Unix domain sockets: Tomcat would not start again beside it.
func (t *Tomcat) removeSockets() {
	for _, c := range t.opts.Connectors {
		if c.Socket != "" {
			_ = os.Remove(c.Socket)
		}
	}
}

func (t *Tomcat) outFile() string { return filepath.Join(t.Dir, "logs", "catalina.out") }

// Log is what Tomcat has printed so far, over all its processes.
func (t *Tomcat) Log() string {
	data, err := os.ReadFile(t.outFile())
	if err != nil {
		return ""
	}
	return string(data)
}

// LogTail is the end of Log without stack traces, for error messages.
func (t *Tomcat) LogTail() string {
	lines := slices.DeleteFunc(strings.Split(t.Log(), "\n"), func(line string) bool {
		return strings.HasPrefix(line, "\tat ") || strings.HasPrefix(line, "\t... ")
	})
	return fmt.Sprintf("--- catalina.out of %s\n%s\n", t.opts.Name, LastLines(strings.Join(lines, "\n"), 30))
}
