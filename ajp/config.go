// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

import (
	"net/netip"
	"time"
)

// Address is where a container listens: an IP address with a port, or a Unix socket. The zero value is no address.
// Addresses compare with ==.
type Address struct {
	// IP is used if Path is empty. A zone must be the numeric scope id.
	IP netip.AddrPort
	// Path of a Unix stream socket; at most 107 bytes.
	Path string
}

// Usable reports whether something can be connected to.
func (a Address) Usable() bool { return a.Path != "" || (a.IP.IsValid() && a.IP.Port() != 0) }

// String returns "127.0.0.1:8009", "[::1]:8009", "unix:/path", or "none".
func (a Address) String() string {
	if a.Path != "" {
		return "unix:" + a.Path
	}
	if !a.IP.IsValid() {
		return "none"
	}
	return a.IP.String()
}

// Config says how a worker's connections are made and kept. The properties it comes from are named in brackets.
type Config struct {
	Address Address
	// Source is the local address to bind to; the zero value leaves it to the system. [source]
	Source netip.Addr
	// ConnectTimeout limits connecting; 0: as the system does. [socket_connect_timeout]
	ConnectTimeout time.Duration
	// SocketTimeout limits each wait for the socket, sending and receiving; 0: none. [socket_timeout]
	SocketTimeout time.Duration
	// KeepAlive sets SO_KEEPALIVE. [socket_keepalive]
	KeepAlive bool
	// SocketBuffer is SO_SNDBUF and SO_RCVBUF in bytes; 0: the system's; raised to MaxPacketSize. [socket_buffer]
	SocketBuffer int
	// MaxPacketSize in bytes; 0: 8192; brought into 8192 to 65536, a multiple of 1024. [max_packet_size]
	MaxPacketSize int
	// ConnectPing is the wait for the CPONG after connecting; 0: no probe. [connect_timeout]
	ConnectPing time.Duration
	// PrepostPing is the wait for the CPONG before a request; 0: no probe. [prepost_timeout]
	PrepostPing time.Duration
	// PingInterval is how long a connection is idle before Maintain pings it; 0: never. [connection_ping_interval]
	PingInterval time.Duration
	// PingTimeout is the wait for the CPONG in Maintain; 0: no pings there. [ping_timeout]
	PingTimeout time.Duration
	// PoolSize is the number of slots, fixed when the pool is made; 0: the worker is unusable. [connection_pool_size]
	PoolSize int
	// PoolMinSize is how many open connections Maintain leaves. [connection_pool_minsize]
	PoolMinSize int
	// IdleTimeout is the idle age after which Maintain closes; 0: never. [connection_pool_timeout]
	IdleTimeout time.Duration
	// AcquireTimeout is how long Get waits for a free slot; 0: not at all. [connection_acquire_timeout]
	AcquireTimeout time.Duration
}

// packetSize returns MaxPacketSize within its bounds.
func (c *Config) packetSize() int {
	n := max(c.MaxPacketSize, DefaultMaxPacketSize)
	return min((n+1023)/1024*1024, MaxPacketSize)
}

// normal returns the config with negative values, which mean what 0 means, replaced.
func (c *Config) normal() Config {
	n := *c
	for _, d := range []*time.Duration{
		&n.ConnectTimeout, &n.SocketTimeout, &n.ConnectPing, &n.PrepostPing, &n.PingInterval, &n.PingTimeout,
		&n.IdleTimeout, &n.AcquireTimeout,
	} {
		*d = max(*d, 0)
	}
	n.MaxPacketSize = c.packetSize()
	return n
}

// madeWith returns what a connection is made with, in a form that compares.
func (c *Config) madeWith() Config {
	return Config{
		Address: c.Address, Source: c.Source, KeepAlive: c.KeepAlive, SocketBuffer: c.SocketBuffer,
		MaxPacketSize: c.MaxPacketSize,
	}
}
