// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

import "strconv"

// Code is the first byte of a payload.
type Code byte

// The codes of ajpv13a, "Packet Types", and of CPING/CPONG. Body data to the container has none.
const (
	CodeForwardRequest Code = 2  // to the container
	CodeSendBodyChunk  Code = 3  // to the web server
	CodeSendHeaders    Code = 4  // to the web server
	CodeEndResponse    Code = 5  // to the web server
	CodeGetBodyChunk   Code = 6  // to the web server
	CodeShutdown       Code = 7  // to the container; never sent here
	CodePing           Code = 8  // to the container; never sent here
	CodeCPong          Code = 9  // to the web server
	CodeCPing          Code = 10 // to the container
)

// headerCode is the first byte of a header name that is a code.
const headerCode byte = 0xA0

var codeNames = [...]string{
	CodeForwardRequest: "FORWARD_REQUEST", CodeSendBodyChunk: "SEND_BODY_CHUNK", CodeSendHeaders: "SEND_HEADERS",
	CodeEndResponse: "END_RESPONSE", CodeGetBodyChunk: "GET_BODY_CHUNK", CodeShutdown: "SHUTDOWN", CodePing: "PING",
	CodeCPong: "CPONG", CodeCPing: "CPING",
}

// String returns the name of ajpv13a.
func (c Code) String() string {
	if int(c) < len(codeNames) && codeNames[c] != "" {
		return codeNames[c]
	}
	return "code(" + strconv.Itoa(int(c)) + ")"
}

// requestContentLength is content-length in requestHeaders.
const requestContentLength = 8

// methodStored says that the method's name is in attribute 0D.
const methodStored byte = 0xFF

// methods by code.
var methods = [...]string{
	1: "OPTIONS", 2: "GET", 3: "HEAD", 4: "POST", 5: "PUT", 6: "DELETE", 7: "TRACE", 8: "PROPFIND", 9: "PROPPATCH",
	10: "MKCOL", 11: "COPY", 12: "MOVE", 13: "LOCK", 14: "UNLOCK", 15: "ACL", 16: "REPORT", 17: "VERSION-CONTROL",
	18: "CHECKIN", 19: "CHECKOUT", 20: "UNCHECKOUT", 21: "SEARCH", 22: "MKWORKSPACE", 23: "UPDATE", 24: "LABEL",
	25: "MERGE", 26: "BASELINE-CONTROL", 27: "MKACTIVITY",
}

// requestHeaders by the second byte of their code.
var requestHeaders = [...]string{
	1: "accept", 2: "accept-charset", 3: "accept-encoding", 4: "accept-language", 5: "authorization", 6: "connection",
	7: "content-type", 8: "content-length", 9: "cookie", 10: "cookie2", 11: "host", 12: "pragma", 13: "referer",
	14: "user-agent",
}

// responseHeaders by the second byte of their code.
var responseHeaders = [...]string{
	1: "Content-Type", 2: "Content-Language", 3: "Content-Length", 4: "Date", 5: "Last-Modified", 6: "Location",
	7: "Set-Cookie", 8: "Set-Cookie2", 9: "Servlet-Engine", 10: "Status", 11: "WWW-Authenticate",
}

// methodCode returns the code of a method, methodStored if it has none. Case counts.
func methodCode(method string) byte {
	switch method {
	case "GET":
		return 2
	case "POST":
		return 4
	}
	for i := 1; i < len(methods); i++ {
		if methods[i] == method {
			return byte(i)
		}
	}
	return methodStored
}

// requestHeaderCode returns the second byte of a request header's code, 0 if it has none. Case does not count.
func requestHeaderCode(name string) byte {
	if len(name) < 4 || len(name) > 15 {
		return 0
	}
	for _, code := range requestHeadersByLength[len(name)] {
		if equalFold(name, requestHeaders[code]) {
			return code
		}
	}
	return 0
}

// requestHeadersByLength lists the codes of the names of each length.
var requestHeadersByLength = [16][]byte{
	4: {11}, 6: {9, 1, 12}, 7: {13, 10}, 10: {14, 6}, 12: {7}, 13: {5}, 14: {8, 2}, 15: {3, 4},
}

// responseHeaderCode returns the second byte of a response header's code, 0 if it has none. Case does not count.
func responseHeaderCode(name string) byte {
	for i := 1; i < len(responseHeaders); i++ {
		if len(responseHeaders[i]) == len(name) && equalFold(name, responseHeaders[i]) {
			return byte(i)
		}
	}
	return 0
}

// equalFold compares two strings of the same length, ASCII letters without case.
func equalFold(a, b string) bool {
	for i := 0; i < len(a) && i < len(b); i++ {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
