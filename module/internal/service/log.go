// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"mod_gojk/ajp"
	"mod_gojk/balancer"
	"mod_gojk/module/internal/jklog"
	"mod_gojk/module/internal/registry"
)

// This file holds the log lines of an exchange. The texts are mod_jk's (mod_jk-surface 8.2): people have scripts that look for them.

// log writes a line about the current request.
func (x *exchange) log(level jklog.Level, id, format string, args ...any) {
	x.server.Log.LogDepth(1, level, x.env.RequestID, id, format, args...)
}

// logAttempt says what went wrong in an attempt, and whether it will be repeated.
func (x *exchange) logAttempt(out *balancer.Outcome, err error, attempt int) {
	var f *ajp.Failure
	if errors.As(err, &f) {
		x.logCause(f)
		if f.Kind == ajp.KindTooLarge { // mod_jk does not call that an attempt
			return
		}
	}
	if out.Recoverable {
		x.log(jklog.Info, "GOJK3001", "(%s) sending request to tomcat failed (recoverable), %s (attempt=%d)", x.worker.Name, reason(out, f), attempt)
		return
	}
	level := jklog.Error
	if out.Kind == balancer.ClientError {
		level = jklog.Info
	}
	x.log(level, "GOJK3002", "(%s) sending request to tomcat failed (unrecoverable), %s (attempt=%d)", x.worker.Name, reason(out, f), attempt)
}

// reason is the part of logAttempt's line that names the cause.
func reason(out *balancer.Outcome, f *ajp.Failure) string {
	switch {
	case out.Kind == balancer.SoftStatus || out.Kind == balancer.HardStatus:
		return "because of response status"
	case f.Kind == ajp.KindClientRead:
		return "because of client read error"
	case errors.Is(f.Err, errLength):
		return "because of protocol error"
	case f.Kind == ajp.KindClientWrite:
		return "because of client write error"
	case out.Kind == balancer.ReplyTimeout:
		return "because of reply timeout"
	case f.Kind == ajp.KindSend || f.Kind == ajp.KindConnect || f.Kind == ajp.KindPing:
		return "because of error during request sending"
	case f.Kind == ajp.KindFraming:
		return "because of protocol error"
	case f.Kind == ajp.KindContent:
		return "because of server error"
	}
	return ""
}

// errno returns the system's error number behind an error, that of a timeout for those that are our own; 0 if there is none.
func errno(err error) int {
	var n syscall.Errno
	if errors.As(err, &n) {
		return int(n)
	}
	for _, timeout := range [...]error{ajp.ErrConnectTimeout, ajp.ErrPingTimeout, ajp.ErrReplyTimeout, ajp.ErrSocketTimeout} {
		if errors.Is(err, timeout) {
			return int(syscall.ETIMEDOUT)
		}
	}
	return 0
}

// logCause says what the connection did.
func (x *exchange) logCause(f *ajp.Failure) {
	w, address := x.worker.Name, x.worker.Target()
	switch f.Kind {
	case ajp.KindConnect:
		x.log(jklog.Info, "GOJK3003", "connect to %s failed (errno=%d): %v", address, errno(f.Err), f.Err)
		x.log(jklog.Info, "GOJK3004", "(%s) Failed opening socket to (%s) (errno=%d)", w, address, errno(f.Err))
		if x.worker.AJP.Socket != "" {
			x.log(jklog.Error, "GOJK3026", "(%s) can't use the socket %s: %s (errno=%d)", w, x.worker.AJP.Socket, socketTrouble(f.Err), errno(f.Err))
			return
		}
		x.logNoBackend(f)
	case ajp.KindPing:
		x.worker.LogPing(x.server.Log, x.env.RequestID, f.Err, cmp.Or(x.worker.AJP.ConnectTimeout, x.worker.AJP.PrepostTimeout))
		x.log(jklog.Error, "GOJK3006", "(%s) cping/cpong after connecting to the backend server failed (errno=%d): %v", w, errno(f.Err), f.Err)
		x.logNoBackend(f)
	case ajp.KindSend:
		x.log(jklog.Info, "GOJK3007", "(%s) error sending request (errno=%d): %v", w, errno(f.Err), f.Err)
	case ajp.KindTooLarge:
		x.log(jklog.Error, "GOJK3008", "(%s) failed appending the request to a packet: %v", w, f.Err)
		x.log(jklog.Info, "GOJK3009", "(%s) Creating AJP message failed without recovery - check max_packet_size", w)
	case ajp.KindClosed:
		x.logClosed(f)
	case ajp.KindTimeout:
		x.log(jklog.Error, "GOJK3010", "(%s) Timeout with waiting reply from tomcat. Tomcat is down, stopped or network problems (errno=%d)", w, errno(f.Err))
	case ajp.KindFraming, ajp.KindContent:
		x.logBadPacket(f)
	case ajp.KindClientRead:
		x.log(jklog.Info, "GOJK3011", "(%s) Reading from client aborted or client network problems", w)
	case ajp.KindClientWrite:
		x.logClientWrite(f.Err)
	}
}

