// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Clone returns a copy that borrows nothing.
func (r *ForwardRequest) Clone() *ForwardRequest {
	c := *r
	for _, s := range []*string{
		&c.Method, &c.Protocol, &c.URI, &c.RemoteAddr, &c.RemoteHost, &c.ServerName, &c.Secret, &c.RemoteUser, &c.AuthType,
		&c.Query, &c.Route, &c.SSLCert, &c.SSLCipher, &c.SSLSession, &c.Context, &c.ServletPath,
	} {
		*s = strings.Clone(*s)
	}
	c.Headers, c.Attributes, c.MoreAttributes = cloneAll(c.Headers), cloneAll(c.Attributes), cloneAll(c.MoreAttributes)
	return &c
}

func cloneAll(list []Header) []Header {
	list = slices.Clone(list)
	for i := range list {
		list[i] = Header{strings.Clone(list[i].Name), strings.Clone(list[i].Value)}
	}
	return list
}

// Format implements fmt.Formatter for every verb alike (fmt does not ask for %p): method and URI, nothing else.
func (r ForwardRequest) Format(w fmt.State, _ rune) {
	_, _ = io.WriteString(w, r.Method+" "+r.URI)
}
