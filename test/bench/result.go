// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

import (
	"encoding/json"
	"os"
	"slices"
	"time"
)

// report is a whole run: what build/bench.json holds, and all that is rendered from.
type report struct {
	Machine machine   `json:"machine"`
	Begun   time.Time `json:"begun"`
	Seconds float64   `json:"seconds"`
	Quick   bool      `json:"quick"`
	Only    string    `json:"only,omitempty"` // of -run
	Results []result  `json:"results"`
}

// result is a measured workload.
type result struct {
	Name     string             `json:"name"`
	Group    string             `json:"group"`
	Title    string             `json:"title"`
	Remarks  []string           `json:"remarks,omitempty"`
	Missing  string             `json:"missing,omitempty"` // why there are no figures
	Variants []string           `json:"variants"`
	Shows    []metric           `json:"shows"`
	Figures  map[string]figures `json:"figures,omitempty"` // by variant
	Checks   []check            `json:"checks,omitempty"`
	Rounds   []round            `json:"rounds,omitempty"`
}

// check is a target beside what was measured.
type check struct {
	Metric  metric  `json:"metric"`
	Variant string  `json:"variant"`
	Ratio   bool    `json:"ratio"`
	Target  string  `json:"target"`
	Limit   float64 `json:"limit"`
	Figure  stat    `json:"figure"` // Rounds 0: not measured
	Met     bool    `json:"met"`
	Open    bool    `json:"open"` // some rounds met it and some did not
}

// describe is the result of a workload without figures.
func describe(w *workload) result {
	res := result{Name: w.name, Group: w.group, Title: w.title, Shows: w.shows}
	if w.remark != "" {
		res.Remarks = []string{w.remark}
	}
	for _, v := range w.variants {
		res.Variants = append(res.Variants, v.name)
	}
	for _, t := range w.targets {
		res.Checks = append(res.Checks, check{Metric: t.metric, Variant: t.who(), Ratio: t.ratio, Target: t.String(), Limit: t.limit})
	}
	return res
}

// fill puts the figures in.
func (res *result) fill(w *workload, rounds []round, remarks []string) {
	res.Rounds, res.Remarks = rounds, append(res.Remarks, remarks...)
	res.Figures = summarise(w.variants, rounds)
	for i, t := range w.targets {
		res.Checks[i].judge(t, res.Figures[t.who()])
	}
}

// judge compares.
func (c *check) judge(t target, f figures) {
	of := f.Values
	if t.ratio {
		of = f.Ratios
	}
	c.Figure = of[t.metric]
	if c.Figure.Rounds == 0 {
		return
	}
	c.Met = t.met(c.Figure.Median)
	c.Open = t.met(c.Figure.Low) != t.met(c.Figure.High)
}

// has reports whether any variant has the metric.
func (res *result) has(m metric) bool {
	return slices.ContainsFunc(res.Variants, func(v string) bool { return res.Figures[v].Values[m].Rounds > 0 })
}

// find returns the result of a workload, nil if there is none with figures.
func (rep *report) find(name string) *result {
	for i := range rep.Results {
		if rep.Results[i].Name == name && rep.Results[i].Missing == "" {
			return &rep.Results[i]
		}
	}
	return nil
}

// write keeps the report in a file.
func (rep *report) write(file string) error {
	text, err := json.MarshalIndent(rep, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}

// readReport reads what write wrote.
func readReport(file string) (*report, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	rep := &report{}
	return rep, json.Unmarshal(text, rep)
}
