// Licensed under the Apache License, Version 2.0; see LICENSE.

package urimap

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func mountRule(pattern, worker string) Rule {
	return Rule{Pattern: pattern, Worker: worker, Source: SourceJkMount}
}

func unmountRule(pattern, worker string) Rule {
	return Rule{Pattern: pattern, Worker: worker, Source: SourceJkMount, Exclude: true}
}

func fromFile(r Rule) Rule {
	r.Source = SourceURIWorkerMap
	return r
}

func fromWorker(r Rule) Rule {
	r.Source = SourceWorker
	return r
}

func disabled(r Rule) Rule {
	r.Disabled = true
	return r
}

func TestMap_Match(t *testing.T) {
	tests := []struct {
		name    string
		rules   []Rule
		uri     string
		rule    int
		verdict Verdict
	}{
		{"no rules", nil, "/a", -1, Miss},
		{"exact", []Rule{mountRule("/a", "w")}, "/a", 0, Hit},
		{"exact only", []Rule{mountRule("/a", "w")}, "/a/b", -1, Miss},
		{"normalised first", []Rule{mountRule("/a/b", "w")}, "//x/..;y/a;z/./b", 0, Hit},
		{"more slashes first", []Rule{mountRule("/long-prefix*", "w"), mountRule("/*/*", "v")}, "/long-prefix/x", 1, Hit},
		{"longer pattern first", []Rule{mountRule("/a*", "w"), mountRule("/ab*", "v")}, "/abc", 1, Hit},
		{"wildcard before shorter exact", []Rule{mountRule("/app", "w"), mountRule("/app*", "v")}, "/app", 1, Hit},
		{"exact has no privilege", []Rule{mountRule("/t/*", "w"), mountRule("/t/b", "v")}, "/t/b", 0, Hit},
		{"a tie goes to the first defined", []Rule{mountRule("/both", "w"), mountRule("/both", "v")}, "/both", 0, Hit},
		{"JkMount before property", []Rule{fromWorker(mountRule("/a", "w")), mountRule("/a", "v")}, "/a", 1, Hit},
		{"file before JkMount", []Rule{mountRule("/a", "w"), fromFile(mountRule("/a", "v"))}, "/a", 1, Hit},
		{"disabled", []Rule{disabled(mountRule("/a/b", "w")), mountRule("/a/*", "v")}, "/a/b", 1, Hit},
		{"exclusion", []Rule{mountRule("/*", "w"), unmountRule("/static/*", "w")}, "/static/x", -1, Miss},
		{"exclusion elsewhere", []Rule{mountRule("/*", "w"), unmountRule("/static/*", "w")}, "/x", 0, Hit},
		{"exclusion of another worker", []Rule{mountRule("/*", "w"), unmountRule("/static/*", "v")}, "/static/x", 0, Hit},
		{"exclusion of every worker", []Rule{mountRule("/*", "w"), unmountRule("/static/*", "*")}, "/static/x", -1, Miss},
		{"exclusion wins however general", []Rule{mountRule("/a/b/c", "w"), unmountRule("/*", "w")}, "/a/b/c", -1, Miss},
		{"no second-best rule", []Rule{mountRule("/a/*", "w"), mountRule("/*", "v"), unmountRule("/a/x", "w")}, "/a/x", -1, Miss},
		{"disabled exclusion", []Rule{mountRule("/*", "w"), disabled(unmountRule("/a", "w"))}, "/a", 0, Hit},
		{"exclusion alone", []Rule{unmountRule("/a", "w")}, "/a", -1, Miss},
		{"worker named like the wildcard", []Rule{mountRule("/a", "*"), unmountRule("/a", "*")}, "/a", -1, Miss},
		{"relative", []Rule{mountRule("/*", "w")}, "a", -1, Relative},
		{"above root", []Rule{mountRule("/*", "w")}, "/../a", -1, AboveRoot},
		{"asterisk", []Rule{mountRule("/*", "w")}, "*", -1, Miss},
		{"empty", []Rule{mountRule("/*", "w")}, "", -1, Miss},
		{"longest path", []Rule{mountRule("/*", "w")}, "/" + strings.Repeat("a", MaxPath-1), 0, Hit},
		{"too long", []Rule{mountRule("/*", "w")}, "/" + strings.Repeat("a", MaxPath), -1, TooLong},
		{"long before normalisation only", []Rule{mountRule("/a", "w")}, "/a;" + strings.Repeat("a", MaxPath), 0, Hit},
		{"per cent sign", []Rule{mountRule("/*", "w")}, "/a%b", 0, Hit},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := Build(tt.rules, Options{})
			rule, _, verdict := m.Match(make([]byte, len(tt.uri)), tt.uri)
			require.Equal(t, tt.verdict, verdict)
			require.Equal(t, tt.rule, rule)
		})
	}
}

func TestMap_MatchWritesTheNormalisedPath(t *testing.T) {
	m := Build([]Rule{mountRule("/a/*", "w")}, Options{})
	for _, uri := range []string{"/a/b;x/../c", "//a/c", "/b;x"} {
		dst := make([]byte, len(uri))
		_, n, _ := m.Match(dst, uri)
		want, err := normalized(t, uri)
		require.NoError(t, err)
		require.Equal(t, want, string(dst[:n]), "on a hit and on a miss")
	}
}

