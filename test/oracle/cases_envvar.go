package main

import "slices"

// envVarCases: JkEnvVar, which forwards a variable as a request attribute of its name.
//
// The handler looks for the variable: what SetEnv sets is in time. One that is absent is sent with its default, if that is not empty;
// one that is there is sent as it is, also empty. Names are compared without regard to case.
func envVarCases() []Case {
	return []Case{
		{
			Name: "JkEnvVar/values", Workers: one(), Config: direct + fromHeader("OWN", "DEF", "own_small") + "JkEnvVar OWN\nJkEnvVar DEF \"a default\"\nJkEnvVar OWN_SMALL\n", Steps: []Step{
				setting("absent"), setting("present", "OWN", "value", "DEF", "value"), setting("empty", "OWN", "", "DEF", ""), setting("blanks", "OWN", " a  b ", "DEF", "\t"),
				setting("bytes above 127", "OWN", "\xc3\xa9\xff"), setting("long", "OWN", fill(3000)), setting("another case", "own_small", "value"),
			},
		},
		{
			Name: "JkEnvVar/defaults", Workers: one(), Steps: gets("/x"),
			Config: direct + "JkEnvVar NONE\nJkEnvVar EMPTY \"\"\nJkEnvVar WORD d\nJkEnvVar WORDS \"d e\"\nJkEnvVar QUOTED 'single'\nJkEnvVar ZERO 0\nJkEnvVar ESCAPED \"a\\\"b\"\nJkEnvVar BLANK \" \"\n",
		},
		{
			Name: "JkEnvVar/repeated", Workers: one(), Steps: gets("/x"),
			Config: direct + "JkEnvVar A first\nJkEnvVar A second\nJkEnvVar b first\nJkEnvVar B second\nJkEnvVar C d\nJkEnvVar C\nJkEnvVar D\nJkEnvVar D d\nJkEnvVar E e\nJkEnvVar E \"\"\nSetEnv F f\nJkEnvVar f\nJkEnvVar F\n",
		},
		{
			Name: "JkEnvVar/virtual hosts", Workers: one(), Ports: 3, Steps: slices.Concat(
				onBothPorts("/x"), []Step{{Name: "without its own", Send: get("/x"), Port: 2}, {Name: "vhost with the variable", Send: get("/x", "X-SAME: =set"), Port: 1}}),
			Config: "JkMountCopy All\n" + direct + fromHeader("SAME") + "JkEnvVar MAIN m\nJkEnvVar SAME main\nJkEnvVar Case main\nJkEnvVar CLEARED main\n" +
				severalServers("JkEnvVar OWN v\nJkEnvVar SAME vhost\nJkEnvVar CASE vhost\nJkEnvVar CLEARED\n", ""),
		},
		{
			// httpd's common variables are there, those of CGI are not.
			Name: "JkEnvVar/common variables", Workers: one(), Steps: []Step{
				{Name: "GET", Send: get("/x/y?a=b", "X-Own: header", "Cookie: c")},
				{Name: "error document", Send: get("/missing/z?q=1")},
			},
			Config: "JkMount /x/* a\nJkMount /error a\nErrorDocument 404 /error\nServerAdmin admin@example.test\n" + names("JkEnvVar", "SERVER_ADDR", "SERVER_NAME", "SERVER_PORT", "SERVER_ADMIN", "REMOTE_ADDR", "DOCUMENT_ROOT_NONE", "REQUEST_SCHEME", "CONTEXT_PREFIX",
				"GATEWAY_INTERFACE", "REQUEST_METHOD", "REQUEST_URI", "QUERY_STRING", "SCRIPT_NAME", "PATH_INFO", "HTTP_HOST", "HTTP_X_OWN", "HTTP_COOKIE", "REDIRECT_STATUS", "REDIRECT_URL", "REDIRECT_QUERY_STRING", "REDIRECT_REQUEST_METHOD", "REDIRECT_ERROR_NOTES", "LANG", "HTTPS", "UNIQUE_ID"),
		},
		{
			Name: "JkEnvVar/from other modules", Workers: one(), Steps: []Step{{Name: "rewritten", Send: get("/old/x")}, {Name: "not rewritten", Send: get("/app/x")}, {Name: "in the Location", Send: get("/app/loc/x")}},
			Config: "JkMount /app/* a\nJkEnvVar FROM_RULE\nJkEnvVar REDIRECT_FROM_RULE\nJkEnvVar IN_LOCATION\nJkEnvVar UNSET_LATER d\nSetEnv UNSET_LATER 1\nRewriteEngine On\nRewriteRule ^/old/(.*)$ /app/$1 [PT,E=FROM_RULE:$1]\n<Location /app/loc>\nSetEnv IN_LOCATION here\nUnsetEnv UNSET_LATER\n</Location>\n",
		},
		{
			Name: "JkEnvVar/names that are used already", Workers: one(), Steps: []Step{setting("set", "HTTPS", "on", "SSL_PROTOCOL", "TLSv1.3", "JK_REMOTE_ADDR", "192.0.2.1")},
			Config: direct + fromHeader("HTTPS", "SSL_PROTOCOL", "JK_REMOTE_ADDR") + "JkEnvVar SSL_PROTOCOL\nJkEnvVar JK_REMOTE_ADDR\nJkEnvVar AJP_REMOTE_PORT 1\nJkEnvVar AJP_LOCAL_ADDR x\nJkEnvVar JK_LB_ACTIVATION DIS\n",
		},
		{Name: "JkEnvVar/many", Workers: one(), Config: direct + manyVariables(60), Steps: gets("/x")},
	}
}

// names is a directive for each of the names.
func names(directive string, list ...string) string {
	text := ""
	for _, name := range list {
		text += directive + " " + name + "\n"
	}
	return text
}

// manyVariables is n variables with defaults.
func manyVariables(n int) string {
	text := ""
	for i := range n {
		name := "VARIABLE_" + fill(9 * (i + 1))[9*i:9*i+8]
		text += "JkEnvVar " + name + " d\n"
	}
	return text
}
