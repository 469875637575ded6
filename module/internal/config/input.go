// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

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
	Name  string // as the status page shows it
	LogFD int    // descriptor of its mod_jk.log; negative: none
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
