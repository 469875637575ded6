// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/module/internal/config"
)

// effects says which tests show what each property does: by the type of worker that it is for, then by its name. Tests are of this package, or of
// test/httpd with "httpd." in front.
var effects = map[config.Types]map[string]string{
	config.OnGlobal: {
		"list":     "TestProperty_List",
		"maintain": "TestProperty_Maintain TestProperty_Maintain_Balancer",
	},
	config.OnAll: {
		"type":      "TestProperty_Type",
		"reference": "TestProperty_Reference",
		"mount":     "TestProperty_Mount",
	},
	config.OnAJP: {
		"host":                       "TestProperty_Host",
		"port":                       "TestProperty_Port",
		"socket":                     "TestSocket httpd.TestAddress_Socket",
		"resolve_interval":           "TestResolve_WhenAndWhat",
		"source":                     "TestProperty_Source",
		"prefer_ipv6":                "TestProperty_Host",
		"secret":                     "TestProperty_Secret",
		"socket_timeout":             "TestProperty_SocketTimeout TestProperty_SocketTimeout_Send",
		"socket_connect_timeout":     "TestProperty_SocketConnectTimeout",
		"socket_keepalive":           "TestProperty_SocketOptions",
		"socket_buffer":              "TestProperty_SocketOptions",
		"max_packet_size":            "TestProperty_MaxPacketSize TestProperty_MaxPacketSize_Members",
		"connection_pool_size":       "TestProperty_ConnectionPoolSize TestProperty_ConnectionPoolSize_Member httpd.TestProperty_ConnectionPoolSize",
		"connection_pool_minsize":    "TestProperty_ConnectionPoolTimeout",
		"connection_pool_timeout":    "TestProperty_ConnectionPoolTimeout",
		"connection_acquire_timeout": "TestProperty_ConnectionAcquireTimeout",
		"ping_mode":                  "TestProperty_PingMode",
		"ping_timeout":               "TestProperty_PingTimeouts TestProperty_ConnectionPingInterval",
		"connect_timeout":            "TestProperty_PingTimeouts",
		"prepost_timeout":            "TestProperty_PingTimeouts TestProperty_PrepostTimeout_NextConnection",
		"connection_ping_interval":   "TestProperty_ConnectionPingInterval",
		"reply_timeout":              "TestProperty_ReplyTimeout TestProperty_ReplyTimeout_Precedence httpd.TestProperty_Environment",
		"retries":                    "TestProperty_Retries",
		"retry_interval":             "TestProperty_RetryInterval",
		"recovery_options":           "TestProperty_RecoveryOptions TestProperty_RecoveryOptions_Causes TestProperty_RecoveryOptions_Hard",
		"fail_on_status":             "TestProperty_FailOnStatus TestProperty_FailOnStatus_Member",
		"busy_limit":                 "TestProperty_BusyLimit TestProperty_BusyLimit_Member httpd.TestProperty_BusyLimit",
		"lbfactor":                   "TestProperty_LBFactor",
		"distance":                   "TestProperty_Distance",
		"route":                      "TestProperty_Route",
		"domain":                     "TestProperty_Domain",
		"redirect":                   "TestProperty_Redirect",
		"activation":                 "TestProperty_Activation",
		"stopped":                    "TestProperty_Activation",
		"disabled":                   "TestProperty_Activation",
	},
	config.OnLB: {
		"balance_workers":       "TestProperty_BalanceWorkers",
		"method":                "TestProperty_Method_Sessions TestProperty_Method_Maintenance TestProperty_Method_Traffic TestProperty_Method_Busyness",
		"lock":                  "TestProperty_Lock",
		"secret":                "TestProperty_Secret",
		"sticky_session":        "TestProperty_StickySession",
		"sticky_session_force":  "TestProperty_StickySessionForce",
		"session_cookie":        "TestProperty_StickySession",
		"session_path":          "TestProperty_StickySession",
		"set_session_cookie":    "TestSessionCookie httpd.TestSessionCookie",
		"session_cookie_path":   "TestSessionCookie",
		"retries":               "TestProperty_LBRetries",
		"lb_retries":            "TestProperty_LBRetries",
		"retry_interval":        "TestProperty_LBRetryInterval",
		"recover_time":          "TestProperty_RecoverTime httpd.TestBalance_Recovery",
		"error_escalation_time": "TestProperty_ErrorEscalationTime",
		"max_reply_timeouts":    "TestProperty_MaxReplyTimeouts",
	},
	config.OnStatus: {
		"css":                   "TestProperty_CSS",
		"prefix":                "TestProperty_Prefix",
		"ns":                    "TestProperty_XMLIsNotThere", // fails as soon as they could have an effect
		"xmlns":                 "TestProperty_XMLIsNotThere",
		"doctype":               "TestProperty_XMLIsNotThere",
		"read_only":             "TestProperty_ReadOnly",
		"user":                  "TestProperty_User",
		"user_case_insensitive": "TestProperty_User",
		"good":                  "TestProperty_Good",
		"bad":                   "TestProperty_Good",
	},
}

