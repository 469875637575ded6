// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"slices"
	"strings"
)

// Directive describes one httpd directive of mod_jk, for the checker and the documentation.
type Directive struct {
	Name    string
	Group   string
	Context string // where it may stand: contextMain, contextServer, contextSection
	Args    string
	Default string // "": none
	Merge   string // what a VirtualHost gets from the main server
	Bad     string // what a value does that cannot be used; "": every value can
	Doc     string
	Example string // lines of httpd's configuration; "": none

	// Interpreted says that the library, not the shim, gives it its meaning; then it is handed over with Least to Most arguments.
	Interpreted bool
	Least, Most int // Most 0: any number

	variable Variable // of a directive in groupIndicators
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

// What happens where nothing can go on.
const badRefused = "httpd does not start."

// The chapters of the documentation, in order.
const (
	groupWorkers    = "Workers and shared memory"
	groupMapping    = "Mapping"
	groupLog        = "Log"
	groupForward    = "What is forwarded"
	groupIndicators = "Names of variables"
)

// indicator is the row of a directive that names a variable.
func indicator(v Variable, name, variable, doc string) Directive {
	return Directive{
		Name: name, Group: groupIndicators, Context: contextServer, Args: "name", Default: variable, Merge: mergeInherited,
		Interpreted: true, Least: 1, Most: 1, Doc: doc, variable: v,
	}
}

// Directives are all 37 of them, in the order of the documentation.
var Directives = []Directive{
	{
		Name: "JkWorkersFile", Group: groupWorkers, Context: contextMain, Args: "path", Merge: mergeGlobal,
		Interpreted: true, Least: 1, Most: 1,
		Doc: "The file with the workers, [workers.properties](workers.properties.md). Relative to ServerRoot. httpd reads it before it " +
			"gives up its privileges, so its children need no permission to. With neither this nor JkWorkerProperty there is one worker, " +
			"`ajp13`, at localhost:8009.",
		Bad:     "In a VirtualHost, twice, not a file, not readable, or a mistake in the file: httpd does not start.",
		Example: "JkWorkersFile /etc/apache2/workers.properties\n",
	},
	{
		Name: "JkWorkerProperty", Group: groupWorkers, Context: contextMain, Args: "name=value", Merge: mergeGlobal,
		Interpreted: true, Least: 1, Most: 1,
		Doc: "One line of [workers.properties](workers.properties.md), read before the file. May be repeated. The rest of the line is the " +
			"property as it is: `#` begins no comment, and quotes are part of the value. `$(name)` sees only earlier JkWorkerProperty " +
			"lines and the environment.",
		Bad:     "As in workers.properties: an attribute that no worker has keeps httpd from starting.",
		Example: "JkWorkerProperty worker.n1.secret=not#a#comment\n",
	},
	{
		Name: "JkShmFile", Group: groupWorkers, Context: contextMain, Args: "path", Default: "logs/jk-runtime-status", Merge: mergeGlobal,
		Doc: "Base name of the shared memory file: the pid of httpd's parent is appended, only root can read it, and it is removed at exit. " +
			"Relative to ServerRoot. The folder must exist.",
		Bad:     "A file that cannot be created: httpd does not start.",
		Example: "JkShmFile /var/run/apache2/mod_jk.shm\n",
	},
	{
		Name: "JkShmSize", Group: groupWorkers, Context: contextMain, Args: "KiB", Merge: mergeGlobal,
		Interpreted: true, Least: 1, Most: 1,
		Doc: "Accepted and ignored: the shared memory is always large enough.",
	},
	{
		Name: "JkWatchdogInterval", Group: groupWorkers, Context: contextMain, Args: "seconds", Default: "0", Merge: mergeGlobal,
		Interpreted: true, Least: 1, Most: 1,
		Doc: "How often a child looks whether maintenance is due; `worker.maintain` says how often it is. 0: mod_gojk's own interval. " +
			"Maintenance never runs on a request's path, whatever this says.",
		Bad: "Text behind a number is ignored; what is no number, or negative, counts as 0. Either is a warning.",
	},
	{
		Name: "JkMount", Group: groupMapping, Context: contextSection, Args: "[pattern] worker[;extension=value…]", Merge: mergeMountCopy,
		Interpreted: true, Least: 2, Most: 2,
		Doc: "Maps the URIs that match the pattern to a worker of `worker.list`. The pattern begins with `/`; `*` is any text, also with " +
			"slashes, `?` one character; `a|b` stands for the two patterns `a` and `ab`. More slashes are tried first, then the longer " +
			"pattern; a pattern without wildcards has no preference. Path parameters (`;x=y`) and repeated slashes do not count for the " +
			"match. In a Location the pattern is the section's own, taken as it is: `<Location /app>` maps `/app` but not `/app/x`. Behind " +
			"the worker may stand [rule extensions](#rule-extensions).",
		Bad: "A pattern without `/`: httpd does not start. A worker that is not in `worker.list`: a warning, and requests for the pattern " +
			"answer 500. The same pattern twice in a server: the last one counts, with a warning.",
		Example: "JkMount /app|/* balancer\n" +
			"JkMount /reports/* balancer;reply_timeout=300000\n",
	},
	{
		Name: "JkUnMount", Group: groupMapping, Context: contextSection, Args: "[pattern] worker", Merge: mergeMountCopy,
		Interpreted: true, Least: 2, Most: 2,
		Doc: "Takes URIs back from a worker, or with `*` from all. It is asked once a mount has matched, and wins over every JkMount, " +
			"however specific: the request then stays with httpd, it does not go to another mount.",
		Bad: "As JkMount; rule extensions have no effect, with a warning.",
		Example: "JkUnMount /app/static/* balancer\n" +
			"JkUnMount /*.svg *\n",
	},
	{
		Name: "JkMountCopy", Group: groupMapping, Context: contextServer, Args: "On, Off or All", Default: "Off", Merge: "All in the main server: On",
		Interpreted: true, Least: 1, Most: 1,
		Doc: "`On` in a VirtualHost brings it the main server's mounts: JkMount, JkUnMount, JkMountFile and JkAutoAlias. Where both have " +
			"the same pattern the VirtualHost's own counts; it gets the main server's JkMountFile and JkAutoAlias only if it has none of " +
			"its own. The rules of the property `mount` reach a VirtualHost only if it has neither mounts nor a mount file of its own. " +
			"`All` in the main server is `On` for every VirtualHost that does not say otherwise.",
		Bad:     "Another word, or `All` in a VirtualHost: httpd does not start. `On` in the main server has no effect, with a warning.",
		Example: "JkMountCopy All\n",
	},
	{
		Name: "JkMountFile", Group: groupMapping, Context: contextServer, Args: "path", Merge: mergeMountCopy,
		Interpreted: true, Least: 1, Most: 1,
		Doc: "A file with mapping rules, [uriworkermap.properties](uriworkermap.properties.md). Relative to ServerRoot. One for each " +
			"server, the last one counts. Its rules stand beside those of JkMount; of two for the same pattern the file's is tried first.",
		Bad: "Not a file, not readable, an unknown attribute behind `worker.`, a line of more than 8191 bytes or with a NUL: httpd does not " +
			"start. A line that is no rule: it is skipped with a warning, and the others count.",
		Example: "JkMountFile /etc/apache2/uriworkermap.properties\n",
	},
	{
		Name: "JkMountFileReload", Group: groupMapping, Context: contextServer, Args: "seconds", Default: "60", Merge: mergeInherited,
		Interpreted: true, Least: 1, Most: 1,
		Doc: "How often the mount file is looked at; if it has changed, it is read again, without a restart. 0: never. It belongs to the " +
			"server that has the JkMountFile: a VirtualHost that gets the file by JkMountCopy gets its interval too.",
		Bad:     "Text behind a number is ignored; what is no number, or negative, counts as 0. Either is a warning.",
		Example: "JkMountFileReload 10\n",
	},
	{
		Name: "JkAutoAlias", Group: groupMapping, Context: contextServer, Args: "directory", Merge: mergeMountCopy,
		Interpreted: true, Least: 1, Most: 1,
		Doc: "Lets httpd serve the static files of the web applications in this directory: a URI that is not mapped, and whose first " +
			"segment is a directory in there, is served from there; never what is below `WEB-INF` or `META-INF`. An absolute path.",
		Bad:     "A path that is not absolute: a warning. A directory that does not exist never matches.",
		Example: "JkAutoAlias /var/lib/tomcat10/webapps\n",
	},
	{
		Name: "JkStripSession", Group: groupMapping, Context: contextServer, Args: "On or Off [identifier]", Default: "Off", Merge: "inherited, with the identifier",
		Interpreted: true, Least: 1, Most: 2,
		Doc: "Removes the session id from URIs that are not mapped, so that httpd finds the file: from the identifier to the next `;` or " +
			"`/` or the end. The identifier is `;jsessionid` unless it is given.",
		Bad:     "Neither On nor Off: httpd does not start.",
		Example: "JkStripSession On ;sid\n",
	},
	{
		Name: "JkLogFile", Group: groupLog, Context: contextServer, Args: "path or |command", Default: "logs/mod_jk.log", Merge: mergeInherited,
		Doc: "The log of mod_gojk, in mod_jk's format. Relative to ServerRoot. Servers that name the same file share it. A command gets the " +
			"lines on its standard input.",
		Bad:     "A file that cannot be opened: httpd does not start.",
		Example: "JkLogFile /var/log/apache2/mod_jk.log\n",
	},
	{
		Name: "JkLogLevel", Group: groupLog, Context: contextServer, Args: "level", Default: "info", Merge: mergeInherited,
		Interpreted: true, Least: 1, Most: 1,
		Doc:     "The least level that is logged: trace, debug, info, warn, error or emerg. The request log does not ask it.",
		Bad:     "Another word: info, with a warning.",
		Example: "JkLogLevel debug\n",
	},
	{
		Name: "JkLogStampFormat", Group: groupLog, Context: contextServer, Args: "strftime format", Default: "\"[%a %b %d %H:%M:%S.%Q %Y] \"", Merge: mergeInherited,
		Interpreted: true, Least: 1, Most: 1,
		Doc: "Beginning of each line, with a blank at its end. `%Q` are milliseconds, `%q` microseconds; only the first of them counts, and " +
			"with one of them 63 bytes are kept.",
		Bad:     "What is no conversion is printed as it is written, with a warning.",
		Example: "JkLogStampFormat \"[%Y-%m-%d %H:%M:%S.%Q] \"\n",
	},
	{
		Name: "JkRequestLogFormat", Group: groupLog, Context: contextServer, Args: "format", Merge: mergeInherited,
		Interpreted: true, Least: 1, Most: 1,
		Doc: "Adds a line for each request to the log, behind the time stamp and without a level. The tokens are " +
			"[below](#tokens-of-jkrequestlogformat); there are no modifiers as `%>s` or `%{name}i`.",
		Bad:     "A token that does not exist: no request log for this server, with a warning that names it.",
		Example: "JkRequestLogFormat \"%w %V %U %s %T\"\n",
	},
	{
		Name: "JkOptions", Group: groupForward, Context: contextServer, Args: "[+|-]option…", Default: "ForwardURIProxy ForwardKeySize", Merge: "option by option; a ForwardURI mode of the VirtualHost replaces the inherited one",
		Interpreted: true, Least: 1, Most: 0,
		Doc: "Switches options on (`+` or no sign) and off (`-`). The options are [below](#options-of-jkoptions). What is written last " +
			"counts.",
		Bad: "Another word, or a `-` before a ForwardURI mode: httpd does not start. CollapseSlashesAll, CollapseSlashesNone and " +
			"CollapseSlashesUnmount are ignored with a warning.",
		Example: "JkOptions +ForwardURIEscaped -ForwardKeySize\n",
	},
	{
		Name: "JkEnvVar", Group: groupForward, Context: contextServer, Args: "name [default]", Merge: "both; the VirtualHost's wins for a name",
		Interpreted: true, Least: 1, Most: 2,
		Doc: "Forwards an environment variable of the request as a request attribute of the same name. If there is no such variable, the " +
			"default is sent, or without one nothing. May be repeated; for the same name, in any case, the last one counts. Tomcat refuses " +
			"attributes that its connector's `allowedRequestAttributesPattern` does not name.",
		Example: "JkEnvVar SSL_CLIENT_S_DN\n" +
			"JkEnvVar REGION eu\n",
	},
	{
		Name: "JkExtractSSL", Group: groupForward, Context: contextServer, Args: "On or Off", Default: "On", Merge: mergeInherited,
		Interpreted: true, Least: 1, Most: 1,
		Doc:     "Whether data about TLS are forwarded. With Off the container sees a request without TLS.",
		Bad:     "Neither On nor Off: httpd does not start.",
		Example: "JkExtractSSL Off\n",
	},
	indicator(VariableWorker, "JkWorkerIndicator", "JK_WORKER_NAME", "Names the worker for the handler `jakarta-servlet` without a mount, perhaps with rule extensions."),
	indicator(VariableRequestID, "JkRequestIdIndicator", "UNIQUE_ID", "Holds the request id that the log shows. If it is not set, `UNIQUE_ID` is asked."),
	indicator(VariableRemoteAddr, "JkRemoteAddrIndicator", "JK_REMOTE_ADDR", "Overrides the client's address."),
	indicator(VariableRemotePort, "JkRemotePortIndicator", "JK_REMOTE_PORT", "Overrides the client's port."),
	indicator(VariableRemoteHost, "JkRemoteHostIndicator", "JK_REMOTE_HOST", "Overrides the client's host name."),
	indicator(VariableRemoteUser, "JkRemoteUserIndicator", "JK_REMOTE_USER", "Overrides the user. Empty: none is sent."),
	indicator(VariableAuthType, "JkAuthTypeIndicator", "JK_AUTH_TYPE", "Overrides the kind of authentication. Empty: none is sent."),
	indicator(VariableLocalName, "JkLocalNameIndicator", "JK_LOCAL_NAME", "Overrides the server's name."),
	indicator(VariableLocalAddr, "JkLocalAddrIndicator", "JK_LOCAL_ADDR", "Overrides the server's address."),
	indicator(VariableLocalPort, "JkLocalPortIndicator", "JK_LOCAL_PORT", "Overrides the server's port."),
	indicator(VariableIgnoreCL, "JkIgnoreCLIndicator", "JK_IGNORE_CL", "If set, Content-Length is not forwarded and the body counts as one of unknown length."),
	indicator(VariableHTTPS, "JkHTTPSIndicator", "HTTPS", "Is `on` for a request over TLS. The other TLS variables are read only then."),
	indicator(VariableSSLProtocol, "JkSSLPROTOCOLIndicator", "SSL_PROTOCOL", "Holds the TLS protocol."),
	indicator(VariableSSLCert, "JkCERTSIndicator", "SSL_CLIENT_CERT", "Holds the client's certificate (PEM)."),
	indicator(VariableSSLCipher, "JkCIPHERIndicator", "SSL_CIPHER", "Holds the TLS cipher."),
	indicator(VariableSSLSession, "JkSESSIONIndicator", "SSL_SESSION_ID", "Holds the id of the TLS session."),
	indicator(VariableSSLKeySize, "JkKEYSIZEIndicator", "SSL_CIPHER_USEKEYSIZE", "Holds the key size in bits; see ForwardKeySize."),
	indicator(VariableSSLChain, "JkCERTCHAINPrefix", "SSL_CLIENT_CERT_CHAIN_", "First part of the names that hold the client's certificate chain, in any case; see ForwardSSLCertChain."),
}

// findDirective returns the row of a directive, in any case, nil if there is none.
func findDirective(name string) *Directive {
	i := slices.IndexFunc(Directives, func(d Directive) bool { return strings.EqualFold(d.Name, name) })
	if i < 0 {
		return nil
	}
	return &Directives[i]
}

// standardNames are the names of variables that no directive has changed.
func standardNames() (names [VariableCount]string) {
	for v, name := range fixedNames {
		names[v] = name
	}
	for i := range Directives {
		if d := &Directives[i]; d.Group == groupIndicators {
			names[d.variable] = d.Default
		}
	}
	return names
}
