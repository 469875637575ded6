// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"errors"
	"time"

	"mod_gojk/ajp"
	"mod_gojk/balancer"
	"mod_gojk/module/internal/registry"
)

// serveOn carries the request out on one ajp13 worker, with the worker's own retries. It counts the request in the worker's record,
// and returns what became of it.
func (x *exchange) serveOn(w *registry.Worker, activation string) balancer.Outcome {
	x.worker = w
	x.forward.Secret = x.secret()
	x.own[attrActivation].Value = activation
	busy := w.Record.Enter()
	defer w.Record.Leave()
	if limit := w.AJP.BusyLimit; limit > 0 && busy > int64(limit) {
		x.logBusyLimit(limit)
		return balancer.Outcome{Kind: balancer.BusyLimit, Recoverable: true, Status: 503}
	}
	x.probe()
	x.counted = false
	out := x.attempts()
	x.account(&out)
	return out
}

// secret is the worker's, otherwise that of the balancer which the request comes through.
func (x *exchange) secret() string {
	if lb := x.target.LB; lb != nil && x.worker.AJP.Secret == "" {
		return string(lb.Secret)
	}
	return string(x.worker.AJP.Secret)
}

// attempts tries the worker up to its number of retries, as long as repeating is allowed and of use.
func (x *exchange) attempts() balancer.Outcome {
	w := x.worker
	var out balancer.Outcome
	for attempt := 1; ; attempt++ {
		err := x.try(&out)
		if err == nil || x.replaced != 0 {
			out.Kind, out.Status = balancer.Success, x.replaced // Done, or httpd's page
			return out
		}
		x.judge(&out, err)
		if out.Kind == balancer.NoSlot {
			x.logNoSlot(err)
			return out
		}
		x.logAttempt(&out, err, attempt)
		if !out.Recoverable {
			return out
		}
		if attempt >= w.AJP.Retries {
			x.logGivingUp(&out)
			return out
		}
		if w.AJP.RetryInterval > 0 {
			balancer.Sleep(w.AJP.RetryInterval)
		}
	}
}

// try makes one attempt on one connection. The connection goes back to the pool even if the attempt panics; an exchange that did not come to
// its end closes it.
func (x *exchange) try(out *balancer.Outcome) error {
	w := x.worker
	w.FollowAddress()
	conn, err := w.Pool.GetFor(x.caller)
	x.count(err)
	if err != nil {
		return err
	}
	defer w.Pool.Put(conn)
	x.conn, x.refused = conn, 0
	x.logConnection()
	err = conn.Exchange(&x.forward, x, x.transport())
	read, written := conn.Traffic()
	x.logTraffic(read, written)
	out.Read += read
	out.Written += written
	w.Record.CountTraffic(read, written)
	return err
}

// count counts the request in the worker's record, once, when it begins, as in mod_jk: the notes of other requests show it. A request that no
// connection may be opened for does not count. err is what the pool says.
func (x *exchange) count(err error) {
	if x.counted || err != nil && (errors.Is(err, ajp.ErrNoEndpoint) || errors.Is(err, ajp.ErrPoolClosed)) {
		return
	}
	x.worker.Record.CountUsed()
	x.counted = true
}

// judge turns an error of an attempt into what it means for the member and the client (mod_jk-surface 4.7 and 4.12).
func (x *exchange) judge(out *balancer.Outcome, err error) {
	var f *ajp.Failure
	if !errors.As(err, &f) { // ajp.ErrNoEndpoint, ajp.ErrPoolClosed
		out.Kind, out.Status, out.Recoverable = balancer.NoSlot, 503, true
		return
	}
	out.Recoverable = mayRepeat(f, x.request.Method, x.recoveryOptions())
	out.Kind, out.Status = verdict(f)
	x.unsent = f.Kind == ajp.KindConnect || f.Kind == ajp.KindPing || f.Kind == ajp.KindSend
	if out.Kind == balancer.ReplyTimeout {
		x.worker.Record.CountReplyTimeout()
	}
	if x.refused != 0 && f.Kind == ajp.KindClientWrite {
		x.judgeRefused(out)
		return
	}
	if errors.Is(f.Err, errLength) {
		out.Kind, out.Status = balancer.Protocol, 502
	}
	if ofApplication(f.Err) {
		out.Kind = balancer.Protocol
	}
	if x.request.Flags.Has(responded) && out.Kind != balancer.ClientError {
		out.Status = x.breakOff()
	}
}

