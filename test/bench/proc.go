// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// tasksOf lists the threads of a process.
func tasksOf(pid int) ([]int, error) {
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		return nil, err
	}
	var tasks []int
	for _, e := range entries {
		if n, err := strconv.Atoi(e.Name()); err == nil {
			tasks = append(tasks, n)
		}
	}
	return tasks, nil
}

// resident is a process's resident memory in bytes, now and at its peak.
type resident struct{ now, peak uint64 }

// residentOf reads it from /proc.
func residentOf(pid int) (resident, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return resident{}, err
	}
	return parseResident(data), nil
}

func parseResident(status []byte) resident {
	var r resident
	for scan := bufio.NewScanner(bytes.NewReader(status)); scan.Scan(); {
		fields := strings.Fields(scan.Text())
		if len(fields) < 2 {
			continue
		}
		n, _ := strconv.ParseUint(fields[1], 10, 64)
		switch fields[0] {
		case "VmRSS:":
			r.now = n << 10
		case "VmHWM:":
			r.peak = n << 10
		}
	}
	return r
}

// resetPeak makes the peak begin anew.
func resetPeak(pid int) error {
	return os.WriteFile(filepath.Join("/proc", strconv.Itoa(pid), "clear_refs"), []byte("5"), 0)
}

// busyTicks is how long all processors together have worked since the machine started, in ticks of 10 ms, from /proc/stat.
func busyTicks(stat string) uint64 {
	first, _, _ := strings.Cut(stat, "\n")
	fields := strings.Fields(first)
	var sum uint64
	for i, field := range fields {
		// name user nice system idle iowait irq softirq steal; guest times are part of user and nice.
		if i == 0 || i == 4 || i == 5 || i > 8 {
			continue
		}
		n, _ := strconv.ParseUint(field, 10, 64)
		sum += n
	}
	return sum
}
