package tomcat

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStatus_ShowsMembers(t *testing.T) {
	s := site(t)
	c := NewClient(s.AppURL())
	defer c.Close()
	_, err := c.Visit()
	require.NoError(t, err)
	members, err := s.Status()
	require.NoError(t, err)
	require.Len(t, members, 2)
	for _, tc := range s.Tomcats {
		require.Equal(t, "ACT", members[tc.Name()].Activation)
		require.True(t, members[tc.Name()].OK(), "%s: %s", tc.Name(), members[tc.Name()])
	}
}

// sessionOn makes a session on that member.
func sessionOn(t *testing.T, s *testSite, member string) (*Client, Answer) {
	t.Helper()
	c := NewClient(s.AppURL())
	t.Cleanup(c.Close)
	var a Answer
	require.NoError(t, waitFor(t.Context(), "a session on "+member, func() (bool, error) {
		c.Forget()
		var err error
		a, err = c.Visit()
		return a.Member == member, err
	}))
	return c, a
}

// A disabled member keeps its sessions and gets no new ones; a stopped one keeps none.
func TestStatus_DisableAndStop(t *testing.T) {
	s := site(t)
	defer func() { require.NoError(t, s.Activate("worker1", "a")) }()
	c, a := sessionOn(t, s, "worker1")

	require.NoError(t, s.Activate("worker1", "d"))
	members, err := s.Status()
	require.NoError(t, err)
	require.Equal(t, "DIS", members["worker1"].Activation)
	for want := a.Count + 1; want <= a.Count+4; want++ {
		b, err := c.Visit()
		require.NoError(t, err)
		require.Equal(t, want, b.Count)
		require.Equal(t, "worker1", b.Member, "disabled, the session stays")
	}
	fresh := NewClient(s.AppURL())
	defer fresh.Close()
	for range 10 {
		fresh.Forget()
		b, err := fresh.Visit()
		require.NoError(t, err)
		require.Equal(t, "worker2", b.Member, "disabled, no new sessions")
	}

	require.NoError(t, s.Activate("worker1", "s"))
	b, err := c.Visit()
	require.NoError(t, err)
	require.Equal(t, a.Count+5, b.Count)
	require.Equal(t, "worker2", b.Member, "stopped, the session moves")
	require.Equal(t, a.Stem(), b.Stem())

	require.NoError(t, s.Activate("worker1", "a"))
	sessionOn(t, s, "worker1")
}
