// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"fmt"
	"slices"
	"strings"
)

// referencesMax is how deep references may be nested.
const referencesMax = 20

const referenceSuffix = ".reference"

// resolveReferences gives every worker what its reference points to. A worker's own properties win over those of its
// template, and those of a template over the ones of the template's template.
func (s *store) resolveReferences() {
	done := map[string]bool{}
	for _, p := range slices.Clone(s.settings) {
		if owner, found := strings.CutSuffix(p.name, referenceSuffix); found && strings.HasPrefix(owner, workerPrefix) {
			s.resolve(owner, nil, done)
		}
	}
}

// resolve takes over the properties that owner's reference points to, after resolving the reference of those. path are the
// owners on the way here. It returns false, with a finding, if that is impossible.
func (s *store) resolve(owner string, path []string, done map[string]bool) bool {
	ref := s.index[owner+referenceSuffix]
	if ref == nil || done[owner] {
		return true
	}
	if slices.Contains(path, owner) {
		s.report.add(idRefLoop, ref.at, fmt.Sprintf("Recursion limit %d for worker references reached: %s leads back to %s",
			referencesMax, ref.show(), quoteName(owner)), "references without a loop", "httpd does not start")
		return false
	}
	if len(path) >= referencesMax {
		s.report.add(idRefDepth, ref.at, fmt.Sprintf("Recursion limit %d for worker references reached with %s", referencesMax, ref.show()),
			fmt.Sprintf("at most %d references in a row", referencesMax), "httpd does not start")
		return false
	}
	if !s.resolve(ref.value, append(slices.Clone(path), owner), done) {
		return false
	}
	done[owner] = true
	return s.inherit(ref, owner)
}

// inherit copies what begins with the value of ref to owner.
func (s *store) inherit(ref *setting, owner string) bool {
	from, found := ref.value+".", false
	for _, p := range slices.Clone(s.settings) {
		rest, ok := strings.CutPrefix(p.name, from)
		if !ok {
			continue
		}
		found = true
		if name := owner + "." + rest; s.index[name] == nil && s.inheritable(p, name) {
			copied := *p
			copied.name = name
			s.add(&copied)
		}
	}
	if !found {
		s.report.add(idRefNotFound, ref.at, fmt.Sprintf("Reference %s not found", ref.show()),
			"the beginning of properties that are set, such as worker.template, without a dot at the end", "httpd does not start")
	}
	return found
}

// inheritable says whether name may be set. A template made of variables may hold what no worker has.
func (s *store) inheritable(p *setting, name string) bool {
	if row, _ := knownAttribute(attribute(name)); row != nil {
		return true
	}
	s.report.add(idRefUnsupported, p.at, "The attribute "+quoteName(p.name)+" is not supported", "the attributes of docs/workers.properties.md",
		"workers that refer to it do not get it")
	return false
}
