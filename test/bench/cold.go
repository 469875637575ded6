// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"mod_gojk/test/harness"
)

// startUp starts the variant's httpd and measures how long it takes to check the configuration, to start, and to start a child.
func startUp(r *rig, _ *running, in *instance) (s sample, err error) {
	opts, err := r.options(in)
	if err != nil {
		return nil, err
	}
	h, err := harness.Prepare(opts)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.Stop()) }()
	s = sample{}
	begun := time.Now()
	if out, err := h.ConfigTest(); err != nil {
		return nil, fmt.Errorf("configtest: %w\n%s", err, out)
	}
	s[configtest] = milliseconds(time.Since(begun))
	begun = time.Now()
	if err := h.Start(); err != nil {
		return nil, err
	}
	resp, err := http.Get(h.URL(in.load.target(&in.site)))
	if err != nil {
		return nil, err
	}
	s[ready] = milliseconds(time.Since(begun))
	if err := resp.Body.Close(); err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the first request got %s\n%s", resp.Status, h.LogTail())
	}
	var took, used []float64
	err = await("all children to be there", func() (bool, error) {
		took, used = childInits(h.ErrorLog())
		return len(took) >= in.site.children, nil
	})
	s[childInit], s[childCPU] = statOf(took).Median, statOf(used).Median
	return s, err
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

var stopwatch = regexp.MustCompile(`bench: child_init took (\d+) us, (\d+) us of CPU`)

// childInits returns what the stopwatch of mod_bench.c has logged for each child: time and CPU, in milliseconds.
func childInits(log string) (took, used []float64) {
	for _, m := range stopwatch.FindAllStringSubmatch(log, -1) {
		t, _ := strconv.ParseFloat(m[1], 64)
		u, _ := strconv.ParseFloat(m[2], 64)
		took, used = append(took, t/1e3), append(used, u/1e3)
	}
	return took, used
}

var collection = regexp.MustCompile(`(?m)^gc \d+ @`)

// residueOf measures what a child is after its load: memory, threads, and how often Go's collector ran (it says so on stderr, which is httpd's
// error log, because of GODEBUG=gctrace=1).
func residueOf(r *rig, w *running, in *instance) (sample, error) {
	cycles := func() int { return len(collection.FindAllString(in.httpd.ErrorLog()+in.httpd.Stderr(), -1)) }
	before := cycles()
	s, err := underLoad(r, w, in)
	if err != nil {
		return nil, err
	}
	if in.module == gojk {
		s[collected] = float64(cycles()-before) * 100000 / float64(in.load.requests)
	}
	memory, err := in.httpd.PrivateMemory()
	if err != nil {
		return nil, err
	}
	for pid, n := range memory {
		tasks, err := tasksOf(pid)
		if err != nil {
			return nil, err
		}
		s[private] += float64(n) / mib / float64(len(memory))
		s[threads] += float64(len(tasks)) / float64(len(memory))
	}
	return s, nil
}

var allocated = regexp.MustCompile(`(?m)^BenchmarkServe/SmallGET\S*\s.*\s(\d+) allocs/op`)

// allocations asks the benchmark of the library how much Go memory a request costs.
func allocations(r *rig, _ *running, _ *instance) (sample, error) {
	cmd := exec.CommandContext(r.ctx, "go", "test", "-run", "^$", "-bench", "Serve/SmallGET", "-benchmem", "-benchtime", "20000x", "./module/internal/service")
	cmd.Env = append(os.Environ(), "GOFLAGS=-buildvcs=false")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("go test: %w\n%s", err, out)
	}
	m := allocated.FindSubmatch(out)
	if m == nil {
		return nil, fmt.Errorf("go test says nothing of BenchmarkServe/SmallGET:\n%s", bytes.TrimSpace(out))
	}
	n, err := strconv.ParseFloat(string(m[1]), 64)
	return sample{allocs: n}, err
}

// needsDescriptors returns why so many clients cannot be measured: httpd and the client need a descriptor for each.
func needsDescriptors(*rig) string {
	var limit unix.Rlimit
	need := uint64(manyClients + 1000)
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil || limit.Cur < need {
		return fmt.Sprintf("needs %d open files a process, allowed are %d (ulimit -n)", need, limit.Cur)
	}
	return ""
}

// raiseLimit allows this program and those it starts as many open files as it may.
func raiseLimit() {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) == nil {
		limit.Cur = limit.Max
		_ = unix.Setrlimit(unix.RLIMIT_NOFILE, &limit) // what needs more says so
	}
}
