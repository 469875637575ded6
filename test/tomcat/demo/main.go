// The demo program runs the cluster of the administrator's guide for a person to play with: httpd with the module, and two
// Tomcats that share their sessions. It prints the addresses and how to kill a Tomcat and bring it back, says what happens,
// and runs until Ctrl-C. Then nothing is left: no process, no folder, no shared memory.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"mod_gojk/test/harness"
	"mod_gojk/test/tomcat"
)

const statusInterval = time.Second

func main() {
	modules := flag.String("modules", "build", "folder with mod_gojk.so and libgojk.so")
	module := flag.String("module", string(harness.ModuleGojk), "gojk, or jk for Debian's mod_jk")
	recoverSeconds := flag.Int("recover", 0, "recover_time in seconds, with maintenance every second; 0: as in the guide, 60 and 60")
	flag.Parse()
	opts := tomcat.Options{Module: harness.Module(*module), RecoverSeconds: *recoverSeconds, UsualPorts: true}
	if opts.Module == harness.ModuleGojk {
		opts.ModuleFile = filepath.Join(*modules, "mod_gojk.so")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	if err := run(ctx, opts, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "demo: %v\n", err)
		os.Exit(1)
	}
}

// demo is one run. Its methods are called by one goroutine, which reads events.
type demo struct {
	site     *tomcat.Site
	out      io.Writer
	progress *tomcat.Progress
	events   chan func()
	ours     map[int]bool // pids that the demo itself has killed
}

// run is the demo without signals and flags: it ends when ctx is cancelled.
func run(ctx context.Context, opts tomcat.Options, keys io.Reader, out io.Writer) error {
	d := &demo{out: out, progress: tomcat.NewProgress(out), events: make(chan func()), ours: map[int]bool{}}
	fmt.Fprintln(out, "Starting two Tomcats and httpd; this takes a few seconds.")
	var err error
	if d.site, err = tomcat.Start(ctx, opts, d.progress.Say); err != nil {
		return err
	}
	d.explain(opts)
	d.follow(ctx, keys)
	err = d.loop(ctx)
	d.progress.Say("stopping")
	if err = errors.Join(err, d.site.Stop()); err == nil {
		d.progress.Say("httpd and both Tomcats have ended; nothing is left behind")
	}
	return err
}

// explain prints what a person needs to know.
func (d *demo) explain(opts tomcat.Options) {
	fmt.Fprintf(d.out, "\n  application   %s\n  status page   %s\n", d.site.AppURL(), d.site.StatusURL())
	fmt.Fprintf(d.out, "  logs          %s\n\n", filepath.Join(d.site.HTTPD.Dir, "logs", "mod_jk.log"))
	for i, t := range d.site.Tomcats {
		fmt.Fprintf(d.out, "  %-13s kill -9 %-8d or press %d and Enter; %d and Enter starts it again\n", t.Name(), t.Pid(), i+1, i+1)
	}
	recovery := fmt.Sprintf("%d s", opts.RecoverSeconds)
	if opts.RecoverSeconds == 0 {
		recovery = "60 s and the next maintenance, one to two minutes"
	}
	fmt.Fprintf(d.out, "\n  A Tomcat that was started again gets new sessions after recover_time (%s).\n  Ctrl-C ends the demo.\n\n", recovery)
}

// follow starts everything that reports events. All of it ends with ctx, but for the reader of keys, which ends with its input.
func (d *demo) follow(ctx context.Context, keys io.Reader) {
	for _, t := range d.site.Tomcats {
		d.followTomcat(ctx, t)
	}
	go d.site.WatchStatus(ctx, statusInterval, func(member string, from, to tomcat.MemberStatus) {
		if from.State != "" && (from.OK() != to.OK() || from.Activation != to.Activation) {
			d.progress.Say("the balancer's view of %s: %s (was %s)", member, to, from)
		}
	})
	go func() {
		for lines := bufio.NewScanner(keys); lines.Scan(); {
			key := strings.TrimSpace(lines.Text())
			d.send(ctx, func() { d.key(ctx, key) })
		}
	}()
}

// followTomcat reports the end of the process that runs now.
func (d *demo) followTomcat(ctx context.Context, t *harness.Tomcat) {
	pid, exited := t.Pid(), t.Exited()
	go func() {
		select {
		case <-exited:
			d.send(ctx, func() { d.gone(t, pid) })
		case <-ctx.Done():
		}
	}()
}

func (d *demo) send(ctx context.Context, event func()) {
	select {
	case d.events <- event:
	case <-ctx.Done():
	}
}

// loop handles events until ctx is cancelled or httpd ends.
func (d *demo) loop(ctx context.Context) error {
	for {
		select {
		case event := <-d.events:
			event()
		case <-d.site.HTTPD.Exited():
			return fmt.Errorf("httpd has ended by itself\n%s", d.site.LogTail())
		case <-ctx.Done():
			return nil
		}
	}
}

// key handles a line of input.
func (d *demo) key(ctx context.Context, key string) {
	for i, t := range d.site.Tomcats {
		if key == fmt.Sprint(i+1) {
			d.toggle(ctx, t)
			return
		}
	}
	if key != "" {
		d.progress.Say("press 1 or 2 and Enter, or Ctrl-C")
	}
}

// toggle kills a Tomcat that runs and starts one that does not.
func (d *demo) toggle(ctx context.Context, t *harness.Tomcat) {
	if pid := t.Pid(); pid != 0 {
		d.ours[pid] = true
		d.progress.Say("kill -9 %d", pid)
		if err := t.Kill(); err != nil {
			d.progress.Say("%v", err)
		}
		return
	}
	d.progress.Say("starting %s", t.Name())
	if err := t.Start(); err != nil {
		d.progress.Say("%v", err)
		return
	}
	d.progress.Say("%s answers again, pid %d", t.Name(), t.Pid())
	d.followTomcat(ctx, t)
}

// gone says that a Tomcat has ended.
func (d *demo) gone(t *harness.Tomcat, pid int) {
	by := " from outside"
	if d.ours[pid] {
		by = ""
	}
	next := "nobody is left to take over its sessions"
	if other := d.site.Other(t); other.Running() {
		next = "visit again: " + other.Name() + " has its sessions"
	}
	d.progress.Say("%s (pid %d) is dead%s; %s", t.Name(), pid, by, next)
}
