package harness

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	startDeadline = 20 * time.Second
	stopDeadline  = 15 * time.Second
	pollInterval  = 2 * time.Millisecond
	portAttempts  = 5 // a free port may be taken by somebody else before httpd binds it
)

// errNoError is how an httpd ends that was not to end, and says that all is well.
var errNoError = errors.New("exit status 0")

// running is the line httpd writes to its error log after a start and after each restart.
const running = "resuming normal operations"

// HTTPD is one httpd in a scratch folder. One goroutine at a time calls its methods that start, restart and stop.
type HTTPD struct {
	Dir   string // scratch folder, removed by Stop
	Ports []int  // loopback ports, at least one

	opts    Options
	inst    *installation
	around  []surrounding
	env     []string // of the surroundings, as Options.Env
	tlsPort int      // of the virtual host of the surroundings; 0: none
	cmd     *exec.Cmd
	exited  chan struct{} // closed when the parent has ended
	waited  error         // of the ended parent; read after exited
}

// StartHTTPD starts an httpd and waits until it serves. The caller calls Stop.
func StartHTTPD(opts Options) (*HTTPD, error) {
	for attempt := 1; ; attempt++ {
		h, err := Prepare(opts)
		if err != nil {
			return nil, err
		}
		if err = h.Start(); err == nil {
			return h, nil
		}
		taken := strings.Contains(h.Stderr()+h.ErrorLog(), "could not bind to address")
		_ = h.Stop()
		if !taken || attempt == portAttempts {
			return nil, err
		}
	}
}

// Prepare writes the scratch folder and its configuration, and starts nothing: for ConfigTest, and for configurations
// that are meant to fail. The caller calls Stop, which removes the folder.
func Prepare(opts Options) (*HTTPD, error) {
	inst, err := discover()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "gojk-httpd-")
	if err != nil {
		return nil, err
	}
	h := &HTTPD{Dir: dir, opts: opts, inst: inst}
	if err := errors.Join(h.surround(), h.writeFiles()); err != nil {
		h.removeDir()
		return nil, err
	}
	return h, nil
}

// writeFiles fills the scratch folder. Everything in it can be read by httpd's children.
func (h *HTTPD) writeFiles() error {
	n := max(h.opts.Ports, 1)
	ports, err := FreePorts(n + 1)
	if err != nil {
		return err
	}
	h.Ports = ports[:n]
	if h.Has("ssl") {
		h.tlsPort = ports[n]
	}
	if err := os.Chmod(h.Dir, 0o755); err != nil {
		return err
	}
	conf, err := h.httpdConf()
	if err != nil {
		return err
	}
	files := map[string]string{"httpd.conf": conf, "workers.properties": h.opts.Workers, "htdocs/index.html": "static\n"}
	for name, text := range h.opts.Files {
		files[filepath.Join("htdocs", name)] = text
	}
	if err := h.addFiles(files); err != nil {
		return err
	}
	maps.Copy(files, h.opts.Beside)
	for name, text := range files {
		if err := h.WriteFile(name, text); err != nil {
			return err
		}
	}
	return nil
}

// WriteFile writes a file below the scratch folder, in place of what is there.
func (h *HTTPD) WriteFile(name, text string) error {
	path := h.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644)
}

// SetConfig replaces Options.Config and, unless it is empty, Options.Workers, for the next Graceful or Restart.
func (h *HTTPD) SetConfig(config, workers string) error {
	h.opts.Config = config
	conf, err := h.httpdConf()
	if err != nil {
		return err
	}
	if workers != "" {
		if err := h.WriteFile("workers.properties", workers); err != nil {
			return err
		}
	}
	return h.WriteFile("httpd.conf", conf)
}

// addFiles adds the files of the scratch folder that the surroundings need.
func (h *HTTPD) addFiles(files map[string]string) error {
	if h.Has(piped) {
		files[pipedScript] = pipedText
	}
	if !h.Has("ssl") {
		return nil
	}
	pem, err := certificate()
	files[certificateFile] = pem
	return err
}

