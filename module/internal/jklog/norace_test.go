// Licensed under the Apache License, Version 2.0; see LICENSE.

//go:build !race

package jklog

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLogger_RawAllocates nothing. Not under the race detector, for which each line to write becomes memory of its own.
func TestLogger_RawAllocates(t *testing.T) {
	null, err := os.OpenFile("/dev/null", os.O_WRONLY, 0)
	require.NoError(t, err)
	defer null.Close()
	l, line := New(int(null.Fd()), Info, nil, nil), []byte("lb 200 GET /x")
	require.Zero(t, testing.AllocsPerRun(100, func() { l.Raw(line) }))
}