func TestMap_RejectUnsafe(t *testing.T) {
	m := Build([]Rule{mountRule("/*", "w")}, Options{RejectUnsafe: true})
	tests := []struct {
		uri  string
		want Verdict
	}{
		{"/a", Hit}, {"/a%b", Unsafe}, {`/a\b`, Unsafe}, {"/a;x=%41", Hit}, {"/..%", Unsafe}, {"/../%", AboveRoot},
	}
	for _, tt := range tests {
		t.Run(tt.uri, func(t *testing.T) {
			_, _, got := m.Match(make([]byte, len(tt.uri)), tt.uri)
			require.Equal(t, tt.want, got)
		})
	}
}

func TestMap_Empty(t *testing.T) {
	require.True(t, new(Map).Empty())
	require.True(t, Build([]Rule{unmountRule("/a", "w"), disabled(mountRule("/a", "w"))}, Options{}).Empty())
	require.False(t, Build([]Rule{mountRule("/a", "w")}, Options{}).Empty())
}

func TestWords(t *testing.T) {
	require.Equal(t, "worker definition JkMount uriworkermap source(9)",
		fmt.Sprint(SourceWorker, SourceJkMount, SourceURIWorkerMap, Source(9)))
	require.Equal(t, "miss hit unsafe too long relative above root verdict(9)",
		fmt.Sprint(Miss, Hit, Unsafe, TooLong, Relative, AboveRoot, Verdict(9)))
	require.Equal(t, []bool{false, false, false, false, true, true},
		[]bool{Miss.BadURI(), Hit.BadURI(), Unsafe.BadURI(), TooLong.BadURI(), Relative.BadURI(), AboveRoot.BadURI()})
}

// reference finds the rule of a normalised path as the specification says it, word by word.
func reference(rules []Rule, path string) int {
	order := make([]int, len(rules))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool {
		a, b := rules[order[i]], rules[order[j]]
		if x, y := strings.Count(a.Pattern, "/"), strings.Count(b.Pattern, "/"); x != y {
			return x > y
		}
		if len(a.Pattern) != len(b.Pattern) {
			return len(a.Pattern) > len(b.Pattern)
		}
		return a.Source > b.Source
	})
	for _, i := range order {
		if rules[i].Exclude || rules[i].Disabled || !naive(rules[i].Pattern, path) {
			continue
		}
		for _, r := range rules {
			if r.Exclude && !r.Disabled && (r.Worker == rules[i].Worker || r.Worker == "*") && naive(r.Pattern, path) {
				return -1
			}
		}
		return i
	}
	return -1
}

// randomRules makes rules and a path from a small alphabet, so that hits and exclusions are frequent.
func randomRules(r *rand.Rand) (rules []Rule, path string) {
	text := func(alphabet string, length int) string {
		b := make([]byte, r.IntN(length))
		for i := range b {
			b[i] = alphabet[r.IntN(len(alphabet))]
		}
		return "/" + string(b)
	}
	for range 1 + r.IntN(8) {
		rules = append(rules, Rule{
			Pattern: text("aab//**?", 6), Worker: []string{"w", "v", "*"}[r.IntN(3)],
			Exclude: r.IntN(3) == 0, Disabled: r.IntN(8) == 0, Source: Source(1 + r.IntN(3)),
		})
	}
	return rules, text("aab/", 7)
}

func TestMap_AgainstReference(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	hits := 0
	for range 3000 {
		rules, uri := randomRules(r)
		dst := make([]byte, len(uri))
		got, n, _ := Build(rules, Options{}).Match(dst, uri)
		require.Equal(t, reference(rules, string(dst[:n])), got, "rules %+v uri %q", rules, uri)
		if got >= 0 {
			hits++
		}
	}
	require.Greater(t, hits, 500, "the comparison is worth something")
}

func FuzzMap(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed, "/a//b/;x/../a")
	}
	f.Fuzz(func(t *testing.T, seed uint64, uri string) {
		rules, _ := randomRules(rand.New(rand.NewPCG(seed, 0)))
		uri = ascii(uri)
		dst := make([]byte, len(uri))
		got, n, v := Build(rules, Options{}).Match(dst, uri)
		require.Equal(t, v == Hit, got >= 0)
		if !v.BadURI() && uri != "" && uri != "*" && n <= MaxPath {
			require.Equal(t, reference(rules, string(dst[:n])), got)
		}
	})
}

func benchmarkMap() (*Map, string) {
	rules := []Rule{unmountRule("/*.gif", "*"), unmountRule("/app/static/*", "lb")}
	for i := range 30 {
		rules = append(rules, mountRule(fmt.Sprintf("/app%d/*", i), "lb"), mountRule(fmt.Sprintf("/app%d", i), "lb"))
	}
	return Build(append(rules, mountRule("/app/*", "lb")), Options{RejectUnsafe: true}), "/app/shop/cart.jsp;jsessionid=0123456789ABCDEF.worker1"
}

func TestMap_MatchAllocatesNothing(t *testing.T) {
	m, uri := benchmarkMap()
	dst := make([]byte, len(uri))
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if _, _, v := m.Match(dst, uri); v != Hit {
			t.Fatal(v)
		}
	}))
}

func BenchmarkMap_Match(b *testing.B) {
	m, uri := benchmarkMap()
	dst := make([]byte, len(uri))
	b.ReportAllocs()
	for b.Loop() {
		m.Match(dst, uri)
	}
}

func BenchmarkNormalize(b *testing.B) {
	_, uri := benchmarkMap()
	dst := make([]byte, len(uri))
	b.ReportAllocs()
	for b.Loop() {
		_, _ = Normalize(dst, uri)
	}
}
