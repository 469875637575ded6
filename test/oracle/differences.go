package main

import (
	"regexp"
	"strings"
)

// Difference is a row of the table of deliberate differences.
type Difference struct {
	ID     string
	Reason string // number in section 12 of the description of mod_jk and its stance, or what else explains it
	Jk     string // what mod_jk 1.2.48 does
	Gojk   string // what mod_gojk does

	// Steps are the steps ("case / step") that show the difference: all of them must, and no line may differ in them that Lines
	// does not describe. Lines begin with "- " if only mod_jk shows them, with "+ " if only mod_gojk does.
	Steps *regexp.Regexp
	Lines *regexp.Regexp

	// May are the steps that may show the difference, Hide the part of a line that may differ in them. Instead of Steps and
	// Lines.
	May  *regexp.Regexp
	Hide *regexp.Regexp
}

// rowsFor returns the rows that a step has to show.
func rowsFor(step string) []*Difference {
	var rows []*Difference
	for i := range differences {
		if d := &differences[i]; d.Steps != nil && d.Steps.MatchString(step) {
			rows = append(rows, d)
		}
	}
	return rows
}

// hide returns the lines without the part that may differ.
func (d *Difference) hide(lines []string) []string {
	hidden := make([]string, len(lines))
	for i, line := range lines {
		hidden[i] = d.Hide.ReplaceAllString(line, "(hidden)")
	}
	return hidden
}

// Lines that differ, as parts for the table.
const (
	ofRequest   = `\w: (method|protocol|uri|remote_addr|server_name|header|attribute|body packet|stray packet|end of the body|trouble|\(hidden\))`
	jkAnswer    = `- (client|log|requests went to): ` // what mod_jk does with the client
	jkRequest   = `- ` + ofRequest                    // a request that only mod_jk makes
	again       = `\+ (` + ofRequest + `|requests went to: )`
	fewer       = `\+ requests went to: `
	reuse       = `\w: (a new connection|the connection of \d+ requests ago|\d+ connections open)$`
	connections = `[-+] ` + reuse + `|[-+] \w: \d+ scripts without a request$`
	masked      = `\+ client: header (Date|Server): \(masked\)$`
	answered    = `\+ (client: (HTTP/1\.1 200 OK|header Content-(Length: "1"|Type: "text/plain")|body \(content-length\) 1 bytes "[ab]"|connection open|response complete)$|log: status 200, 1 bytes,)`
	page        = `\+ client: (header (Content-Length: "\d+"|Connection: "close"|Content-Type: "text/html; charset=iso-8859-1")|body \((content-length|until close)\) \d+ bytes.*</html>\\n"|response complete|connection \w+)$`
	page400     = page + `|\+ (client: HTTP/1\.1 400 Bad Request$|log: status 400,)`
	page403     = page + `|\+ (client: HTTP/1\.1 403 Forbidden$|log: status 403,)`
	page404     = page + `|\+ (client: HTTP/1\.1 404 Not Found$|log: status 404,)`
	page500     = page + `|\+ (client: HTTP/1\.1 500 Internal Server Error$|log: status 500,)`
	page501     = page + `|\+ (client: HTTP/1\.1 501 Not Implemented$|client: header Allow: .*|log: status 501,)`
	page502     = page + `|\+ (client: HTTP/1\.1 502 Bad Gateway$|log: status 502,)`
	started     = `- httpd starts$|\+ httpd does not start: exit status 1$` // mod_gojk does not start
	aborted     = `\+ (client: body .*|client: response (aborted|complete)|client: connection closed|log: status 200, \d+ bytes, connection [-X],.*)$`
)

// re compiles an alternative of parts, each anchored at the beginning.
func re(parts ...string) *regexp.Regexp {
	return regexp.MustCompile(`^(?:` + strings.Join(parts, "|") + `)`)
}
