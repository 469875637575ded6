// Licensed under the Apache License, Version 2.0; see LICENSE.

package statusworker

import (
	"fmt"
	"html"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp"
	"mod_gojk/balancer"
	"mod_gojk/balancer/shm"
	"mod_gojk/module/internal/urimap"
)

func TestServe_Head(t *testing.T) {
	w := newWorld(t)
	want := []ajp.Header{
		{Name: "Content-Type", Value: "text/html; charset=UTF-8"}, {Name: "Cache-Control", Value: "no-cache"}, {Name: "Pragma", Value: "no-cache"},
		{Name: "X-Content-Type-Options", Value: "nosniff"}, {Name: "X-Frame-Options", Value: "DENY"},
	}
	for _, query := range []string{"", "cmd=nonsense", "cmd=reset&w=LoadBalancer"} {
		response, err := Serve(w.request("jkstatus", query))
		require.NoError(t, err)
		require.Equal(t, 200, response.Status)
		require.NotEmpty(t, response.Body)
		require.Subset(t, response.Headers, want)
	}
	r := w.request("jkstatus", "")
	r.Method = "HEAD"
	response, err := Serve(r)
	require.NoError(t, err)
	require.Empty(t, response.Body)
	require.Subset(t, response.Headers, want)
}

func TestServe_Formats(t *testing.T) {
	tests := []struct{ mime, kind, body string }{
		{"", "text/html; charset=UTF-8", "<!DOCTYPE html>"},
		{"html", "text/html; charset=UTF-8", "<!DOCTYPE html>"},
		{"nonsense", "text/plain; charset=UTF-8", "jk.result.type=ERROR\njk.result.message=Invalid mime type.\n"},
		{"HTML", "text/plain; charset=UTF-8", "jk.result.type=ERROR\njk.result.message=Invalid mime type.\n"},
		{"xml", "text/plain; charset=UTF-8", "jk.result.type=ERROR\njk.result.message=This format is not available in this version; mime=html is.\n"},
		{"txt", "text/plain; charset=UTF-8", "jk.result.type=ERROR\njk.result.message=This format is not available in this version; mime=html is.\n"},
		{"prop", "text/plain; charset=UTF-8", "jk.result.type=ERROR\njk.result.message=This format is not available in this version; mime=html is.\n"},
	}
	for _, test := range tests {
		t.Run(test.mime, func(t *testing.T) {
			w := newWorld(t)
			w.status("jkstatus").Prefix = "jk"
			response, err := Serve(w.request("jkstatus", link("mime", test.mime)[1:]))
			require.NoError(t, err)
			require.Equal(t, test.kind, response.Headers[0].Value)
			require.True(t, strings.HasPrefix(response.Body, test.body), response.Body)
		})
	}
}

func TestServe_PlainResultKeepsItsLines(t *testing.T) {
	w := newWorld(t)
	body := w.ask(w.request("jkstatus", "mime=nonsense&cmd=update&w=LoadBalancer&sw=worker1&vwa=%0Aworker.result.type%3DOK"))
	require.Equal(t, 2, strings.Count(body, "\n"))
	require.Equal(t, "a��b", printable("a\n\rb"))
}

func TestList_Headings(t *testing.T) {
	w := newWorld(t)
	page := w.get("")
	headings := func(table string) (texts []string) {
		head, _, _ := strings.Cut(table, "</thead>")
		for _, part := range strings.Split(head, "</th>") {
			texts = append(texts, part[strings.LastIndex(part, ">")+1:])
		}
		return texts[:len(texts)-1]
	}
	tables := strings.Split(page, `<table class="runtime">`)[1:]
	require.Len(t, tables, 2)
	require.Equal(t, strings.Fields("Name Act State D F M V Acc Sess Err CE RE Wr Rd Busy MaxBusy Con MaxCon Route RR Cd Rs LR LE"), headings(tables[0]))
	require.Equal(t, strings.Fields("State Acc Err CE RE Wr Rd Busy MaxBusy Con MaxCon LR LE"), headings(tables[1]))
	for _, heading := range headings(tables[0]) {
		has(t, page, "<dt>"+heading+"</dt>") // in the legend
	}
}

