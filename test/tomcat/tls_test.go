package tomcat

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/test/harness"
)

// tlsCase is a virtual host with one way to configure what is told of TLS.
type tlsCase struct {
	name   string
	config string
	plain  bool              // without TLS: behind somebody else who ends it
	header map[string]string // of the request
	// facts that the application must see with a client certificate; "" none. Those of TLS itself are checked against httpd's own.
	want map[string]string
}

// Facts that are there unless a case says otherwise.
const (
	asHTTPD = "as httpd has it"
	client  = "the client's certificate"
	between = "the intermediate certificate"
)

const tlsOptions = "SSLOptions +StdEnvVars +ExportCertData\n"

func tlsCases(c *certificates) []tlsCase {
	all := map[string]string{
		"secure": "true", "scheme": "https", "cipher_suite": asHTTPD, "key_size": asHTTPD, "ssl_session_id": asHTTPD, "protocol_version": asHTTPD, "certificate0": client, "certificate1": "",
	}
	but := func(changes ...string) map[string]string {
		facts := map[string]string{}
		for name, value := range all {
			facts[name] = value
		}
		for i := 0; i < len(changes); i += 2 {
			facts[changes[i]] = changes[i+1]
		}
		return facts
	}
	nothing := but("secure", "false", "scheme", "http", "cipher_suite", "", "key_size", "", "ssl_session_id", "", "protocol_version", "", "certificate0", "")
	oneLine := strings.ReplaceAll(strings.TrimSpace(c.client.pem()), "\n", " ")
	offloaded := map[string]string{
		"X-TLS": "on", "X-Protocol": "TLSv1.2", "X-Cipher": "ECDHE-RSA-AES256-GCM-SHA384", "X-Session": "0123abcd", "X-Bits": "256", "X-Cert": oneLine,
	}
	indicators := "JkHTTPSIndicator OFF_TLS\nJkSSLPROTOCOLIndicator OFF_PROTOCOL\nJkCIPHERIndicator OFF_CIPHER\nJkSESSIONIndicator OFF_SESSION\nJkKEYSIZEIndicator OFF_BITS\nJkCERTSIndicator OFF_CERT\n"
	fromHeaders := "SetEnvIf X-TLS (.+) OFF_TLS=$1\nSetEnvIf X-Protocol (.+) OFF_PROTOCOL=$1\nSetEnvIf X-Cipher (.+) OFF_CIPHER=$1\nSetEnvIf X-Session (.+) OFF_SESSION=$1\nSetEnvIf X-Bits (.+) OFF_BITS=$1\nSetEnvIf X-Cert (.+) OFF_CERT=$1\n"
	return []tlsCase{
		{name: "all", config: tlsOptions, want: all},
		{name: "chain", config: tlsOptions + "JkOptions +ForwardSSLCertChain\n", want: but("certificate1", between)},
		{name: "no key size", config: tlsOptions + "JkOptions -ForwardKeySize\n", want: but("key_size", "")},
		{name: "JkExtractSSL Off", config: tlsOptions + "JkExtractSSL Off\n", want: nothing},
		{
			name: "no variables", config: "SSLOptions +ExportCertData\n",
			want: but("cipher_suite", "", "key_size", "", "ssl_session_id", "", "protocol_version", ""),
		},
		{name: "no certificates", config: "SSLOptions +StdEnvVars\n", want: but("certificate0", "")},
		{name: "renamed, not set", config: tlsOptions + indicators, want: nothing},
		{
			name: "behind an offloader", config: indicators + fromHeaders, plain: true, header: offloaded,
			want: but("cipher_suite", offloaded["X-Cipher"], "key_size", "256", "ssl_session_id", "0123abcd", "protocol_version", "TLSv1.2", "certificate0", ""), // Tomcat reads no certificate in one line
		},
		{name: "behind an offloader, without TLS", config: indicators + fromHeaders, plain: true, want: nothing},
		{name: "HTTP/2", config: tlsOptions + "Protocols h2 http/1.1\n", want: all},
		{name: "by location", config: "SSLVerifyClient none\n" + tlsOptions + "<Location " + appPath + ">\nSSLVerifyClient optional\n</Location>\n", want: all},
	}
}

