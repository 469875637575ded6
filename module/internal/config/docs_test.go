// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/module/internal/requestlog"
)

var update = flag.Bool("update", false, "write the documentation that is made from the tables")

func TestDocs_AreUpToDate(t *testing.T) {
	tests := []struct {
		name string
		want string
	}{
		{"workers.properties.md", PropertiesMarkdown()},
		{"directives.md", DirectivesMarkdown()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join("..", "..", "..", "docs", tt.name)
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(tt.want), 0o644))
			}
			got, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, tt.want, string(got), "run: go test ./module/internal/config -update")
		})
	}
}

// TestDocs_TablesAreWhole checks that each row of a table has as many cells as its heading.
func TestDocs_TablesAreWhole(t *testing.T) {
	cell := regexp.MustCompile(`(^|[^\\])\|`)
	for _, text := range []string{PropertiesMarkdown(), DirectivesMarkdown()} {
		columns := 0
		for _, line := range strings.Split(text, "\n") {
			n := len(cell.FindAllString(line, -1))
			if !strings.HasPrefix(line, "|") {
				columns = 0
				continue
			}
			if columns == 0 {
				columns = n
			}
			require.Equal(t, columns, n, line)
		}
	}
}

func TestProperties_Table(t *testing.T) {
	seen := map[string]Types{}
	for i := range Properties {
		p := &Properties[i]
		t.Run(p.Name+" "+p.Group, func(t *testing.T) {
			require.Zero(t, seen[p.Name]&p.Types, "one row for a name and a type")
			seen[p.Name] |= p.Types
			require.Regexp(t, `^[a-z0-9_]+$`, p.Name)
			require.NotEmpty(t, p.Group)
			require.Regexp(t, `^[A-Z].*\.$`, p.Doc)
			if p.Notes != "" {
				require.Regexp(t, `\.$`, p.Notes)
			}
			require.False(t, p.Default != "" && p.Computed != "", "a default or how it is computed")
			for _, alias := range p.Aliases {
				row, old := knownAttribute(alias)
				require.Equal(t, p, row)
				require.True(t, old)
			}
			switch p.Kind {
			case KindInteger:
				if p.Default != "" {
					n, rest, ok := parseInteger(p.Default)
					require.True(t, ok && rest == "")
					require.True(t, p.Min == p.Max || n >= p.Min && n <= p.Max, "the default is in range")
				} else {
					require.NotEmpty(t, p.Computed)
				}
			case KindBoolean:
				_, ok := parseBoolean(p.Default)
				require.True(t, ok)
			case KindChoice:
				_, close, ok := parseChoice(p.Default, p.Choices)
				require.True(t, ok && close)
			}
		})
	}
}

// TestProperties_AreThoseOfModJk compares the names with all that mod_jk 1.2.51 supports, and our own.
func TestProperties_AreThoseOfModJk(t *testing.T) {
	want := strings.Fields(`
		list maintain type reference mount host port source prefer_ipv6 secret secretkey socket_timeout socket_connect_timeout
		socket_keepalive socket_buffer connection_pool_size cachesize connection_pool_minsize connection_pool_timeout cache_timeout
		connection_acquire_timeout recycle_timeout ping_mode ping_timeout connect_timeout prepost_timeout connection_ping_interval
		reply_timeout retries retry_interval recovery_options fail_on_status busy_limit max_packet_size lb_retries lbfactor distance
		route jvm_route domain redirect activation disabled stopped balance_workers balanced_workers sticky_session
		sticky_session_force method lock recover_time error_escalation_time max_reply_timeouts session_cookie session_path
		set_session_cookie session_cookie_path local_worker local_worker_only css prefix ns xmlns doctype read_only user
		user_case_insensitive good bad sysprops stderr stdout mx ms class_path bridge jvm_lib ld_path cmd_line native_lib

		socket resolve_interval`)
	var got []string
	for i := range Properties {
		for _, name := range append([]string{Properties[i].Name}, Properties[i].Aliases...) {
			if len(got) == 0 || !strings.Contains(" "+strings.Join(got, " ")+" ", " "+name+" ") {
				got = append(got, name)
			}
		}
	}
	require.ElementsMatch(t, want, got)
}

