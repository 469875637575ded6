// Licensed under the Apache License, Version 2.0; see LICENSE.

package registry

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/balancer/shm/shmtest"
	"mod_gojk/module/internal/config"
	"mod_gojk/module/internal/jklog"
)

// counting counts lookups. All names are at one address.
type counting struct{ asked []string }

func (r *counting) ErrorLog(jklog.Level, string) {}

func (r *counting) Resolve(name string) ([]netip.Addr, error) {
	r.asked = append(r.asked, name)
	if name == "gone.test" {
		return nil, errors.New("no such host")
	}
	return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
}

// TestResolve_SlowLookups: a run ends with the first lookup that was slow; the next one goes on where it ended.
func TestResolve_SlowLookups(t *testing.T) {
	m := shmtest.New(t)
	s := &Snapshot{}
	for _, name := range []string{"one.test", "two.test", "three.test"} {
		w := &Worker{Worker: &config.Worker{Name: name, Type: config.TypeAJP, AJP: &config.AJP{ResolveInterval: time.Minute}}, log: jklog.New(-1, jklog.Info, jklog.CompileStamp(""), nil)}
		var err error
		w.Record, err = m.Worker(name)
		require.NoError(t, err)
		w.Record.ConfigureAddress(name, 8009)
		s.Workers = append(s.Workers, w)
	}
	due := time.Now().Add(2 * time.Minute)
	r := &counting{}
	s.resolve(due, &lookups{host: r, spent: slow})
	require.Empty(t, r.asked, "the time is used up")
	slowly := &lookups{host: &slowResolver{counting: r}}
	slowly.host.(*slowResolver).spend = func() { slowly.spent = slow }
	s.resolve(due, slowly)
	require.Equal(t, []string{"one.test"}, r.asked)
	s.resolve(due, &lookups{host: r})
	require.Equal(t, []string{"one.test", "two.test", "three.test"}, r.asked, "what was left, and nothing twice")
	require.Equal(t, "127.0.0.1:8009", s.Workers[2].Target())
}

// slowResolver uses up the time of a run.
type slowResolver struct {
	*counting
	spend func()
}

func (r *slowResolver) Resolve(name string) ([]netip.Addr, error) {
	defer r.spend()
	return r.counting.Resolve(name)
}

// TestLookups_Share: workers at one host cost one lookup a run, also if it fails.
func TestLookups_Share(t *testing.T) {
	r := &counting{}
	l := &lookups{host: r}
	for range 3 {
		addrs, err := l.Resolve("one.test")
		require.NoError(t, err)
		require.Len(t, addrs, 1)
		_, err = l.Resolve("gone.test")
		require.Error(t, err)
	}
	require.Equal(t, []string{"one.test", "gone.test"}, r.asked)
	require.Less(t, l.spent, slow)
}

// TestLookups_SlowStart: a start does not wait for one name after the other.
func TestLookups_SlowStart(t *testing.T) {
	r := &counting{}
	l := &lookups{host: r, limit: slowStart, spent: slowStart - 1}
	_, err := l.Resolve("one.test")
	require.NoError(t, err)
	l.spent = slowStart
	_, err = l.Resolve("one.test")
	require.NoError(t, err, "known")
	_, err = l.Resolve("two.test")
	require.ErrorIs(t, err, errSlowStart)
	require.Equal(t, []string{"one.test"}, r.asked)
}

func TestLiteral(t *testing.T) {
	for text, want := range map[string]bool{
		"127.0.0.1": true, "::1": true, "fe80::1%2": true, "fe80::1%eth0": false, "localhost": false, "127.1": false, "": false, "::1:": false,
	} {
		_, ok := literal(text)
		require.Equal(t, want, ok, text)
	}
}
