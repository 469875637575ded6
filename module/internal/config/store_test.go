// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// values returns everything that the store holds as "name=value" lines, without ServerRoot.
func values(s *store) string {
	var lines []string
	for _, p := range s.settings {
		if p.name != "ServerRoot" {
			lines = append(lines, p.name+"="+p.value)
		}
	}
	return strings.Join(lines, "\n")
}

func TestStore_Grammar(t *testing.T) {
	vars := func(n int) string { return strings.Repeat("$(v)", n) }
	tests := []struct {
		name      string
		lines     []string // JkWorkerProperty
		text      string
		want      string
		wantFound []ID
	}{
		{"split at the first '='", nil, "a=b=c", "a=b=c", nil},
		{"blanks do not count", nil, " \ta\v = \f b c \r\n", "a=b c", nil},
		{"last line without newline", nil, "a=b\nc=d", "a=b\nc=d", nil},
		{"empty lines and comments", nil, "\n\r\n  # x\n#\n\t\n", "", nil},
		{"comment behind a value", nil, "a=b # c=d", "a=b", nil},
		{"comment inside a value", nil, "a=b#c", "a=b", nil},
		{"'#' is no comment in JkWorkerProperty", []string{"worker.a.secret=s3cret#x"}, "", "worker.a.secret=s3cret#x", nil},
		{"'!' and ';' are no comments", nil, "!a=b\n;c=d", "!a=b\n;c=d", nil},
		{"no continuation lines", nil, "a=b\\\nc=d", "a=b\\\nc=d", nil},
		{"line without '='", nil, "a b", "", []ID{idIgnoredLine}},
		{"JkWorkerProperty without '='", []string{"a b"}, "", "", []ID{idIgnoredLine}},
		{"empty JkWorkerProperty", []string{""}, "", "", nil},
		{"no name", nil, " =b", "", []ID{idIgnoredLine}},
		{"no value", nil, "a=", "", []ID{idEmptyValue}},
		{"only a comment as value", nil, "a= # b", "", []ID{idEmptyValue}},
		{"value begins with '#'", nil, "worker.a.secret=#b", "", []ID{idSecretCut}},
		{"byte order mark", nil, "\ufeffa=b", "a=b", []ID{idByteOrderMark}},
		{"longest line", nil, "a=" + strings.Repeat("x", lineMax-2) + "\n", "a=" + strings.Repeat("x", lineMax-2), nil},
		{"too long a line", nil, "a=" + strings.Repeat("x", lineMax-1) + "\nb=c", "b=c", []ID{idLineTooLong}},
		{"too long a JkWorkerProperty", []string{"a=" + strings.Repeat("x", lineMax-1)}, "", "", []ID{idLineTooLong}},
		{"NUL byte", nil, "a=b\x00c\nd=e", "d=e", []ID{idNulByte}},
		{"names are case-sensitive", nil, "a=b\nA=c", "a=b\nA=c", nil},

		{"unknown attribute", nil, "worker.a.hsot=b\nc=d", "c=d", []ID{idUnsupported}},
		{"unknown attribute in JkWorkerProperty", []string{"worker.a.nosuch=b"}, "", "", []ID{idUnsupported}},
		{"only the last part of a name counts", nil, "worker.any.thing.host=b", "worker.any.thing.host=b", nil},
		{"unknown global", nil, "worker.lsit=b", "", []ID{idUnsupported}},
		{"attribute without worker", nil, "worker.host=b", "worker.host=b", []ID{idNoWorkerName}},
		{"deprecated", nil, "worker.a.jvm_route=b", "worker.a.jvm_route=b", []ID{idDeprecated}},
		{"dead", nil, "worker.a.sysprops=b", "worker.a.sysprops=b", []ID{idDeprecated}},
		{"variables may have any name", nil, "workers.tomcat_home=/x\nps=/\nx.y.hsot=1", "workers.tomcat_home=/x\nps=/\nx.y.hsot=1", nil},

		{"duplicate: the last wins", nil, "worker.a.host=b\nx=y\nworker.a.host=c", "worker.a.host=c\nx=y", []ID{idDuplicate}},
		{"duplicate of what mod_jk joins with '*'", nil, "worker.a.distance=1\nworker.a.distance=2", "worker.a.distance=2", []ID{idDuplicate}},
		{"duplicate variable", nil, "v=1\nv=2", "v=2", []ID{idDuplicate}},
		{"duplicate in property and file", []string{"worker.a.host=b"}, "worker.a.host=c", "worker.a.host=c", []ID{idDuplicate}},
		{"duplicate of ServerRoot", nil, "ServerRoot=/x\na=$(ServerRoot)", "a=/x", []ID{idDuplicate}},
		{"duplicate list: joined", []string{"worker.list=a"}, "worker.list=b c\nworker.list=d", "worker.list=a,b c,d", nil},
		{"duplicate list of a template of variables: joined", nil, "t.mount=/a\nt.mount=/b\nt.x.fail_on_status=1\nt.x.fail_on_status=2", "t.mount=/a,/b\nt.x.fail_on_status=1,2", nil},
		{"duplicate variable with the name of a list", nil, "mount=/a\nmount=/b", "mount=/b", []ID{idDuplicate}},
		{
			"every list attribute is joined", nil, joined("balance_workers", "balanced_workers", "mount", "user", "good", "bad", "fail_on_status"),
			joinedWant("balance_workers", "balanced_workers", "mount", "user", "good", "bad", "fail_on_status"),
			[]ID{idDeprecated},
		},

		{"variable", nil, "v=1\na=x$(v)y", "v=1\na=x1y", nil},
		{"variable of the environment", nil, "a=$(HOME)", "a=/home/jk", nil},
		{"property before environment", nil, "HOME=/x\na=$(HOME)", "HOME=/x\na=/x", nil},
		{"worker property as variable", nil, "worker.a.port=1\nworker.b.port=$(worker.a.port)", "worker.a.port=1\nworker.b.port=1", nil},
		{"ServerRoot", nil, "a=$(ServerRoot)/conf", "a=/srv/httpd/conf", nil},
		{"ServerRoot is not known to JkWorkerProperty", []string{"a=$(ServerRoot)"}, "", "a=$(ServerRoot)", []ID{idUnresolved}},
		{"JkWorkerProperty sees earlier ones", []string{"v=1", "a=$(v)"}, "b=$(v)", "v=1\na=1\nb=1", nil},
		{"no forward reference", nil, "a=$(v)\nv=1", "a=$(v)\nv=1", []ID{idUnresolved}},
		{"unresolved stays", nil, "a=x$(nosuch)y$(HOME)", "a=x$(nosuch)y/home/jk", []ID{idUnresolved}},
		{"not in names", nil, "v=1\n$(v)=2", "v=1\n$(v)=2", nil},
		{"not looked through again", nil, "a=$(LOOP)\nb=$(a)", "a=$(HOME)\nb=$(HOME)", nil},
		{"not closed", nil, "a=$(HOME", "a=$(HOME", nil},
		{"21 variables", nil, "v=1\na=" + vars(21), "v=1\na=" + strings.Repeat("1", 21), nil},
		{"the 22nd stays", nil, "v=1\na=" + vars(23), "v=1\na=" + strings.Repeat("1", 21) + vars(2), []ID{idTooManyVars}},
		{"empty variable", nil, "a=x$(EMPTY)y", "a=xy", nil},
		{"worker property from an empty variable", nil, "worker.a.host=$(EMPTY)", "", []ID{idEmptyVariable}},
		{"variable from an empty variable", nil, "a=$(EMPTY)\nb=x$(a)", "a=\nb=x", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var directives []DirectiveInput
			for i, line := range tt.lines {
				directives = append(directives, directive(0, i+1, "JkWorkerProperty", line))
			}
			l := newLoader(input(tt.text, directives...))
			l.properties()
			require.Equal(t, tt.want, values(l.store))
			require.Equal(t, tt.wantFound, ids(l.report.list))
		})
	}
}

