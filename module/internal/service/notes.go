// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"strconv"
	"time"
	"unsafe"

	"mod_gojk/balancer"
	"mod_gojk/module/internal/config"
	"mod_gojk/module/internal/registry"
)

// This file writes what is noted of a request that is over (mod_jk-surface 2.3): names and values as C strings into the shim's memory, so that the shim
// only has to hang them into httpd's table of notes. Each function is called once for a request.

// noteType notes what type of worker the request is mapped to.
func (s *Served) noteType(t config.Type) { s.note("JK_WORKER_TYPE", "", t.String()) }

// noteRoute notes the route of the member that answered, or what stands for it, cut to NameMax bytes: JK_ROUTE may be longer. "": nothing.
func (s *Served) noteRoute(route string) {
	route = route[:min(len(route), NameMax)]
	if route != "" {
		s.note("JK_WORKER_ROUTE", "", route)
		s.Route = s.Used - uint32(len(route)) - 1
	}
}

// noteDuration notes how long the request took, in seconds with six decimals.
func (s *Served) noteDuration(took time.Duration) {
	var room [24]byte
	s.Duration = took.Microseconds()
	text := append(strconv.AppendInt(room[:0], s.Duration/1e6, 10), '.')
	for unit := int64(1e5); unit > 0; unit /= 10 {
		text = append(text, byte('0'+s.Duration/unit%10))
	}
	s.note("JK_REQUEST_DURATION", "", borrow(text))
}

// noteMembers notes the first and the last member that a balancer tried: nearly always the same one, at the same moment.
func (s *Served) noteMembers(members []*registry.Worker, r *balancer.Result) {
	var room memberTexts
	if r.First.Member >= 0 {
		room.format(&r.First)
		s.noteMember("JK_LB_FIRST_", members[r.First.Member].Name, &r.First, &room)
	}
	if r.Last.Member >= 0 {
		if r.Attempts > 1 {
			room.format(&r.Last)
		}
		s.noteMember("JK_LB_LAST_", members[r.Last.Member].Name, &r.Last, &room)
	}
}

// memberNumbers are the names of the notes that are numbers, behind JK_LB_FIRST_ and JK_LB_LAST_.
var memberNumbers = [...]string{"VALUE", "ACCESSED", "SESSIONS", "READ", "TRANSFERRED", "ERRORS", "BUSY"}

// memberTexts are the numbers of a balancer.Note as texts.
type memberTexts struct {
	text [len(memberNumbers) * 20]byte // 20 digits at most
	end  [len(memberNumbers)]int
}

func (m *memberTexts) format(n *balancer.Note) {
	text := m.text[:0]
	for i, v := range [...]uint64{n.Value, n.Accessed, n.Sessions, n.Read, n.Transferred, n.Errors, uint64(max(n.Busy, 0))} {
		text = strconv.AppendUint(text, v, 10)
		m.end[i] = len(text)
	}
}

func (s *Served) noteMember(prefix, member string, n *balancer.Note, numbers *memberTexts) {
	s.note(prefix, "NAME", member)
	begin := 0
	for i, end := range numbers.end {
		s.note(prefix, memberNumbers[i], borrow(numbers.text[begin:end]))
		begin = end
	}
	s.note(prefix, "ACTIVATION", n.Activation.String())
	s.note(prefix, "STATE", n.State.String())
}

// borrow sees bytes as a string for one call.
func borrow(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// note adds a note whose name is in two parts. What does not fit is left out; there is room for all notes at their longest.
func (s *Served) note(name, rest, value string) {
	if len(name)+len(rest)+len(value)+2 > len(s.Notes)-int(s.Used) {
		return
	}
	at := s.Notes[s.Used:]
	n := copy(at, name)
	n += copy(at[n:], rest)
	at[n] = 0
	n++
	n += copy(at[n:], value)
	at[n] = 0
	s.Used += uint32(n) + 1
}
