// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

// Variable is a variable of a request's environment that the module reads (mod_jk-surface 2.2).
type Variable int

// The variables whose name an indicator directive may change, with their names otherwise, and after them those of a fixed name.
const (
	VariableWorker      Variable = iota // JK_WORKER_NAME
	VariableRequestID                   // UNIQUE_ID
	VariableRemoteAddr                  // JK_REMOTE_ADDR
	VariableRemotePort                  // JK_REMOTE_PORT
	VariableRemoteHost                  // JK_REMOTE_HOST
	VariableRemoteUser                  // JK_REMOTE_USER
	VariableAuthType                    // JK_AUTH_TYPE
	VariableLocalName                   // JK_LOCAL_NAME
	VariableLocalAddr                   // JK_LOCAL_ADDR
	VariableLocalPort                   // JK_LOCAL_PORT
	VariableIgnoreCL                    // JK_IGNORE_CL
	VariableHTTPS                       // HTTPS
	VariableSSLProtocol                 // SSL_PROTOCOL
	VariableSSLCert                     // SSL_CLIENT_CERT
	VariableSSLCipher                   // SSL_CIPHER
	VariableSSLSession                  // SSL_SESSION_ID
	VariableSSLKeySize                  // SSL_CIPHER_USEKEYSIZE
	VariableSSLChain                    // SSL_CLIENT_CERT_CHAIN_, the first part of several names
	VariableUniqueID
	VariableRoute
	VariableReplyTimeout
	VariableStickyIgnore
	VariableStateless
	VariableCount = int(iota)
)

// fixedNames are the names that no directive changes.
var fixedNames = map[Variable]string{
	VariableUniqueID:     "UNIQUE_ID",
	VariableRoute:        "JK_ROUTE",
	VariableReplyTimeout: "JK_REPLY_TIMEOUT",
	VariableStickyIgnore: "JK_STICKY_IGNORE",
	VariableStateless:    "JK_STATELESS",
}
