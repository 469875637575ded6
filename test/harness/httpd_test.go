package harness

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestHTTPD_Life(t *testing.T) {
	for _, tt := range []struct {
		name string
		opts Options
	}{
		{"event", Options{MPM: Event, Children: 2, Threads: 4}},
		{"worker", Options{MPM: Worker, Children: 2, Threads: 4}},
		{"prefork", Options{MPM: Prefork, Children: 2}},
		{"two ports", Options{Ports: 2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h, err := StartHTTPD(tt.opts)
			require.NoError(t, err)
			group := h.Pid()
			defer func() { require.NoError(t, h.Stop()) }()

			status, body := h.Get(t, "/")
			require.Equal(t, 200, status)
			require.Equal(t, "static\n", body)
			before := h.Children()
			require.Len(t, before, tt.opts.children())
			memory, err := h.PrivateMemory()
			require.NoError(t, err)
			for pid, n := range memory {
				require.NotZero(t, n, "pid %d", pid)
			}
			usage, err := h.Usage()
			require.NoError(t, err)
			require.NotZero(t, usage.ContextSwitches)
			maps, err := h.ParentMaps()
			require.NoError(t, err)
			require.Contains(t, maps, "mod_mpm_"+string(tt.opts.mpm()))

			require.NoError(t, h.Graceful())
			status, _ = h.Get(t, "/")
			require.Equal(t, 200, status)
			require.NoError(t, h.Restart())
			status, _ = h.Get(t, "/")
			require.Equal(t, 200, status)

			dir := h.Dir
			require.NoError(t, h.Stop())
			require.Empty(t, groupMembers(group), "processes left behind")
			_, err = os.Stat(dir)
			require.True(t, os.IsNotExist(err), "the scratch folder is left behind")
			require.NoError(t, h.Stop(), "a second Stop")
		})
	}
}

func TestHTTPD_OneProcess(t *testing.T) {
	h := New(t, Options{OneProcess: true})
	status, _ := h.Get(t, "/")
	require.Equal(t, 200, status)
	require.Equal(t, []int{h.Pid()}, h.Children())
}

func TestHTTPD_ConfigTest(t *testing.T) {
	h, err := Prepare(Options{Config: "NoSuchDirective On"})
	require.NoError(t, err)
	defer h.Stop()
	out, err := h.ConfigTest()
	require.Error(t, err)
	require.Contains(t, out, "NoSuchDirective")

	err = h.Start()
	require.ErrorContains(t, err, "httpd ended")
	require.ErrorContains(t, err, "NoSuchDirective")
}

func TestHTTPD_Jk(t *testing.T) {
	h := New(t, Options{
		Module: ModuleJk, Workers: "worker.list=w\nworker.w.port=1\nworker.w.retries=1\n", Config: "JkMount /app/* w",
	})
	status, _ := h.Get(t, "/app/x")
	require.Equal(t, 503, status)
	require.Contains(t, h.JkLog(), "connect to 127.0.0.1:1 failed")
	require.NoError(t, h.WaitLog("access.log", "GET /app/x", 10*time.Second))
}

// TestHTTPD_TestKilled kills a test binary that has an httpd running: httpd must end by itself.
func TestHTTPD_TestKilled(t *testing.T) {
	if os.Getenv("HARNESS_HELPER") != "" {
		h, err := StartHTTPD(Options{})
		require.NoError(t, err)
		fmt.Printf("httpd %d %s\n", h.Pid(), h.Dir)
		select {} // until killed
	}
	helper := exec.Command(os.Args[0], "-test.run=^TestHTTPD_TestKilled$")
	helper.Env = append(os.Environ(), "HARNESS_HELPER=1")
	out, err := helper.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, helper.Start())
	var group int
	var dir string
	_, err = fmt.Fscanf(out, "httpd %d %s\n", &group, &dir)
	require.NoError(t, err)
	defer os.RemoveAll(dir)
	require.NotEmpty(t, groupMembers(group))

	require.NoError(t, helper.Process.Kill())
	require.Error(t, helper.Wait())
	require.Eventually(t, func() bool { return len(groupMembers(group)) == 0 }, 15*time.Second, pollInterval)
}
