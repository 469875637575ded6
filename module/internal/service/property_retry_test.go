// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"mod_gojk/ajp"
	"mod_gojk/ajp/ajptest"
)

// TestProperty_ReplyTimeout_Precedence: how long the wait for each packet may be: what the environment says (JK_REPLY_TIMEOUT), else the rule, else
// the worker; milliseconds. 0 is no limit at each of them, and hides those behind it.
func TestProperty_ReplyTimeout_Precedence(t *testing.T) {
	const unset = -1
	for _, tt := range []struct {
		worker, rule, env int32
		want              time.Duration
	}{
		{unset, unset, unset, 0},
		{4000, unset, unset, 4 * time.Second},
		{0, unset, unset, 0},
		{4000, 5000, unset, 5 * time.Second},
		{unset, 5000, unset, 5 * time.Second},
		{4000, 0, unset, 0},
		{4000, -7, unset, 4 * time.Second},
		{4000, 5000, 6000, 6 * time.Second},
		{4000, unset, 6000, 6 * time.Second},
		{unset, unset, 6000, 6 * time.Second},
		{4000, 5000, 0, 0},
		{4000, 0, 6000, 6 * time.Second},
		{4000, 0, unset, 0},
		{0, 5000, unset, 5 * time.Second},
	} {
		for _, worker := range []string{"a", "lb"} {
			t.Run(fmt.Sprintf("%s: worker %d, rule %d, environment %d", worker, tt.worker, tt.rule, tt.env), func(t *testing.T) {
				a := []string{}
				if tt.worker != unset {
					a = append(a, fmt.Sprintf("reply_timeout=%d", tt.worker))
				}
				mount := "/* " + worker
				if tt.rule != unset {
					mount += fmt.Sprintf(";reply_timeout=%d", tt.rule)
				}
				r := newRig(t, lb("", ajp13("a", a...))+"worker.list=a\n", mount)
				got := time.Duration(-1)
				env := variableUnless("JK_REPLY_TIMEOUT", tt.env)
				require.Equal(t, Done, r.atFirstPart(func() { got = receiveTimeout(t, r.container["a"].socket()) }, "/x", env).code)
				require.Equal(t, tt.want, got)
			})
		}
	}
}

// TestProperty_ReplyTimeout: a container that says nothing for longer is given up, before the head of its response and behind it.
func TestProperty_ReplyTimeout(t *testing.T) {
	for _, tt := range []struct {
		name, worker, rule string
		env                int32
		answer             answer
		want               int
	}{
		{"worker", "reply_timeout=30", "", -1, silent, 504},
		{"rule", "reply_timeout=0", ";reply_timeout=30", -1, silent, 504},
		{"environment", "reply_timeout=0", ";reply_timeout=0", 30, silent, 504},
		// Here a part has to come in time, on a busy machine too.
		{"after the head", "reply_timeout=1000", "", -1, append(reply(head), silent...), 504},
		{"in the middle of a packet", "reply_timeout=1000", "", -1, append(reply(head[:7]), silent...), 504},
		{"after a part that the client has", "reply_timeout=1000", "", -1, append(reply(head, ajptest.Chunk("part"), ajptest.Flush()), silent...), Broken},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, direct(tt.worker, "retries=1"), "/* a"+tt.rule)
			r.container["a"].next(tt.answer)
			begin := time.Now()
			require.Equal(t, tt.want, r.do("/x", variableUnless("JK_REPLY_TIMEOUT", tt.env)).code)
			require.GreaterOrEqual(t, time.Since(begin), 30*time.Millisecond)
			require.EqualValues(t, 1, r.worker("a").Record.ReplyTimeouts())
			require.Equal(t, "a", r.heard(1))
			require.Equal(t, Done, r.do("/x", variable("JK_REPLY_TIMEOUT", "20000")).code)
		})
	}
}

// TestProperty_Retries: attempts on the worker, the first included.
func TestProperty_Retries(t *testing.T) {
	for _, tt := range []struct {
		property string
		want     string
	}{
		{"", "aa"}, {"retries=1", "a"}, {"retries=2", "aa"}, {"retries=5", "aaaaa"}, {"retries=0", "a"}, {"retries=-3", "a"},
	} {
		t.Run("worker: "+tt.property, func(t *testing.T) {
			r := newRig(t, direct(strings.Fields(tt.property)...))
			r.container["a"].answers(closes)
			require.Equal(t, 502, r.do("/x").code)
			require.Equal(t, tt.want, r.who())
			r.container["a"].answers(nil)
			require.Equal(t, Done, r.do("/x").code)
		})
	}
	t.Run("one of them succeeds", func(t *testing.T) {
		r := newRig(t, direct("retries=3"))
		r.container["a"].next(closes, closes)
		require.Equal(t, Done, r.do("/x").code)
		require.Equal(t, "aaa", r.who())
	})
}

