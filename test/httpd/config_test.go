// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// lineOf is the last line of httpd.conf that begins with the text.
func (s *site) lineOf(t *testing.T, text string) int {
	t.Helper()
	conf := s.Log("httpd.conf")
	at := strings.LastIndex(conf, "\n"+text)
	require.Positive(t, at, text)
	return strings.Count(conf[:at+1], "\n") + 1
}

// TestConfig_Refused: httpd -t names what is wrong, and where. httpd and the module share that work; an administrator need not know.
func TestConfig_Refused(t *testing.T) {
	const virtualHost = "<VirtualHost *:80>\n%s\n</VirtualHost>"
	tests := []struct {
		name, config string
		at           string // beginning of the line that is named; empty: the first of config
		want         string
	}{
		{"unknown directive", "JkNoSuchThing On", "", "Invalid command 'JkNoSuchThing'"},
		{"JkMount without slash", "JkMount app/* a", "", "context app/* should start with /"},
		{"JkMount with a URI alone", "JkMount /app/*", "", "needs a URI and a worker name"},
		{"JkMount without anything", "JkMount", "", "JkMount takes one or two arguments"},
		{"JkMount with an empty worker", `JkMount /app/* ""`, "", "needs a URI and a worker name"},
		{"JkMount with too much", "JkMount /app/* a b", "", "JkMount takes one or two arguments"},
		{"JkMount in Location with a URI", "<Location /app>\nJkMount /app a\n</Location>", "JkMount /app a", "only a worker name is allowed"},
		{"JkMount in LocationMatch", "<LocationMatch ^/app>\nJkMount a\n</LocationMatch>", "JkMount a", "context ^/app should start with /"},
		{"JkMount in Files", "<Files x>\nJkMount a\n</Files>", "JkMount a", "context x should start with /"},
		{"JkUnMount without slash", "JkUnMount app/* a", "", "context app/* should start with /"},
		{"JkUnMount with a URI alone", "JkUnMount /app/*", "", "needs a URI and a worker name"},
		{"JkWorkersFile missing", "JkWorkersFile ${DIR}/nowhere", "", "nowhere is not a readable file"},
		{"JkWorkersFile is a folder", "JkWorkersFile ${DIR}/htdocs", "", "htdocs is not a readable file"},
		{"JkWorkersFile twice", "JkWorkersFile ${DIR}/workers.properties\nJkWorkersFile ${DIR}/workers.properties", "", "JkWorkersFile: only allowed once"},
		{"JkWorkersFile in a virtual host", fmt.Sprintf(virtualHost, "JkWorkersFile ${DIR}/httpd.conf"), "JkWorkersFile ${DIR}/httpd.conf", "cannot occur within <VirtualHost> section"},
		{"JkWorkerProperty in a virtual host", fmt.Sprintf(virtualHost, "JkWorkerProperty worker.x.port=1"), "JkWorkerProperty", "cannot occur within <VirtualHost> section"},
		{"JkShmFile in a virtual host", fmt.Sprintf(virtualHost, "JkShmFile other"), "JkShmFile other", "cannot occur within <VirtualHost> section"},
		{"JkShmSize in a virtual host", fmt.Sprintf(virtualHost, "JkShmSize 1"), "JkShmSize", "cannot occur within <VirtualHost> section"},
		{"JkWatchdogInterval in a virtual host", fmt.Sprintf(virtualHost, "JkWatchdogInterval 1"), "JkWatchdogInterval", "cannot occur within <VirtualHost> section"},
		{"JkWorkerProperty of an unknown attribute", "JkWorkerProperty worker.a.speed=9", "", "'worker.a.speed' is not supported"},
		{"JkOptions with an unknown word", "JkOptions +ForwardURIProxy +FlyFast", "", "'+FlyFast' is not an option"},
		{"JkOptions that cannot be switched off", "JkOptions -ForwardURIEscaped", "", "ForwardURIEscaped cannot be switched off"},
		{"JkOptions without anything", "JkOptions", "", "at least one argument"},
		{"JkMountCopy with another word", "JkMountCopy Sometimes", "", "JkMountCopy must be On, Off or All"},
		{"JkMountCopy All in a virtual host", fmt.Sprintf(virtualHost, "JkMountCopy All"), "JkMountCopy All", "cannot occur within <VirtualHost> section"},
		{"JkExtractSSL with another word", "JkExtractSSL Perhaps", "", "JkExtractSSL 'Perhaps' is unknown; accepted: On or Off"},
		{"JkLogFile without a name", "JkLogFile", "", "JkLogFile takes one argument"},
		{"JkLogLevel without a word", `JkLogLevel ""`, "", "JkLogLevel takes one argument"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := prepare(t, plan{config: tt.config, options: func(o *harness.Options) { o.NoJkFiles = true }})
			out, err := s.ConfigTest()
			require.Error(t, err, out)
			require.Contains(t, out, tt.want)
			if tt.at == "" {
				tt.at, _, _ = strings.Cut(tt.config, "\n")
			}
			line := s.lineOf(t, tt.at)
			conf := s.Dir + "/httpd.conf"
			ours, httpds := fmt.Sprintf("%s:%d: ", conf, line), fmt.Sprintf("on line %d of %s:", line, conf)
			require.True(t, strings.Contains(out, ours) || strings.Contains(out, httpds), "line %d is not named:\n%s", line, out)
		})
	}
}

