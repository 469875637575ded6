package harness

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// besideVariable is the environment variable that names what the httpds of a run have beside mod_gojk: names of surroundings with commas between.
const besideVariable = "GOJK_BESIDE"

// surrounding is something that every httpd with mod_gojk has in a run, besides what the test asks for.
type surrounding struct {
	name    string
	about   string // for people
	modules []string
	config  string // lines of httpd.conf, before Options.Config
	not     []MPM  // process models that cannot have it; there it is left out
	built   bool   // mod_gojk itself is built otherwise: into a folder of that name in build/
}

// surroundings is the table of them; CONTRIBUTING.md has a copy.
var surroundings = []surrounding{
	{name: "http2", about: "mod_http2, for clients that begin with HTTP/2", modules: []string{"http2"}, config: "Protocols h2c http/1.1\nH2Upgrade Off\n", not: []MPM{Prefork}}, // mod_http2 refuses prefork
	{name: "ssl", about: "mod_ssl, with a virtual host that uses it", modules: []string{"ssl", "socache_shmcb"}, config: sslConfig},
	{name: "cgid", about: "mod_cgid and its daemon", modules: []string{"cgid"}, config: "ScriptSock ${DIR}/" + cgidSocket + "\n"},
	{name: "proxy", about: "mod_proxy with http and ajp", modules: []string{"proxy", "proxy_http", "proxy_ajp"}, config: "ProxyPass /beside-proxy/ ajp://127.0.0.1:9/\n"},
	{name: "jk", about: "mod_jk itself", modules: []string{"jk"}},
	{name: "stack", about: "threads with a stack of 128 KiB", config: "ThreadStackSize 131072\n"},
	{name: piped, about: "all logs through commands"},
	{name: asan, about: "the shim with AddressSanitizer and UndefinedBehaviorSanitizer", built: true},
	{name: "cgocheck", about: "the library with GOEXPERIMENT=cgocheck2, which finds Go pointers in memory of C", built: true},
}

// groups are names for several surroundings.
var groups = map[string]string{"modules": "http2,ssl,cgid,proxy"}

const (
	preload    = "LD_PRELOAD="
	piped      = "piped"
	asan       = "asan"
	cgidSocket = "cgid.sock"

	sslConfig = "SSLSessionCache shmcb:${DIR}/ssl_cache(64000)\nListen 127.0.0.1:${TLSPORT}\n<VirtualHost 127.0.0.1:${TLSPORT}>\nServerName tls.test\n" +
		"SSLEngine On\nSSLCertificateFile ${DIR}/" + certificateFile + "\n</VirtualHost>\n"
)

// Surroundings returns the surroundings of this run, by name. It fails if GOJK_BESIDE has a name that there is not.
var Surroundings = sync.OnceValues(func() ([]string, error) {
	words := strings.FieldsFunc(os.Getenv(besideVariable), func(c rune) bool { return c == ',' || c == ' ' })
	names, err := surroundingNames(words)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", besideVariable, err)
	}
	return names, nil
})

// surroundingNames puts the members of groups in their place, and knows every name.
func surroundingNames(words []string) (names []string, err error) {
	for _, word := range words {
		if group, is := groups[word]; is {
			names = append(names, strings.Split(group, ",")...)
			continue
		}
		if !slices.ContainsFunc(surroundings, func(s surrounding) bool { return s.name == word }) {
			return nil, fmt.Errorf("there are no surroundings %q; accepted are %s", word, accepted())
		}
		names = append(names, word)
	}
	return names, nil
}

func accepted() string {
	var list []string
	for _, s := range surroundings {
		list = append(list, s.name)
	}
	return strings.Join(list, ", ") + ", modules (" + groups["modules"] + ")"
}

// surround settles what is around an httpd: what the run has and what the test asks for. Only httpds with mod_gojk have something around, and not those of a
// benchmark.
func (h *HTTPD) surround() error {
	if h.opts.Module != ModuleGojk || h.opts.Lean {
		return nil
	}
	run, err := Surroundings()
	if err != nil {
		return err
	}
	own, err := surroundingNames(h.opts.Around)
	if err != nil {
		return err
	}
	for _, s := range surroundings {
		if (slices.Contains(run, s.name) || slices.Contains(own, s.name)) && !slices.Contains(s.not, h.opts.mpm()) && !(s.name == piped && h.cannotPipe()) {
			h.around = append(h.around, s)
		}
	}
	if h.Has(asan) {
		h.env, err = sanitizerEnv()
	}
	return err
}

// cannotPipe is about httpd -X as root: by itself, when it ends, it waits for ever for commands that it may not signal any more.
func (h *HTTPD) cannotPipe() bool { return h.opts.OneProcess && h.inst.user != "" }

// surroundings are the names of what is around this httpd.
func (h *HTTPD) surroundings() (names []string) {
	for _, s := range h.around {
		names = append(names, s.name)
	}
	return names
}

// Has reports whether this httpd has a surrounding.
func (h *HTTPD) Has(name string) bool { return slices.Contains(h.surroundings(), name) }

// BuildFile is the path of a file of the project's build, as this run wants it.
func BuildFile(name string) (string, error) {
	names, err := Surroundings()
	if err != nil {
		return "", err
	}
	return buildFile(name, names)
}

// buildFile is the same for the surroundings of that name. If several are built otherwise, the first in the table counts.
func buildFile(name string, around []string) (string, error) {
	root, err := projectRoot()
	if err != nil {
		return "", err
	}
	dir := "build"
	at := slices.IndexFunc(surroundings, func(s surrounding) bool { return s.built && slices.Contains(around, s.name) })
	if at >= 0 {
		dir = filepath.Join(dir, surroundings[at].name)
	}
	path := filepath.Join(root, dir, name)
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("harness: not built (make; make asan, make cgocheck): %w", err)
	}
	return path, nil
}

// sanitizerEnv is the environment of an httpd that loads a module with sanitizers: the sanitizers' library has to be there from the beginning.
//
// Leaks are not looked for: httpd and Go keep what they have until the process ends. Go handles SIGSEGV, and hands on what is not its own.
var sanitizerEnv = sync.OnceValues(func() ([]string, error) {
	out, err := exec.Command("gcc", "-print-file-name=libasan.so").Output()
	if err != nil {
		return nil, fmt.Errorf("harness: libasan: %w", err)
	}
	library, err := filepath.EvalSymlinks(strings.TrimSpace(string(out)))
	if err != nil {
		return nil, fmt.Errorf("harness: libasan: %w", err)
	}
	return []string{
		preload + library,
		"ASAN_OPTIONS=detect_leaks=0:halt_on_error=1:abort_on_error=1:detect_stack_use_after_return=1:strict_string_checks=1",
		"UBSAN_OPTIONS=halt_on_error=1:abort_on_error=1:print_stacktrace=1",
	}, nil
})
