// Licensed under the Apache License, Version 2.0; see LICENSE.

package httpd

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"mod_gojk/balancer/shm"
)

// shmFile is the shared memory file of the running generation. The name is mod_jk's, unless mod_jk is there and uses it.
func (s *site) shmFile() string { return s.shmFileOf(s.Pid()) }

// shmFileOf is that of an httpd with that pid.
func (s *site) shmFileOf(pid int) string {
	name := "jk.shm"
	if s.besideModJk() {
		name += ".gojk"
	}
	return filepath.Join(s.Dir, fmt.Sprintf("%s.%d", name, pid))
}

// shared maps the shared memory of the running generation. It is that of the generation also after a restart.
func (s *site) shared(t testing.TB) *shm.Mapping {
	t.Helper()
	f, err := os.OpenFile(s.shmFile(), os.O_RDWR, 0)
	require.NoError(t, err)
	defer f.Close()
	mem, err := unix.Mmap(int(f.Fd()), 0, shm.Size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	require.NoError(t, err)
	t.Cleanup(func() { _ = unix.Munmap(mem) })
	m := shm.New(unsafe.Pointer(unsafe.SliceData(mem)))
	require.NoError(t, m.Check())
	return m
}

// worker is the record of an ajp13 worker.
func worker(t testing.TB, m *shm.Mapping, name string) *shm.Worker {
	t.Helper()
	w, err := m.Worker(name)
	require.NoError(t, err)
	return w
}

// member is the record of a member of the balancer "lb".
func member(t testing.TB, m *shm.Mapping, name string) *shm.Member {
	t.Helper()
	b, err := m.Balancer("lb")
	require.NoError(t, err)
	record, err := b.Member(name)
	require.NoError(t, err)
	return record
}

// state is the state of a member of the balancer "lb".
func state(t testing.TB, m *shm.Mapping, name string) shm.MemberState {
	t.Helper()
	return shm.MemberState(member(t, m, name).State().Load())
}

// requireIdle waits until nothing is counted as being in flight.
func (s *site) requireIdle(t testing.TB) {
	t.Helper()
	m := s.shared(t)
	b, err := m.Balancer("lb")
	require.NoError(t, err)
	for name := range s.container {
		w, rec := worker(t, m, name), member(t, m, name)
		await(t, fmt.Sprintf("no request in flight on %s: worker %d, balancer %d, member %d", name, w.Busy(), b.Busy(), rec.Busy()),
			func() bool { return w.Busy() == 0 && b.Busy() == 0 && rec.Busy() == 0 })
	}
}
