package shm_test

import (
	"encoding/binary"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/balancer/shm"
	"mod_gojk/balancer/shm/shmtest"
)

// scratch is an unused place of the header's page.
const scratch = 2048

func addUnderLock(m *shm.Mapping, bytes []byte) {
	m.Lock()
	defer m.Unlock()
	word := bytes[scratch:]
	binary.NativeEndian.PutUint64(word, binary.NativeEndian.Uint64(word)+1)
}

func formatted(t testing.TB) (*shmtest.Memory, *shm.Mapping) {
	t.Helper()
	mem := shmtest.NewMemory(t)
	m := mem.View()
	m.Format()
	return mem, m
}

func TestLock_Goroutines(t *testing.T) {
	mem, m := formatted(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 1000 {
				addUnderLock(m, mem.Bytes())
			}
		})
	}
	group.Wait()
	require.EqualValues(t, 8000, binary.NativeEndian.Uint64(mem.Bytes()[scratch:]))
}

func TestLock_Processes(t *testing.T) {
	mem, m := formatted(t)
	var others []*shmtest.Process
	for range 3 {
		p := mem.Start(t, "count")
		p.Expect("ready")
		others = append(others, p)
	}
	for _, p := range others {
		require.NoError(t, p.Say("go"))
	}
	for range counted {
		addUnderLock(m, mem.Bytes())
	}
	for _, p := range others {
		p.Wait()
	}
	require.EqualValues(t, 4*counted, binary.NativeEndian.Uint64(mem.Bytes()[scratch:]))
}

func TestLock_OwnerKilled(t *testing.T) {
	mem, m := formatted(t)
	owner := mem.Start(t, "hold lock")
	owner.Expect("locked")
	owner.Kill()
	begin := time.Now()
	addUnderLock(m, mem.Bytes())
	require.Less(t, time.Since(begin), time.Second)
	addUnderLock(m, mem.Bytes()) // and the lock is as good as new
	require.EqualValues(t, 2, binary.NativeEndian.Uint64(mem.Bytes()[scratch:]))
}

// TestLock_OwnerKilledWithWaiters: exactly one of those who wait takes over.
func TestLock_OwnerKilledWithWaiters(t *testing.T) {
	mem, m := formatted(t)
	owner := mem.Start(t, "hold lock")
	owner.Expect("locked")
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 500 {
				addUnderLock(m, mem.Bytes())
			}
		})
	}
	other := mem.Start(t, "count")
	other.Expect("ready")
	require.NoError(t, other.Say("go"))
	owner.Kill()
	group.Wait()
	other.Wait()
	require.EqualValues(t, 4*500+counted, binary.NativeEndian.Uint64(mem.Bytes()[scratch:]))
}
