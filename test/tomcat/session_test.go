package tomcat

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSession_StaysOnItsMember(t *testing.T) {
	s := site(t)
	seen := map[string]bool{}
	for range 6 {
		c := NewClient(s.AppURL())
		defer c.Close()
		first, err := c.Visit()
		require.NoError(t, err)
		require.True(t, first.New)
		require.Equal(t, first.Member, first.Route())
		seen[first.Member] = true
		for want := 2; want <= 10; want++ {
			a, err := c.Visit()
			require.NoError(t, err)
			require.Equal(t, first.Member, a.Member)
			require.Equal(t, first.Session, a.Session)
			require.Equal(t, want, a.Count)
		}
	}
	require.Len(t, seen, 2, "both members get sessions")
}

// Without cookies the session id comes as a path parameter.
func TestSession_PathParameter(t *testing.T) {
	s := site(t)
	for range 4 {
		c := NewClient(s.AppURL())
		defer c.Close()
		first, err := c.Visit()
		require.NoError(t, err)
		for want := 2; want <= 5; want++ {
			resp, err := http.Get(s.AppURL() + ";jsessionid=" + first.Session + "?format=text")
			require.NoError(t, err)
			body, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			require.NoError(t, err)
			require.Equal(t, 200, resp.StatusCode)
			facts := ParseFacts(string(body))
			require.Equal(t, first.Member, facts["member"])
			require.Equal(t, first.Session, facts["session"])
		}
		last, err := c.Visit()
		require.NoError(t, err)
		require.Equal(t, 6, last.Count)
	}
}

// The page of the application, as a browser asks for it.
func TestSession_Page(t *testing.T) {
	s := site(t)
	resp, err := http.Get(s.AppURL())
	require.NoError(t, err)
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, 200, resp.StatusCode)
	require.Equal(t, "text/html;charset=UTF-8", resp.Header.Get("Content-Type"))
	require.Contains(t, string(page), "This page came from")
	require.NotContains(t, string(page), "{{", "every place is filled")
	require.Contains(t, string(page), "</html>")

	head, err := http.Head(s.AppURL())
	require.NoError(t, err)
	defer head.Body.Close()
	require.Equal(t, 200, head.StatusCode)
	require.Positive(t, head.ContentLength)
}

// New session: POST ends the session and sends the browser home, where another one begins.
func TestSession_New(t *testing.T) {
	s := site(t)
	c := NewClient(s.AppURL())
	defer c.Close()
	first, err := c.Visit()
	require.NoError(t, err)

	req, err := http.NewRequest(http.MethodPost, s.AppURL()+"new", nil)
	require.NoError(t, err)
	req.AddCookie(&http.Cookie{Name: sessionCookie, Value: first.Session})
	resp, err := http.DefaultTransport.RoundTrip(req)
	require.NoError(t, err)
	resp.Body.Close()
	require.Equal(t, http.StatusSeeOther, resp.StatusCode)
	require.Equal(t, appPath+"/", resp.Header.Get("Location"))

	second, err := c.Visit()
	require.NoError(t, err)
	require.True(t, second.New)
	require.Equal(t, 1, second.Count)
	require.NotEqual(t, first.Stem(), second.Stem())
}

// The proof of the guide: kill -9, the same session goes on elsewhere, the killed Tomcat comes back and gets new sessions.
func TestSession_FailsOver(t *testing.T) {
	s := site(t)
	c := NewClient(s.AppURL())
	defer c.Close()
	first, err := c.Visit()
	require.NoError(t, err)
	holder := s.Member(first.Member)
	other := s.Other(holder)
	require.NoError(t, s.WaitReplica(t.Context(), other, first.Session, 1))

	require.NoError(t, holder.Kill())
	second, err := c.Visit()
	require.NoError(t, err)
	require.Equal(t, 2, second.Count)
	require.Equal(t, first.Stem(), second.Stem())
	require.Equal(t, other.Name(), second.Member)
	require.Equal(t, other.Name(), second.Route())
	require.Equal(t, holder.Name(), second.Facts["moved_from"])
	require.NotEmpty(t, second.Facts["moved_at"])

	require.NoError(t, holder.Start())
	require.NoError(t, s.WaitPeers(t.Context(), other, 1))
	fresh := NewClient(s.AppURL())
	defer fresh.Close()
	require.NoError(t, waitFor(t.Context(), "a new session on "+holder.Name(), func() (bool, error) {
		fresh.Forget()
		a, err := fresh.Visit()
		require.NoError(t, err)
		return a.Member == holder.Name(), nil
	}))
	third, err := c.Visit()
	require.NoError(t, err)
	require.Equal(t, 3, third.Count)
	require.Equal(t, other.Name(), third.Member, "a session does not go back by itself")
}
