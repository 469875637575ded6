package shm

import (
	"bytes"
	"strconv"

	"golang.org/x/sys/unix"
)

// identity names a process in one word: the low half of its start time (clock ticks since boot), then its pid. The start
// time tells a process from an earlier one that had the same pid. 0 is nobody.
type identity uint64

func newIdentity(pid uint32, start uint64) identity {
	return identity(start<<32 | uint64(pid))
}

func (id identity) pid() int { return int(uint32(id)) }

func (id identity) start() uint32 { return uint32(id >> 32) }

func selfIdentity() identity {
	pid := unix.Getpid()
	stat, _ := readStat(pid)
	return newIdentity(uint32(pid), stat.start)
}

// alive reports whether the process still runs. A zombie does not. Where /proc says nothing, or said nothing when the
// identity was made, the pid alone decides.
func (id identity) alive() bool {
	if unix.Kill(id.pid(), 0) == unix.ESRCH {
		return false
	}
	stat, ok := readStat(id.pid())
	if !ok {
		return true
	}
	if stat.dead {
		return false
	}
	return id.start() == 0 || id.start() == uint32(stat.start)
}

// procStat is what we want of /proc/<pid>/stat.
type procStat struct {
	start uint64 // field 22, clock ticks since boot
	dead  bool   // field 3 is Z or X
}

func readStat(pid int) (procStat, bool) {
	var path [32]byte
	name := strconv.AppendInt(append(path[:0], "/proc/"...), int64(pid), 10)
	fd, err := unix.Open(string(append(name, "/stat"...)), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return procStat{}, false
	}
	defer unix.Close(fd)
	var buf [1024]byte
	n, err := unix.Read(fd, buf[:])
	if err != nil || n <= 0 {
		return procStat{}, false
	}
	return parseStat(buf[:n])
}

// parseStat reads a line of /proc/<pid>/stat. The second field is the program's name in parentheses, which may hold
// anything, so fields are counted from the last closing one.
func parseStat(line []byte) (procStat, bool) {
	end := bytes.LastIndexByte(line, ')')
	if end < 0 {
		return procStat{}, false
	}
	fields := bytes.Fields(line[end+1:])
	const state, start = 0, 22 - 3 // the first of these fields is the third
	if len(fields) <= start {
		return procStat{}, false
	}
	ticks, err := strconv.ParseUint(string(fields[start]), 10, 64)
	if err != nil {
		return procStat{}, false
	}
	letter := fields[state][0]
	return procStat{start: ticks, dead: letter == 'Z' || letter == 'X'}, true
}
