// Licensed under the Apache License, Version 2.0; see LICENSE.

package urimap

import (
	"fmt"
	"testing"

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
	dst := make([]byte, 256)
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
			for b.Loop() {
				Build(made, Options{})
			}
		})
	}
}

func TestDeployment_ShapesAreWhatTheySay(t *testing.T) {
	rules := deployment(10000)
	m, l := Build(rules, Options{RejectUnsafe: true}), buildLinear(rules)
	for _, shape := range deploymentShapes {
		for _, uri := range requests(shape.uri, len(rules)) {
			dst := make([]byte, len(uri))
			rule, n, v := m.Match(dst, uri)
			require.Equal(t, shape.verdict, v, uri)
			require.Equal(t, l.match(dst[:n]), rule, uri)
		}
	}
}