// TestProperty_RetryInterval: the pause before each further attempt; milliseconds.
func TestProperty_RetryInterval(t *testing.T) {
	for _, tt := range []struct {
		properties  string
		least, most time.Duration
	}{
		{"retries=3 retry_interval=30", 60 * time.Millisecond, 9 * time.Second},
		{"retries=1 retry_interval=9000", 0, 9 * time.Second},
		{"retries=2 retry_interval=100", 100 * time.Millisecond, 9 * time.Second},
		{"retries=100 retry_interval=0", 0, 9 * time.Second},
		{"retries=100 retry_interval=-1", 0, 9 * time.Second},
	} {
		t.Run(tt.properties, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, "worker.list=a\n"+refused("a", strings.Fields(tt.properties)...))
			begin := time.Now()
			require.Equal(t, 503, r.do("/x").code)
			require.GreaterOrEqual(t, time.Since(begin), tt.least)
			require.Less(t, time.Since(begin), tt.most)
		})
	}
}

// recovery says which methods are repeated under some recovery_options, by initial: GET, HEAD, POST, pUt.
type recovery struct {
	options   string
	afterSent string // if the connection broke before the head of the response
	afterHead string // if it broke after the head, and the client has nothing of it
}

// recoveries is the meaning of recovery_options. Without it only what is safe to repeat is; with it, the operator's word holds.
var recoveries = []recovery{
	{"", "GHU", "GHU"},
	{"0", "GHPU", "GHPU"},
	{"1", "", "GHPU"},
	{"2", "GHPU", ""},
	{"3", "", ""},
	{"4", "GHPU", "GHPU"},
	{"7", "", ""},
	{"8", "GHPU", "GHPU"},
	{"16", "GHPU", "GHPU"},
	{"9", "H", "GHPU"},
	{"17", "G", "GHPU"},
	{"25", "GH", "GHPU"}, // mod_jk: H
	{"10", "GHPU", ""},   // 8 and 16 have no say after the head
	{"18", "GHPU", ""},
	{"11", "H", ""},
	{"19", "G", ""},
	{"27", "GH", ""},
	{"31", "GH", ""},
}

var methods = []string{"GET", "HEAD", "POST", "PUT"}

// initial is the letter of a method in a recovery.
func initial(method string) string {
	if method == "PUT" {
		return "U"
	}
	return method[:1]
}

// stages are the ways to break that recovery_options distinguishes, and what is repeated.
func (o *recovery) stages() []stage {
	return []stage{
		{"before the head", closes, o.afterSent},
		{"before the head, reset", answer{ajptest.Reset(), hangUp}, o.afterSent},
		{"after the head", append(reply(head), hangUp), o.afterHead},
		{"after the head and body that is held back", append(reply(head, ajptest.Chunk("part")), hangUp), strings.ReplaceAll(o.afterHead, "H", "")}, // which HEAD does not wait for
		{"after a part that the client has", append(reply(head, ajptest.Chunk("part"), ajptest.Flush()), hangUp), ""},
	}
}

type stage struct {
	name     string
	answer   answer
	repeated string
}

// TestProperty_RecoveryOptions: every stage at which a connection may break, every method, alone and as member.
func TestProperty_RecoveryOptions(t *testing.T) {
	for _, o := range recoveries {
		t.Run("options "+o.options, func(t *testing.T) {
			properties := []string{}
			if o.options != "" {
				properties = []string{"recovery_options=" + o.options}
			}
			r := newRig(t, lb("retries=1", ajp13("a", append(properties, "retries=1")...), ajp13("b"), refused("gone", append(properties, "retries=1", "activation=disabled")...))+
				"worker.list=c\n"+ajp13("c", append(properties, "retries=2")...), "/lb lb", "/c c")
			for _, s := range o.stages() {
				for _, method := range methods {
					want := strings.Contains(s.repeated, initial(method))
					r.requireRepeated(method, s, want)
				}
			}
			for _, method := range methods {
				r.worker("lb").Balancer.Reset(time.Now())
				require.Equal(t, Done, r.do(method+" /lb", session("1.gone")).code, "%s, refused", method)
			}
			r.who()
			r.requireNotRepeatedOnceAsked()
		})
	}
}

