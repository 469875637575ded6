package shm

import (
	"runtime"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// TestFind_AllocatedMeanwhile: a name that another process allocates while this one waits for the lock is found, not
// allocated again.
func TestFind_AllocatedMeanwhile(t *testing.T) {
	memory, err := unix.Mmap(-1, 0, Size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_SHARED|unix.MAP_NORESERVE)
	require.NoError(t, err)
	defer func() { require.NoError(t, unix.Munmap(memory)) }()
	here, there := New(unsafe.Pointer(&memory[0])), New(unsafe.Pointer(&memory[0]))
	there.Lock()
	found := make(chan int)
	go func() {
		i, _ := here.find(here.workerTable(), indexKey{name: "w"})
		found <- i
	}()
	for here.mu.TryLock() { // until it is in find, where it gets to the lock, as there is nothing to be found
		here.mu.Unlock()
		runtime.Gosched()
	}
	for range 1000 {
		runtime.Gosched()
	}
	table := there.workerTable()
	table.lookup(indexKey{name: "w"})
	i, err := table.allocate(indexKey{name: "w"})
	require.NoError(t, err)
	there.Unlock()
	require.Equal(t, i, <-found)
	require.EqualValues(t, 1, here.tables().workers.Load())
}
