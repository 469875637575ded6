package harness

import (
	"fmt"
	"strconv"
	"strings"
)

// Request is a FORWARD_REQUEST as the container got it, nothing interpreted away.
type Request struct {
	MethodCode byte
	Protocol   Text
	URI        Text
	RemoteAddr Text
	RemoteHost Text
	ServerName Text
	ServerPort uint16
	TLS        byte
	Headers    []RequestHeader
	Attributes []Attribute
	Trailing   []byte // what follows the terminator; should be nothing
}

// RequestHeader is a header with its code, 0 if the name came as a string.
type RequestHeader struct {
	Code  uint16
	Name  string
	Value Text
}

// Attribute is an attribute with its code; Name is the table's name or, for code 0A, the name that was sent.
type Attribute struct {
	Code  byte
	Name  string
	Value Text // of ssl_key_size: the number in decimal
}

// methodNames are the methods by code, 1 to 27.
var methodNames = []string{
	"", "OPTIONS", "GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK",
	"UNLOCK", "ACL", "REPORT", "VERSION-CONTROL", "CHECKIN", "CHECKOUT", "UNCHECKOUT", "SEARCH", "MKWORKSPACE", "UPDATE",
	"LABEL", "MERGE", "BASELINE-CONTROL", "MKACTIVITY",
}

// requestHeaderNames are the coded request headers, A001 to A00E.
var requestHeaderNames = []string{
	"", "accept", "accept-charset", "accept-encoding", "accept-language", "authorization", "connection", "content-type",
	"content-length", "cookie", "cookie2", "host", "pragma", "referer", "user-agent",
}

// attributeNames are the attributes by code, 01 to 0D.
var attributeNames = []string{
	"", "context", "servlet_path", "remote_user", "auth_type", "query_string", "route", "ssl_cert", "ssl_cipher", "ssl_session",
	"req_attribute", "ssl_key_size", "secret", "stored_method",
}

const (
	codeForwardRequest = 2
	codeCPing          = 10

	attributeRequest    = 0x0a
	attributeSSLKeySize = 0x0b
	attributeMethod     = 0x0d
	attributesEnd       = 0xff
	methodStored        = 0xff
)

// decodeRequest reads the payload of a FORWARD_REQUEST. What could be read is returned also beside an error.
func decodeRequest(payload []byte) (*Request, error) {
	c := &cursor{rest: payload[1:]}
	r := &Request{MethodCode: c.byte(), Protocol: c.text(), URI: c.text(), RemoteAddr: c.text(), RemoteHost: c.text(), ServerName: c.text()}
	r.ServerPort, r.TLS = c.uint16(), c.byte()
	for n := c.uint16(); n > 0 && c.err == nil; n-- {
		r.Headers = append(r.Headers, c.requestHeader())
	}
	for c.err == nil {
		code := c.byte()
		if code == attributesEnd || c.err != nil {
			break
		}
		r.Attributes = append(r.Attributes, c.attribute(code))
	}
	r.Trailing = c.rest
	return r, c.err
}

func (c *cursor) requestHeader() RequestHeader {
	if len(c.rest) == 0 || c.rest[0] != 0xa0 {
		return RequestHeader{Name: c.text().Value, Value: c.text()}
	}
	h := RequestHeader{Code: c.uint16()}
	i := int(h.Code & 0xff)
	if i == 0 || i >= len(requestHeaderNames) {
		c.err = fmt.Errorf("header code %04X is unknown", h.Code)
		return h
	}
	h.Name, h.Value = requestHeaderNames[i], c.text()
	return h
}

func (c *cursor) attribute(code byte) Attribute {
	a := Attribute{Code: code}
	switch {
	case code == attributeRequest:
		a.Name, a.Value = c.text().Value, c.text()
	case code == attributeSSLKeySize:
		a.Name, a.Value = attributeNames[code], Text{Value: strconv.Itoa(int(c.uint16()))}
	case int(code) < len(attributeNames) && code > 0:
		a.Name, a.Value = attributeNames[code], c.text()
	default:
		c.err = fmt.Errorf("attribute code %02X is unknown", code)
	}
	return a
}

// Method is the method's name, also when it came as an attribute.
func (r *Request) Method() string {
	if r.MethodCode == methodStored {
		for _, a := range r.Attributes {
			if a.Code == attributeMethod {
				return a.Value.Value
			}
		}
	}
	if int(r.MethodCode) < len(methodNames) {
		return methodNames[r.MethodCode]
	}
	return fmt.Sprintf("(code %d)", r.MethodCode)
}

// Header is the value of the first header of that name, in any case; empty if there is none.
func (r *Request) Header(name string) string {
	for _, h := range r.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value.Value
		}
	}
	return ""
}

// Attribute is the value of the first attribute of that name; empty if there is none.
func (r *Request) Attribute(name string) string {
	for _, a := range r.Attributes {
		if a.Name == name {
			return a.Value.Value
		}
	}
	return ""
}

// announcesBody reports whether the host sends the first body packet unasked: Content-Length above 0.
func (r *Request) announcesBody() bool {
	n, err := strconv.ParseInt(r.Header("content-length"), 10, 64)
	return err == nil && n > 0
}

// Lines renders every field, one a line, in the order of the wire.
func (r *Request) Lines() []string {
	lines := []string{
		fmt.Sprintf("method %d %s", r.MethodCode, r.Method()),
		fmt.Sprintf("protocol %s", r.Protocol),
		fmt.Sprintf("uri %s", r.URI),
		fmt.Sprintf("remote_addr %s remote_host %s", r.RemoteAddr, r.RemoteHost),
		fmt.Sprintf("server_name %s server_port %d is_ssl %d", r.ServerName, r.ServerPort, r.TLS),
	}
	for _, h := range r.Headers {
		lines = append(lines, fmt.Sprintf("header %04X %s: %s", h.Code, h.Name, h.Value))
	}
	for _, a := range r.Attributes {
		lines = append(lines, fmt.Sprintf("attribute %02X %s = %s", a.Code, a.Name, a.Value))
	}
	if len(r.Trailing) > 0 {
		lines = append(lines, fmt.Sprintf("trailing bytes % x", r.Trailing))
	}
	return lines
}
