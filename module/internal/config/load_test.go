// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mod_gojk/module/internal/jklog"
	"mod_gojk/module/internal/urimap"
)

const testFile = "conf/workers.properties"

// input returns an input with this workers file, a main server and two virtual hosts.
func input(text string, directives ...DirectiveInput) *Input {
	return &Input{
		ServerRoot: "/srv/httpd", Threads: 25,
		Servers:    []ServerInput{{Name: "main", LogFD: 5}, {Name: "v1", LogFD: 6}, {Name: "v2", LogFD: -1}},
		Directives: directives,
		Files:      []FileInput{{Directive: "JkWorkersFile", Path: testFile, Content: text}},
		LookupEnv: func(name string) (string, bool) {
			value, ok := map[string]string{"HOME": "/home/jk", "EMPTY": "", "PORT": "8123", "LOOP": "$(HOME)"}[name]
			return value, ok
		},
	}
}

func directive(server, line int, name string, args ...string) DirectiveInput {
	return DirectiveInput{Server: server, File: "httpd.conf", Line: line, Name: name, Args: args}
}

// load loads an input that must be good, and returns its findings as lines.
func load(t testing.TB, in *Input) (*Config, []string) {
	t.Helper()
	c, d := Load(in)
	var lines []string
	for _, finding := range d {
		lines = append(lines, finding.String())
	}
	require.False(t, d.Failed(), "%s", strings.Join(lines, "\n"))
	require.NotNil(t, c)
	return c, lines
}

func names(workers []*Worker) string {
	var list []string
	for _, w := range workers {
		list = append(list, w.Name)
	}
	return strings.Join(list, " ")
}

const clusterGuide = `# names that httpd may map requests to: the two virtual workers
worker.list=jkstatus,LoadBalancer

# virtual workers
worker.jkstatus.type=status
worker.LoadBalancer.type=lb

# a variable, used below; names hold letters, digits, dash, underscore, period
mynetwork=127.0.0

# a template, inherited by reference; it is in no list, so nothing maps to it
worker.WorkerTemplate.type=ajp13
worker.WorkerTemplate.lbfactor=1
worker.WorkerTemplate.socket_keepalive=1

# the real workers; the name of each equals the jvmRoute of its Tomcat
worker.worker1.reference=worker.WorkerTemplate
worker.worker1.host=$(mynetwork).1
worker.worker1.port=8009
worker.worker2.reference=worker.WorkerTemplate
worker.worker2.host=$(mynetwork).1
worker.worker2.port=8010

worker.LoadBalancer.balance_workers=worker1,worker2
worker.LoadBalancer.sticky_session=1
`

func TestLoad_ClusterGuide(t *testing.T) {
	c, findings := load(t, input(clusterGuide,
		directive(0, 5, "JkMount", "/jkmanager/*", "jkstatus"),
		directive(0, 6, "JkMount", "/webapp-directory/*", "LoadBalancer"),
		directive(0, 7, "JkLogLevel", "info"),
	))
	require.Empty(t, findings, "a configuration of the guide is clean")
	require.Equal(t, "jkstatus LoadBalancer worker1 worker2", names(c.Workers))
	for i, w := range c.Workers {
		require.Equal(t, i, w.Index)
		require.Equal(t, i < 2, w.Listed)
	}
	lb := c.Worker("LoadBalancer")
	require.Equal(t, TypeLB, lb.Type)
	require.Equal(t, "worker1 worker2", names(lb.LB.Members))
	require.Same(t, c.Worker("worker2"), lb.LB.Members[1])
	w2 := c.Worker("worker2").AJP
	require.Equal(t, "127.0.0.1", w2.Host)
	require.Equal(t, 8010, w2.Port)
	require.Equal(t, "worker2", w2.Route)
	require.True(t, w2.SocketKeepalive)
	require.Nil(t, c.Worker("WorkerTemplate"))
	require.Len(t, c.Servers[0].Rules, 2)
	require.Equal(t, []urimap.Rule{
		{Pattern: "/jkmanager/*", Worker: "jkstatus", Source: urimap.SourceJkMount},
		{Pattern: "/webapp-directory/*", Worker: "LoadBalancer", Source: urimap.SourceJkMount},
	}, c.Servers[0].URIRules())
}

