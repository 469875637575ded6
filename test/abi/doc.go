// Licensed under the Apache License, Version 2.0; see LICENSE.

// Package abi tests the boundary between shim and library from both sides: the contract at compile time, the shim with a library written in
// C, the library with a host that is not httpd, and what a running httpd has mapped and exported.
package abi