func joined(names ...string) string {
	text := ""
	for _, name := range names {
		text += fmt.Sprintf("worker.a.%s=1\nworker.a.%s=2\n", name, name)
	}
	return text
}

func joinedWant(names ...string) string {
	var lines []string
	for _, name := range names {
		lines = append(lines, "worker.a."+name+"=1,2")
	}
	return strings.Join(lines, "\n")
}

// ids returns the different ids of findings in the order in which they first occur.
func ids(d Diagnostics) []ID {
	var list []ID
	seen := map[ID]bool{}
	for i := range d {
		if !seen[d[i].ID] {
			seen[d[i].ID] = true
			list = append(list, d[i].ID)
		}
	}
	return list
}

func TestStore_References(t *testing.T) {
	chain := func(length int) string {
		text := "worker.w0.type=ajp13\n"
		for i := range length {
			text += fmt.Sprintf("worker.w%d.reference=worker.w%d\n", i, i+1)
		}
		return text + fmt.Sprintf("worker.w%d.port=7\n", length)
	}
	tests := []struct {
		name, text, property, want string
		wantFound                  []ID
	}{
		{"simple", "worker.a.reference=worker.t\nworker.t.host=h\n", "worker.a.host", "h", nil},
		{"template above", "worker.t.host=h\nworker.a.reference=worker.t\n", "worker.a.host", "h", nil},
		{"own wins", "worker.a.reference=worker.t\nworker.t.host=h\nworker.a.host=own\n", "worker.a.host", "own", nil},
		{"nested", "worker.a.reference=worker.t\nworker.t.reference=worker.u\nworker.u.host=h\n", "worker.a.host", "h", nil},
		{"nearer template wins", "worker.a.reference=worker.t\nworker.t.reference=worker.u\nworker.u.host=u\nworker.t.host=t\n", "worker.a.host", "t", nil},
		{"template of variables", "worker.a.reference=my.t\nmy.t.host=h\n", "worker.a.host", "h", nil},
		{"nested template of variables", "worker.a.reference=my.t\nmy.t.reference=my.u\nmy.u.host=h\n", "worker.a.host", "h", nil},
		{"by variable", "t=worker.t\nworker.a.reference=$(t)\nworker.t.host=h\n", "worker.a.host", "h", nil},
		{"lists are not merged", "worker.a.reference=worker.t\nworker.t.mount=/t\nworker.a.mount=/a\n", "worker.a.mount", "/a", nil},
		{"a prefix of a name is no template", "worker.a.reference=worker.t\nworker.tt.host=no\nworker.t.port=1\n", "worker.a.host", "", nil},
		{"unsupported in a template of variables", "worker.a.reference=my.t\nmy.t.hsot=h\nmy.t.port=1\n", "worker.a.port", "1", []ID{idRefUnsupported}},
		{"20 deep", chain(20), "worker.w0.port", "7", nil},
		{"21 deep", chain(21), "worker.w0.port", "", []ID{idRefDepth}},
		{"not found", "worker.a.reference=worker.t\n", "worker.a.host", "", []ID{idRefNotFound}},
		{"dot at the end", "worker.a.reference=worker.t.\nworker.t.host=h\n", "worker.a.host", "", []ID{idRefNotFound}},
		{"loop of one", "worker.a.reference=worker.a\n", "worker.a.host", "", []ID{idRefLoop}},
		{"loop of two", "worker.a.reference=worker.b\nworker.b.reference=worker.a\n", "worker.a.host", "", []ID{idRefLoop}},
		{"loop behind a template", "worker.a.reference=my.t\nmy.t.reference=my.u\nmy.u.reference=my.t\n", "worker.a.host", "", []ID{idRefLoop}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLoader(input(tt.text))
			l.properties()
			l.store.resolveReferences()
			require.Equal(t, tt.wantFound, ids(l.report.list))
			got := ""
			if p := l.store.index[tt.property]; p != nil {
				got = p.value
			}
			require.Equal(t, tt.want, got)
		})
	}
}

