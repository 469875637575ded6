package shm_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/balancer/shm"
	"mod_gojk/balancer/shm/shmtest"
)

func TestMapping_Check(t *testing.T) {
	for _, c := range []struct {
		name   string
		spoil  func(b []byte)
		format bool
		good   bool
	}{
		{"good", func([]byte) {}, true, true},
		{"not formatted", func([]byte) {}, false, false},
		{"all zero", func(b []byte) { clear(b[:64]) }, true, false},
		{"other magic", func(b []byte) { b[0]++ }, true, false},
		{"other layout", func(b []byte) { b[8]++ }, true, false},
		{"other size", func(b []byte) { b[24]++ }, true, false},
		{"other records", func(b []byte) { b[shm.RecordsOffset+7]++ }, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			mem := shmtest.NewMemory(t)
			if c.format {
				mem.View().Format()
			}
			c.spoil(mem.Bytes())
			err := mem.View().Check()
			if c.good {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, shm.ErrMapping)
		})
	}
}

func TestMapping_Header(t *testing.T) {
	mem, m := formatted(t)
	binary.NativeEndian.PutUint32(mem.Bytes()[12:], 4711)
	binary.NativeEndian.PutUint64(mem.Bytes()[16:], 3)
	require.EqualValues(t, 4711, m.ParentPID())
	require.EqualValues(t, 3, m.Generation())
}

func TestMapping_Config(t *testing.T) {
	mem, m := formatted(t)
	other := mem.View()
	written := []byte("what the parent wrote")
	copy(mem.Bytes()[shm.ConfigOffset:], written)
	binary.NativeEndian.PutUint64(mem.Bytes()[40:], uint64(len(written)))
	require.Zero(t, m.Epoch())
	require.Equal(t, written, m.Config(0))

	for i := 1; i <= 3; i++ {
		blob := []byte(strings.Repeat("x", i))
		epoch, err := m.PublishConfig(uint64(i-1), blob)
		require.NoError(t, err)
		require.EqualValues(t, i, epoch)
		require.Equal(t, epoch, other.Epoch())
		require.Equal(t, blob, other.Config(epoch))
	}
	require.Equal(t, []byte("xx"), m.Config(2), "the one before stays until the next")
	_, err := other.PublishConfig(2, []byte("late"))
	require.ErrorIs(t, err, shm.ErrMoved, "it was made from a configuration that is not in force any more")
	require.EqualValues(t, 3, m.Epoch())
	require.EqualValues(t, "xxx", mem.Bytes()[shm.ConfigOffset+shm.ConfigSlot:][:3], "odd epochs live in slot 1")
}

func TestMapping_ConfigSizes(t *testing.T) {
	mem, m := formatted(t)
	full := bytes.Repeat([]byte("y"), shm.ConfigSlot)
	epoch, err := m.PublishConfig(0, full)
	require.NoError(t, err)
	require.True(t, bytes.Equal(full, m.Config(epoch)))

	_, err = m.PublishConfig(epoch, make([]byte, shm.ConfigSlot+1))
	require.ErrorIs(t, err, shm.ErrTooLarge)
	require.Equal(t, epoch, m.Epoch())

	binary.NativeEndian.PutUint64(mem.Bytes()[40:], 1<<60)
	require.Len(t, m.Config(0), shm.ConfigSlot, "a wild length stays within the slot")
}

// TestTables_ByName: all views agree on the record of a name.
func TestTables_ByName(t *testing.T) {
	mem, m := formatted(t)
	other := mem.View()
	a, b := findCounts(t, m), findCounts(t, other)
	a.worker.CountUsed()
	a.member.Elected().Add(5)
	a.balancer.Tie().Store(7)
	require.EqualValues(t, 1, b.worker.Used())
	require.EqualValues(t, 5, b.member.Elected().Load())
	require.EqualValues(t, 7, b.balancer.Tie().Load())
	require.Equal(t, "w", b.worker.Name())

	lb2, err := m.Balancer("lb2")
	require.NoError(t, err)
	elsewhere, err := lb2.Member("w")
	require.NoError(t, err)
	require.Zero(t, elsewhere.Elected().Load(), "a member of another balancer is another member")
}

func TestTables_Names(t *testing.T) {
	_, m := formatted(t)
	lb, err := m.Balancer("lb")
	require.NoError(t, err)
	longest := strings.Repeat("n", shm.NameMax)
	for _, name := range []string{"a", "ä b.c", longest} {
		w, err := m.Worker(name)
		require.NoError(t, err)
		require.Equal(t, name, w.Name())
	}
	for _, name := range []string{"", longest + "n"} {
		_, err := m.Worker(name)
		require.ErrorIs(t, err, shm.ErrName)
		_, err = m.Balancer(name)
		require.ErrorIs(t, err, shm.ErrName)
		_, err = lb.Member(name)
		require.ErrorIs(t, err, shm.ErrName)
	}
}

func TestTables_Full(t *testing.T) {
	mem, m := formatted(t)
	for i := range shm.MaxWorkers {
		_, err := m.Worker(fmt.Sprint("w", i))
		require.NoError(t, err)
	}
	_, err := m.Worker("one more")
	require.ErrorIs(t, err, shm.ErrFull)
	for i := range shm.MaxBalancers {
		_, err := m.Balancer(fmt.Sprint("lb", i))
		require.NoError(t, err)
	}
	_, err = m.Balancer("one more")
	require.ErrorIs(t, err, shm.ErrFull)
	lb, err := mem.View().Balancer("lb1023")
	require.NoError(t, err)
	for i := range shm.MaxMembers {
		_, err := lb.Member(fmt.Sprint("w", i))
		require.NoError(t, err)
	}
	_, err = lb.Member("one more")
	require.ErrorIs(t, err, shm.ErrFull)

	last, err := m.Worker(fmt.Sprint("w", shm.MaxWorkers-1))
	require.NoError(t, err, "those that are there are still found")
	require.Equal(t, "w4095", last.Name())
	require.NoError(t, m.Check(), "and nothing was overwritten")
}

// TestTables_Concurrent: views that allocate the same names at the same time get the same records.
func TestTables_Concurrent(t *testing.T) {
	mem, m := formatted(t)
	const views, names = 4, 200
	var group sync.WaitGroup
	for range views {
		view := mem.View()
		group.Go(func() {
			for i := range names {
				w, err := view.Worker(fmt.Sprint("w", i))
				if err != nil {
					t.Error(err)
					return
				}
				w.CountUsed()
			}
		})
	}
	group.Wait()
	for i := range names {
		w, err := m.Worker(fmt.Sprint("w", i))
		require.NoError(t, err)
		require.EqualValues(t, views, w.Used())
	}
}
