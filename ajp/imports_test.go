// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp_test

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestImports: the package is loaded into every httpd child, where each of these costs memory, and it knows nothing of
// balancing or of the module. net/netip is small and allowed.
func TestImports(t *testing.T) {
	allowed := []string{
		"errors", "fmt", "golang.org/x/sys/unix", "io", "math", "math/bits", "net/netip", "slices", "strconv",
		"strings", "sync", "sync/atomic", "time", "unsafe",
	}
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, spec := range parsed.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			require.True(t, slices.Contains(allowed, path), "%s imports %s", file, path)
		}
	}
}
