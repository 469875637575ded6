// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../.."

// faultLibrary builds libgojk.so with the tag gojktest, in which a request can ask for a panic (module/fault_gojktest.go). Once a run.
var faultLibrary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "gojk-fault-")
	if err != nil {
		return "", err
	}
	faultDir = dir
	cmd := exec.Command("go", "build", "-tags", "gojktest", "-buildvcs=false", "-trimpath", "-buildmode=c-shared", "-ldflags", "-s -w",
		"-o", filepath.Join(dir, "libgojk.so"), "./module")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
	cmd.Stderr = os.Stderr
	return filepath.Join(dir, "libgojk.so"), cmd.Run()
})

var faultDir string

// removeFaultLibrary is for the end of the run.
func removeFaultLibrary() {
	if faultDir != "" {
		_ = os.RemoveAll(faultDir)
	}
}

// moduleCopy copies the module into a folder that all may read, with the library beside it: the given one, or that of the project's build.
func moduleCopy(t testing.TB, dir, library string) string {
	t.Helper()
	dir = filepath.Join(dir, "modules")
	require.NoError(t, os.Mkdir(dir, 0o755))
	if library == "" {
		library = filepath.Join(root, "build", "libgojk.so")
	}
	for to, from := range map[string]string{"mod_gojk.so": filepath.Join(root, "build", "mod_gojk.so"), "libgojk.so": library} {
		data, err := os.ReadFile(from)
		require.NoError(t, err, "run make first")
		require.NoError(t, os.WriteFile(filepath.Join(dir, to), data, 0o755))
	}
	return filepath.Join(dir, "mod_gojk.so")
}
