package shm_test

import (
	"errors"
	"testing"

	"mod_gojk/balancer/shm/shmtest"
)

// counted is how often the process "count" adds one under the lock.
const counted = 2000

func TestMain(m *testing.M) {
	shmtest.Main(m, map[string]shmtest.Role{
		"hold lock": holdLock,
		"count":     countUnderLock,
		"busy":      beBusy,
	})
}

// holdLock takes the lock and waits to be killed.
func holdLock(mem *shmtest.Memory, p *shmtest.Peer) error {
	mem.View().Lock()
	return sayAndWait(p, "locked")
}

// countUnderLock adds one to a byte of the mapping's first page, without an atomic, again and again.
func countUnderLock(mem *shmtest.Memory, p *shmtest.Peer) error {
	m := mem.View()
	if err := p.Say("ready"); err != nil {
		return err
	}
	if _, err := p.Hear(); err != nil {
		return err
	}
	for range counted {
		addUnderLock(m, mem.Bytes())
	}
	return nil
}

// beBusy has three requests in flight on worker w (two of them in balancer lb) and a connection to it, and waits.
func beBusy(mem *shmtest.Memory, p *shmtest.Peer) error {
	m := mem.View()
	if _, err := m.Attach(); err != nil {
		return err
	}
	w, err := m.Worker("w")
	b, err2 := m.Balancer("lb")
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	member, err := b.Member("w")
	if err != nil {
		return err
	}
	w.Enter()
	for range 2 {
		b.Enter()
		member.Enter()
		w.Enter()
	}
	w.Connected()
	return sayAndWait(p, "busy")
}

// sayAndWait waits until the test says something, or for ever.
func sayAndWait(p *shmtest.Peer, line string) error {
	if err := p.Say(line); err != nil {
		return err
	}
	_, err := p.Hear()
	return err
}
