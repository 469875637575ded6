// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// patience is how much longer than planned a client may take.
const patience = 60 * time.Second

// outcome is what a client reports.
type outcome struct {
	requests, failed    float64
	reconnected         float64 // connections that httpd closed between two requests; wrk does not tell
	seconds             float64
	p50, p99, p999, max float64 // milliseconds; wrk reports no p999
}

// drive lets clients work. before is called when they are ready, after when they have ended, still connected if the client is our own.
// Errors on the way, or answers other than 200, make the measurement worthless and are an error.
func (r *rig) drive(in *instance, l *load, before, after func() error) (outcome, error) {
	ctx, cancel := context.WithTimeout(r.ctx, l.duration+patience)
	defer cancel()
	client := r.driveClient
	if r.wrkCan(l) && in.cpus == nil {
		client = r.driveWrk
	}
	o, err := client(ctx, in, l, before, after)
	if err == nil && o.failed > 0 {
		err = fmt.Errorf("%.0f of %.0f requests failed", o.failed, o.requests)
	}
	if err == nil && o.requests == 0 {
		err = errors.New("no request was answered")
	}
	return o, err
}

// wrkCan reports whether wrk is to make the load: whole seconds of GETs, as fast as they are answered.
func (r *rig) wrkCan(l *load) bool {
	return l.wrk && r.wrk != "" && l.duration >= time.Second && l.duration%time.Second == 0
}

// target is the path of the requests.
func (l *load) target(s *site) string {
	if l.path != "" {
		return s.prefix() + l.path
	}
	return s.prefix() + "/" + strconv.FormatInt(l.size, 10)
}

func (r *rig) driveWrk(ctx context.Context, in *instance, l *load, before, after func() error) (outcome, error) {
	if err := before(); err != nil {
		return outcome{}, err
	}
	out, err := exec.CommandContext(ctx, r.wrk, "-t", "1", "-c", strconv.Itoa(l.connections), "-d", fmt.Sprintf("%.0fs", l.duration.Seconds()),
		"--latency", in.httpd.URL(l.target(&in.site))).CombinedOutput()
	if err != nil {
		return outcome{}, fmt.Errorf("wrk: %w\n%s", err, out)
	}
	if err := after(); err != nil {
		return outcome{}, err
	}
	return parseWrk(string(out))
}

var (
	wrkTotal   = regexp.MustCompile(`(\d+) requests in ([0-9.]+)(us|ms|s|m)`)
	wrkPart    = regexp.MustCompile(`(50|99)%\s+([0-9.]+)(us|ms|s|m)`)
	wrkRefused = regexp.MustCompile(`Non-2xx or 3xx responses: (\d+)`)
	wrkErrors  = regexp.MustCompile(`Socket errors: .*`)
)

// parseWrk reads wrk's report.
func parseWrk(report string) (outcome, error) {
	if e := wrkErrors.FindString(report); e != "" {
		return outcome{}, errors.New(e)
	}
	total, parts := wrkTotal.FindStringSubmatch(report), wrkPart.FindAllStringSubmatch(report, -1)
	if total == nil || len(parts) != 2 {
		return outcome{}, fmt.Errorf("cannot read wrk's report:\n%s", report)
	}
	o := outcome{seconds: wrkSeconds(total[2], total[3])}
	o.p50, o.p99 = wrkSeconds(parts[0][2], parts[0][3])*1000, wrkSeconds(parts[1][2], parts[1][3])*1000
	o.requests, _ = strconv.ParseFloat(total[1], 64)
	if refused := wrkRefused.FindStringSubmatch(report); refused != nil {
		o.failed, _ = strconv.ParseFloat(refused[1], 64)
	}
	return o, nil
}

// wrkSeconds converts a number of wrk with its unit.
func wrkSeconds(number, unit string) float64 {
	n, _ := strconv.ParseFloat(number, 64)
	return n * map[string]float64{"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60}[unit]
}

// arguments are client.c's.
func (l *load) arguments(in *instance) []string {
	args := []string{"-p", strconv.Itoa(in.httpd.Ports[0]), "-c", strconv.Itoa(l.connections)}
	option := func(use bool, name, value string) {
		if use {
			args = append(args, name, value)
		}
	}
	option(l.window > 0, "-w", strconv.Itoa(l.window))
	option(l.requests > 0, "-n", strconv.Itoa(l.requests))
	option(l.requests == 0, "-d", strconv.FormatFloat(l.duration.Seconds(), 'f', 3, 64))
	option(l.rate > 0, "-r", strconv.FormatFloat(l.rate, 'f', 3, 64))
	option(l.body > 0, "-b", strconv.FormatInt(l.body, 10))
	option(l.chunk > 0, "-k", strconv.FormatInt(l.chunk, 10))
	if l.session {
		args = append(args, "-s")
	}
	return append(args, l.target(&in.site))
}

func (r *rig) driveClient(ctx context.Context, in *instance, l *load, before, after func() error) (outcome, error) {
	cmd := exec.CommandContext(ctx, r.client, l.arguments(in)...)
	var complaint strings.Builder
	cmd.Stderr = &complaint
	input, err := cmd.StdinPipe()
	if err != nil {
		return outcome{}, err
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		return outcome{}, err
	}
	if err := cmd.Start(); err != nil {
		return outcome{}, err
	}
	o, err := converse(bufio.NewReader(output), input, func() error {
		if err := pin(cmd.Process.Pid, in.cpus); err != nil {
			return err
		}
		return before()
	}, after)
	if err != nil {
		_ = cmd.Process.Kill()
		return outcome{}, errors.Join(err, cmd.Wait(), errors.New(complaint.String()))
	}
	return o, cmd.Wait()
}

// converse goes through client.c's protocol.
func converse(output *bufio.Reader, input io.WriteCloser, before, after func() error) (outcome, error) {
	defer input.Close()
	if _, err := readValues(output, "ready"); err != nil {
		return outcome{}, err
	}
	if err := before(); err != nil {
		return outcome{}, err
	}
	if _, err := io.WriteString(input, "go\n"); err != nil {
		return outcome{}, err
	}
	values, err := readValues(output, "end")
	if err != nil {
		return outcome{}, err
	}
	if err := after(); err != nil {
		return outcome{}, err
	}
	return outcome{
		requests: values["requests"], failed: values["failed"], reconnected: values["reconnected"], seconds: values["seconds"],
		p50: values["p50"] / 1e3, p99: values["p99"] / 1e3, p999: values["p999"] / 1e3, max: values["max"] / 1e3,
	}, nil
}

// readValues reads lines "name value" up to one with that name.
func readValues(output *bufio.Reader, last string) (map[string]float64, error) {
	values := map[string]float64{}
	for {
		line, err := output.ReadString('\n')
		if err != nil {
			return nil, fmt.Errorf("client: waiting for %q: %w", last, err)
		}
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if values[name], err = strconv.ParseFloat(value, 64); err != nil {
			return nil, fmt.Errorf("client: %q", line)
		}
		if name == last {
			return values, nil
		}
	}
}
