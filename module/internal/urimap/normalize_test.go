// Licensed under the Apache License, Version 2.0; see LICENSE.

package urimap

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func normalized(t testing.TB, uri string) (string, error) {
	t.Helper()
	dst := make([]byte, len(uri))
	n, err := Normalize(dst, uri)
	require.LessOrEqual(t, n, len(uri))
	return string(dst[:n]), err
}

var normalizeTests = []struct {
	name, uri, want string
	err             error
}{
	{"root", "/", "/", nil},
	{"plain", "/app/a.jsp", "/app/a.jsp", nil},
	{"closing slash", "/app/", "/app/", nil},
	{"path parameter", "/app/a.jsp;jsessionid=1.r1", "/app/a.jsp", nil},
	{"parameter in every segment", "/a;x=1/b;y/c;", "/a/b/c", nil},
	{"parameter alone", "/a/;x/b", "/a/b", nil},
	{"parameter at the root", "/;x", "/", nil},
	{"parameter alone at the end", "/a/;x", "/a/", nil},
	{"two semicolons", "/a;x;y/b", "/a/b", nil},
	{"slash runs", "//a///b//", "/a/b/", nil},
	{"dot", "/a/./b", "/a/b", nil},
	{"dot at the end", "/a/.", "/a/", nil},
	{"dot alone", "/.", "/", nil},
	{"dots that are names", "/a/.../.b/b./..c/c..", "/a/.../.b/b./..c/c..", nil},
	{"parent", "/a/../b", "/b", nil},
	{"parent at the end", "/a/b/..", "/a/", nil},
	{"parent to the root", "/a/..", "/", nil},
	{"two parents", "/a/b/../../c", "/c", nil},
	{"parent hidden by a parameter", "/a/..;x/b", "/b", nil},
	{"dot hidden by a parameter", "/a/.;x/b", "/a/b", nil},
	{"parent after slash run", "/a//../b", "/b", nil},
	{"above root", "/..", "", ErrAboveRoot},
	{"above root deeper", "/a/../../a", "", ErrAboveRoot},
	{"above root hidden by a parameter", "/..;/x", "", ErrAboveRoot},
	{"backslash is an ordinary byte", `/a\..\b`, `/a\..\b`, nil},
	{"no second decoding", "/a/%2e%2e/b", "/a/%2e%2e/b", nil},
	{"case is kept", "/App", "/App", nil},
	{"bytes beyond ASCII", "/\xff\x80/ü", "/\xff\x80/ü", nil},
	{"empty", "", "", ErrRelative},
	{"relative", "a/b", "", ErrRelative},
	{"asterisk", "*", "", ErrRelative},
}

func TestNormalize(t *testing.T) {
	for _, tt := range normalizeTests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := normalized(t, tt.uri)
			require.Equal(t, tt.err, err)
			require.Equal(t, tt.want, got)
		})
	}
}

var (
	parameters = regexp.MustCompile(`;[^/]*`)
	slashes    = regexp.MustCompile(`/+`)
)

// fourSteps is mod_jk's normalisation, one pass over the whole path for each of its four steps.
func fourSteps(uri string) (string, error) {
	if !strings.HasPrefix(uri, "/") {
		return "", ErrRelative
	}
	path := slashes.ReplaceAllString(parameters.ReplaceAllString(uri, ""), "/")
	for strings.Contains(path, "/./") {
		path = strings.ReplaceAll(path, "/./", "/")
	}
	if strings.HasSuffix(path, "/.") {
		path = path[:len(path)-1]
	}
	closed := strings.HasSuffix(path, "/..")
	if closed {
		path += "/"
	}
	for {
		i := strings.Index(path, "/../")
		if i < 0 {
			return path, nil
		}
		if i == 0 {
			return "", ErrAboveRoot
		}
		path = path[:strings.LastIndexByte(path[:i], '/')] + path[i+3:]
	}
}

func FuzzNormalize(f *testing.F) {
	for _, tt := range normalizeTests {
		f.Add(tt.uri)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		got, err := normalized(t, uri)
		want, wantErr := fourSteps(uri)
		require.Equal(t, wantErr, err)
		require.Equal(t, want, got)
		if err != nil {
			return
		}
		again, err := normalized(t, got)
		require.NoError(t, err)
		require.Equal(t, got, again, "idempotent")
	})
}
