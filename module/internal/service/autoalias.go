// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"strings"

	"golang.org/x/sys/unix"
)

// autoAlias decides what becomes of a path that no rule maps, on a server with JkAutoAlias (mod_jk-surface 9.4): a path whose first segment is a
// folder in dir is httpd's to serve from there, except what only the container may read. path is normalised.
func autoAlias(dir, path string) Verdict {
	first, rest, _ := strings.Cut(path[1:], "/")
	if first == "" {
		return MapMiss
	}
	if !isFolder(dir + "/" + first) {
		if strings.HasSuffix(strings.ToLower(first), ".war") {
			return MapForbidden
		}
		return MapMiss
	}
	second, _, _ := strings.Cut(rest, "/")
	if strings.EqualFold(second, "WEB-INF") || strings.EqualFold(second, "META-INF") {
		return MapNotFound
	}
	return MapAlias
}

func isFolder(path string) bool {
	var info unix.Stat_t
	return unix.Stat(path, &info) == nil && info.Mode&unix.S_IFMT == unix.S_IFDIR
}
