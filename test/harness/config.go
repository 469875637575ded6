package harness

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Module is the module under test.
type Module string

// The modules that can be started.
const (
	ModuleNone     Module = "none"
	ModuleGojk     Module = "gojk"      // build/mod_gojk.so of this project
	ModuleJk       Module = "jk"        // Debian's mod_jk: the oracle
	ModuleProxyAJP Module = "proxy_ajp" // httpd's own
)

// MPM is httpd's process model.
type MPM string

// The process models. The empty MPM means Event.
const (
	Event   MPM = "event"
	Worker  MPM = "worker"
	Prefork MPM = "prefork"
)

// Options says what to start. The zero value is an httpd without a module under test, on one port.
type Options struct {
	Module     Module
	ModuleFile string   // the module's file; empty: build/mod_gojk.so in the project, httpd's own folder for the others
	MPM        MPM      // empty: Event
	Ports      int      // how many ports to listen on; 0: one. In Config they are ${PORT}, ${PORT2}, ${PORT3}...
	Config     string   // added at the end of httpd.conf, main server. ${DIR} is the scratch folder, ${HTDOCS} the DocumentRoot
	Workers    string   // text of workers.properties; empty: no JkWorkersFile
	JkLogLevel string   // empty: info
	NoJkFiles  bool     // leave JkWorkersFile, JkShmFile, JkLogFile and JkLogLevel to Config
	Modules    []string // further modules, as "status", "ssl"; loaded before the module under test
	Late       []string // the same, loaded after it
	Lean       bool     // load nothing but what httpd cannot do without (the benchmark)

	Children   int  // httpd children, fixed; 0: one
	Threads    int  // threads per child; 0: 8. With prefork: the number of children unless Children is set
	OneProcess bool // httpd -X

	Files  map[string]string // files below the DocumentRoot, by relative path
	Beside map[string]string // files of the scratch folder itself, by relative path
	Around []string          // surroundings, besides those of the run; only with ModuleGojk
	Env    []string          // "name=value", added to httpd's environment (otherwise only PATH and LANG)
	Keep   bool              // leave the scratch folder behind
}

// standardModules is what every httpd of the harness loads, besides MPM and module under test, unless it is linked in.
var standardModules = []string{
	"authz_core", "log_config", "unixd", "alias", "dir", "env", "headers", "mime", "rewrite", "setenvif",
}

// leanModules is what httpd does not run without.
var leanModules = []string{"authz_core", "unixd"}

// children is the number of httpd children.
func (o *Options) children() int {
	if o.Children > 0 {
		return o.Children
	}
	if o.mpm() == Prefork && o.Threads > 0 {
		return o.Threads
	}
	return 1
}

func (o *Options) mpm() MPM {
	if o.MPM == "" {
		return Event
	}
	return o.MPM
}

func (o *Options) threads() int {
	if o.Threads > 0 {
		return o.Threads
	}
	return 8
}

// usesJk reports whether the module under test reads the Jk directives.
func (o *Options) usesJk() bool {
	return o.Module == ModuleGojk || o.Module == ModuleJk
}

// httpdConf renders httpd.conf.
func (h *HTTPD) httpdConf() (string, error) {
	var b strings.Builder
	h.writeBasics(&b)
	if err := h.writeModules(&b); err != nil {
		return "", err
	}
	h.writeProcessModel(&b)
	h.writeLogs(&b)
	for _, s := range h.around {
		b.WriteString(s.config)
	}
	if h.opts.usesJk() && !h.opts.NoJkFiles {
		h.writeJkFiles(&b)
	}
	b.WriteString("\n" + h.opts.Config + "\n")
	return b.String(), nil
}

func (h *HTTPD) writeBasics(b *strings.Builder) {
	fmt.Fprintf(b, "ServerRoot %q\nServerName localhost\nPidFile %q\nDefaultRuntimeDir %q\n", h.Dir, h.path("httpd.pid"), h.Dir)
	fmt.Fprintf(b, "Define DIR %s\nDefine HTDOCS %s\n", h.Dir, h.path("htdocs"))
	if h.tlsPort > 0 {
		fmt.Fprintf(b, "Define TLSPORT %d\n", h.tlsPort)
	}
	for i, port := range h.Ports {
		name := "PORT"
		if i > 0 {
			name = fmt.Sprintf("PORT%d", i+1)
		}
		fmt.Fprintf(b, "Define %s %d\nListen 127.0.0.1:%d\n", name, port, port)
	}
	if h.inst.user != "" {
		fmt.Fprintf(b, "User %s\nGroup %s\n", h.inst.user, h.inst.group)
	}
}

