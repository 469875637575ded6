package harness

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// clockTick is the unit of times in /proc/PID/stat: 100 a second on every Linux that Go runs on.
const clockTick = time.Second / 100

// Usage is what a process has used since it began.
type Usage struct {
	CPU             time.Duration // user and system; of the threads that are alive, or of all in steps of 10 ms where the kernel counts no better
	ContextSwitches uint64        // voluntary and not, of the threads that are alive
}

// Pid is the pid of httpd's parent, 0 if it is not started.
func (h *HTTPD) Pid() int {
	if h.cmd == nil || h.cmd.Process == nil {
		return 0
	}
	return h.cmd.Process.Pid
}

// Children returns the pids of httpd's children in ascending order, without commands that write logs and the daemon of mod_cgid. With httpd -X: the
// one process.
func (h *HTTPD) Children() []int {
	if h.opts.OneProcess {
		return []int{h.Pid()}
	}
	program, _ := os.Readlink(procFile(h.Pid(), "exe"))
	daemon := h.cgidSocket()
	return slices.DeleteFunc(processes(func(s stat) bool { return s.parent == h.Pid() }), func(pid int) bool {
		runs, _ := os.Readlink(procFile(pid, "exe"))
		return runs != program || daemon != "" && hasOpen(pid, daemon)
	})
}

// isOutdated reports whether a child has the shared memory of a generation that is over: one that the parent started when the restart was on its way. What the
// parent still has itself is not over.
func (h *HTTPD) isOutdated(pid int) bool {
	parents := h.deletedFiles(h.Pid())
	return slices.ContainsFunc(h.deletedFiles(pid), func(inode string) bool { return !slices.Contains(parents, inode) })
}

// deletedFiles are the inodes of mapped files of the scratch folder that exist no more.
func (h *HTTPD) deletedFiles(pid int) (inodes []string) {
	maps, _ := os.ReadFile(procFile(pid, "maps"))
	for line := range strings.Lines(string(maps)) {
		if f := strings.Fields(line); len(f) > 6 && strings.HasPrefix(f[5], h.Dir+"/") && f[6] == "(deleted)" {
			inodes = append(inodes, f[4])
		}
	}
	return inodes
}

// Commands returns the pids of the other programs that httpd has started, above all those that write logs.
func (h *HTTPD) Commands() []int {
	program, _ := os.Readlink(procFile(h.Pid(), "exe"))
	return slices.DeleteFunc(processes(func(s stat) bool { return s.parent == h.Pid() }), func(pid int) bool {
		runs, _ := os.Readlink(procFile(pid, "exe"))
		return runs == program
	})
}

// cgidSocket is the socket on which mod_cgid's daemon waits, as /proc/PID/fd has it; empty if there is none.
func (h *HTTPD) cgidSocket() string {
	data, _ := os.ReadFile("/proc/net/unix")
	for line := range strings.Lines(string(data)) {
		f := strings.Fields(line)
		if len(f) == 8 && f[3] == "00010000" && strings.HasPrefix(f[7], h.path(cgidSocket)) { // it listens
			return "socket:[" + f[6] + "]"
		}
	}
	return ""
}

// hasOpen reports whether a process has the thing of that name open.
func hasOpen(pid int, name string) bool {
	files, _ := filepath.Glob(procFile(pid, "fd/*"))
	return slices.ContainsFunc(files, func(file string) bool {
		target, _ := os.Readlink(file)
		return target == name
	})
}

// Usage sums up what the children that are alive have used.
func (h *HTTPD) Usage() (Usage, error) {
	var sum Usage
	for _, pid := range h.Children() {
		u, err := ProcessUsage(pid)
		if err != nil {
			return Usage{}, err
		}
		sum.CPU += u.CPU
		sum.ContextSwitches += u.ContextSwitches
	}
	return sum, nil
}

// PrivateMemory is the memory that belongs to each child alone, in bytes, by pid.
func (h *HTTPD) PrivateMemory() (map[int]uint64, error) {
	memory := map[int]uint64{}
	for _, pid := range h.Children() {
		n, err := privateMemory(pid)
		if err != nil {
			return nil, err
		}
		memory[pid] = n
	}
	return memory, nil
}

// ParentMaps is /proc/PID/maps of the parent.
func (h *HTTPD) ParentMaps() (string, error) { return ProcessMaps(h.Pid()) }

// ProcessMaps is /proc/PID/maps.
func ProcessMaps(pid int) (string, error) {
	data, err := os.ReadFile(procFile(pid, "maps"))
	return string(data), err
}

// ProcessUsage reads what a process has used.
func ProcessUsage(pid int) (Usage, error) {
	s, err := readStat(pid)
	if err != nil {
		return Usage{}, err
	}
	u := Usage{}
	tasks, err := filepath.Glob(procFile(pid, "task/*/status"))
	if err != nil {
		return Usage{}, err
	}
	for _, task := range tasks {
		u.ContextSwitches += sumFields(task, "voluntary_ctxt_switches:", "nonvoluntary_ctxt_switches:")
		u.CPU += runTime(filepath.Dir(task))
	}
	if u.CPU == 0 {
		u.CPU = s.cpu
	}
	return u, nil
}

// runTime is how long a thread has run, from its schedstat (nanoseconds); 0 if the kernel does not say, or the thread is gone.
func runTime(task string) time.Duration {
	data, err := os.ReadFile(filepath.Join(task, "schedstat"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(data), " ")
	n, _ := strconv.ParseInt(first, 10, 64)
	return time.Duration(n)
}

// privateMemory is in bytes.
func privateMemory(pid int) (uint64, error) {
	file := procFile(pid, "smaps_rollup")
	if _, err := os.Stat(file); err != nil {
		return 0, err
	}
	return sumFields(file, "Private_Clean:", "Private_Dirty:") << 10, nil
}

// sumFields adds the numbers of the lines "name number ..." of a file; 0 for one that is gone.
func sumFields(file string, names ...string) uint64 {
	data, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	var sum uint64
	for scan := bufio.NewScanner(bytes.NewReader(data)); scan.Scan(); {
		fields := strings.Fields(scan.Text())
		if len(fields) >= 2 && slices.Contains(names, fields[0]) {
			n, _ := strconv.ParseUint(fields[1], 10, 64)
			sum += n
		}
	}
	return sum
}

// stat is the part of /proc/PID/stat that matters here.
type stat struct {
	state         byte
	parent, group int
	cpu           time.Duration
}

func readStat(pid int) (stat, error) {
	data, err := os.ReadFile(procFile(pid, "stat"))
	if err != nil {
		return stat{}, err
	}
	// The second field is the program's name in parentheses and may contain anything; count from its end.
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	if len(fields) < 13 {
		return stat{}, fmt.Errorf("harness: %s has %d fields", procFile(pid, "stat"), len(fields))
	}
	number := func(i int) int { n, _ := strconv.Atoi(fields[i]); return n }
	ticks := number(11) + number(12)
	return stat{state: fields[0][0], parent: number(1), group: number(2), cpu: time.Duration(ticks) * clockTick}, nil
}

// processes returns the pids that satisfy, in ascending order. Zombies are left out.
func processes(satisfy func(stat) bool) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var pids []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		s, err := readStat(pid)
		if err == nil && s.state != 'Z' && s.state != 'X' && satisfy(s) {
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	return pids
}

// groupMembers returns the processes of a process group.
func groupMembers(group int) []int {
	return processes(func(s stat) bool { return s.group == group })
}

func procFile(pid int, name string) string { return filepath.Join("/proc", strconv.Itoa(pid), name) }
