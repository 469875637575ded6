// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// reloadPlan has mounts in a file that is looked at every second.
func reloadPlan(mounts string) plan {
	return plan{
		containers: "a b c", children: 2,
		config:  "JkMountFile ${DIR}/map.properties\nJkMountFileReload 1\nJkMount /status jkstatus\nJkMount /stable/* a\n",
		options: func(o *harness.Options) { o.Files = map[string]string{"../map.properties": mounts} },
	}
}

// rewrite replaces a file below the scratch folder, as an editor does: another file under the same name.
func (s *site) rewrite(t testing.TB, name, text string) {
	t.Helper()
	path := filepath.Join(s.Dir, name)
	require.NoError(t, os.WriteFile(path+".new", []byte(s.ports.Replace(text)), 0o644))
	require.NoError(t, os.Rename(path+".new", path))
}

// awaitAnswer waits until every child has a container of that name answer a GET; "": nobody does. Children are asked by chance, so many times.
func (s *site) awaitAnswer(t testing.TB, path, container string) {
	t.Helper()
	await(t, fmt.Sprintf("%s to be answered by %q", path, container), func() bool {
		for range 20 {
			r := s.do(t, request("GET", path))
			if answered := r.Status == 200 && string(r.Body) == container; answered != (container != "") {
				return false
			}
		}
		return true
	})
}

func TestReload_MountFile(t *testing.T) {
	t.Parallel()
	s := start(t, reloadPlan("/one/*=a\n/both|/*=b;use_server_errors=500\n"))
	s.requireAnswer(t, "/one/x", "a")
	s.requireAnswer(t, "/both", "b")
	s.requireAnswer(t, "/both/x", "b")
	l := s.startLoad(3, "/stable/x")

	s.rewrite(t, "map.properties", "# only this\n/one/*=b\n")
	s.awaitAnswer(t, "/one/x", "b")
	s.awaitAnswer(t, "/both", "")
	require.Contains(t, s.JkLog(), "Reloaded urimaps from "+filepath.Join(s.Dir, "map.properties"))

	s.rewrite(t, "map.properties", "/one/*=c\n/stable/*=\nnonsense\n")
	await(t, "the mistake to be reported", func() bool { return strings.Contains(s.ErrorLog(), "GOJK2021") })
	require.Contains(t, s.ErrorLog(), filepath.Join(s.Dir, "map.properties")+":3: ")
	s.requireAnswer(t, "/one/x", "b")
	require.Contains(t, string(s.get(t, "/status").Body), "map.properties was changed but is not in force")

	s.rewrite(t, "map.properties", "/one/*=c\n")
	s.awaitAnswer(t, "/one/x", "c")
	require.NotContains(t, string(s.get(t, "/status").Body), "not in force")

	n, failures := l.stop()
	require.Empty(t, failures, "%d requests", n)
}

// TestReload_MountFileUnderLoad: with a rule that every change replaces, all requests are answered, by the one or the other.
func TestReload_MountFileUnderLoad(t *testing.T) {
	t.Parallel()
	s := start(t, reloadPlan("/app/*=a\n"))
	l := s.startLoad(4, "/app/x")
	for _, name := range strings.Fields("b c a b")[:rounds(4)] {
		s.rewrite(t, "map.properties", "/app/*="+name+"\n")
		s.awaitAnswer(t, "/app/x", name)
	}
	n, failures := l.stop()
	require.Empty(t, failures, "%d requests", n)
}

// TestReload_Workers: the parent notices a changed workers.properties within some 10 seconds. Added workers take traffic, removed ones close, changed ones
// go on where the file says; a broken file changes nothing. Meanwhile no request fails, and none goes to a worker that it is not mapped to.
func TestReload_Workers(t *testing.T) {
	t.Parallel()
	if mpm == "event" || !testing.Short() {
		s := start(t, plan{
			containers: "a b c", children: 2, config: "JkMount /lb/* lb\nJkMount /a/* a\nJkMount /status jkstatus\n",
			only: true, workers: reloadedWorkers("a,b", "a", ""),
		})
		s.reloadWorkers(t)
	}
}

