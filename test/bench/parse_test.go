// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

import (
	"bufio"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseWrk(t *testing.T) {
	const good = `Running 2s test @ http://127.0.0.1:1/128
  1 threads and 16 connections
  Latency Distribution
     50%  512.00us
     75%  600.00us
     90%  700.00us
     99%    1.50ms
  20000 requests in 2.00s, 5.00MB read
Requests/sec:  10000.00
`
	for _, tt := range []struct {
		name, report, err string
		want              outcome
	}{
		{"good", good, "", outcome{requests: 20000, seconds: 2, p50: 0.512, p99: 1.5}},
		{"refused", good + "  Non-2xx or 3xx responses: 7\n", "", outcome{requests: 20000, seconds: 2, p50: 0.512, p99: 1.5, failed: 7}},
		{"socket errors", good + "  Socket errors: connect 0, read 3, write 0, timeout 0\n", "read 3", outcome{}},
		{"nothing", "", "cannot read", outcome{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseWrk(tt.report)
			if tt.err != "" {
				require.ErrorContains(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}

// TestConverse: the counters are read between "ready" and the end, and a client that ends early or talks nonsense is an error.
func TestConverse(t *testing.T) {
	for _, tt := range []struct {
		name, output, err string
		steps             string
	}{
		{"good", "ready 0\nrequests 10\nseconds 2.5\np50 1500\nend 0\n", "", "before after "},
		{"ends before it is ready", "", `waiting for "ready"`, ""},
		{"ends before it is done", "ready 0\nrequests 10\n", `waiting for "end"`, "before "},
		{"nonsense", "ready 0\nwhat\n", `"what`, "before "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			steps := ""
			step := func(name string) func() error {
				return func() error {
					steps += name + " "
					return nil
				}
			}
			o, err := converse(bufio.NewReader(strings.NewReader(tt.output)), discard{}, step("before"), step("after"))
			require.Equal(t, tt.steps, steps)
			if tt.err != "" {
				require.ErrorContains(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, outcome{requests: 10, seconds: 2.5, p50: 1.5}, o)
		})
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return io.Discard.Write(p) }
func (discard) Close() error                { return nil }

// trace is what strace -f -yy prints, with calls that other threads interrupt.
const trace = `101 read(14<TCP:[127.0.0.1:80->127.0.0.1:5000]>, "GET"..., 8000) = 38
101 recvfrom(13<TCP:[127.0.0.1:40000->127.0.0.1:9001]>, 0x7f, 1, MSG_PEEK|MSG_DONTWAIT, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable)
101 sendto(13<TCP:[127.0.0.1:40000->127.0.0.1:9001]>, "x"..., 165, MSG_DONTWAIT|MSG_NOSIGNAL, NULL, 0) = 165
101 recvfrom(13<TCP:[127.0.0.1:40000->127.0.0.1:9001]>,  <unfinished ...>
102 futex(0x1, FUTEX_WAIT_PRIVATE, 2, NULL <unfinished ...>
101 <... recvfrom resumed>"y"..., 65536, 0, NULL, NULL) = 179
103 recvfrom(15<TCP:[127.0.0.1:40001->127.0.0.1:9002]>,  <unfinished ...>
102 <... futex resumed>) = 0
103 <... recvfrom resumed>0x7f, 1, MSG_PEEK|MSG_DONTWAIT, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable)
104 poll([{fd=15<TCP:[127.0.0.1:40001->127.0.0.1:9002]>, events=POLLIN}], 1, 0) = 0 (Timeout)
104 write(15<TCP:[127.0.0.1:40001->127.0.0.1:9002]>, "x"..., 165) = 165
104 setsockopt(15<TCP:[127.0.0.1:40001->127.0.0.1:9002]>, SOL_SOCKET, SO_RCVTIMEO_OLD, "x"..., 16) = 0
104 --- SIGURG {si_signo=SIGURG, si_code=SI_TKILL, si_pid=1, si_uid=33} ---
101 writev(14<TCP:[127.0.0.1:9001->127.0.0.1:5000]>, [{iov_base="H"..., iov_len=2}], 1) = 278
`

func TestCountCalls(t *testing.T) {
	require.Equal(t, sample{syscalls: 10, sends: 2, receives: 1, checks: 3, others: 1}, countCalls(trace, []int{9001, 9002}))
	require.Equal(t, sample{syscalls: 10, sends: 1, receives: 1, checks: 1, others: 0}, countCalls(trace, []int{9001}))
	require.Equal(t, sample{syscalls: 0, sends: 0, receives: 0, checks: 0, others: 0}, countCalls("", []int{9001}))
}

func TestPerfCount(t *testing.T) {
	n, err := perfCount("# started on Sun Nov 22\n\n1234567,,instructions:u,100,100.00,,\n")
	require.NoError(t, err)
	require.InDelta(t, 1234567, n, 0)
	for _, output := range []string{"", "<not supported>,,instructions:u,0,100.00,,\n", "5,,cycles:u,0,100.00,,\n"} {
		_, err := perfCount(output)
		require.Error(t, err, output)
	}
}

func TestChildInits(t *testing.T) {
	took, used := childInits("[bench:notice] bench: child_init took 12500 us, 5000 us of CPU\n[x] other\n[bench:notice] bench: child_init took 3 us, 1 us of CPU\n")
	require.Equal(t, []float64{12.5, 0.003}, took)
	require.Equal(t, []float64{5, 0.001}, used)
}

func TestParseResident(t *testing.T) {
	require.Equal(t, resident{now: 2 << 20, peak: 3 << 20}, parseResident([]byte("Name:\tx\nVmHWM:\t    3072 kB\nVmRSS:\t    2048 kB\nThreads:\t1\n")))
}

// TestBusyTicks: idle and waiting for disks is not busy, and what guests used is counted once.
func TestBusyTicks(t *testing.T) {
	require.Equal(t, uint64(1+2+4+64+128+256), busyTicks("cpu  1 2 4 8 16 64 128 256 512 1024\ncpu0 1 2 4 8 16 64 128 256 512 1024\n"))
	require.Zero(t, busyTicks(""))
}

func TestMachine_Busy(t *testing.T) {
	for _, tt := range []struct {
		name string
		m    machine
		want bool
	}{
		{"quiet", machine{LoadBefore: 0.2, Foreign: 0.01}, false},
		{"busy before", machine{LoadBefore: 0.9}, true},
		{"others during the run", machine{Foreign: 0.2}, true},
	} {
		t.Run(tt.name, func(t *testing.T) { require.Equal(t, tt.want, tt.m.busy()) })
	}
	require.Equal(t, "6.18.44", release("6.18.44-some-host-v1"), "a host's own names stay out")
}
