// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

// Options are the JkOptions in force for a server, as merged by the shim: GOJK_OPT_* of mod_gojk.h.
type Options uint32

// The options.
const (
	OptForwardURIProxy          Options = 1 << 0
	OptForwardURICompat         Options = 1 << 1
	OptForwardURICompatUnparsed Options = 1 << 2
	OptForwardURIEscaped        Options = 1 << 3
	OptForwardURIModes          Options = 15
	OptForwardDirectories       Options = 1 << 4
	OptForwardLocalAddress      Options = 1 << 5
	OptForwardPhysicalAddress   Options = 1 << 6
	OptFlushPackets             Options = 1 << 7
	OptFlushHeader              Options = 1 << 8
	OptDisableReuse             Options = 1 << 9
	OptForwardSSLCertChain      Options = 1 << 10
	OptForwardKeySize           Options = 1 << 11
	OptRejectUnsafeURI          Options = 1 << 12
	OptCollapseSlashes          Options = 1 << 13
)

// Has reports whether all of want are set.
func (o Options) Has(want Options) bool { return o&want == want }

// Input is the configuration as the shim hands it over, before any of it is interpreted.
type Input struct {
	ServerRoot    string
	HTTPDVersion  string
	ModuleVersion string

	// Threads is the number of httpd worker threads in a child (1 in prefork). Zero counts as 1.
	Threads int

	Servers    []ServerInput // the main server is the first
	Directives []DirectiveInput
	Files      []FileInput

	// LookupEnv finds variables of the process environment for $(NAME); nil: os.LookupEnv. Not part of the record stream.
	LookupEnv func(name string) (string, bool)
}

// ServerInput is one httpd server (main or VirtualHost).
type ServerInput struct {
	Name    string // as the status page shows it
	Options Options
	LogFD   int // descriptor of its mod_jk.log; negative: none
}

// DirectiveInput is one directive that the shim stored for the library.
type DirectiveInput struct {
	Server int // index in Servers
	File   string
	Line   int // 0: unknown
	Name   string
	Args   []string
}

// FileInput is the text of a file that a directive named.
type FileInput struct {
	Server    int
	Line      int // line of the directive; 0: unknown
	Directive string
	Path      string
	Content   string
	Errno     int // why it could not be read; 0: it was
}
