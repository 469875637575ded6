package tomcat

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// authority is a certificate with its key. It can sign others if it is one of an authority.
type authority struct {
	certificate *x509.Certificate
	der         []byte
	key         *ecdsa.PrivateKey
}

// sign makes a certificate: signed by a, by itself if a is nil.
func (a *authority) sign(t *testing.T, name string, isCA bool) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name, Organization: []string{"mod_gojk, tests"}},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true, IsCA: isCA,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	if isCA {
		template.KeyUsage, template.ExtKeyUsage, template.IPAddresses = x509.KeyUsageCertSign, nil, nil
	}
	parent, signer := template, key
	if a != nil {
		parent, signer = a.certificate, a.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	require.NoError(t, err)
	certificate, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return &authority{certificate, der, key}
}

// pem is the certificate as text.
func (a *authority) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.der}))
}

// keyPEM is the key as text.
func (a *authority) keyPEM(t *testing.T) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(a.key)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func (a *authority) fingerprint() string {
	digest := sha256.Sum256(a.der)
	return hex.EncodeToString(digest[:])
}

// certificates are those of a site: a server, and a client whose certificate is signed by an intermediate authority.
type certificates struct {
	root, intermediate, server, client *authority
}

func newCertificates(t *testing.T) *certificates {
	t.Helper()
	c := new(certificates)
	c.root = (*authority)(nil).sign(t, "root", true)
	c.intermediate = c.root.sign(t, "intermediate", true)
	c.server = c.root.sign(t, "server", false)
	c.client = c.intermediate.sign(t, "Client, \"quoted\" & more", false)
	return c
}

// files are those that httpd needs.
func (c *certificates) files(t *testing.T) map[string]string {
	return map[string]string{"tls/ca.pem": c.root.pem(), "tls/server.pem": c.server.pem() + c.server.keyPEM(t)}
}

// config is a client's. It has its certificate, and that of the authority between, if it is to.
func (c *certificates) config(version uint16, withCertificate bool) *tls.Config {
	roots := x509.NewCertPool()
	roots.AddCert(c.root.certificate)
	config := &tls.Config{RootCAs: roots, MinVersion: version, MaxVersion: version, ClientSessionCache: tls.NewLRUClientSessionCache(0), Renegotiation: tls.RenegotiateOnceAsClient}
	if withCertificate {
		config.Certificates = []tls.Certificate{{Certificate: [][]byte{bytes.Clone(c.client.der), c.intermediate.der}, PrivateKey: c.client.key}}
	}
	return config
}
