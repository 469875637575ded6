package main

import (
	"slices"
	"strings"
)

// optionSteps show each option: addresses, TLS, reuse of connections, and URIs.
func optionSteps(server string, port int) []Step {
	steps := []Step{
		{Name: "addresses and TLS", Send: get("/x%20y%25z", "X-HTTPS: =on", "X-SSL-CIPHER-USEKEYSIZE: =256", "X-SSL-CLIENT-CERT: =c", "X-SSL-CLIENT-CERT-CHAIN-0: =c0", "X-Forwarded-For: 192.0.2.7")},
		{Name: "again", Send: get("/x")},
		{Name: "unsafe", Send: get("/a%25b")},
	}
	for i := range steps {
		steps[i].Port = port
		if server != "" {
			steps[i].Name = server + ", " + steps[i].Name
		}
	}
	return steps
}

// optionBase lets clients say who they are, and over what.
const optionBase = direct + "RemoteIPHeader X-Forwarded-For\nRemoteIPInternalProxy 127.0.0.1\n"

func optionCase(name, config string) Case {
	return Case{
		Name: "JkOptions/" + name, Workers: one(), Modules: []string{"remoteip"}, Steps: optionSteps("", 0),
		Config: optionBase + fromHeader("HTTPS", "SSL_CIPHER_USEKEYSIZE", "SSL_CLIENT_CERT", "SSL_CLIENT_CERT_CHAIN_0") + config,
	}
}

// optionCases: JkOptions. In one server a minus beats a plus wherever it stands (row 34); mod_gojk takes the last word. RejectUnsafeURI
// belongs to the map in mod_jk: a virtual host without rules of its own has main's map, and main's option with it.
func optionCases() []Case {
	var cases []Case
	for _, option := range []string{
		"ForwardLocalAddress", "ForwardPhysicalAddress", "DisableReuse", "ForwardSSLCertChain", "ForwardKeySize", "RejectUnsafeURI", "FlushPackets", "FlushHeader", "ForwardDirectories",
		"CollapseSlashesAll", "CollapseSlashesNone", "CollapseSlashesUnmount",
	} {
		cases = append(cases,
			optionCase(option, "JkOptions "+option+"\n"),
			optionCase("+"+option, "JkOptions +"+option+"\n"),
			optionCase("-"+option, "JkOptions -"+option+"\n"),
			optionVhosts("+"+option+" in main", "JkOptions +"+option+"\n", "", "JkOptions -"+option+"\n", "JkOptions +"+option+"\n"),
			optionVhosts("-"+option+" in main", "JkOptions -"+option+"\n", "", "JkOptions +"+option+"\n"),
		)
	}
	return slices.Concat(cases, mixedOptionCases(), flushCases())
}

// optionVhosts is a case with virtual hosts.
func optionVhosts(name, main string, texts ...string) Case {
	c := optionCase(name, main)
	c.Config = "JkMountCopy All\n" + c.Config + severalServers(texts...)
	c.Ports = 1 + len(texts)
	c.Steps = optionSteps("main", 0)
	for i := range texts {
		name := "inherited"
		if texts[i] != "" {
			name = "vhost " + strings.ReplaceAll(strings.TrimSpace(texts[i]), "\n", "; ")
		}
		c.Steps = append(c.Steps, optionSteps(name, i+1)...)
	}
	return c
}

func mixedOptionCases() []Case {
	return []Case{
		optionCase("plus, then minus", "JkOptions +DisableReuse\nJkOptions -DisableReuse\n"),
		optionCase("minus, then plus", "JkOptions -DisableReuse\nJkOptions +DisableReuse\n"),
		optionCase("minus and plus in one line", "JkOptions -DisableReuse +DisableReuse -ForwardKeySize +ForwardKeySize\n"),
		optionCase("local, then physical", "JkOptions +ForwardLocalAddress +ForwardPhysicalAddress\n"),
		optionCase("physical, then local", "JkOptions +ForwardPhysicalAddress +ForwardLocalAddress\n"),
		optionCase("local, then minus physical", "JkOptions +ForwardLocalAddress\nJkOptions -ForwardPhysicalAddress\n"),
		optionCase("physical, then minus local", "JkOptions +ForwardPhysicalAddress\nJkOptions -ForwardLocalAddress\n"),
		optionVhosts("addresses add up", "JkOptions +ForwardPhysicalAddress\n", "JkOptions +ForwardLocalAddress\n", "JkOptions -ForwardPhysicalAddress +ForwardLocalAddress\n", "JkOptions -ForwardLocalAddress\n"),
		optionVhosts("addresses add up, the other way", "JkOptions +ForwardLocalAddress\n", "JkOptions +ForwardPhysicalAddress\n", "JkOptions -ForwardLocalAddress +ForwardPhysicalAddress\n", "JkOptions -ForwardPhysicalAddress\n"),
		optionVhosts("modes", "JkOptions +ForwardURICompat\n", "", "JkOptions +ForwardURIEscaped\n", "JkOptions ForwardURIProxy\n", "JkOptions +DisableReuse\n"),
		optionVhosts("modes, default in main", "", "JkOptions +ForwardURICompatUnparsed\n", "JkOptions ForwardURICompat\n"),
		optionCase("modes, the last counts", "JkOptions +ForwardURICompat +ForwardURIEscaped\nJkOptions +ForwardURIProxy\nJkOptions ForwardURICompat\n"),
		optionCase("modes, the first is the last", "JkOptions +ForwardURICompatUnparsed\n"),
		optionVhosts("RejectUnsafeURI beside own rules", "JkOptions +RejectUnsafeURI\n", "JkOptions -RejectUnsafeURI\nJkMount /own a\n", "JkMount /own a\n"),
		optionCase("case", "jkoptions +FORWARDSSLCERTCHAIN -forwardkeysize disablereuse\n"),
		optionCase("many in one line", "JkOptions +ForwardSSLCertChain -ForwardKeySize +ForwardPhysicalAddress ForwardURICompat +DisableReuse\n"),
		optionCase("the same twice", "JkOptions +DisableReuse +DisableReuse\n"),
	}
}

// flushCases: with FlushPackets and FlushHeader, of whatever sign, in main and inherited.
func flushCases() []Case {
	holds := func(name string, port int) []Step {
		return []Step{
			{Name: name + ", begins", Port: port, Send: get("/x"), Begin: name, SoFar: true, Sent: notFlushed, On: a(head(200, "OK", "Content-Length", "10"), chunk("first"), hold(name), chunk("rest."), end())},
			{Name: name + ", ends", Finish: name},
		}
	}
	steps := slices.Concat(holds("main", 0), holds("inherited", 1), holds("minus", 2), holds("plus", 3))
	return []Case{
		{Name: "JkOptions/flushing, on in main", Workers: one(), Ports: 4, Config: "JkMountCopy All\n" + direct + "JkOptions +FlushPackets\n" + severalServers("", "JkOptions -FlushPackets\n", "JkOptions +FlushPackets\n"), Steps: steps},
		{Name: "JkOptions/flushing heads, on in main", Workers: one(), Ports: 4, Config: "JkMountCopy All\n" + direct + "JkOptions +FlushHeader\n" + severalServers("", "JkOptions -FlushHeader\n", "JkOptions +FlushHeader\n"), Steps: steps},
	}
}
