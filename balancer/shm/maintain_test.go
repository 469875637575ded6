package shm

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestElect(t *testing.T) {
	const minute = time.Minute
	start := time.Unix(1_700_000_000, 0)
	for _, c := range []struct {
		name     string
		elapsed  time.Duration
		interval time.Duration
		want     uint
		last     time.Duration // after it, from start
	}{
		{"at once", 0, minute, 0, 0},
		{"too early", 57 * time.Second, minute, 0, 0},
		{"within the tolerance", 58 * time.Second, minute, 1, 58 * time.Second},
		{"on time", minute, minute, 1, minute},
		{"late", 117 * time.Second, minute, 1, 117 * time.Second},
		{"two intervals", 118 * time.Second, minute, 2, 118 * time.Second},
		{"ten intervals", 10 * minute, minute, 10, 10 * minute},
		{"a short interval has a small tolerance", 900 * time.Millisecond, time.Second, 0, 0},
		{"a short interval", 970 * time.Millisecond, time.Second, 1, 970 * time.Millisecond},
		{"never", time.Hour, 0, 0, 0},
		{"never, negative", time.Hour, -1, 0, 0},
		{"the clock went back a little", -30 * time.Second, minute, 0, 0},
		{"the clock went back far", -time.Hour, minute, 0, -time.Hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			var last atomic.Int64
			last.Store(start.UnixNano())
			require.Equal(t, c.want, elect(&last, start.Add(c.elapsed), c.interval))
			require.Equal(t, start.Add(c.last).UnixNano(), last.Load())
		})
	}
}

func TestElect_OneOfMany(t *testing.T) {
	var last, elected atomic.Int64
	last.Store(1)
	now := time.Unix(1_700_000_000, 0)
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() { elected.Add(int64(min(elect(&last, now, time.Minute), 1))) })
	}
	group.Wait()
	require.EqualValues(t, 1, elected.Load())
}