func TestDirectives_Table(t *testing.T) {
	require.Len(t, Directives, 37)
	seen := map[string]bool{}
	for i := range Directives {
		d := &Directives[i]
		require.False(t, seen[strings.ToLower(d.Name)], d.Name)
		seen[strings.ToLower(d.Name)] = true
		require.Regexp(t, `^[A-Z`+"`"+`].*\.$`, d.Doc, d.Name)
		require.Equal(t, d, findDirective(strings.ToUpper(d.Name)))
		require.Contains(t, []string{contextMain, contextServer, contextSection}, d.Context, d.Name)
		require.NotEmpty(t, d.Args, d.Name)
		require.NotEmpty(t, d.Merge, d.Name)
		require.Equal(t, d.Interpreted, d.Least > 0, d.Name)
		if d.Group != groupIndicators && d.Name != "JkEnvVar" && d.Name != "JkShmSize" { // which take anything
			require.Regexp(t, `\.$`, d.Bad, d.Name)
		}
		if d.Context == contextMain {
			require.Equal(t, mergeGlobal, d.Merge, d.Name)
		}
		text := DirectivesMarkdown()
		require.Contains(t, text, d.Doc)
		require.Contains(t, text, d.Default)
	}
}

// TestDirectives_Examples: each example is the directive it belongs to, and nothing is wrong with it.
func TestDirectives_Examples(t *testing.T) {
	for i := range Directives {
		d := &Directives[i]
		in := input("worker.list=balancer\nworker.balancer.type=lb\nworker.balancer.balance_workers=n1\nworker.n1.port=8009\n")
		for n, line := range strings.Split(strings.TrimSuffix(d.Example, "\n"), "\n") {
			name, rest, _ := strings.Cut(line, " ")
			if d.Example == "" || !d.Interpreted {
				continue
			}
			require.Equal(t, d.Name, name)
			args := []string{rest}
			if strings.HasPrefix(rest, `"`) {
				args = []string{strings.Trim(rest, `"`)}
			} else if name != "JkWorkerProperty" {
				args = strings.Fields(rest)
			}
			in.Directives = append(in.Directives, directive(0, n+1, name, args...))
		}
		_, findings := load(t, in)
		require.Empty(t, findings, d.Name)
	}
}

var shimRow = regexp.MustCompile(`(?m)^\s+(?:AP_INIT_RAW_ARGS|JK|JK_SHARED|JK_INDICATOR)\("(\w+)"(?:, "(\w+)"\))?`)

// TestDirectives_AreThoseOfTheShim compares the table with the directives that the shim registers, and the default names of variables.
func TestDirectives_AreThoseOfTheShim(t *testing.T) {
	shim, err := os.ReadFile("../../../cgo_bridge.c")
	require.NoError(t, err)
	got, want := map[string]string{}, map[string]string{}
	for _, m := range shimRow.FindAllStringSubmatch(string(shim), -1) {
		got[m[1]] = m[2]
	}
	for i := range Directives {
		d := &Directives[i]
		want[d.Name] = ""
		if d.Group == groupIndicators {
			want[d.Name] = d.Default
		}
	}
	require.Equal(t, want, got)
}

// TestDocs_Tokens: the table of tokens has each token once, in its order.
func TestDocs_Tokens(t *testing.T) {
	var got []string
	for _, m := range regexp.MustCompile("(?m)^\\| `(%\\w)` \\|").FindAllStringSubmatch(tokensText, -1) {
		got = append(got, m[1])
	}
	require.Equal(t, requestlog.Tokens, strings.Join(got, " "))
}

// TestDocs_MountFile: nothing is wrong with the example in docs/uriworkermap.properties.md.
func TestDocs_MountFile(t *testing.T) {
	doc, err := os.ReadFile("../../../docs/uriworkermap.properties.md")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(doc), "```properties\n")
	require.True(t, found)
	example, _, _ := strings.Cut(rest, "```")
	c, findings := load(t, withMap(input("worker.list=balancer\nworker.balancer.type=lb\nworker.balancer.balance_workers=n1\nworker.n1.port=8009\n"), 0, mapFile, example))
	require.Empty(t, findings)
	require.Len(t, c.Servers[0].Rules, 6)
}

// TestExtensions_AreThoseOfModJk compares the names with all that mod_jk 1.2.51 supports.
func TestExtensions_AreThoseOfModJk(t *testing.T) {
	require.Equal(t, "reply_timeout, sticky_ignore, stateless, active, disabled, stopped, fail_on_status, use_server_errors, session_cookie, "+
		"session_path, set_session_cookie, session_cookie_path", extensionNames())
}