// cellsOf returns the cells of a member's row by their headings, as text.
func cellsOf(t *testing.T, page, member string) map[string]string {
	t.Helper()
	_, row, ok := strings.Cut(page, `<th scope="row">`+member)
	require.True(t, ok, "no row for %s", member)
	row, _, _ = strings.Cut(row, "</tr>")
	cells := map[string]string{}
	for _, part := range strings.Split(row, `data-h="`)[1:] {
		head, rest, _ := strings.Cut(part, `">`)
		rest, _, _ = strings.Cut(rest, "</td>")
		cells[head] = text(rest)
	}
	return cells
}

// text is HTML without tags.
func text(markup string) string {
	var b strings.Builder
	for _, part := range strings.Split("x>"+markup, "<") {
		_, after, _ := strings.Cut(part, ">")
		b.WriteString(after)
	}
	return html.UnescapeString(b.String())
}

func TestList_MemberCells(t *testing.T) {
	w := newWorld(t)
	w.lb().Reset(w.now)
	require.NoError(t, w.lb().SetFactor(0, 2))
	require.NoError(t, w.lb().SetDistance(0, 3))
	require.NoError(t, w.lb().SetRedirect(0, "worker2"))
	require.NoError(t, w.lb().SetDomain(0, "dom"))
	for range 5 {
		w.serve(w.lb(), "worker1", balancer.Success)
	}
	record := w.worker("worker1").Record
	record.CountClientError()
	record.CountReplyTimeout()
	record.CountTraffic(20_480, 1_000)
	record.Enter()
	record.Enter()
	record.Leave()
	record.Connected()
	record.Connected()
	record.Connected()
	record.Disconnected()
	w.now = w.now.Add(10 * time.Second)
	w.fail("worker1")
	failed := w.now
	w.now = w.now.Add(10 * time.Second)

	cells := cellsOf(t, w.get(""), "worker1")
	snapshot := w.member("worker1")
	require.NotZero(t, snapshot.RecoverMax)
	want := map[string]string{
		"Act": "ACT", "State": "ERR", "D": "3", "F": "2", "M": fmt.Sprint(snapshot.LBMult), "V": fmt.Sprint(snapshot.LBValue),
		"Acc": "6 (0.3/sec)", "Sess": "0 (0/sec)", "Err": "1", "CE": "1", "RE": "1", "Wr": "1.0K (50/sec)", "Rd": "20.0K (1.0K/sec)",
		"Busy": "1", "MaxBusy": "2", "Con": "2", "MaxCon": "3", "Route": "worker1", "RR": "worker2", "Cd": "dom",
		"Rs": fmt.Sprintf("%d/%d", seconds(snapshot.RecoverMin), seconds(snapshot.RecoverMax)), "LR": "20",
		"LE": failed.Local().Format("2006-01-02 15:04:05 -0700"),
	}
	require.Equal(t, want, cells)
}

func TestList_StatesInWords(t *testing.T) {
	w := newWorld(t)
	record, err := w.mapping.Balancer("LoadBalancer")
	require.NoError(t, err)
	member, err := record.Member("worker1")
	require.NoError(t, err)
	for s := range balancer.State(shm.MemberStates) {
		member.State().Store(uint64(s))
		require.Equal(t, s.String(), cellsOf(t, w.get(""), "worker1")["State"])
	}
	for _, s := range []shm.WorkerState{shm.WorkerIdle, shm.WorkerOK, shm.WorkerError, shm.WorkerProbe} {
		w.worker("app").Record.SetState(s)
		has(t, w.get("cmd=show&w=app"), ">"+s.String()+"</b></td>")
	}
	for _, a := range []balancer.Activation{balancer.Active, balancer.Disabled, balancer.Stopped} {
		require.NoError(t, w.lb().SetActivation(0, a))
		require.Equal(t, a.String(), cellsOf(t, w.get(""), "worker1")["Act"])
	}
}

