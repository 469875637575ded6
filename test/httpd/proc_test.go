// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// This file reads what the kernel says about httpd's processes.

// threads are the threads of a process, each with what /proc/PID/task/TID/status says.
func threads(t testing.TB, pid int) map[int]map[string]string {
	t.Helper()
	list := map[int]map[string]string{}
	folders, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
	require.NoError(t, err)
	for _, folder := range folders {
		data, err := os.ReadFile(filepath.Join(folder, "status"))
		if errors.Is(err, fs.ErrNotExist) {
			continue // ended meanwhile
		}
		require.NoError(t, err)
		tid, err := strconv.Atoi(filepath.Base(folder))
		require.NoError(t, err)
		list[tid] = fields(string(data))
	}
	return list
}

// fields reads lines "name: value".
func fields(text string) map[string]string {
	list := map[string]string{}
	for line := range strings.SplitSeq(text, "\n") {
		name, value, _ := strings.Cut(line, ":")
		list[name] = strings.Join(strings.Fields(value), " ")
	}
	return list
}

// descriptor is an open file of a process.
type descriptor struct {
	number      int
	target      string // a path, or "socket:[inode]"
	closeOnExec bool
}

func descriptors(t testing.TB, pid int) (list []descriptor) {
	t.Helper()
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	require.NoError(t, err)
	for _, e := range entries {
		target, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", pid, e.Name()))
		info, err2 := os.ReadFile(fmt.Sprintf("/proc/%d/fdinfo/%s", pid, e.Name()))
		if errors.Join(err, err2) != nil {
			continue // closed meanwhile
		}
		number, err := strconv.Atoi(e.Name())
		require.NoError(t, err)
		flags, err := strconv.ParseUint(fields(string(info))["flags"], 8, 64)
		require.NoError(t, err)
		list = append(list, descriptor{number, target, flags&0o2000000 != 0})
	}
	return list
}

// socket is a TCP socket of this machine on loopback.
type socket struct {
	local, remote int // ports
	established   bool
	unsent        int64 // bytes that the peer has no room for
	name          string
}

// sockets reads /proc/net/tcp.
func sockets(t testing.TB) (list []socket) {
	t.Helper()
	data, err := os.ReadFile("/proc/net/tcp")
	require.NoError(t, err)
	for _, line := range strings.Split(string(data), "\n")[1:] {
		f := strings.Fields(line)
		if len(f) < 10 {
			continue
		}
		_, local, _ := strings.Cut(f[1], ":")
		_, remote, _ := strings.Cut(f[2], ":")
		unsent, _, _ := strings.Cut(f[4], ":")
		list = append(list, socket{int(hex(t, local)), int(hex(t, remote)), f[3] == "01", hex(t, unsent), "socket:[" + f[9] + "]"})
	}
	return list
}

func hex(t testing.TB, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(text, 16, 64)
	require.NoError(t, err)
	return n
}

// childOf is the child that serves the connection of the client with that port; 0: none has accepted it yet.
func (s *site) childOf(t testing.TB, clientPort int) int {
	t.Helper()
	for _, k := range sockets(t) {
		if k.remote != clientPort || !k.established {
			continue
		}
		for _, pid := range s.Children() {
			for _, d := range descriptors(t, pid) {
				if d.target == k.name {
					return pid
				}
			}
		}
	}
	return 0
}

// connections returns the descriptors of a child that are connections to a container.
func connections(t testing.TB, pid, port int) (list []descriptor) {
	t.Helper()
	names := map[string]bool{}
	for _, k := range sockets(t) {
		names[k.name] = names[k.name] || k.remote == port && k.established
	}
	for _, d := range descriptors(t, pid) {
		if names[d.target] {
			list = append(list, d)
		}
	}
	return list
}
