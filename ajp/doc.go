// Licensed under the Apache License, Version 2.0; see LICENSE.

// Package ajp speaks AJP/1.3 as a web server: it keeps connections to a container and runs one request at a time on each.
//
// Each message has a file with its encoder and its decoder; both directions exist so that a fake container (ajptest) and
// the fuzz targets use the same code. Conn runs an exchange, Pool keeps the connections of one worker in one process.
//
// Nothing here knows httpd or balancing, resolves names, logs, or starts a goroutine. Socket calls block the calling
// thread, because a goroutine that was called from C is tied to its thread and the netpoller would add a hand-over to
// every wait.
package ajp

// Default values.
const (
	// DefaultMaxPacketSize is the packet size in bytes that mod_jk and Tomcat use unless told otherwise.
	DefaultMaxPacketSize = 8192
	// MaxPacketSize is the largest packet size in bytes that may be configured.
	MaxPacketSize = 65536
	// HoldBack is how many bytes of a response body wait in the connection before the host sees the response. It is the
	// size of httpd's own output buffer: a container that fails before has shown nothing to the client.
	HoldBack = 8192
)
