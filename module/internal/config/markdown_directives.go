// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"fmt"
	"strings"
)

const directivesHead = `# httpd directives

All 37 directives of mod_jk. Names do not mind case. They may stand in the main server and, as each says, in a VirtualHost; JkMount and JkUnMount
also in a Location; none in ` + "`.htaccess`" + `. A comment at the end of a line is skipped (not in JkWorkerProperty); a word that begins with ` + "`#`" + ` goes into quotes.

In a VirtualHost most are *inherited*: its own counts, else the main server's, else the default. What is mapped is inherited only with
[JkMountCopy](#jkmountcopy). Whatever cannot be used is found by ` + "`apachectl configtest`" + `, with file and line; the findings are listed
[here](workers.properties.md#findings).

`

const tokensText = `### Tokens of JkRequestLogFormat

| Token | Value | Absent |
|---|---|---|
| ` + "`%b`" + ` | bytes of the body that was sent | ` + "`-`" + ` |
| ` + "`%B`" + ` | the same | ` + "`0`" + ` |
| ` + "`%H`" + ` | protocol of the request | ` + "`-`" + ` |
| ` + "`%m`" + ` | method | ` + "`-`" + ` |
| ` + "`%p`" + ` | port of the server, as ServerName has it | – |
| ` + "`%q`" + ` | ` + "`?`" + ` and the query | nothing |
| ` + "`%r`" + ` | request line | ` + "`-`" + ` |
| ` + "`%s`" + ` | status | ` + "`-`" + ` |
| ` + "`%T`" + ` | time that the worker took: seconds, and microseconds in six digits | ` + "`-`" + ` |
| ` + "`%U`" + ` | path, without path parameters | ` + "`-`" + ` |
| ` + "`%v`" + ` | ServerName | ` + "`-`" + ` |
| ` + "`%V`" + ` | name of the server, as UseCanonicalName says | ` + "`-`" + ` |
| ` + "`%w`" + ` | worker that the URI is mapped to: the balancer, not its member | ` + "`-`" + ` |
| ` + "`%R`" + ` | route of the member that answered, or its domain | ` + "`-`" + ` |

` + "`\\n`, `\\t` and `\\\\`" + ` are a new line, a tab and a backslash. Control characters in a value, which come from the client, are written as ` + "`\\x0a`" + `.

`

const indicatorsText = `Each names a variable of the request's environment, from which something is read. Where they may stand: main server, VirtualHost; they are
inherited; any name can be used. Set the variables with SetEnvIf or ` + "`RewriteRule … [E=…]`" + `, never from headers that a client can write: what they hold
is what Tomcat believes.

`

const extensionsText = `## Rule extensions

Behind the worker of a JkMount, of a rule in a [mount file](uriworkermap.properties.md), and of the variable of JkWorkerIndicator, separated by ` + "`;`" + ` (blanks
do not count): ` + "`JkMount /app/* lb;reply_timeout=60000;stopped=n2`" + `. On exclusions they have no effect.

`

const extensionsEnd = `
An extension that does not exist, or whose value cannot be used, is ignored with a warning.
`

// DirectivesMarkdown renders docs/directives.md.
func DirectivesMarkdown() string {
	var b strings.Builder
	b.WriteString(generated + directivesHead)
	group := ""
	for i := range Directives {
		d := &Directives[i]
		if d.Group != group {
			group = d.Group
			if group == groupIndicators {
				break
			}
			fmt.Fprintf(&b, "## %s\n\n", group)
		}
		d.section(&b)
		switch d.Name {
		case "JkRequestLogFormat":
			b.WriteString(tokensText)
		case "JkOptions":
			optionsTable(&b)
		}
	}
	indicatorsTable(&b)
	extensionsTable(&b)
	return b.String()
}

// section renders what is to be known of a directive.
func (d *Directive) section(b *strings.Builder) {
	fmt.Fprintf(b, "### %s\n\n%s\n\n", d.Name, code(d.Name+" "+d.Args))
	columnRow(b, "Where", "Default", "In a VirtualHost")
	row(b, d.Context, codeOrNone(d.Default), d.Merge)
	fmt.Fprintf(b, "\n%s\n\n", d.Doc)
	if d.Bad != "" {
		fmt.Fprintf(b, "*What cannot be used.* %s\n\n", d.Bad)
	}
	if d.Example != "" {
		fmt.Fprintf(b, "```apache\n%s```\n\n", d.Example)
	}
}

func optionsTable(b *strings.Builder) {
	fmt.Fprint(b, "### Options of JkOptions\n\n")
	columnRow(b, "Option", "Default", "Meaning")
	for _, o := range optionWords {
		if o.dead {
			continue
		}
		standard := "off"
		if defaultOptions.Has(o.bit) {
			standard = "on"
		}
		if o.onlyPlus {
			standard += ", one of four modes"
		}
		row(b, code(o.word), standard, o.doc)
	}
	b.WriteString("\n")
}

func indicatorsTable(b *strings.Builder) {
	fmt.Fprintf(b, "## %s\n\n%s", groupIndicators, indicatorsText)
	columnRow(b, "Directive", "Default", "The variable")
	for i := range Directives {
		if d := &Directives[i]; d.Group == groupIndicators {
			row(b, code(d.Name+" "+d.Args), code(d.Default), d.Doc)
		}
	}
}

func extensionsTable(b *strings.Builder) {
	b.WriteString("\n" + extensionsText)
	columnRow(b, "Extension", "Value", "Meaning", "Given twice")
	for _, e := range ruleExtensions {
		counts := "the last"
		if e.first {
			counts = "the first"
		}
		row(b, code(e.name), e.value, e.doc, counts)
	}
	b.WriteString(extensionsEnd)
}