// ruleEffects is the same for the rule extensions.
var ruleEffects = map[string]string{
	"reply_timeout":       "TestRule_ReplyTimeout",
	"sticky_ignore":       "TestRule_StickyIgnore",
	"stateless":           "TestRule_Stateless",
	"active":              "TestRule_Activation",
	"disabled":            "TestRule_Activation",
	"stopped":             "TestRule_Activation",
	"fail_on_status":      "TestRule_FailOnStatus",
	"use_server_errors":   "TestRule_UseServerErrors",
	"session_cookie":      "TestRule_SessionNames",
	"session_path":        "TestRule_SessionNames",
	"set_session_cookie":  "TestSessionCookie",
	"session_cookie_path": "TestSessionCookie",
}

// testSources are the texts of the tests that a table may name, with what they refer to beside.
func testSources(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for prefix, folder := range map[string]string{"": ".", "httpd.": "../../../test/httpd"} {
		files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
		require.NoError(t, err)
		for _, name := range files {
			if strings.HasSuffix(name, "property_cover_test.go") {
				continue
			}
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, name, text, 0)
			require.NoError(t, err)
			for _, d := range file.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
					texts[prefix+f.Name.Name] = string(text[set.Position(f.Pos()).Offset:set.Position(f.End()).Offset])
				}
			}
		}
	}
	return texts
}

// requireTests requires that the tests exist and have to do with the name.
func requireTests(t *testing.T, sources map[string]string, tests, name string) {
	t.Helper()
	require.NotEmpty(t, tests, "nothing shows what %s does", name)
	word := regexp.MustCompile(`(^|[^A-Za-z_]|\\n)` + name + `\b`)
	mentioned := false
	for _, test := range strings.Fields(tests) {
		_, found := sources[test]
		require.True(t, found, "there is no %s, which should show what %s does", test, name)
		mentioned = mentioned || word.MatchString(sources[test])
	}
	require.True(t, mentioned, "%s does not mention %s", tests, name)
}

// TestCover_Properties: every property of the table, its older names included, has a test of what it does. Those that do nothing have one of that.
func TestCover_Properties(t *testing.T) {
	sources, named := testSources(t), 0
	for i := range config.Properties {
		p := &config.Properties[i]
		if p.Kind == config.KindIgnored {
			requireTests(t, sources, "TestProperty_Ignored", p.Name)
			continue
		}
		named++
		for _, name := range append([]string{p.Name}, p.Aliases...) {
			requireTests(t, sources, effects[p.Types][p.Name], name)
		}
	}
	for _, names := range effects {
		named -= len(names)
	}
	require.Zero(t, named, "rows for properties that do not exist")
}

// TestCover_Rules: every rule extension has one, too.
func TestCover_Rules(t *testing.T) {
	sources := testSources(t)
	_, _, findings := config.ParseTarget("a;unknown=1")
	require.Len(t, findings, 1)
	known := strings.FieldsFunc(findings[0].Text, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') })
	for name, tests := range ruleEffects {
		require.True(t, slices.Contains(known, name), name)
		requireTests(t, sources, tests, name)
	}
	require.GreaterOrEqual(t, len(known), len(ruleEffects))
	for _, word := range known {
		if strings.Contains(word, "_") {
			require.Contains(t, ruleEffects, word)
		}
	}
}
