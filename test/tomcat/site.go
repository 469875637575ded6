// Package tomcat runs mod_gojk in front of real Tomcats: the cluster of two that replicate their sessions, as an
// administrator sets it up, with a small web application. The demo and its check are programs below this folder.
package tomcat

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/template"
	"time"

	"mod_gojk/test/harness"
)

//go:embed webapp conf
var files embed.FS

var workersFile = template.Must(template.ParseFS(files, "conf/workers.properties"))

const (
	appPath    = "/webapp-directory"
	statusPath = "/jkmanager/"

	members       = 2
	siteDeadline  = 60 * time.Second // for the cluster to form and the application to answer through httpd
	sitePoll      = 20 * time.Millisecond
	bindingTries  = 5
	demoHTTPPort  = 8080
	firstAJPPort  = 8009
	indexDocument = "<!doctype html><title>mod_gojk</title><p><a href=\"" + appPath + "/\">application</a> · <a href=\"" + statusPath + "\">status</a>\n"
)

// Replication is a value of the cluster's channelSendOptions.
type Replication int

const (
	// Asynchronous is the guide's setting: the response does not wait for the other Tomcat. A visit counted just before its
	// Tomcat is killed may be lost.
	Asynchronous Replication = 8
	// Synchronous lets the response wait until the other Tomcat has the session: what the client has seen is never lost.
	Synchronous Replication = 6
)

// Options says how the site differs from the administrator's guide. The zero value does not, but for its ports.
type Options struct {
	Module         harness.Module // empty: mod_gojk
	ModuleFile     string         // empty: where the module usually is
	Replication    Replication    // 0: Asynchronous
	RecoverSeconds int            // recover_time, with maintenance every second; 0: mod_jk's defaults, 60 and 60
	UsualPorts     bool           // 8080, 8009 and 8010 if they are free
	Secret         string         // not empty: each Tomcat has a second connector that requires it, see SecretPorts
	MoreWorkers    func(*Site) string
	MoreConfig     string
	Children       int // httpd children; 0: two
}

// Site is a running cluster: httpd and two Tomcats. One goroutine at a time starts and stops it; Tomcats and HTTPD have
// their own rules.
type Site struct {
	Dir         string // scratch folder of the Tomcats and the application, removed by Stop
	Tomcats     []*harness.Tomcat
	HTTPD       *harness.HTTPD
	AJPPorts    []int // by member
	SecretPorts []int // by member, empty without Options.Secret

	opts Options
	port int // httpd's port for people
}

