package tomcat

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What the checks find: a load that finds nothing wrong with wrong answers would prove nothing.
func TestLoad_Check(t *testing.T) {
	before := Answer{Member: "worker1", Session: "S.worker1", Count: 4}
	tests := []struct {
		name    string
		last, a Answer
		want    string // part of the failure; empty: none
		moves   int
		twice   int
	}{
		{name: "next", last: before, a: Answer{Member: "worker1", Session: "S.worker1", Count: 5}},
		{name: "begins", a: Answer{Member: "worker1", Session: "S.worker1", Count: 1, New: true}},
		{name: "moved", last: before, a: Answer{Member: "worker2", Session: "S.worker2", Count: 5}, moves: 1},
		{name: "moved and counted twice", last: before, a: Answer{Member: "worker2", Session: "S.worker2", Count: 6}, moves: 1, twice: 1},
		{name: "same count", last: before, a: Answer{Member: "worker1", Session: "S.worker1", Count: 4}, want: "count 4 after 4"},
		{name: "count falls back", last: before, a: Answer{Member: "worker2", Session: "S.worker2", Count: 4}, want: "count 4 after 4"},
		{name: "count skips without a move", last: before, a: Answer{Member: "worker1", Session: "S.worker1", Count: 6}, want: "count 6 after 4"},
		{name: "count skips two", last: before, a: Answer{Member: "worker2", Session: "S.worker2", Count: 7}, want: "count 7 after 4"},
		{name: "session lost", last: before, a: Answer{Member: "worker1", Session: "T.worker1", Count: 1, New: true}, want: "lost"},
		{name: "route of another", last: before, a: Answer{Member: "worker2", Session: "S.worker1", Count: 5}, want: "worker2 answered"},
		{name: "begins with somebody's session", a: Answer{Member: "worker1", Session: "S.worker1", Count: 2}, want: "should begin"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := &Load{began: map[string]int{}}
			l.check(3, time.Now(), tt.last, tt.a)
			r := Report{Failures: l.Failures(), Known: l.known, Moves: l.moves}
			require.Len(t, r.Moves, tt.moves)
			require.Equal(t, tt.twice, r.Twice())
			if tt.want == "" {
				require.Zero(t, r.Failures, r.Known)
				return
			}
			require.EqualValues(t, 1, r.Failures)
			require.Contains(t, r.Known[0].String(), tt.want)
		})
	}
}

func TestReport_Judge(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(1000+s), 0) }
	outage := Outage{Member: "worker1", Begin: at(10), Dead: at(12), End: at(30)}
	tests := []struct {
		name    string
		move    Move
		outages []Outage
		want    string
	}{
		{name: "in flight", move: Move{From: "worker1", Start: at(9), End: at(11)}, outages: []Outage{outage}},
		{name: "in flight, counted twice", move: Move{From: "worker1", Start: at(11), End: at(13), Twice: true}, outages: []Outage{outage}},
		{name: "afterwards", move: Move{From: "worker1", Start: at(20), End: at(21)}, outages: []Outage{outage}},
		{name: "still out", move: Move{From: "worker1", Start: at(90), End: at(91)}, outages: []Outage{{Member: "worker1", Begin: at(10), Dead: at(12)}}},
		{name: "counted twice when it was dead", move: Move{From: "worker1", Start: at(20), End: at(21), Twice: true}, outages: []Outage{outage}, want: "counted twice"},
		{name: "before", move: Move{From: "worker1", Start: at(1), End: at(2)}, outages: []Outage{outage}, want: "though worker1 was there"},
		{name: "after its recovery", move: Move{From: "worker1", Start: at(31), End: at(32)}, outages: []Outage{outage}, want: "though worker1 was there"},
		{name: "from the one that lived", move: Move{From: "worker2", Start: at(20), End: at(21)}, outages: []Outage{outage}, want: "though worker2 was there"},
		{name: "no outage", move: Move{From: "worker1", Start: at(20), End: at(21)}, want: "though worker1 was there"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := Report{Moves: []Move{tt.move}}.Judge(tt.outages)
			if tt.want == "" {
				require.Zero(t, r.Failures, r.Known)
				return
			}
			require.EqualValues(t, 1, r.Failures)
			require.Contains(t, r.Known[0].What, tt.want)
		})
	}
}

func TestParseStatus(t *testing.T) {
	// As mod_jk writes it, shortened.
	const page = `<h3>Worker Status for LoadBalancer</h3><table><tr><td>worker1</td><td>ajp13</td><td>127.0.0.1</td></tr></table>
<tr valign="bottom"><th>&nbsp;</th><th>Name</th><th>Act</th><th>State</th></tr>
<tr>
<td>[<a href="/jkmanager/?cmd=show&amp;w=LoadBalancer&amp;sw=worker1">S</a>]&nbsp;</td><td>worker1</td><td>ACT</td><td>ERR/REC</td><td>0</td></tr>
<tr>
<td>&nbsp;</td><td>worker2</td><td>DIS</td><td>OK/IDLE</td><td>0</td></tr>
<tr><th>Act</th><td>Worker activation configuration<br/>ACT=Active, DIS=Disabled, STP=Stopped</td></tr>
<tr class="bad"><th scope="row">worker3<form method="post"><button formaction="?cmd=recover">Recover</button><button>Reset</button></form></th>` +
		`<td data-h="Act">STP</td><td data-h="State"><b class="bad">ERR</b></td><td></td></tr>` // as mod_gojk writes it
	got := ParseStatus(page)
	require.Equal(t, map[string]MemberStatus{"worker1": {"ACT", "ERR/REC"}, "worker2": {"DIS", "OK/IDLE"}, "worker3": {"STP", "ERR"}}, got)
	require.False(t, got["worker1"].OK())
	require.True(t, got["worker2"].OK())
	require.True(t, MemberStatus{"ACT", "ERR"}.InError())
	require.Empty(t, ParseStatus(""))
}

func TestParseFacts(t *testing.T) {
	require.Equal(t, Facts{"a": "1", "b": "x=y", "empty": ""}, ParseFacts("a=1\r\nnothing\nb=x=y\nempty=\n"))
	require.Empty(t, ParseFacts(strings.Repeat("x", 10)))
}
