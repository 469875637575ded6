// Licensed under the Apache License, Version 2.0; see LICENSE.

package urimap

import (
	"fmt"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// perApplication is how many rules an application has in a deployment, exclusions included.
const perApplication = 20

// deployment makes the rules of a large reverse proxy: applications of 20 rules each, of which two are exclusions, behind ten balancers,
// and "/*.do" for whatever has none. 10,000 rules are 500 applications; 10 rules are half of one.
func deployment(rules int) []Rule {
	made := []Rule{mountRule("/*.do", "lb0")}
	for a := 0; len(made) < rules; a++ {
		made = append(made, application(a)...)
	}
	return made[:rules]
}

func application(a int) []Rule {
	app, worker := fmt.Sprintf("/app%d", a), fmt.Sprintf("lb%d", a%10)
	rules := []Rule{
		mountRule(app, worker), mountRule(app+"/*", worker), mountRule(app+"/*.jsp", worker), mountRule(app+"/servlet/*", worker),
		mountRule(app+"/static/x0", worker), unmountRule(app+"/img/*", worker), unmountRule(app+"/*.gif", AnyWorker),
	}
	for i := 1; len(rules) < perApplication; i++ {
		rules = append(rules, mountRule(fmt.Sprintf("%s/static/x%d", app, i), worker))
	}
	return rules
}

// deploymentShapes are the requests to a deployment: one URI for each application given, spread over all of them.
var deploymentShapes = []struct {
	name, uri string
	verdict   Verdict
}{
	{"hit exact", "/app%d/static/x0", Hit},
	{"hit prefix", "/app%d/shop/cart/show", Hit},
	{"hit suffix", "/app%d.shop/cart/show.do", Hit},
	{"hit prefix and suffix", "/app%d/shop/cart/show.jsp", Hit},
	{"miss", "/apq%d/shop/cart/show", Miss},
	{"excluded", "/app%d/img/cart/show", Miss},
	{"excluded for all", "/app%d/shop/cart/show.gif", Miss},
}

// requests returns 256 URIs of a shape. So many that a large map does not stay in the processor's first cache, as it would not in httpd.
func requests(uri string, rules int) []string {
	applications := max(1, (rules-1)/perApplication)
	uris := make([]string, 256)
	for i := range uris {
		uris[i] = fmt.Sprintf(uri, i*37%applications)
	}
	return uris
}

func BenchmarkMatch(b *testing.B) {
	for _, rules := range []int{10, 100, 1000, 10000} {
		m := Build(deployment(rules), Options{RejectUnsafe: true})
		for _, shape := range deploymentShapes {
			b.Run(fmt.Sprintf("rules=%d/%s", rules, shape.name), func(b *testing.B) {
				benchmarkRequests(b, m, requests(shape.uri, rules), shape.verdict)
			})
		}
	}
}

func benchmarkRequests(b *testing.B, m *Map, uris []string, want Verdict) {
	dst := make([]byte, MaxPath)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, _, v := m.Match(dst, uris[i%len(uris)]); v != want {
			b.Fatal(uris[i%len(uris)], v)
		}
	}
}

func BenchmarkBuild(b *testing.B) {
	for _, rules := range []int{10, 100, 1000, 10000} {
		made := deployment(rules)
		b.Run(fmt.Sprintf("rules=%d", rules), func(b *testing.B) {
			b.ReportAllocs()
			var m *Map
			for b.Loop() {
				m = Build(made, Options{})
			}
			b.ReportMetric(float64(size(m))/float64(rules), "kept-B/rule")
		})
	}
}

// BenchmarkMatch_Middles is the case that no prefix and no suffix helps: many patterns that differ in their middles only.
func BenchmarkMatch_Middles(b *testing.B) {
	for _, rules := range []int{1, 10, 100, 1000} {
		m := Build(middles(rules), Options{})
		b.Run(fmt.Sprintf("rules=%d/miss", rules), func(b *testing.B) {
			benchmarkRequests(b, m, []string{"/shop/apq7/cart/show"}, Miss)
		})
		b.Run(fmt.Sprintf("rules=%d/longest miss", rules), func(b *testing.B) {
			benchmarkRequests(b, m, []string{"/" + strings.Repeat("app/app", MaxPath/7)}, Miss)
		})
	}
}

func middles(rules int) []Rule {
	made := make([]Rule, rules)
	for i := range made {
		made[i] = mountRule(fmt.Sprintf("/*/app%d/*", i), "w")
	}
	return made
}

// size is what a map keeps, in bytes, without the text of the rules.
func size(m *Map) int {
	return int(unsafe.Sizeof(*m)) + cap(m.nodes)*int(unsafe.Sizeof(node{})) + len(m.letters) + cap(m.entries)*int(unsafe.Sizeof(entry{}))
}

// TestBuild_Memory: each child of httpd has a map of its own.
func TestBuild_Memory(t *testing.T) {
	require.Less(t, size(Build(deployment(10000), Options{})), 10000*120)
}