// Start starts everything and waits until the application answers through httpd and the Tomcats see each other. Each step
// is told to say. A cancelled ctx ends it after the step under way. The caller calls Stop.
func Start(ctx context.Context, opts Options, say func(format string, args ...any)) (*Site, error) {
	if opts.Module == "" {
		opts.Module = harness.ModuleGojk
	}
	if opts.ModuleFile != "" {
		file, err := filepath.Abs(opts.ModuleFile) // httpd runs in another folder
		if err != nil {
			return nil, err
		}
		opts.ModuleFile = file
	}
	if opts.Replication == 0 {
		opts.Replication = Asynchronous
	}
	s := &Site{opts: opts}
	if err := s.start(ctx, say); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func (s *Site) start(ctx context.Context, say func(format string, args ...any)) error {
	if err := harness.CheckTomcat(); err != nil {
		return err
	}
	if err := s.deploy(); err != nil {
		return err
	}
	say("compiled the web application")
	if err := s.prepareTomcats(); err != nil {
		return err
	}
	if err := s.startTomcats(ctx, say); err != nil {
		return err
	}
	if err := s.startHTTPD(); err != nil {
		return err
	}
	say("httpd listens on 127.0.0.1:%d, pid %d", s.port, s.HTTPD.Pid())
	if err := s.waitFormed(ctx); err != nil {
		return err
	}
	say("the Tomcats see each other and replicate sessions")
	return nil
}

// deploy writes and compiles the web application.
func (s *Site) deploy() error {
	dir, err := os.MkdirTemp("", "gojk-site-")
	if err != nil {
		return err
	}
	s.Dir = dir
	app, err := fs.Sub(files, "webapp")
	if err != nil {
		return err
	}
	if err := os.CopyFS(s.appDir(), app); err != nil {
		return err
	}
	return harness.CompileWebapp(s.appDir())
}

func (s *Site) appDir() string { return filepath.Join(s.Dir, "webapp") }

// prepareTomcats chooses the ports and writes both CATALINA_BASEs.
func (s *Site) prepareTomcats() error {
	var usual []int
	if s.opts.UsualPorts {
		usual = []int{firstAJPPort, firstAJPPort + 1}
	}
	ports, err := harness.ServicePorts(3*members, usual...)
	if err != nil {
		return err
	}
	s.AJPPorts = ports[:members]
	if s.opts.Secret != "" {
		s.SecretPorts = ports[2*members:]
	}
	for i := range members {
		t, err := harness.PrepareTomcat(s.tomcatOptions(i, ports[members:2*members]))
		if err != nil {
			return err
		}
		s.Tomcats = append(s.Tomcats, t)
	}
	return nil
}

func (s *Site) tomcatOptions(i int, receivers []int) harness.TomcatOptions {
	name := fmt.Sprintf("worker%d", i+1)
	connectors := []harness.Connector{{Port: s.AJPPorts[i]}}
	if s.opts.Secret != "" {
		connectors = append(connectors, harness.Connector{Port: s.SecretPorts[i], Secret: s.opts.Secret})
	}
	return harness.TomcatOptions{
		Name: name, Connectors: connectors, Dir: filepath.Join(s.Dir, name), ReadyPath: appPath + "/inside",
		Apps:    []harness.App{{Path: appPath, DocBase: s.appDir()}},
		Cluster: &harness.Cluster{Ports: receivers, Self: i, SendOptions: int(s.opts.Replication)},
	}
}

// startTomcats starts one after the other: of two that start together, each asks the other for its sessions, and the one
// whose question comes while the other is still waiting gets no answer and waits for a minute (stateTransferTimeout).
func (s *Site) startTomcats(ctx context.Context, say func(format string, args ...any)) error {
	for i, t := range s.Tomcats {
		if err := t.Start(); err != nil {
			return err
		}
		say("Tomcat %s answers AJP on 127.0.0.1:%d, pid %d", t.Name(), s.AJPPorts[i], t.Pid())
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// startHTTPD starts httpd, again with other ports if somebody was quicker.
func (s *Site) startHTTPD() error {
	for attempt := 1; ; attempt++ {
		err := s.tryHTTPD()
		if err == nil || attempt == bindingTries || !strings.Contains(err.Error(), "could not bind to address") {
			return err
		}
		_ = s.HTTPD.Stop()
	}
}

func (s *Site) tryHTTPD() error {
	h, err := harness.Prepare(s.httpdOptions())
	if err != nil {
		return err
	}
	s.HTTPD = h
	if s.port == 0 {
		s.port = h.Ports[0]
	}
	workers, err := s.workers()
	if err != nil {
		return err
	}
	for name, text := range map[string]string{"conf/workers.properties": workers, "logs/README": "Logs and shared memory of mod_gojk.\n"} {
		if err := h.WriteFile(name, text); err != nil {
			return err
		}
	}
	return h.Start()
}

func (s *Site) httpdOptions() harness.Options {
	conf, err := files.ReadFile("conf/jk.conf")
	if err != nil {
		panic(err) // embedded
	}
	config := string(conf)
	if s.opts.Module == harness.ModuleJk { // refuses comments at the end of a line
		config = trailingComment.ReplaceAllString(config, "")
	}
	config += s.opts.MoreConfig
	s.port = 0
	if s.opts.UsualPorts && portIsFree(demoHTTPPort) {
		s.port = demoHTTPPort
		config = fmt.Sprintf("Listen 127.0.0.1:%d\n%s", demoHTTPPort, config)
	}
	children := s.opts.Children
	if children == 0 {
		children = 2
	}
	return harness.Options{
		Module: s.opts.Module, ModuleFile: s.opts.ModuleFile, NoJkFiles: true, Config: config, Modules: []string{"authz_host"},
		Children: children, Threads: 16, Files: map[string]string{"index.html": indexDocument},
	}
}

var trailingComment = regexp.MustCompile(`(?m)[ \t]+#.*$`)

func portIsFree(port int) bool {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err == nil {
		l.Close()
	}
	return err == nil
}

// workers renders workers.properties.
func (s *Site) workers() (string, error) {
	more := ""
	if s.opts.MoreWorkers != nil {
		more = s.opts.MoreWorkers(s)
	}
	var b strings.Builder
	err := workersFile.Execute(&b, map[string]any{"Ports": s.AJPPorts, "RecoverSeconds": s.opts.RecoverSeconds, "MoreWorkers": more})
	return b.String(), err
}

// waitFormed waits until every Tomcat sees the others and the application answers through httpd.
func (s *Site) waitFormed(ctx context.Context) error {
	for _, t := range s.Tomcats {
		if err := s.WaitPeers(ctx, t, members-1); err != nil {
			return err
		}
	}
	client := NewClient(s.AppURL())
	defer client.Close()
	_, err := client.Visit()
	return err
}

// WaitPeers waits until a Tomcat sees that many other members of the cluster.
func (s *Site) WaitPeers(ctx context.Context, t *harness.Tomcat, want int) error {
	return waitFor(ctx, fmt.Sprintf("%s to see %d other members", t.Name(), want), func() (bool, error) {
		facts, err := Inside(t, "")
		return err == nil && facts["peers"] == strconv.Itoa(want), err
	})
}

// WaitReplica waits until a Tomcat holds a session with that count, its own or replicated.
func (s *Site) WaitReplica(ctx context.Context, t *harness.Tomcat, session string, count int) error {
	return waitFor(ctx, fmt.Sprintf("%s to hold the session with count %d", t.Name(), count), func() (bool, error) {
		facts, err := Inside(t, session)
		return err == nil && facts["count"] == strconv.Itoa(count), err
	})
}

// WaitReplaced waits until none of those httpd children is left, as after a graceful restart.
func (s *Site) WaitReplaced(ctx context.Context, children []int) error {
	return waitFor(ctx, fmt.Sprintf("the old children %v to end", children), func() (bool, error) {
		now := s.HTTPD.Children()
		return len(now) > 0 && !slices.ContainsFunc(children, func(pid int) bool { return slices.Contains(now, pid) }), nil
	})
}

// waitFor polls until the event has happened.
func waitFor(ctx context.Context, what string, happened func() (bool, error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, siteDeadline, fmt.Errorf("waited %v for %s", siteDeadline, what))
	defer cancel()
	tick := time.NewTicker(sitePoll)
	defer tick.Stop()
	for {
		yes, err := happened()
		if yes {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		case <-tick.C:
		}
	}
}

// Inside asks a Tomcat, past httpd, what it knows of the cluster and, if an id is given, of a session.
func Inside(t *harness.Tomcat, session string) (Facts, error) {
	path := appPath + "/inside"
	if session != "" {
		path += "?session=" + session
	}
	status, body, err := t.Probe(path)
	if err == nil && status != 200 {
		err = fmt.Errorf("%s of %s answers %d", path, t.Name(), status)
	}
	if err != nil {
		return nil, err
	}
	return ParseFacts(body), nil
}

// AppURL is the address of the application.
func (s *Site) AppURL() string { return s.baseURL() + appPath + "/" }

// StatusURL is the address of the status page.
func (s *Site) StatusURL() string { return s.baseURL() + statusPath }

func (s *Site) baseURL() string {
	return "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port))
}

// Member returns the Tomcat with that name, nil if there is none.
func (s *Site) Member(name string) *harness.Tomcat {
	for _, t := range s.Tomcats {
		if t.Name() == name {
			return t
		}
	}
	return nil
}

// Other returns the Tomcat that is not t.
func (s *Site) Other(t *harness.Tomcat) *harness.Tomcat {
	if s.Tomcats[0] == t {
		return s.Tomcats[1]
	}
	return s.Tomcats[0]
}

// Stop ends httpd and the Tomcats and removes the scratch folders. A second call does nothing.
func (s *Site) Stop() error {
	var errs []error
	if s.HTTPD != nil {
		errs = append(errs, s.HTTPD.Stop())
	}
	stopped := make([]error, len(s.Tomcats))
	var all sync.WaitGroup
	for i, t := range s.Tomcats {
		all.Go(func() { stopped[i] = t.Stop() })
	}
	all.Wait()
	if s.Dir != "" {
		errs = append(errs, os.RemoveAll(s.Dir))
	}
	return errors.Join(append(errs, stopped...)...)
}

// JkLog is the text of mod_jk.log so far.
func (s *Site) JkLog() string { return s.readLog("logs/mod_jk.log") }

func (s *Site) readLog(name string) string {
	data, err := os.ReadFile(filepath.Join(s.HTTPD.Dir, name))
	if err != nil {
		return ""
	}
	return string(data)
}

// LogTail is the end of every log that matters, for error messages.
func (s *Site) LogTail() string {
	var b strings.Builder
	if s.HTTPD != nil {
		for _, name := range []string{"stderr.log", "error.log", "logs/mod_jk.log"} {
			fmt.Fprintf(&b, "--- %s\n%s\n", name, harness.LastLines(s.readLog(name), 40))
		}
	}
	for _, t := range s.Tomcats {
		b.WriteString(t.LogTail())
	}
	return b.String()
}
