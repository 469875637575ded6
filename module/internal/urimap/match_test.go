// Licensed under the Apache License, Version 2.0; see LICENSE.

package urimap

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var matchTests = []struct {
	pattern, path string
	want          bool
}{
	{"/a", "/a", true},
	{"/a", "/a/", false},
	{"/a", "/ab", false},
	{"/a", "/", false},
	{"/a/*", "/a/", true},
	{"/a/*", "/a/b/c", true},
	{"/a/*", "/a", false},
	{"/a*", "/a", true},
	{"/a*", "/abc/d", true},
	{"/*.jsp", "/x/y.jsp", true},
	{"/*.jsp", "/.jsp", true},
	{"/*.jsp", "/x.jspx", false},
	{"/?", "/a", true},
	{"/?", "/", false},
	{"/?", "/ab", false},
	{"/a?c", "/a/c", true},
	{"/a*b*c", "/abbbc", true},
	{"/a*b*c", "/axbxcx", false},
	{"/*a?b*", "/xaxaxbx", true},
	{"/**", "/", true},
	{"/**/x", "/a/b/x", true},
	{"/lm/.*", "/lm/.zz", true},
	{"/lm/.*", "/lm/abc", false},
	{"/A", "/a", false},
	{"/*", "/*", true},
	{"/?", "/?", true},
}

func TestPattern(t *testing.T) {
	for _, tt := range matchTests {
		t.Run(tt.pattern+" "+tt.path, func(t *testing.T) {
			require.Equal(t, tt.want, one(tt.pattern, tt.path))
			require.Equal(t, tt.want, naive(tt.pattern, tt.path))
		})
	}
}

// one reports whether a map with a single rule, of that pattern, hits the path.
func one(pattern, path string) bool {
	_, v := Build([]Rule{mountRule(pattern, "w")}, Options{}).lookup(path)
	return v == Hit
}

// TestPattern_NoExponentialBacktracking would not end if the matcher backtracked over more than one '*'.
func TestPattern_NoExponentialBacktracking(t *testing.T) {
	require.False(t, one("/"+strings.Repeat("*a", 60)+"*b", "/"+strings.Repeat("a", MaxPath-2)+"cb"))
}

// naive is the reference: the pattern as a regular expression.
func naive(pattern, path string) bool {
	expression := regexp.QuoteMeta(pattern)
	expression = strings.ReplaceAll(expression, `\*`, `(?s:.*)`)
	expression = strings.ReplaceAll(expression, `\?`, `(?s:.)`)
	return regexp.MustCompile("^(?:" + expression + ")$").MatchString(path)
}

func FuzzPattern(f *testing.F) {
	for _, tt := range matchTests {
		f.Add(tt.pattern, tt.path)
	}
	f.Fuzz(func(t *testing.T, pattern, path string) {
		if len(pattern) > 200 {
			return // regexp refuses large programs
		}
		pattern, path = ascii(pattern), ascii(path) // '?' is one byte, for regexp one character
		want := naive(pattern, path)
		require.Equal(t, want, one(pattern, path), "pattern %q path %q", pattern, path)
		require.Equal(t, want, wildcard(pattern, path), "pattern %q path %q", pattern, path)
	})
}

func ascii(text string) string {
	return strings.Map(func(r rune) rune { return r & 0x7f }, text)
}
