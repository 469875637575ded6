// Licensed under the Apache License, Version 2.0; see LICENSE.

package statusworker

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/balancer"
)

func TestServe_Refusals(t *testing.T) {
	tests := []struct {
		name   string
		worker string // default jkstatus
		query  string
		get    bool
		want   string
	}{
		{name: "unknown command", query: "cmd=nonsense", want: "Invalid command."},
		{name: "a command's case counts", query: "cmd=List", want: "Invalid command."},
		{name: "edit does not exist yet", query: "cmd=edit&w=LoadBalancer", want: "This command is not available in this version."},
		{name: "dump does not exist yet", query: "cmd=dump", want: "This command is not available in this version."},
		{name: "bad escape", query: "cmd=list&x=%zz", want: "Error during parsing of URI"},
		{name: "cut escape", query: "cmd=list&x=%4", want: "Error during parsing of URI"},
		{name: "bad escape in a name", query: "%=1", want: "Error during parsing of URI"},
		{name: "show without a worker", query: "cmd=show", want: "NULL or EMPTY worker param"},
		{name: "show with an empty worker", query: "cmd=show&w=", want: "NULL or EMPTY worker param"},
		{name: "unknown worker", query: "cmd=show&w=nobody", want: "Could not find given worker"},
		{name: "a member is no worker of the list", query: "cmd=show&w=worker1", want: "Could not find given worker"},
		{name: "empty member", query: "cmd=show&w=LoadBalancer&sw=", want: "EMPTY sub worker param"},
		{name: "unknown member", query: "cmd=show&w=LoadBalancer&sw=nobody", want: "could not find sub worker"},
		{name: "member of a direct worker", query: "cmd=show&w=app&sw=worker1", want: "worker type has no sub workers"},
		{name: "member of a status worker", query: "cmd=show&w=jkstatus&sw=worker1", want: "worker type has no sub workers"},
		{name: "wildcard in show", query: "cmd=show&w=LoadBalancer&sw=worker*", want: "wildcard not allowed in sub worker for this command"},
		{name: "wildcard in reset", query: "cmd=reset&w=LoadBalancer&sw=worker?", want: "wildcard not allowed in sub worker for this command"},
		{name: "wildcard that matches nothing", query: "cmd=update&w=LoadBalancer&sw=tomcat*&vwa=d", want: "could not find sub worker"},
		{name: "recover without a member", query: "cmd=recover&w=LoadBalancer", want: "NULL or EMPTY sub_worker param"},
		{name: "update without a member", query: "cmd=update&w=LoadBalancer&vwa=d", want: "NULL or EMPTY sub_worker param"},
		{name: "update of a direct worker", query: "cmd=update&w=app&vwa=d", want: "Update failed: only members of a balancer have an activation; nothing was changed"},
		{name: "update of a status worker", query: "cmd=update&w=jkstatus&vwa=d", want: "worker type not implemented"},
		{name: "reset of a status worker", query: "cmd=reset&w=jkread", want: "worker type not implemented"},
		{name: "activation that is none", query: "cmd=update&w=LoadBalancer&sw=worker1&vwa=x", want: "Update failed: vwa must be a (active), d (disabled) or s (stopped), not &#39;x&#39;; nothing was changed"},
		{name: "activation missing", query: "cmd=update&w=LoadBalancer&sw=worker1", want: "Update failed: vwa must be a (active), d (disabled) or s (stopped), not &#39;&#39;; nothing was changed"},
		{name: "attribute that cannot be changed yet", query: "cmd=update&w=LoadBalancer&sw=worker1&vwa=d&vwf=5", want: "Update failed: &#39;vwf&#39; cannot be changed in this version; nothing was changed"},
		{name: "recovery of a member that is well", query: "cmd=recover&w=LoadBalancer&sw=worker1", want: "Marking worker for recovery failed"},
		{name: "read only: update", worker: "jkread", query: "cmd=update&w=LoadBalancer&sw=worker1&vwa=d", want: "This command is not allowed in read only mode."},
		{name: "read only: reset", worker: "jkread", query: "cmd=reset&w=LoadBalancer", want: "This command is not allowed in read only mode."},
		{name: "read only: recover", worker: "jkread", query: "cmd=recover&w=LoadBalancer&sw=worker1", want: "This command is not allowed in read only mode."},
		{name: "read only by opt", query: "cmd=reset&w=LoadBalancer&opt=35", want: "This command is not allowed in read only mode."},
		{name: "update by GET", get: true, query: "cmd=update&w=LoadBalancer&sw=worker1&vwa=d", want: "cmd=update changes something and needs a POST; this was a GET. Nothing was changed."},
		{name: "reset by GET", get: true, query: "cmd=reset&w=LoadBalancer", want: "cmd=reset changes something and needs a POST"},
		{name: "recover by GET", get: true, query: "cmd=recover&w=LoadBalancer&sw=worker1", want: "cmd=recover changes something and needs a POST"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.serve(w.lb(), "worker1", balancer.Success)
			if test.worker == "" {
				test.worker = "jkstatus"
			}
			r := w.request(test.worker, test.query)
			if !test.get {
				r.post("")
			}
			page := w.ask(r)
			has(t, page, "<b>Result: ERROR - "+test.want)
			lacks(t, page, "Result: OK")
			require.Empty(t, tags(page, `meta http-equiv="refresh"`), "an error stays on the screen")
			require.Equal(t, balancer.Active, w.member("worker1").Activation)
			require.Equal(t, balancer.Active, w.member("worker2").Activation)
			require.Equal(t, uint64(1), w.member("worker1").Elected)
			log := w.logged()
			require.Contains(t, log, "[warn]")
			require.Contains(t, log, "Status worker '"+test.worker+"': ")
			require.NotContains(t, log, "changing")
		})
	}
}

