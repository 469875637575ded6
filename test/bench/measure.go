package main

import (
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"time"
)

// sample is one measurement of one variant.
type sample struct {
	RequestsPerSecond float64 `json:"requests_per_second"`
	CPU               float64 `json:"cpu_us_per_request"` // microseconds of httpd's children
	P99               float64 `json:"p99_ms"`             // milliseconds
	Switches          float64 `json:"context_switches_per_request"`
	Memory            float64 `json:"private_kib_per_child"` // KiB
}

// round is the samples of one round, by variant.
type round map[string]sample

// load is what wrk reports.
type load struct {
	requests float64
	seconds  float64
	p99      float64 // milliseconds
	refused  int     // responses other than 2xx and 3xx
}

var (
	wrkTotal   = regexp.MustCompile(`(\d+) requests in ([0-9.]+)(us|ms|s|m)`)
	wrkP99     = regexp.MustCompile(`99%\s+([0-9.]+)(us|ms|s|m)`)
	wrkRefused = regexp.MustCompile(`Non-2xx or 3xx responses: (\d+)`)
	wrkErrors  = regexp.MustCompile(`Socket errors: .*`)
)

// load runs wrk against a variant. Errors on the way, or answers that are none, make the measurement worthless.
func (r *rig) load(p *plan, v variant, seconds float64) (load, error) {
	out, err := exec.Command(r.wrk, "-t", "1", "-c", strconv.Itoa(p.Connections), "-d", fmt.Sprintf("%.0fs", max(seconds, 1)), "--latency", v.url).CombinedOutput()
	if err != nil {
		return load{}, fmt.Errorf("wrk: %w\n%s", err, out)
	}
	l, err := parse(string(out))
	if err != nil {
		return load{}, err
	}
	if l.refused > 0 && v.name != "floor" {
		return load{}, fmt.Errorf("%d of %.0f requests failed", l.refused, l.requests)
	}
	return l, nil
}

// parse reads wrk's report.
func parse(report string) (load, error) {
	if e := wrkErrors.FindString(report); e != "" {
		return load{}, errors.New(e)
	}
	total, p99 := wrkTotal.FindStringSubmatch(report), wrkP99.FindStringSubmatch(report)
	if total == nil || p99 == nil {
		return load{}, fmt.Errorf("cannot read wrk's report:\n%s", report)
	}
	l := load{seconds: seconds(total[2], total[3]), p99: seconds(p99[1], p99[2]) * 1000}
	l.requests, _ = strconv.ParseFloat(total[1], 64)
	if refused := wrkRefused.FindStringSubmatch(report); refused != nil {
		l.refused, _ = strconv.Atoi(refused[1])
	}
	return l, nil
}

// seconds converts a number of wrk with its unit.
func seconds(number, unit string) float64 {
	n, _ := strconv.ParseFloat(number, 64)
	return n * map[string]float64{"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60}[unit]
}

// measure takes one sample.
func (r *rig) measure(p *plan, v variant) (sample, error) {
	before, err := v.httpd.Usage()
	if err != nil {
		return sample{}, err
	}
	l, err := r.load(p, v, p.Duration.Seconds())
	if err != nil {
		return sample{}, err
	}
	after, err := v.httpd.Usage()
	if err != nil {
		return sample{}, err
	}
	memory, err := v.httpd.PrivateMemory()
	if err != nil {
		return sample{}, err
	}
	var bytes uint64
	for _, n := range memory {
		bytes += n
	}
	return sample{
		RequestsPerSecond: l.requests / l.seconds,
		CPU:               float64((after.CPU-before.CPU)/time.Microsecond) / l.requests,
		P99:               l.p99,
		Switches:          float64(after.ContextSwitches-before.ContextSwitches) / l.requests,
		Memory:            float64(bytes) / 1024 / float64(len(memory)),
	}, nil
}