// requireRepeated lets a request break off on a member, where another member could have it, and on a worker of its own, which has a second attempt.
func (r *rig) requireRepeated(method string, s stage, want bool) {
	r.t.Helper()
	asked := map[bool][2]string{false: {"a", "c"}, true: {"ab", "cc"}}[want]
	for i, name := range []string{"a", "c"} {
		r.worker("lb").Balancer.Reset(time.Now())
		r.who()
		r.container[name].next(s.answer)
		target := map[string]string{"a": "/lb", "c": "/c"}[name]
		q := r.do(method+" "+target, session("1.a"))
		require.Equal(r.t, asked[i], r.who(), "%s %s, %s", method, target, s.name)
		if want {
			require.Equal(r.t, Done, q.code, "%s %s, %s", method, target, s.name)
			require.NotContains(r.t, q.text.String(), "part")
		}
	}
}

// requireNotRepeatedOnceAsked: only the first packet of a body is kept. Once the container has asked for more the request is never repeated.
func (r *rig) requireNotRepeatedOnceAsked() {
	r.t.Helper()
	for _, kind := range []edit{body(strings.Repeat("x", 20000)), chunkedBody("short")} {
		r.worker("lb").Balancer.Reset(time.Now())
		r.container["a"].next(append(reply(ajptest.Get(8186)), hangUp))
		q := r.do("PUT /lb", session("1.a"), kind)
		require.NotEqual(r.t, Done, q.code)
		require.Equal(r.t, "a", r.who())
	}
}

// TestProperty_RecoveryOptions_Causes: what breaks an exchange does not matter, only when it does.
func TestProperty_RecoveryOptions_Causes(t *testing.T) {
	causes := []struct {
		name   string
		answer answer
	}{
		{"reply timeout", silent},
		{"not AJP", append(reply([]byte("HTTP/1.1 200 OK\r\n\r\n")), hangUp)},
		{"packet too large", append(reply([]byte{0x41, 0x42, 0xff, 0xff}), hangUp)},
		{"packet cut off", append(reply(head[:9]), hangUp)},
		{"unknown code", append(reply(ajptest.Packet(77)), hangUp)},
		{"no head", append(reply(ajptest.End(true)), hangUp)},
	}
	for _, o := range recoveries[:5] {
		for _, cause := range causes {
			t.Run(fmt.Sprintf("options %s, %s", o.options, cause.name), func(t *testing.T) {
				t.Parallel()
				properties := []string{"retries=1"}
				if cause.name == "reply timeout" {
					properties = append(properties, "reply_timeout=30")
				}
				if o.options != "" {
					properties = append(properties, "recovery_options="+o.options)
				}
				r := newRig(t, lb("retries=1", ajp13("a", properties...), ajp13("b")))
				for _, method := range []string{"GET", "POST"} {
					r.worker("lb").Balancer.Reset(time.Now())
					r.container["a"].next(cause.answer)
					want := map[bool]string{false: "a", true: "ab"}[strings.Contains(o.afterSent, initial(method))]
					r.do(method+" /x", session("1.a"))
					require.Equal(t, want, r.heard(len(want)), method)
				}
			})
		}
	}
}

// TestProperty_RecoveryOptions_Hard: bit 4. When the client fails, what the container has sent meanwhile is left unread and it gets a reset; otherwise
// it is read and the connection ends.
func TestProperty_RecoveryOptions_Hard(t *testing.T) {
	for _, tt := range []struct {
		options string
		want    error
	}{
		{"0", io.EOF}, {"3", io.EOF}, {"4", syscall.ECONNRESET}, {"7", syscall.ECONNRESET},
	} {
		t.Run("options "+tt.options, func(t *testing.T) {
			r := newRig(t, direct("recovery_options="+tt.options))
			a := r.container["a"]
			got, told := error(nil), make(chan struct{})
			more := make(chan struct{})
			a.next(answer{ajptest.Send(head, ajptest.Chunk("part"), ajptest.Flush()), ajptest.Await(more), ajptest.Send(ajptest.Chunk("unread")), func(p *ajptest.Peer) error {
				_, got = p.Conn.Read(make([]byte, 1))
				close(told)
				return errHangUp
			}})
			s := r.do("/x", func(s *sent) {
				s.onRespond = func(*ajp.Response) error {
					close(more)
					fd := a.socket()
					eventually(t, "more to have come", func() bool { n, err := unix.IoctlGetInt(fd, unix.TIOCINQ); return err == nil && n > 0 })
					return errors.New("client gone")
				}
			})
			require.Equal(t, ClientGone, s.code)
			receive(t, told, "the end of the connection")
			require.ErrorIs(t, got, tt.want)
		})
	}
}

