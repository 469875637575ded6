// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import "strings"

// status reads the settings of a status worker.
func (r *reader) status() *Status {
	return &Status{
		CSS:                 r.text("css"),
		Prefix:              r.text("prefix"),
		NS:                  noneIfDash(r.text("ns")),
		XMLNS:               noneIfDash(r.text("xmlns")),
		Doctype:             r.text("doctype"),
		ReadOnly:            r.boolean("read_only"),
		Users:               r.list("user"),
		UserCaseInsensitive: r.boolean("user_case_insensitive"),
		Good:                r.list("good"),
		Bad:                 r.list("bad"),
	}
}

// noneIfDash makes a value that begins with '-' empty: empty values cannot be written.
func noneIfDash(text string) string {
	if strings.HasPrefix(text, "-") {
		return ""
	}
	return text
}
