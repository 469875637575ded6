// Licensed under the Apache License, Version 2.0; see LICENSE.

package statusworker

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"mod_gojk/balancer"
	"mod_gojk/balancer/shm"
)

// This file holds the columns of the tables of workers: mod_jk's headings, what they mean (the legend) and what stands below them.

// row is a member or a direct ajp13 worker.
type row struct {
	now       time.Time
	name      string
	member    *Member // nil: a direct worker
	counters  *shm.WorkerCounters
	state     string
	tone      tone
	requests  uint64
	errors    uint64
	errorTime time.Time
	lastReset time.Time
}

func memberRow(m *Member, now time.Time) *row {
	return &row{
		now: now, name: m.Name, member: m, counters: &m.Worker, state: m.State.String(), tone: memberTone(m.State),
		requests: m.Elected, errors: m.Errors, errorTime: m.ErrorTime, lastReset: m.LastReset,
	}
}

func workerRow(w *AJPWorker, now time.Time) *row {
	c := &w.Counters
	return &row{
		now: now, name: w.Name, counters: c, state: c.State.String(), tone: workerTone(c.State),
		requests: c.Used, errors: c.Errors, errorTime: c.ErrorTime, lastReset: c.LastReset,
	}
}

// tone is how a cell looks. It never says anything that the text does not say.
type tone string

const (
	plain   tone = ""
	figure  tone = "n"
	zero    tone = "n zero"
	goodTag tone = "tag good"
	idleTag tone = "tag idle"
	warnTag tone = "tag warn"
	badTag  tone = "tag bad"
	offTag  tone = "tag off"
)

func memberTone(s balancer.State) tone {
	switch s {
	case balancer.OK:
		return goodTag
	case balancer.Idle:
		return idleTag
	case balancer.Error:
		return badTag
	}
	return warnTag
}

func workerTone(s shm.WorkerState) tone {
	switch s {
	case shm.WorkerOK:
		return goodTag
	case shm.WorkerIdle:
		return idleTag
	case shm.WorkerError:
		return badTag
	}
	return warnTag
}

func activationTone(a balancer.Activation) tone {
	switch a {
	case balancer.Active:
		return goodTag
	case balancer.Disabled:
		return warnTag
	}
	return offTag
}

// cell is what stands in a table: a text, and below it a remark in small type.
type cell struct {
	text, remark string
	tone         tone
}

// column is one of a table. cell: what a row shows in it.
type column struct {
	head, meaning string
	cell          func(*row) cell
}

// Columns that both tables have.
var (
	columnAcc = column{"Acc", "Number of requests", func(r *row) cell { return r.counted(r.requests) }}
	columnErr = column{"Err", "Number of failed requests", func(r *row) cell { return count(r.errors) }}
	columnCE  = column{"CE", "Number of client errors", func(r *row) cell { return count(r.counters.ClientErrors) }}
	columnRE  = column{"RE", "Number of reply timeouts (decayed)", func(r *row) cell { return count(r.counters.ReplyTimeouts) }}
	columnWr  = column{"Wr", "Number of bytes transferred", func(r *row) cell { return r.bytes(r.counters.Transferred) }}
	columnRd  = column{"Rd", "Number of bytes read", func(r *row) cell { return r.bytes(r.counters.Read) }}
	columnBsy = column{"Busy", "Current number of busy connections", func(r *row) cell { return count(r.counters.Busy) }}
	columnMxB = column{"MaxBusy", "Maximum number of busy connections", func(r *row) cell { return count(r.counters.MaxBusy) }}
	columnCon = column{"Con", "Current number of backend connections", func(r *row) cell { return count(r.counters.Connected) }}
	columnMxC = column{"MaxCon", "Maximum number of backend connections", func(r *row) cell { return count(r.counters.MaxConnected) }}
	columnLR  = column{"LR", "Seconds since last reset of statistics counters", func(r *row) cell { return count(r.sinceReset()) }}
	columnLE  = column{"LE", "Timestamp of the last error", func(r *row) cell { return r.lastError() }}
	columnSt  = column{
		"State", "Worker error status: OK=OK, ERR=Error with substates IDLE=No requests handled, BUSY=All connections busy, REC=Recovering, " +
			"PRB=Probing, FRC=Forced Recovery", func(r *row) cell { return cell{text: r.state, tone: r.tone} },
	}
)

