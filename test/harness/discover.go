package harness

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
)

// installation is where httpd and its parts are on this machine.
type installation struct {
	binary  string          // the httpd program
	modules string          // the folder of loadable modules
	builtIn map[string]bool // modules linked into the program, as "mod_so"
	user    string          // account for children when started by root; empty otherwise
	group   string
}

// discover asks apxs where httpd is. APXS and HTTPD in the environment override what is on the PATH.
var discover = sync.OnceValues(func() (*installation, error) {
	apxs, err := firstProgram(os.Getenv("APXS"), "apxs", "apxs2")
	if err != nil {
		return nil, fmt.Errorf("harness: apxs: %w (Debian: apt install apache2-dev)", err)
	}
	sbin, prog := query(apxs, "SBINDIR"), query(apxs, "PROGNAME")
	binary, err := firstProgram(os.Getenv("HTTPD"), filepath.Join(sbin, prog), "apache2", "httpd")
	if err != nil {
		return nil, fmt.Errorf("harness: httpd: %w", err)
	}
	i := &installation{binary: binary, modules: query(apxs, "LIBEXECDIR")}
	if i.builtIn, err = builtIn(binary); err != nil {
		return nil, err
	}
	if os.Geteuid() == 0 {
		i.user, i.group, err = serviceAccount()
	}
	return i, err
})

// query asks apxs for one of its variables.
func query(apxs, name string) string {
	out, err := exec.Command(apxs, "-q", name).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// firstProgram returns the first of the names that is a program. Empty names are passed over.
func firstProgram(names ...string) (string, error) {
	for _, name := range names {
		if name == "" {
			continue
		}
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("none of %q is a program", names)
}

// builtIn lists the modules linked into httpd, from "httpd -l".
func builtIn(binary string) (map[string]bool, error) {
	out, err := exec.Command(binary, "-l").Output()
	if err != nil {
		return nil, fmt.Errorf("harness: %s -l: %w", binary, err)
	}
	set := map[string]bool{}
	for _, line := range bytes.Split(out, []byte("\n")) {
		if name, ok := strings.CutSuffix(strings.TrimSpace(string(line)), ".c"); ok {
			set[name] = true
		}
	}
	return set, nil
}

// serviceAccount finds the account that httpd's children run as when root starts it.
func serviceAccount() (name, group string, err error) {
	for _, candidate := range []string{"www-data", "apache", "daemon", "nobody"} {
		u, err := user.Lookup(candidate)
		if err != nil {
			continue
		}
		g, err := user.LookupGroupId(u.Gid)
		if err != nil {
			continue
		}
		return candidate, g.Name, nil
	}
	return "", "", errors.New("harness: no account for httpd's children (www-data, apache, daemon, nobody)")
}

// projectRoot is the folder of go.mod above the working directory.
func projectRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("harness: no go.mod above the working directory; set Options.ModuleFile")
		}
		dir = up
	}
}
