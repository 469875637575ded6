// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOptions_Merge(t *testing.T) {
	const proxy, keys = OptForwardURIProxy, OptForwardKeySize
	tests := []struct {
		name, main, vhost   string
		wantMain, wantVHost Options
	}{
		{"defaults", "", "", proxy | keys, proxy | keys},
		{"no sign is a plus, any case", "flushpackets", "", proxy | keys | OptFlushPackets, proxy | keys | OptFlushPackets},
		{"a default switched off", "-ForwardKeySize", "", proxy, proxy},
		{"modes exclude each other", "+ForwardURICompat ForwardURIEscaped", "", keys | OptForwardURIEscaped, keys | OptForwardURIEscaped},
		{"the virtual host's mode replaces the inherited one", "ForwardURICompat", "ForwardURICompatUnparsed", keys | OptForwardURICompat, keys | OptForwardURICompatUnparsed},
		{"the last one counts", "-FlushPackets +FlushPackets", "+FlushPackets -FlushPackets", proxy | keys | OptFlushPackets, proxy | keys},
		{"addresses exclude each other in one server", "ForwardPhysicalAddress ForwardLocalAddress", "", proxy | keys | OptForwardLocalAddress, proxy | keys | OptForwardLocalAddress},
		{"a minus clears the other address too", "ForwardPhysicalAddress -ForwardLocalAddress", "", proxy | keys, proxy | keys},
		{"addresses add up over servers", "ForwardPhysicalAddress", "ForwardLocalAddress", proxy | keys | OptForwardPhysicalAddress, proxy | keys | OptForwardPhysicalAddress | OptForwardLocalAddress},
		{"an address for the inherited one", "ForwardLocalAddress", "-ForwardLocalAddress +ForwardPhysicalAddress", proxy | keys | OptForwardLocalAddress, proxy | keys | OptForwardPhysicalAddress},
		{"the virtual host switches off what it inherits", "DisableReuse FlushHeader", "-FlushHeader", proxy | keys | OptDisableReuse | OptFlushHeader, proxy | keys | OptDisableReuse},
		{"CollapseSlashes has no effect", "CollapseSlashesAll", "-CollapseSlashesNone", proxy | keys, proxy | keys},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := &Input{Servers: []ServerInput{{Name: "main"}, {Name: "v"}}}
			for i, words := range []string{tt.main, tt.vhost} {
				for _, word := range strings.Fields(words) {
					in.Directives = append(in.Directives, directive(i, 1, "JkOptions", word))
				}
			}
			c, found := Load(in)
			require.NotNil(t, c, "%v", found)
			require.Equal(t, tt.wantMain|OptExtractSSL, c.Servers[0].Options)
			require.Equal(t, tt.wantVHost|OptExtractSSL, c.Servers[1].Options)
		})
	}
}