// TestConfig_Warned: httpd -t says what is odd, and is content.
func TestConfig_Warned(t *testing.T) {
	tests := []struct{ name, config, workers, want string }{
		{"mount to a worker that does not exist", "JkMount /app/* nobody", "", "Could not find worker with name 'nobody'"},
		{"unknown log level", "JkLogLevel loud", "", "JkLogLevel 'loud' is unknown"},
		{"option without effect", "JkOptions +CollapseSlashesAll", "", "CollapseSlashesAll has no effect"},
		{"size of the shared memory", "JkShmSize 5000", "", "JkShmSize is not needed"},
		{"interval that is no number", "JkWatchdogInterval soon", "", "JkWatchdogInterval 'soon' is not a number of seconds"},
		{"unknown rule extension", "JkMount /app/* a;speed=9", "", "speed"},
		{"value that is no number", "", "worker.a.retries=many\n", "many"},
		{"deprecated attribute", "", "worker.a.cachesize=5\n", "cachesize"},
		{"port that cannot be", "", "worker.list=p\nworker.p.port=70000\n", "'worker.p.port=70000' is out of range"},
		{"the same property twice", "", "worker.a.retries=3\nworker.a.retries=4\n", "worker.a.retries"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := prepare(t, plan{config: tt.config, workers: tt.workers})
			out, err := s.ConfigTest()
			require.NoError(t, err, out)
			require.Contains(t, out, "Syntax OK")
			require.Contains(t, out, tt.want)
		})
	}
	t.Run("nothing to say", func(t *testing.T) {
		s := prepare(t, plan{config: "JkMount /app/* lb"})
		out, err := s.ConfigTest()
		require.NoError(t, err)
		require.Equal(t, "Syntax OK\n", exceptModJk(out))
	})
	t.Run("a line may end in a comment, as in mod_jk's guides", func(t *testing.T) {
		s := prepare(t, plan{config: "JkMount /app/* lb # the application\nJkLogLevel debug # for now"})
		out, err := s.ConfigTest()
		require.NoError(t, err)
		require.Equal(t, "Syntax OK\n", exceptModJk(out))
	})
}

// TestConfig_NumberSign: a word that begins with '#' begins a comment, but not in quotes.
func TestConfig_NumberSign(t *testing.T) {
	tests := []struct{ name, line, want string }{
		{"quotes", `JkEnvVar COLOR "#ff0000"`, "#ff0000"},
		{"the other quotes", `JkEnvVar COLOR '#ff0000'`, "#ff0000"},
		{"quotes and a comment", `JkEnvVar  "COLOR"	"#ff0000" # "red"`, "#ff0000"},
		{"comment", `JkEnvVar COLOR #ff0000`, ""},
		{"comment at once", `JkEnvVar COLOR red #ff0000 "#00ff00"`, "red"},
		{"not at the beginning", `JkEnvVar COLOR red#1`, "red#1"},
		{"defined", "Define HUE #ff0000\nJkEnvVar COLOR \"${HUE}\"", "#ff0000"},
		{"in a section", "<IfModule gojk_module>\n  JkEnvVar COLOR \"#ff0000\" # red\n</IfModule>", "#ff0000"},
	}
	var config strings.Builder
	config.WriteString("JkLogStampFormat \"# %Y \"\nJkRequestLogFormat \"# %U %s\" # status\n")
	for i, tt := range tests {
		fmt.Fprintf(&config, "<VirtualHost *:${PORT}>\nServerName v%d.test\nJkMount /app/* a # the application\n%s\n</VirtualHost>\n", i, tt.line)
	}
	s := start(t, plan{containers: "a", config: config.String()})
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.requireAnswer(t, "/app/x", "a", fmt.Sprintf("Host: v%d.test", i))
			list := s.requests()
			require.Equal(t, tt.want, list[len(list)-1].Request.Attribute("COLOR"))
		})
	}
	require.Regexp(t, `(?m)^# 20\d\d .*# /app/x 200`, s.JkLog())
}

