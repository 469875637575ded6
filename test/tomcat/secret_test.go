package tomcat

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// secretWorkers reach the connector of worker1 that requires a secret, each through a virtual host of its own.
var secretWorkers = []struct {
	name   string
	secret string
	status int
}{
	{"secret-right", testSecret, 200},
	{"secret-wrong", "wrong-secret", 403},
	{"secret-missing", "", 403},
}

// secretWorkersFile is what these workers add to workers.properties.
func secretWorkersFile(s *Site) string {
	var b strings.Builder
	b.WriteString("\nworker.list=jkstatus,LoadBalancer")
	for _, w := range secretWorkers {
		b.WriteString("," + w.name)
	}
	b.WriteString("\n")
	for _, w := range secretWorkers {
		fmt.Fprintf(&b, "worker.%s.reference=worker.WorkerTemplate\nworker.%s.host=127.0.0.1\nworker.%s.port=%d\n", w.name, w.name, w.name, s.SecretPorts[0])
		if w.secret != "" {
			fmt.Fprintf(&b, "worker.%s.secret=%s\n", w.name, w.secret)
		}
	}
	return b.String()
}

func TestSecret(t *testing.T) {
	s := site(t)
	for _, w := range secretWorkers {
		t.Run(w.name, func(t *testing.T) {
			for range 3 { // a refusal is not a failure of the worker: the next request is sent as well
				resp, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d%s/inside", s.secretPorts[w.name], appPath))
				require.NoError(t, err)
				body, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				require.NoError(t, err)
				require.Equal(t, w.status, resp.StatusCode)
				require.Equal(t, w.status == 200, ParseFacts(string(body))["member"] == "worker1")
			}
		})
	}
	require.NotContains(t, s.JkLog(), testSecret)
}
