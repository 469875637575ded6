package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// plan is what to measure.
type plan struct {
	Rounds      int           `json:"rounds"`
	Duration    time.Duration `json:"-"` // of one measurement
	Warmup      time.Duration `json:"-"` // of each variant before the first round
	Connections int           `json:"connections"`
	Size        int           `json:"size"` // bytes of a response body
	Children    int           `json:"children"`
	Threads     int           `json:"threads"` // per child
	MPM         string        `json:"mpm"`
	Modules     []string      `json:"modules"`
	ModuleFile  string        `json:"-"` // of mod_gojk; empty: build/mod_gojk.so
}

func main() {
	p := plan{}
	flag.IntVar(&p.Rounds, "rounds", 7, "rounds; each measures every module once")
	flag.DurationVar(&p.Duration, "duration", 4*time.Second, "duration of one measurement")
	flag.IntVar(&p.Connections, "connections", 16, "keep-alive connections of wrk")
	flag.IntVar(&p.Size, "size", 128, "bytes of a response body")
	flag.IntVar(&p.Children, "children", 1, "httpd children")
	flag.IntVar(&p.Threads, "threads", 25, "threads per httpd child")
	flag.StringVar(&p.MPM, "mpm", "event", "httpd's process model: event, worker or prefork")
	flag.StringVar(&p.ModuleFile, "module", "", "the `file` of mod_gojk; empty: build/mod_gojk.so")
	modules := flag.String("modules", "gojk,jk,proxy_ajp,floor", "what to measure")
	quick := flag.Bool("quick", false, "3 rounds of 2 seconds")
	out := flag.String("json", "", "write the result as JSON to this `file`, too (- for the output, instead of the table)")
	flag.Parse()
	if *quick {
		p.Rounds, p.Duration = 3, 2*time.Second
	}
	p.Warmup = min(p.Duration, time.Second)
	p.Modules = strings.Split(*modules, ",")
	if err := run(&p, *out); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures and reports.
func run(p *plan, out string) error {
	progress := io.Writer(os.Stderr)
	rig, err := assemble(p)
	if err != nil {
		return err
	}
	defer rig.close()
	rounds, err := rig.measureAll(p, progress)
	if err != nil {
		return err
	}
	result := summarise(p, rounds)
	if out != "-" {
		result.print(os.Stdout)
	}
	if out == "" {
		return nil
	}
	text, err := json.MarshalIndent(result, "", "  ")
	if err != nil {
		return err
	}
	if out == "-" {
		_, err = fmt.Println(string(text))
		return err
	}
	return os.WriteFile(out, append(text, '\n'), 0o644)
}
