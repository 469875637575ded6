// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStatOf(t *testing.T) {
	for _, tt := range []struct {
		name   string
		values []float64
		want   stat
	}{
		{"nothing", nil, stat{}},
		{"one", []float64{3}, stat{Median: 3, Low: 3, High: 3, Rounds: 1}},
		{"odd, not sorted", []float64{9, 1, 4}, stat{Median: 4, Low: 1, High: 9, Rounds: 3}},
		{"even", []float64{4, 1, 2, 9}, stat{Median: 3, Low: 1, High: 9, Rounds: 4}},
	} {
		t.Run(tt.name, func(t *testing.T) { require.Equal(t, tt.want, statOf(tt.values)) })
	}
	values := []float64{3, 1, 2}
	statOf(values)
	require.Equal(t, []float64{3, 1, 2}, values, "the values stay in order")
}

// TestSummarise_MedianOfRatios: the ratio is taken within a round and the median over the ratios, which is not the ratio of the medians.
func TestSummarise_MedianOfRatios(t *testing.T) {
	rounds := []round{
		{gojk: {cpu: 10}, jk: {cpu: 20}, floor: {cpu: 5}},
		{gojk: {cpu: 30}, jk: {cpu: 30}, floor: {cpu: 10}},
		{gojk: {cpu: 90}, jk: {cpu: 100}, floor: {cpu: 50}},
	}
	all := summarise(beside(gojk, jk, floor), rounds)
	require.Equal(t, stat{Median: 30, Low: 10, High: 90, Rounds: 3}, all[gojk].Values[cpu])
	require.Equal(t, stat{Median: 0.9, Low: 0.5, High: 1, Rounds: 3}, all[gojk].Ratios[cpu])
	require.Equal(t, stat{Median: 1, Low: 1, High: 1, Rounds: 3}, all[jk].Ratios[cpu])
	require.Empty(t, all[floor].Ratios, "the floor is compared with nothing")
}

// TestSummarise_Missing: a round without a figure, or with nothing to compare with, does not count.
func TestSummarise_Missing(t *testing.T) {
	all := summarise(beside(gojk, jk), []round{
		{gojk: {p99: 2, p999: 7}, jk: {p99: 0}},
		{gojk: {p99: 4}, jk: {p99: 2}},
	})
	require.Equal(t, stat{Median: 2, Low: 2, High: 2, Rounds: 1}, all[gojk].Ratios[p99])
	require.Equal(t, 1, all[gojk].Values[p999].Rounds)
	require.NotContains(t, all[gojk].Ratios, p999)
	require.NotContains(t, all[jk].Values, p999)
}

func TestDerive(t *testing.T) {
	r := round{gojk: {cpu: 45, threads: 72}, jk: {cpu: 50}, floor: {cpu: 30, threads: 66}}
	derive(r, beside(gojk, jk, floor))
	require.Equal(t, sample{cpu: 45, own: 15, threads: 72, extra: 6}, r[gojk])
	require.Equal(t, sample{cpu: 50, own: 20}, r[jk])
	require.Equal(t, sample{cpu: 30, threads: 66}, r[floor])

	without := round{gojk: {cpu: 45}, jk: {cpu: 50}}
	derive(without, beside(gojk, jk))
	require.Equal(t, sample{cpu: 45}, without[gojk])
}

func TestJudge(t *testing.T) {
	figure := func(low, median, high float64) stat { return stat{Median: median, Low: low, High: high, Rounds: 3} }
	for _, tt := range []struct {
		name      string
		target    target
		figures   figures
		met, open bool
		text      string
	}{
		{"ratio met", atMost(cpu, 0.9), figures{Ratios: map[metric]stat{cpu: figure(0.8, 0.85, 0.89)}}, true, false, "≤ 0.90x"},
		{"ratio on the limit", atMost(cpu, 0.9), figures{Ratios: map[metric]stat{cpu: figure(0.8, 0.9, 0.9)}}, true, false, "≤ 0.90x"},
		{"ratio missed", atMost(cpu, 0.9), figures{Ratios: map[metric]stat{cpu: figure(0.95, 1, 1.1)}}, false, false, "≤ 0.90x"},
		{"ratio met, not in each round", atMost(cpu, 0.9), figures{Ratios: map[metric]stat{cpu: figure(0.8, 0.85, 1)}}, true, true, "≤ 0.90x"},
		{"at least, met", atLeast(rate, 1.1), figures{Ratios: map[metric]stat{rate: figure(1.1, 1.2, 1.3)}}, true, false, "≥ 1.10x"},
		{"at least, missed", atLeast(rate, 1.1), figures{Ratios: map[metric]stat{rate: figure(0.9, 1, 1.2)}}, false, true, "≥ 1.10x"},
		{"value, not ratio", below(private, 16), figures{
			Values: map[metric]stat{private: figure(8, 8, 8)}, Ratios: map[metric]stat{private: figure(20, 20, 20)},
		}, true, false, "≤ 16"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := workload{targets: []target{tt.target}}
			c := describe(&w).Checks[0]
			require.Equal(t, "not known", c.verdict())
			c.judge(tt.target, tt.figures)
			require.Equal(t, tt.met, c.Met)
			require.Equal(t, tt.open, c.Open)
			require.Equal(t, tt.text, c.Target)
		})
	}
}
