// Licensed under the Apache License, Version 2.0; see LICENSE.

package statusworker

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/balancer"
	"mod_gojk/balancer/shm"
	"mod_gojk/module/internal/config"
	"mod_gojk/module/internal/registry"
)

// pageDir names the environment variable with a folder that the pages of this file are left in, to be looked at in a browser.
const pageDir = "GOJK_STATUS_PAGES"

func keep(t *testing.T, name, page string) {
	t.Helper()
	if dir := os.Getenv(pageDir); dir != "" {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".html"), []byte(page), 0o600))
	}
}

// newBusyWorld is a cluster at three in the morning.
func newBusyWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.now = w.now.Add(-time.Hour)
	w.lb().Reset(w.now)
	for range 1500 {
		w.serve(w.lb(), "worker1", balancer.Success)
		w.serve(w.lb(), "worker2", balancer.Success)
	}
	for i, name := range []string{"worker1", "worker2", "app"} {
		record := w.worker(name).Record
		for range 4 * (i + 1) {
			record.Connected()
		}
		record.Enter()
		record.SetState(shm.WorkerOK)
		record.Reset(w.now)
		record.CountTraffic(uint64(i+3)*72_345_678, uint64(i+1)*3_456_789)
		for range 1500 {
			record.CountUsed()
		}
	}
	w.worker("worker1").Record.CountClientError()

	var fleet []*registry.Worker
	for i, name := range []string{"shop-01.eu", "shop-02.eu", "shop-03.us", "shop-04.us", "shop-05.us"} {
		address := "10.20.30.41:8009"
		if i == 4 {
			address = ""
		}
		fleet = append(fleet, w.addAJP(name, address, false))
	}
	shop := w.addLB("shop", fleet...)
	require.NoError(t, shop.SetActivation(1, balancer.Disabled))
	require.NoError(t, shop.SetActivation(4, balancer.Stopped))
	for _, route := range []string{"shop-01.eu", "shop-03.us", "shop-04.us"} {
		w.serve(shop, route, balancer.Success)
	}
	w.serve(shop, "shop-03.us", balancer.Failed)
	require.NoError(t, shop.Recover(2))

	w.now = w.now.Add(time.Hour)
	w.fail("worker1")
	w.now = w.now.Add(18 * time.Second)
	w.mount("/shop/*", "shop").ReplyTimeout = 5 * time.Second
	w.mount("/shop/report?", "shop").FailOnStatus = []int{500, -503}
	exclusion := w.mount("/shop/static/*", "shop")
	exclusion.Exclude = true
	w.mount("/direct/status", "app")
	w.mount("/old/*", "removed")
	return w
}

func TestPage_Realistic(t *testing.T) {
	w := newBusyWorld(t)
	page := w.get("")
	keep(t, "list", page)
	since := w.now.Add(-18 * time.Second).Local().Format("15:04:05")
	has(t, page, "<b>LoadBalancer</b>: 1 of 2 members in error: worker1 since "+since+", recovery in at most 102 s.")
	has(t, page, "<b>shop</b>: 1 of 5 members disabled (own sessions only): shop-02.eu.")
	has(t, page, "shop-05.us (no address: host tomcat-shop-05.us does not resolve, or its port is 0).")
	has(t, page, "1 of 5 members on trial after an error: shop-03.us (ERR/REC).")
	has(t, page, "The mapping /old/* of www.example.org:443 names the worker removed, which is not in worker.list")
	has(t, page, "<b>app</b>: all is well.")
	require.Less(t, strings.Index(page, "members in error"), strings.Index(page, "all is well"), "what is broken comes first")
	has(t, page, "<title>(1!) JK Status Manager for www.example.org:443</title>")

	keep(t, "show", w.get("cmd=show&w=shop&re=10"))
	keep(t, "member", w.get("cmd=show&w=LoadBalancer&sw=worker2"))
	keep(t, "version", w.get("cmd=version"))
	keep(t, "readonly", w.ask(w.request("jkread", "")))
	keep(t, "error", w.get("cmd=nonsense"))
	keep(t, "refused", w.get("cmd=reset&w=shop"))
	keep(t, "done", w.ask(w.request("jkstatus", "cmd=update&w=LoadBalancer&sw=worker2&vwa=d").post("")))
	keep(t, "failed", w.ask(w.request("jkstatus", "cmd=recover&w=LoadBalancer&sw=worker2").post("")))
}

func TestPage_AllIsWell(t *testing.T) {
	w := newWorld(t)
	page := w.get("")
	keep(t, "well", page)
	has(t, page, "<b>LoadBalancer, app</b>: all is well.")
	lacks(t, page, `class="tag bad"`)
}

func TestPage_NothingToShow(t *testing.T) {
	w := newWorld(t)
	w.snapshot.Workers, w.snapshot.Servers = w.snapshot.Workers[:1], nil
	page := w.get("")
	keep(t, "empty", page)
	has(t, page, "<h1>JK Status Manager for www.example.org:443</h1>")
	lacks(t, page, "<table")
	require.Equal(t, config.TypeStatus, w.snapshot.Workers[0].Type)
}
