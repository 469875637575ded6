package harness

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// pipedScript is the command that writes a log. It ends at the end of its input, or when httpd tells it to (at each restart and at the end, and then
// httpd waits for it), but not before it has written what is there: a test must not miss a line that was written. The signals of the whole group are
// httpd's business.
const (
	pipedScript = "log.pl"
	pipedText   = `use Fcntl;
$SIG{$_} = 'IGNORE' for qw(HUP INT USR1 WINCH);
$SIG{TERM} = sub { fcntl(STDIN, F_SETFL, O_NONBLOCK) };
open(my $log, '>>', $ARGV[0]) or die "$ARGV[0]: $!";
for (;;) {
    my $n = sysread(STDIN, my $text, 65536);
    if ($n) { syswrite($log, $text); }
    elsif (defined($n) || !$!{EINTR}) { exit; }
}
`
)

// logTarget is a log as httpd.conf names it: a file of the scratch folder, or a command that writes it.
func (h *HTTPD) logTarget(name string) string {
	if h.Has(piped) {
		return fmt.Sprintf("\"|/usr/bin/env perl %s %s\"", h.path(pipedScript), h.path(name))
	}
	return fmt.Sprintf("%q", h.path(name))
}

// LogCommands returns the pids of the commands that write logs.
func (h *HTTPD) LogCommands() []int {
	if h.cmd == nil || h.cmd.Process == nil {
		return nil
	}
	pid := h.cmd.Process.Pid
	list, err := os.ReadFile(procFile(pid, fmt.Sprintf("task/%d/children", pid)))
	var pids []int
	for word := range strings.FieldsSeq(string(list)) {
		pid, _ := strconv.Atoi(word)
		pids = append(pids, pid)
	}
	if err != nil { // httpd has ended, the commands perhaps not yet
		pids = groupMembers(pid)
	}
	return slices.DeleteFunc(pids, func(pid int) bool {
		line, _ := os.ReadFile(procFile(pid, "cmdline"))
		return !strings.Contains(string(line), "/"+pipedScript)
	})
}

// settleLogs waits until the commands have written what httpd has written so far.
func (h *HTTPD) settleLogs() {
	if !h.Has(piped) {
		return
	}
	for _, pid := range h.LogCommands() {
		_ = await(fmt.Sprintf("log command %d to have written", pid), startDeadline, func() bool { return idle(pid) })
	}
}

// idle reports whether a command has written all that had been written to its standard input when idle was called: nothing is left in the pipe, and
// afterwards it waits for more. A command that is gone is idle.
func idle(pid int) bool {
	pipe, err := unix.Open(procFile(pid, "fd/0"), unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return true
	}
	defer unix.Close(pipe)
	left, err := unix.IoctlGetInt(pipe, unix.TIOCINQ)
	if err != nil || left > 0 {
		return err != nil
	}
	call, err := os.ReadFile(procFile(pid, "syscall"))
	return err != nil || strings.HasPrefix(string(call), fmt.Sprintf("%d 0x0 ", unix.SYS_READ))
}
