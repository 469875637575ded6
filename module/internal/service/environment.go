// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"strconv"
	"strings"
	"time"
	"unsafe"

	"mod_gojk/ajp"
	"mod_gojk/module/internal/config"
	"mod_gojk/module/internal/registry"
)

// environment is what the container and the log are told of a request beside its head: httpd's facts, unless a variable of the request says
// otherwise (mod_jk-surface 2.2). Strings are borrowed for the call, or lie in the room at the end, which is reused.
type environment struct {
	RequestID  string
	RemoteAddr string
	RemotePort string
	RemoteHost string // "": httpd has not looked it up
	RemoteUser string
	AuthType   string
	LocalAddr  string
	ServerName string
	ServerPort uint32
	Route      string // JK_ROUTE

	IgnoreSticky, Stateless override

	replyTimeout time.Duration // JK_REPLY_TIMEOUT; negative: not set

	TLS         bool // the client's connection is encrypted, or said to be
	SSLProtocol string
	SSLCipher   string // absent: not known
	SSLSession  string // absent: not known
	SSLCert     string // PEM, the chain behind it with ForwardSSLCertChain
	SSLKeySize  uint16 // bits; 0: not known

	Attributes []ajp.Header // of JkEnvVar

	port  [5]byte
	chain []byte
}

// override is what a variable says that is on or off.
type override uint8

const (
	unset override = iota
	off
	on
)

// over returns what is in force: what the variable says, if it is set, otherwise the rule's.
func (o override) over(rule bool) bool {
	if o == unset {
		return rule
	}
	return o == on
}

// read fills e for a request. A variable counts where it is first, whatever the case of its name, as in httpd's tables.
func (e *environment) read(r *Request, s *registry.Server) {
	var set variables
	for i := range r.Environment {
		v := &r.Environment[i]
		for id, name := range &s.Variables {
			if len(v.Name) == len(name) && equalFold(v.Name, name) && !present(set[id]) {
				set[id] = v.Value
			}
		}
	}
	e.readRequest(r, &set)
	e.readConnection(r, s, &set)
	e.readTLS(r, s, &set)
	e.readAttributes(r, s)
}

// clear lets go of what was borrowed, and keeps the room.
func (e *environment) clear() {
	clear(e.Attributes)
	*e = environment{Attributes: e.Attributes[:0], chain: e.chain[:0]}
}

// variables are the values of a request, absent where there is none.
type variables = [config.VariableCount]string

// readRequest reads what concerns the request itself.
func (e *environment) readRequest(r *Request, set *variables) {
	e.RequestID = set[config.VariableRequestID]
	if e.RequestID == "" {
		e.RequestID = set[config.VariableUniqueID]
	}
	e.Route = set[config.VariableRoute]
	e.IgnoreSticky = switched(set[config.VariableStickyIgnore])
	e.Stateless = switched(set[config.VariableStateless])
	e.replyTimeout = -1
	if text := set[config.VariableReplyTimeout]; present(text) {
		e.replyTimeout = time.Duration(number(text)) * time.Millisecond
	}
	if present(set[config.VariableIgnoreCL]) && r.ContentLength > 0 {
		r.ContentLength = -1
		r.Flags |= Chunked
	}
}

// readConnection reads who is connected to whom, and as whom.
func (e *environment) readConnection(r *Request, s *registry.Server, set *variables) {
	addr, port := r.RemoteAddr, r.RemotePort
	switch {
	case s.Options.Has(config.OptForwardLocalAddress):
		addr, port = r.LocalAddr, 0
	case s.Options.Has(config.OptForwardPhysicalAddress):
		addr, port = r.PeerAddr, r.PeerPort
	}
	e.RemoteAddr = either(set[config.VariableRemoteAddr], addr)
	e.RemotePort = set[config.VariableRemotePort]
	if !present(e.RemotePort) {
		digits := strconv.AppendUint(e.port[:0], uint64(port), 10)
		e.RemotePort = unsafe.String(unsafe.SliceData(digits), len(digits))
	}
	e.RemoteHost = either(set[config.VariableRemoteHost], r.RemoteHost)
	e.RemoteUser = either(set[config.VariableRemoteUser], r.RemoteUser)
	e.AuthType = either(set[config.VariableAuthType], r.AuthType)
	e.LocalAddr = either(set[config.VariableLocalAddr], r.LocalAddr)
	e.ServerName = either(set[config.VariableLocalName], r.ServerName)
	e.ServerPort = r.ServerPort
	if text := set[config.VariableLocalPort]; present(text) {
		e.ServerPort = uint32(number(text))
	}
}

