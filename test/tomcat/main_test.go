package tomcat

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

const testSecret = "right-secret"

// started is the site that all tests of this package share: starting Tomcats is the slow part. GOJK_MODULE=jk runs the
// tests with Debian's mod_jk.
var started = sync.OnceValues(func() (*testSite, error) {
	ports, err := harness.ServicePorts(len(secretWorkers))
	if err != nil {
		return nil, err
	}
	s := &testSite{secretPorts: map[string]int{}}
	config := ""
	for i, w := range secretWorkers {
		s.secretPorts[w.name] = ports[i]
		config += fmt.Sprintf("Listen 127.0.0.1:%d\n<VirtualHost 127.0.0.1:%d>\nJkMount %s/* %s\n</VirtualHost>\n", ports[i], ports[i], appPath, w.name)
	}
	s.Site, err = Start(context.Background(), Options{
		Module: harness.Module(os.Getenv("GOJK_MODULE")), Replication: Synchronous, RecoverSeconds: 2,
		Secret: testSecret, MoreConfig: config, MoreWorkers: secretWorkersFile,
	}, func(string, ...any) {})
	return s, err
})

var anyStarted bool

// testSite is the site with a virtual host for each worker of secretWorkers.
type testSite struct {
	*Site
	secretPorts map[string]int
}

func TestMain(m *testing.M) {
	code := m.Run()
	if anyStarted {
		if s, err := started(); err == nil {
			if err := s.Stop(); err != nil {
				fmt.Fprintln(os.Stderr, err)
				code = 1
			}
		}
	}
	os.Exit(code)
}

// site returns the shared site. A failed test shows the ends of the logs. Tests that use it do not run in parallel.
func site(t *testing.T) *testSite {
	t.Helper()
	anyStarted = true
	s, err := started()
	require.NoError(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(s.LogTail())
		}
	})
	return s
}
