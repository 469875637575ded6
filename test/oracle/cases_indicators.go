package main

import (
	"slices"
	"strings"
)

// indicator is a directive that names a variable, and that variable's usual name.
type indicator struct{ directive, variable string }

// indicators are those whose variables change what the container gets in a request without TLS.
var indicators = []indicator{
	{"JkRemoteAddrIndicator", "JK_REMOTE_ADDR"},
	{"JkRemotePortIndicator", "JK_REMOTE_PORT"},
	{"JkRemoteHostIndicator", "JK_REMOTE_HOST"},
	{"JkRemoteUserIndicator", "JK_REMOTE_USER"},
	{"JkAuthTypeIndicator", "JK_AUTH_TYPE"},
	{"JkLocalNameIndicator", "JK_LOCAL_NAME"},
	{"JkLocalAddrIndicator", "JK_LOCAL_ADDR"},
	{"JkLocalPortIndicator", "JK_LOCAL_PORT"},
	{"JkIgnoreCLIndicator", "JK_IGNORE_CL"},
}

// tlsIndicators are those of TLS. A request counts as one over TLS if the first says "on".
var tlsIndicators = []indicator{
	{"JkHTTPSIndicator", "HTTPS"},
	{"JkSSLPROTOCOLIndicator", "SSL_PROTOCOL"},
	{"JkCERTSIndicator", "SSL_CLIENT_CERT"},
	{"JkCIPHERIndicator", "SSL_CIPHER"},
	{"JkSESSIONIndicator", "SSL_SESSION_ID"},
	{"JkKEYSIZEIndicator", "SSL_CIPHER_USEKEYSIZE"},
	{"JkCERTCHAINPrefix", "SSL_CLIENT_CERT_CHAIN_"},
}

// fromHeader lets a client set a variable NAME with a header "X-NAME: =value", where "=" alone makes it empty. SetEnvIf cannot tell a
// header that is missing from an empty one. Underscores of the name are dashes in the header.
func fromHeader(names ...string) string {
	var b strings.Builder
	for _, name := range names {
		b.WriteString("SetEnvIf " + headerOf(name) + " ^=(.*)$ " + name + "=$1\n")
	}
	return b.String()
}

func headerOf(name string) string { return "X-" + strings.ReplaceAll(name, "_", "-") }

// setting is a request in which the variables have these values.
func setting(name string, pairs ...string) Step {
	var headers []string
	for i := 0; i+1 < len(pairs); i += 2 {
		headers = append(headers, headerOf(pairs[i])+": ="+pairs[i+1])
	}
	return Step{Name: name, Send: get("/x", headers...)}
}

// indicatorCases: the variables that change what is forwarded, by their usual names and by others, in the main server and in virtual hosts.
func indicatorCases() []Case {
	return slices.Concat(identityCases(), renamedCases(), tlsCases(), requestIDCases())
}

// identityValues are values of a variable that says who the client or the server is.
var identityValues = []string{"192.0.2.1", "", "8080", "0", "-1", "70000", "12x", "x12", " 7 ", "name.test", "::1", "a b", "\xc3\xa9", "true", "on"}

// identityCases: each variable, with values good and odd.
func identityCases() []Case {
	var cases []Case
	for _, i := range indicators {
		if i.variable == "JK_IGNORE_CL" {
			continue
		}
		var steps []Step
		for _, value := range identityValues {
			steps = append(steps, setting("\""+value+"\"", i.variable, value))
		}
		cases = append(cases, Case{Name: "indicators/" + i.variable, Workers: one(), Config: direct + fromHeader(i.variable), Steps: append(steps, setting("absent"))})
	}
	return append(cases, ignoreLengthCase(), authenticatedCase())
}

// ignoreLengthCase: with JK_IGNORE_CL, of whatever value, a Content-Length above 0 is not forwarded, and the body is one of unknown length.
func ignoreLengthCase() Case {
	posted := func(name, value, body string) Step {
		step := Step{Name: name, Send: post("/x", body, "X-JK-IGNORE-CL: ="+value)}
		if body != "" {
			step.On = Scripts{"a": {early(getBody(8186), getBody(8186), head(200, "OK"), chunk("done"), end())}}
		}
		return step
	}
	return Case{
		Name: "indicators/JK_IGNORE_CL", Workers: one(), Config: direct + fromHeader("JK_IGNORE_CL"), Steps: []Step{
			posted("on", "1", "body"), posted("empty", "", "body"), posted("0", "0", "body"), posted("large", "1", fill(9000)),
			{Name: "no body", Send: get("/x", "X-JK-IGNORE-CL: =1")},
			{Name: "length of 0", Send: "POST /x HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 0\r\nX-JK-IGNORE-CL: =1\r\n\r\n"},
			{Name: "chunked", Send: request("POST", "/x", []string{"Transfer-Encoding: chunked", "X-JK-IGNORE-CL: =1"}, "") + chunks("one", "two") + "0\r\n\r\n", On: Scripts{"a": {early(readBody(8186), head(200, "OK"), chunk("done"), end())}}},
			{Name: "absent", Send: post("/x", "body")},
			{Name: "not read", Send: post("/x", "body", "X-JK-IGNORE-CL: =1"), On: Scripts{"a": {early(head(200, "OK"), chunk("done"), end())}}},
		},
	}
}