func TestList_Address(t *testing.T) {
	w := newWorld(t)
	page := w.get("")
	has(t, page, "<td>tomcat-worker1</td><td>127.0.0.1:9101</td>", "<td>tomcat-app</td><td>[::1]:9103</td>")
	w.worker("worker1").Record.SetAddress(netip.MustParseAddrPort("192.0.2.1:0"))
	w.worker("app").Record.SetAddress(netip.AddrPort{})
	page = w.get("")
	has(t, page, "<td>tomcat-worker1</td><td>invalid</td>", "<td>tomcat-app</td><td>invalid</td>",
		"<b>app</b>: no address: host tomcat-app does not resolve, or its port is 0.")
}

// buttons are the commands that a page offers for a member.
func buttons(t *testing.T, page, member string) (labels []string) {
	t.Helper()
	_, row, ok := strings.Cut(page, `<th scope="row">`+member)
	require.True(t, ok)
	row, _, _ = strings.Cut(row, "</th>")
	for _, part := range strings.Split(row, "</button>") {
		if label := part[strings.LastIndex(part, ">")+1:]; label != "" {
			labels = append(labels, label)
		}
	}
	return labels
}

func TestList_Buttons(t *testing.T) {
	w := newWorld(t)
	require.Equal(t, []string{"Disable", "Stop", "Reset"}, buttons(t, w.get(""), "worker1"))
	require.NoError(t, w.lb().SetActivation(0, balancer.Disabled))
	require.Equal(t, []string{"Enable", "Stop", "Reset"}, buttons(t, w.get(""), "worker1"))
	require.NoError(t, w.lb().SetActivation(0, balancer.Stopped))
	require.Equal(t, []string{"Enable", "Disable", "Reset"}, buttons(t, w.get(""), "worker1"))
	w.fail("worker2")
	require.Equal(t, []string{"Recover", "Disable", "Stop", "Reset"}, buttons(t, w.get(""), "worker2"))

	require.Empty(t, buttons(t, w.ask(w.request("jkread", "")), "worker2"))
	require.Empty(t, tags(w.ask(w.request("jkread", "")), `form method="post"`))
	require.Empty(t, tags(w.get("opt=32"), `form method="post"`))
}

// Every button of a page, pressed, does what it says.
func TestList_ButtonsWork(t *testing.T) {
	for _, query := range []string{"", "cmd=show&w=LoadBalancer&re=10", "cmd=show&w=app"} {
		w := newWorld(t)
		w.fail("worker2")
		pressed := tags(w.get(query), `button formaction="`)
		require.NotEmpty(t, pressed)
		for _, tag := range pressed {
			w := newWorld(t)
			w.fail("worker2")
			target := html.UnescapeString(strings.TrimSuffix(strings.TrimPrefix(tag, `button formaction="?`), `"`))
			has(t, w.ask(w.request("jkstatus", target).post("")), "Result: OK")
			require.Contains(t, w.logged(), "[info]", target)
		}
	}
}

func TestList_Maps(t *testing.T) {
	w := newWorld(t)
	rule := w.mount("/x/y?", "LoadBalancer")
	rule.ReplyTimeout, rule.StickyIgnore, rule.FailOnStatus = 0, true, []int{404, -500}
	rule.Active, rule.Extensions.Disabled, rule.Stopped, rule.UseServerErrors = []string{"worker1", "worker2"}, []string{"d"}, []string{"s"}, 500
	rule = w.mount("/app/private", "*")
	rule.Exclude, rule.Source = true, urimap.SourceWorker
	rule = w.mount("/old/*", "app")
	rule.Rule.Disabled, rule.Source, rule.Stateless, rule.ReplyTimeout = true, urimap.SourceURIWorkerMap, true, 1500*time.Millisecond
	page := w.get("")
	for _, want := range []string{
		"<td>/app/*</td><td>Wildchar</td><td>JkMount</td><td>-1</td><td>0</td><td>0</td><td></td><td></td><td></td><td></td><td>0</td>",
		"<td>/x/y?</td><td>Wildchar</td><td>JkMount</td><td>0</td><td>1</td><td>0</td><td>404,-500</td><td>worker1,worker2</td><td>d</td><td>s</td><td>500</td>",
		"<td>/app/private</td><td>Unmount Exact</td><td>worker definition</td><td>-1</td>",
		"<td>/old/*</td><td>Disabled Wildchar</td><td>uriworkermap</td><td>1500</td><td>0</td><td>1</td>",
		"URI Mappings for LoadBalancer (3 maps)",
		"URI Mappings for app (2 maps)",
		"<td>www.example.org:443</td>",
	} {
		has(t, page, want)
	}
}

