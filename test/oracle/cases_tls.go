package main

import "slices"

// certificate is a PEM text in one line, as a header can have it.
const certificate = "-----BEGIN CERTIFICATE----- MIIB -----END CERTIFICATE-----"

// tlsNames are the variables of TLS.
var tlsNames = []string{"HTTPS", "SSL_PROTOCOL", "SSL_CLIENT_CERT", "SSL_CIPHER", "SSL_SESSION_ID", "SSL_CIPHER_USEKEYSIZE", "SSL_CLIENT_CERT_CHAIN_0", "SSL_CLIENT_CERT_CHAIN_1", "SSL_CLIENT_CERT_CHAIN_10", "ssl_client_cert_chain_2", "SSL_CLIENT_CERT_CHAIN_"}

// tlsCases: what of TLS is forwarded. SetEnvIf is how a TLS offloader in front of httpd says it.
func tlsCases() []Case {
	base := direct + fromHeader(tlsNames...)
	chain := []Step{
		setting("certificate only", "HTTPS", "on", "SSL_CLIENT_CERT", certificate),
		setting("chain", "HTTPS", "on", "SSL_CLIENT_CERT", certificate, "SSL_CLIENT_CERT_CHAIN_0", "c0", "SSL_CLIENT_CERT_CHAIN_1", "c1"),
		setting("chain in another order", "HTTPS", "on", "SSL_CLIENT_CERT_CHAIN_1", "c1", "SSL_CLIENT_CERT_CHAIN_0", "c0", "SSL_CLIENT_CERT", certificate),
		setting("chain without a certificate", "HTTPS", "on", "SSL_CLIENT_CERT_CHAIN_0", "c0"),
		setting("chain and an empty certificate", "HTTPS", "on", "SSL_CLIENT_CERT", "", "SSL_CLIENT_CERT_CHAIN_0", "c0"),
		setting("empty link", "HTTPS", "on", "SSL_CLIENT_CERT", certificate, "SSL_CLIENT_CERT_CHAIN_0", "", "SSL_CLIENT_CERT_CHAIN_1", "c1"),
		setting("gap", "HTTPS", "on", "SSL_CLIENT_CERT", certificate, "SSL_CLIENT_CERT_CHAIN_1", "c1"),
		setting("ten", "HTTPS", "on", "SSL_CLIENT_CERT", certificate, "SSL_CLIENT_CERT_CHAIN_0", "c0", "SSL_CLIENT_CERT_CHAIN_10", "c10", "SSL_CLIENT_CERT_CHAIN_1", "c1"),
		setting("small letters", "HTTPS", "on", "SSL_CLIENT_CERT", certificate, "ssl_client_cert_chain_2", "c2"),
		setting("the prefix alone", "HTTPS", "on", "SSL_CLIENT_CERT", certificate, "SSL_CLIENT_CERT_CHAIN_", "c"),
		setting("not over TLS", "SSL_CLIENT_CERT", certificate, "SSL_CLIENT_CERT_CHAIN_0", "c0"),
	}
	tls := func(name, config string, steps []Step) Case {
		return Case{Name: "TLS/" + name, Workers: one(), Config: base + config, Steps: steps}
	}
	return []Case{
		tls("switch", "", switchSteps()),
		tls("values", "", valueSteps()),
		tls("chain not forwarded", "", chain),
		tls("chain", "JkOptions +ForwardSSLCertChain\n", chain),
		// The prefix is compared without regard to case, with whatever the environment holds.
		tls("chain, another prefix", "JkOptions +ForwardSSLCertChain\nJkCERTCHAINPrefix ssl_client_cert_chain_1\n", chain),
		tls("chain, a prefix that fits much", "JkOptions +ForwardSSLCertChain\nJkCERTCHAINPrefix SSL_C\n", chain),
		tls("no key size", "JkOptions -ForwardKeySize\n", keySizeSteps()),
		tls("key size", "", keySizeSteps()),
		tls("not extracted", "JkExtractSSL Off\n", slices.Concat(switchSteps(), valueSteps())),
		tls("extracted", "JkExtractSSL On\n", switchSteps()),
		tls("extracted after all", "JkExtractSSL Off\nJkExtractSSL On\n", switchSteps()[:2]),
		{
			Name: "TLS/virtual hosts", Workers: one(), Ports: 4, Config: "JkMountCopy All\n" + base + "JkExtractSSL Off\n" + severalServers("", "JkExtractSSL On\n", "JkExtractSSL On\nJkOptions -ForwardKeySize +ForwardSSLCertChain\n"),
			Steps: slices.Concat(tlsAtPort("main", 0), tlsAtPort("inherited", 1), tlsAtPort("on", 2), tlsAtPort("on, other options", 3)),
		},
		{
			Name: "TLS/set late", Workers: one(), Steps: gets("/x"), // SetEnv is in time: the variables are read by the handler
			Config: direct + "JkOptions +ForwardSSLCertChain\nSetEnv HTTPS on\nSetEnv SSL_CIPHER c\nSetEnv SSL_CLIENT_CERT cert\nSetEnv SSL_CLIENT_CERT_CHAIN_B b\nSetEnv SSL_CLIENT_CERT_CHAIN_A a\n",
		},
	}
}

// switchSteps are values of HTTPS, with all the rest.
func switchSteps() []Step {
	var steps []Step
	for _, value := range []string{"on", "ON", "On", "off", "", "1", "yes", "true", "on ", "onn"} {
		steps = append(steps, setting("HTTPS is \""+value+"\"", "HTTPS", value, "SSL_PROTOCOL", "TLSv1.3", "SSL_CIPHER", "c", "SSL_SESSION_ID", "id", "SSL_CIPHER_USEKEYSIZE", "256", "SSL_CLIENT_CERT", certificate))
	}
	return append(steps, setting("HTTPS is absent", "SSL_PROTOCOL", "TLSv1.3", "SSL_CIPHER", "c"), setting("HTTPS alone", "HTTPS", "on"))
}

// valueSteps are single variables, full and empty.
func valueSteps() []Step {
	var steps []Step
	for _, name := range []string{"SSL_PROTOCOL", "SSL_CLIENT_CERT", "SSL_CIPHER", "SSL_SESSION_ID"} {
		steps = append(steps, setting(name, "HTTPS", "on", name, "value"), setting(name+", empty", "HTTPS", "on", name, ""), setting(name+", long", "HTTPS", "on", name, fill(3000)))
	}
	return steps
}

// keySizeSteps are key sizes. mod_jk reads them with atoi into 16 bits.
func keySizeSteps() []Step {
	var steps []Step
	for _, value := range []string{"256", "0", "", "1", "65535", "65536", "65537", "100000", "-1", "x", "12x", "x12", " 128", "0x10", "1e3", "99999999999"} {
		steps = append(steps, setting("key size \""+value+"\"", "HTTPS", "on", "SSL_CIPHER_USEKEYSIZE", value))
	}
	return append(steps, setting("no key size", "HTTPS", "on"))
}

// tlsAtPort are requests to one of the servers.
func tlsAtPort(name string, port int) []Step {
	full := setting(name, "HTTPS", "on", "SSL_PROTOCOL", "TLSv1.3", "SSL_CIPHER", "c", "SSL_SESSION_ID", "id", "SSL_CIPHER_USEKEYSIZE", "256", "SSL_CLIENT_CERT", certificate, "SSL_CLIENT_CERT_CHAIN_0", "c0")
	full.Port = port
	return []Step{full}
}
