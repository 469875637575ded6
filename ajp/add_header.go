// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

// addedHeaders is how many headers AddHeader has room for, however many the container sends.
const addedHeaders = 4

// AddHeader adds a header of the web server's own to a response head, behind those of the container. Only in Host.Respond, for a response with
// FlagHead. Name and value are copied into the connection's memory, where what was sent lies no more. It reports false, and adds nothing, if the
// name is no token, the value has control characters, or there is no room.
func (c *Conn) AddHeader(r *Response, name, value string) bool {
	if !isToken(name) || !isText(value) || len(r.Headers) == cap(r.Headers) || len(name)+len(value) > len(c.send)-c.packet-c.added {
		return false
	}
	r.Headers = append(r.Headers, Header{c.keepText(name), c.keepText(value)})
	return true
}

// keepText copies a text into the second half of the send buffer, until the host has seen it. In the first half may be body data, read ahead.
func (c *Conn) keepText(s string) string {
	at := c.send[c.packet+c.added:]
	c.added += copy(at, s)
	return borrow(at[:len(s)])
}
