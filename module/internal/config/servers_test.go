// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// samples are arguments for each directive that the library interprets; they differ from the defaults.
var samples = map[string][]string{
	"JkWorkersFile":         {"/w"},
	"JkWorkerProperty":      {"worker.maintain=7"},
	"JkShmSize":             {"1"},
	"JkWatchdogInterval":    {"3"},
	"JkMount":               {"/x", "a"},
	"JkUnMount":             {"/x", "*"},
	"JkMountCopy":           {"All"},
	"JkMountFile":           {"/m"},
	"JkMountFileReload":     {"7"},
	"JkAutoAlias":           {"/webapps"},
	"JkStripSession":        {"On"},
	"JkLogLevel":            {"error"},
	"JkLogStampFormat":      {"%H "},
	"JkRequestLogFormat":    {"%w"},
	"JkOptions":             {"+FlushHeader"},
	"JkEnvVar":              {"REGION", "eu"},
	"JkExtractSSL":          {"Off"},
	"JkWorkerIndicator":     {"V"},
	"JkRequestIdIndicator":  {"V"},
	"JkRemoteAddrIndicator": {"V"}, "JkRemotePortIndicator": {"V"}, "JkRemoteHostIndicator": {"V"}, "JkRemoteUserIndicator": {"V"},
	"JkAuthTypeIndicator": {"V"}, "JkLocalNameIndicator": {"V"}, "JkLocalAddrIndicator": {"V"}, "JkLocalPortIndicator": {"V"},
	"JkIgnoreCLIndicator": {"V"}, "JkHTTPSIndicator": {"V"}, "JkSSLPROTOCOLIndicator": {"V"}, "JkCERTSIndicator": {"V"},
	"JkCIPHERIndicator": {"V"}, "JkSESSIONIndicator": {"V"}, "JkKEYSIZEIndicator": {"V"}, "JkCERTCHAINPrefix": {"V"},
}

// sampled is a configuration with every kind of thing, in which each sample makes a difference.
func sampled(d ...DirectiveInput) *Input {
	in := input(twoWorkers, append(d, directive(0, 90, "JkMount", "/all", "b"))...)
	in.Files = append(in.Files, FileInput{Directive: "JkMountFile", Path: "/m", Content: "/f=a"})
	return in
}

// TestDirectives_AreInterpreted: each directive of the table that is not the shim's own changes the configuration, or is an input that is a file, or
// says that it is ignored. So none is registered, documented and forgotten.
func TestDirectives_AreInterpreted(t *testing.T) {
	without, _ := Load(sampled())
	for i := range Directives {
		d := &Directives[i]
		args, ok := samples[d.Name]
		require.Equal(t, d.Interpreted, ok, d.Name)
		if !d.Interpreted {
			require.Contains(t, []string{"JkShmFile", "JkLogFile"}, d.Name, "the shim's own")
			continue
		}
		t.Run(d.Name, func(t *testing.T) {
			with, found := Load(sampled(directive(0, 1, d.Name, args...)))
			require.NotNil(t, with, "%v", found)
			switch d.Name {
			case "JkWorkersFile", "JkMountFile": // the file itself is in the input
				require.Empty(t, found)
			case "JkShmSize":
				require.Len(t, found, 1)
			default:
				require.Empty(t, found)
				require.False(t, sameConfig(without, with), "it changes nothing")
			}
			tooMany := append(slices.Clone(args), "x", "y", "z")
			c, found := Load(sampled(directive(0, 1, d.Name, tooMany...)))
			require.Nil(t, c, "%v", found)
			require.Equal(t, d.Most > 0, slices.ContainsFunc(found, func(f Diagnostic) bool { return f.ID == idDirectiveArgs }))
			if d.Context == contextMain && d.Name != "JkWorkersFile" {
				_, found = Load(sampled(directive(1, 1, d.Name, args...)))
				require.True(t, slices.ContainsFunc(found, func(f Diagnostic) bool { return f.ID == idMainOnly }))
			}
		})
	}
}

func sameConfig(a, b *Config) bool {
	if len(a.Workers) != len(b.Workers) {
		return false
	}
	x, y := *a, *b
	x.Workers, y.Workers = nil, nil
	return reflect.DeepEqual(x, y)
}