func TestUpdate_Activation(t *testing.T) {
	tests := []struct {
		value string
		old   balancer.Activation
		want  balancer.Activation
		says  string
	}{
		{"d", balancer.Active, balancer.Disabled, "worker1 of LoadBalancer is now disabled, it was active."},
		{"s", balancer.Active, balancer.Stopped, "worker1 of LoadBalancer is now stopped, it was active."},
		{"a", balancer.Stopped, balancer.Active, "worker1 of LoadBalancer is now active, it was stopped."},
		{"Disabled", balancer.Stopped, balancer.Disabled, "worker1 of LoadBalancer is now disabled, it was stopped."},
		{"STP", balancer.Disabled, balancer.Stopped, "worker1 of LoadBalancer is now stopped, it was disabled."},
		{"0", balancer.Disabled, balancer.Active, "worker1 of LoadBalancer is now active, it was disabled."},
		{"1", balancer.Active, balancer.Disabled, "worker1 of LoadBalancer is now disabled, it was active."},
		{"2", balancer.Active, balancer.Stopped, "worker1 of LoadBalancer is now stopped, it was active."},
		{"a", balancer.Active, balancer.Active, "worker1 was active already."},
	}
	for _, test := range tests {
		t.Run(test.old.String()+" to "+test.value, func(t *testing.T) {
			w := newWorld(t)
			require.NoError(t, w.lb().SetActivation(0, test.old))
			r := w.request("jkstatus", "").post("cmd=update&w=LoadBalancer&sw=worker1&vwa=" + test.value)
			r.User = "alice"
			page := w.ask(r)
			has(t, page, "<b>Result: OK - You will be redirected in 3 seconds.</b> "+test.says)
			require.Equal(t, test.want, w.member("worker1").Activation)
			require.Equal(t, balancer.Active, w.member("worker2").Activation)
			line := "Status worker 'jkstatus' changing 'activation' for sub worker 'worker1' of lb worker 'LoadBalancer' from '" +
				test.old.String() + "' to '" + test.want.String() + `' user="alice" addr=192.0.2.7 id=GOJK4005`
			if test.old == test.want {
				require.Empty(t, w.logged())
				return
			}
			log := w.logged()
			require.Contains(t, log, line)
			require.Contains(t, log, "[rid] [")
			require.Contains(t, log, "[info] activate::command.go (")
		})
	}
}

func TestUpdate_WhereTheParametersStand(t *testing.T) {
	const all = "cmd=update&w=LoadBalancer&sw=worker1&vwa=d&from=list"
	tests := []struct{ name, query, form string }{
		{"in the form", "", all},
		{"in the query string", all, ""},
		{"in both", "cmd=update&w=LoadBalancer", "sw=worker1&vwa=d"},
		{"the form wins", "cmd=list&sw=worker2&vwa=s", all},
		{"the last one wins", "cmd=list&cmd=update&sw=x&sw=worker1&w=LoadBalancer&vwa=s&vwa=d", ""},
		{"escaped", "c%6Dd=update&w=%4c%6FadBalancer&sw=worker1&vwa=d", ""},
		{"parts without a value are ignored", "cmd&&w=LoadBalancer&vwf&x", "cmd=update&sw=worker1&vwa=d"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			has(t, w.ask(w.request("jkstatus", test.query).post(test.form)), "worker1 of LoadBalancer is now disabled")
			require.Equal(t, balancer.Disabled, w.member("worker1").Activation)
			require.Equal(t, balancer.Active, w.member("worker2").Activation)
		})
	}
}