// environment is what httpd's environment has besides. A library that the test preloads comes after that of the surroundings.
func (h *HTTPD) environment() []string {
	list := slices.Clone(h.env)
	for _, line := range h.opts.Env {
		at := slices.IndexFunc(list, func(l string) bool { return strings.HasPrefix(l, preload) })
		if library, is := strings.CutPrefix(line, preload); is && at >= 0 {
			list[at] += ":" + library
			continue
		}
		list = append(list, line)
	}
	return list
}

// command is httpd with this configuration.
func (h *HTTPD) command(args ...string) *exec.Cmd {
	cmd := exec.Command(h.inst.binary, append([]string{"-d", h.Dir, "-f", h.path("httpd.conf")}, args...)...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "LANG=C"}, h.environment()...)
	cmd.Dir = h.Dir
	return cmd
}

// ConfigTest runs "httpd -t" and returns what it prints.
func (h *HTTPD) ConfigTest() (string, error) {
	out, err := h.command("-t").CombinedOutput()
	return string(out), err
}

// Start starts httpd and waits until it says that it runs and every port accepts.
func (h *HTTPD) Start() error { return h.StartAfter(nil) }

// StartAfter is Start, but first calls before, unless it is nil, with the pid that httpd is going to have.
func (h *HTTPD) StartAfter(before func(pid int) error) error {
	stderr, err := os.Create(h.path("stderr.log"))
	if err != nil {
		return err
	}
	defer stderr.Close()
	mode := "-DFOREGROUND"
	if h.opts.OneProcess {
		mode = "-X"
	}
	h.cmd = h.command(mode)
	if before != nil { // a shell that waits, and then becomes httpd
		h.cmd.Args = append([]string{"sh", "-c", `kill -STOP $$; exec "$@"`, "sh", h.cmd.Path}, h.cmd.Args[1:]...)
		h.cmd.Path = "/bin/sh"
	}
	h.cmd.Stdout, h.cmd.Stderr = stderr, stderr
	// A process group of its own: httpd's parent signals its whole group when it stops.
	h.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	h.exited = make(chan struct{})
	if err := h.spawn(); err != nil {
		return fmt.Errorf("harness: start %s: %w", h.inst.binary, err)
	}
	if before != nil {
		if err := h.letGo(before); err != nil {
			return err
		}
	}
	if err := h.waitServing(0); err != nil {
		return err
	}
	return h.waitAccepting()
}

// letGo calls before when the shell waits, and lets it become httpd.
func (h *HTTPD) letGo(before func(pid int) error) error {
	waits := func() bool { s, err := readStat(h.Pid()); return err == nil && s.state == 'T' }
	err := h.waitFor("the shell to wait", waits)
	if err == nil {
		err = before(h.Pid())
	}
	return errors.Join(err, h.Signal(syscall.SIGCONT))
}

// spawn starts the process from a thread that stays: the death signal fires when the starting thread ends.
func (h *HTTPD) spawn() error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := h.cmd.Start()
		started <- err
		if err == nil {
			h.waited = h.cmd.Wait()
		}
		close(h.exited)
	}()
	return <-started
}

// waitServing waits until httpd has said more than seen times that it runs.
func (h *HTTPD) waitServing(seen int) error {
	if h.opts.OneProcess {
		return nil // httpd -X says nothing
	}
	return h.waitFor("httpd to say that it runs", func() bool { return h.timesRunning() > seen })
}

func (h *HTTPD) waitAccepting() error {
	for _, port := range h.Ports {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		accepts := func() bool {
			conn, err := net.DialTimeout("tcp", address, time.Second)
			if err == nil {
				conn.Close()
			}
			return err == nil
		}
		if err := h.waitFor("port "+strconv.Itoa(port)+" to accept", accepts); err != nil {
			return err
		}
	}
	return nil
}

// waitFor polls until the event has happened. It fails at the deadline and when httpd has ended.
func (h *HTTPD) waitFor(what string, happened func() bool) error {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	deadline := time.After(startDeadline)
	for !happened() {
		select {
		case <-h.exited:
			return fmt.Errorf("harness: waiting for %s: httpd ended (%w)\n%s", what, cmp.Or(h.waited, errNoError), h.LogTail())
		case <-deadline:
			return fmt.Errorf("harness: waited %v for %s\n%s", startDeadline, what, h.LogTail())
		case <-tick.C:
		}
	}
	return nil
}

