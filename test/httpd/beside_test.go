// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// ofModJk reports whether a descriptor may be one that mod_jk, loaded too, leaves open for every program: its log and its shared memory.
func (s *site) ofModJk(target string) bool {
	return s.besideModJk() && !strings.HasPrefix(target, "socket:") && !strings.HasPrefix(target, s.shmFile())
}

// besideModJk reports whether mod_jk is loaded too.
func (s *site) besideModJk() bool {
	return s.Has("jk") || strings.Contains(s.Log("httpd.conf"), "LoadModule jk_module")
}

// exceptModJk takes the line away that says that mod_jk is loaded too.
func exceptModJk(out string) string {
	lines := slices.DeleteFunc(strings.SplitAfter(out, "\n"), func(line string) bool { return strings.Contains(line, "GOJK0019") })
	return strings.Join(lines, "")
}

const modJkConfig = `
JkMount /app/* lb
JkUnMount /app/static/* lb
JkMount /jkstatus jkstatus
JkMount /welcome/*.jsp b
DirectoryIndex index.jsp
JkMountFile ${DIR}/map.properties
JkEnvVar COLOUR blue
<Location /section>
JkMount a
</Location>
<Location /named>
SetHandler jakarta-servlet
SetEnv JK_WORKER_NAME b
</Location>
SetEnvIf Request_URI ^/app/never no-jk
<VirtualHost *:${PORT2}>
JkMount /virtual/* b
<Location /below>
JkMount a
</Location>
</VirtualHost>
`

// modJkPlan is an httpd with both modules, whichever is loaded first.
func modJkPlan(late bool, more func(*harness.Options)) plan {
	return plan{config: modJkConfig, options: func(o *harness.Options) {
		o.Ports = 2
		o.Files = map[string]string{
			"app/page.jsp": source, "app/static/x.txt": static, "app/never.jsp": static, "virtual/page.jsp": source, "named/page.jsp": source, "section": source,
			"below": source, "welcome/index.jsp": source, "file/page.jsp": source, "../map.properties": "/file/*=b\n",
		}
		if o.Modules = []string{"jk"}; late {
			o.Modules, o.Late = nil, []string{"jk"}
		}
		if more != nil {
			more(o)
		}
	}}
}

// TestBeside_ModJk: mod_jk has the same directives, and httpd hands a directive to each module that has it. mod_gojk takes them all, mod_jk does nothing, and
// whoever has forgotten to remove its LoadModule line is told so.
func TestBeside_ModJk(t *testing.T) {
	for name, late := range map[string]bool{"loaded before": false, "loaded after": true} {
		t.Run(name, func(t *testing.T) {
			s := start(t, modJkPlan(late, nil))
			out, err := s.ConfigTest()
			require.NoError(t, err, out)
			require.Equal(t, 1, strings.Count(out, "GOJK0019"), out)
			requireOnlyOurs(t, s)
			s.graceful(t)
			requireOnlyOurs(t, s)
			s.restart(t)
			requireOnlyOurs(t, s)
			require.Contains(t, s.ErrorLog(), "mod_jk is loaded too; mod_gojk has taken over all Jk directives")
			requirePrivateFile(t, s)
		})
	}
}

// requireOnlyOurs sends requests to everything that is mounted: each comes to its container once, through mod_gojk.
func requireOnlyOurs(t *testing.T, s *site) {
	t.Helper()
	s.Take()
	for _, r := range []struct{ path, container string }{{"/file/page.jsp", "b"}, {"/section", "a"}, {"/named/page.jsp", "b"}, {"/welcome/", "b"}} {
		s.requireAnswer(t, r.path, r.container)
	}
	for path, want := range map[string]string{"/virtual/page.jsp": "b", "/below": "a"} {
		require.Equal(t, want, string(doAt(t, s.AddrOf(1), request("GET", path)).Body), path)
	}
	for range 4 {
		require.Equal(t, 200, s.get(t, "/app/page.jsp").Status)
	}
	served := s.requests()
	require.Len(t, served, 10, "each once")
	for _, r := range served {
		require.Contains(t, fmt.Sprintf("%+v", *r.Request), "COLOUR", "the directives of mod_gojk are in force")
	}
	for _, path := range []string{"/app/static/x.txt", "/app/never.jsp"} {
		require.Equal(t, static, string(s.get(t, path).Body))
	}
	require.Contains(t, string(s.get(t, "/jkstatus").Body), "mod_gojk")
	require.Empty(t, s.requests())
	for line := range strings.Lines(s.JkLog()) {
		require.True(t, strings.Contains(line, "id=GOJK") || strings.Contains(line, "mod_jk/1"), "mod_jk does something: %s", line)
	}
}

