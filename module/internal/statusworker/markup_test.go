// Licensed under the Apache License, Version 2.0; see LICENSE.

package statusworker

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"mod_gojk/module/internal/config"
)

// hostile is put wherever a text from outside can get to.
const hostile = `"'><script>alert(1)</script><img src=x onerror=alert(2)>{}&amp;`

// wellFormed fails unless the page consists of tags that this package writes, each with its quotes in pairs.
func wellFormed(t *testing.T, page string) {
	t.Helper()
	known := strings.Fields("!DOCTYPE html head meta title style link body header h1 h2 h3 small dl div dt dd nav a form button label input span p b ul li " +
		"section table thead tbody tr th td details summary footer")
	var open []string
	for _, part := range strings.Split(page, "<")[1:] {
		tag, _, ok := strings.Cut(part, ">")
		require.True(t, ok, part)
		name, _, _ := strings.Cut(strings.TrimPrefix(tag, "/"), " ")
		require.Contains(t, known, name)
		require.Zero(t, strings.Count(tag, `"`)%2, tag)
		for i, outside := range strings.Split(tag, `"`) {
			if i%2 == 0 {
				require.NotContains(t, outside, "'", tag)
				require.NotContains(t, outside, " on", tag)
			}
		}
		switch {
		case strings.HasPrefix(tag, "/"):
			require.NotEmpty(t, open, tag)
			require.Equal(t, open[len(open)-1], name)
			open = open[:len(open)-1]
		case !slices.Contains([]string{"!DOCTYPE", "meta", "link", "input"}, name):
			open = append(open, name)
		}
	}
	require.Empty(t, open)
}

func TestPage_WellFormed(t *testing.T) {
	w := newBusyWorld(t)
	for _, query := range []string{
		"", "cmd=show&w=shop&re=10", "cmd=show&w=app", "cmd=show&w=LoadBalancer&sw=worker1", "cmd=version", "cmd=nonsense", "opt=511", "opt=32", "cmd=reset",
	} {
		wellFormed(t, w.get(query))
	}
	wellFormed(t, w.ask(w.request("jkstatus", "").post("cmd=reset&w=app")))
	wellFormed(t, w.ask(w.request("jkstatus", "").post("cmd=recover&w=LoadBalancer&sw=worker2")))
}

func TestPage_EscapesTheConfiguration(t *testing.T) {
	name := func(s string) string { return (s + hostile)[:60] } // names have at most 63 bytes
	w := newWorld(t)
	member := w.addAJP(name("m"), "127.0.0.1:1", false)
	member.AJP.Host, member.AJP.Source = hostile, hostile
	lb := w.addLB(name("lb"), member)
	direct := w.addAJP(name("d"), "", true)
	direct.AJP.Host = hostile
	require.NoError(t, lb.SetRoute(0, name("r")))
	require.NoError(t, lb.SetRedirect(0, name("rr")))
	require.NoError(t, lb.SetDomain(0, name("cd")))
	w.snapshot.Servers[0].Server.Name = hostile
	rule := w.mount("/"+hostile, lb.Name())
	rule.Active, rule.Extensions.Disabled, rule.Stopped = []string{hostile}, []string{hostile}, []string{hostile}
	w.mount("/gone"+hostile, hostile)
	w.snapshot.Config.HTTPDVersion, w.snapshot.Config.ModuleVersion = hostile, hostile
	w.status("jkstatus").CSS = hostile
	w.addStatus(name("s"), &config.Status{CSS: hostile, Prefix: hostile})

	for _, worker := range []string{"jkstatus", name("s")} {
		for _, query := range []string{"", link("cmd", "show", "w", lb.Name())[1:], link("cmd", "show", "w", lb.Name(), "sw", name("m"))[1:], link("cmd", "show", "w", name("d"))[1:]} {
			r := w.request(worker, query)
			r.ServerName = hostile
			page := w.ask(r)
			wellFormed(t, page)
			require.Contains(t, text(page), hostile)
		}
	}
	page := w.ask(w.request("jkstatus", link("cmd", "update", "w", lb.Name(), "sw", name("m"), "vwa", "d")[1:]).post(""))
	wellFormed(t, page)
	require.Contains(t, text(page), name("m")+" of "+name("lb")+" is now disabled")
}

func TestPage_EscapesTheRequest(t *testing.T) {
	for _, parameter := range []string{"cmd", "mime", "w", "sw", "psw", "from", "re", "opt", "vwa", "v" + hostile, hostile, "att"} {
		for _, post := range []bool{false, true} {
			w := newWorld(t)
			base := parameters{"cmd": "update", "w": "LoadBalancer", "sw": "worker1", "vwa": "d"}
			base[parameter] = hostile
			var query string
			for key, value := range base {
				query += "&" + escapeParameter(key) + "=" + escapeParameter(value)
			}
			r := w.request("jkstatus", query)
			r.User, r.RemoteAddr, r.Path = hostile, hostile, "/"+hostile
			if post {
				r.post("")
			} else {
				r.Method = "GET" + hostile
			}
			if parameter == "mime" {
				response, err := Serve(r)
				require.NoError(t, err)
				require.Equal(t, "text/plain; charset=UTF-8", response.Headers[0].Value)
				continue
			}
			wellFormed(t, w.ask(r))
		}
	}
	w := newWorld(t)
	r := w.request("jkstatus", "cmd=reset&w=app").post("")
	r.Headers = append(r.Headers, header("Origin", "https://"+hostile))
	page := w.ask(r)
	wellFormed(t, page)
	require.Contains(t, text(page), "https://"+hostile)
}

func TestEscape(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "Über app/*?", "Über app/*?"},
		{"special", `<a href="x" id='y'>&amp;</a>`, "&lt;a href=&#34;x&#34; id=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;"},
		{"white space", "a\tb\nc", "a\tb\nc"},
		{"controls", "a\x00\x1b\r\x7f\u0085b", "a�����b"},
		{"broken UTF-8", "a\xff\xc3b", "a��b"},
		{"surrogate", "a\xed\xa0\x80b", "a���b"},
		{"direction", "a\u202eb\u2066c\u200fd", "a�b�c�d"},
		{"no characters", "a\ufffe\uffffb", "a��b"},
		{"beyond the basic plane", "😀", "😀"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, string(appendEscaped(nil, test.in)))
		})
	}
}

func FuzzEscape(f *testing.F) {
	f.Add(hostile)
	f.Add("\xff{}<>&'\"")
	f.Fuzz(func(t *testing.T, in string) {
		out := string(appendEscaped(nil, in))
		require.True(t, utf8.ValidString(out))
		require.False(t, strings.ContainsAny(out, `<>"'`))
		var m markup
		m.put(`<b title="{}">{}</b>`, in, in)
		require.Equal(t, `<b title="`+out+`">`+out+`</b>`, string(m.b))
	})
}
