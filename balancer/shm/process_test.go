package shm

import (
	"os"
	"os/exec"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestIdentity_Alive(t *testing.T) {
	self := selfIdentity()
	require.Equal(t, os.Getpid(), self.pid())
	require.NotZero(t, self.start())
	require.True(t, self.alive())

	require.False(t, newIdentity(uint32(os.Getpid()), uint64(self.start())+1).alive(), "another process had this pid")
	require.True(t, newIdentity(uint32(os.Getpid()), 0).alive(), "its start is not known")
	require.False(t, newIdentity(1<<22+1, 1).alive(), "a pid beyond the kernel's limit")
}

// TestIdentity_Zombie: a killed child that its parent has not waited for yet is dead.
func TestIdentity_Zombie(t *testing.T) {
	cmd := exec.Command("sleep", "60")
	require.NoError(t, cmd.Start())
	stat, ok := readStat(cmd.Process.Pid)
	require.True(t, ok)
	id := newIdentity(uint32(cmd.Process.Pid), stat.start)
	require.True(t, id.alive())

	require.NoError(t, cmd.Process.Kill())
	require.Eventually(t, func() bool { return !id.alive() }, 10*time.Second, time.Millisecond)
	_, ok = readStat(cmd.Process.Pid)
	require.True(t, ok, "it is still a zombie, or the test shows nothing")
	require.Error(t, cmd.Wait())
	require.False(t, id.alive())
}

func TestParseStat(t *testing.T) {
	const tail = " S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4242 20"
	for _, c := range []struct {
		name, line string
		ok, dead   bool
	}{
		{"plain", "12 (httpd)" + tail, true, false},
		{"name with blanks and parentheses", "12 (a) Z b (c) )" + tail, true, false},
		{"zombie", "12 (httpd) Z 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4242 20", true, true},
		{"dead", "12 (httpd) X 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4242 20", true, true},
		{"cut off", "12 (httpd) S 1 2 3", false, false},
		{"no name", "12 httpd S 1 2 3", false, false},
		{"no number", "12 (httpd) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 x 20", false, false},
		{"empty", "", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := parseStat([]byte(c.line))
			require.Equal(t, c.ok, ok)
			require.Equal(t, c.dead, got.dead)
			if ok {
				require.EqualValues(t, 4242, got.start)
			}
		})
	}
}

func TestReadStat_NoSuchProcess(t *testing.T) {
	_, ok := readStat(1<<22 + 1)
	require.False(t, ok)
}

func TestText(t *testing.T) {
	long := make([]byte, NameMax+5)
	for i := range long {
		long[i] = byte('a' + i%26)
	}
	for _, c := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"short", "a", "a"},
		{"a word", "12345678", "12345678"},
		{"a word and one", "123456789", "123456789"},
		{"as long as it may be", string(long[:NameMax]), string(long[:NameMax])},
		{"longer", string(long), string(long[:NameMax])},
		{"bytes above ASCII", "\xff\x80\x01", "\xff\x80\x01"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var text text
			text.store("what was there before, longer than what follows ..............")
			text.store(c.in)
			require.Equal(t, c.want, text.load())
		})
	}
}

// TestHash pins the hash: generations of different builds must agree on it.
func TestHash(t *testing.T) {
	require.EqualValues(t, uint64(0xcbf29ce484222325), hash(""))
	require.EqualValues(t, uint64(0xaf63dc4c8601ec8c), hash("a"))
	require.EqualValues(t, uint64(0x85944171f73967e8), hash("foobar"))
	require.NotEqual(t, hash("a"+strconv.Itoa(1)), hash("a"+strconv.Itoa(2)))
}

// TestTakeOver: only the lock of somebody who is gone is taken, and only from that somebody.
func TestTakeOver(t *testing.T) {
	m := &Mapping{self: selfIdentity()}
	stat, ok := readStat(os.Getppid())
	require.True(t, ok)
	parent := newIdentity(uint32(os.Getppid()), stat.start)
	gone := newIdentity(uint32(os.Getpid()), uint64(m.self.start())+1)
	for _, c := range []struct {
		name   string
		holds  identity
		looked identity
		try    int
		want   bool
	}{
		{"it lives", parent, parent, lockSpins, false},
		{"ourselves, another goroutine", m.self, m.self, lockSpins, false},
		{"nobody", 0, 0, lockSpins, false},
		{"it is gone", gone, gone, lockSpins, true},
		{"it is gone, but this is no time to look", gone, gone, lockSpins + 1, false},
		{"another waiter was faster", parent, gone, lockSpins, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var word atomic.Uint64
			word.Store(uint64(c.holds))
			require.Equal(t, c.want, m.takeOver(&word, c.try, c.looked))
			want := c.holds
			if c.want {
				want = m.self
			}
			require.Equal(t, want, identity(word.Load()))
		})
	}
}
