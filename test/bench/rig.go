package main

import (
	"bufio"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"mod_gojk/test/harness"
)

//go:embed backend/backend.c
var backendSource []byte

// rig is everything that runs during a benchmark.
type rig struct {
	dir      string
	backend  *exec.Cmd
	port     int // the backend's
	wrk      string
	variants []variant
}

// variant is one httpd that is measured.
type variant struct {
	name  string
	httpd *harness.HTTPD
	url   string
}

// assemble builds and starts everything. The caller calls close.
func assemble(p *plan) (*rig, error) {
	r := &rig{}
	wrk, err := exec.LookPath("wrk")
	if err != nil {
		return nil, fmt.Errorf("%w (Debian: apt install wrk)", err)
	}
	r.wrk = wrk
	if err := r.startBackend(); err != nil {
		r.close()
		return nil, err
	}
	for _, name := range p.Modules {
		v, err := r.start(p, name)
		if err != nil {
			r.close()
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		r.variants = append(r.variants, v)
	}
	return r, nil
}

// startBackend compiles and starts backend.c.
func (r *rig) startBackend() (err error) {
	if r.dir, err = os.MkdirTemp("", "gojk-bench-"); err != nil {
		return err
	}
	source, program := filepath.Join(r.dir, "backend.c"), filepath.Join(r.dir, "backend")
	if err := os.WriteFile(source, backendSource, 0o644); err != nil {
		return err
	}
	if out, err := exec.Command("gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", program, source).CombinedOutput(); err != nil {
		return fmt.Errorf("gcc: %w\n%s", err, out)
	}
	r.backend = exec.Command(program)
	r.backend.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	output, err := r.backend.StdoutPipe()
	if err != nil {
		return err
	}
	runtime.LockOSThread() // of main, which stays: the death signal follows the starting thread
	if err := r.backend.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		return fmt.Errorf("backend: %w", err)
	}
	r.port, err = strconv.Atoi(strings.TrimSpace(line))
	return err
}

// start starts the httpd of one variant.
func (r *rig) start(p *plan, name string) (variant, error) {
	opts := harness.Options{
		Lean: true, Module: harness.Module(name), MPM: harness.MPM(p.MPM), Children: p.Children, Threads: p.Threads, JkLogLevel: "warn",
	}
	switch name {
	case "gojk", "jk":
		if name == "gojk" {
			opts.ModuleFile = p.ModuleFile
		}
		opts.Config = "JkMount /* w\n"
		opts.Workers = fmt.Sprintf("worker.list=w\nworker.w.type=ajp13\nworker.w.host=127.0.0.1\nworker.w.port=%d\n", r.port)
	case "proxy_ajp":
		opts.Config = fmt.Sprintf("ProxyPass / ajp://127.0.0.1:%d/\n", r.port)
	case "floor":
		opts.Module, opts.Modules = harness.ModuleNone, []string{"rewrite"}
		opts.Config = fmt.Sprintf("RewriteEngine On\nRewriteRule ^ - [R=410]\nErrorDocument 410 %q\n", strings.Repeat("x", p.Size))
	default:
		return variant{}, errors.New("not a module: use gojk, jk, proxy_ajp or floor")
	}
	httpd, err := harness.StartHTTPD(opts)
	if err != nil {
		return variant{}, err
	}
	return variant{name: name, httpd: httpd, url: httpd.URL("/" + strconv.Itoa(p.Size))}, nil
}

// close ends everything and removes the scratch folder.
func (r *rig) close() {
	for _, v := range r.variants {
		if err := v.httpd.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
		}
	}
	if r.backend != nil && r.backend.Process != nil {
		_ = r.backend.Process.Kill()
		_ = r.backend.Wait()
	}
	if r.dir != "" {
		_ = os.RemoveAll(r.dir)
	}
}

// measureAll warms every variant up and measures the rounds, forwards and backwards in turn.
func (r *rig) measureAll(p *plan, progress io.Writer) ([]round, error) {
	for _, v := range r.variants {
		if _, err := r.load(p, v, p.Warmup.Seconds()); err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", v.name, err, v.httpd.LogTail())
		}
	}
	var rounds []round
	order := slices.Clone(r.variants)
	for i := range p.Rounds {
		fmt.Fprintf(progress, "\rround %d of %d ", i+1, p.Rounds)
		measured := round{}
		for _, v := range order {
			s, err := r.measure(p, v)
			if err != nil {
				return nil, fmt.Errorf("%s: %w\n%s", v.name, err, v.httpd.LogTail())
			}
			measured[v.name] = s
		}
		rounds = append(rounds, measured)
		slices.Reverse(order)
	}
	fmt.Fprint(progress, "\r                    \r")
	return rounds, nil
}