// logNoBackend says that there is no connection.
func (x *exchange) logNoBackend(f *ajp.Failure) {
	x.log(jklog.Error, "GOJK3005", "(%s) connecting to backend failed. Tomcat is probably not started or is listening on the wrong port (errno=%d)", x.worker.Name, errno(f.Err))
}

// socketTrouble says what the matter is with a Unix domain socket.
func socketTrouble(err error) string {
	switch {
	case errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.EPERM):
		return fmt.Sprintf("permission denied; uid %d, which httpd's children run as, needs write permission on it and search permission on every folder above, "+
			"see unixDomainSocketPathPermissions of Tomcat's connector", syscall.Geteuid())
	case errors.Is(err, syscall.ENOENT):
		return "there is none; Tomcat is not started, or the unixDomainSocketPath of its connector is another one"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nobody listens; Tomcat is not started, or this is a file that it left behind"
	}
	return err.Error()
}

// logClosed says that the container closed the connection, and what the client has had by then.
func (x *exchange) logClosed(f *ajp.Failure) {
	w, address := x.worker.Name, x.worker.Target()
	x.log(jklog.Info, "GOJK3012", "(%s) can't receive the response header message from tomcat, tomcat (%s) has forced a connection close (errno=%d): %v", w, address, errno(f.Err), f.Err)
	x.logBroken(f)
}

// logBroken says what the client has had of a response that broke off.
func (x *exchange) logBroken(f *ajp.Failure) {
	w := x.worker.Name
	if f.Stage == ajp.StageResponded {
		x.log(jklog.Error, "GOJK3013", "(%s) Tomcat is down or network problems. Part of the response has already been sent to the client", w)
		return
	}
	x.log(jklog.Error, "GOJK3014", "(%s) Tomcat is down or refused connection. No response has been sent to the client (yet)", w)
}

// logBadPacket says what is wrong with a packet.
func (x *exchange) logBadPacket(f *ajp.Failure) {
	w, address := x.worker.Name, x.worker.Target()
	var magic *ajp.MagicError
	var size *ajp.SizeError
	var code *ajp.CodeError
	switch {
	case errors.As(f.Err, &magic):
		x.log(jklog.Error, "GOJK3015", "(%s) wrong message format 0x%04x from %s", w, magic.Got, address)
	case errors.As(f.Err, &size):
		x.log(jklog.Error, "GOJK3016", "(%s) wrong message size %d %d from %s; the packetSize of Tomcat's connector must not exceed max_packet_size", w, size.Got, size.Limit, address)
	case errors.As(f.Err, &code):
		x.log(jklog.Error, "GOJK3017", "(%s) Unknown AJP protocol code: %02X", w, code.Code)
	case errors.Is(f.Err, ajp.ErrEOF) || errno(f.Err) != 0:
		x.log(jklog.Error, "GOJK3064", "(%s) can't receive the response body message from tomcat, tomcat (%s) has forced a connection close (errno=%d): %v", w, address, errno(f.Err), f.Err)
		x.logBroken(f)
	case errors.Is(f.Err, ajp.ErrSecondHead):
		x.log(jklog.Error, "GOJK3018", "(%s) Tomcat already send headers", w)
	default:
		x.log(jklog.Error, "GOJK3019", "(%s) can't use the response of tomcat (%s): %v", w, address, f.Err)
	}
}

// logClientWrite says who stopped the response: the client, or fail_on_status.
func (x *exchange) logClientWrite(err error) {
	switch {
	case errors.Is(err, errLength):
		x.log(jklog.Error, "GOJK3027", "(%s) can't use the response of tomcat (%s): %v (%d announced, %d received)", x.worker.Name, x.worker.Target(), err, x.length.announced, x.length.got)
	case x.refused > 0:
		x.log(jklog.Info, "GOJK3020", "(%s) request failed, because of response status %d", x.worker.Name, x.refused)
	case x.refused < 0:
		x.log(jklog.Info, "GOJK3021", "(%s) request failed (soft), because of response status %d", x.worker.Name, -x.refused)
	default:
		x.log(jklog.Info, "GOJK3022", "(%s) Writing to client aborted or client network problems", x.worker.Name)
	}
}

// logClientRead says that the client failed before its request was sent anywhere.
func (x *exchange) logClientRead(err error) {
	if err == nil {
		err = ajp.ErrBodyShort
	}
	x.log(jklog.Info, "GOJK3023", "(%s) receiving data from client failed. Connection aborted or network problems (%v)", x.target.Name, err)
	x.logAborting()
}

// logNoSlot says that all endpoints of the worker are in use.
func (x *exchange) logNoSlot(err error) {
	if errors.Is(err, ajp.ErrNoEndpoint) {
		x.log(jklog.Warn, "GOJK3065", "Unable to get the free endpoint for worker %s from %d slots", x.worker.Name, x.worker.AJP.PoolSize)
	}
}