// TestProperty_FailOnStatus: responses that count as failures are dropped and the request is tried again, here in vain: 503. Signs and lists alike.
func TestProperty_FailOnStatus(t *testing.T) {
	for _, tt := range []struct {
		name, properties, rule string
		status                 uint16
		want                   int
		asked                  string
	}{
		{"none", "", "", 500, Done, "a"},
		{"hard", "fail_on_status=500", "", 500, 503, "aa"},
		{"soft", "fail_on_status=-500", "", 500, 503, "aa"},
		{"another status", "fail_on_status=500", "", 503, Done, "a"},
		{"list, first", "fail_on_status=500,-404,503", "", 500, 503, "aa"},
		{"list, soft", "fail_on_status=500,-404,503", "", 404, 503, "aa"},
		{"list, last", "fail_on_status=500,-404,503", "", 503, 503, "aa"},
		{"list, none", "fail_on_status=500,-404,503", "", 200, Done, "a"},
		{"two lines", "fail_on_status=500 fail_on_status=404", "", 500, 503, "aa"},
		{"two lines, second", "fail_on_status=500 fail_on_status=404", "", 404, 503, "aa"},
		{"200, too", "fail_on_status=200", "", 200, 503, "aa"},
		{"as often as retries says", "fail_on_status=500 retries=4", "", 500, 503, "aaaa"},
		{"rule", "", ";fail_on_status=500", 500, 503, "aa"},
		{"rule, soft and list", "", ";fail_on_status=404 -500", 500, 503, "aa"},
		{"the rule replaces the list", "fail_on_status=500", ";fail_on_status=404", 500, Done, "a"},
		{"the rule's own", "fail_on_status=500", ";fail_on_status=404", 404, 503, "aa"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, direct(strings.Fields(tt.properties)...), "/* a"+tt.rule)
			r.container["a"].answers(page(tt.status, "theirs"))
			s := r.do("POST /x", body("text"))
			require.Equal(t, tt.want, s.code)
			require.Equal(t, tt.asked, r.who())
			if tt.want == Done {
				require.EqualValues(t, tt.status, s.status)
				require.Equal(t, "theirs", s.text.String())
				return
			}
			require.Zero(t, s.status, "nothing of it reaches the client")
			require.Contains(t, r.log(), "because of response status")
		})
	}
}

// TestProperty_FailOnStatus_Member: a hard status puts the member into error at once, a soft one leaves it usable; either way another one is asked.
func TestProperty_FailOnStatus_Member(t *testing.T) {
	for _, tt := range []struct {
		name, property, rule string
		state                string
		next                 string // who has the session afterwards
		says                 string
	}{
		{"hard", "fail_on_status=500", "", "ACT ERR", "b", "request failed, because of response status 500"},
		{"soft", "fail_on_status=-500", "", "ACT OK", "a", "request failed (soft), because of response status 500"},
		{"hard by rule", "fail_on_status=-500", ";fail_on_status=500", "ACT ERR", "b", "request failed, because of response status 500"},
		{"soft by rule", "fail_on_status=500", ";fail_on_status=-500", "ACT OK", "a", "request failed (soft), because of response status 500"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, lb("", ajp13("a", tt.property), ajp13("b")), "/* lb"+tt.rule)
			r.container["a"].next(page(500, ""), page(500, ""))
			s := r.do("/x", session("1.a"))
			require.Equal(t, []any{Done, uint32(200), "b"}, []any{s.code, s.status, s.text.String()})
			require.Equal(t, "aab", r.who(), "retries of the worker first")
			require.Equal(t, tt.state, r.state("a"))
			require.Equal(t, tt.next, r.sequence(1, session("1.a")))
			require.Contains(t, r.log(), tt.says)
		})
	}
	t.Run("all of them", func(t *testing.T) {
		r := newRig(t, lb("retries=1", ajp13("a", "fail_on_status=-500", "retries=1"), ajp13("b", "fail_on_status=-500", "retries=1")))
		r.container["a"].answers(page(500, ""))
		r.container["b"].answers(page(500, ""))
		require.Equal(t, 503, r.do("/x").code)
		require.Equal(t, "ab", r.who())
		require.Equal(t, "ACT OK", r.state("a"))
	})
}