func TestUpdate_Wildcard(t *testing.T) {
	for _, pattern := range []string{"*", "worker?", "w*r*", "worker1*2*"} {
		t.Run(pattern, func(t *testing.T) {
			w := newWorld(t)
			w.ask(w.request("jkstatus", link("cmd", "update", "w", "LoadBalancer", "sw", pattern, "vwa", "s")[1:]).post(""))
			want := balancer.Stopped
			if pattern == "worker1*2*" {
				want = balancer.Active
			}
			require.Equal(t, want, w.member("worker1").Activation)
			require.Equal(t, want, w.member("worker2").Activation)
		})
	}
}

func TestMatchesWildcard(t *testing.T) {
	tests := []struct {
		pattern, name string
		want          bool
	}{
		{"", "", true},
		{"", "a", false},
		{"a", "", false},
		{"*", "", true},
		{"**", "abc", true},
		{"?", "", false},
		{"?", "a", true},
		{"a*c", "abbc", true},
		{"a*c", "abcb", false},
		{"*a*b*", "xxaxxb", true},
		{"*ab?", "aabab", false},
		{"*ab?", "aababc", true},
		{"abc", "abcd", false},
		{"abcd", "abc", false},
		{strings.Repeat("*a", 2000), strings.Repeat("a", 63), false},
		{strings.Repeat("*", 8000) + "b", strings.Repeat("a", 63), false},
	}
	for _, test := range tests {
		require.Equal(t, test.want, matchesWildcard(test.pattern, test.name), "%.20q %q", test.pattern, test.name)
	}
}

func TestReset(t *testing.T) {
	tests := []struct {
		name, form string
		says, logs string
		cleared    []string // of worker1, worker2 and app
	}{
		{
			"balancer", "cmd=reset&w=LoadBalancer", "The counters and error states of all members of LoadBalancer start again.",
			"resetting lb worker 'LoadBalancer' with all sub workers", []string{"worker1", "worker2"},
		},
		{
			"member", "cmd=reset&w=LoadBalancer&sw=worker1", "The counters and the error state of worker1 in LoadBalancer start again.",
			"resetting lb worker 'LoadBalancer' sub worker 'worker1'", []string{"worker1"},
		},
		{"direct worker", "cmd=reset&w=app", "The counters of app start again.", "resetting ajp worker 'app'", []string{"app"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.fail("worker1")
			w.serve(w.lb(), "worker2", balancer.Success)
			for _, name := range []string{"worker1", "worker2", "app"} {
				w.worker(name).Record.CountUsed()
			}
			w.now = w.now.Add(time.Minute)
			has(t, w.ask(w.request("jkstatus", "").post(test.form)), test.says)
			for _, name := range []string{"worker1", "worker2", "app"} {
				c := w.worker(name).Record.Counters()
				if used := c.Used; !contains(test.cleared, name) {
					require.Equal(t, uint64(1), used, name)
					continue
				}
				require.Zero(t, c.Used, name)
				require.Equal(t, w.now, c.LastReset)
			}
			wantState := balancer.Idle
			if !contains(test.cleared, "worker1") {
				wantState = balancer.Error
			}
			require.Equal(t, wantState, w.member("worker1").State)
			require.Contains(t, w.logged(), "[info] reset::command.go (")
		})
	}
}

func contains(list []string, s string) bool {
	return strings.Contains(","+strings.Join(list, ",")+",", ","+s+",")
}

func TestReset_Logs(t *testing.T) {
	w := newWorld(t)
	w.ask(w.request("jkstatus", "").post("cmd=reset&w=LoadBalancer&sw=worker1"))
	require.Contains(t, w.logged(), `Status worker 'jkstatus' resetting lb worker 'LoadBalancer' sub worker 'worker1' user="" addr=192.0.2.7 id=GOJK4008`)
}

func TestRecover(t *testing.T) {
	w := newWorld(t)
	w.fail("worker1")
	has(t, w.ask(w.request("jkstatus", "").post("cmd=recover&w=LoadBalancer&sw=worker1")), "The next request will try worker1 of LoadBalancer.")
	require.Equal(t, balancer.Recover, w.member("worker1").State)
	require.Contains(t, w.logged(), "Status worker 'jkstatus' marked worker 'LoadBalancer' sub worker 'worker1' for recovery")

	has(t, w.ask(w.request("jkstatus", "").post("cmd=recover&w=LoadBalancer&sw=worker1")), "Marking worker for recovery failed")
	require.Equal(t, balancer.Recover, w.member("worker1").State)
	require.Contains(t, w.logged(), "could not mark worker 'LoadBalancer' sub worker 'worker1' for recovery - state ERR/REC is not an error state")
}