// tlsHTTPD is an httpd with a virtual host for each case, in front of the first Tomcat of the site.
func tlsHTTPD(t *testing.T, s *testSite, module harness.Module, c *certificates, cases []tlsCase) *harness.HTTPD {
	t.Helper()
	var b strings.Builder
	b.WriteString("SSLSessionCache shmcb:${DIR}/sessions(512000)\nJkMountCopy All\nJkMount " + appPath + "/* worker1\n")
	for i, tc := range cases {
		port := "${PORT}"
		if i > 0 {
			port = fmt.Sprintf("${PORT%d}", i+1)
		}
		fmt.Fprintf(&b, "<VirtualHost 127.0.0.1:%s>\n", port)
		if !tc.plain {
			b.WriteString("SSLEngine on\nSSLCertificateFile ${HTDOCS}/tls/server.pem\nSSLCACertificateFile ${HTDOCS}/tls/ca.pem\nSSLVerifyDepth 3\nSSLVerifyClient optional\n")
			for _, name := range []string{"SSL_CIPHER", "SSL_CIPHER_USEKEYSIZE", "SSL_SESSION_ID", "SSL_PROTOCOL"} {
				fmt.Fprintf(&b, "Header set %s \"%%{%s}s\"\n", strings.ReplaceAll(name, "_", "-"), name)
			}
		}
		b.WriteString(tc.config + "</VirtualHost>\n")
	}
	return harness.New(t, harness.Options{
		Module: module, Config: b.String(), Ports: len(cases), Modules: []string{"ssl", "socache_shmcb", "http2"}, Files: c.files(t),
		Workers: fmt.Sprintf("worker.list=worker1\nworker.worker1.port=%d\nworker.worker1.host=127.0.0.1\n", s.AJPPorts[0]),
	})
}

// TestTLS: what the real Tomcat knows of the client's TLS connection is what httpd knows, and the same behind mod_jk.
func TestTLS(t *testing.T) {
	s, c := site(t), newCertificates(t)
	cases := tlsCases(c)
	gojk, jk := tlsHTTPD(t, s, harness.ModuleGojk, c, cases), tlsHTTPD(t, s, harness.ModuleJk, c, cases)
	for i, tc := range cases {
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			if version == tls.VersionTLS13 && (tc.plain || tc.name == "by location") { // that needs what the client cannot do
				continue
			}
			t.Run(fmt.Sprintf("%s, %s", tc.name, tls.VersionName(version)), func(t *testing.T) {
				for _, certified := range []bool{true, false} {
					got := tc.visitTwice(t, gojk.AddrOf(i), c.config(version, certified))
					other := tc.visitTwice(t, jk.AddrOf(i), c.config(version, certified))
					for k := range got {
						tc.requireFacts(t, c, certified, got[k])
						tc.requireFacts(t, c, certified, other[k])
						require.Equal(t, comparable(other[k].facts), comparable(got[k].facts), "as with mod_jk")
					}
				}
			})
		}
	}
	require.NotContains(t, gojk.JkLog(), "client network problems", "a client that leaves when it has all")
}

// comparable are facts without those that differ from connection to connection.
func comparable(facts Facts) Facts {
	for _, name := range []string{"server", "ssl_session_id"} {
		delete(facts, name)
	}
	return facts
}

// visit is what the application and httpd say about one connection.
type visit struct {
	facts   Facts
	headers http.Header
	resumed bool // then httpd does not have the chain any more
}

// visitTwice asks the application on two connections, of which the second resumes the session of the first.
func (tc *tlsCase) visitTwice(t *testing.T, addr string, config *tls.Config) (visits []visit) {
	t.Helper()
	for nth := range 2 {
		transport := &http.Transport{TLSClientConfig: config, DisableCompression: true, ForceAttemptHTTP2: tc.name == "HTTP/2"}
		scheme := "https://"
		if tc.plain {
			scheme = "http://"
		}
		r, err := http.NewRequest("POST", scheme+addr+appPath+"/connection", strings.NewReader(strings.Repeat("body ", 4000)))
		require.NoError(t, err)
		for name, value := range tc.header {
			r.Header.Set(name, value)
		}
		resp, err := transport.RoundTrip(r)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		transport.CloseIdleConnections()
		require.NoError(t, err)
		require.Equal(t, 200, resp.StatusCode, "%s", body)
		if resp.TLS != nil {
			require.Equal(t, nth == 1, resp.TLS.DidResume, "connection %d", nth)
		}
		visits = append(visits, visit{ParseFacts(string(body)), resp.Header, nth == 1 && resp.TLS != nil})
	}
	return visits
}

// requireFacts requires that the application sees what the case wants.
func (tc *tlsCase) requireFacts(t *testing.T, c *certificates, certified bool, v visit) {
	t.Helper()
	ofHTTPD := map[string]string{
		"cipher_suite": v.headers.Get("SSL-CIPHER"), "key_size": v.headers.Get("SSL-CIPHER-USEKEYSIZE"), "ssl_session_id": v.headers.Get("SSL-SESSION-ID"),
		"protocol_version": v.headers.Get("SSL-PROTOCOL"),
	}
	require.Equal(t, "20000", v.facts["body"])
	require.Equal(t, tc.name == "HTTP/2", v.facts["protocol"] == "HTTP/2.0", v.facts["protocol"])
	for name, fact := range tc.want {
		got, want := v.facts[name], fact
		if got == "null" {
			got = ""
		}
		switch fact {
		case asHTTPD:
			want = strings.TrimPrefix(ofHTTPD[name], "(null)")
			require.True(t, want != "" || name == "ssl_session_id", name)
		case client, between:
			got, _, _ = strings.Cut(got, " ")
			want = map[string]string{client: c.client.fingerprint(), between: c.intermediate.fingerprint()}[fact]
			if !certified || fact == between && v.resumed {
				want = ""
			}
		}
		require.Equal(t, want, got, name)
	}
}
