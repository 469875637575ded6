// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/module/internal/urimap"
)

const (
	mapFile    = "conf/uriworkermap.properties"
	twoWorkers = "worker.list=a,b\nworker.a.port=1\nworker.b.port=2\n"
)

// withMap adds the mount file of a server to an input.
func withMap(in *Input, server int, path, text string) *Input {
	in.Directives = append(in.Directives, directive(server, 20+server, "JkMountFile", path))
	in.Files = append(in.Files, FileInput{Server: server, Line: 20 + server, Directive: "JkMountFile", Path: path, Content: text})
	return in
}

func TestMountFile_Rules(t *testing.T) {
	tests := []struct {
		name, text, want string
		found            []ID
	}{
		{"nothing", "", "", nil},
		{"a rule", "/x=a", "f /x=a", nil},
		{"blanks, comments, ends of lines", "# all\r\n\r\n \t/x/* =\ta # mine\r\n#/y=b\n", "f /x/*=a", nil},
		{"prefixes", "!/x=a\n-/y=a\n-!/z=*\n", "f !/x=a\nf -/y=a\nf -!/z=*", nil},
		{"prefixes in the wrong order", "!-/x=a\n--/x=a\n!!/x=a", "", []ID{idMapRule}},
		{"a blank behind a prefix", "! /x=a", "", []ID{idMapRule}},
		{"no '/'", "*.jsp=a\n!*.html=*\nx=a", "", []ID{idMapRule}},
		{"alternatives", "/x|/*=a\n!/x|/y|/z=a", "f /x=a\nf /x/*=a\nf !/x=a\nf !/x/y|/z=a", nil},
		{"nothing before the '|', as in mod_jk", "|/y=a\n!|/z=a\n||/x=a", "f /y=a\nf !/z=a", []ID{idMapRule}},
		{"split at the first '='", "/x=a;reply_timeout=5", "f /x=a", nil},
		{"order of definition", "/b=b\n/a=a\n/c=a", "f /b=b\nf /a=a\nf /c=a", nil},
		{"the last of a key wins, in the first one's place", "/x=a\n/y=a\n/x=b", "f /x=b\nf /y=a", []ID{idDuplicate}},
		{"the prefix is a part of the key", "/x=a\n!/x=a\n-/x=a\n-!/x=b", "f /x=a\nf !/x=a\nf -/x=a\nf -!/x=b", nil},
		{"a key is what is written", "/x|/*=a\n/x=b", "f /x=a\nf /x/*=a\nf /x=b", nil},
		{"no '='", "/x a", "", []ID{idIgnoredLine}},
		{"no URI", "=a", "", []ID{idIgnoredLine}},
		{"no worker", "/x=\n/y= # a", "", []ID{idEmptyValue}},
		{"extensions without a worker answer 500, as in mod_jk", "/x=;reply_timeout=1", "f /x=", []ID{idMountUnknown}},
		{"a worker that does not exist answers 500", "/x=z", "f /x=z", []ID{idMountUnknown}},
		{"a disabled rule may name any worker", "-/x=z\n-/y=z;active=n", "f -/x=z\nf -/y=z", nil},
		{"a deprecated attribute at the end of a URI means nothing", "/x.disabled=a\n/worker.x.mx=a", "f /x.disabled=a\nf /worker.x.mx=a", nil},

		{"variable of the file", "w=a\n/x=$(w)", "f /x=a", []ID{idMapVariable}},
		{"variable that nothing uses", "w=a\n/x=a", "f /x=a", []ID{idMapRule}},
		{"variable that looks like a property", "worker.w.host=a\n/x=$(worker.w.host)", "f /x=a", []ID{idMapVariable}},
		{"properties of workers", "worker.w.host=a\nworker.w.cachesize=3\nworker.host=b", "", []ID{idMapRule}},
		{"variable of the environment", "/x=$(HOME)", "f /x=/home/jk", []ID{idMountUnknown}},
		{"empty variable", "/x=$(EMPTY)", "f /x=", []ID{idMountUnknown}},
		{"variable of workers.properties", "/x=$(worker.a.port)", "f /x=$(worker.a.port)", []ID{idUnresolved, idMountUnknown}},
		{"variable in an extension", "t=5\n/x=a;reply_timeout=$(t)", "f /x=a", []ID{idMapVariable}},
		{"not in a URI", "v=q\n/x$(v)=a", "f /x$(v)=a", []ID{idMapRule}},
		{"another rule as variable", "/x=a\n/y=$(/x)", "f /x=a\nf /y=a", nil},
		{"byte order mark", "\ufeff/x=a", "f /x=a", []ID{idByteOrderMark}},

		{"extension on an exclusion", "!/x=a;reply_timeout=1", "f !/x=a", []ID{idExtExclusion}},
		{"unknown extension", "/x=a;nosuch=1", "f /x=a", []ID{idExtUnknown}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, found := Load(withMap(input(twoWorkers), 0, mapFile, tt.text))
			require.NotNil(t, c, "%v", found)
			require.Equal(t, tt.want, ruleLines(c.Servers[0]))
			require.Equal(t, tt.found, ids(found))
			for _, d := range found {
				require.Equal(t, mapFile, d.File)
				require.NotZero(t, d.Line)
			}
		})
	}
}

