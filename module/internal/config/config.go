// Licensed under the Apache License, Version 2.0; see LICENSE.

// Package config turns what the shim read (directives and the text of workers.properties) into typed settings, and says
// in plain words what is wrong with it. It opens no file and keeps no state.
package config

import (
	"time"

	"mod_gojk/module/internal/jklog"
	"mod_gojk/module/internal/requestlog"
	"mod_gojk/module/internal/urimap"
)

// NameMax is the longest name of a worker, route, domain, host or cookie in bytes; mod_jk's limit.
const NameMax = 63

// Config is one configuration, complete. It is immutable once loaded.
type Config struct {
	ServerRoot    string
	HTTPDVersion  string
	ModuleVersion string
	Threads       int // httpd worker threads in a child, at least 1

	// Workers are the workers of worker.list in their order, then the members that are not in it, in the order in which
	// balancers name them. A name occurs once.
	Workers []*Worker

	Servers []*Server // the main server is the first

	// MountFiles are the files that JkMountFile names, each once, in the order of the servers that name them.
	MountFiles []*MountFile

	// Maintain is the least time between two maintenance runs (worker.maintain, seconds, default 60). Zero: never.
	Maintain time.Duration

	// WatchdogInterval is how often each child looks for maintenance (JkWatchdogInterval, seconds). Zero: not set.
	WatchdogInterval time.Duration
}

// Worker returns the worker of that name, nil if there is none.
func (c *Config) Worker(name string) *Worker {
	for _, w := range c.Workers {
		if w.Name == name {
			return w
		}
	}
	return nil
}

// Worker is one named worker. Exactly one of AJP, LB and Status is set, as Type says.
type Worker struct {
	Index  int // in Config.Workers
	Name   string
	Type   Type
	Listed bool // in worker.list: URIs may be mapped to it
	AJP    *AJP
	LB     *LB
	Status *Status
}

// MemberNames returns the names of a balancer's members in their order, nil for another worker.
func (w *Worker) MemberNames() (names []string) {
	if w.LB == nil {
		return nil
	}
	for _, m := range w.LB.Members {
		names = append(names, m.Name)
	}
	return names
}

// AJP are the settings of a worker of type ajp13. Zero durations mean what each comment says, never "unset".
type AJP struct {
	Host       string // name or IP address; default localhost; "" with a socket
	Port       int    // default 8009; 0: no contact, or a socket
	Socket     string // path of a Unix domain socket; "": none, the Tomcat is at Host and Port
	Source     string // local address to bind; "": none
	PreferIPv6 bool
	Secret     Secret // "": none of its own; a request that comes through a balancer brings the balancer's then

	ResolveInterval time.Duration // between two lookups of a name in Host (seconds); default 60 s; 0: once, at the start

	SocketTimeout        time.Duration // silence on the socket (seconds in the file); 0: no limit
	SocketConnectTimeout time.Duration // connecting (milliseconds); 0: the system's own; default SocketTimeout
	SocketKeepalive      bool
	SocketBuffer         int // bytes; 0: the system's own

	PoolSize       int           // endpoints in a child; default Config.Threads; 0: the worker is unusable
	PoolMinSize    int           // idle closing stops here; default (PoolSize+1)/2
	PoolTimeout    time.Duration // idle age at which a connection is closed (seconds); 0: never
	AcquireTimeout time.Duration // wait for a free endpoint (milliseconds); default Retries*RetryInterval; 0: no wait

	PingMode       PingMode
	PingTimeout    time.Duration // milliseconds; default 10 s
	ConnectTimeout time.Duration // cpong after connecting (milliseconds); 0: no probe; default PingTimeout with C
	PrepostTimeout time.Duration // cpong before a request (milliseconds); 0: no probe; default PingTimeout with P
	PingInterval   time.Duration // idle age of an interval probe (seconds); 0: no probe; default PingTimeout/100 s per ms with I
	ReplyTimeout   time.Duration // silence between two packets of an answer (milliseconds); 0: no limit

	Retries            int           // attempts on this worker including the first; at least 1, default 2
	RetryInterval      time.Duration // pause before each further attempt (milliseconds); default 100 ms
	RecoveryOptions    int           // bits of section "recovery_options"
	RecoveryOptionsSet bool          // false: RecoveryOptions is the default 0
	FailOnStatus       []int         // negative: the member stays usable
	BusyLimit          int           // requests in flight over all children; 0: no limit
	MaxPacketSize      int           // bytes, 8192 to 65536, a multiple of 1024

	LBFactor   int // weight in balancers, at least 1
	Distance   int // lower is preferred
	Route      string
	Domain     string // "": none
	Redirect   string // route of the member to prefer on failure; "": none
	Activation Activation
}