func TestShow(t *testing.T) {
	w := newWorld(t)
	page := w.get("cmd=show&w=LoadBalancer")
	has(t, page, `<th scope="row">worker1`, `<th scope="row">worker2`, "Back to worker list", "from=show")
	lacks(t, page, "Listing", "app</h3>")

	page = w.get("cmd=show&w=LoadBalancer&sw=worker2")
	has(t, page, `<th scope="row">worker2`, "<dt>Good</dt><dd>2</dd>")
	lacks(t, page, `<th scope="row">worker1`)

	page = w.get("cmd=show&w=app")
	has(t, page, "app</h3>")
	lacks(t, page, "LoadBalancer</h3>")

	page = w.get("cmd=show&w=jkread")
	has(t, page, "JK Status Manager for www.example.org:443")
	lacks(t, page, "<table")
}

func TestVersion(t *testing.T) {
	w := newWorld(t)
	page := w.get("cmd=version")
	has(t, page, "<dt>Server Version:</dt><dd>Apache/2.4.71 (Debian)</dd>", "<dt>JK Version:</dt><dd>mod_gojk/0.1</dd>",
		fmt.Sprintf("<dt>Unix Seconds:</dt><dd>%d</dd>", w.now.Unix()))
	lacks(t, page, "<table", "worker1")
}

func TestPage_Hidden(t *testing.T) {
	const (
		row, mapsLB, mapsApp, legend = `<th scope="row">worker1`, "URI Mappings for LoadBalancer", "No URI Mappings defined for app", "<summary>Legend"
		lbs, ajps, forms             = "Listing Load Balancing Worker", "Listing AJP Worker", `form method="post"`
		settings, facts, members     = "<summary>Settings of the balancer", "<dt>Good</dt>", "<summary>Settings of the members"
		own                          = "<summary>Settings</summary>"
	)
	all := []string{row, mapsLB, mapsApp, legend, lbs, ajps, forms, settings, facts, members, own}
	tests := []struct {
		opt  Hidden
		gone []string
	}{
		{0, nil},
		{HideMembers, []string{row, members}},
		{HideMaps, []string{mapsLB, mapsApp}},
		{HideLegend, []string{legend}},
		{HideBalancers, []string{lbs, row, mapsLB, settings, facts, members}},
		{HideWorkers, []string{ajps, mapsApp, own}},
		{HideButtons, []string{forms}},
		{HideLBSettings, []string{settings}},
		{HideLBSummary, []string{facts}},
		{HideAJPSettings, []string{members, own}},
		{511, all},
		{512, nil},
	}
	w := newWorld(t)
	for _, test := range tests {
		page := w.get(fmt.Sprintf("opt=%d", test.opt))
		for _, text := range all {
			require.Equal(t, !slices.Contains(test.gone, text), strings.Contains(page, text), "opt=%d: %s", test.opt, text)
		}
	}
}

func TestPage_Refresh(t *testing.T) {
	w := newWorld(t)
	has(t, w.get(""), `name="re"`, "Start auto refresh")
	require.Empty(t, tags(w.get(""), "meta http-equiv"))
	page := w.get("re=25&cmd=show&w=app&opt=4")
	has(t, page, `<meta http-equiv="refresh" content="25;url=?cmd=show&amp;w=app&amp;re=25&amp;opt=4">`, `<a href="?cmd=show&amp;w=app&amp;opt=4">Stop auto refresh</a>`)
	for _, bad := range []string{"0", "-5", "x", `5";url=https://evil.example/`, "99999999999"} {
		require.Empty(t, tags(w.get(link("re", bad)[1:]), "meta http-equiv"), bad)
	}
	require.Empty(t, tags(w.get("re=5&cmd=nonsense"), "meta http-equiv"))
}