func TestLoad_Nothing(t *testing.T) {
	in := input("")
	in.Files, in.Threads = nil, 0
	c, findings := load(t, in)
	require.Empty(t, findings)
	require.Equal(t, "ajp13", names(c.Workers))
	require.Equal(t, 1, c.Threads)
	require.Equal(t, 60*time.Second, c.Maintain)
	require.Zero(t, c.WatchdogInterval)
	require.Equal(t, &Worker{Name: "ajp13", Type: TypeAJP, Listed: true, AJP: &AJP{
		Host: "localhost", Port: 8009, PoolSize: 1, PoolMinSize: 1, AcquireTimeout: 200 * time.Millisecond,
		PingTimeout: 10 * time.Second, Retries: 2, RetryInterval: 100 * time.Millisecond, MaxPacketSize: 8192,
		LBFactor: 1, Route: "ajp13", ResolveInterval: time.Minute,
	}}, c.Workers[0])
	require.Equal(t, &Server{Name: "main", Options: defaultOptions, LogFD: 5, LogLevel: jklog.Info, Stamp: jklog.DefaultStamp, Variables: standardNames()}, c.Servers[0])
}

func TestLoad_AJPDefaults(t *testing.T) {
	c, findings := load(t, input("worker.list=a\nworker.a.port=8009\n"))
	require.Empty(t, findings)
	a := c.Worker("a").AJP
	require.Equal(t, 25, a.PoolSize, "httpd's threads")
	require.Equal(t, 13, a.PoolMinSize)
	require.Equal(t, "a", a.Route)
	require.Empty(t, a.Domain)
	require.Equal(t, Active, a.Activation)
	require.False(t, a.RecoveryOptionsSet)
	require.Nil(t, a.FailOnStatus)
}

