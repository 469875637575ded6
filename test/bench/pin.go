// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

import (
	"errors"
	"fmt"
	"runtime"
	"slices"

	"golang.org/x/sys/unix"
)

// needsCores returns why scaling over processors cannot be measured.
func needsCores(*rig) string {
	if n := runtime.NumCPU(); n < 2 {
		return fmt.Sprintf("needs 2 processors, there is %d", n)
	}
	return ""
}

// pin lets all threads of a process run on these processors only; nil: changes nothing.
func pin(pid int, cpus []int) error {
	if cpus == nil {
		return nil
	}
	var set unix.CPUSet
	for _, c := range cpus {
		set.Set(c)
	}
	return pinTo(pid, &set)
}

func pinTo(pid int, set *unix.CPUSet) error {
	tasks, err := tasksOf(pid)
	if err != nil {
		return err
	}
	for _, task := range tasks {
		if err := unix.SchedSetaffinity(task, set); err != nil && !errors.Is(err, unix.ESRCH) {
			return err
		}
	}
	return nil
}

// pinned pins httpd and the containers to the variant's processors, and returns what lets them run everywhere again.
func (r *rig) pinned(in *instance) (undo func() error, err error) {
	if in.cpus == nil {
		return nothing, nil
	}
	pids := slices.Concat([]int{in.httpd.Pid()}, in.httpd.Children())
	for _, c := range r.containers {
		pids = append(pids, c.cmd.Process.Pid)
	}
	var all unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		return nil, err
	}
	undo = func() error {
		var errs []error
		for _, pid := range pids {
			errs = append(errs, pinTo(pid, &all))
		}
		return errors.Join(errs...)
	}
	for _, pid := range pids {
		if err := pin(pid, in.cpus); err != nil {
			return nil, errors.Join(err, undo())
		}
	}
	return undo, nil
}
