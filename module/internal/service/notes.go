// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"strconv"
	"time"

	"mod_gojk/balancer"
	"mod_gojk/module/internal/registry"
)

// This file writes what is noted of a request that is over (mod_jk-surface 2.3): texts into the shim's memory, so that the shim only has to
// hang them into httpd's table of notes.

// noteDuration notes how long the request took.
func (s *Served) noteDuration(took time.Duration) {
	s.Duration = took.Microseconds()
	text := strconv.AppendInt(s.DurationText[:0], s.Duration/1e6, 10)
	text = append(text, '.')
	for unit := int64(1e5); unit > 0; unit /= 10 {
		text = append(text, byte('0'+s.Duration/unit%10))
	}
	s.DurationText[len(text)] = 0
}

// noteRoute notes the route of the member that answered, or what stands for it.
func (s *Served) noteRoute(route string) { store(s.Route[:], route) }

// noteMembers notes the first and the last member that a balancer tried: nearly always the same one, at the same moment.
func (s *Served) noteMembers(members []*registry.Worker, r *balancer.Result) {
	s.First.fill(members, &r.First)
	if r.Attempts == 1 && r.Last.Member >= 0 {
		s.OneMember = 1
		return
	}
	s.Last.fill(members, &r.Last)
}

// fill notes a member, if one was tried.
func (m *MemberNote) fill(members []*registry.Worker, n *balancer.Note) {
	if n.Member < 0 {
		return
	}
	store(m.Name[:], members[n.Member].Name)
	for i, v := range [...]uint64{n.Value, n.Accessed, n.Sessions, n.Read, n.Transferred, n.Errors, uint64(max(n.Busy, 0))} {
		text := strconv.AppendUint(m.Numbers[i][:0], v, 10)
		m.Numbers[i][len(text)] = 0
	}
	store(m.Activation[:], n.Activation.String())
	store(m.State[:], n.State.String())
}

// store writes a C string, cut to its room.
func store(room []byte, text string) {
	n := copy(room[:len(room)-1], text)
	room[n] = 0
}