// readTLS reads what mod_ssl says.
func (e *environment) readTLS(r *Request, s *registry.Server, set *variables) {
	e.TLS = s.Options.Has(config.OptExtractSSL) && equalFold(set[config.VariableHTTPS], "on")
	e.SSLProtocol, e.SSLCipher, e.SSLSession, e.SSLCert, e.SSLKeySize = "", "", "", "", 0
	if !e.TLS {
		return
	}
	e.SSLProtocol = set[config.VariableSSLProtocol]
	e.SSLCipher = set[config.VariableSSLCipher]
	e.SSLSession = set[config.VariableSSLSession]
	e.SSLCert = set[config.VariableSSLCert]
	if s.Options.Has(config.OptForwardSSLCertChain) {
		e.appendChain(r, s.Variables[config.VariableSSLChain])
	}
	if s.Options.Has(config.OptForwardKeySize) {
		e.SSLKeySize = uint16(min(max(number(set[config.VariableSSLKeySize]), 0), 0xffff))
	}
}

// appendChain puts the values of all variables that begin with the prefix behind the client's certificate.
func (e *environment) appendChain(r *Request, prefix string) {
	e.chain = append(e.chain[:0], e.SSLCert...)
	for i := range r.Environment {
		if v := &r.Environment[i]; len(v.Name) >= len(prefix) && equalFold(v.Name[:len(prefix)], prefix) {
			e.chain = append(e.chain, v.Value...)
		}
	}
	e.SSLCert = unsafe.String(unsafe.SliceData(e.chain), len(e.chain))
}

// readAttributes reads the variables of JkEnvVar that are set, or have a default.
func (e *environment) readAttributes(r *Request, s *registry.Server) {
	e.Attributes = e.Attributes[:0]
	for i := range s.EnvVars {
		wanted := &s.EnvVars[i]
		if value := lookup(r.Environment, wanted.Name); present(value) {
			e.Attributes = append(e.Attributes, ajp.Header{Name: wanted.Name, Value: value})
		} else if wanted.Default != "" {
			e.Attributes = append(e.Attributes, ajp.Header{Name: wanted.Name, Value: wanted.Default})
		}
	}
}

// lookup returns the first value of a name, absent if there is none.
func lookup(list []ajp.Header, name string) string {
	for i := range list {
		if equalFold(list[i].Name, name) {
			return list[i].Value
		}
	}
	return ""
}

// either returns a variable's value, if it is set, otherwise httpd's.
func either(variable, fact string) string {
	if present(variable) {
		return variable
	}
	return fact
}

// switched reads a variable that is on or off: any number but 0, or nothing, is on.
func switched(text string) override {
	switch {
	case !present(text):
		return unset
	case text == "" || number(text) != 0:
		return on
	}
	return off
}

// number reads a number as C's strtol does: blanks, a sign, and digits as far as there are any, within the limits of an int32.
func number(text string) int32 {
	text = strings.TrimLeft(text, " \t\n\v\f\r")
	end := 0
	for end < len(text) && (text[end] >= '0' && text[end] <= '9' || end == 0 && (text[0] == '-' || text[0] == '+')) {
		end++
	}
	if end == 0 {
		return 0
	}
	n, _ := strconv.ParseInt(text[:end], 10, 32) // a limit when out of range
	return int32(n)
}
