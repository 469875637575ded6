// Licensed under the Apache License, Version 2.0; see LICENSE.

package docs

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// TestConfiguration_IsAccepted: what the documents have one copy is a configuration without a single finding.
func TestConfiguration_IsAccepted(t *testing.T) {
	tests := []struct {
		name    string
		workers string // what the lines of the document need besides
	}{
		{"README.md", ""},
		{"docs/status.md", "worker.lb.type=lb\nworker.lb.balance_workers=a\nworker.a.port=8009\n"},
		{"docs/operations.md", "worker.list=LoadBalancer\nworker.LoadBalancer.type=lb\nworker.LoadBalancer.balance_workers=worker1\n" +
			"worker.worker1.reference=worker.template\n"},
		{"docs/workers.properties.md", ""},
		{"docs/directives.md", "worker.list=balancer\nworker.balancer.type=lb\nworker.balancer.balance_workers=n1\nworker.n1.port=8009\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			config, workers := examples(t, tt.name)
			require.NotEmpty(t, tt.workers+workers)
			if !strings.Contains(config, "JkWorkersFile") {
				config = "JkWorkersFile /etc/apache2/workers.properties\nJkShmFile /var/run/apache2/shm\nJkLogFile /var/log/apache2/mod_jk.log\n" + config
			}
			requireNoFinding(t, config, tt.workers+workers)
		})
	}
}

// examples are all configuration and all workers in a document's code blocks.
func examples(t *testing.T, name string) (config, workers string) {
	t.Helper()
	for _, m := range fence.FindAllStringSubmatch(read(t, name), -1) {
		switch m[1] {
		case "apache":
			config += m[2]
		case "properties":
			workers += m[2]
		}
	}
	return config, workers
}

// requireNoFinding runs httpd -t. The paths of the documents are Debian's; here they lead into the scratch folder.
func requireNoFinding(t *testing.T, config, workers string) {
	t.Helper()
	module, err := filepath.Abs(filepath.Join(root, "build", "mod_gojk.so"))
	require.NoError(t, err)
	h, err := harness.Prepare(harness.Options{Module: harness.ModuleGojk, ModuleFile: module, NoJkFiles: true, Modules: []string{"authz_host", "proxy", "proxy_wstunnel"}})
	require.NoError(t, err)
	t.Cleanup(func() { _ = h.Stop() })
	require.NoError(t, h.WriteFile("workers.properties", workers))
	_, rules := examples(t, "docs/uriworkermap.properties.md")
	require.NoError(t, h.WriteFile("uriworkermap.properties", rules))
	config = strings.NewReplacer("/etc/apache2", h.Dir, "/var/run/apache2", h.Dir, "/var/log/apache2", h.Dir).Replace(config)
	require.NoError(t, h.SetConfig("LogLevel info\n"+config, ""))
	out, err := h.ConfigTest()
	require.NoError(t, err, out)
	require.NotContains(t, out, "GOJK")
}
