// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// reloaded loads the same input with two texts of its workers file and of its mount file, and returns the findings of both.
func reloaded(t *testing.T, before, after [2]string) (old, next Diagnostics) {
	t.Helper()
	in := withMap(input(before[0], directive(0, 1, "JkMount", "/m", "a")), 0, mapFile, before[1])
	c, old := Load(in)
	require.NotNil(t, c, "%v", old)
	_, next = Load(in.WithFile(0, after[0]).WithFile(1, after[1]))
	return old, next
}

func TestReload_Blocks(t *testing.T) {
	const workers, rules = twoWorkers, "/x=a\n"
	tests := []struct {
		name          string
		before, after [2]string
		blocks, news  []ID
	}{
		{"nothing", [2]string{workers, rules}, [2]string{workers, rules}, nil, nil},
		{"more and other rules", [2]string{workers, rules}, [2]string{workers, "/x=b\n/y=a\n!/x/z=*\n"}, nil, nil},
		{"no rules any more", [2]string{workers, rules}, [2]string{workers, ""}, nil, nil},
		{"a rule that is none", [2]string{workers, rules}, [2]string{workers, rules + "*.jsp=a\n"}, []ID{idMapRule}, []ID{idMapRule}},
		{"half a line", [2]string{workers, rules}, [2]string{workers, rules + "/y"}, []ID{idIgnoredLine}, []ID{idIgnoredLine}},
		{"half a line, up to the '='", [2]string{workers, rules}, [2]string{workers, rules + "/y="}, []ID{idEmptyValue}, []ID{idEmptyValue}},
		{"half a worker's name", [2]string{"worker.list=one\nworker.one.port=1\n", "/y=one"}, [2]string{"worker.list=one\nworker.one.port=1\n", "/y=on"}, []ID{idMountUnknown}, []ID{idMountUnknown}},
		{"a worker that does not exist", [2]string{workers, rules}, [2]string{workers, "/x=z"}, []ID{idMountUnknown}, []ID{idMountUnknown}},
		{"a worker that a mount needs is gone", [2]string{workers, rules}, [2]string{"worker.list=b\nworker.b.port=2\n", ""}, []ID{idMountUnknown}, []ID{idMountUnknown}},
		{"a worker without definition", [2]string{workers, rules}, [2]string{workers + "worker.list=c\n", rules}, []ID{idUndefined}, []ID{idUndefined}},
		{"a failure", [2]string{workers, rules}, [2]string{workers, "worker.a.prot=1"}, []ID{idUnsupported}, []ID{idUnsupported}},
		{"a failure in workers.properties", [2]string{workers, rules}, [2]string{workers + "worker.a.type=none", rules}, []ID{idUnknownType}, []ID{idUnknownType}},
		{"an unknown extension", [2]string{workers, rules}, [2]string{workers, "/x=a;reply_timeuot=1"}, []ID{idExtUnknown}, []ID{idExtUnknown}},
		{"a number that is none", [2]string{workers, rules}, [2]string{workers + "worker.a.retries=two\n", rules}, []ID{idNotNumber}, []ID{idNotNumber}},

		{"what is wrong already, in another line", [2]string{workers, "*.jsp=a\n/x"}, [2]string{workers, "\n/new=a\n*.jsp=a\n#\n/x"}, nil, nil},
		{"the same again", [2]string{workers, "/x\n"}, [2]string{workers, "/x\n/y\n"}, []ID{idIgnoredLine}, []ID{idIgnoredLine}},
		{"mended", [2]string{workers, "/x\n/y\n*.gif=a"}, [2]string{workers, "/y=a\n/x=a\n"}, nil, nil},
		{"another one", [2]string{workers, "/x=z"}, [2]string{workers, "/x=y"}, []ID{idMountUnknown}, []ID{idMountUnknown}},
		{"what only deserves a line", [2]string{workers, rules}, [2]string{workers + "worker.a.lbfactor=0\nworker.a.cachesize=3\n", rules + rules}, nil, []ID{idDuplicate, idDeprecated, idOutOfRange}},
		{"which deserves it once", [2]string{workers + "worker.a.host=x\nworker.a.host=x\n", rules}, [2]string{"\n" + workers + "worker.a.host=x\n\nworker.a.host=x\n", rules}, nil, nil},
		{"a variable of the mount file", [2]string{workers, rules}, [2]string{workers, "w=a\n/x=$(w)\n"}, nil, []ID{idMapVariable}},
		{"a disabled rule for a worker that is gone", [2]string{workers, rules}, [2]string{workers, rules + "-/y=c"}, nil, nil},

		{"a harmless flood", [2]string{workers, rules}, [2]string{workers, strings.Repeat(rules, 300)}, nil, []ID{idDuplicate, idMore}},
		{"a flood that hides what is lost", [2]string{workers, rules}, [2]string{workers, strings.Repeat(rules, 300) + "/y"}, []ID{idMoreLost}, []ID{idDuplicate, idMoreLost, idMore}},
		{"a flood that was there", [2]string{workers, strings.Repeat(rules, 300)}, [2]string{workers, strings.Repeat(rules, 290)}, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			old, next := reloaded(t, tt.before, tt.after)
			blocks, news := next.BlocksReload(old), next.New(old)
			require.Equal(t, tt.blocks, ids(blocks), "%v", blocks)
			require.ElementsMatch(t, tt.news, ids(news), "%v", news)
			for _, d := range blocks {
				require.NotContains(t, d.Text, "httpd does not start")
				require.True(t, d.ID == idMoreLost || strings.HasSuffix(d.Text, "; the configuration in force stays"), d.Text)
			}
		})
	}
}

