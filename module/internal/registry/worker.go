// Licensed under the Apache License, Version 2.0; see LICENSE.

package registry

import (
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"sync/atomic"
	"time"

	"mod_gojk/ajp"
	"mod_gojk/balancer"
	"mod_gojk/balancer/shm"
	"mod_gojk/module/internal/config"
	"mod_gojk/module/internal/jklog"
)

// Worker is a named worker at work in this child. Safe for concurrent use; the exported fields never change.
type Worker struct {
	*config.Worker

	// Of an ajp13 worker.
	Pool   *ajp.Pool
	Record *shm.Worker

	// Of a balancer. Members are in the order of the configuration; an index in Balancer is one here.
	Balancer *balancer.Balancer
	Members  []*Worker

	// FirstChunk is how much of a request body, in bytes, is read before a container is chosen: what one packet to any of the worker's
	// containers holds.
	FirstChunk int

	log     *jklog.Logger
	address atomic.Uint64 // sequence of the address that Pool has
}

// maxBody is how many bytes of a body fit a packet of the given size: its header and the length are not body.
func maxBody(packet int) int { return packet - 6 }

// openAJP gives an ajp13 worker its record and its pool: that of the worker before (nil: there is none), with its connections, if that has the right
// size.
func (w *Worker) openAJP(m *shm.Mapping, host Host, before *Worker) error {
	record, err := m.Worker(w.Name)
	if err != nil {
		return err
	}
	w.Record = record
	w.FirstChunk = maxBody(w.AJP.MaxPacketSize)
	address, sequence := addressOf(w.Worker, record)
	w.address.Store(sequence)
	switch {
	case before == nil || before.AJP.PoolSize != w.AJP.PoolSize:
		w.Pool = ajp.NewPool(poolConfig(w.AJP, address, source(host, w.Worker)), w)
	case reflect.DeepEqual(before.AJP, w.AJP):
		w.Pool = before.Pool
	default:
		w.Pool = before.Pool
		w.Pool.SetConfig(poolConfig(w.AJP, address, source(host, w.Worker)))
	}
	return nil
}

// source returns the local address that a worker's connections come from; not valid: the system chooses. Each child looks a name up when it starts.
func source(host Host, w *config.Worker) netip.Addr {
	if w.AJP.Source == "" {
		return netip.Addr{}
	}
	addr, err := lookup(host, w.AJP.Source, netip.Addr{}, w.AJP.PreferIPv6)
	if err != nil {
		host.ErrorLog(jklog.Warn, fmt.Sprintf("worker %s can't resolve source address %s (%v); the system chooses where its connections come from id=GOJK2019", w.Name, w.AJP.Source, err))
	}
	return addr
}

// poolConfig puts a worker's settings into the terms of package ajp.
func poolConfig(c *config.AJP, address ajp.Address, source netip.Addr) *ajp.Config {
	return &ajp.Config{
		Address:        address,
		Source:         source,
		ConnectTimeout: c.SocketConnectTimeout,
		SocketTimeout:  c.SocketTimeout,
		KeepAlive:      c.SocketKeepalive,
		SocketBuffer:   c.SocketBuffer,
		MaxPacketSize:  c.MaxPacketSize,
		ConnectPing:    c.ConnectTimeout,
		PrepostPing:    c.PrepostTimeout,
		PingInterval:   c.PingInterval,
		PingTimeout:    c.PingTimeout,
		PoolSize:       c.PoolSize,
		PoolMinSize:    c.PoolMinSize,
		IdleTimeout:    c.PoolTimeout,
		AcquireTimeout: c.AcquireTimeout,
	}
}

// Connected counts open connections, for ajp.Events.
func (w *Worker) Connected(delta int) {
	for ; delta > 0; delta-- {
		w.Record.Connected()
	}
	for ; delta < 0; delta++ {
		w.Record.Disconnected()
	}
}

// Note logs what became of a connection, for ajp.Events. The messages are mod_jk's (mod_jk-surface 8.2).
func (w *Worker) Note(n ajp.Note) {
	switch n.Event {
	case ajp.EventIncomplete:
		w.log.Log(jklog.Info, n.Label, "GOJK2001", "(%s) did not receive END_RESPONSE, closing socket %d", w.Name, n.FD)
	case ajp.EventNoReuse:
		w.log.Log(jklog.Warn, n.Label, "GOJK2002", "(%s) AJP13 protocol: Reuse is set to false", w.Name)
	case ajp.EventStray:
		w.log.Log(jklog.Warn, n.Label, "GOJK2003", "(%s) socket %d carries bytes that belong to no response; closed, none of them was delivered", w.Name, n.FD)
	case ajp.EventCrossed:
		w.log.Log(jklog.Info, n.Label, "GOJK2011", "(%s) tomcat ended its response while the request body it had asked for was on its way; socket %d closed", w.Name, n.FD)
	case ajp.EventClosed:
		w.log.Log(jklog.Debug, n.Label, "GOJK2004", "(%s) failed sending request, socket %d is not connected any more (%v)", w.Name, n.FD, n.Err)
	case ajp.EventPrepostPing:
		w.LogPing(w.log, n.Label, n.Err, w.AJP.PrepostTimeout)
		w.log.Log(jklog.Info, n.Label, "GOJK2005", "(%s) failed sending request, socket %d prepost cping/cpong failure (%v)", w.Name, n.FD, n.Err)
	case ajp.EventKeepalivePing:
		w.LogPing(w.log, n.Label, n.Err, w.AJP.PingTimeout)
		w.log.Log(jklog.Info, n.Label, "GOJK2006", "(%s) failed sending request, socket %d keepalive cping/cpong failure (%v)", w.Name, n.FD, n.Err)
	case ajp.EventNoneUsable:
		w.log.Log(jklog.Info, n.Label, "GOJK2007", "(%s) no usable connection found, will create a new one.", w.Name)
	case ajp.EventBindFailed:
		w.log.Log(jklog.Error, n.Label, "GOJK2008", "(%s) could not bind source %s: %v; connecting without", w.Name, w.AJP.Source, n.Err)
	case ajp.EventIdle, ajp.EventMoved:
		w.log.Log(jklog.Debug, n.Label, "GOJK2009", "(%s) closed idle connection %d (%s)", w.Name, n.FD, n.Event)
	}
}

// LogPing says how a probe has failed. timeout is how long it may have waited.
func (w *Worker) LogPing(log *jklog.Logger, requestID string, err error, timeout time.Duration) {
	var answer *ajp.PingAnswerError
	switch {
	case errors.Is(err, ajp.ErrPingTimeout):
		log.LogDepth(1, jklog.Info, requestID, "GOJK3066", "(%s) timeout in reply cpong after %d ms", w.Name, timeout.Milliseconds())
	case errors.As(err, &answer):
		log.LogDepth(1, jklog.Warn, requestID, "GOJK3067", "(%s) awaited reply cpong, received %d instead. Closing connection", w.Name, byte(answer.Code))
	default:
		log.LogDepth(1, jklog.Info, requestID, "GOJK3068", "(%s) awaited reply cpong, not received (%v)", w.Name, err)
	}
}

// Maintain looks after the worker's idle connections, if they are due, and its record. From the maintenance goroutine. interval is worker.maintain.
func (w *Worker) Maintain(now time.Time, interval time.Duration, due bool) {
	w.FollowAddress()
	if due {
		w.Pool.Maintain(now, jklog.PhaseWatchdog)
	}
	w.Record.Maintain(now, interval)
}
