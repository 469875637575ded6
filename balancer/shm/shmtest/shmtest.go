// Package shmtest makes mappings for tests, and other processes that share them.
package shmtest

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"mod_gojk/balancer/shm"
)

// Memory is a shared mapping as httpd's parent makes it: the header is written, the rest is zero.
type Memory struct {
	file  *os.File
	bytes []byte
}

// NewMemory makes one that lives until the test ends.
func NewMemory(t testing.TB) *Memory {
	t.Helper()
	fd, err := unix.MemfdCreate("shmtest", unix.MFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	m := &Memory{file: os.NewFile(uintptr(fd), "shmtest")}
	t.Cleanup(func() { m.file.Close() })
	if err := m.file.Truncate(shm.Size); err != nil {
		t.Fatal(err)
	}
	if err := m.mmap(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Munmap(m.bytes) })
	m.writeHeader()
	return m
}

func (m *Memory) mmap() (err error) {
	m.bytes, err = unix.Mmap(int(m.file.Fd()), 0, shm.Size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	return err
}

// writeHeader writes gojk_shm_header, generation 1.
func (m *Memory) writeHeader() {
	binary.NativeEndian.PutUint64(m.bytes[0:], shm.Magic)
	binary.NativeEndian.PutUint32(m.bytes[8:], shm.Layout)
	binary.NativeEndian.PutUint32(m.bytes[12:], uint32(os.Getpid()))
	binary.NativeEndian.PutUint64(m.bytes[16:], 1)
	binary.NativeEndian.PutUint64(m.bytes[24:], shm.Size)
}

// Bytes is the memory itself.
func (m *Memory) Bytes() []byte { return m.bytes }

// View is a view of it. Several views in one process stand for several children, except that none of them dies alone.
func (m *Memory) View() *shm.Mapping { return shm.New(unsafe.Pointer(&m.bytes[0])) }

// New makes a formatted mapping with this process attached as a child.
func New(t testing.TB) *shm.Mapping {
	t.Helper()
	m := NewMemory(t).View()
	m.Format()
	if _, err := m.Attach(); err != nil {
		t.Fatal(err)
	}
	return m
}

// roleVariable tells a process started by Start what it is.
const roleVariable = "SHMTEST_ROLE"

// Role is what another process does with the shared memory; what it returns ends it.
type Role func(m *Memory, p *Peer) error

// Main is for TestMain of a package whose tests call Start: it plays the role in the processes that Start starts, and
// runs the tests otherwise.
func Main(m *testing.M, roles map[string]Role) {
	name := os.Getenv(roleVariable)
	if name == "" {
		os.Exit(m.Run())
	}
	if err := play(roles[name]); err != nil {
		fmt.Fprintln(os.Stderr, name+":", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func play(role Role) error {
	m := &Memory{file: os.NewFile(3, "shmtest")}
	if err := m.mmap(); err != nil {
		return err
	}
	return role(m, &Peer{in: bufio.NewReader(os.Stdin), out: os.Stdout})
}

// Peer is the other end of a pair of pipes: of the process, in the test; of the test, in the process.
type Peer struct {
	in  *bufio.Reader
	out io.Writer
}

// Say sends a line.
func (p *Peer) Say(line string) error {
	_, err := fmt.Fprintln(p.out, line)
	return err
}

// Hear waits for a line; io.EOF when the other end is gone.
func (p *Peer) Hear() (string, error) {
	line, err := p.in.ReadString('\n')
	if err != nil {
		return "", err
	}
	return line[:len(line)-1], nil
}

// Process is a process started by Start.
type Process struct {
	*Peer
	t   testing.TB
	cmd *exec.Cmd
}

// Start starts this test binary again, in the role, sharing the memory. It is killed when the test ends.
func (m *Memory) Start(t testing.TB, role string) *Process {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	cmd.ExtraFiles = []*os.File{m.file}
	cmd.Stderr = os.Stderr
	in, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &Process{Peer: &Peer{in: bufio.NewReader(in), out: out}, t: t, cmd: cmd}
	t.Cleanup(p.Kill)
	return p
}

// Expect waits for a line and fails the test if it is another one.
func (p *Process) Expect(want string) {
	p.t.Helper()
	got, err := p.Hear()
	if err != nil || got != want {
		p.t.Fatalf("heard %q (%v), want %q", got, err, want)
	}
}

// Kill kills the process (SIGKILL) and waits until it is gone. A second time it does nothing.
func (p *Process) Kill() {
	if p.cmd.ProcessState != nil {
		return
	}
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// Wait waits for the process to end by itself and fails the test if it reports an error.
func (p *Process) Wait() {
	p.t.Helper()
	if err := p.cmd.Wait(); err != nil {
		p.t.Fatal(err)
	}
}
