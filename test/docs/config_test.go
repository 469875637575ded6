// Licensed under the Apache License, Version 2.0; see LICENSE.

package docs

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// TestReadme_ConfigurationIsAccepted: what the quick start has one copy is a configuration without a single finding.
func TestReadme_ConfigurationIsAccepted(t *testing.T) {
	var config, workers string
	for _, m := range fence.FindAllStringSubmatch(read(t, "README.md"), -1) {
		switch m[1] {
		case "apache":
			config += m[2]
		case "properties":
			workers += m[2]
		}
	}
	require.Contains(t, config, "JkMount")
	require.Contains(t, workers, "worker.list")

	module, err := filepath.Abs(filepath.Join(root, "build", "mod_gojk.so"))
	require.NoError(t, err)
	h, err := harness.Prepare(harness.Options{
		Module: harness.ModuleGojk, ModuleFile: module, NoJkFiles: true, Modules: []string{"authz_host"},
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = h.Stop() })
	require.NoError(t, h.WriteFile("workers.properties", workers))
	// The paths are Debian's; here they lead into the scratch folder.
	config = strings.NewReplacer("/etc/apache2", h.Dir, "/var/run/apache2", h.Dir, "/var/log/apache2", h.Dir).Replace(config)
	require.NoError(t, h.SetConfig(config, ""))
	out, err := h.ConfigTest()
	require.NoError(t, err, out)
	require.NotContains(t, out, "GOJK", "no finding")
}
