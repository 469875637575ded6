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

// ruleLines shows rules as "source ! - pattern=worker".
func ruleLines(s *Server) string {
	var lines []string
	for _, r := range s.Rules {
		mark := ""
		if r.Rule.Disabled {
			mark += "-"
		}
		if r.Exclude {
			mark += "!"
		}
		lines = append(lines, fmt.Sprintf("%s %s%s=%s", map[urimap.Source]string{urimap.SourceWorker: "w", urimap.SourceJkMount: "m", urimap.SourceURIWorkerMap: "f"}[r.Source], mark, r.Pattern, r.Worker))
	}
	return strings.Join(lines, "\n")
}

func TestMounts_Rules(t *testing.T) {
	const workers = "worker.list=a,b\nworker.a.port=1\nworker.b.port=2\n"
	tests := []struct {
		name       string
		text       string
		directives []DirectiveInput
		want       [3]string // main server, two virtual hosts
	}{
		{"none", "", nil, [3]string{}},
		{"not inherited", "", []DirectiveInput{directive(0, 1, "JkMount", "/x", "a")}, [3]string{"m /x=a"}},
		{"order of definition", "", []DirectiveInput{
			directive(0, 1, "JkMount", "/x", "a"), directive(0, 2, "JkUnMount", "/x/y", "*"), directive(0, 3, "JkMount", "/a", "b"),
		}, [3]string{"m /x=a\nm !/x/y=*\nm /a=b"}},
		{"alternatives", "", []DirectiveInput{
			directive(0, 1, "JkMount", "/x|/*", "a"), directive(0, 2, "JkUnMount", "/x/y|z|", "a"),
		}, [3]string{"m /x=a\nm /x/*=a\nm !/x/y=a\nm !/x/yz|=a"}},
		{"the last mount of a URI wins, in the first one's place", "", []DirectiveInput{
			directive(0, 1, "JkMount", "/x", "a"), directive(0, 2, "JkMount", "/y", "a"), directive(0, 3, "JkMount", "/x", "b"),
			directive(0, 4, "JkUnMount", "/x", "b"),
		}, [3]string{"m /x=b\nm /y=a\nm !/x=b"}},
		{"a URI is what is written", "", []DirectiveInput{
			directive(0, 1, "JkMount", "/x|/*", "a"), directive(0, 2, "JkMount", "/x", "b"),
		}, [3]string{"m /x=a\nm /x/*=a\nm /x=b"}},
		{
			"property mount", "worker.b.mount=/x !/x/y,-/z -!/q\nworker.a.mount=/a|/b", nil,
			[3]string{"w /a|/b=a\nw /x=b\nw !/x/y=b\nw -/z=b\nw -!/q=b"},
		},
		{"JkMountCopy On, nothing of its own", "worker.a.mount=/w", []DirectiveInput{
			directive(0, 1, "JkMount", "/x", "a"), directive(1, 2, "JkMountCopy", "on"),
		}, [3]string{"m /x=a\nw /w=a", "m /x=a\nw /w=a", ""}},
		{"JkMountCopy On with rules of its own", "worker.a.mount=/w", []DirectiveInput{
			directive(0, 1, "JkMount", "/x", "a"), directive(0, 2, "JkMount", "/y|/*", "a"), directive(0, 3, "JkUnMount", "/x", "a"),
			directive(1, 4, "JkMountCopy", "On"), directive(1, 5, "JkMount", "/x", "b"),
			directive(2, 6, "JkMountCopy", "On"), directive(2, 7, "JkUnMount", "/z", "b"),
		}, [3]string{
			"m /x=a\nm /y=a\nm /y/*=a\nm !/x=a\nw /w=a",
			"m /x=b\nm /y=a\nm /y/*=a\nm !/x=a",
			"m !/z=b\nm /x=a\nm /y=a\nm /y/*=a\nm !/x=a",
		}},
		{"JkMountCopy All", "", []DirectiveInput{
			directive(0, 1, "JkMountCopy", "All"), directive(0, 2, "JkMount", "/x", "a"), directive(2, 3, "JkMountCopy", "Off"),
		}, [3]string{"m /x=a", "m /x=a", ""}},
		{"JkMountCopy On in the main server means nothing", "", []DirectiveInput{
			directive(0, 1, "JkMountCopy", "On"), directive(0, 2, "JkMount", "/x", "a"),
		}, [3]string{"m /x=a"}},
		{"nor does it take All back", "", []DirectiveInput{
			directive(0, 1, "JkMountCopy", "All"), directive(0, 2, "JkMountCopy", "Off"), directive(0, 3, "JkMount", "/x", "a"),
		}, [3]string{"m /x=a", "m /x=a", "m /x=a"}},
		{"the last JkMountCopy counts", "", []DirectiveInput{
			directive(0, 2, "JkMount", "/x", "a"), directive(1, 3, "JkMountCopy", "Off"), directive(1, 4, "JkMountCopy", "On"),
		}, [3]string{"m /x=a", "m /x=a"}},
		{"extensions are no part of the worker's name", "", []DirectiveInput{directive(0, 1, "JkMount", "/x", " a ; reply_timeout=1")}, [3]string{"m /x=a"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := load(t, input(workers+tt.text, tt.directives...))
			for i, s := range c.Servers {
				require.Equal(t, tt.want[i], ruleLines(s), s.Name)
			}
		})
	}
}