// TestConfig_BrokenWorkers: neither httpd -t nor a start is content, and both name file and line.
func TestConfig_BrokenWorkers(t *testing.T) {
	tests := []struct {
		name, workers, want string
		line                int // 0: the file as a whole
	}{
		{"unknown attribute", "worker.list=a\nworker.a.speed=9\n", "'worker.a.speed' is not supported", 2},
		{"unknown type", "worker.list=a\nworker.a.type=ajp15\n", "unknown type", 2},
		{"type that mod_jk had", "worker.list=a\n\nworker.a.type=ajp14\n", "does not exist any more", 3},
		{"host that cannot be", "worker.list=a\nworker.a.host=a:b\n", "worker.a.host", 2},
		{"balancer without members", "worker.list=lb\nworker.lb.type=lb\n", "has no members", 0},
		{"member of another type", "worker.list=lb\nworker.lb.type=lb\nworker.lb.balance_workers=s\nworker.s.type=status\n", "members of type ajp13", 3},
		{"two members with a route", "worker.list=lb\nworker.lb.type=lb\nworker.lb.balance_workers=a,b\nworker.a.port=1\nworker.a.route=x\nworker.b.port=2\nworker.b.route=x\n", "share the same route 'x'", 3},
		{"reference to nothing", "worker.list=a\nworker.a.reference=worker.template\n", "worker.template", 2},
		{"references in a circle", "worker.list=a\nworker.a.reference=worker.b\nworker.b.reference=worker.a\n", "reference", 2},
		{"name that is too long", "worker.list=" + strings.Repeat("n", 64) + "\n", "1 bytes too long", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := prepare(t, plan{config: "", workers: tt.workers, only: true})
			where := s.Dir + "/workers.properties:"
			if tt.line > 0 {
				where += fmt.Sprintf("%d:", tt.line)
			}
			out, err := s.ConfigTest()
			require.Error(t, err, out)
			require.NotContains(t, out, "Syntax OK")
			require.Contains(t, out, tt.want)
			if tt.line > 0 {
				require.Contains(t, out, where)
			}
			err = s.Start()
			require.ErrorContains(t, err, "httpd ended")
			require.ErrorContains(t, err, tt.want)
			if tt.line > 0 {
				require.ErrorContains(t, err, where)
			}
		})
	}
}

// TestConfig_CannotStart: what only a start finds out.
func TestConfig_CannotStart(t *testing.T) {
	tests := []struct{ name, config, want string }{
		{"the log cannot be opened", "JkLogFile ${DIR}/nowhere/jk.log", "could not open JkLog"}, // mod_jk says so first, if it is there
		{"the shared memory cannot be created", "JkShmFile ${DIR}/nowhere/jk.shm", "nable to start due to shared memory failure"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := prepare(t, plan{config: tt.config})
			err := s.Start()
			require.ErrorContains(t, err, "httpd ended")
			require.ErrorContains(t, err, tt.want)
		})
	}
}

// TestConfig_BrokenRestart: a running server does not go down because of a file. It goes on with the workers that it has, says so, and takes the file
// once it is mended.
func TestConfig_BrokenRestart(t *testing.T) {
	const mounts = "JkMount /app/* a\n"
	s := start(t, plan{hard: true, config: mounts, options: func(o *harness.Options) {
		o.Files = map[string]string{"app/page.jsp": "<% secret %>"}
	}})
	s.requireAnswer(t, "/app/page.jsp", "a")
	good := s.workers()

	t.Run("broken workers", func(t *testing.T) {
		s.reconfigure(t, mounts+"JkMount /b/* b\n", good+"worker.a.speed=9\n")
		s.graceful(t)
		s.requireAnswer(t, "/app/page.jsp", "a")
		s.requireAnswer(t, "/b/x", "b") // the new directives are in force
		log := s.ErrorLog()
		require.Contains(t, log, "going on with the files of the last good one")
		require.Contains(t, log, "id=GOJK0005")
		require.Contains(t, log, fmt.Sprintf("%s/workers.properties:%d: ", s.Dir, strings.Count(good, "\n")+1))
	})
	t.Run("and again", func(t *testing.T) {
		s.graceful(t)
		s.requireAnswer(t, "/app/page.jsp", "a")
		require.Equal(t, 2, strings.Count(s.ErrorLog(), "id=GOJK0005"))
	})
	t.Run("and by a hard restart", func(t *testing.T) {
		s.restart(t)
		s.requireAnswer(t, "/app/page.jsp", "a")
		require.Equal(t, 3, strings.Count(s.ErrorLog(), "id=GOJK0005"))
	})
	t.Run("mended, with something new", func(t *testing.T) {
		s.reconfigure(t, mounts+"JkMount /new/* new\n", strings.Replace(good, "worker.list=", "worker.list=new,", 1)+"worker.new.port={b}\n")
		s.graceful(t)
		s.requireAnswer(t, "/app/page.jsp", "a")
		s.requireAnswer(t, "/new/x", "b")
		require.Equal(t, 3, strings.Count(s.ErrorLog(), "id=GOJK0005"))
	})
	t.Run("directives that no workers can mend: 503, never the files", func(t *testing.T) {
		for _, broken := range []string{"JkOptions +FlyFast\n", "JkWorkerProperty worker.a.speed=9\n"} {
			s.reconfigure(t, mounts+broken, good)
			s.graceful(t)
			r := s.get(t, "/app/page.jsp")
			require.Equal(t, 503, r.Status)
			require.NotContains(t, string(r.Body), "secret")
			require.Equal(t, "static\n", string(s.get(t, "/").Body))
			require.Contains(t, s.ErrorLog(), "id=GOJK0006")
		}
	})
	t.Run("mended", func(t *testing.T) {
		s.reconfigure(t, mounts, good)
		s.graceful(t)
		s.requireAnswer(t, "/app/page.jsp", "a")
	})
}
