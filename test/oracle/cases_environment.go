package main

// environmentCases: what environment variables change.
func environmentCases() []Case {
	set := func(lines ...string) string {
		text := direct
		for _, l := range lines {
			text += l + "\n"
		}
		return text
	}
	return []Case{
		{
			Name: "environment/identity", Workers: one(), Steps: gets("/x"),
			Config: set("SetEnv JK_REMOTE_ADDR 192.0.2.1", "SetEnv JK_REMOTE_PORT 4711", "SetEnv JK_REMOTE_HOST client.test", "SetEnv JK_REMOTE_USER u", "SetEnv JK_AUTH_TYPE t",
				"SetEnv JK_LOCAL_NAME server.test", "SetEnv JK_LOCAL_ADDR 192.0.2.2", "SetEnv JK_LOCAL_PORT 4712"),
		},
		{
			Name: "environment/empty identity", Workers: one(), Steps: gets("/x"),
			Config: set("SetEnv JK_REMOTE_ADDR", "SetEnv JK_REMOTE_PORT", "SetEnv JK_REMOTE_HOST", "SetEnv JK_REMOTE_USER", "SetEnv JK_AUTH_TYPE", "SetEnv JK_LOCAL_NAME", "SetEnv JK_LOCAL_ADDR", "SetEnv JK_LOCAL_PORT"),
		},
		{Name: "environment/odd identity", Workers: one(), Steps: gets("/x"), Config: set("SetEnv JK_LOCAL_PORT eighty", "SetEnv JK_REMOTE_PORT none", "SetEnv JK_REMOTE_ADDR ::1")},
		{Name: "environment/local address option", Workers: one(), Steps: gets("/x"), Config: set("JkOptions +ForwardLocalAddress")},
		{Name: "environment/physical address option", Workers: one(), Steps: gets("/x"), Config: set("JkOptions +ForwardPhysicalAddress")},
		{
			Name: "environment/TLS", Workers: one(), Steps: gets("/x"),
			Config: set("SetEnv HTTPS on", "SetEnv SSL_PROTOCOL TLSv1.3", "SetEnv SSL_CIPHER TLS_AES_256", "SetEnv SSL_SESSION_ID 00ff", "SetEnv SSL_CIPHER_USEKEYSIZE 256",
				"SetEnv SSL_CLIENT_CERT \"-----BEGIN CERTIFICATE----- x\"", "SetEnv SSL_CLIENT_CERT_CHAIN_0 chain0", "SetEnv SSL_CLIENT_CERT_CHAIN_1 chain1"),
		},
		{
			Name: "environment/TLS, chain and no key size", Workers: one(), Steps: gets("/x"),
			Config: set("JkOptions +ForwardSSLCertChain -ForwardKeySize", "SetEnv HTTPS ON", "SetEnv SSL_CIPHER_USEKEYSIZE 256",
				"SetEnv SSL_CLIENT_CERT cert", "SetEnv SSL_CLIENT_CERT_CHAIN_0 chain0", "SetEnv SSL_CLIENT_CERT_CHAIN_1 chain1"),
		},
		{
			Name: "environment/TLS, empty", Workers: one(), Steps: gets("/x"),
			Config: set("SetEnv HTTPS on", "SetEnv SSL_PROTOCOL", "SetEnv SSL_CIPHER", "SetEnv SSL_SESSION_ID", "SetEnv SSL_CIPHER_USEKEYSIZE", "SetEnv SSL_CLIENT_CERT"),
		},
		{Name: "environment/TLS, odd key size", Workers: one(), Steps: gets("/x"), Config: set("SetEnv HTTPS on", "SetEnv SSL_CIPHER_USEKEYSIZE 12x")},
		{Name: "environment/TLS only", Workers: one(), Steps: gets("/x"), Config: set("SetEnv HTTPS on")},
		{Name: "environment/not TLS", Workers: one(), Steps: gets("/x"), Config: set("SetEnv HTTPS yes", "SetEnv SSL_CIPHER c")},
		{
			Name: "environment/JkEnvVar", Workers: one(), Steps: gets("/x?q=1"),
			Config: set("JkEnvVar OWN", "JkEnvVar MISSING", "JkEnvVar WITH default", "JkEnvVar EMPTY", "JkEnvVar own2 d", "JkEnvVar OWN2 e", "JkEnvVar QUERY_STRING", "SetEnv OWN value", "SetEnv EMPTY"),
		},
		{Name: "environment/JK_ROUTE, direct", Workers: one(), Steps: gets("/x"), Config: set("SetEnv JK_ROUTE r1")},
		{Name: "environment/JK_ROUTE", Containers: abc, Workers: balanced(), Config: lbMount + "SetEnv JK_ROUTE rb\n", Steps: sessionSteps()},
		{Name: "environment/JK_ROUTE, unknown", Containers: abc, Workers: balanced(), Config: lbMount + "SetEnv JK_ROUTE rx\n", Steps: sessionSteps()},
		{Name: "environment/JK_STICKY_IGNORE", Containers: abc, Workers: balanced(), Config: lbMount + "SetEnv JK_STICKY_IGNORE 1\n", Steps: sessionSteps()},
		{Name: "environment/JK_STATELESS", Containers: abc, Workers: balanced(), Config: lbMount + "SetEnv JK_STATELESS 1\n", Steps: sessionSteps()},
		{Name: "environment/JK_REPLY_TIMEOUT", Workers: one("retries=1"), Config: set("SetEnvIf Request_URI ^/short JK_REPLY_TIMEOUT=200"), Steps: []Step{
			{Name: "in time", Send: get("/short")},
			{Name: "silence", Send: get("/short"), On: Scripts{"a": {silent()}}},
		}},
		{
			Name: "environment/basic authentication", Workers: one(), Modules: []string{"authn_core", "authn_file", "auth_basic", "authz_user"},
			Files:  map[string]string{"passwords": "u:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n"},
			Config: direct + "<Location /private>\nAuthType Basic\nAuthName r\nAuthUserFile ${HTDOCS}/passwords\nRequire valid-user\n</Location>\n", Steps: []Step{
				{Name: "refused", Send: get("/private/x")},
				{Name: "accepted", Send: get("/private/x", "Authorization: Basic dTpwYXNzd29yZA==")},
				{Name: "elsewhere", Send: get("/x", "Authorization: Basic dTpwYXNzd29yZA==")},
			},
		},
	}
}
