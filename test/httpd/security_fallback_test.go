// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// ruled is a virtual host of the second port, with rules of its own.
type ruled struct {
	config string // directives
	file   string // its mount file; empty: none
}

// fallbackFiles are requested of every virtual host: names that rules can be written for in many ways.
var fallbackFiles = []string{
	"s.jsp", "x.gif", "app/s.jsp", "app/x.gif", "app/in/s.jsp", "my app/s.jsp", "my app/x.gif", "a\tb/s.jsp", "a#b/s.jsp", "a=b/s.jsp", "a;b/s.jsp", "a|b/s.jsp", "ab/s.jsp", "-x/s.jsp", "!x/s.jsp", "\ufeffx/s.jsp",
	"$(v)/s.jsp", `a\b/s.jsp`, "[x]/s.jsp", "app/s.jsp.bak",
}

// startRuled starts an httpd with the virtual hosts "v0.test", "v1.test" and so on.
func startRuled(t *testing.T, module string, hosts []ruled) *site {
	t.Helper()
	files, beside := map[string]string{}, map[string]string{}
	for _, name := range fallbackFiles {
		files[name] = source
	}
	var config strings.Builder
	config.WriteString("JkMount /main/* a\nJkMount /app/in/* a\nJkUnMount /app/in/* a\n")
	for i, h := range hosts {
		fmt.Fprintf(&config, "<VirtualHost *:${PORT2}>\nServerName v%d.test\nDocumentRoot ${HTDOCS}\n%s", i, h.config)
		if h.file != "" {
			fmt.Fprintf(&config, "JkMountFile ${DIR}/v%d.properties\n", i)
			beside[fmt.Sprintf("v%d.properties", i)] = h.file
		}
		config.WriteString("</VirtualHost>\n")
	}
	return start(t, plan{config: config.String(), faults: true, options: func(o *harness.Options) {
		o.Ports, o.ModuleFile, o.Files, o.Beside = 2, module, files, beside
	}})
}

// withoutLibrary is a module whose library is missing.
func withoutLibrary(t *testing.T) string {
	t.Helper()
	module := copyModule(t, t.TempDir())
	require.NoError(t, os.Remove(filepath.Join(filepath.Dir(module), "libgojk.so")))
	return module
}

// escaped is the target that leads to a file.
func escaped(name string) string {
	segments := strings.Split(name, "/")
	for i := range segments {
		segments[i] = url.PathEscape(segments[i])
	}
	return "/" + strings.Join(segments, "/")
}

// TestSecurity_FallbackRules: what the library gives to a worker answers 503 without it, and what has nothing to do with a worker is served.
func TestSecurity_FallbackRules(t *testing.T) {
	tests := []struct {
		name string
		host ruled
		path string // a file
		with int    // status with the library: 200 from the worker, or from the file if without is 200 too
		none int    // and without it
	}{
		{"a blank in the URI", ruled{"", "/my app/*=a\n"}, "my app/s.jsp", 200, 503},
		{"a tab in the URI", ruled{"", "/a\tb/* = a\n"}, "a\tb/s.jsp", 200, 503},
		{"a return in the line", ruled{"", "/app/*\r = a\r\n"}, "app/s.jsp", 200, 503},
		{"byte order mark", ruled{"", "\ufeff/app/*=a\n"}, "app/s.jsp", 200, 503},
		{"byte order mark and blanks", ruled{"", "\ufeff \t/app/*=a\n"}, "app/s.jsp", 200, 503},
		{"nothing before the '|'", ruled{"", "|/app/*=a\n"}, "app/s.jsp", 200, 503},
		{"nothing before the first '|'", ruled{"", " |/app|/*=a\n"}, "app/s.jsp", 200, 503},
		{"no end of line", ruled{"", "/x=a\n/app/*=a"}, "app/s.jsp", 200, 503},
		{"a rule of a file without a worker", ruled{"", "/app/*=;reply_timeout=1\n"}, "app/s.jsp", 500, 503},
		{"an exclusion that a later one replaces", ruled{"JkMount /* a\nJkUnMount /app/* a\nJkUnMount /app/* b\n", ""}, "app/s.jsp", 200, 503},
		{"an exclusion of the main server that an own one replaces", ruled{"JkMountCopy On\nJkUnMount /app/in/* b\n", ""}, "app/in/s.jsp", 200, 503},
		{"a quoted URI", ruled{"JkMount \"/my app/*\" a\n", ""}, "my app/s.jsp", 200, 503},
		{"a mount that is a letter like others", ruled{"JkMount \"/a;b/*\" a\n", ""}, "a;b/s.jsp", 200, 503},

		{"another folder", ruled{"JkMount /app/* a\n", "/my app/* = a\n"}, "x.gif", 200, 200},
		{"a rule that is a comment", ruled{"", " # /app/* = a\n#/app/*=a\n"}, "app/s.jsp", 200, 200},
		{"a disabled rule, an exclusion", ruled{"", "-/app/*=a\n!/app/*=a\n-|/app/*=a\n"}, "app/s.jsp", 200, 200},
		{"no rule", ruled{"", "app/*=a\n*.jsp=a\n"}, "app/s.jsp", 200, 200},
		{"excluded", ruled{"JkMount /app|/* a\nJkUnMount /app/*.gif a\n", ""}, "app/x.gif", 200, 503},
	}
	hosts := make([]ruled, len(tests))
	for i, tt := range tests {
		hosts[i] = tt.host
	}
	with, none := startRuled(t, "", hosts), startRuled(t, withoutLibrary(t), hosts)
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := request("GET", escaped(tt.path), fmt.Sprintf("Host: v%d.test", i))
			r := doAt(t, with.AddrOf(1), text)
			require.Equal(t, tt.with, r.Status, "with the library")
			mapped := string(r.Body) != source
			r = doAt(t, none.AddrOf(1), text)
			require.Equal(t, tt.none, r.Status, "without the library")
			require.False(t, mapped && string(r.Body) == source)
		})
	}
}

