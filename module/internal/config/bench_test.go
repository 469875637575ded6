// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// BenchmarkLoad_Rules loads a mount file with 10,000 rules, and measures the memory that they keep.
func BenchmarkLoad_Rules(b *testing.B) {
	const rules = 10000
	var text strings.Builder
	for i := range rules {
		fmt.Fprintf(&text, "/app%d/*=a\n", i)
	}
	in := withMap(input(twoWorkers), 0, mapFile, text.String())
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	c, _ := Load(in)
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportAllocs()
	for b.Loop() {
		c, _ = Load(in)
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/rules, "B/rule")
	runtime.KeepAlive(c)
}