func TestPage_CSS(t *testing.T) {
	w := newWorld(t)
	require.Empty(t, tags(w.get(""), "link"))
	w.status("jkstatus").CSS = `/jk.css?a=1&b="><script>`
	require.Equal(t, []string{`link rel="stylesheet" type="text/css" href="/jk.css?a=1&amp;b=&#34;&gt;&lt;script&gt;"`}, tags(w.get(""), "link"))
}

func TestPage_NoSecrets(t *testing.T) {
	w := newBusyWorld(t)
	for _, query := range []string{"", "cmd=show&w=LoadBalancer", "cmd=show&w=app", "cmd=version", "cmd=dump", "cmd=nonsense"} {
		require.NotContains(t, w.get(query), "do-not-show", query)
	}
	require.NotContains(t, w.logged(), "do-not-show")
}

func TestSize(t *testing.T) {
	for n, want := range map[uint64]string{
		0: "0", 1: "1", 999: "999", 1000: "1.0K", 1023: "1.0K", 1024: "1.0K", 1536: "1.5K", 20_480: "20.0K", 102_300: "99.9K", 102_349: "100K", 102_400: "100K",
		1_023_000: "999K", 1_048_576: "1.0M", 5 << 30: "5.0G", 3 << 40: "3.0T", 1<<64 - 1: "16.0E",
	} {
		require.Equal(t, want, size(n), n)
	}
}

func TestSummary_Since(t *testing.T) {
	now := time.Date(2026, 11, 22, 3, 0, 0, 0, time.Local)
	require.Empty(t, since(time.Time{}, now))
	require.Equal(t, " since 02:59:18", since(now.Add(-42*time.Second), now))
	require.Equal(t, " since 2026-11-21 23:59:59", since(now.Add(-3*time.Hour-time.Second), now))
	require.Equal(t, int64(0), seconds(0))
	require.Equal(t, int64(1), seconds(time.Nanosecond))
	require.Equal(t, int64(42), seconds(42*time.Second))
}

func TestSummary_Sentences(t *testing.T) {
	w := newWorld(t)
	w.fail("worker1")
	w.fail("worker2")
	page := w.get("")
	has(t, page, "<b>LoadBalancer</b>: no member takes new requests.", "<b>LoadBalancer</b>: 2 of 2 members in error: worker1 since ", "; worker2 since ")
	has(t, page, "<title>(2!) ")

	w = newWorld(t)
	require.NoError(t, w.lb().SetActivation(0, balancer.Stopped))
	page = w.get("")
	has(t, page, "<b>LoadBalancer</b>: 1 of 2 members stopped (no requests): worker1.")
	lacks(t, page, "no member takes new requests", "all is well, ")

	w.worker("app").Record.CountError(w.now.Add(-time.Minute))
	w.worker("app").Record.SetState(shm.WorkerError)
	has(t, w.get(""), "<b>app</b>: in error since ", "the next request tries it again.")
	w.worker("app").Record.SetState(shm.WorkerProbe)
	has(t, w.get(""), "<b>app</b>: on trial after an error.")
}

func TestSummary_ManyMembers(t *testing.T) {
	members := make([]Member, 7)
	for i := range members {
		members[i].Name, members[i].State, members[i].Settings.Address = fmt.Sprintf("m%d", i), balancer.Busy, "127.0.0.1:1"
	}
	got := findings("lb", members, time.Now())
	require.Equal(t, []Finding{
		{Bad, "lb", "no member takes new requests."},
		{Degraded, "lb", "7 of 7 members without a free connection: m0 (OK/BUSY); m1 (OK/BUSY); m2 (OK/BUSY); m3 (OK/BUSY); m4 (OK/BUSY); and 2 more."},
	}, got)
}