// LB are the settings of a worker of type lb.
type LB struct {
	Members []*Worker // all of type ajp13, in order
	Secret  Secret    // of members that have none of their own; "": none

	Sticky           bool // default true
	StickyForce      bool
	Method           Method
	Lock             Lock
	Retries          int           // rounds over the members, at least 1, default 2
	LBRetries        int           // members tried in a round, at least 1, default 2
	RetryInterval    time.Duration // pause between rounds (milliseconds); default 100 ms
	RecoverTime      time.Duration // least time in error (seconds); at least 1 s, default 60 s
	ErrorEscalation  time.Duration // seconds; 0: at once; default RecoverTime/2
	MaxReplyTimeouts int           // reply timeouts that a member may have in a maintenance interval; negative: any number

	SessionCookie     string // default JSESSIONID
	SessionPath       string // default ;jsessionid
	SetSessionCookie  bool
	SessionCookiePath string // default /
}

// Status are the settings of a worker of type status.
type Status struct {
	CSS                 string // "": none
	Prefix              string // default worker
	NS                  string // default jk:; "": none
	XMLNS               string // "": none
	Doctype             string // "": none
	ReadOnly            bool
	Users               []string // empty: everybody
	UserCaseInsensitive bool
	Good                []string
	Bad                 []string
}

// Server is one httpd server with what the library needs of its configuration, merged with the main server's.
type Server struct {
	Index        int
	Name         string
	Options      Options
	LogFD        int // negative: none
	LogLevel     jklog.Level
	Stamp        string                // JkLogStampFormat
	RequestLog   *requestlog.Format    // nil: off
	Variables    [VariableCount]string // names in force
	EnvVars      []EnvVar              // those of the main server first, in their order; a name occurs once, in any case
	AutoAlias    string                // directory whose files httpd may serve; "": none
	StripSession string                // where a session id begins in a URI that is not mapped; "": it stays
	Rules        []Rule                // in definition order; read only, servers may share them
	MountFile    *MountFile            // whose rules are among them; nil: none. The main server's, if JkMountCopy brings it
}

// MountFile is a file that JkMountFile names.
type MountFile struct {
	File   int // in Input.Files
	Path   string
	Server int           // which names it
	Reload time.Duration // how often it is looked at (JkMountFileReload of that server, seconds, default 60 s); 0: never
}

// EnvVar is a variable that is forwarded as a request attribute (JkEnvVar).
type EnvVar struct {
	Name    string
	Default string // sent if there is no such variable; "": then nothing is
}

// URIRules returns the rules in the form that urimap.Build takes, in the same order.
func (s *Server) URIRules() []urimap.Rule {
	rules := make([]urimap.Rule, len(s.Rules))
	for i := range s.Rules {
		rules[i] = s.Rules[i].Rule
	}
	return rules
}

// Rule is one mapping rule with its extensions, never nil, and its origin. There may be tens of thousands: those without extensions share them.
type Rule struct {
	urimap.Rule
	*Extensions
	File string
	Line int
}

// Extensions are what follows the worker's name in a mapping, separated by ';'. NoExtensions holds none.
type Extensions struct {
	ReplyTimeout      time.Duration // milliseconds in the rule; negative: not set; 0: no limit
	StickyIgnore      bool
	Stateless         bool
	Active            []string // members with activation ACT for this rule
	Disabled          []string // DIS
	Stopped           []string // STP
	FailOnStatus      []int    // replaces the worker's list, also if it is empty; nil: not set
	UseServerErrors   int      // least status for which httpd makes the page; 0: off
	SessionCookie     string   // "": the balancer's
	SessionPath       string   // "": the balancer's; without a leading ';'
	SetSessionCookie  bool
	SessionCookiePath string // "": the balancer's
}

// NoExtensions returns the extensions of a mapping that has none.
func NoExtensions() Extensions { return Extensions{ReplyTimeout: -1} }
