// Licensed under the Apache License, Version 2.0; see LICENSE.

package jklog

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestStamp_AsStrftime compares every conversion with what glibc's strftime prints in the C locale.
func TestStamp_AsStrftime(t *testing.T) {
	tests := []struct {
		at   time.Time
		want string
	}{
		{
			time.Date(2026, 11, 22, 13, 44, 52, 0, time.UTC),
			"a=Sun|A=Sunday|b=Nov|B=November|c=Sun Nov 22 13:44:52 2026|C=20|d=22|D=11/22/26|e=22|F=2026-11-22|g=26|G=2026|h=Nov|H=13|I=01|j=326|k=13|l= 1|m=11|M=44|n=\n|p=PM|P=pm|r=01:44:52 PM|R=13:44|s=1795355092|S=52|t=\t|T=13:44:52|u=7|U=47|V=47|w=0|W=46|x=11/22/26|X=13:44:52|y=26|Y=2026|z=+0000|%=%",
		},
		{
			time.Date(2024, 2, 29, 0, 5, 9, 0, time.UTC),
			"a=Thu|A=Thursday|b=Feb|B=February|c=Thu Feb 29 00:05:09 2024|C=20|d=29|D=02/29/24|e=29|F=2024-02-29|g=24|G=2024|h=Feb|H=00|I=12|j=060|k= 0|l=12|m=02|M=05|n=\n|p=AM|P=am|r=12:05:09 AM|R=00:05|s=1709165109|S=09|t=\t|T=00:05:09|u=4|U=08|V=09|w=4|W=09|x=02/29/24|X=00:05:09|y=24|Y=2024|z=+0000|%=%",
		},
		{
			time.Date(2021, 1, 3, 12, 0, 0, 0, time.UTC),
			"a=Sun|A=Sunday|b=Jan|B=January|c=Sun Jan  3 12:00:00 2021|C=20|d=03|D=01/03/21|e= 3|F=2021-01-03|g=20|G=2020|h=Jan|H=12|I=12|j=003|k=12|l=12|m=01|M=00|n=\n|p=PM|P=pm|r=12:00:00 PM|R=12:00|s=1609675200|S=00|t=\t|T=12:00:00|u=7|U=01|V=53|w=0|W=00|x=01/03/21|X=12:00:00|y=21|Y=2021|z=+0000|%=%",
		},
		{
			time.Date(2020, 12, 31, 23, 59, 59, 0, time.UTC),
			"a=Thu|A=Thursday|b=Dec|B=December|c=Thu Dec 31 23:59:59 2020|C=20|d=31|D=12/31/20|e=31|F=2020-12-31|g=20|G=2020|h=Dec|H=23|I=11|j=366|k=23|l=11|m=12|M=59|n=\n|p=PM|P=pm|r=11:59:59 PM|R=23:59|s=1609459199|S=59|t=\t|T=23:59:59|u=4|U=52|V=53|w=4|W=52|x=12/31/20|X=23:59:59|y=20|Y=2020|z=+0000|%=%",
		},
		{
			time.Date(2005, 1, 1, 1, 2, 3, 0, time.UTC),
			"a=Sat|A=Saturday|b=Jan|B=January|c=Sat Jan  1 01:02:03 2005|C=20|d=01|D=01/01/05|e= 1|F=2005-01-01|g=04|G=2004|h=Jan|H=01|I=01|j=001|k= 1|l= 1|m=01|M=02|n=\n|p=AM|P=am|r=01:02:03 AM|R=01:02|s=1104541323|S=03|t=\t|T=01:02:03|u=6|U=00|V=53|w=6|W=00|x=01/01/05|X=01:02:03|y=05|Y=2005|z=+0000|%=%",
		},
	}
	for _, tt := range tests {
		t.Run(tt.at.String(), func(t *testing.T) {
			for _, pair := range strings.Split(tt.want, "|") {
				verb, want, _ := strings.Cut(pair, "=")
				got := CompileStamp("<%"+verb+">").Append(nil, tt.at)
				require.Equal(t, "<"+want+">", string(got), "conversion %%%s", verb)
			}
		})
	}
}

func TestStamp_Format(t *testing.T) {
	at := time.Date(2026, 11, 22, 13, 44, 52, 7089123, time.FixedZone("CET", 3600))
	long := strings.Repeat("x", 60)
	tests := []struct {
		name, format, want string
		problems           int
	}{
		{"default", DefaultStamp, "[Sun Nov 22 13:44:52.007 2026] ", 0},
		{"microseconds", "%H:%M:%S.%q ", "13:44:52.007089 ", 0},
		{"first %Q only", "%Q %Q", "007 %Q", 1},
		{"%Q before %q", "%q %Q", "%q 007", 1},
		{"quoted per cent", "%%Q %Q", "%Q 007", 0},
		{"zone", "%z %Z", "+0100 CET", 0},
		{"modifiers", "%EY-%Om", "2026-11", 0},
		{"unknown conversion", "%i %d", "%i 22", 1},
		{"lone per cent at the end", "%d%", "22%", 1},
		{"lone modifier at the end", "%d%E", "22%E", 1},
		{"cut at 63 bytes", long + "%Q%d", long + "007", 1},
		{"one more would fit", long[1:] + "%Qyz", long[1:] + "007y", 1},
		{"%Q beyond 63 bytes is left alone", long + "x%Q%d", long + "x%Q22", 1},
		{"long without %Q is kept", long + long + "%d", long + long + "22", 0},
		{"empty", "", "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := CompileStamp(tt.format)
			require.Equal(t, tt.want, string(s.Append(nil, at)))
			require.Len(t, s.Problems(), tt.problems, "%q", s.Problems())
		})
	}
}

func FuzzStamp(f *testing.F) {
	for _, seed := range []string{DefaultStamp, "%", "%E", "%EQ", "%q%Q", "%c%x%X", strings.Repeat("%Q", 40)} {
		f.Add(seed)
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	f.Fuzz(func(t *testing.T, format string) {
		s := CompileStamp(format)
		got := s.Append([]byte("kept"), at)
		require.True(t, strings.HasPrefix(string(got), "kept"))
		if !strings.Contains(format, "%") {
			require.Equal(t, "kept"+format, string(got))
		}
	})
}