func TestChange_SeenByOtherChildren(t *testing.T) {
	w := newWorld(t)
	var configs []balancer.MemberConfig
	for _, name := range []string{"worker1", "worker2"} {
		configs = append(configs, balancer.MemberConfig{Name: name, Route: name})
	}
	other, err := balancer.New(balancer.Config{
		Name: "LoadBalancer", Sticky: true, Members: configs, Retries: 2, LBRetries: 2, RecoverTime: time.Minute, Maintain: time.Minute,
	}, w.mapping)
	require.NoError(t, err)
	w.ask(w.request("jkstatus", "").post("cmd=update&w=LoadBalancer&sw=worker2&vwa=s"))
	require.Equal(t, balancer.Stopped, other.Snapshot(w.now).Members[1].Activation)
}

func TestChange_PageAfterwards(t *testing.T) {
	const form = "cmd=reset&w=LoadBalancer&sw=worker1&re=15&opt=4&from="
	tests := []struct{ from, next, shows, hides string }{
		{"list", `content="3;url=?re=15&amp;opt=4"`, "Listing AJP Worker", ""},
		{"show", `content="3;url=?cmd=show&amp;w=LoadBalancer&amp;re=15&amp;opt=4"`, "LoadBalancer", "Listing AJP Worker"},
		{"elsewhere", `content="3;url=?re=15&amp;opt=4"`, "Listing AJP Worker", ""},
	}
	for _, test := range tests {
		t.Run(test.from, func(t *testing.T) {
			w := newWorld(t)
			page := w.ask(w.request("jkstatus", "").post(form + test.from))
			require.Equal(t, []string{`meta http-equiv="refresh" ` + test.next}, tags(page, `meta http-equiv="refresh"`))
			has(t, page, test.shows, "worker2")
			if test.hides != "" {
				lacks(t, page, test.hides)
			}
		})
	}
}

func TestServe_Body(t *testing.T) {
	const form = "cmd=update&w=LoadBalancer&sw=worker1&vwa=d&x="
	pad := func(n int) string { return form + strings.Repeat("y", n-len(form)) }
	tests := []struct{ name, form, kind, want string }{
		{"as large as it may be", pad(8192), "application/x-www-form-urlencoded", "Result: OK"},
		{"a byte too large", pad(8193), "application/x-www-form-urlencoded", "The request body is larger than 8192 bytes; nothing was changed."},
		{"much too large", pad(1 << 20), "application/x-www-form-urlencoded", "The request body is larger than 8192 bytes; nothing was changed."},
		{"with a charset", form, "Application/X-WWW-Form-Urlencoded ; charset=UTF-8", "Result: OK"},
		{"of no type", form, "", "Result: OK"},
		{"plain text", form, "text/plain", "The parameters of a POST must be application/x-www-form-urlencoded; nothing was changed."},
		{"multipart", form, "multipart/form-data; boundary=x", "The parameters of a POST must be application/x-www-form-urlencoded; nothing was changed."},
		{"with a bad escape", form + "%", "", "Error during parsing of URI"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			r := w.request("jkstatus", "").post(test.form)
			r.Headers = r.Headers[:1]
			if test.kind != "" {
				r.Headers = append(r.Headers, header("content-type", test.kind))
			}
			has(t, w.ask(r), test.want)
			want := balancer.Active
			if test.want == "Result: OK" {
				want = balancer.Disabled
			}
			require.Equal(t, want, w.member("worker1").Activation)
		})
	}
}

func TestServe_ClientFails(t *testing.T) {
	w := newWorld(t)
	r := w.request("jkstatus", "").post("")
	gone := errors.New("client gone")
	r.ReadBody = func([]byte) (int, error) { return 0, gone }
	_, err := Serve(r)
	require.ErrorIs(t, err, gone)
}

func TestServe_BodyOfDeniedUserIsNotRead(t *testing.T) {
	w := newWorld(t)
	w.status("jkstatus").Users = []string{"alice"}
	r := w.request("jkstatus", "").post("")
	r.ReadBody = func([]byte) (int, error) { t.Fatal("read"); return 0, nil }
	has(t, w.ask(r), "Access denied.")
}