// TestDirectives_Merge: what reaches a virtual host of each directive that is simply inherited, and what its own does.
func TestDirectives_Merge(t *testing.T) {
	others := map[string][]string{ // another value than in samples
		"JkLogLevel": {"debug"}, "JkLogStampFormat": {"%M "}, "JkRequestLogFormat": {"%U"}, "JkExtractSSL": {"On"},
		"JkStripSession": {"On", ";sid"}, "JkMountFileReload": {"9"},
	}
	for i := range Directives {
		d := &Directives[i]
		if !d.Interpreted || d.Merge != mergeInherited && d.Name != "JkStripSession" {
			continue
		}
		t.Run(d.Name, func(t *testing.T) {
			other, ok := others[d.Name]
			if !ok {
				require.Equal(t, groupIndicators, d.Group)
				other = []string{"W"}
			}
			in := func(d ...DirectiveInput) *Config {
				in := input(twoWorkers, d...)
				for server := range in.Servers {
					in.Files = append(in.Files, FileInput{Server: server, Directive: "JkMountFile", Path: "/m"})
				}
				c, found := Load(in)
				require.Empty(t, found)
				for _, s := range c.Servers { // what differs anyway
					s.Index, s.Name, s.LogFD, s.MountFile.File, s.MountFile.Server = 0, "", 0, 0, 0
				}
				return c
			}
			sample := samples[d.Name]
			c := in(directive(0, 1, d.Name, sample...), directive(2, 2, d.Name, other...))
			require.Equal(t, c.Servers[0], c.Servers[1], "inherited")
			require.Equal(t, in(directive(0, 1, d.Name, other...)).Servers[0], c.Servers[2], "its own")
			require.NotEqual(t, c.Servers[0], c.Servers[2])
			c = in(directive(1, 1, d.Name, sample...))
			require.Equal(t, in().Servers[0], c.Servers[0], "nothing reaches the main server")
			require.Equal(t, in(directive(0, 1, d.Name, sample...)).Servers[0], c.Servers[1])
			c = in(directive(1, 1, d.Name, other...), directive(1, 2, d.Name, sample...))
			require.Equal(t, in(directive(0, 1, d.Name, sample...)).Servers[0], c.Servers[1], "the last one counts")
		})
	}
}

func TestDirectives_Variables(t *testing.T) {
	c, findings := load(t, input(twoWorkers, directive(0, 1, "JkLocalAddrIndicator", "MY_ADDR"), directive(1, 2, "jkcertchainprefix", "CHAIN_")))
	require.Empty(t, findings)
	require.Equal(t, "MY_ADDR", c.Servers[2].Variables[VariableLocalAddr], "mod_jk forgets this one")
	require.Equal(t, "CHAIN_", c.Servers[1].Variables[VariableSSLChain])
	require.Equal(t, [VariableCount]string{
		"JK_WORKER_NAME", "UNIQUE_ID", "JK_REMOTE_ADDR", "JK_REMOTE_PORT", "JK_REMOTE_HOST", "JK_REMOTE_USER", "JK_AUTH_TYPE", "JK_LOCAL_NAME",
		"MY_ADDR", "JK_LOCAL_PORT", "JK_IGNORE_CL", "HTTPS", "SSL_PROTOCOL", "SSL_CLIENT_CERT", "SSL_CIPHER", "SSL_SESSION_ID",
		"SSL_CIPHER_USEKEYSIZE", "SSL_CLIENT_CERT_CHAIN_", "UNIQUE_ID", "JK_ROUTE", "JK_REPLY_TIMEOUT", "JK_STICKY_IGNORE", "JK_STATELESS",
	}, c.Servers[0].Variables)
}

func TestDirectives_EnvVars(t *testing.T) {
	c, findings := load(t, input(
		twoWorkers,
		directive(0, 1, "JkEnvVar", "ONE"), directive(0, 2, "JkEnvVar", "TWO", "2"), directive(0, 3, "JkEnvVar", "THREE", ""), directive(0, 4, "JkEnvVar", "one", "1"),
		directive(1, 5, "JkEnvVar", "Two"), directive(1, 6, "JkEnvVar", "FOUR", "4"),
	))
	require.Empty(t, findings)
	require.Equal(t, []EnvVar{{"ONE", "1"}, {"TWO", "2"}, {"THREE", ""}}, c.Servers[0].EnvVars)
	require.Equal(t, []EnvVar{{"Two", ""}, {"FOUR", "4"}, {"ONE", "1"}, {"THREE", ""}}, c.Servers[1].EnvVars)
	require.Equal(t, c.Servers[0].EnvVars, c.Servers[2].EnvVars)
}

