// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// machine is what the figures were taken on, without names and places, and how quiet it was.
type machine struct {
	Processor  string    `json:"processor"`
	Processors int       `json:"processors"`
	MemoryGiB  float64   `json:"memory_gib"`
	Virtual    bool      `json:"virtual"`
	Kernel     string    `json:"kernel"`
	Versions   []version `json:"versions"`
	LoadBefore float64   `json:"load_before"` // average of the minute before the run
	Foreign    float64   `json:"foreign"`     // share of the processors' time that others used during the run, 0 to 1
}

// version is a program's.
type version struct{ Name, Text string }

// busyLoad and busyShare are from where on a machine is too busy for figures that are to last.
const (
	busyLoad  = 0.5
	busyShare = 0.05
)

// busy reports whether others worked on the machine.
func (m *machine) busy() bool { return m.LoadBefore > busyLoad || m.Foreign > busyShare }

// lookAround describes the machine.
func lookAround() machine {
	m := machine{Processors: runtime.NumCPU(), Processor: runtime.GOARCH}
	info := readFile("/proc/cpuinfo")
	if model := regexp.MustCompile(`(?m)^model name\s*:\s*(.+)$`).FindStringSubmatch(info); model != nil {
		m.Processor = strings.TrimSpace(model[1])
	}
	m.Virtual = regexp.MustCompile(`(?m)^flags\s*:.*\bhypervisor\b`).MatchString(info)
	if total := regexp.MustCompile(`MemTotal:\s+(\d+)`).FindStringSubmatch(readFile("/proc/meminfo")); total != nil {
		n, _ := strconv.ParseFloat(total[1], 64)
		m.MemoryGiB = n / mib
	}
	m.Kernel = release(strings.TrimSpace(readFile("/proc/sys/kernel/osrelease")))
	_, _ = fmt.Sscan(readFile("/proc/loadavg"), &m.LoadBefore) // 0 if it cannot be read
	m.Versions = versions()
	return m
}

// release is the number in a kernel's release, without what a distribution or a host adds.
func release(text string) string { return regexp.MustCompile(`^[0-9.]+`).FindString(text) }

func readFile(name string) string {
	data, err := os.ReadFile(name)
	if err != nil {
		return ""
	}
	return string(data)
}

// versions asks the programs. Who does not answer is left out.
func versions() []version {
	var all []version
	add := func(name, pattern string, command ...string) {
		out, err := exec.Command(command[0], command[1:]...).CombinedOutput()
		if err != nil {
			return
		}
		if m := regexp.MustCompile(pattern).FindSubmatch(out); m != nil {
			all = append(all, version{name, string(m[1])})
		}
	}
	add("mod_gojk", `^([0-9a-f]+\S*)`, "git", "describe", "--always", "--dirty")
	add("Go", `(go[0-9][0-9.a-z]*)`, "go", "version")
	add("httpd", `Apache/([0-9.]+)`, "apache2", "-v")
	add("httpd", `Apache/([0-9.]+)`, "httpd", "-v")
	add("mod_jk", `(?m)^Version: (?:\d+:)?([0-9.]+)`, "dpkg-query", "-s", "libapache2-mod-jk")
	add("Tomcat", `(?m)^Version: ([0-9.]+)`, "dpkg-query", "-s", "tomcat10")
	add("Java", `version "([^"]+)"`, "java", "-version")
	add("gcc", `(?m)\) ([0-9.]+)`, "gcc", "--version")
	add("glibc", `(?m)([0-9]+\.[0-9]+)$`, "getconf", "GNU_LIBC_VERSION")
	add("wrk", `wrk (?:debian/)?([0-9.]+)`, "sh", "-c", "wrk -v; true")
	return all
}

// watchForeign notes what the machine works from now on. The function that it returns says which share of the processors' time others
// than this program and those that it started (and that have ended) used.
func watchForeign() func() float64 {
	begun, busy := uptime(), busyTicks(readFile("/proc/stat"))
	mine := ownTicks()
	return func() float64 {
		elapsed := (uptime() - begun) * float64(runtime.NumCPU())
		if elapsed <= 0 {
			return 0
		}
		used := float64(busyTicks(readFile("/proc/stat"))-busy) / 100
		return max(0, (used-(ownTicks()-mine))/elapsed)
	}
}

// uptime is in seconds.
func uptime() float64 {
	var n float64
	_, _ = fmt.Sscan(readFile("/proc/uptime"), &n)
	return n
}

// ownTicks is what this program and its ended descendants have used, in seconds.
func ownTicks() float64 {
	var sum float64
	for _, who := range []int{unix.RUSAGE_SELF, unix.RUSAGE_CHILDREN} {
		var u unix.Rusage
		if unix.Getrusage(who, &u) == nil {
			sum += float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
		}
	}
	return sum
}

// projectRoot is the folder of go.mod at or above the working directory.
func projectRoot() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if filepath.Dir(dir) == dir {
			return "", fmt.Errorf("no go.mod at or above the working directory")
		}
		dir = filepath.Dir(dir)
	}
	return "", err
}