func TestLoad_AJPValues(t *testing.T) {
	tests := []struct {
		name, text string
		check      func(t *testing.T, a *AJP)
	}{
		{"texts", "host=h\nsource=127.0.0.2\nsecret=s e=c\nroute=r\ndomain=d\nredirect=q", func(t *testing.T, a *AJP) {
			require.Equal(t, []string{"h", "127.0.0.2", "s e=c", "r", "d"}, []string{a.Host, a.Source, string(a.Secret), a.Route, a.Domain})
			require.Equal(t, "q", a.Redirect)
		}},
		{"seconds", "socket_timeout=3\nconnection_pool_timeout=600", func(t *testing.T, a *AJP) {
			require.Equal(t, []time.Duration{3 * time.Second, 3 * time.Second, 10 * time.Minute},
				[]time.Duration{a.SocketTimeout, a.SocketConnectTimeout, a.PoolTimeout})
		}},
		{"milliseconds", "socket_timeout=3\nsocket_connect_timeout=250\nreply_timeout=5k", func(t *testing.T, a *AJP) {
			require.Equal(t, []time.Duration{250 * time.Millisecond, 5120 * time.Millisecond}, []time.Duration{a.SocketConnectTimeout, a.ReplyTimeout})
		}},
		{"pool", "connection_pool_size=7\n", func(t *testing.T, a *AJP) {
			require.Equal(t, []int{7, 4}, []int{a.PoolSize, a.PoolMinSize})
		}},
		{"acquire timeout follows retries", "retries=5\nretry_interval=300", func(t *testing.T, a *AJP) {
			require.Equal(t, 1500*time.Millisecond, a.AcquireTimeout)
		}},
		{"retry_interval=0 does not refuse every request", "retries=3\nretry_interval=0", func(t *testing.T, a *AJP) {
			require.Equal(t, 300*time.Millisecond, a.AcquireTimeout)
			require.Zero(t, a.RetryInterval)
		}},
		{"a huge acquire timeout", "retries=2000m\nretry_interval=2000m", func(t *testing.T, a *AJP) {
			require.Equal(t, maxInteger*time.Millisecond, a.AcquireTimeout)
		}},
		{"acquire timeout 0", "connection_acquire_timeout=0", func(t *testing.T, a *AJP) { require.Zero(t, a.AcquireTimeout) }},
		{"ping_mode C", "ping_mode=c", func(t *testing.T, a *AJP) {
			require.Equal(t, []time.Duration{10 * time.Second, 0, 0}, []time.Duration{a.ConnectTimeout, a.PrepostTimeout, a.PingInterval})
		}},
		{"ping_mode P", "ping_mode=P\nping_timeout=500", func(t *testing.T, a *AJP) {
			require.Equal(t, []time.Duration{0, 500 * time.Millisecond, 0}, []time.Duration{a.ConnectTimeout, a.PrepostTimeout, a.PingInterval})
		}},
		{"ping_mode I", "ping_mode=I", func(t *testing.T, a *AJP) {
			require.Equal(t, []time.Duration{0, 0, 100 * time.Second}, []time.Duration{a.ConnectTimeout, a.PrepostTimeout, a.PingInterval})
		}},
		{"ping_mode A", "ping_mode=A\nprepost_timeout=-1\nconnect_timeout=7", func(t *testing.T, a *AJP) {
			require.Equal(t, []time.Duration{7 * time.Millisecond, 0, 100 * time.Second}, []time.Duration{a.ConnectTimeout, a.PrepostTimeout, a.PingInterval})
			require.Equal(t, "CPI", a.PingMode.String())
		}},
		{"ping_mode A and 0", "ping_mode=A\nping_timeout=500\nprepost_timeout=0\nconnect_timeout=0\nconnection_ping_interval=0", func(t *testing.T, a *AJP) {
			require.Equal(t, []time.Duration{500 * time.Millisecond, 500 * time.Millisecond, 5 * time.Second}, []time.Duration{a.ConnectTimeout, a.PrepostTimeout, a.PingInterval})
		}},
		{"ping_mode A and -1", "ping_mode=A\nprepost_timeout=-1\nconnect_timeout=-1\nconnection_ping_interval=-1", func(t *testing.T, a *AJP) {
			require.Equal(t, []time.Duration{0, 0, 0}, []time.Duration{a.ConnectTimeout, a.PrepostTimeout, a.PingInterval})
		}},
		{"probes without ping_mode", "connect_timeout=1\nprepost_timeout=2\nconnection_ping_interval=3", func(t *testing.T, a *AJP) {
			require.Equal(t, []time.Duration{time.Millisecond, 2 * time.Millisecond, 3 * time.Second},
				[]time.Duration{a.ConnectTimeout, a.PrepostTimeout, a.PingInterval})
		}},
		{"recovery_options", "recovery_options=0", func(t *testing.T, a *AJP) { require.True(t, a.RecoveryOptionsSet) }},
		{"recovery_options 3", "recovery_options=3", func(t *testing.T, a *AJP) { require.Equal(t, 3, a.RecoveryOptions) }},
		{"statuses over several lines", "fail_on_status=500 503\nfail_on_status=-404,503", func(t *testing.T, a *AJP) {
			require.Equal(t, []int{500, 503, -404}, a.FailOnStatus)
		}},
		{"statuses above 599", "fail_on_status=600 -999", func(t *testing.T, a *AJP) {
			require.Equal(t, []int{600, -999}, a.FailOnStatus)
		}},
		{"socket_buffer", "max_packet_size=16k\nsocket_buffer=1m", func(t *testing.T, a *AJP) {
			require.Equal(t, []int{16384, 1 << 20}, []int{a.MaxPacketSize, a.SocketBuffer})
		}},
		{"domain of a dotted route", "route=d1.r.x", func(t *testing.T, a *AJP) { require.Equal(t, "d1", a.Domain) }},
		{"domain wins over the route's", "route=d1.r\ndomain=e", func(t *testing.T, a *AJP) { require.Equal(t, "e", a.Domain) }},
		{"activation by letter", "activation=d", func(t *testing.T, a *AJP) { require.Equal(t, Disabled, a.Activation) }},
		{"activation by number", "activation=2", func(t *testing.T, a *AJP) { require.Equal(t, Stopped, a.Activation) }},
		{"member settings", "lbfactor=3\ndistance=-1", func(t *testing.T, a *AJP) { require.Equal(t, []int{3, -1}, []int{a.LBFactor, a.Distance}) }},
		{"booleans", "prefer_ipv6=Yes\nsocket_keepalive=TRUE", func(t *testing.T, a *AJP) { require.True(t, a.PreferIPv6 && a.SocketKeepalive) }},
		{"busy_limit", "busy_limit=9", func(t *testing.T, a *AJP) { require.Equal(t, 9, a.BusyLimit) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := "worker.list=a\n"
			for _, line := range strings.Split(strings.TrimSpace(tt.text), "\n") {
				text += "worker.a." + line + "\n"
			}
			c, findings := load(t, input(text))
			require.Empty(t, findings)
			tt.check(t, c.Worker("a").AJP)
		})
	}
}

