// Licensed under the Apache License, Version 2.0; see LICENSE.

package docs

import (
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// This file shows what docs/migrating.md claims and no other test shows.

const patience = 10 * time.Second

// site is an httpd with the built module in front of one container, worker "a"; {a} in the configuration is its port.
func site(t *testing.T, config, workers string) (*harness.HTTPD, *harness.Container, *harness.Recorder) {
	t.Helper()
	r := harness.NewRecorder()
	c, err := r.StartContainer("a")
	require.NoError(t, err)
	t.Cleanup(c.Close)
	module, err := filepath.Abs(filepath.Join(root, "build", "mod_gojk.so"))
	require.NoError(t, err)
	h := harness.New(t, harness.Options{
		Module: harness.ModuleGojk, ModuleFile: module, Ports: 2, Modules: []string{"authz_host"},
		Config: config, Workers: strings.ReplaceAll(workers, "{a}", strconv.Itoa(c.Port)),
	})
	return h, c, r
}

const direct = "worker.list=a,jkstatus\nworker.jkstatus.type=status\nworker.a.host=127.0.0.1\nworker.a.port={a}\n"

// TestClaim_LastGoodWorkersStay: a restart with a broken workers.properties goes on with the last good one, and takes the next good one. Hard
// restarts: after a graceful one an old child may answer.
func TestClaim_LastGoodWorkersStay(t *testing.T) {
	h, c, _ := site(t, "JkMount /x/* a\n", direct)
	good := strings.ReplaceAll(direct, "{a}", strconv.Itoa(c.Port))
	require.NoError(t, h.SetConfig("JkMount /x/* a\n", good+"worker.a.prot=1\n"))
	require.NoError(t, h.Restart())
	require.Contains(t, h.ErrorLog()+h.Stderr(), "'worker.a.prot' is not supported")
	require.Contains(t, h.ErrorLog()+h.Stderr(), "id=GOJK0005")
	status, body := h.Get(t, "/x/1")
	require.Equal(t, 200, status)
	require.Equal(t, "a", body)

	require.NoError(t, h.SetConfig("JkMount /x/* a\nJkMount /y/* a\n", good))
	require.NoError(t, h.Restart())
	require.Equal(t, 1, strings.Count(h.ErrorLog()+h.Stderr(), "id=GOJK0005"))
	status, _ = h.Get(t, "/y/1")
	require.Equal(t, 200, status)
}

// TestClaim_LocalAddrInVirtualHost: JkLocalAddrIndicator's default works in a virtual host.
func TestClaim_LocalAddrInVirtualHost(t *testing.T) {
	h, _, r := site(t, "<VirtualHost *:${PORT2}>\nJkMount /x/* a\nSetEnv JK_LOCAL_ADDR 192.0.2.2\n</VirtualHost>\n", direct)
	client, err := harness.Dial(h.AddrOf(1))
	require.NoError(t, err)
	defer client.Close()
	require.NoError(t, client.Send("GET /x/1 HTTP/1.1\r\nHost: localhost\r\n\r\n"))
	require.Equal(t, 200, client.ReadResponse("GET", patience).Status)
	var seen []string
	for _, record := range r.Take() {
		if record.Request != nil {
			seen = append(seen, record.Request.Attribute("AJP_LOCAL_ADDR"))
		}
	}
	require.Equal(t, []string{"192.0.2.2"}, seen)
}

// TestClaim_CommentBehindDirective: a comment at the end of a directive's line is skipped.
func TestClaim_CommentBehindDirective(t *testing.T) {
	h, _, _ := site(t, "JkMount /x/* a   # the application\nJkOptions +FlushHeader # early\n", direct)
	status, body := h.Get(t, "/x/1")
	require.Equal(t, 200, status)
	require.Equal(t, "a", body)
}

// TestClaim_RestartsKeepEdits: what an operator changed outlives restarts, graceful or not.
func TestClaim_RestartsKeepEdits(t *testing.T) {
	workers := direct + "worker.list=lb\nworker.lb.type=lb\nworker.lb.balance_workers=a\n"
	h, _, _ := site(t, "JkMount /x/* lb\nJkMount /status jkstatus\n", workers)
	form := url.Values{"cmd": {"update"}, "w": {"lb"}, "sw": {"a"}, "vwa": {"s"}}
	resp, err := http.PostForm(h.URL("/status"), form)
	require.NoError(t, err)
	resp.Body.Close()
	for _, restart := range []func() error{h.Graceful, h.Restart} {
		status, _ := h.Get(t, "/x/1")
		require.Equal(t, 503, status, "the only member is stopped")
		require.NoError(t, restart())
	}
	status, _ := h.Get(t, "/x/1")
	require.Equal(t, 503, status)
}

var statusRow = regexp.MustCompile(`(?s)<tr>\s*<td[^>]*>(?:<[^>]*>)*(?:OK|OK/IDLE|ERR)(?:<[^>]*>)*</td>(.*?)</tr>`)

// TestClaim_ClientErrorsCountOnce: a client that breaks its body off is one client error.
func TestClaim_ClientErrorsCountOnce(t *testing.T) {
	h, c, _ := site(t, "JkMount /x/* a\nJkMount /status jkstatus\n", direct)
	c.Script(harness.Do(harness.GetBody(10), harness.AwaitHostClose()))
	client, err := harness.Dial(h.Addr())
	require.NoError(t, err)
	require.NoError(t, client.Send("POST /x/1 HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"))
	require.NoError(t, c.AwaitScripts(patience))
	require.NoError(t, client.Close())
	require.NoError(t, h.WaitLog("mod_jk.log", "id=GOJK3032", patience))

	status, page := h.Get(t, "/status")
	require.Equal(t, 200, status)
	row := statusRow.FindStringSubmatch(page)
	require.NotNil(t, row, page)
	cells := regexp.MustCompile(`(?s)<td[^>]*>(.*?)</td>`).FindAllStringSubmatch(row[1], -1)
	require.Greater(t, len(cells), 3)
	require.Equal(t, "0", cells[1][1], "Err")
	require.Equal(t, "1", cells[2][1], "CE")
}