// authenticatedCase: variables beside a user that httpd has authenticated.
func authenticatedCase() Case {
	who := "Authorization: Basic dTpwYXNzd29yZA=="
	return Case{
		Name: "indicators/beside basic authentication", Workers: one(), Modules: []string{"authn_core", "authn_file", "auth_basic", "authz_user"},
		Files:  map[string]string{"passwords": "u:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n"},
		Config: direct + fromHeader("JK_REMOTE_USER", "JK_AUTH_TYPE") + "<Location /private>\nAuthType Basic\nAuthName r\nAuthUserFile ${HTDOCS}/passwords\nRequire valid-user\n</Location>\n",
		Steps: []Step{
			{Name: "as authenticated", Send: get("/private/x", who)},
			{Name: "another user", Send: get("/private/x", who, "X-JK-REMOTE-USER: =v")},
			{Name: "no user", Send: get("/private/x", who, "X-JK-REMOTE-USER: =")},
			{Name: "another type", Send: get("/private/x", who, "X-JK-AUTH-TYPE: =Form")},
			{Name: "no type", Send: get("/private/x", who, "X-JK-AUTH-TYPE: =")},
			{Name: "without authentication", Send: get("/x", "X-JK-REMOTE-USER: =v", "X-JK-AUTH-TYPE: =Form")},
		},
	}
}

// renamedCases: every indicator with another name, in main and in a virtual host. Row 25: JkLocalAddrIndicator is not inherited, and not even
// its usual name reaches a virtual host.
func renamedCases() []Case {
	all := slices.Concat(indicators[:8], tlsIndicators)
	var usual, other, values []string
	renamed, again := "", ""
	for _, i := range all {
		usual, other = append(usual, i.variable), append(other, "MY_"+i.variable)
		renamed += i.directive + " MY_" + i.variable + "\n"
		again += i.directive + " OWN_" + i.variable + "\n"
		values = append(values, valueOf(i.variable))
	}
	own := make([]string, len(usual))
	for i := range usual {
		own[i] = "OWN_" + usual[i]
	}
	pairs := func(names []string) []string {
		var p []string
		for i, name := range names {
			if strings.HasSuffix(name, "_CHAIN_") {
				name += "0"
			}
			p = append(p, name, values[i])
		}
		return p
	}
	config := "JkMountCopy All\n" + direct + "JkOptions +ForwardSSLCertChain\n" + fromHeader(usual[:14]...) + fromHeader(other[:14]...) + fromHeader(own[:14]...) +
		fromHeader("SSL_CLIENT_CERT_CHAIN_0", "MY_SSL_CLIENT_CERT_CHAIN_0", "OWN_SSL_CLIENT_CERT_CHAIN_0")
	steps := func(server string, port int) []Step {
		s := []Step{setting(server+", usual names", pairs(usual)...), setting(server+", other names", pairs(other)...), setting(server+", own names", pairs(own)...), setting(server + ", none")}
		for i := range s {
			s[i].Port = port
		}
		return s
	}
	return []Case{
		{Name: "indicators/usual names", Workers: one(), Ports: 2, Config: vhosts(config, ""), Steps: slices.Concat(steps("main", 0), steps("vhost", 1))},
		{Name: "indicators/renamed in main", Workers: one(), Ports: 2, Config: vhosts(config+renamed, ""), Steps: slices.Concat(steps("main", 0), steps("vhost", 1))},
		{Name: "indicators/renamed in a virtual host", Workers: one(), Ports: 2, Config: vhosts(config, again), Steps: slices.Concat(steps("main", 0), steps("vhost", 1))},
		{Name: "indicators/renamed in both", Workers: one(), Ports: 2, Config: vhosts(config+renamed, again), Steps: slices.Concat(steps("main", 0), steps("vhost", 1))},
		{Name: "indicators/named twice", Workers: one(), Ports: 2, Config: vhosts(config+again+renamed, ""), Steps: slices.Concat(steps("main", 0), steps("vhost", 1))},
	}
}

// valueOf is a value that can be told from those of the other variables.
func valueOf(variable string) string {
	switch variable {
	case "HTTPS":
		return "on"
	case "SSL_CIPHER_USEKEYSIZE":
		return "256"
	case "JK_LOCAL_PORT", "JK_REMOTE_PORT":
		return "4711"
	}
	return "value of " + variable
}

// requestIDCases: the id in lines of the log. 1.2.48 has none, so that only whether httpd starts is compared.
func requestIDCases() []Case {
	return []Case{
		{Name: "start/JkRequestIdIndicator", Workers: one(), Config: direct + "<IfModule gojk_module>\nJkRequestIdIndicator MY_ID\n</IfModule>\n"},
	}
}