// breakOff ends a response of which the client has a part: it must not look complete, unless it is: the head is all there is of an answer to HEAD.
func (x *exchange) breakOff() int {
	if !x.options.HeadOnly {
		return Broken
	}
	if err := x.host.Respond(x.request, &ajp.Response{Flags: ajp.FlagEnd}); err != nil {
		return ClientGone
	}
	return Done
}

// verdict tells kind of outcome and status for a failure before anything was handed to the client.
func verdict(f *ajp.Failure) (balancer.OutcomeKind, int) {
	switch f.Kind {
	case ajp.KindConnect, ajp.KindPing, ajp.KindSend:
		return balancer.Failed, 503
	case ajp.KindClosed:
		return balancer.Failed, 502
	case ajp.KindTimeout:
		return balancer.ReplyTimeout, 504
	case ajp.KindFraming:
		return balancer.Protocol, 502
	case ajp.KindTooLarge:
		return balancer.ClientError, 413
	case ajp.KindClientRead:
		return balancer.ClientError, 400
	case ajp.KindClientWrite:
		return balancer.ClientError, ClientGone
	}
	if errors.Is(f.Err, ajp.ErrNoHead) { // mod_jk answers an empty 200
		return balancer.Failed, 502
	}
	return balancer.Failed, 500
}

// ofApplication reports whether a response is refused because of what an application of the container's has put into it, perhaps from what a client has sent. That
// is no fault of the member's: one such client would take every member out of service (CVE-2022-2053 was of that kind).
func ofApplication(err error) bool {
	return errors.Is(err, ajp.ErrControl) || errors.Is(err, ajp.ErrHeaderName) || errors.Is(err, ajp.ErrStatus) || errors.Is(err, ajp.ErrNoHead)
}

// judgeRefused is the outcome of a response that fail_on_status drops: nothing of it has reached the client.
func (x *exchange) judgeRefused(out *balancer.Outcome) {
	out.Kind, out.Status, out.Recoverable = balancer.HardStatus, 503, !x.bodyRead
	if x.refused < 0 {
		out.Kind = balancer.SoftStatus
	}
}

// recoveryOptions returns the worker's recovery_options, recoveryNotSpecified if workers.properties has none.
func (x *exchange) recoveryOptions() int {
	if !x.worker.AJP.RecoveryOptionsSet {
		return recoveryNotSpecified
	}
	return x.worker.AJP.RecoveryOptions
}

// transport fills the options of an attempt on the current worker.
func (x *exchange) transport() *ajp.ExchangeOptions {
	c := x.worker.AJP
	o := &x.options
	o.ReplyTimeout = c.ReplyTimeout
	if x.rule.ReplyTimeout >= 0 {
		o.ReplyTimeout = x.rule.ReplyTimeout
	}
	if x.env.replyTimeout >= 0 {
		o.ReplyTimeout = x.env.replyTimeout
	}
	o.HardClose = c.RecoveryOptions&hardClose != 0
	return o
}

// account notes in the worker's record what became of the request.
func (x *exchange) account(out *balancer.Outcome) {
	r := x.worker.Record
	switch out.Kind {
	case balancer.Success, balancer.SoftStatus:
		r.SetState(okState)
	case balancer.ClientError:
		r.CountClientError()
		r.SetState(okState)
	case balancer.ReplyTimeout:
		r.CountError(time.Now())
	case balancer.Failed, balancer.HardStatus, balancer.Protocol:
		r.CountError(time.Now())
		r.SetState(errorState)
	}
}
