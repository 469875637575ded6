// Licensed under the Apache License, Version 2.0; see LICENSE.

package urimap

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestIndex_Example is the example of the package comment.
func TestIndex_Example(t *testing.T) {
	m := Build([]Rule{
		mountRule("/*.do", "a"), mountRule("/app/*", "b"), mountRule("/app/*.gif", "c"), unmountRule("/app/img/*", "b"),
	}, Options{})
	require.Equal(t, strings.Join([]string{
		`/ best=3 []`,
		`  tail .do best=3 [/*.do]`,
		`  app/ best=1 [/app/*]`,
		`    tail .gif best=1 [/app/*.gif]`,
		`    img/ best=none [!/app/img/*]`,
	}, "\n"), drawing(m, []string{"/*.do", "/app/*", "/app/*.gif", "!/app/img/*"}))
	for path, want := range map[string]int{
		"/app/img/x.gif": 2, "/app/img/x": -1, "/app/x.do": 1, "/x.do": 0, "/app": -1, "/app/.gif": 2, "/app/gif": 1, "/": -1,
	} {
		got, _ := m.lookup(path)
		require.Equal(t, want, got, path)
	}
}

// drawing writes the tree of a map with the names of its rules.
func drawing(m *Map, names []string) string {
	var lines []string
	var draw func(i int32, depth int, before, behind string)
	draw = func(i int32, depth int, before, behind string) {
		n := &m.nodes[i]
		best := "none"
		if n.best != noRank {
			best = fmt.Sprint(n.best)
		}
		here := []string{}
		for _, e := range m.entries[n.from:n.to] {
			here = append(here, names[e.rule])
		}
		if i != 0 {
			lines = append(lines, fmt.Sprintf("%s%s%s%s best=%s %v", strings.Repeat("  ", depth-1), before, n.label, behind, best, here))
		}
		for k := range int32(n.tails) {
			draw(n.tail+k, depth+1, "tail ", string(m.letters[n.tail+k]))
		}
		for k := range int32(n.children) {
			draw(n.child+k, depth+1, string(m.letters[n.child+k]), "")
		}
	}
	draw(0, 0, "", "")
	return strings.Join(lines, "\n")
}

// generator makes rules that meet one another often, and paths that are what these rules are about, or nearly so.
type generator struct {
	*rand.Rand
	roots int // that many names begin the patterns; 0: no name does
}

func (g generator) one(of ...string) string { return of[g.IntN(len(of))] }

func (g generator) segment() string {
	return g.one("a", "b", "ab", "app", "app1", "app12", "x.do", ".do", "")
}

// folder is a literal beginning of few or no segments.
func (g generator) folder() string {
	folder := "/"
	for range g.IntN(4) {
		folder += g.segment() + "/"
	}
	return folder
}

func (g generator) pattern() string {
	if g.roots > 0 {
		return fmt.Sprintf("/r%d%s", g.IntN(g.roots), generator{g.Rand, 0}.pattern())
	}
	switch g.IntN(10) {
	case 0, 1:
		return g.folder() + g.segment()
	case 2, 3:
		return g.folder() + g.one("*", "a*", "app*")
	case 4, 5:
		return g.folder() + "*" + g.one(".do", ".jsp", ".d", "o", "/x.do", "/")
	case 6:
		return g.folder() + g.one("*.do*", "*/a/*", "*a*b*", "**", "*?*", "*/a?p*")
	case 7:
		return g.folder() + g.one("?", "a?", "?pp1", "???", "?*", "*?.do")
	case 8:
		return strings.TrimSuffix(g.folder(), "/") + g.one("", "*", "?", "/*")
	}
	return g.letters("/ab*?")
}

// letters is '/' and up to five others.
func (g generator) letters(of string) string {
	text := []byte{'/'}
	for range g.IntN(6) {
		text = append(text, of[g.IntN(len(of))])
	}
	return string(text)
}

func (g generator) rules(most int) []Rule {
	rules := make([]Rule, 1+g.IntN(most))
	for i := range rules {
		r := &rules[i]
		*r = Rule{Pattern: g.pattern(), Worker: g.one("u", "v", "w", "x", "y", "*"), Source: Source(1 + g.IntN(3))}
		r.Exclude, r.Disabled = g.IntN(4) == 0, g.IntN(12) == 0
		if other := rules[g.IntN(i+1)].Pattern; g.IntN(4) == 0 && other != "" {
			r.Pattern = other // a tie, or an exclusion of the same
		}
	}
	return rules
}

// path fills in the wildcards of some rule's pattern, and sometimes adds, changes or leaves out a byte.
func (g generator) path(rules []Rule) string {
	var path []byte
	for _, c := range []byte(rules[g.IntN(len(rules))].Pattern) {
		switch c {
		case '*':
			path = append(path, g.one("", "a", "ab", "/", "a/", "/a/", "app1/x.do", "b.do", "*", "x/a/b.jsp")...)
		case '?':
			path = append(path, g.one("a", "b", "/", "?")...)
		default:
			path = append(path, c)
		}
	}
	if at := g.IntN(len(path) + 1); at > 0 && g.IntN(3) == 0 {
		change := g.one("", "a", "/", "..", "o")
		path = append(path[:at:at], change+string(path[min(at+g.IntN(2), len(path)):])...)
	}
	return string(path)
}

