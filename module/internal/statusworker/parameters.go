// Licensed under the Apache License, Version 2.0; see LICENSE.

package statusworker

import (
	"strconv"
	"strings"
)

// maxBody is how many bytes of a form are read. A form of the status page has a few hundred.
const maxBody = 8 << 10

// parameters are those of the query string and, of a POST, of the form in its body. The last one of a name wins.
type parameters map[string]string

// errEscape is mod_jk's text for a broken percent escape.
const errEscape = refusal("Error during parsing of URI")

// readForm adds the parameters of a POST's body. They override those of the query string.
func (c *call) readForm() error {
	form, err := c.readBody()
	if err != nil {
		return err
	}
	if len(form) > maxBody {
		return refusal("The request body is larger than " + strconv.Itoa(maxBody) + " bytes; nothing was changed.")
	}
	if len(form) > 0 && !c.sendsForm() {
		return refusal("The parameters of a POST must be application/x-www-form-urlencoded; nothing was changed.")
	}
	return c.params.parse(string(form))
}

// readBody reads one byte more than is wanted, at most.
func (c *call) readBody() ([]byte, error) {
	if c.ReadBody == nil {
		return nil, nil
	}
	body := make([]byte, maxBody+1)
	n, err := c.ReadBody(body)
	return body[:max(n, 0)], err
}

// sendsForm reports whether the body is a form. A body of no type counts as one.
func (c *call) sendsForm() bool {
	for _, value := range c.header("Content-Type") {
		kind, _, _ := strings.Cut(value, ";")
		if !strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded") {
			return false
		}
	}
	return true
}

// header returns all values of a request header.
func (c *call) header(name string) []string {
	var values []string
	for i := range c.Headers {
		if strings.EqualFold(c.Headers[i].Name, name) {
			values = append(values, c.Headers[i].Value)
		}
	}
	return values
}

// parse adds the parameters of a query string. Parts without '=' are ignored.
func (p parameters) parse(query string) error {
	for part := range strings.SplitSeq(query, "&") {
		key, value, ok := strings.Cut(part, "=")
		if !ok {
			continue
		}
		key, err := unescape(key)
		if err != nil {
			return err
		}
		if p[key], err = unescape(value); err != nil {
			return err
		}
	}
	return nil
}

// number is a parameter's value as a number that is not negative, 0 if it is missing or none.
func (p parameters) number(name string) int {
	n, err := strconv.ParseUint(p[name], 10, 31)
	if err != nil {
		return 0
	}
	return int(n)
}

// unescape decodes '+' and percent escapes.
func unescape(s string) (string, error) {
	if !strings.ContainsAny(s, "%+") {
		return s, nil
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '+':
			out = append(out, ' ')
		case '%':
			if i+3 > len(s) {
				return "", errEscape
			}
			b, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
			if err != nil {
				return "", errEscape
			}
			out = append(out, byte(b))
			i += 2
		default:
			out = append(out, s[i])
		}
	}
	return string(out), nil
}

// escapeParameter encodes a value for a query string: RFC 3986, 2.3, all but unreserved characters.
func escapeParameter(s string) string {
	const hex = "0123456789ABCDEF"
	out := make([]byte, 0, len(s))
	for i := range len(s) {
		b := s[i]
		switch {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9', b == '-', b == '.', b == '_', b == '~':
			out = append(out, b)
		default:
			out = append(out, '%', hex[b>>4], hex[b&15])
		}
	}
	return string(out)
}

// link is a reference to this status worker, relative to the page itself: whatever its path is, it need not be written. Parameters are name, value,
// name, value; those with an empty value are left out.
func link(parameters ...string) string {
	var b strings.Builder
	b.WriteByte('?')
	for i := 0; i+1 < len(parameters); i += 2 {
		if parameters[i+1] == "" {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte('&')
		}
		b.WriteString(parameters[i] + "=" + escapeParameter(parameters[i+1]))
	}
	return b.String()
}
