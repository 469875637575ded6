// Licensed under the Apache License, Version 2.0; see LICENSE.

package balancer

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSleep(t *testing.T) {
	for _, d := range []time.Duration{-time.Second, 0, 20 * time.Millisecond} {
		began := time.Now()
		Sleep(d)
		require.GreaterOrEqual(t, time.Since(began), d)
	}
}
