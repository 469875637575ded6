// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"fmt"
	"strings"
)

const generated = "<!-- Made from the tables in module/internal/config; a test keeps it in step: go test ./module/internal/config -update -->\n\n"

const propertiesHead = `# workers.properties

The file that JkWorkersFile names says which workers there are. The same lines may stand in httpd's configuration, each as a
JkWorkerProperty; those come first, then the file, and all share one namespace.

` + "```properties" + `
worker.list=balancer,jkstatus

worker.jkstatus.type=status

worker.balancer.type=lb
worker.balancer.balance_workers=n1,n2

worker.template.type=ajp13
worker.template.host=localhost
worker.n1.reference=worker.template
worker.n1.port=8009
worker.n2.reference=worker.template
worker.n2.port=8010
` + "```" + `

## The grammar

- A line is ` + "`name=value`" + `, split at the first ` + "`=`" + `. Blanks around both do not count. There is no continuation of lines, no quoting and
  no escaping; a line has at most 8191 bytes.
- From ` + "`#`" + ` to the end of the line is comment, **also inside a value**: a secret with a ` + "`#`" + ` belongs into a JkWorkerProperty, where it is
  an ordinary character. A warning says so.
- A line without a name, without ` + "`=`" + ` or without a value is ignored, with a warning. So a value cannot be emptied again.
- ` + "`worker.<name>.<attribute>=value`" + ` sets an attribute of a worker. An attribute that does not exist is an error: httpd does not start.
  One that exists, but not for this type of worker, is ignored with a warning.
- Any other name is a variable. ` + "`$(name)`" + ` in a value becomes the value of the property of that name set further up, or else of the
  environment variable. If there is neither, it stays as it is written, with a warning. What is put in is not looked through again.
- Setting something twice: lists add up; of everything else the last one counts, with a warning.
- Names are case-sensitive. Names of workers, and everything below called a name, have at most 63 bytes.
- An integer may carry ` + "`k`" + ` (times 1024) or ` + "`m`" + ` (times 1048576) directly behind its digits.
- A boolean is true for ` + "`on`, `1`" + ` and what begins with t or y, false for ` + "`off`, `0`" + ` and what begins with f or n.
- A list is separated by blanks, commas, or both.
- A value that cannot be used is replaced as the finding about it says: mostly by the default.

While httpd runs the file is looked at every ten seconds or so, and a changed one is put into force without a restart, unless it has mistakes: see
[changing the configuration](operations.md#changing-the-configuration-while-httpd-runs). Every finding has a number; ` + "`apachectl configtest`" + ` shows them all. A list is at the end of this page.

`

const findingsText = `An *error* keeps httpd from starting. With *warnings* and *notices* it starts. A changed file that would bring a finding marked *refused*, which the
configuration in force does not have already, is not put into force while httpd runs: what was in force stays, and the log says why.
`

// PropertiesMarkdown renders docs/workers.properties.md.
func PropertiesMarkdown() string {
	var b strings.Builder
	b.WriteString(generated + propertiesHead)
	group := ""
	for i := range Properties {
		p := &Properties[i]
		if p.Group != group {
			group = p.Group
			heading(&b, group, "Property", "Value", "Default", "Meaning")
		}
		row(&b, p.nameCell(), p.valueCell(), p.defaultCell(), strings.TrimSpace(p.Doc+" "+p.Notes))
	}
	heading(&b, "Findings", "Id", "Severity", "At a reload", "Meaning")
	for _, f := range findings {
		row(&b, f.id.String(), f.severity.String(), f.reloadCell(), f.meaning)
	}
	b.WriteString("\n" + findingsText)
	return b.String()
}

func (f finding) reloadCell() string {
	if f.lost {
		return "refused"
	}
	return "–"
}

func heading(b *strings.Builder, title string, columns ...string) {
	if !strings.HasSuffix(b.String(), "\n\n") {
		b.WriteString("\n")
	}
	fmt.Fprintf(b, "## %s\n\n", title)
	columnRow(b, columns...)
}

// columnRow begins a table.
func columnRow(b *strings.Builder, columns ...string) {
	row(b, columns...)
	b.WriteString(strings.Repeat("|---", len(columns)) + "|\n")
}

func row(b *strings.Builder, cells ...string) {
	for _, cell := range cells {
		b.WriteString("| " + strings.ReplaceAll(cell, "|", `\|`) + " ")
	}
	b.WriteString("|\n")
}

func code(text string) string { return "`" + text + "`" }

func codeOrNone(text string) string {
	if text == "" {
		return "none"
	}
	return code(text)
}

func (p *Property) nameCell() string {
	cell := code(p.Name)
	if p.Types == OnGlobal {
		cell = code(workerPrefix + p.Name)
	}
	for _, alias := range p.Aliases {
		cell += ", older: " + code(alias)
	}
	if p.Deprecated != "" {
		cell += " (deprecated)"
	}
	return cell
}

func (p *Property) defaultCell() string {
	switch {
	case p.Kind == KindIgnored:
		return "–"
	case p.Computed != "":
		return p.Computed
	}
	return codeOrNone(p.Default)
}

func (p *Property) valueCell() string {
	switch p.Kind {
	case KindName:
		return "name"
	case KindSecret:
		return "secret"
	case KindHost:
		return "name or address"
	case KindPath:
		return "path"
	case KindInteger:
		return p.integerCell()
	case KindBoolean:
		return "boolean"
	case KindChoice:
		return strings.Join(p.Choices, ", ")
	case KindList:
		return "list"
	case KindStatuses:
		return "list of HTTP statuses"
	case KindIgnored:
		return "–"
	}
	return "text"
}

func (p *Property) integerCell() string {
	cell := "integer"
	if p.Unit != UnitNone {
		cell = p.Unit.String()
	}
	switch {
	case p.Min == p.Max:
		return cell
	case p.Max == maxInteger:
		return fmt.Sprintf("%s, at least %d", cell, p.Min)
	}
	return fmt.Sprintf("%s, %d to %d", cell, p.Min, p.Max)
}
