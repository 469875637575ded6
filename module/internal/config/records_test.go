// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"encoding/binary"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func sampleInput() *Input {
	return &Input{
		ServerRoot: "/srv/httpd", HTTPDVersion: "Apache/2.4.71", ModuleVersion: "mod_gojk/1", Threads: 25,
		Servers: []ServerInput{{"main:80", 7}, {"v [*:81]", -1}},
		Directives: []DirectiveInput{
			{0, "httpd.conf", 3, "JkMount", []string{"/app/*", "lb"}},
			{1, "vhost.conf", 0, "JkLogLevel", []string{""}},
			{1, "vhost.conf", 2, "JkOptions", []string{}},
		},
		Files: []FileInput{
			{0, 9, "JkWorkersFile", "/srv/httpd/conf/w.properties", "worker.list=a\n\x00é", 0},
			{1, 0, "JkMountFile", "/nowhere", "", 2},
		},
	}
}

func TestRecords_RoundTrip(t *testing.T) {
	want := sampleInput()
	got, err := Decode(want.Append(nil))
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Equal(t, "kept", string(want.Append([]byte("kept"))[:4]))
}

func TestRecords_KeepsNothingOfTheBlob(t *testing.T) {
	blob := sampleInput().Append(nil)
	got, err := Decode(blob)
	require.NoError(t, err)
	clear(blob)
	require.Equal(t, sampleInput(), got)
}

// TestRecords_Truncated cuts the stream at each byte: the only good prefixes end between two records.
func TestRecords_Truncated(t *testing.T) {
	blob := sampleInput().Append(nil)
	whole := 0
	for n := range blob {
		if got, err := Decode(blob[:n]); err == nil {
			whole++
			require.NotEmpty(t, got.Servers)
			require.Equal(t, blob[:n], got.Append(nil), "cut at %d", n)
		}
	}
	require.Equal(t, 6, whole, "after each of the 8 records but the root and the last")
}

func TestRecords_Malformed(t *testing.T) {
	word := func(blob []byte, i int, value uint32) []byte {
		binary.NativeEndian.PutUint32(blob[4*i:], value)
		return blob
	}
	root := func() []byte { return (&Input{}).Append(nil) }
	server := func() []byte { return appendRecord(root(), record{kind: recordServer, strings: []string{"main"}}) }
	tests := []struct {
		name string
		blob []byte
		want string
	}{
		{"empty", nil, "no record of the main server"},
		{"root only", root(), "no record of the main server"},
		{"no root", server()[len(root()):], "record 0: kind 2"},
		{"two roots", append(root(), root()...), "record 1: kind 1"},
		{"unknown kind", appendRecord(root(), record{kind: 5}), "unknown kind 5"},
		{"too few strings", appendRecord(root(), record{kind: recordServer}), "kind 2 with 0 strings, expected 1"},
		{"too many strings", appendRecord(root(), record{kind: recordServer, strings: []string{"a", "b"}}), "expected 1"},
		{"directive without name", appendRecord(server(), record{kind: recordDirective, strings: []string{"f"}}), "expected 2"},
		{"server out of order", appendRecord(root(), record{kind: recordServer, server: 1, strings: []string{"x"}}), "server 1, expected 0"},
		{"directive of no server", appendRecord(server(), record{kind: recordDirective, server: 1, strings: []string{"f", "JkMount"}}), "JkMount of server 1"},
		{"file of no server", appendRecord(server(), record{kind: recordFile, server: 9, strings: []string{"JkMountFile", "p", "c"}}), "JkMountFile of server 9"},
		{"many strings", word(root(), 5, 1<<31), "strings do not fit"},
		{"long string", word(root(), 6, 1<<32-1), "length 4294967295"},
		{"no NUL", func() []byte { b := root(); b[len(b)-1] = 'x'; return b }(), "no NUL"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Decode(tt.blob)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func FuzzDecode(f *testing.F) {
	blob := sampleInput().Append(nil)
	f.Add(blob)
	f.Add(blob[:len(blob)/2])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, blob []byte) {
		in, err := Decode(blob)
		if err != nil {
			return
		}
		again, err := Decode(in.Append(nil))
		require.NoError(t, err)
		require.Equal(t, in, again)
	})
}

// TestRecords_AsInHeader compares the kinds of records with mod_gojk.h.
func TestRecords_AsInHeader(t *testing.T) {
	header, err := os.ReadFile("../../../mod_gojk.h")
	require.NoError(t, err)
	want := map[string]uint64{}
	for _, m := range regexp.MustCompile(`(GOJK_RECORD_\w+|GOJK_NAME_MAX)\s*=\s*(\d+)u?(?: << (\d+))?`).FindAllStringSubmatch(string(header), -1) {
		value, err := strconv.ParseUint(m[2], 10, 32)
		require.NoError(t, err)
		shift, _ := strconv.Atoi(m[3])
		want[strings.TrimPrefix(m[1], "GOJK_")] = value << shift
	}
	require.Equal(t, want, map[string]uint64{
		"RECORD_ROOT": recordRoot, "RECORD_SERVER": recordServer, "RECORD_DIRECTIVE": recordDirective, "RECORD_FILE": recordFile,
		"NAME_MAX": NameMax,
	})
}

func TestOptions_Has(t *testing.T) {
	o := OptFlushHeader | OptFlushPackets
	require.True(t, o.Has(OptFlushHeader))
	require.False(t, o.Has(OptFlushHeader|OptDisableReuse))
}