// reloadedWorkers is a workers.properties: the members of lb, and where the worker a is.
func reloadedWorkers(members, a, more string) string {
	text := "worker.list=lb,a,jkstatus\nworker.jkstatus.type=status\nworker.lb.type=lb\nworker.lb.balance_workers=" + members + "\n"
	for _, name := range []string{"a", "b", "c"} {
		at := name
		if name == "a" {
			at = a
		}
		text += "worker." + name + ".host=127.0.0.1\nworker." + name + ".port={" + at + "}\n"
	}
	return text + more
}

func (s *site) reloadWorkers(t *testing.T) {
	l, direct := s.startLoad(3, "/lb/x"), s.startLoad(1, "/a/x")
	l.awaitMore(t, 20)
	s.rewrite(t, "workers.properties", reloadedWorkers("b,c", "a", ""))
	await(t, "the workers to be reloaded", func() bool { return s.count("Reloaded workers from") == 1 })
	s.awaitNeither(t, "a")
	s.Take()
	seen := map[string]bool{} // each look takes what it has seen
	await(t, "the added member and the one that stays to take traffic", func() bool {
		for _, name := range s.answering("/lb/x") {
			seen[name] = true
		}
		return len(seen) > 1
	})
	require.Equal(t, map[string]bool{"b": true, "c": true}, seen)

	s.rewrite(t, "workers.properties", reloadedWorkers("b,c", "c", "worker.b.reply_timeout=soon\nworker.b.nonsense=1\n"))
	await(t, "the mistake to be reported", func() bool { return strings.Contains(s.ErrorLog(), "GOJK2021") })
	require.Contains(t, s.ErrorLog(), "workers.properties:12: ")
	require.Contains(t, string(s.get(t, "/status").Body), "workers.properties was changed but is not in force")
	s.requireAnswer(t, "/a/x", "a")

	s.rewrite(t, "workers.properties", reloadedWorkers("b,c", "c", ""))
	s.awaitAnswer(t, "/a/x", "c")
	require.Equal(t, 2, s.count("Reloaded workers from"))
	require.NoError(t, os.Remove(filepath.Join(s.Dir, "workers.properties")))
	await(t, "the missing file to be reported", func() bool { return strings.Contains(s.ErrorLog(), "GOJK0017") })
	for _, each := range []*load{l, direct} {
		n, failures := each.stop()
		require.Empty(t, failures, "%d requests", n)
	}
	require.NotContains(t, s.ErrorLog(), "GOJK0018")
}

// awaitNeither waits until no request of the balancer goes to that container.
func (s *site) awaitNeither(t *testing.T, container string) {
	t.Helper()
	await(t, "no request to go to "+container, func() bool {
		s.Take()
		for range 20 {
			s.do(t, request("GET", "/lb/x"))
		}
		for _, name := range s.answering("/lb/x") {
			if name == container {
				return false
			}
		}
		return true
	})
}

// answering returns which containers were asked for a URI since the last look.
func (s *site) answering(uri string) (names []string) {
	seen := map[string]bool{}
	for _, r := range s.requests() {
		if r.Request.URI.Value == uri && !seen[r.Container] {
			seen[r.Container] = true
			names = append(names, r.Container)
		}
	}
	return names
}

// TestReload_Graceful: SIGUSR1 makes it now.
func TestReload_Graceful(t *testing.T) {
	s := start(t, plan{
		containers: "a b c", config: "JkMount /a/* a\nJkMount /lb/* lb\n", only: true, workers: reloadedWorkers("a,b", "a", ""),
	})
	s.requireAnswer(t, "/a/x", "a")
	s.rewrite(t, "workers.properties", reloadedWorkers("a,b", "c", ""))
	require.NoError(t, s.Graceful())
	s.awaitAnswer(t, "/a/x", "c")
}