// writeModules adds a LoadModule line for each module that is not linked into httpd.
func (h *HTTPD) writeModules(b *strings.Builder) error {
	names := []string{"mpm_" + string(h.opts.mpm())}
	if h.opts.Lean {
		names = append(names, leanModules...)
	} else {
		names = append(names, standardModules...)
	}
	names = append(names, h.opts.Modules...)
	for _, s := range h.around {
		names = append(names, s.modules...)
	}
	if h.opts.Module == ModuleProxyAJP {
		names = append(names, "proxy", "proxy_ajp")
	}
	if err := h.writeLoadModules(b, names); err != nil {
		return err
	}
	if h.opts.usesJk() {
		file, err := h.moduleFile()
		if err != nil {
			return err
		}
		fmt.Fprintf(b, "LoadModule %s_module %q\n", h.opts.Module, file)
	}
	return h.writeLoadModules(b, h.opts.Late)
}

// writeLoadModules loads each module once.
func (h *HTTPD) writeLoadModules(b *strings.Builder, names []string) error {
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			continue
		}
		if err := h.writeLoadModule(b, name); err != nil {
			return err
		}
	}
	return nil
}

func (h *HTTPD) writeLoadModule(b *strings.Builder, name string) error {
	if h.inst.builtIn["mod_"+name] || h.inst.builtIn[strings.TrimPrefix(name, "mpm_")] {
		return nil
	}
	file := filepath.Join(h.inst.modules, "mod_"+name+".so")
	if _, err := os.Stat(file); err != nil {
		return fmt.Errorf("harness: httpd has no module %s: %w", name, err)
	}
	fmt.Fprintf(b, "LoadModule %s_module %q\n", name, file)
	return nil
}

// moduleFile is the file of the module under test.
func (h *HTTPD) moduleFile() (string, error) {
	if h.opts.ModuleFile == "" && h.opts.Module == ModuleJk {
		return filepath.Join(h.inst.modules, "mod_jk.so"), nil
	}
	file := h.opts.ModuleFile
	var err error
	if file == "" {
		file, err = buildFile("mod_gojk.so", h.surroundings())
	} else {
		_, err = os.Stat(file)
	}
	if err != nil {
		return "", err
	}
	if h.inst.user == "" || reachableByAll(file) {
		return file, nil
	}
	return h.copyModule(file)
}

// copyModule copies the module and the library beside it to where httpd's children, no longer root, can read them.
func (h *HTTPD) copyModule(file string) (string, error) {
	for _, name := range []string{filepath.Base(file), "libgojk.so"} {
		data, err := os.ReadFile(filepath.Join(filepath.Dir(file), name))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(h.path(name), data, 0o755); err != nil {
			return "", err
		}
	}
	return h.path(filepath.Base(file)), nil
}

// reachableByAll reports whether every account can read the file, judged by the permissions on the way to it.
func reachableByAll(file string) bool {
	file, err := filepath.Abs(file)
	if err != nil {
		return false
	}
	need := fs.FileMode(0o004)
	for path := file; ; path = filepath.Dir(path) {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm()&need != need {
			return false
		}
		if path == "/" {
			return true
		}
		need = 0o001
	}
}

func (h *HTTPD) writeProcessModel(b *strings.Builder) {
	c, t := h.opts.children(), h.opts.threads()
	if h.opts.mpm() == Prefork {
		fmt.Fprintf(b, "StartServers %d\nMinSpareServers %d\nMaxSpareServers %d\nServerLimit %d\nMaxRequestWorkers %d\n", c, c, c+1, c, c)
	} else {
		fmt.Fprintf(b, "StartServers %d\nServerLimit %d\nThreadsPerChild %d\nThreadLimit %d\nMaxRequestWorkers %d\n", c, c+1, t, t, c*t)
		fmt.Fprintf(b, "MinSpareThreads %d\nMaxSpareThreads %d\n", c*t, c*t*2)
	}
	b.WriteString("MaxConnectionsPerChild 0\nGracefulShutdownTimeout 5\nTimeout 30\nKeepAliveTimeout 30\nMaxKeepAliveRequests 0\n")
}

func (h *HTTPD) writeLogs(b *strings.Builder) {
	fmt.Fprintf(b, "ErrorLog %s\nLogLevel info\n", h.logTarget("error.log"))
	if !h.opts.Lean {
		fmt.Fprintf(b, "CustomLog %s \"%%h %%l %%u %%t \\\"%%r\\\" %%>s %%b %%X\"\n", h.logTarget("access.log"))
		fmt.Fprintf(b, "TypesConfig /dev/null\n")
	}
	fmt.Fprintf(b, "DocumentRoot %q\n<Directory />\nRequire all granted\nAllowOverride None\n</Directory>\n", h.path("htdocs"))
}

func (h *HTTPD) writeJkFiles(b *strings.Builder) {
	level := h.opts.JkLogLevel
	if level == "" {
		level = "info"
	}
	if h.opts.Workers != "" {
		fmt.Fprintf(b, "JkWorkersFile %q\n", h.path("workers.properties"))
	}
	fmt.Fprintf(b, "JkShmFile %q\nJkLogFile %s\nJkLogLevel %s\n", h.path("jk.shm"), h.logTarget("mod_jk.log"), level)
}