// memberColumns are mod_jk's, in its order.
var memberColumns = []column{
	{"Name", "Worker name", func(r *row) cell { return cell{text: r.name} }},
	{"Act", "Worker activation configuration: ACT=Active, DIS=Disabled, STP=Stopped", func(r *row) cell {
		return cell{text: r.member.Activation.String(), tone: activationTone(r.member.Activation)}
	}},
	columnSt,
	{"D", "Worker distance", func(r *row) cell { return count(r.member.Distance) }},
	{"F", "Load Balancer factor", func(r *row) cell { return count(r.member.LBFactor) }},
	{"M", "Load Balancer multiplicity", func(r *row) cell { return count(r.member.LBMult) }},
	{"V", "Load Balancer value", func(r *row) cell { return count(r.member.LBValue) }},
	columnAcc,
	{"Sess", "Number of sessions created", func(r *row) cell { return r.counted(r.member.Sessions) }},
	columnErr, columnCE, columnRE, columnWr, columnRd, columnBsy, columnMxB, columnCon, columnMxC,
	{"Route", "Worker route", func(r *row) cell { return cell{text: r.member.Route} }},
	{"RR", "Route redirect", func(r *row) cell { return cell{text: r.member.Redirect} }},
	{"Cd", "Cluster domain", func(r *row) cell { return cell{text: r.member.Domain} }},
	{"Rs", "Recovery scheduled in app. min/max seconds", func(r *row) cell {
		c := cell{text: fmt.Sprintf("%d/%d", seconds(r.member.RecoverMin), seconds(r.member.RecoverMax)), tone: figure}
		if r.member.RecoverMax == 0 {
			c.tone = zero
		}
		return c
	}},
	columnLR, columnLE,
}

// workerColumns are mod_jk's, in its order.
var workerColumns = []column{
	columnSt, columnAcc, columnErr, columnCE, columnRE, columnWr, columnRd, columnBsy, columnMxB, columnCon, columnMxC, columnLR, columnLE,
}

// count is a number; zeros step back so that the others are seen.
func count[T int | int64 | uint64](n T) cell {
	c := cell{text: fmt.Sprint(n), tone: figure}
	if n == 0 {
		c.tone = zero
	}
	return c
}

// counted is a number with its rate since the last reset.
func (r *row) counted(n uint64) cell {
	c := count(n)
	c.remark = r.rate(n)
	return c
}

// bytes is a number of bytes with its rate since the last reset.
func (r *row) bytes(n uint64) cell {
	c := count(n)
	c.text, c.remark = size(n), "("+size(n/r.interval())+"/sec)"
	return c
}

// lastError is a date and, below it, a time.
func (r *row) lastError() cell {
	date, clock, _ := strings.Cut(timestamp(r.errorTime), " ")
	return cell{text: date, remark: clock, tone: figure}
}

func (r *row) sinceReset() int64 {
	if r.lastReset.IsZero() {
		return 0
	}
	return max(int64(r.now.Sub(r.lastReset)/time.Second), 0)
}

// interval is what rates are taken over, in seconds; not 0.
func (r *row) interval() uint64 { return uint64(max(r.sinceReset(), 1)) }

// size is a number of bytes as mod_jk shows it: "973", "1.5K", "17M".
func size(n uint64) string {
	if n < 1000 {
		return strconv.FormatUint(n, 10)
	}
	value, unit := float64(n)/1024, 0
	for value >= 999.5 && unit < len("KMGTPE")-1 {
		value /= 1024
		unit++
	}
	digits := 1
	if value >= 99.95 {
		digits = 0
	}
	return strconv.FormatFloat(value, 'f', digits, 64) + "KMGTPE"[unit:unit+1]
}

// rate is a number per second; small ones with a digit after the point.
func (r *row) rate(n uint64) string {
	perSecond := float64(n) / float64(r.interval())
	if n == 0 || perSecond >= 10 {
		return fmt.Sprintf("(%.0f/sec)", perSecond)
	}
	return fmt.Sprintf("(%.1f/sec)", perSecond)
}

// timestamp is a moment in the host's time; empty for none.
func timestamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04:05 -0700")
}
