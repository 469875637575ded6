// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import "strings"

// Directive describes one httpd directive of mod_jk, for the checker and the documentation.
type Directive struct {
	Name    string
	Group   string
	Context string // where it may stand: contextMain, contextServer, contextSection
	Args    string
	Default string // "": none
	Merge   string // what a VirtualHost gets from the main server

	// Implemented is false for a directive that mod_gojk does not know yet: httpd refuses it as an invalid command.
	Implemented bool

	// Interpreted says that the library, not the shim, gives it its meaning.
	Interpreted bool

	Doc string
}

// Where a directive may stand. None is legal in .htaccess.
const (
	contextMain    = "main server"
	contextServer  = "main server, VirtualHost"
	contextSection = "main server, VirtualHost, Location"
)

// What a VirtualHost gets from the main server.
const (
	mergeGlobal    = "one for all"
	mergeInherited = "inherited"
	mergeMountCopy = "with JkMountCopy"
)

// The chapters of the documentation, in order.
const (
	groupWorkers    = "Workers and shared memory"
	groupMapping    = "Mapping"
	groupLog        = "Log"
	groupForward    = "What is forwarded"
	groupIndicators = "Names of variables"
)

func indicator(name, variable, doc string) Directive {
	return Directive{
		Name: name, Group: groupIndicators, Context: contextServer, Args: "name", Default: variable, Merge: mergeInherited,
		Implemented: true, Doc: doc,
	}
}