// TestMountFile_Refused: what keeps httpd from starting, or a reload from coming into force.
func TestMountFile_Refused(t *testing.T) {
	tests := []struct {
		name, text string
		id         ID
		line       int
		want       string
	}{
		{"unknown attribute", "/x=a\nworker.a.prot=1", idUnsupported, 2, "The attribute 'worker.a.prot' is not supported"},
		{"NUL", "/x=a\n/y\x00=a", idNulByte, 2, "the line holds a NUL byte"},
		{"long line", "/x=a\n\n/" + strings.Repeat("y", lineMax), idLineTooLong, 3, "at most 8191"},
		{"long value", "v=" + strings.Repeat("x", 7000) + "\n/x=" + strings.Repeat("$(v)", 10), idValueTooLong, 2, "the value of '/x' is 70000 bytes long"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, found := Load(withMap(input(twoWorkers), 0, mapFile, tt.text))
			require.Nil(t, c)
			var failures Diagnostics
			for _, d := range found {
				if d.Severity == Failure {
					failures = append(failures, d)
				}
			}
			require.Len(t, failures, 1)
			require.Equal(t, position{mapFile, tt.line}, position{failures[0].File, failures[0].Line})
			require.Equal(t, tt.id, failures[0].ID)
			require.Contains(t, failures[0].Text, tt.want)
		})
	}
	in := withMap(input(twoWorkers), 1, "/srv/none", "")
	in.Files[1].Errno = 13
	c, found := Load(in)
	require.Nil(t, c)
	require.Len(t, found, 1)
	require.Equal(t, "/srv/none: error: the file cannot be read: permission denied; accepted: a file that httpd can read when it starts; httpd does not start id=GOJK1000", found[0].String())
}

func TestMountFile_Extensions(t *testing.T) {
	text := twoWorkers + "worker.list=lb\nworker.lb.type=lb\nworker.lb.balance_workers=m,n\nworker.m.port=3\nworker.n.port=4\n"
	c, findings := load(t, withMap(input(text), 0, mapFile,
		"/x|/*=lb ; reply_timeout=1500; stopped=n ;sticky_ignore=true;session_path=;sid;fail_on_status=500,-503\n/y=a;use_server_errors=400\n/z=lb\n"))
	require.Empty(t, findings)
	want := NoExtensions()
	want.ReplyTimeout, want.Stopped, want.StickyIgnore = 1500*time.Millisecond, []string{"n"}, true
	want.SessionPath, want.FailOnStatus = "sid", []int{500, -503}
	rules := c.Servers[0].Rules
	require.Len(t, rules, 4)
	require.Equal(t, want, *rules[0].Extensions)
	require.Equal(t, want, *rules[1].Extensions)
	require.Equal(t, 400, rules[2].UseServerErrors)
	require.Equal(t, NoExtensions(), *rules[3].Extensions)
	for i, line := range []int{1, 1, 2, 3} {
		require.Equal(t, mapFile, rules[i].File)
		require.Equal(t, line, rules[i].Line)
		require.Equal(t, urimap.SourceURIWorkerMap, rules[i].Source)
	}
}

