// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"slices"
	"strings"
)

// Options are the JkOptions in force for a server, and JkExtractSSL.
type Options uint32

// The options.
const (
	OptForwardURIProxy          Options = 1 << 0
	OptForwardURICompat         Options = 1 << 1
	OptForwardURICompatUnparsed Options = 1 << 2
	OptForwardURIEscaped        Options = 1 << 3
	OptForwardURIModes          Options = 15
	OptForwardDirectories       Options = 1 << 4
	OptForwardLocalAddress      Options = 1 << 5
	OptForwardPhysicalAddress   Options = 1 << 6
	OptFlushPackets             Options = 1 << 7
	OptFlushHeader              Options = 1 << 8
	OptDisableReuse             Options = 1 << 9
	OptForwardSSLCertChain      Options = 1 << 10
	OptForwardKeySize           Options = 1 << 11
	OptRejectUnsafeURI          Options = 1 << 12
	OptExtractSSL               Options = 1 << 13 // JkExtractSSL; no word of JkOptions
)

// defaultOptions are in force where no directive says otherwise.
const defaultOptions = OptForwardURIProxy | OptForwardKeySize | OptExtractSSL

// Has reports whether all of want are set.
func (o Options) Has(want Options) bool { return o&want == want }

// option is a word of JkOptions.
type option struct {
	word     string
	bit      Options
	clears   Options // what the word of either sign takes back that stood before it in the same server
	onlyPlus bool    // one of several modes: it is changed by naming another
	dead     bool    // accepted, without effect since mod_jk 1.2.44
	doc      string  // "" if it is dead
}

var optionWords = []option{
	{word: "ForwardURIProxy", bit: OptForwardURIProxy, clears: OptForwardURIModes, onlyPlus: true, doc: "The container gets the URI as httpd sees it, after rewrites, encoded anew. What the client had encoded and what it had not stays apart where it matters."},
	{word: "ForwardURICompat", bit: OptForwardURICompat, clears: OptForwardURIModes, onlyPlus: true, doc: "It gets the URI decoded. A control character in it is answered with 400."},
	{word: "ForwardURICompatUnparsed", bit: OptForwardURICompatUnparsed, clears: OptForwardURIModes, onlyPlus: true, doc: "It gets the URI as the client sent it, whatever was rewritten."},
	{word: "ForwardURIEscaped", bit: OptForwardURIEscaped, clears: OptForwardURIModes, onlyPlus: true, doc: "As ForwardURIProxy, with httpd's own encoding."},
	{word: "ForwardDirectories", bit: OptForwardDirectories, doc: "Requests for directories go to the worker of JkWorkerIndicator's variable."},
	{word: "ForwardLocalAddress", bit: OptForwardLocalAddress, clears: OptForwardPhysicalAddress, doc: "The container gets httpd's own address as the client's; takes ForwardPhysicalAddress back."},
	{word: "ForwardPhysicalAddress", bit: OptForwardPhysicalAddress, clears: OptForwardLocalAddress, doc: "It gets the address of the connection, not the one that mod_remoteip found; takes ForwardLocalAddress back."},
	{word: "FlushPackets", bit: OptFlushPackets, doc: "What the container sends is passed on at once."},
	{word: "FlushHeader", bit: OptFlushHeader, doc: "The head of a response is passed on at once."},
	{word: "DisableReuse", bit: OptDisableReuse, doc: "A connection serves one request."},
	{word: "ForwardSSLCertChain", bit: OptForwardSSLCertChain, doc: "The client's certificate chain is forwarded behind its certificate."},
	{word: "ForwardKeySize", bit: OptForwardKeySize, doc: "The key size of TLS is forwarded."},
	{word: "RejectUnsafeURI", bit: OptRejectUnsafeURI, doc: "A URI that a mount matches, and that holds `%` or a backslash after decoding, is answered with 403."},
	{word: "CollapseSlashesAll", dead: true},
	{word: "CollapseSlashesNone", dead: true},
	{word: "CollapseSlashesUnmount", dead: true},
}

// optionSet is what the JkOptions of one server say: of two words about the same option the last one counts. In mod_jk a minus counts
// wherever it stands (docs/migrating.md).
type optionSet struct {
	on, off Options
}

// over returns what is in force in a server that inherits from another. A mode that the server sets takes the place of the inherited one;
// other options add up, so that a virtual host may have both kinds of address; ForwardLocalAddress is then the one that counts.
func (s optionSet) over(inherited Options) Options {
	if s.on&OptForwardURIModes != 0 {
		inherited &^= OptForwardURIModes
	}
	return (inherited | s.on) &^ s.off
}

// option takes one word of JkOptions.
func (l *loader) option(s *optionSet, text string, at position) {
	word := strings.TrimLeft(text, "+-")
	minus := strings.HasPrefix(text, "-")
	i := slices.IndexFunc(optionWords, func(o option) bool { return strings.EqualFold(o.word, word) })
	switch {
	case i < 0 || len(text)-len(word) > 1:
		l.report.add(idOption, at, "JkOptions: "+quote(text)+" is not an option", "those of docs/directives.md, each with + or - or nothing before it", "httpd does not start")
		return
	case minus && optionWords[i].onlyPlus:
		l.report.add(idOption, at, "JkOptions: "+optionWords[i].word+" cannot be switched off", "another ForwardURI mode in its place", "httpd does not start")
		return
	case optionWords[i].dead:
		l.report.add(idOptionDead, at, "JkOptions: "+optionWords[i].word+" has no effect", "", "it is ignored: runs of slashes always count as one")
		return
	}
	s.set(optionWords[i].bit, optionWords[i].clears, !minus)
}

// set switches an option, and takes back those that it clears, if they were switched on. What was switched off stays so: an inherited address
// does not come back when the other one is named.
func (s *optionSet) set(bit, clears Options, on bool) {
	s.on &^= clears | bit
	s.off &^= bit
	if on {
		s.on |= bit
		return
	}
	s.off |= bit
}
