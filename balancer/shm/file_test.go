// Licensed under the Apache License, Version 2.0; see LICENSE.

package shm_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/balancer/shm"
)

func TestFile_RefuseAndAccept(t *testing.T) {
	mem, m := formatted(t)
	here, there := m.File(3), mem.View().File(3)
	require.Equal(t, shm.FileState{}, here.State())
	now := time.Unix(1700000000, 5)

	here.Refuse("broken", 4, now, "map:2: no rule")
	require.True(t, there.WasRefused("broken", 4), "all processes know it")
	require.False(t, there.WasRefused("mended", 4))
	require.False(t, there.WasRefused("broken", 5), "under another configuration it may be good")
	require.Equal(t, shm.FileState{Refused: now, Why: "map:2: no rule"}, there.State())
	require.Equal(t, shm.FileState{}, m.File(2).State(), "another file")

	there.Accept(now.Add(time.Second), true)
	require.Equal(t, shm.FileState{Loaded: now.Add(time.Second)}, here.State())
	require.False(t, here.WasRefused("broken", 4))
}

func TestFile_LongMessage(t *testing.T) {
	_, m := formatted(t)
	m.File(0).Refuse("x", 0, time.Now(), strings.Repeat("y", 1000))
	require.Equal(t, strings.Repeat("y", 8*40-1), m.File(0).State().Why)
	require.Equal(t, shm.FileState{}, m.File(1).State())
}

func TestFile_Bounds(t *testing.T) {
	_, m := formatted(t)
	require.Nil(t, m.File(-1))
	require.NotNil(t, m.File(shm.MaxFiles-1))
	require.Nil(t, m.File(shm.MaxFiles))
}

func TestFile_Elect(t *testing.T) {
	mem, m := formatted(t)
	here, there := m.File(0), mem.View().File(0)
	now := time.Unix(1700000000, 0)
	require.False(t, here.Elect(now, 0), "0: never")
	require.True(t, here.Elect(now, time.Minute))
	require.False(t, there.Elect(now.Add(time.Second), time.Minute))
	require.True(t, there.Elect(now.Add(time.Minute), time.Minute))
	here.Again()
	require.True(t, here.Elect(now.Add(time.Minute+time.Second), time.Minute))
}