// TestMountFile_ExtensionsAreChecked as those of JkMount are, against the worker and its members.
func TestMountFile_ExtensionsAreChecked(t *testing.T) {
	text := twoWorkers + "worker.list=lb\nworker.lb.type=lb\nworker.lb.balance_workers=m\nworker.m.port=3\n"
	tests := []struct {
		rule string
		id   ID
		want string
	}{
		{"/x=a;active=m", idExtNotBalancer, "'/x' has rule extensions for balancers, but worker 'a' is of type ajp13"},
		{"/x=lb;disabled=m,q", idExtMember, "balancer 'lb' has no member 'q'"},
		{"/x=lb;active=m;stopped=m", idExtConflict, "member 'm' is both active and stopped"},
		{"/x=lb;reply_timeout=1;reply_timeout=2", idExtRepeated, "the last one is used"},
		{"/x=lb;use_server_errors=many", idExtValue, "rule extension 'use_server_errors' has the value 'many'"},
		{"/x=m", idMountUnlistedW, "worker 'm' is not in worker.list"},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			c, found := Load(withMap(input(text), 0, mapFile, "\n"+tt.rule))
			require.NotNil(t, c)
			require.Len(t, found, 1)
			require.Equal(t, tt.id, found[0].ID)
			require.Equal(t, 2, found[0].Line)
			require.Contains(t, found[0].Text, tt.want)
		})
	}
}

// TestMountFile_Servers: whose file is whose, beside mounts and with JkMountCopy; found out with mod_jk 1.2.48.
func TestMountFile_Servers(t *testing.T) {
	inMain := func() *Input {
		return withMap(input(twoWorkers+"worker.a.mount=/w\n", directive(0, 1, "JkMount", "/m", "a")), 0, "main.map", "/f=a\n/m=b\n")
	}
	const all = "m /m=a\nf /f=a\nf /m=b\nw /w=a"
	tests := []struct {
		name     string
		with     []DirectiveInput // for the virtual host
		text     string           // of its own mount file; "": none
		want     string
		wantFile string
	}{
		{"nothing", nil, "", "", ""},
		{"JkMountCopy Off", []DirectiveInput{directive(1, 2, "JkMountCopy", "Off")}, "", "", ""},
		{"JkMountCopy alone", []DirectiveInput{directive(1, 2, "JkMountCopy", "On")}, "", all, "main.map"},
		{"with mounts", []DirectiveInput{directive(1, 2, "JkMountCopy", "On"), directive(1, 3, "JkMount", "/v", "b")}, "", "m /v=b\nm /m=a\nf /f=a\nf /m=b", "main.map"},
		{"with a mount of the same URI", []DirectiveInput{directive(1, 2, "JkMountCopy", "On"), directive(1, 3, "JkMount", "/m", "b")}, "", "m /m=b\nf /f=a\nf /m=b", "main.map"},
		{"with a file", []DirectiveInput{directive(1, 2, "JkMountCopy", "On")}, "/vf=a", "m /m=a\nf /vf=a", "v.map"},
		{"with an empty file", []DirectiveInput{directive(1, 2, "JkMountCopy", "On")}, "#", "m /m=a", "v.map"},
		{"with a directory of static files", []DirectiveInput{directive(1, 2, "JkMountCopy", "On"), directive(1, 3, "JkAutoAlias", "/webapps")}, "", all, "main.map"},
		{"a file without JkMountCopy", nil, "/vf=a", "f /vf=a", "v.map"},
		{"JkMountCopy All in the main server", []DirectiveInput{directive(0, 2, "JkMountCopy", "All")}, "", all, "main.map"},
		{"JkMountCopy All, and Off", []DirectiveInput{directive(0, 2, "JkMountCopy", "All"), directive(1, 2, "JkMountCopy", "Off")}, "/vf=a", "f /vf=a", "v.map"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := inMain()
			in.Directives = append(in.Directives, tt.with...)
			if tt.text != "" {
				withMap(in, 1, "v.map", tt.text)
			}
			c, findings := load(t, in)
			require.Empty(t, findings)
			require.Equal(t, all, ruleLines(c.Servers[0]))
			require.Equal(t, tt.want, ruleLines(c.Servers[1]))
			if tt.wantFile == "" {
				require.Nil(t, c.Servers[1].MountFile)
				return
			}
			require.Equal(t, tt.wantFile, c.Servers[1].MountFile.Path)
			require.Contains(t, c.MountFiles, c.Servers[1].MountFile)
		})
	}
}

func TestMountFile_IsSharedWhole(t *testing.T) {
	in := withMap(input(twoWorkers, directive(0, 1, "JkMountCopy", "All")), 0, mapFile, "/f=a\n")
	c, _ := load(t, in)
	require.Same(t, &c.Servers[0].Rules[0], &c.Servers[2].Rules[0])
	require.Same(t, c.Servers[0].MountFile, c.Servers[2].MountFile)
	require.Equal(t, []*MountFile{c.Servers[0].MountFile}, c.MountFiles)
}

