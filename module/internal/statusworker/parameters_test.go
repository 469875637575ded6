// Licensed under the Apache License, Version 2.0; see LICENSE.

package statusworker

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParameters_Parse(t *testing.T) {
	tests := []struct {
		name, query string
		want        parameters
	}{
		{"empty", "", parameters{}},
		{"one", "cmd=list", parameters{"cmd": "list"}},
		{"last one wins", "a=1&a=2&a=3", parameters{"a": "3"}},
		{"no value", "a&b=&=c", parameters{"b": "", "": "c"}},
		{"equals sign in a value", "a=b=c", parameters{"a": "b=c"}},
		{"blanks", "a=b+c%20d%2B", parameters{"a": "b c d+"}},
		{"all bytes", "a=%00%ff%3D%26%25", parameters{"a": "\x00\xff=&%"}},
		{"escaped name", "c%6d%64=1", parameters{"cmd": "1"}},
		{"semicolons do not separate", "a=1;b=2", parameters{"a": "1;b=2"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := parameters{}
			require.NoError(t, got.parse(test.query))
			require.Equal(t, test.want, got)
		})
	}
}

func TestParameters_BadEscapes(t *testing.T) {
	for _, query := range []string{"a=%", "a=%1", "a=%1g", "a=%-1", "a=%+1", "a=% 1", "a=%%41", "%4=1", "a=1&b=%x"} {
		require.ErrorIs(t, parameters{}.parse(query), errEscape, query)
	}
}

// A cut query string gives the parameters so far, a prefix of the last one, or the error.
func TestParameters_CutAnywhere(t *testing.T) {
	const query = "w=Load%42alancer&sw=worker%31&vwa=d"
	for cut := range len(query) {
		got := parameters{}
		if err := got.parse(query[:cut]); err != nil {
			require.ErrorIs(t, err, errEscape)
			require.Contains(t, query[max(cut-2, 0):cut], "%")
			continue
		}
		require.True(t, strings.HasPrefix("LoadBalancer", got["w"]), cut)
		require.True(t, strings.HasPrefix("worker1", got["sw"]), cut)
	}
}

func TestParameters_Number(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "0": 0, "10": 10, "007": 7, "-1": 0, "+1": 0, "1.5": 0, "x": 0, " 1": 0, "2147483647": 2147483647, "2147483648": 0,
		"99999999999999999999": 0,
	} {
		require.Equal(t, want, parameters{"n": text}.number("n"), text)
	}
	require.Zero(t, parameters{}.number("n"))
}

func TestLink(t *testing.T) {
	require.Equal(t, "?", link())
	require.Equal(t, "?", link("a", "", "b", ""))
	require.Equal(t, "?a=1&c=x%20y%26%3D%22%3C%27%2F%C3%A9", link("a", "1", "b", "", "c", "x y&=\"<'/é"))
}

func FuzzParameters(f *testing.F) {
	for _, seed := range []string{"", "a=b", "cmd=list&w=%41+%2b", "%", "a=%4", "=&=&", "é=ü"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		p := parameters{}
		if p.parse(query) != nil {
			return
		}
		for name, value := range p {
			again, err := unescape(escapeParameter(value))
			require.NoError(t, err)
			require.Equal(t, value, again)
			if name != "" && value != "" && !strings.ContainsAny(name, "%+=&") {
				back := parameters{}
				require.NoError(t, back.parse(link(name, value)[1:]))
				require.Equal(t, parameters{name: value}, back)
			}
		}
	})
}
