// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

import (
	"bufio"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"mod_gojk/test/harness"
)

//go:embed backend/backend.c client/client.c client/response.h floor/mod_bench.c webapp
var sources embed.FS

// usualPacket is the size of an AJP packet in bytes, unless a site says otherwise.
const usualPacket = 8192

// rig is everything that runs during a benchmark, besides httpd. One goroutine at a time.
type rig struct {
	ctx        context.Context
	dir        string // scratch folder
	client     string // the program
	wrk        string // the program; empty: there is none
	module     string // mod_bench.so
	gojk       string // the file of mod_gojk; empty: build/mod_gojk.so
	containers map[int]*container
	tomcat     *tomcat
}

// container is a running backend.c.
type container struct {
	cmd    *exec.Cmd
	done   <-chan struct{} // closed when it has ended
	ports  []int
	socket string
}

// newRig builds the programs. The caller calls close.
func newRig(ctx context.Context, p *plan) (*rig, error) {
	r := &rig{ctx: ctx, gojk: p.ModuleFile, containers: map[int]*container{}}
	var err error
	if r.dir, err = os.MkdirTemp("", "gojk-bench-"); err != nil {
		return nil, err
	}
	if r.wrk, err = exec.LookPath("wrk"); err != nil && p.needsWrk() {
		r.close()
		return nil, fmt.Errorf("%w (Debian: apt install wrk)", err)
	}
	if err = r.build(); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

// build compiles what is written in C.
func (r *rig) build() error {
	if err := os.Chmod(r.dir, 0o755); err != nil { // httpd's children use the container's socket
		return err
	}
	for _, name := range []string{"backend/backend.c", "client/client.c", "client/response.h", "floor/mod_bench.c"} {
		text, err := sources.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(r.dir, filepath.Base(name)), text, 0o644); err != nil {
			return err
		}
	}
	apxs := os.Getenv("APXS")
	if apxs == "" {
		apxs = "apxs"
	}
	for _, args := range [][]string{
		{"gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", "backend", "backend.c"},
		{"gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", "client", "client.c"},
		{apxs, "-c", "-Wc,-O2", "-Wc,-Wall", "-Wc,-Werror", "-n", "bench", "mod_bench.c"},
	} {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = r.dir
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out)
		}
	}
	r.client, r.module = filepath.Join(r.dir, "client"), filepath.Join(r.dir, ".libs", "mod_bench.so")
	return nil
}

// container returns the container with that packet size, started on its first use.
func (r *rig) container(packet int) (*container, error) {
	if packet == 0 {
		packet = usualPacket
	}
	if c := r.containers[packet]; c != nil {
		return c, nil
	}
	c := &container{socket: filepath.Join(r.dir, fmt.Sprintf("ajp-%d.sock", packet))}
	c.cmd = exec.Command(filepath.Join(r.dir, "backend"), "-n", "2", "-u", c.socket, "-p", strconv.Itoa(packet))
	output, done, err := spawn(c.cmd)
	if err != nil {
		return nil, fmt.Errorf("container: %w", err)
	}
	c.done = done
	r.containers[packet] = c
	lines := bufio.NewReader(output)
	for range 2 {
		line, err := lines.ReadString('\n')
		if err != nil {
			return nil, fmt.Errorf("container: %w", err)
		}
		port, err := strconv.Atoi(strings.TrimSpace(line))
		if err != nil {
			return nil, fmt.Errorf("container: %w", err)
		}
		c.ports = append(c.ports, port)
	}
	return c, nil
}

// spawn starts a program that ends with this one, and returns its output. It is waited for: done is closed when it has ended.
func spawn(cmd *exec.Cmd) (output io.Reader, done <-chan struct{}, err error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.Stderr = os.Stderr
	read, write, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	cmd.Stdout = write
	started, ended := make(chan error), make(chan struct{})
	go func() { // with a thread that stays: the death signal follows the starting one
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(ended)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // it is ended by a signal
		}
	}()
	err = <-started
	return read, ended, errors.Join(err, write.Close())
}

// held asks the container how many requests it holds.
func (c *container) held() (int, error) {
	status, body, err := harness.Connector{Port: c.ports[0]}.Get("/held")
	if err == nil && status != 200 {
		err = fmt.Errorf("container: /held answers %d", status)
	}
	return len(body), err
}

// release lets the container answer what it holds.
func (c *container) release() error {
	_, _, err := harness.Connector{Port: c.ports[0]}.Get("/release")
	return err
}

// close ends everything and removes the scratch folder.
func (r *rig) close() error {
	var errs []error
	if r.tomcat != nil {
		errs = append(errs, r.tomcat.close())
	}
	for _, c := range r.containers {
		errs = append(errs, c.cmd.Process.Kill())
		<-c.done
	}
	return errors.Join(append(errs, os.RemoveAll(r.dir))...)
}