func TestMounts_KnowTheirOrigin(t *testing.T) {
	c, _ := load(t, input("worker.list=a\nworker.a.mount=/w\n", directive(0, 7, "JkMount", "/x;y", "a;stateless=1")))
	require.Equal(t, "httpd.conf:7", fmt.Sprintf("%s:%d", c.Servers[0].Rules[0].File, c.Servers[0].Rules[0].Line))
	require.Equal(t, testFile+":2", fmt.Sprintf("%s:%d", c.Servers[0].Rules[1].File, c.Servers[0].Rules[1].Line))
	require.True(t, c.Servers[0].Rules[0].Stateless)
	require.Equal(t, NoExtensions(), *c.Servers[0].Rules[1].Extensions)
}

func TestParseTarget(t *testing.T) {
	with := func(change func(*Extensions)) Extensions {
		e := NoExtensions()
		change(&e)
		return e
	}
	tests := []struct {
		target, worker string
		want           Extensions
		found          []ID
	}{
		{"w", "w", NoExtensions(), nil},
		{"", "", NoExtensions(), nil},
		{"w;", "w", NoExtensions(), nil},
		{" w ;; ", "w", NoExtensions(), nil},
		{"w;reply_timeout=1500", "w", with(func(e *Extensions) { e.ReplyTimeout = 1500 * time.Millisecond }), nil},
		{"w; reply_timeout = 5 ", "w", with(func(e *Extensions) { e.ReplyTimeout = 5 * time.Millisecond }), nil},
		{"w;reply_timeout=0", "w", with(func(e *Extensions) { e.ReplyTimeout = 0 }), nil},
		{"w;reply_timeout=-5", "w", NoExtensions(), nil},
		{"w;reply_timeout=abc", "w", NoExtensions(), []ID{idExtValue}},
		{"w;reply_timeout", "w", NoExtensions(), []ID{idExtValue}},
		{"w;reply_timeout=1;reply_timeout=2", "w", with(func(e *Extensions) { e.ReplyTimeout = 2 * time.Millisecond }), []ID{idExtRepeated}},
		{"w;sticky_ignore=1;stateless=-1;set_session_cookie=7", "w", with(func(e *Extensions) { e.StickyIgnore, e.Stateless, e.SetSessionCookie = true, true, true }), nil},
		{"w;sticky_ignore=true;stateless=On;set_session_cookie=Y", "w", with(func(e *Extensions) { e.StickyIgnore, e.Stateless, e.SetSessionCookie = true, true, true }), nil},
		{"w;sticky_ignore=0;stateless=false;set_session_cookie=off", "w", NoExtensions(), nil},
		{"w;sticky_ignore=maybe;stateless=", "w", NoExtensions(), []ID{idExtValue}},
		{"w;active=a,b c;disabled=d;stopped=e", "w", with(func(e *Extensions) {
			e.Active, e.Disabled, e.Stopped = []string{"a", "b", "c"}, []string{"d"}, []string{"e"}
		}), nil},
		{"w;active=a;active=b", "w", with(func(e *Extensions) { e.Active = []string{"a"} }), []ID{idExtRepeated}},
		{"w;active=a,b,c;disabled=b,c;stopped=c", "w", with(func(e *Extensions) {
			e.Active, e.Disabled, e.Stopped = []string{"a"}, []string{"b"}, []string{"c"}
		}), []ID{idExtConflict}},
		{"w;active=", "w", with(func(e *Extensions) { e.Active = []string{} }), []ID{idExtValue}},
		{"w;fail_on_status=500,-404 503", "w", with(func(e *Extensions) { e.FailOnStatus = []int{500, -404, 503} }), nil},
		{"w;fail_on_status=500,x", "w", with(func(e *Extensions) { e.FailOnStatus = []int{500} }), []ID{idExtValue}},
		{"w;fail_on_status=503x,-0404,999k,600", "w", with(func(e *Extensions) { e.FailOnStatus = []int{503, -404, 999, 600} }), []ID{idExtValue}},
		{"w;fail_on_status=0", "w", with(func(e *Extensions) { e.FailOnStatus = []int{} }), nil},
		{"w;fail_on_status=none,-0,99,1000", "w", with(func(e *Extensions) { e.FailOnStatus = []int{} }), []ID{idExtValue}},
		{"w;fail_on_status=,", "w", with(func(e *Extensions) { e.FailOnStatus = []int{} }), []ID{idExtValue}},
		{"w;fail_on_status=", "w", with(func(e *Extensions) { e.FailOnStatus = []int{} }), []ID{idExtValue}},
		{"w;fail_on_status=500;fail_on_status=501", "w", with(func(e *Extensions) { e.FailOnStatus = []int{500} }), []ID{idExtRepeated}},
		{"w;use_server_errors=400", "w", with(func(e *Extensions) { e.UseServerErrors = 400 }), nil},
		{"w;use_server_errors=-1", "w", NoExtensions(), []ID{idExtValue}},
		{"w;session_cookie=SID;session_cookie_path=/x", "w", with(func(e *Extensions) { e.SessionCookie, e.SessionCookiePath = "SID", "/x" }), nil},
		{"w;session_path=;sid", "w", with(func(e *Extensions) { e.SessionPath = "sid" }), nil},
		{"w;session_path=;sid;stateless=1", "w", with(func(e *Extensions) { e.SessionPath, e.Stateless = "sid", true }), nil},
		{"w;session_path=sid", "w", with(func(e *Extensions) { e.SessionPath = "sid" }), nil},
		{"w;session_path=;stateless=1", "w", with(func(e *Extensions) { e.Stateless = true }), []ID{idExtValue}},
		{"w;session_cookie=" + strings.Repeat("s", 64), "w", NoExtensions(), []ID{idExtValue}},
		{"w;Reply_Timeout=1;nosuch=2;=3", "w", NoExtensions(), []ID{idExtUnknown}},
	}
	for _, tt := range tests {
		t.Run(tt.target, func(t *testing.T) {
			worker, e, found := ParseTarget(tt.target)
			require.Equal(t, tt.worker, worker)
			require.Equal(t, tt.want, e)
			require.Equal(t, tt.found, ids(found))
		})
	}
}

func FuzzParseTarget(f *testing.F) {
	f.Add("w;active=a,b;disabled=b;session_path=;sid;reply_timeout=1")
	f.Add(";;;=;session_path=")
	f.Fuzz(func(t *testing.T, target string) {
		worker, e, found := ParseTarget(target)
		require.NotContains(t, worker, ";")
		require.False(t, found.Failed())
		for _, name := range e.Active {
			require.NotContains(t, e.Disabled, name)
			require.NotContains(t, e.Stopped, name)
		}
	})
}
