// Licensed under the Apache License, Version 2.0; see LICENSE.

// Command summary reads "go test -json" and prints what a person wants to know: the output of tests that failed, each skipped test, a line for each
// package, and how many tests passed, failed and were skipped. It exits 1 if any failed or was skipped.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// event is a line of "go test -json".
type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64
}

func main() {
	counts := map[string]int{}
	output := map[string]*strings.Builder{}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 64<<20)
	for in.Scan() {
		var e event
		if json.Unmarshal(in.Bytes(), &e) != nil {
			fmt.Println(in.Text())
			continue
		}
		handle(&e, counts, output)
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", counts["pass"], counts["fail"], counts["skip"])
	if counts["fail"]+counts["skip"]+counts["broken"] > 0 {
		os.Exit(1)
	}
}

func handle(e *event, counts map[string]int, output map[string]*strings.Builder) {
	key := e.Package + " " + e.Test
	switch e.Action {
	case "output", "build-output":
		if output[key] == nil {
			output[key] = &strings.Builder{}
		}
		output[key].WriteString(e.Output)
	case "build-fail":
		counts["broken"]++
		fmt.Print(output[key])
	case "pass", "fail", "skip":
		if e.Test != "" {
			counts[e.Action]++
		}
		report(e, output[key])
		delete(output, key)
	}
}

func report(e *event, output *strings.Builder) {
	if output != nil && e.Action == "fail" {
		fmt.Print(output)
	}
	switch {
	case e.Test == "" && e.Action == "fail":
		fmt.Printf("FAIL %s\n", e.Package)
	case e.Test == "" && e.Action == "pass":
		fmt.Printf("ok   %s %.1fs\n", e.Package, e.Elapsed)
	case e.Test != "" && e.Action == "skip":
		fmt.Printf("SKIP %s %s\n", e.Package, e.Test)
	}
}
