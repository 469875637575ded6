package shm

import (
	"fmt"
	"sync/atomic"
)

// index finds the records of one table by name, in this process. seen is how many of them it has read. Guarded by
// Mapping.mu.
type index struct {
	byName map[indexKey]int
	seen   uint64
}

type indexKey struct {
	parent uint64 // index of the balancer, for a member
	name   string
}

// table is what finding and allocating needs of a table.
type table struct {
	index    *index
	used     *atomic.Uint64
	capacity uint64
	read     func(i int) indexKey
	write    func(i int, key indexKey)
}

// find returns the record of a name, allocating it if there is none. Start of a child and new configurations only.
func (m *Mapping) find(t table, key indexKey) (int, error) {
	if key.name == "" || len(key.name) > NameMax {
		return 0, fmt.Errorf("%w: %q (1 to %d bytes)", ErrName, key.name, NameMax)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if i, ok := t.lookup(key); ok {
		return i, nil
	}
	m.Lock()
	defer m.Unlock()
	if i, ok := t.lookup(key); ok {
		return i, nil
	}
	return t.allocate(key)
}

// lookup catches up with what other processes have allocated, then looks.
func (t table) lookup(key indexKey) (int, bool) {
	if t.index.byName == nil {
		t.index.byName = make(map[indexKey]int)
	}
	for used := t.used.Load(); t.index.seen < used; t.index.seen++ {
		i := int(t.index.seen)
		t.index.byName[t.read(i)] = i
	}
	i, ok := t.index.byName[key]
	return i, ok
}

// allocate makes a record. It counts only once it is complete: a process that dies before has allocated nothing.
func (t table) allocate(key indexKey) (int, error) {
	i := t.used.Load()
	if i >= t.capacity {
		return 0, fmt.Errorf("%w for %q: %d records", ErrFull, key.name, t.capacity)
	}
	t.write(int(i), key)
	t.used.Store(i + 1)
	return int(i), nil
}
