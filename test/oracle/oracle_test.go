package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// steps are the names of all steps.
func steps() []string {
	var names []string
	for _, c := range allCases() {
		if len(c.Steps) == 0 {
			names = append(names, c.Name+" / httpd")
		}
		for _, s := range c.Steps {
			names = append(names, c.Name+" / "+s.Name)
		}
	}
	return names
}

func TestCases_AreWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range allCases() {
		require.False(t, seen[c.Name], "case %q is there twice", c.Name)
		seen[c.Name] = true
		begun := map[string]bool{}
		for _, s := range c.Steps {
			require.NotEmpty(t, s.Name, c.Name)
			require.True(t, s.Send != "" || s.Finish != "" || len(s.Before) > 0, "%s / %s does nothing", c.Name, s.Name)
			require.True(t, s.Finish == "" || begun[s.Finish], "%s / %s finishes what no step has begun", c.Name, s.Name)
			if s.Begin != "" {
				begun[s.Begin] = true
			}
			delete(begun, s.Finish)
		}
		require.Empty(t, begun, "%s begins what no step finishes", c.Name)
	}
	require.Greater(t, len(steps()), 2000)
}

func TestDifferences_HaveSteps(t *testing.T) {
	seen, names := map[string]bool{}, steps()
	for _, d := range differences {
		t.Run(d.ID, func(t *testing.T) {
			require.False(t, seen[d.ID], "twice")
			seen[d.ID] = true
			require.NotEmpty(t, d.Reason)
			require.NotEmpty(t, d.Jk)
			require.NotEmpty(t, d.Gojk)
			require.Equal(t, d.Steps != nil, d.Lines != nil)
			require.Equal(t, d.May != nil, d.Hide != nil)
			require.NotEqual(t, d.Steps != nil, d.May != nil)
			where := d.Steps
			if where == nil {
				where = d.May
			}
			found := 0
			for _, name := range names {
				if where.MatchString(name) {
					found++
				}
			}
			require.NotZero(t, found, "no step has such a name")
		})
	}
}

func TestExcuse(t *testing.T) {
	row := &Difference{ID: "row", Lines: re(`- old`, `\+ new`)}
	other := &Difference{ID: "other", Lines: re(`\+ other`)}
	for _, tt := range []struct {
		name   string
		rows   []*Difference
		lines  []string
		want   Verdict
		reason string
	}{
		{"no row", nil, []string{"- old"}, Failed, "differ"},
		{"as the row says", []*Difference{row}, []string{"- old 1", "+ new 1"}, Listed, ""},
		{"a line more", []*Difference{row}, []string{"- old 1", "+ surprise"}, Failed, "surprise"},
		{"nothing differs", []*Difference{row}, nil, Failed, "stale"},
		{"two rows", []*Difference{row, other}, []string{"- old", "+ other"}, Listed, ""},
		{"one of two rows is stale", []*Difference{row, other}, []string{"- old"}, Failed, "stale"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, reason := excuse(tt.rows, tt.lines)
			require.Equal(t, tt.want, got)
			require.Contains(t, reason, tt.reason)
		})
	}
}

func TestDiff(t *testing.T) {
	require.Equal(t, []string{"  a", "- b", "+ x", "  c", "+ d"}, diff([]string{"a", "b", "c"}, []string{"a", "x", "c", "d"}))
	require.Equal(t, []string{"- a"}, diff([]string{"a"}, nil))
	require.Empty(t, diff(nil, nil))
}

func TestRender_Masks(t *testing.T) {
	require.Equal(t, "attribute 0A AJP_REMOTE_PORT = (the client's port)", maskPort(`attribute 0A AJP_REMOTE_PORT = "4711"`, 4711))
	require.Equal(t, `attribute 0A AJP_REMOTE_PORT = "1"`, maskPort(`attribute 0A AJP_REMOTE_PORT = "1"`, 4711))
	require.Equal(t, "(masked)", maskHeader(harness.Field{Name: "Date", Value: "x"}))
	require.Equal(t, `"Sun, 06 Nov 1994 08:49:37 GMT"`, maskHeader(harness.Field{Name: "Last-Modified", Value: "Sun, 06 Nov 1994 08:49:37 GMT"}))
	require.Equal(t, 5, dechunkedLength([]byte("3\r\none\r\n5\r\ntw")))
}

func TestRender_MasksTimes(t *testing.T) {
	require.Equal(t, "[(day) (month) 00 00:00:00.000 0000] REQ 200 (seconds) 12", maskStamp("[Sun Nov 22 13:44:52.597 2026] REQ 200 0.001234 12", "REQ "))
	require.Equal(t, "00:00 REQ 1.2", maskStamp("12:34 REQ 1.2", "REQ "))
	require.Equal(t, "no line", maskStamp("no line", "REQ "))
	long := maskStamp("REQ "+fill(2000)+"...", "REQ ")
	require.Equal(t, "REQ "+fill(900)+" ..., cut", long)
}

func TestLevels(t *testing.T) {
	lines := []string{
		"[Sun Nov 22 13:44:52.597 2026] [NO-ID] [2:3] [info] f::g.go (1): one id=GOJK0001", "[Sun Nov 22 13:44:52.597 2026] [2:3] [error] f::g.c (1): one",
		"[Sun Nov 22 13:44:52 2026] [gojk:warn] [pid 1] one", "REQ two", "[x] [info] one",
	}
	require.Equal(t, "error, info, warn", levels(lines, "one"))
	require.Equal(t, "no level", levels(lines, "two"))
	require.Equal(t, never, levels(lines, "three"))
}

func TestSeen_CountsLinesWithTheText(t *testing.T) {
	s := seen{text: "REQ "}
	require.Equal(t, []string{"a REQ 1", "b REQ 2"}, s.in("a REQ 1\nother\nb REQ 2\nc REQ 3 not yet whol"))
	require.Empty(t, s.in(""))
}

func TestHideFraming(t *testing.T) {
	long := hideFraming([]string{"client: header Transfer-Encoding: \"chunked\"", "client: body (chunked) 3 bytes", "log: status 200, 3 bytes, connection -, worker a"})
	short := hideFraming([]string{"client: header Content-Length: \"3\"", "client: body (content-length) 3 bytes", "log: status 200, 3 bytes, connection +, worker a"})
	require.Equal(t, long, short)
	require.Len(t, long, 2)
}

// TestCompare_FindsADifference compares mod_jk with an httpd that has no such module: everything must differ.
func TestCompare_FindsADifference(t *testing.T) {
	c := &Case{Name: "c", Workers: one(), Config: "<IfModule jk_module>\n" + direct + "</IfModule>\n", Steps: gets("/x")}
	outcomes := runCase(c, [2]side{{module: harness.ModuleJk}, {module: harness.ModuleNone}})
	require.Len(t, outcomes, 1)
	require.Equal(t, Failed, outcomes[0].Verdict)
	require.Contains(t, differing(outcomes[0].Jk, outcomes[0].Other), "- requests went to: a")
	var out bytes.Buffer
	require.False(t, report(&out, outcomes, false, false))
	require.Contains(t, out.String(), "1 steps compared, 1 differences (0 listed)")
}

// TestCompare_SelfCheck compares mod_jk with itself.
func TestCompare_SelfCheck(t *testing.T) {
	var out bytes.Buffer
	self := side{module: harness.ModuleJk}
	require.True(t, compare(&out, "^(keep-alive|balance/1 2 3)$", [2]side{self, self}, 2, false), out.String())
	require.Contains(t, out.String(), " 0 differences")
}