// TestBeside_ModJkWithoutLibrary: also then mod_jk serves nothing in place of mod_gojk, and nobody the source.
func TestBeside_ModJkWithoutLibrary(t *testing.T) {
	for name, late := range map[string]bool{"loaded before": false, "loaded after": true} {
		t.Run(name, func(t *testing.T) {
			module := filepath.Join(t.TempDir(), "mod_gojk.so")
			require.NoError(t, copyBuilt(module))
			s := start(t, modJkPlan(late, func(o *harness.Options) { o.ModuleFile = module }))
			for _, path := range []string{"/app/page.jsp", "/section", "/named/page.jsp", "/welcome/", "/file/page.jsp"} {
				require.Equal(t, 503, s.get(t, path).Status, path)
			}
			for _, path := range []string{"/virtual/page.jsp", "/below"} {
				require.Equal(t, 503, doAt(t, s.AddrOf(1), request("GET", path)).Status, path)
			}
			require.Empty(t, s.requests())
		})
	}
}

// TestBeside_ModJkMistakes: findings name directives and lines as they are written.
func TestBeside_ModJkMistakes(t *testing.T) {
	for config, want := range map[string]string{
		"JkMount app/* a": "JkMount: context app/* should start with /",
		"<VirtualHost *:80>\nJkShmSize 1\n</VirtualHost>": "JkShmSize cannot occur within <VirtualHost> section",
		"jkoptions +FlyFast":                              "'+FlyFast' is not an option",
		"JkWorkerProperty worker.a.speed=9":               "'worker.a.speed' is not supported",
	} {
		s := prepare(t, plan{config: config, options: func(o *harness.Options) { o.Modules = []string{"jk"} }})
		out, err := s.ConfigTest()
		require.Error(t, err, out)
		require.Contains(t, out, want)
		lines := strings.Split(config, "\n")
		line := s.lineOf(t, lines[len(lines)/2])
		conf := s.Dir + "/httpd.conf"
		require.True(t, strings.Contains(out, fmt.Sprintf("%s:%d: ", conf, line)) || strings.Contains(out, fmt.Sprintf("on line %d of %s:", line, conf)), out)
	}
}

// TestBeside_ModJkAlone: without Jk directives there is nothing to take over, and nothing to say.
func TestBeside_ModJkAlone(t *testing.T) {
	s := start(t, plan{config: "JkLogFile ${DIR}/both.log\nJkShmFile ${DIR}/both.shm\n", options: func(o *harness.Options) { o.NoJkFiles, o.Modules = true, []string{"jk"} }})
	require.Equal(t, 200, s.get(t, "/").Status)
	require.NotContains(t, s.ErrorLog()+s.Stderr(), "GOJK0019")
}

// openFiles is a CGI program that says what it has open.
const openFiles = `#!/usr/bin/env perl
print "Content-Type: text/plain\n\n";
opendir(my $dir, "/proc/self/fd") or die;
for my $n (grep { /^\d+$/ } readdir($dir)) {
    my $target = readlink("/proc/self/fd/$n");
    print "$n $target\n" if defined($target) && $target !~ m(^/proc/);
}
`

// TestBeside_CGI: programs that httpd runs while requests are under way, from a daemon without the library (mod_cgid) and from the children that have it
// (mod_cgi), get nothing of what mod_gojk has open, and disturb nothing.
func TestBeside_CGI(t *testing.T) {
	for module, settings := range map[string]string{"cgid": "ScriptSock ${DIR}/cgid.sock\n", "cgi": ""} {
		for _, around := range []string{"", "piped"} {
			t.Run(strings.TrimSpace("mod_"+module+" "+around), func(t *testing.T) {
				p := plan{config: "JkMount /app/* lb\nScriptAlias /cgi/ ${DIR}/cgi/\n" + settings, options: func(o *harness.Options) {
					o.Modules, o.Around, o.Beside = []string{module}, strings.Fields(around), map[string]string{"cgi/open": openFiles}
				}}
				if mpm == harness.Prefork {
					p.children = 7
				}
				s := start(t, p)
				require.NoError(t, os.Chmod(filepath.Join(s.Dir, "cgi", "open"), 0o755))
				requireNothingOpen(t, s)
				s.graceful(t)
				requireNothingOpen(t, s)
			})
		}
	}
}

// requireNothingOpen runs the CGI program while requests are under way.
func requireNothingOpen(t *testing.T, s *site) {
	t.Helper()
	release := s.holdOpen(t)
	l := s.startLoad(2, "/app/x")
	inherited := descriptors(t, os.Getpid())
	await(t, "mod_cgid's daemon, which starts beside httpd", func() bool { return s.get(t, "/cgi/open").Status == 200 })
	for range rounds(5) {
		r := s.get(t, "/cgi/open")
		require.Equal(t, 200, r.Status, r.StatusLine)
		require.Contains(t, string(r.Body), "0 ", "it says something")
		for line := range strings.Lines(string(r.Body)) {
			number, target, _ := strings.Cut(strings.TrimSpace(line), " ")
			if !slices.ContainsFunc(inherited, func(d descriptor) bool { return d.target == target }) && !s.ofModJk(target) {
				require.Contains(t, []string{"0", "1", "2"}, number, target)
			}
		}
	}
	requests, failures := l.stop()
	require.Empty(t, failures, "%d requests", requests)
	release()
	s.requireIdle(t)
}