func (h *HTTPD) timesRunning() int { return strings.Count(h.ErrorLog(), running) }

// Graceful makes a graceful restart and waits until httpd says that it runs again. Old children may still be finishing, and answering: see Replace.
func (h *HTTPD) Graceful() error { return h.signalRestart(syscall.SIGUSR1) }

// Restart makes a hard restart and waits until httpd says that it runs again.
func (h *HTTPD) Restart() error { return h.signalRestart(syscall.SIGHUP) }

// Replace does a restart, Graceful or Restart, and waits until the children of before are gone and there is a new one: only then all answers are those of the
// new configuration.
func (h *HTTPD) Replace(restart func() error) error {
	old := h.Children()
	if err := restart(); err != nil {
		return err
	}
	return h.waitFor("new children in place of the old ones", func() bool {
		now := h.Children()
		return len(now) > 0 && !slices.ContainsFunc(now, func(pid int) bool { return slices.Contains(old, pid) || h.isOutdated(pid) })
	})
}

func (h *HTTPD) signalRestart(sig syscall.Signal) error {
	seen := h.timesRunning()
	if err := h.Signal(sig); err != nil {
		return err
	}
	if err := h.waitServing(seen); err != nil {
		return err
	}
	return h.waitAccepting()
}

// Signal sends a signal to httpd's parent.
func (h *HTTPD) Signal(sig syscall.Signal) error {
	if h.cmd == nil || h.cmd.Process == nil {
		return errors.New("harness: httpd is not started")
	}
	return h.cmd.Process.Signal(sig)
}

// Exited is closed when httpd's parent has ended.
func (h *HTTPD) Exited() <-chan struct{} { return h.exited }

// Stop ends httpd, waits for it and removes the scratch folder. A second call does nothing. An httpd that does not end
// within the deadline, or leaves a process of its group behind, is killed, and that is an error.
func (h *HTTPD) Stop() error {
	if h.cmd == nil || h.cmd.Process == nil {
		h.removeDir()
		return nil
	}
	pid := h.cmd.Process.Pid
	_ = h.Signal(syscall.SIGTERM)
	var err error
	select {
	case <-h.exited:
	case <-time.After(stopDeadline):
		err = fmt.Errorf("harness: httpd %d did not end within %v\n%s", pid, stopDeadline, h.LogTail())
	}
	if len(h.LogCommands()) > 0 { // they end by themselves, when they have read everything
		_ = await("log commands to end", stopDeadline, func() bool { return len(groupMembers(pid)) == 0 })
	}
	if left := groupMembers(pid); len(left) > 0 {
		_ = syscall.Kill(-pid, syscall.SIGKILL)
		err = errors.Join(err, fmt.Errorf("harness: httpd %d left processes %v behind, killed", pid, left))
	}
	<-h.exited
	h.cmd = nil
	h.removeDir()
	return err
}

func (h *HTTPD) removeDir() {
	if !h.opts.Keep {
		_ = os.RemoveAll(h.Dir)
	}
}

func (h *HTTPD) path(name string) string { return filepath.Join(h.Dir, name) }

// Addr is host:port of the first port.
func (h *HTTPD) Addr() string { return h.AddrOf(0) }

// AddrOf is host:port of the port with that index.
func (h *HTTPD) AddrOf(i int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(h.Ports[i])) }

// URL is an address of this httpd; path begins with a slash.
func (h *HTTPD) URL(path string) string { return "http://" + h.Addr() + path }

// portLock keeps two calls in this process from being handed the same port.
var portLock sync.Mutex

// FreePorts returns n different loopback ports that nobody listens on.
func FreePorts(n int) ([]int, error) {
	portLock.Lock()
	defer portLock.Unlock()
	ports := make([]int, 0, n)
	for len(ports) < n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close() // held until all are chosen, so that they differ
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