// TestReload_NamesTheNewOne: of several findings that read the same, the one in a line that had none is shown.
func TestReload_NamesTheNewOne(t *testing.T) {
	old, next := reloaded(t, [2]string{twoWorkers, "/a\n#\n#\n/b\n"}, [2]string{twoWorkers, "/a\n#\n/c\n/b\n"})
	blocks := next.BlocksReload(old)
	require.Len(t, blocks, 1)
	require.Equal(t, 3, blocks[0].Line)
	require.Equal(t, "conf/uriworkermap.properties:3: warning: this is not a rule; accepted: pattern=worker, or # and a comment; the configuration in force stays id=GOJK1004", blocks[0].String())
}

// TestReload_FailuresAlwaysBlock, even one that was there, as a restart by signal may have kept the configuration before it.
func TestReload_FailuresAlwaysBlock(t *testing.T) {
	_, found := Load(input("worker.a.prot=1"))
	require.True(t, found.Failed())
	require.Len(t, found.BlocksReload(found), len(found.filter(Failure))-len(found.filter(Warning)))
}

// TestReload_Kinds: every Failure refuses a reload, no Notice does.
func TestReload_Kinds(t *testing.T) {
	for _, f := range findings {
		d := Diagnostics{{ID: f.id, Severity: f.severity, Text: "text"}}
		blocks := len(d.BlocksReload(nil)) > 0
		require.Equal(t, f.lost, blocks, f.id)
		if f.severity == Failure {
			require.True(t, blocks, f.id)
		}
		if f.severity == Notice && f.id != idMoreLost {
			require.False(t, blocks, f.id)
		}
	}
}

func TestInput_WithFile(t *testing.T) {
	in := sampleInput()
	next := in.WithFile(1, "/x=a")
	require.Equal(t, sampleInput(), in, "the input stays as it is")
	require.Equal(t, FileInput{1, 0, "JkMountFile", "/nowhere", "/x=a", 0}, next.Files[1])
	require.Equal(t, in.Files[0], next.Files[0])
	next.Files[1] = in.Files[1]
	require.Equal(t, in, next)
	got, err := Decode(in.WithFile(1, "/x=a").Append(nil))
	require.NoError(t, err)
	require.Equal(t, "/x=a", got.Files[1].Content)
}

// FuzzReload: a configuration never blocks itself, and whatever is new is one of its findings.
func FuzzReload(f *testing.F) {
	f.Add("/x=a\n", "/x=a\n/y\n")
	f.Add("/y\n/y\n/z\n", "\n/z\n/y\n*.jsp=a\n")
	f.Fuzz(func(t *testing.T, before, after string) {
		_, old := Load(withMap(input(twoWorkers), 0, mapFile, before))
		_, next := Load(withMap(input(twoWorkers), 0, mapFile, after))
		if !old.Failed() {
			require.Empty(t, old.New(old))
		}
		news := next.New(old)
		require.GreaterOrEqual(t, len(news), len(next)-len(old), "each old one excuses one at most")
		seen := map[string]bool{}
		for _, d := range next {
			seen[fmt.Sprint(d)] = true
		}
		for _, d := range news {
			require.True(t, seen[fmt.Sprint(d)])
		}
		require.Equal(t, next.Failed(), next.BlocksReload(old).Failed())
	})
}
