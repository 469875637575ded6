// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// TestTable_IsConsistent: what a row refers to is in the row.
func TestTable_IsConsistent(t *testing.T) {
	names := map[string]bool{}
	for _, w := range workloads() {
		t.Run(w.name, func(t *testing.T) {
			require.False(t, names[w.name], "the name is there twice")
			names[w.name] = true
			require.NotEmpty(t, w.group)
			require.NotEmpty(t, w.title)
			require.NotEmpty(t, w.shows)
			variants := map[string]bool{}
			for _, v := range w.variants {
				require.False(t, variants[v.name], "%s is there twice", v.name)
				variants[v.name] = true
			}
			for _, v := range w.variants {
				require.True(t, v.base == "" || variants[v.base] || v.base == jk, "%s refers to %s", v.name, v.base)
			}
			for _, m := range w.shows {
				known := slices.ContainsFunc(quantities, func(q quantity) bool { return q.metric == m })
				require.True(t, known, "%s is not among the quantities", m)
			}
			for _, c := range w.targets {
				require.True(t, variants[c.who()], "a target of %s", c.who())
				require.True(t, slices.Contains(w.shows, c.metric), "%s has a target and is not shown", c.metric)
			}
		})
	}
}

// TestTable_Issue5 names the rows that the issue asks for, so that none gets lost.
func TestTable_Issue5(t *testing.T) {
	for name, want := range map[string][]target{
		"get-128-c1":   {atMost(cpu, 0.90), atMost(own, 0.75), atMost(p99, 1)},
		"get-128-c16":  {atMost(cpu, 0.90), atMost(own, 0.75), atMost(p99, 1), atLeast(rate, 1.10)},
		"get-128-c64":  {atMost(cpu, 0.90), atMost(own, 0.75), atMost(p99, 1), atLeast(rate, 1.10)},
		"get-64k":      {atMost(cpu, 0.85)},
		"get-1m":       {atMost(cpu, 0.85), atLeast(throughput, 1.15)},
		"get-16m":      {atMost(cpu, 0.85), below(grown, flat)},
		"post-4k":      {atMost(cpu, 0.90)},
		"post-1m":      {atMost(cpu, 0.90)},
		"post-100m":    {atMost(cpu, 0.90), below(grown, flat)},
		"post-chunked": {atMost(cpu, 0.90)},
		"socket":       {atMost(cpu, 0.80).of("mod_gojk, socket")},
		"prefork-c16":  {atMost(cpu, 1)},
		"worker-c64":   {atMost(cpu, 1)},
		"tomcat":       {atLeast(rate, 1)},
		"open":         {atMost(p50, 1), atMost(p99, 1), atMost(p999, 1)},
		"calls-128":    {below(sends, 1), below(receives, 1), below(checks, 1)},
		"child-event":  {below(private, 16), below(extra, 12)},

		"child-prefork":   {below(private, 8), below(extra, 12)},
		"start-event-1":   {below(childInit, 25)},
		"start-prefork-1": {below(childInit, 25)},
		"allocations":     {below(allocs, 0)},
		"members":         {atMost(cpu, 1.10).of("mod_gojk, 100 members")},
		"mounts":          {atMost(cpu, 1.10).of("mod_gojk, 10000 mounts")},
		"clients":         nil,
		"cores":           nil,
		"start-workers":   {below(ready, 1000)},
		"slow":            {atMost(p99, 1.50).of("mod_gojk, 60 threads waiting")},
	} {
		t.Run(name, func(t *testing.T) {
			i := slices.IndexFunc(workloads(), func(w workload) bool { return w.name == name })
			require.GreaterOrEqual(t, i, 0)
			require.Equal(t, want, workloads()[i].targets)
		})
	}
}

func TestPlan_Choose(t *testing.T) {
	for _, tt := range []struct {
		name string
		p    plan
		want []string
		err  string
	}{
		{"quick", plan{Quick: true}, []string{"get-128-c1", "get-128-c16", "get-128-c64"}, ""},
		{"by name", plan{Only: "^(slow|open)$"}, []string{"open", "slow"}, ""},
		{"none", plan{Only: "nothing-like-it"}, nil, "no workload"},
		{"no expression", plan{Only: "("}, nil, "parsing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			chosen, err := tt.p.choose()
			if tt.err != "" {
				require.ErrorContains(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			var names []string
			for _, w := range chosen {
				names = append(names, w.name)
			}
			require.Equal(t, tt.want, names)
		})
	}
}

func TestCompareBuilds(t *testing.T) {
	chosen, err := (&plan{Only: "^socket$", Other: "/x/mod_gojk.so"}).choose()
	require.NoError(t, err)
	var got [][3]string
	for _, v := range chosen[0].variants {
		got = append(got, [3]string{v.name, v.base, v.file})
	}
	require.Equal(t, [][3]string{
		{"mod_gojk, socket", jk, ""},
		{"mod_gojk, socket (other build)", "mod_gojk, socket", "/x/mod_gojk.so"},
		{gojk, jk, ""},
		{"mod_gojk (other build)", gojk, "/x/mod_gojk.so"},
		{jk, jk, ""},
		{proxyAJP, jk, ""},
		{floor, "", ""},
	}, got)
}

func TestSiteOf_Defaults(t *testing.T) {
	w := workload{}
	v := variant{name: gojk}
	require.Equal(t, site{mpm: harness.Event, children: 1, threads: 64, members: 2}, w.siteOf(&v))
	w.site = site{mpm: harness.Prefork, threads: 5}
	v.site = func(s *site) { s.members = 7 }
	require.Equal(t, site{mpm: harness.Prefork, children: 5, threads: 5, members: 7}, w.siteOf(&v))
}

func TestWorkersFile(t *testing.T) {
	where := whereabouts{ports: []int{1001, 1002}, socket: "/s"}
	require.Equal(t, `worker.m0.type=ajp13
worker.m0.host=127.0.0.1
worker.m0.port=1001
worker.m0.max_packet_size=65536
worker.m1.type=ajp13
worker.m1.host=127.0.0.1
worker.m1.port=1002
worker.m1.max_packet_size=65536
worker.slow.type=ajp13
worker.slow.host=127.0.0.1
worker.slow.port=1001
worker.slow.max_packet_size=65536
worker.slow.activation=disabled
worker.lb.type=lb
worker.lb.balance_workers=m0,m1,slow
worker.list=lb
`, workersFile(&site{members: 2, slow: true, packet: 65536}, where))
	require.Equal(t, `worker.m0.type=ajp13
worker.m0.socket=/s
worker.w0000.type=ajp13
worker.w0000.socket=/s
worker.lb.type=lb
worker.lb.balance_workers=m0
worker.list=lb,w0000
`, workersFile(&site{members: 1, workers: 1, socket: true}, where))
}
