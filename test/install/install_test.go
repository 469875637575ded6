// Licensed under the Apache License, Version 2.0; see LICENSE.

package install

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

const root = "../.."

// query asks apxs for a folder.
func query(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("apxs", "-q", name).Output()
	require.NoError(t, err)
	return strings.TrimSpace(string(out))
}

// install runs `make install` into a folder of its own and returns it.
func install(t *testing.T) string {
	t.Helper()
	dest := t.TempDir()
	reinstall(t, dest)
	return dest
}

func reinstall(t *testing.T, dest string) string {
	t.Helper()
	cmd := exec.Command("bash", "test/install.sh", "apxs", "build", dest)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

// TestInstall_Debian: the two files that a2enmod links are there, and httpd runs with them.
func TestInstall_Debian(t *testing.T) {
	dest := install(t)
	modules := filepath.Join(dest, query(t, "LIBEXECDIR"))
	available := filepath.Join(dest, query(t, "SYSCONFDIR"), "mods-available")
	for _, file := range []string{
		filepath.Join(modules, "mod_gojk.so"), filepath.Join(modules, "libgojk.so"),
		filepath.Join(available, "gojk.load"), filepath.Join(available, "gojk.conf"),
	} {
		require.FileExists(t, file)
	}
	load, err := os.ReadFile(filepath.Join(available, "gojk.load"))
	require.NoError(t, err)
	require.Equal(t, "LoadModule gojk_module "+query(t, "LIBEXECDIR")+"/mod_gojk.so\n", string(load))

	conf, err := os.ReadFile(filepath.Join(available, "gojk.conf"))
	require.NoError(t, err)
	require.NotContains(t, string(conf), "@", "every placeholder is filled in")
	t.Run("httpd runs with it", func(t *testing.T) {
		text := string(conf)
		for _, folder := range []string{"/var/run/apache2", "/var/log/apache2"} {
			require.Contains(t, text, folder)
			text = strings.ReplaceAll(text, folder, "${DIR}")
		}
		h := harness.New(t, harness.Options{
			Module: harness.ModuleGojk, NoJkFiles: true, Modules: []string{"authz_host"},
			Config: text + "JkWorkerProperty worker.list=jkstatus\nJkWorkerProperty worker.jkstatus.type=status\nJkMount /jkmanager/* jkstatus\n",
		})
		status, body := h.Get(t, "/jkmanager/")
		require.Equal(t, 200, status)
		require.Contains(t, body, "jkstatus")
	})
}

// TestInstall_KeepsEdits: what an administrator has changed is not overwritten.
func TestInstall_KeepsEdits(t *testing.T) {
	dest := install(t)
	conf := filepath.Join(dest, query(t, "SYSCONFDIR"), "mods-available", "gojk.conf")
	require.NoError(t, os.WriteFile(conf, []byte("# mine\n"), 0o644))
	out := reinstall(t, dest)
	require.Contains(t, out, "kept "+conf)
	text, err := os.ReadFile(conf)
	require.NoError(t, err)
	require.Equal(t, "# mine\n", string(text))
	require.FileExists(t, conf+".new")
}

// TestMakeHelp: every target is explained.
func TestMakeHelp(t *testing.T) {
	cmd := exec.Command("make", "help")
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	for _, target := range []string{"all", "deps", "install", "demo", "demo-check", "test", "oracle", "bench", "help"} {
		require.Regexp(t, `(?m)^  `+target+` +\S`, string(out))
	}
}
