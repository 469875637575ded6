// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

// Variable is a variable of a request, whose name an indicator directive may change. The order is that of mod_gojk.h.
type Variable int

// The variables, with their names unless a directive says otherwise.
const (
	VariableWorker      Variable = 0  // JK_WORKER_NAME
	VariableRequestID   Variable = 1  // UNIQUE_ID
	VariableRemoteAddr  Variable = 2  // JK_REMOTE_ADDR
	VariableRemotePort  Variable = 3  // JK_REMOTE_PORT
	VariableRemoteHost  Variable = 4  // JK_REMOTE_HOST
	VariableRemoteUser  Variable = 5  // JK_REMOTE_USER
	VariableAuthType    Variable = 6  // JK_AUTH_TYPE
	VariableLocalName   Variable = 7  // JK_LOCAL_NAME
	VariableLocalAddr   Variable = 8  // JK_LOCAL_ADDR
	VariableLocalPort   Variable = 9  // JK_LOCAL_PORT
	VariableIgnoreCL    Variable = 10 // JK_IGNORE_CL
	VariableHTTPS       Variable = 11 // HTTPS
	VariableSSLProtocol Variable = 12 // SSL_PROTOCOL
	VariableSSLCert     Variable = 13 // SSL_CLIENT_CERT
	VariableSSLCipher   Variable = 14 // SSL_CIPHER
	VariableSSLSession  Variable = 15 // SSL_SESSION_ID
	VariableSSLKeySize  Variable = 16 // SSL_CIPHER_USEKEYSIZE
	VariableSSLChain    Variable = 17 // SSL_CLIENT_CERT_CHAIN_, the first part of several names
	VariableCount                = 18
)