func TestParseInteger(t *testing.T) {
	tests := []struct {
		text string
		want int
		rest string
		ok   bool
	}{
		{"0", 0, "", true},
		{"8009", 8009, "", true},
		{"-5", -5, "", true},
		{"+5", 5, "", true},
		{"007", 7, "", true},
		{"10k", 10240, "", true},
		{"1K", 1024, "", true},
		{"2m", 2 << 20, "", true},
		{"2M", 2 << 20, "", true},
		{"10 k", 10, " k", true},
		{"10sk", 10, "sk", true},
		{"10kb", 10240, "b", true},
		{"3*4", 3, "*4", true},
		{"2147483647", 2147483647, "", true},
		{"-2147483648", -2147483648, "", true},
		{"2147483648", 0, "2147483648", false},
		{"2047m", 2047 << 20, "", true},
		{"2048m", 0, "2048m", false},
		{"99999999999999999999", 0, "99999999999999999999", false},
		{"abc", 0, "abc", false},
		{"", 0, "", false},
		{"-", 0, "-", false},
		{"0x10", 0, "x10", true},
		{"1.5", 1, ".5", true},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			got, rest, ok := parseInteger(tt.text)
			require.Equal(t, tt.ok, ok)
			require.Equal(t, tt.want, got)
			require.Equal(t, tt.rest, rest)
		})
	}
}

func TestParseBoolean(t *testing.T) {
	for text, want := range map[string]string{
		"on": "true", "ON": "true", "1": "true", "t": "true", "Truth": "true", "yes": "true", "Y": "true",
		"off": "false", "oFF": "false", "0": "false", "f": "false", "FALSE": "false", "no": "false", "Never": "false",
		"": "neither", "2": "neither", "o": "neither", "onn": "neither", "10": "neither", "enabled": "neither",
	} {
		got := "neither"
		if value, ok := parseBoolean(text); ok {
			got = fmt.Sprint(value)
		}
		require.Equal(t, want, got, "%q", text)
	}
}

func TestSplitList(t *testing.T) {
	require.Equal(t, []string{"a", "b", "c", "d"}, splitList(" a,b\tc , ,\r\nd,"))
	require.Empty(t, splitList(" ,\t,"))
}

func TestClosest(t *testing.T) {
	for name, want := range map[string]string{
		"hsot": "host", "Port": "port", "sticky_sessions": "sticky_session", "connection_pool_sise": "connection_pool_size",
		"balance_worker": "balance_workers", "nothing_like_it": "", "xy": "",
	} {
		require.Equal(t, want, closest(name), name)
	}
}