func TestDirectives_StripSession(t *testing.T) {
	tests := []struct {
		name        string
		main, vhost []string
		want        [2]string
	}{
		{"not set", nil, nil, [2]string{"", ""}},
		{"on", []string{"on"}, nil, [2]string{";jsessionid", ";jsessionid"}},
		{"off", []string{"OFF", ";sid"}, nil, [2]string{"", ""}},
		{"identifier", []string{"On", ";sid"}, nil, [2]string{";sid", ";sid"}},
		{"an empty identifier is none", []string{"On", ""}, nil, [2]string{";jsessionid", ";jsessionid"}},
		{"flag and identifier together", []string{"On", ";sid"}, []string{"On"}, [2]string{";sid", ";jsessionid"}},
		{"switched off again", []string{"On", ";sid"}, []string{"Off"}, [2]string{";sid", ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := input(twoWorkers)
			for i, args := range [][]string{tt.main, tt.vhost} {
				if args != nil {
					in.Directives = append(in.Directives, directive(i, 1, "JkStripSession", args...))
				}
			}
			c, _ := load(t, in)
			require.Equal(t, tt.want, [2]string{c.Servers[0].StripSession, c.Servers[1].StripSession})
		})
	}
}

func TestDirectives_AutoAlias(t *testing.T) {
	c, _ := load(t, input(
		twoWorkers,
		directive(0, 1, "JkAutoAlias", "/main"),
		directive(1, 2, "JkMountCopy", "On"),
	))
	require.Equal(t, [3]string{"/main", "/main", ""}, aliases(c))
	c, _ = load(t, input(
		twoWorkers,
		directive(0, 1, "JkAutoAlias", "/main"), directive(0, 2, "JkMountCopy", "All"),
		directive(1, 2, "JkAutoAlias", "/own"), directive(2, 3, "JkMount", "/x", "a"),
	))
	require.Equal(t, [3]string{"/main", "/own", "/main"}, aliases(c))
}

func aliases(c *Config) [3]string {
	return [3]string{c.Servers[0].AutoAlias, c.Servers[1].AutoAlias, c.Servers[2].AutoAlias}
}

// TestDirectives_RequestLog: a format that cannot be used switches the request log of its server off, and only that.
func TestDirectives_RequestLog(t *testing.T) {
	c, findings := load(t, input(
		twoWorkers,
		directive(0, 1, "JkRequestLogFormat", "%w"),
		directive(1, 2, "JkRequestLogFormat", "%z"),
		directive(0, 3, "JkMount", "/x", "a"),
	))
	require.Len(t, findings, 1)
	require.Contains(t, findings[0], "httpd.conf:2: warning: JkRequestLogFormat: '%z' is not a token")
	require.NotNil(t, c.Servers[0].RequestLog)
	require.Nil(t, c.Servers[1].RequestLog)
	require.Same(t, c.Servers[0].RequestLog, c.Servers[2].RequestLog)
	require.Len(t, c.Servers[0].Rules, 1)
}

func TestDirectives_ExtractSSL(t *testing.T) {
	c, _ := load(t, input(
		twoWorkers,
		directive(0, 1, "JkExtractSSL", "off"), directive(0, 2, "JkOptions", "+FlushHeader"), directive(1, 2, "JkExtractSSL", "ON"),
	))
	require.Equal(t, defaultOptions&^OptExtractSSL|OptFlushHeader, c.Servers[0].Options)
	require.Equal(t, defaultOptions|OptFlushHeader, c.Servers[1].Options)
	require.False(t, c.Servers[2].Options.Has(OptExtractSSL))
}

func TestDirectives_Seconds(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "7": 7 * time.Second, "007": 7 * time.Second, "30s": 30 * time.Second, "1.5": time.Second, "-3": 0, "x": 0, "5k": 5 * time.Second,
		"2147483647": 2147483647 * time.Second, "2147483648": 0,
	} {
		c, found := Load(input(twoWorkers, directive(0, 1, "JkWatchdogInterval", text)))
		require.Equal(t, want, c.WatchdogInterval, text)
		clean := text == "0" || text == "7" || text == "007" || text == "2147483647"
		require.Equal(t, clean, len(found) == 0, text)
	}
}
