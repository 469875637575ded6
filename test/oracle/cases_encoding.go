package main

// encodedTargets have escapes around slashes, semicolons and dots.
var encodedTargets = []string{
	"/app/a%2Fb", "/app/a%2fb", "/app%2Fx", "/app/%2F", "/app/%2F..%2Fx", "/app/..%2Fx", "/app/..%2F..%2Fx", "/app/%2e%2e%2fx", "/app/a%252Fb", "/app/a%2Fb%20c", "/app/a%2Fb;v=1", "/app/a%2Fb?c%2Fd", "/app/a%5Cb", "/app/..%5Cx", "/%2Fapp/x", "/app/x%2F",
	"/app/a%3Bb", "/app/a%3bjsessionid=1/c", "/app/..%3B/x", "/app/a%3B/../b", "/app/%3B", "/app/x;%2F", "/app/x;v=%2F..%2F", "/app/%25%32%46", "/app/a%2Fb%2Fc%2F", "/other%2Fx", "/other/..%2Fapp/x", "/app/%2E%2E/x", "/app/no%2Fx", "/app/%6Eo/x",
}

// encodingCases: what becomes of encoded slashes, with each word of AllowEncodedSlashes and each mode. Row 28: NoDecode makes mod_jk encode twice.
func encodingCases() []Case {
	var cases []Case
	var steps []Step
	for _, target := range encodedTargets {
		steps = append(steps, Step{Name: target, Send: get(target)})
	}
	for _, allow := range []string{"Off", "On", "NoDecode"} {
		for _, mode := range uriModes {
			cases = append(cases, Case{
				Name: "encoding/AllowEncodedSlashes " + allow + ", " + mode, Workers: one(), Steps: steps,
				Config: "JkMount /app/* a\nJkUnMount /app/no/* a\nAllowEncodedSlashes " + allow + "\nJkOptions +" + mode + "\n",
			})
		}
	}
	return append(cases, rewrittenModes()...)
}

// rewrittenModes: a URI that mod_rewrite or an internal redirect has changed, in each mode.
func rewrittenModes() []Case {
	var cases []Case
	for _, mode := range uriModes {
		cases = append(cases, Case{
			Name: "encoding/rewritten, " + mode, Workers: one(), Notes: nil,
			Config: "JkMount /app/* a\nJkMount /*.jsp a\nJkOptions +" + mode + "\nRewriteEngine On\nRewriteRule ^/pt/(.*)$ /app/$1 [PT]\nRewriteRule ^/par/(.*)$ /app/$1;x=y [PT]\nErrorDocument 404 /app/error%20page\nDirectoryIndex index.jsp\n" +
				"<Directory ${HTDOCS}/d>\nRewriteEngine On\nRewriteRule ^(.*)\\.r$ /app/$1?from=dir [QSA]\n</Directory>\nLogFormat \"%U %{unparsed}e\" x\n",
			Files: map[string]string{"d/x": "x", "e/index.jsp": "source"},
			Steps: gets("/pt/x", "/pt/a%20b%25c;p=1?q=%20", "/par/x?q", "/missing%20page?q", "/d/a%20b.r?q=1", "/e/", "/e/?q", "/app/x/../y", "/app/;a/x"),
		})
	}
	return append(cases, Case{
		// mod_jk cuts the query off r->unparsed_uri in this mode: what the server says about the request afterwards has none (row 30).
		Name: "encoding/unparsed for later modules", Workers: one(), RequestLog: "REQ ", Config: "JkMount /app/* a\nJkOptions +ForwardURICompatUnparsed\nJkRequestLogFormat \"REQ %r %U %q\"\nHeader set X-Unparsed \"expr=%{THE_REQUEST} %{REQUEST_URI} %{QUERY_STRING}\"\n",
		Steps: gets("/app/x?q=1", "/app/a%20b;v=1?q"),
	})
}
