// Licensed under the Apache License, Version 2.0; see LICENSE.

package urimap

import (
	"errors"
	"strings"
)

// What makes a URI bad: httpd answers 400.
var (
	ErrRelative  = errors.New("urimap: the path does not begin with '/'")
	ErrAboveRoot = errors.New("urimap: the path leaves the root")
)

// Normalize writes the path that rules see into dst, which has room for len(uri) bytes at least, and returns its length,
// never more than len(uri). Segment by segment it removes path parameters (from ';' on), then empty segments and ".",
// and resolves "..". So "/a/..;x/b" is first "/a/../b" and then "/b", as Tomcat sees it. Nothing is decoded a second
// time, '\' is an ordinary byte, and case is kept. The result normalises to itself.
func Normalize(dst []byte, uri string) (int, error) {
	if uri == "" || uri[0] != '/' {
		return 0, ErrRelative
	}
	dst[0] = '/'
	n := 1 // dst[:n] ends with '/' whenever a segment begins
	for rest := uri[1:]; rest != ""; {
		segment, after, closed := strings.Cut(rest, "/")
		rest = after
		if i := strings.IndexByte(segment, ';'); i >= 0 {
			segment = segment[:i]
		}
		switch segment {
		case "", ".":
		case "..":
			if n == 1 {
				return 0, ErrAboveRoot
			}
			n = parent(dst[:n])
		default:
			n += copy(dst[n:], segment)
			if closed {
				dst[n] = '/'
				n++
			}
		}
	}
	return n, nil
}

// parent returns the length of path, which ends with '/' and is not the root, without its last segment.
func parent(path []byte) int {
	n := len(path) - 1
	for path[n-1] != '/' {
		n--
	}
	return n
}
