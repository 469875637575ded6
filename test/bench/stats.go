// Licensed under the Apache License, Version 2.0; see LICENSE.

package main

import "slices"

// stat is a figure over the rounds.
type stat struct {
	Median float64 `json:"median"`
	Low    float64 `json:"low"` // smallest and largest of a round
	High   float64 `json:"high"`
	Rounds int     `json:"rounds"` // that have the figure; 0: none, the rest means nothing
}

// statOf summarises values, which it leaves as they are.
func statOf(values []float64) stat {
	if len(values) == 0 {
		return stat{}
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	s := stat{Median: sorted[middle], Low: sorted[0], High: sorted[len(sorted)-1], Rounds: len(sorted)}
	if len(sorted)%2 == 0 {
		s.Median = (sorted[middle-1] + sorted[middle]) / 2
	}
	return s
}

// figures is what is known of one variant.
type figures struct {
	Values map[metric]stat `json:"values"`
	Ratios map[metric]stat `json:"ratios"` // of the ratios within a round to the variant's base
}

// summarise takes medians of values, and of the ratios within each round.
func summarise(variants []variant, rounds []round) map[string]figures {
	all := map[string]figures{}
	for i := range variants {
		v := &variants[i]
		f := figures{Values: map[metric]stat{}, Ratios: map[metric]stat{}}
		for m := range metricsOf(v.name, rounds) {
			f.Values[m] = statOf(valuesOf(v.name, m, rounds))
			if ratios := ratiosOf(v, m, rounds); len(ratios) > 0 {
				f.Ratios[m] = statOf(ratios)
			}
		}
		all[v.name] = f
	}
	return all
}

func metricsOf(name string, rounds []round) map[metric]bool {
	set := map[metric]bool{}
	for _, r := range rounds {
		for m := range r[name] {
			set[m] = true
		}
	}
	return set
}

func valuesOf(name string, m metric, rounds []round) []float64 {
	var values []float64
	for _, r := range rounds {
		if v, ok := r[name][m]; ok {
			values = append(values, v)
		}
	}
	return values
}

// ratiosOf leaves out rounds where the base has nothing to compare with.
func ratiosOf(v *variant, m metric, rounds []round) []float64 {
	var ratios []float64
	for _, r := range rounds {
		mine, ok := r[v.name][m]
		base := r[v.base][m]
		if ok && base > 0 {
			ratios = append(ratios, mine/base)
		}
	}
	return ratios
}

// derive adds what a variant has above the floor of the same round.
func derive(r round, variants []variant) {
	var below sample
	for _, v := range variants {
		if v.name == floor {
			below = r[v.name]
		}
	}
	for _, v := range variants {
		if s := r[v.name]; below != nil && v.module != floor {
			for derived, from := range map[metric]metric{own: cpu, extra: threads} {
				if value, ok := s[from]; ok {
					s[derived] = value - below[from]
				}
			}
		}
	}
}