// Directives are all 37 of them, in the order of the documentation.
var Directives = []Directive{
	{
		Name: "JkWorkersFile", Group: groupWorkers, Context: contextMain, Args: "path", Merge: mergeGlobal, Implemented: true, Interpreted: true,
		Doc: "The file with the workers, workers.properties. Read before httpd gives up its privileges. Relative to ServerRoot.",
	},
	{
		Name: "JkWorkerProperty", Group: groupWorkers, Context: contextMain, Args: "name=value", Merge: mergeGlobal, Implemented: true, Interpreted: true,
		Doc: "One line of workers.properties, read before the file. May be repeated. `#` is an ordinary character here, " +
			"and `$(name)` sees only earlier JkWorkerProperty lines and the environment.",
	},
	{
		Name: "JkShmFile", Group: groupWorkers, Context: contextMain, Args: "path", Default: "logs/jk-runtime-status", Merge: mergeGlobal, Implemented: true,
		Doc: "Base name of the shared memory file; the pid is appended, and the file is removed at exit.",
	},
	{
		Name: "JkShmSize", Group: groupWorkers, Context: contextMain, Args: "KiB", Merge: mergeGlobal, Implemented: true, Interpreted: true,
		Doc: "Accepted and ignored: the shared memory is always large enough.",
	},
	{
		Name: "JkWatchdogInterval", Group: groupWorkers, Context: contextMain, Args: "seconds", Default: "0", Merge: mergeGlobal, Implemented: true, Interpreted: true,
		Doc: "How often a child looks whether maintenance is due; `worker.maintain` says how often it is. 0: mod_gojk's own interval.",
	},

	{
		Name: "JkMount", Group: groupMapping, Context: contextSection, Args: "[pattern] worker[;extension=value…]", Merge: mergeMountCopy, Implemented: true, Interpreted: true,
		Doc: "Maps the URIs that match the pattern to a worker. `*` is any text, `?` one character, `a|b` the two patterns `a` and `ab`. " +
			"In a Location the pattern is the section's own, which matches exactly: `<Location /app>` maps `/app` but not `/app/x`.",
	},
	{
		Name: "JkUnMount", Group: groupMapping, Context: contextSection, Args: "[pattern] worker", Merge: mergeMountCopy, Implemented: true, Interpreted: true,
		Doc: "Takes URIs back from a worker, or with `*` from all. It wins over every JkMount, however specific.",
	},
	{
		Name: "JkMountCopy", Group: groupMapping, Context: contextServer, Args: "On, Off or All", Default: "Off", Merge: "All in the main server: On", Implemented: true, Interpreted: true,
		Doc: "In a VirtualHost: On copies the main server's mounts; for the same pattern the VirtualHost's own wins. " +
			"In the main server only All means something.",
	},
	{
		Name: "JkMountFile", Group: groupMapping, Context: contextServer, Args: "path", Merge: mergeMountCopy,
		Doc: "A file with mapping rules, uriworkermap.properties.",
	},
	{
		Name: "JkMountFileReload", Group: groupMapping, Context: contextServer, Args: "seconds", Default: "60", Merge: mergeInherited,
		Doc: "How often a changed mount file is looked for. 0: never.",
	},
	{
		Name: "JkAutoAlias", Group: groupMapping, Context: contextServer, Args: "directory", Merge: mergeMountCopy,
		Doc: "Lets httpd serve the static files of web applications in this directory.",
	},
	{
		Name: "JkStripSession", Group: groupMapping, Context: contextServer, Args: "On or Off [identifier]", Default: "Off ;jsessionid", Merge: mergeInherited,
		Doc: "Removes session ids from URIs that are not mapped.",
	},

	{
		Name: "JkLogFile", Group: groupLog, Context: contextServer, Args: "path or |command", Default: "logs/mod_jk.log", Merge: mergeInherited, Implemented: true,
		Doc: "The log of mod_gojk, in mod_jk's format. Servers that name the same file share it.",
	},
	{
		Name: "JkLogLevel", Group: groupLog, Context: contextServer, Args: "level", Default: "info", Merge: mergeInherited, Implemented: true, Interpreted: true,
		Doc: "The least level that is logged: trace, debug, info, warn, error or emerg.",
	},
	{
		Name: "JkLogStampFormat", Group: groupLog, Context: contextServer, Args: "strftime format", Default: "\"[%a %b %d %H:%M:%S.%Q %Y] \"", Merge: mergeInherited, Implemented: true, Interpreted: true,
		Doc: "Beginning of each line, with a blank at its end. `%Q` are milliseconds, `%q` microseconds; with one of them 63 bytes are kept.",
	},
	{
		Name: "JkRequestLogFormat", Group: groupLog, Context: contextServer, Args: "format", Merge: mergeInherited,
		Doc: "Adds a line for each request to the log.",
	},

	{
		Name: "JkOptions", Group: groupForward, Context: contextServer, Args: "[+|-]option…", Default: "ForwardURIProxy ForwardKeySize", Merge: "option by option", Implemented: true, Interpreted: true,
		Doc: "ForwardURIProxy, ForwardURICompat, ForwardURICompatUnparsed, ForwardURIEscaped, ForwardDirectories, ForwardLocalAddress, " +
			"ForwardPhysicalAddress, FlushPackets, FlushHeader, DisableReuse, ForwardSSLCertChain, ForwardKeySize, RejectUnsafeURI.",
	},
	{
		Name: "JkEnvVar", Group: groupForward, Context: contextServer, Args: "name [default]", Merge: "both; the VirtualHost's wins for a name", Implemented: true,
		Doc: "Forwards an environment variable as a request attribute.",
	},
	{
		Name: "JkExtractSSL", Group: groupForward, Context: contextServer, Args: "On or Off", Default: "On", Merge: mergeInherited, Implemented: true,
		Doc: "Whether data about TLS are forwarded.",
	},

	indicator("JkWorkerIndicator", "JK_WORKER_NAME", "Names the worker for the handler `jakarta-servlet` without a mount."),
	indicator("JkRequestIdIndicator", "UNIQUE_ID", "Holds the request id that the log shows."),
	indicator("JkRemoteAddrIndicator", "JK_REMOTE_ADDR", "Overrides the client's address."),
	indicator("JkRemotePortIndicator", "JK_REMOTE_PORT", "Overrides the client's port."),
	indicator("JkRemoteHostIndicator", "JK_REMOTE_HOST", "Overrides the client's host name."),
	indicator("JkRemoteUserIndicator", "JK_REMOTE_USER", "Overrides the user."),
	indicator("JkAuthTypeIndicator", "JK_AUTH_TYPE", "Overrides the kind of authentication."),
	indicator("JkLocalNameIndicator", "JK_LOCAL_NAME", "Overrides the server's name."),
	indicator("JkLocalAddrIndicator", "JK_LOCAL_ADDR", "Overrides the server's address."),
	indicator("JkLocalPortIndicator", "JK_LOCAL_PORT", "Overrides the server's port."),
	indicator("JkIgnoreCLIndicator", "JK_IGNORE_CL", "If set, Content-Length is not forwarded and the body counts as one of unknown length."),
	indicator("JkHTTPSIndicator", "HTTPS", "Is `on` for a request over TLS."),
	indicator("JkSSLPROTOCOLIndicator", "SSL_PROTOCOL", "Holds the TLS protocol."),
	indicator("JkCERTSIndicator", "SSL_CLIENT_CERT", "Holds the client's certificate (PEM)."),
	indicator("JkCIPHERIndicator", "SSL_CIPHER", "Holds the TLS cipher."),
	indicator("JkSESSIONIndicator", "SSL_SESSION_ID", "Holds the id of the TLS session."),
	indicator("JkKEYSIZEIndicator", "SSL_CIPHER_USEKEYSIZE", "Holds the key size in bits."),
	indicator("JkCERTCHAINPrefix", "SSL_CLIENT_CERT_CHAIN_", "First part of the names that hold the client's certificate chain."),
}

// findDirective returns the row of a directive, in any case, nil if there is none.
func findDirective(name string) *Directive {
	for i := range Directives {
		if strings.EqualFold(Directives[i].Name, name) {
			return &Directives[i]
		}
	}
	return nil
}
