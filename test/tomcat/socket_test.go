package tomcat

import (
	"bytes"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// socketSite is a Tomcat that listens on Unix domain sockets only, with an httpd before it: one socket without a secret, one that requires it.
func socketSite(t *testing.T) (*harness.Tomcat, *harness.HTTPD) {
	t.Helper()
	dir, err := os.MkdirTemp("", "gojk-socket-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	require.NoError(t, os.Chmod(dir, 0o755)) // httpd's children have to come through
	app, err := fs.Sub(files, "webapp")
	require.NoError(t, err)
	require.NoError(t, os.CopyFS(filepath.Join(dir, "webapp"), app))
	require.NoError(t, harness.CompileWebapp(filepath.Join(dir, "webapp")))
	tc, err := harness.StartTomcat(harness.TomcatOptions{
		Name: "worker1", ReadyPath: appPath + "/inside", Apps: []harness.App{{Path: appPath, DocBase: filepath.Join(dir, "webapp")}},
		Connectors: []harness.Connector{{Socket: filepath.Join(dir, "ajp.sock")}, {Socket: filepath.Join(dir, "secret.sock"), Secret: testSecret}},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, tc.Stop()) })
	h := harness.New(t, harness.Options{
		Module: harness.ModuleGojk,
		Config: "JkMount " + appPath + "/* lb\nJkMount /jkmanager jkstatus\nJkMount /secret/* secret\nJkMount /wrong/* wrong\n",
		Workers: strings.ReplaceAll(`worker.list=lb,jkstatus,secret,wrong
worker.jkstatus.type=status
worker.lb.type=lb
worker.lb.balance_workers=worker1
worker.maintain=1
worker.lb.recover_time=1
worker.worker1.socket={dir}/ajp.sock
worker.worker1.ping_mode=A
worker.secret.socket={dir}/secret.sock
worker.secret.secret=`+testSecret+`
worker.wrong.socket={dir}/secret.sock
worker.wrong.secret=no
`, "{dir}", dir),
	})
	return tc, h
}

// TestSocket: sessions, bodies, secrets, probes, the status page, a Tomcat that is killed and comes back; all over Unix domain sockets.
func TestSocket(t *testing.T) {
	tc, h := socketSite(t)
	client := NewClient(h.URL(appPath + "/"))
	defer client.Close()
	for want := 1; want <= 5; want++ {
		a, err := client.Visit()
		require.NoError(t, err)
		require.Equal(t, "worker1", a.Member)
		require.Equal(t, want, a.Count)
		require.Equal(t, "worker1", a.Route())
	}
	for _, size := range bodySizes {
		t.Run(strconv.Itoa(size)+" bytes", func(t *testing.T) {
			resp, err := http.Post(h.URL(appPath+"/body"), "application/octet-stream", bytes.NewReader(bodyBytes(size)))
			require.NoError(t, err)
			defer resp.Body.Close()
			got, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.Equal(t, 200, resp.StatusCode)
			require.True(t, bytes.Equal(bodyBytes(size), got), "%d bytes back", len(got))
		})
	}
	status, _ := h.Get(t, "/secret/nothing")
	require.Equal(t, 404, status, "Tomcat takes the secret and has no such page")
	status, _ = h.Get(t, "/wrong/nothing")
	require.Equal(t, 403, status)
	_, page := h.Get(t, "/jkmanager")
	require.Contains(t, page, "unix:")

	require.NoError(t, tc.Kill())
	status, _ = h.Get(t, appPath+"/inside")
	require.Equal(t, 503, status)
	require.Contains(t, h.JkLog(), "nobody listens; Tomcat is not started, or this is a file that it left behind (errno=111)")
	require.NoError(t, tc.Start())
	require.NoError(t, waitFor(t.Context(), "the member to be back", func() (bool, error) {
		status, _ := h.Get(t, appPath+"/inside")
		return status == 200, nil
	}))
}