func TestLoad_LB(t *testing.T) {
	c, findings := load(t, input(`
worker.list=b
worker.b.type=lb
worker.b.balance_workers=m1 m2
worker.m1.port=1
worker.m2.port=2
`))
	require.Empty(t, findings)
	b := c.Worker("b").LB
	require.Equal(t, "m1 m2", names(b.Members))
	b.Members = nil
	require.Equal(t, &LB{
		Sticky: true, Retries: 2, LBRetries: 2, RetryInterval: 100 * time.Millisecond, RecoverTime: time.Minute,
		ErrorEscalation: 30 * time.Second, SessionCookie: "JSESSIONID", SessionPath: ";jsessionid", SessionCookiePath: "/",
	}, b)

	c, findings = load(t, input(`
worker.list=m1,b
worker.b.type=lb
worker.b.balance_workers=m2
worker.b.balance_workers=m1
worker.m1.port=1
worker.m2.port=2
worker.b.sticky_session=off
worker.b.sticky_session_force=on
worker.b.method=session
worker.b.lock=P
worker.b.retries=3
worker.b.lb_retries=4
worker.b.retry_interval=0
worker.b.recover_time=5
worker.b.max_reply_timeouts=6
worker.b.session_cookie=SID
worker.b.session_path=;sid
worker.b.set_session_cookie=1
worker.b.session_cookie_path=/x
`))
	require.Empty(t, findings)
	require.Equal(t, "m1 b m2", names(c.Workers))
	b = c.Worker("b").LB
	require.Equal(t, "m2 m1", names(b.Members), "lists add up")
	b.Members = nil
	require.Equal(t, &LB{
		StickyForce: true, Method: MethodSession, Lock: Pessimistic, Retries: 3, LBRetries: 4, RecoverTime: 5 * time.Second,
		ErrorEscalation: 2 * time.Second, MaxReplyTimeouts: 6, SessionCookie: "SID", SessionPath: ";sid", SetSessionCookie: true,
		SessionCookiePath: "/x",
	}, b, "error_escalation_time is half of recover_time in whole seconds")
}

func TestLoad_Status(t *testing.T) {
	c, findings := load(t, input("worker.list=s,t\nworker.s.type=status\n"+`
worker.t.type=status
worker.t.css=/s.css
worker.t.prefix=w
worker.t.ns=-
worker.t.xmlns=-none
worker.t.doctype=<!DOCTYPE x>
worker.t.read_only=1
worker.t.user=ann
worker.t.user=bob
worker.t.user_case_insensitive=y
worker.t.good=a.o
worker.t.bad=e
`))
	require.Empty(t, findings)
	require.Equal(t, &Status{
		Prefix: "worker", NS: "jk:", XMLNS: `xmlns:jk="http://tomcat.apache.org"`, Users: []string{},
		Good: []string{"a.o", "a.i", "a.b", "a.r"}, Bad: []string{"s", "e"},
	}, c.Worker("s").Status)
	require.Equal(t, &Status{
		CSS: "/s.css", Prefix: "w", Doctype: "<!DOCTYPE x>", ReadOnly: true, Users: []string{"ann", "bob"}, UserCaseInsensitive: true,
		Good: []string{"a.o"}, Bad: []string{"e"},
	}, c.Worker("t").Status)
}

// TestLoad_ReadsEveryProperty compares what the code asks for with the table.
func TestLoad_ReadsEveryProperty(t *testing.T) {
	l := newLoader(input("worker.list=a,b,s\nworker.b.type=lb\nworker.b.balance_workers=a\nworker.s.type=status\nworker.a.port=1\n"))
	_, findings := l.load()
	require.Empty(t, findings)
	for _, kind := range []Type{TypeAJP, TypeLB, TypeStatus} {
		for i := range Properties {
			p := &Properties[i]
			if p.Types&on(kind) == 0 || p.Kind == KindIgnored || p.Name == "type" || p.Name == "reference" {
				continue
			}
			require.True(t, l.reads[kind][p.Name], "%s of %s is in the table but nothing reads it", p.Name, kind)
		}
	}
}

func TestLoad_SecretOfTheBalancer(t *testing.T) {
	c, findings := load(t, input(`
worker.list=b,c,m1
worker.b.type=lb
worker.b.secret=sb
worker.b.balance_workers=m1,m2
worker.c.type=lb
worker.c.secret=sc
worker.c.balance_workers=m1
worker.m1.port=1
worker.m2.secret=own
`))
	require.Empty(t, findings)
	require.Equal(t, []Secret{"sb", "sc"}, []Secret{c.Worker("b").LB.Secret, c.Worker("c").LB.Secret})
	require.Equal(t, []Secret{"", "own"}, []Secret{c.Worker("m1").AJP.Secret, c.Worker("m2").AJP.Secret}, "of their own")
}

