// Licensed under the Apache License, Version 2.0; see LICENSE.

package statusworker

import "strings"

// format is how an answer is written (parameter mime). A new one is a row in render and contentType, and a file with its renderer.
type format uint8

const (
	htmlFormat format = iota // the default
	xmlFormat
	textFormat
	propertiesFormat
	unknownFormat
)

// parseFormat returns the format that the parameter mime names; empty: HTML.
func parseFormat(mime string) format {
	switch mime {
	case "", "html":
		return htmlFormat
	case "xml":
		return xmlFormat
	case "txt":
		return textFormat
	case "prop":
		return propertiesFormat
	}
	return unknownFormat
}

// render returns the format's renderer, nil if there is none.
func (f format) render() func(*Page) string {
	if f == htmlFormat {
		return renderHTML
	}
	return nil
}

// contentType is the value of the header.
func (f format) contentType() string {
	if f == htmlFormat {
		return "text/html; charset=UTF-8"
	}
	return "text/plain; charset=UTF-8"
}

// renderPlainResult is the answer in formats that have no renderer: the result as properties, which is what mod_jk answers to an unknown format.
func renderPlainResult(p *Page) string {
	kind, prefix := "OK", printable(p.Style.Prefix)
	if p.Result.Failed {
		kind = "ERROR"
	}
	return prefix + ".result.type=" + kind + "\n" + prefix + ".result.message=" + printable(p.Result.Message) + "\n"
}

// printable is a value that cannot end its line.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '�'
		}
		return r
	}, s)
}