// TestSecurity_FallbackNulByte: the library refuses a file with a NUL byte. Without it nobody does, and what is behind the byte counts.
func TestSecurity_FallbackNulByte(t *testing.T) {
	const rest = "#\x00\n"
	s := start(t, plan{workers: rest + "worker.a.mount=/app/*\n", faults: true, options: func(o *harness.Options) {
		o.ModuleFile, o.Files = withoutLibrary(t), map[string]string{"app/s.jsp": source}
	}})
	require.Equal(t, 503, s.get(t, "/app/s.jsp").Status, "workers file")
	s = startRuled(t, withoutLibrary(t), []ruled{{"", rest + "/app/*=a\n"}})
	require.Equal(t, 503, doAt(t, s.AddrOf(1), request("GET", "/app/s.jsp", "Host: v0.test")).Status, "mount file")
}

// loseLibrary takes the library away and ends all children: the new ones are without. Returns: what brings the library back.
func (s *site) loseLibrary(t *testing.T) func() {
	t.Helper()
	_, rest, found := strings.Cut(s.Log("httpd.conf"), "LoadModule gojk_module ")
	require.True(t, found)
	file, _, _ := strings.Cut(rest, "\n")
	library := filepath.Join(filepath.Dir(strings.Trim(file, `"`)), "libgojk.so")
	require.NoError(t, os.Rename(library, library+".away"))
	for _, pid := range s.Children() {
		require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	}
	await(t, "children without the library", func() bool {
		for range 20 {
			if !s.unavailable("/main") {
				return false
			}
		}
		return true
	})
	return func() { require.NoError(t, os.Rename(library+".away", library)) }
}

func (s *site) unavailable(path string) bool { return strings.Contains(s.try(path), " 503 ") }

// lossPlan has a library of its own, which a test may take away.
func lossPlan(t *testing.T, mounts string) plan {
	return plan{crashes: true, config: "JkMount /main a\nJkMountFile ${DIR}/map.properties\n", options: func(o *harness.Options) {
		o.ModuleFile, o.Files = copyModule(t, t.TempDir()), map[string]string{"app/s.jsp": source}
		o.Beside = map[string]string{"map.properties": mounts}
	}}
}

