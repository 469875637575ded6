// Licensed under the Apache License, Version 2.0; see LICENSE.

package statusworker

import (
	"strconv"
	"time"

	"mod_gojk/balancer"
	"mod_gojk/balancer/shm"
	"mod_gojk/module/internal/config"
	"mod_gojk/module/internal/registry"
)

// Page is everything that an answer says, whatever its format. Nothing in it is escaped: that is a renderer's business. Secrets are not in it.
type Page struct {
	Worker   string         // name of the status worker
	Style    *config.Status // css, prefix, name space: how formats are to look
	Command  Command        // what is shown: List, Show or Version
	Target   string         // with Show: the worker
	Member   string         // with Show: the member; empty: all of them
	Bare     bool           // an error was found before the command ran: only Result is told
	ReadOnly bool           // changing commands are refused,
	Locked   bool           // and a request cannot ask for anything else
	Hidden   Hidden
	Refresh  int // seconds between automatic refreshes; 0: none

	ServerName string
	ServerPort uint32
	Time       time.Time
	WebServer  string // httpd's version
	JKVersion  string // mod_gojk's version

	Balancers []Balancer
	Workers   []AJPWorker
	Orphans   []Orphan
	Refused   []registry.RefusedFile // changed files that are not in force
	Result    Result
	Next      string // after a change: the page to go to
}

// Result is what came of the command.
type Result struct {
	Failed  bool
	Message string // mod_jk's text where it has one
	Detail  string // what was changed; empty: nothing to say
}

// Hidden is what the parameter opt takes away from a page. The values are mod_jk's.
type Hidden uint

// The bits of opt.
const (
	HideMembers     Hidden = 1
	HideMaps        Hidden = 2
	HideLegend      Hidden = 4
	HideBalancers   Hidden = 8
	HideWorkers     Hidden = 16
	HideButtons     Hidden = 32 // the request is treated as if the property read_only were set
	HideLBSettings  Hidden = 64
	HideLBSummary   Hidden = 128
	HideAJPSettings Hidden = 256
	hiddenBits      Hidden = 511
)

// Words of the model that are mod_jk's.
const (
	kindLB          = "lb"
	kindAJP         = "ajp13"
	addressInvalid  = "invalid"
	sourceUndefined = "undefined"
	mapExact        = "Exact"
	mapWildcard     = "Wildchar"
	messageOK       = "Action finished"
)

// Has reports whether that part is hidden.
func (h Hidden) Has(part Hidden) bool { return h&part != 0 }

// Balancer is a worker of type lb. The embedded snapshot has its settings and counters; its Members is empty.
type Balancer struct {
	balancer.Snapshot
	Type                string
	MemberCount         int
	Good, Degraded, Bad int
	Members             []Member // those that are shown
	Maps                []Map
	Findings            []Finding
}

// Member is a worker in a balancer. Snapshot.Worker has the counters of its ajp13 worker.
type Member struct {
	balancer.MemberSnapshot
	Settings Settings
	Rating   Rating
}

// AJPWorker is an ajp13 worker that URIs are mapped to directly.
type AJPWorker struct {
	Name     string
	Settings Settings
	Counters shm.WorkerCounters
	Maps     []Map
	Findings []Finding
}

// Settings are those of an ajp13 worker that a status page shows. Times of 0 mean none.
type Settings struct {
	Type            string
	Host            string
	Port            int
	Address         string // "ip:port"; "invalid": there is nothing to connect to
	Source          string // "undefined": none
	PoolTimeout     time.Duration
	PingTimeout     time.Duration
	ConnectTimeout  time.Duration
	PrepostTimeout  time.Duration
	ReplyTimeout    time.Duration
	PingInterval    time.Duration
	Retries         int
	RecoveryOptions int
	BusyLimit       int
	MaxPacketSize   int // bytes
}

// Map is a mapping rule.
type Map struct {
	ID              int // counts from 1 for each worker
	Server          string
	URI             string
	Type            string // "Exact" or "Wildchar", after "Disabled " and "Unmount "
	Source          string
	ReplyTimeout    int // milliseconds; -1: not set
	StickyIgnore    int // 0 or 1
	Stateless       int // 0 or 1
	FailOnStatus    string
	Active          string
	Disabled        string
	Stopped         string
	UseServerErrors int
}

// Orphan is a mapping rule whose worker is not in worker.list: its requests are answered with 500.
type Orphan struct {
	Server string
	URI    string
	Worker string
}

// self is the reference to the page itself, with refresh and view as they are.
func (p *Page) self() string { return p.view(p.Command, p.Target, p.Member) }

// view is the reference to another page, shown likewise.
func (p *Page) view(command Command, worker, member string) string {
	return link("cmd", commandParameter(command), "w", worker, "sw", member, "re", positive(p.Refresh), "opt", positive(int(p.Hidden)))
}

// commandParameter is the value of cmd, empty for the default.
func commandParameter(c Command) string {
	if c == List {
		return ""
	}
	return c.String()
}

// positive is a number as a parameter, empty for 0.
func positive(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// Finding is a sentence of the summary at the top of a page.
type Finding struct {
	Rating  Rating // Bad: something is broken; Degraded: something is not as usual
	Subject string // the worker it is about; empty: none in particular
	Text    string
}