// TestLoad_AsModJk: what mod_jk starts with, although there is something wrong with it.
func TestLoad_AsModJk(t *testing.T) {
	long := strings.Repeat("r", 64)
	for _, tt := range []struct {
		name, lines string
		get         func(a *AJP) any
		want        any
	}{
		{"pool size by its older name", "connection_pool_size=-1\ncachesize=3", func(a *AJP) any { return a.PoolSize }, 3},
		{"pool size negative by both names", "connection_pool_size=-1\ncachesize=-1", func(a *AJP) any { return a.PoolSize }, 25},
		{"names that only members need", "route=" + long + ".x\nredirect=" + long, func(a *AJP) any { return a.Route + a.Domain + a.Redirect }, "a"},
		{"a domain that only members need", "route=r\ndomain=" + long, func(a *AJP) any { return a.Route + a.Domain }, "r"},
		{"a port below 0", "port=-1", func(a *AJP) any { return fmt.Sprint(a.Port, a.Activation) }, "0 STP"},
		{"a port above 65535", "port=70000", func(a *AJP) any { return fmt.Sprint(a.Port, a.Activation) }, "0 STP"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, findings := load(t, input("worker.list=a\nworker.reference=worker.none\nworker.a."+strings.ReplaceAll(tt.lines, "\n", "\nworker.a.")))
			require.NotEmpty(t, findings)
			require.Equal(t, tt.want, tt.get(c.Worker("a").AJP))
		})
	}
}

func TestLoad_PortZeroStops(t *testing.T) {
	c, findings := load(t, input("worker.list=a\nworker.a.port=0\nworker.a.activation=A\n"))
	require.Len(t, findings, 1)
	require.Contains(t, findings[0], testFile+":2: notice: ")
	require.Equal(t, Stopped, c.Worker("a").AJP.Activation)
}

func TestLoad_Servers(t *testing.T) {
	in := input("worker.list=a\nworker.a.port=1\n",
		directive(0, 1, "JkLogLevel", "WARN"),
		directive(0, 2, "jklogstampformat", "%H "),
		directive(1, 3, "JkLogLevel", "debug"),
		directive(2, 4, "JkLogStampFormat", "%M "),
		directive(0, 5, "JkWatchdogInterval", "7"),
		directive(0, 6, "JkLogFile", "whatever the shim makes of it", "x", "y"),
		directive(1, 7, "JkOptions", "+RejectUnsafeURI"),
	)
	c, findings := load(t, in)
	require.Empty(t, findings)
	require.Equal(t, 7*time.Second, c.WatchdogInterval)
	require.Equal(t, []*Server{
		{Index: 0, Name: "main", LogFD: 5, LogLevel: jklog.Warn, Stamp: "%H ", Options: defaultOptions, Variables: standardNames()},
		{Index: 1, Name: "v1", LogFD: 6, LogLevel: jklog.Debug, Stamp: "%H ", Options: defaultOptions | OptRejectUnsafeURI, Variables: standardNames()},
		{Index: 2, Name: "v2", LogFD: -1, LogLevel: jklog.Warn, Stamp: "%M ", Options: defaultOptions, Variables: standardNames()},
	}, c.Servers)
}

func TestEnums(t *testing.T) {
	require.Equal(t, "ajp13 lb status type(0) type(9)", fmt.Sprint(TypeAJP, " ", TypeLB, " ", TypeStatus, " ", Type(0), " ", Type(9)))
	require.Equal(t, "ACT DIS STP activation(3)", fmt.Sprintf("%s %s %s %s", Active, Disabled, Stopped, Activation(3)))
	require.Equal(t, "Request Sessions Next method(5)", fmt.Sprintf("%s %s %s %s", MethodRequest, MethodSession, MethodNext, Method(5)))
	require.Equal(t, "Optimistic Pessimistic lock(2)", fmt.Sprintf("%s %s %s", Optimistic, Pessimistic, Lock(2)))
	require.Equal(t, "notice warning error severity(7)", fmt.Sprintf("%s %s %s %s", Notice, Warning, Failure, Severity(7)))
	require.Equal(t, " seconds milliseconds bytes", fmt.Sprintf("%s %s %s %s", UnitNone, UnitSeconds, UnitMilliseconds, UnitBytes))
	require.Equal(t, "CP", (PingConnect | PingPrepost).String())
}

func TestSecret_IsNeverPrinted(t *testing.T) {
	a := AJP{Secret: "hunter2"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		require.NotContains(t, fmt.Sprintf(verb, a.Secret), "hunter2", verb)
	}
	require.NotContains(t, fmt.Sprintf("%+v", a), "hunter2")
	require.NotContains(t, fmt.Sprintf("%+v", &a), "hunter2")
}