// TestSecurity_FallbackAfterReload: when the workers were loaded again, a child without the library does not know whether they now have mounts.
func TestSecurity_FallbackAfterReload(t *testing.T) {
	t.Parallel()
	s := start(t, lossPlan(t, "/other/*=a\n"))
	bringBack := s.loseLibrary(t)
	require.Equal(t, source, string(s.get(t, "/app/s.jsp").Body), "not mapped yet")
	bringBack()
	s.rewrite(t, "workers.properties", s.workers()+"worker.a.mount=/app/*\n")
	past := time.Now().Add(-time.Minute) // the parent leaves a file alone that somebody may still be writing
	require.NoError(t, os.Chtimes(filepath.Join(s.Dir, "workers.properties"), past, past))
	await(t, "the workers to be loaded again", func() bool { return s.unavailable("/app/s.jsp") })
}

// TestSecurity_FallbackAfterMistake: after a restart with a mistake in a file the files of before are in force, which a child without the library does not know.
func TestSecurity_FallbackAfterMistake(t *testing.T) {
	s := start(t, lossPlan(t, "/app/*=a\n"))
	s.requireAnswer(t, "/app/s.jsp", "a")
	s.rewrite(t, "map.properties", "/other/*=a\nworker.a.nonsense=1\n")
	s.graceful(t)
	require.Contains(t, s.ErrorLog(), "GOJK0005")
	s.requireAnswer(t, "/app/s.jsp", "a")
	s.loseLibrary(t)
	require.Equal(t, 503, s.get(t, "/app/s.jsp").Status)
}

// generator writes rules at random, the same in every run.
type generator struct{ *rand.Rand }

func (g generator) one(list ...string) string { return list[g.IntN(len(list))] }

func (g generator) pattern() string {
	folder, _, _ := strings.Cut(fallbackFiles[g.IntN(len(fallbackFiles))], "/")
	return g.one("/*", "/*.jsp", "/?.jsp", "/a*b/*", "/app*", "/*/s.jsp*", "/app/in/*", "/"+folder, "/"+folder+"/*", "/"+folder+"|/*", "/"+folder+"/s.jsp", "/"+folder+"|/x.gif|/s.jsp", "/"+folder+"//*", "/*"+folder+"/?.*", "/"+folder+"*.gif")
}

func (g generator) directives() (text string) {
	for range g.IntN(4) {
		text += fmt.Sprintf("%s %q %s\n", g.one("JkMount", "JkMount", "JkUnMount"), strings.ReplaceAll(g.pattern(), `\`, `\\`), g.one("a", "a", "b", "nobody", "a;reply_timeout=5000", "*"))
	}
	return text + g.one("", "", "JkMountCopy On\n", "JkMountCopy Off\n")
}

func (g generator) mountFile() string {
	text := g.one("", "", "\ufeff")
	for range 1 + g.IntN(3) {
		text += g.one("", "", " ", "\t\v\f", "# ", "\r") + g.one("", "", "", "|", "!", "-", "-!", "||", "!|", "-|", "| ") + g.pattern() + g.one("", "", " ", "\t", "\r", "#", " # ", "\\\n") +
			g.one("=", "=", "=", " = ", "==", "") + g.one("a", "a", "b ", "a;reply_timeout=5000", "nobody", "", "# a", "$(v)", "\\\n a", "a\r") + g.one("\n", "\r\n", "\n\n", "\r", " \n")
	}
	return text
}

// TestSecurity_FallbackMapsAsMuch: for rules of all kinds, whatever the library maps answers 503 without it.
func TestSecurity_FallbackMapsAsMuch(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(1, 2))}
	hosts := make([]ruled, 240)
	for i := range hosts {
		hosts[i].config = g.directives()
		if i%3 > 0 {
			hosts[i].file = g.mountFile()
		}
	}
	with, none := newProber(t, startRuled(t, "", hosts)), newProber(t, startRuled(t, withoutLibrary(t), hosts))
	mapped, files, cautious := 0, 0, 0 // with and without the library, with it only
	for i, h := range hosts {
		for _, name := range fallbackFiles {
			text := requestOn("GET", escaped(name), fmt.Sprintf("Host: v%d.test", i))
			a, b := with.ask(t, text), none.ask(t, text)
			switch {
			case string(a.Body) != source:
				require.Equal(t, 503, b.Status, "%q has status %d with the library, of %q", name, a.Status, h)
				mapped++
			case string(b.Body) == source:
				files++
			default:
				require.Equal(t, 503, b.Status)
				cautious++
			}
		}
	}
	t.Logf("%d mapped, %d not, %d not but for the shim", mapped, files, cautious)
	require.Greater(t, mapped, 1000)
	require.Greater(t, files, 1000)
}
