package balancer

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// newRun is a request that is about to choose.
func (f *fixture) newRun(q Query) *run {
	r := &run{b: f.Balancer, v: f.current(), q: q, states: q.room(f.Len())}
	r.copyStates()
	r.lookAtSession()
	return r
}

// TestClaim: a member is taken only if what it was chosen for is still so; otherwise nothing has happened.
func TestClaim(t *testing.T) {
	for _, c := range []struct {
		name      string
		method    Method
		query     Query
		meanwhile func(f *fixture) // what another request does between the scan and the claim
		want      bool
		values    []uint64
	}{
		{"nothing", Request, Query{}, func(*fixture) {}, true, []uint64{1, 0}},
		{"it was charged", Request, Query{}, func(f *fixture) { f.setValues(1, 0) }, false, []uint64{1, 0}},
		{"another one was charged", Request, Query{}, func(f *fixture) { f.setValues(0, 1) }, true, []uint64{1, 1}},
		{"it was charged, traffic", Traffic, Query{}, func(f *fixture) { f.setValues(5, 0) }, true, []uint64{5, 0}},
		{"the turn went on, traffic", Traffic, Query{}, func(f *fixture) { f.rec.Tie().Store(1) }, false, []uint64{0, 0}},
		{"the turn went on, no new session", Session, ofSession("s"), func(f *fixture) { f.rec.Tie().Store(1) }, false, []uint64{0, 0}},
		{"the turn went on, new session", Session, Query{}, func(f *fixture) { f.rec.Tie().Store(1) }, true, []uint64{1, 0}},
		{"the turn went on, stateless", Request, Query{Stateless: true}, func(f *fixture) { f.rec.Tie().Store(1) }, false, []uint64{0, 0}},
		{"nothing, busyness", Busyness, Query{}, func(*fixture) {}, true, []uint64{1, 0}},
		{"it became busier", Busyness, Query{}, func(f *fixture) { f.records[0].member.Enter() }, false, []uint64{1, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := newConfig(members(1, 1))
			config.Method = c.method
			f := newFixture(t, config)
			r := f.newRun(c.query)
			offset := f.rec.Tie().Load()
			i, load := r.best(offset)
			require.Zero(t, i)
			c.meanwhile(f)
			busy, tie := f.records[0].member.Busy(), f.rec.Tie().Load()

			require.Equal(t, c.want, r.claim(i, offset, load))
			require.Equal(t, c.values, f.values())
			if c.want {
				busy, tie = busy+1, 1
			}
			require.Equal(t, busy, f.records[0].member.Busy())
			require.Equal(t, tie, f.rec.Tie().Load())
		})
	}
}

// contended is a method whose claims fail, as if another request had always been faster and been charged.
type contended struct {
	request
	failures *int
}

func (c contended) claim(m *member, load, charge uint64) bool {
	if *c.failures > 0 {
		*c.failures--
		m.value.Add(charge)
		return false
	}
	return c.request.claim(m, load, charge)
}

// TestChooseBest_Contended: a request that loses a race looks again, and does not look for ever.
func TestChooseBest_Contended(t *testing.T) {
	for _, c := range []struct {
		name     string
		failures int
		want     int // the member that the request gets
		values   []uint64
		left     int
	}{
		{"once", 1, 1, []uint64{1, 1, 0}, 0},
		{"twice", 2, 2, []uint64{1, 1, 1}, 0},
		{"for ever", 1_000_000, 2, []uint64{11, 11, 11}, 1_000_000 - maxRescans},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t, newConfig(members(1, 1, 1)))
			v := *f.current()
			failures := c.failures
			v.policy = contended{failures: &failures}
			f.view.Store(&v)
			r := f.newRun(Query{})
			require.Equal(t, c.want, r.chooseBest())
			require.Equal(t, c.values, f.values())
			require.Equal(t, c.left, failures)
			require.EqualValues(t, c.want+1, f.rec.Tie().Load())
			require.EqualValues(t, 1, f.records[c.want].member.Busy())
		})
	}
}