// logAborting says that the client is to blame.
func (x *exchange) logAborting() {
	x.log(jklog.Info, "GOJK3032", "Aborting connection for worker=%s", x.target.Name)
}

// logBusyLimit says that the worker has enough to do.
func (x *exchange) logBusyLimit(limit int) {
	x.log(jklog.Error, "GOJK3024", "(%s) sending request to tomcat failed (recoverable), busy limit %d reached", x.worker.Name, limit)
}

// logGivingUp says that all attempts on this worker are used up.
func (x *exchange) logGivingUp(out *balancer.Outcome) {
	c := x.worker.Record.Counters()
	x.log(jklog.Error, "GOJK3025", "(%s) connecting to tomcat failed (rc=%d, errors=%d, client_errors=%d).", x.worker.Name, x.returnCode(out.Kind, false), c.Errors+1, c.ClientErrors)
}

// The rest is for whoever looks at one request at level debug. Nothing is computed for it at other levels.

// logMapped says which rule a URI was mapped by.
func (q *MapQuery) logMapped(s *registry.Server, rule int) {
	if q.AsFile != 0 || !s.Log.Enabled(jklog.Debug) {
		return
	}
	r, how := &s.Rules[rule], "an exact"
	if strings.ContainsAny(r.Pattern, "*?") {
		how = "a wildchar"
	}
	s.Log.Log(jklog.Debug, jklog.PhaseTranslate, "GOJK3060", "Found %s match '%s=%s' for URI '%s' source '%s' (%s line %d)", how, r.Pattern, r.Worker, masked(q.URI), r.Source, r.File, r.Line)
}

// logMissed says that a URI is not mapped.
func (q *MapQuery) logMissed(s *registry.Server) {
	if q.AsFile == 0 && s.Log.Enabled(jklog.Debug) {
		s.Log.Log(jklog.Debug, jklog.PhaseTranslate, "GOJK3061", "Attempting to map URI '%s' from %d maps: no match", masked(q.URI), len(s.Rules))
	}
}

// logService says what is to be served, and by which worker.
func (x *exchange) logService() {
	if !x.server.Log.Enabled(jklog.Debug) {
		return
	}
	r, e := x.request, &x.env
	x.log(jklog.Debug, "GOJK3057", "Service protocol=%s method=%s ssl=%t host=%s addr=%s name=%s port=%d auth=%s user=%s laddr=%s raddr=%s uri=%s worker=%s",
		r.Protocol, r.Method, e.TLS, orNull(e.RemoteHost), e.RemoteAddr, e.ServerName, e.ServerPort, orNull(e.AuthType), orNull(e.RemoteUser), e.LocalAddr, e.RemoteAddr, masked(r.URI), x.target.Name)
}

// orNull is how C shows a string that is not there.
func orNull(s string) string {
	if s == "" {
		return "(null)"
	}
	return s
}

// logConnection says which endpoint an attempt uses.
func (x *exchange) logConnection() {
	if x.caller.Tap == nil {
		return
	}
	c, how := x.conn, "new"
	if c.Exchanges() > 0 {
		how = "reused"
	}
	x.log(jklog.Debug, "GOJK3058", "(%s) acquired connection pool slot=%d: %s socket %d [%s -> %s], %d exchanges before", x.worker.Name, c.Slot(), how, c.FD(), c.Local(), x.worker.Target(), c.Exchanges())
}

// logTraffic says how much an attempt has sent and received, in bytes.
func (x *exchange) logTraffic(read, written uint64) {
	if x.caller.Tap != nil {
		x.log(jklog.Debug, "GOJK3062", "(%s) %d bytes sent and %d received on socket %d", x.worker.Name, written, read, x.conn.FD())
	}
}

// logDone says how a request ended that succeeded. status: of the page that httpd makes instead; 0: the response is the container's.
func (x *exchange) logDone(status int) {
	if x.caller.Tap == nil {
		return
	}
	if status <= 0 {
		status = int(x.status)
	}
	x.log(jklog.Debug, "GOJK3063", "Service finished with status=%d for worker=%s", status, x.target.Name)
}

// returnCode is mod_jk's number for an outcome, as its log shows it. A balancer's does not say that nothing was sent.
func (x *exchange) returnCode(k balancer.OutcomeKind, ofBalancer bool) int {
	if k == balancer.Failed && x.unsent && !ofBalancer {
		return -3
	}
	switch k {
	case balancer.Success:
		return 1
	case balancer.ClientError:
		return -4
	case balancer.SoftStatus:
		return -8
	case balancer.HardStatus:
		return -9
	case balancer.ReplyTimeout:
		return -10
	case balancer.Protocol:
		return -11
	case balancer.BusyLimit, balancer.NoSlot:
		return -12
	}
	return 0
}