// census says how often what happened in a comparison.
type census struct{ compared, hits, cancelled, misses int }

// compare requires the same result of the index and of the linear matcher.
func (c *census) compare(t *testing.T, rules []Rule, m *Map, l *linear, path string) {
	t.Helper()
	want, cancelled := l.match([]byte(path))
	if got, v := m.lookup(path); got != want || (v == Hit) != (want >= 0) {
		require.Equal(t, want, got, "path %q rules %+v", path, rules)
	}
	c.compared++
	switch {
	case cancelled:
		c.cancelled++
	case want < 0:
		c.misses++
	default:
		c.hits++
	}
}

func TestIndex_AgainstLinear(t *testing.T) {
	tests := []struct {
		name                     string
		maps, rules, roots, each int
	}{
		{"few rules", 10000, 6, 0, 10},
		{"some rules", 2500, 40, 4, 60},
		{"many rules", 50, 1000, 200, 1000},
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := generator{rand.New(rand.NewPCG(4, uint64(i))), tt.roots}
			var c census
			for range tt.maps {
				rules := g.rules(tt.rules)
				m, l := Build(rules, Options{}), buildLinear(rules)
				for range tt.each {
					c.compare(t, rules, m, l, g.path(rules))
				}
			}
			require.Greater(t, min(c.hits, c.cancelled, c.misses)*40, c.compared, "each is frequent")
		})
	}
}

// TestIndex_LargeDeployment compares on the rules that are benchmarked, all of them.
func TestIndex_LargeDeployment(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(4, 9)), 0}
	rules := deployment(10000)
	m, l := Build(rules, Options{}), buildLinear(rules)
	var c census
	for range 3000 {
		c.compare(t, rules, m, l, g.path(rules))
	}
	require.Greater(t, c.cancelled, 150)
	require.Greater(t, c.hits, 1500)
}

// TestIndex_EveryLetter has a pattern with each byte that may stand in one, as first and as last letter.
func TestIndex_EveryLetter(t *testing.T) {
	var rules []Rule
	for c := range 256 {
		rules = append(rules, mountRule("/"+string([]byte{byte(c)})+"x/*", "w"), mountRule("/*/y"+string([]byte{byte(c)}), "w"))
	}
	m, l := Build(rules, Options{}), buildLinear(rules)
	var count census
	for c := range 256 {
		letter := string([]byte{byte(c)})
		for _, path := range []string{"/" + letter + "x/z", "/z/y" + letter, "/" + letter + "x/y" + letter} {
			count.compare(t, rules, m, l, path)
		}
	}
	require.Equal(t, 3*256, count.hits)
}

// TestIndex_Deep nests patterns, one in the other, from both ends.
func TestIndex_Deep(t *testing.T) {
	var rules []Rule
	for i := 1; i < 400; i += 7 {
		rules = append(rules, mountRule("/"+strings.Repeat("a", i)+"*", "w"), mountRule("/*"+strings.Repeat("a", i), "w"),
			unmountRule("/"+strings.Repeat("a", i)+"*b", "w"))
	}
	m, l := Build(rules, Options{}), buildLinear(rules)
	var c census
	for n := range 450 {
		c.compare(t, rules, m, l, "/"+strings.Repeat("a", n))
		c.compare(t, rules, m, l, "/"+strings.Repeat("a", n)+"b")
	}
	require.Positive(t, c.hits)
	require.Positive(t, c.cancelled)
}

func TestIndex_MiddlesAllocateNothing(t *testing.T) {
	m := Build(append(middles(100), unmountRule("/*/"+strings.Repeat("x", 100)+"*", "w")), Options{})
	uri := "/shop/app7/" + strings.Repeat("y", 500)
	dst := make([]byte, len(uri))
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if _, _, v := m.Match(dst, uri); v != Hit {
			t.Fatal(v)
		}
	}))
}

// fuzzRules reads one rule a line: a byte whose bits are worker, exclusion, disabled and source, then the pattern.
func fuzzRules(text string) []Rule {
	var rules []Rule
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" {
			continue
		}
		bits := line[0]
		rules = append(rules, Rule{
			Pattern: line[1:], Worker: []string{"*", "u", "v", "w"}[bits&3], Exclude: bits&4 != 0, Disabled: bits&0x38 == 0x38,
			Source: Source(1 + bits>>6%3),
		})
	}
	return rules
}

func FuzzIndex(f *testing.F) {
	f.Add("a/a/*\nb/a/*.do\ne/a/x*\nd/*.gif\nA/*/b/*", "/a/x/b/c.do")
	f.Add("a/a*b*c\nb/a?c\nf/??c", "/abc")
	f.Add("a\nb*\nc?", "")
	f.Add("a/*a\nb/a*a\nc/a*aa*a", "/aaa")
	f.Fuzz(func(t *testing.T, text, path string) {
		rules := fuzzRules(text)
		if len(path) > MaxPath {
			return
		}
		new(census).compare(t, rules, Build(rules, Options{}), buildLinear(rules), path)
	})
}