func TestMountFile_Reload(t *testing.T) {
	in := withMap(input(twoWorkers, directive(0, 1, "JkMountFileReload", "5"), directive(2, 1, "JkMountFileReload", "0")), 1, "v1.map", "/x=a")
	withMap(in, 2, "v2.map", "/x=a")
	withMap(in, 0, "main.map", "/x=a")
	c, findings := load(t, in)
	require.Empty(t, findings)
	require.Equal(t, []*MountFile{
		{File: 3, Path: "main.map", Server: 0, Reload: 5 * time.Second},
		{File: 1, Path: "v1.map", Server: 1, Reload: 5 * time.Second},
		{File: 2, Path: "v2.map", Server: 2, Reload: 0},
	}, c.MountFiles)
	c, _ = load(t, withMap(input(twoWorkers), 1, "v1.map", "/x=a"))
	require.Equal(t, time.Minute, c.MountFiles[0].Reload)
}

// TestMountFile_LastOfAServer: a server has one mount file; of several directives the last counts.
func TestMountFile_LastOfAServer(t *testing.T) {
	in := input(twoWorkers, directive(0, 1, "JkMountFile", "old.map"))
	c, findings := load(t, withMap(in, 0, "new.map", "/x=a"))
	require.Equal(t, []string{"httpd.conf:20: warning: JkMountFile names another file than before; accepted: one file for each server; only this one is read id=GOJK1093"}, findings)
	require.Equal(t, "new.map", c.Servers[0].MountFile.Path)
}

// TestMountFile_NeverTouchesMounts: whatever is in the file, JkMount's rules are what they are without it, or the whole is refused.
func TestMountFile_NeverTouchesMounts(t *testing.T) {
	for _, text := range append(mapTexts(), "worker.a.prot=1", "\x00", "/m=b\n!/m=*\n-/m=a") {
		checkMounts(t, text)
	}
}

// mapTexts are mount files that the fuzzer begins with.
func mapTexts() []string {
	return []string{
		"/x=a\n!/x/y=*\n-/z|/*=b;reply_timeout=1\n", "w=a\n/x=$(w)\n*.jsp=a\n", "/x==\n=\n/\n!=a\n-!/=b#c\n", "/m=b\n/m=;\n", "\ufeff/x=a\r\n",
	}
}

// checkMounts compares the JkMounts of a server with a mount file with those of one without.
func checkMounts(t *testing.T, text string) {
	t.Helper()
	mount := directive(0, 1, "JkMount", "/m|/*", "a;stateless=1")
	c, found := Load(withMap(input(twoWorkers, mount), 0, mapFile, text))
	require.Equal(t, found.Failed(), c == nil)
	if c == nil {
		return
	}
	without, _ := Load(input(twoWorkers, mount))
	var mounts []Rule
	for _, r := range c.Servers[0].Rules {
		require.True(t, strings.HasPrefix(r.Pattern, "/"), "%+v", r)
		if r.Source == urimap.SourceJkMount {
			mounts = append(mounts, r)
			continue
		}
		require.Equal(t, mapFile, r.File)
		require.True(t, r.Line >= 1 && r.Line <= strings.Count(text, "\n")+1)
		require.NotContains(t, r.Worker, ";")
	}
	require.Equal(t, without.Servers[0].Rules, mounts)
}

// FuzzMountFile feeds whole files: no panic, findings of one line, and the server's own mounts untouched.
func FuzzMountFile(f *testing.F) {
	for _, text := range mapTexts() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		checkMounts(t, text)
		_, found := Load(withMap(input(twoWorkers), 0, mapFile, text))
		require.LessOrEqual(t, len(found), findingsMax+2)
		for _, d := range found {
			require.NotContains(t, d.String(), "\n")
		}
		require.Empty(t, found.New(found).filter(Warning), "nothing is new to itself")
	})
}

// filter returns the findings up to a severity.
func (d Diagnostics) filter(most Severity) (list Diagnostics) {
	for _, f := range d {
		if f.Severity <= most {
			list = append(list, f)
		}
	}
	return list
}

// TestMountFile_NeverShowsASecret: somebody may name workers.properties by mistake.
func TestMountFile_NeverShowsASecret(t *testing.T) {
	_, found := Load(withMap(input(twoWorkers), 0, mapFile, fmt.Sprintf(
		"worker.a.secret=%s\nworker.a.secret=%[1]s\nmy=%[1]s\nworker.a.secret %[1]s\nworker.a.secret:%[1]s==\n/x=a;secret=#%[1]s", hidden)))
	require.NotEmpty(t, found)
	for _, d := range found {
		require.NotContains(t, d.String(), hidden)
	}
}
