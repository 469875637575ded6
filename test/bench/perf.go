// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// perfEvent is what is counted: in user space, which everybody may and where the connectors differ.
const perfEvent = "instructions:u"

// needsInstructions returns why instructions cannot be counted. Many virtual machines have no counters.
func needsInstructions(r *rig) string {
	if _, err := exec.LookPath("perf"); err != nil {
		return "needs perf (Debian: apt install linux-perf)"
	}
	file := filepath.Join(r.dir, "perf.out")
	if err := exec.CommandContext(r.ctx, "perf", "stat", "-x", ",", "-e", perfEvent, "-o", file, "true").Run(); err != nil {
		return "perf cannot count here"
	}
	if _, err := perfCount(readFile(file)); err != nil {
		return "this machine counts no instructions (perf stat says not supported)"
	}
	return ""
}

// perfCount reads the number from the output of perf stat -x,.
func perfCount(output string) (float64, error) {
	for line := range strings.Lines(output) {
		fields := strings.Split(strings.TrimSpace(line), ",")
		if len(fields) > 2 && strings.HasPrefix(fields[2], strings.TrimSuffix(perfEvent, ":u")) {
			return strconv.ParseFloat(fields[0], 64)
		}
	}
	return 0, errors.New("perf: no count")
}

// countInstructions counts what httpd's children execute while the clients make an exact number of requests.
func countInstructions(r *rig, _ *running, in *instance) (sample, error) {
	var stop func() (float64, error)
	var counted float64
	o, err := r.drive(in, &in.load, func() (err error) {
		stop, err = r.startPerf(in.httpd.Children())
		return err
	}, func() (err error) {
		counted, err = stop()
		return err
	})
	if err != nil {
		return nil, err
	}
	return sample{instructions: counted / 1000 / o.requests}, nil
}

// startPerf counts in those processes and all their threads from when it returns.
func (r *rig) startPerf(pids []int) (stop func() (float64, error), err error) {
	file, control, answer := filepath.Join(r.dir, "perf.out"), filepath.Join(r.dir, "perf.control"), filepath.Join(r.dir, "perf.answer")
	for _, fifo := range []string{control, answer} {
		_ = os.Remove(fifo)
		if err := unix.Mkfifo(fifo, 0o600); err != nil {
			return nil, err
		}
	}
	// Both ends: perf opens its own whenever it likes.
	orders, err := os.OpenFile(control, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	answers, err := os.OpenFile(answer, os.O_RDWR, 0)
	if err != nil {
		return nil, errors.Join(err, orders.Close())
	}
	var list []string
	for _, pid := range pids {
		list = append(list, strconv.Itoa(pid))
	}
	cmd := exec.CommandContext(r.ctx, "perf", "stat", "-x", ",", "-e", perfEvent, "-o", file, "-p", strings.Join(list, ","),
		"--delay", "-1", "--control", fmt.Sprintf("fifo:%s,%s", control, answer))
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, orders.Close(), answers.Close())
	}
	stop = func() (float64, error) {
		err := errors.Join(cmd.Process.Signal(os.Interrupt), orders.Close(), answers.Close())
		_ = cmd.Wait() // ends by the signal
		if err != nil {
			return 0, err
		}
		return perfCount(readFile(file))
	}
	if _, err := orders.WriteString("enable\n"); err != nil {
		return nil, errors.Join(err, cmd.Process.Kill())
	}
	_, err = bufio.NewReader(answers).ReadString('\n') // it counts
	return stop, err
}
