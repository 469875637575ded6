// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

const root = "../.."

// faultModule builds libgojk.so with the tag gojktest, in which a request can ask for a panic (module/fault_gojktest.go), and returns the path of a
// mod_gojk.so beside it. Once a run.
var faultModule = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "gojk-fault-")
	if err != nil {
		return "", err
	}
	faultDir = dir
	cmd := exec.Command("go", "build", "-tags", "gojktest", "-buildvcs=false", "-trimpath", "-buildmode=c-shared", "-ldflags", "-s -w",
		"-o", filepath.Join(dir, "libgojk.so"), "./module")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	module := filepath.Join(dir, "mod_gojk.so")
	return module, copyBuilt(module)
})

var faultDir string

// removeFaultModule is for the end of the run.
func removeFaultModule() {
	if faultDir != "" {
		_ = os.RemoveAll(faultDir)
	}
}

// copyModule copies the module and the library of the project's build into a folder below dir, and returns the path of the module.
func copyModule(t testing.TB, dir string) string {
	t.Helper()
	dir = filepath.Join(dir, "modules")
	require.NoError(t, os.Mkdir(dir, 0o755))
	for _, name := range []string{"mod_gojk.so", "libgojk.so"} {
		require.NoError(t, copyBuilt(filepath.Join(dir, name)))
	}
	return filepath.Join(dir, "mod_gojk.so")
}

// copyBuilt copies the file of that name in the build.
func copyBuilt(to string) error {
	from, err := harness.BuildFile(filepath.Base(to))
	if err != nil {
		return err
	}
	return copyFile(from, to)
}

func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o755)
}
