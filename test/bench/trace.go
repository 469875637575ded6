// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// needsStrace returns why system calls cannot be counted.
func needsStrace(*rig) string {
	if _, err := exec.LookPath("strace"); err != nil {
		return "needs strace (Debian: apt install strace)"
	}
	return ""
}

// traceCalls counts the system calls of the child while the clients make an exact number of requests. The child is slow meanwhile; only counts
// are taken.
func traceCalls(r *rig, _ *running, in *instance) (sample, error) {
	children := in.httpd.Children()
	if len(children) != 1 {
		return nil, fmt.Errorf("%d children, one is needed", len(children))
	}
	file := filepath.Join(r.dir, "strace.out")
	var stop func() error
	o, err := r.drive(in, &in.load, func() (err error) {
		stop, err = startTrace(children[0], file)
		return err
	}, func() error { return stop() })
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	where, err := r.whereabouts(&in.site)
	if err != nil {
		return nil, err
	}
	s := countCalls(string(text), where.ports)
	for m := range s {
		s[m] /= o.requests
	}
	return s, nil
}

// startTrace attaches strace to a process and all its threads. stop detaches it.
func startTrace(pid int, file string) (stop func() error, err error) {
	cmd := exec.Command("strace", "-f", "-yy", "-s", "4", "-o", file, "-p", fmt.Sprint(pid))
	output, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewReader(output)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return nil, errors.Join(fmt.Errorf("strace: %q: %w", line, err), cmd.Wait())
		}
		if strings.Contains(line, "attached") {
			break
		}
	}
	go func() { _, _ = lines.WriteTo(io.Discard) }() // what it says later; ends with the program
	return func() error {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			return err
		}
		_ = cmd.Wait() // ends by the signal
		return nil
	}, nil
}

// tracedCall is a line of strace -f: thread, name, arguments. When another thread comes between, the end of the arguments follows on a line of
// its own.
var (
	tracedCall    = regexp.MustCompile(`^(\d+) +(\w+)\((.*)$`)
	tracedRest    = regexp.MustCompile(`^(\d+) +<\.\.\. \w+ resumed>(.*)$`)
	tracedNotDone = " <unfinished ...>"
)

// tracedLines returns name and arguments of each call.
func tracedLines(trace string) [][2]string {
	var calls [][2]string
	pending := map[string]int{} // by thread: index of the call that is not done
	for line := range strings.Lines(trace) {
		line = strings.TrimSpace(line)
		if m := tracedRest.FindStringSubmatch(line); m != nil {
			if i, ok := pending[m[1]]; ok {
				calls[i][1] += m[2]
				delete(pending, m[1])
			}
		} else if m := tracedCall.FindStringSubmatch(line); m != nil {
			arguments, notDone := strings.CutSuffix(m[3], tracedNotDone)
			if notDone {
				pending[m[1]] = len(calls)
			}
			calls = append(calls, [2]string{m[2], arguments})
		}
	}
	return calls
}

// countCalls counts the calls of a trace: all, and by kind those on connections to one of the ports.
func countCalls(trace string, ports []int) sample {
	s := sample{sends: 0, receives: 0, checks: 0, others: 0, syscalls: 0}
	for _, call := range tracedLines(trace) {
		s[syscalls]++
		if toContainer(call[1], ports) {
			s[kindOf(call[0], call[1])]++
		}
	}
	return s
}

// toContainer reports whether the arguments name a connection to one of the ports.
func toContainer(arguments string, ports []int) bool {
	for _, port := range ports {
		if strings.Contains(arguments, fmt.Sprintf("->127.0.0.1:%d]>", port)) {
			return true
		}
	}
	return false
}

// kindOf is what a call on a connection does.
func kindOf(name, arguments string) metric {
	switch name {
	case "send", "sendto", "sendmsg", "sendmmsg", "write", "writev", "sendfile", "splice":
		return sends
	case "recv", "recvfrom", "recvmsg", "read", "readv":
		if strings.Contains(arguments, "MSG_PEEK") {
			return checks
		}
		return receives
	case "poll", "ppoll", "select", "pselect6", "ioctl":
		return checks
	}
	return others
}
