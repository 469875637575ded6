// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

// The chapters of the documentation, in order.
const (
	groupGlobal   = "Global properties"
	groupAll      = "All workers"
	groupAddress  = "ajp13: address and socket"
	groupPool     = "ajp13: connection pool"
	groupProbes   = "ajp13: probes and timeouts"
	groupRetries  = "ajp13: retries and limits"
	groupMember   = "ajp13 as a member of a balancer"
	groupBalance  = "lb: members and distribution"
	groupSessions = "lb: sessions"
	groupRecovery = "lb: retries and recovery"
	groupStatus   = "status"
	groupIgnored  = "Accepted without effect"
)

// Properties are all properties of workers.properties, in the order of the documentation. A name may have several rows,
// for different types.
var Properties = []Property{
	{
		Name: "list", Group: groupGlobal, Types: OnGlobal, Kind: KindList, Default: "ajp13",
		Doc: "Workers that URIs may be mapped to.",
		Notes: "Members of a balancer work without being listed; list them only if URIs are to be mapped to them directly. " +
			"Repeated lines add up.",
	},
	{
		Name: "maintain", Group: groupGlobal, Types: OnGlobal, Kind: KindInteger, Unit: UnitSeconds, Default: "60", Min: 0, Max: maxInteger,
		Doc:   "Least time between two maintenance runs: idle connections, interval probes, aging of balancer values, recovery of members in error.",
		Notes: "0 or less switches all of that off, so a failed member stays in error: a warning says so.",
	},

	{
		Name: "type", Group: groupAll, Types: OnAll, Kind: KindText, Default: "ajp13",
		Doc:   "What the worker is: `ajp13` (a Tomcat), `lb` (a balancer over ajp13 workers) or `status` (the status page).",
		Notes: "mod_jk's `ajp12`, `ajp14` and `jni` do not exist: httpd does not start, and says what to write instead.",
	},
	{
		Name: "reference", Group: groupAll, Types: OnAll, Kind: KindText,
		Doc: "Takes over every property that begins with this prefix, unless the worker sets it itself: " +
			"`worker.a.reference=worker.template`.",
		Notes: "The template may refer to another one, 20 deep at most. A list is taken over whole, it is not merged.",
	},
	{
		Name: "mount", Group: groupAll, Types: OnAll, Kind: KindList,
		Doc: "URI patterns of the main server that are mapped to this worker, which must be in `worker.list`.",
		Notes: "`!` in front makes an exclusion, `-` a disabled rule, `-!` both. There is no `|` form, and no rule extension. " +
			"JkMount reaches further.",
	},

	{
		Name: "host", Group: groupAddress, Types: OnAJP, Kind: KindHost, Default: "localhost",
		Doc: "Name or IP address of the Tomcat, perhaps with the port behind it: `tomcat1:8009`, `[::1]:8009`; an IPv6 address without a port " +
			"needs no brackets.",
		Notes: "mod_jk's documentation has `host:port`, mod_jk itself does not. A `port` that says otherwise is an error, but a worker's own goes " +
			"before what it has from a template. A name is looked up at the start, and every `resolve_interval`.",
	},
	{
		Name: "port", Group: groupAddress, Types: OnAJP, Kind: KindInteger, Default: "8009", Max: 65535, Outside: OutsideZero,
		Doc:   "Port of the Tomcat's AJP connector. 0: no contact; as a member the worker starts stopped.",
		Notes: "A number that is no port counts as 0.",
	},
	{
		Name: "socket", Group: groupAddress, Types: OnAJP, Kind: KindPath,
		Doc: "Path of the Unix domain socket of Tomcat's AJP connector (`unixDomainSocketPath`), instead of host and port; at most 107 bytes.",
		Notes: "Not in mod_jk. The account that httpd's children run under needs write permission on the socket and a way to it. " +
			"`host`, `port`, `source`, `prefer_ipv6`, `resolve_interval` and `socket_keepalive` have no effect then.",
	},
	{
		Name: "resolve_interval", Group: groupAddress, Types: OnAJP, Kind: KindInteger, Unit: UnitSeconds, Default: "60", Max: maxInteger,
		Doc: "How often a name in `host` is looked up while httpd runs, once for all children. 0: only at the start, as in mod_jk.",
		Notes: "An address is kept as long as the name has it. When it changes, new connections go to the new one; a lookup that fails changes " +
			"nothing. Addresses are never looked up.",
	},
	{
		Name: "source", Group: groupAddress, Types: OnAJP, Kind: KindName,
		Doc: "Local name or IP address that connections come from.",
	},
	{
		Name: "prefer_ipv6", Group: groupAddress, Types: OnAJP, Kind: KindBoolean, Default: "false",
		Doc: "Whether an IPv6 address is taken when `host` has several; otherwise it is the first that the resolver returns.",
	},
	{
		Name: "secret", Group: groupAddress, Types: OnAJP, Kind: KindSecret, Computed: "that of the balancer which the request comes through",
		Doc:   "Sent with every request; equals `secret` of Tomcat's AJP connector.",
		Notes: "In a file `#` begins a comment, also inside a secret; JkWorkerProperty keeps it.",
	},
	{
		Name: "socket_timeout", Group: groupAddress, Types: OnAJP, Kind: KindInteger, Unit: UnitSeconds, Default: "0", Max: maxInteger,
		Doc: "Longest wait for the socket to take or give bytes. 0: no limit.",
	},
	{
		Name: "socket_connect_timeout", Group: groupAddress, Types: OnAJP, Kind: KindInteger, Unit: UnitMilliseconds,
		Computed: "`socket_timeout`", Max: maxInteger,
		Doc: "Longest wait for a connection. 0: the system's limit; a Unix domain socket has none.",
	},
	{
		Name: "socket_keepalive", Group: groupAddress, Types: OnAJP, Kind: KindBoolean, Default: "false",
		Doc: "Whether the system probes idle connections (SO_KEEPALIVE), so that a firewall does not forget them.",
	},
	{
		Name: "socket_buffer", Group: groupAddress, Types: OnAJP, Kind: KindInteger, Unit: UnitBytes, Default: "0", Max: maxInteger,
		Doc: "Size of the socket's send and receive buffers, at least `max_packet_size`. 0: the system's.",
	},
	{
		Name: "max_packet_size", Group: groupAddress, Types: OnAJP, Kind: KindInteger, Unit: UnitBytes, Default: "8192", Min: 8192, Max: 65536,
		Doc: "Largest AJP packet; equals `packetSize` of Tomcat's connector. Rounded up to a multiple of 1024.",
	},

	{
		Name: "connection_pool_size", Group: groupPool, Types: OnAJP, Kind: KindInteger, Max: maxInteger, Outside: OutsideDefault,
		Computed: "httpd's threads per child, or mod_http2's if it has more", Aliases: []string{"cachesize"},
		Doc: "Endpoints, that is connections at a time, in each child. 0: the worker is unusable.",
		Notes: "All children together may open children × size connections, and Tomcat needs a thread, or with NIO a place " +
			"in `maxConnections`, for each.",
	},
	{
		Name: "connection_pool_minsize", Group: groupPool, Types: OnAJP, Kind: KindInteger, Max: maxInteger, Outside: OutsideDefault,
		Computed: "(`connection_pool_size` + 1) / 2",
		Doc:      "Connections that are kept however long they are idle.",
	},
	{
		Name: "connection_pool_timeout", Group: groupPool, Types: OnAJP, Kind: KindInteger, Unit: UnitSeconds, Default: "0", Max: maxInteger,
		Aliases: []string{"cache_timeout"},
		Doc:     "Idle time after which maintenance closes a connection. 0: never.",
		Notes:   "Set it to the `connectionTimeout` of Tomcat's connector (milliseconds there).",
	},
	{
		Name: "connection_acquire_timeout", Group: groupPool, Types: OnAJP, Kind: KindInteger, Unit: UnitMilliseconds, Max: maxInteger,
		Computed: "`retries` × `retry_interval`",
		Doc:      "Longest wait for a free endpoint. 0: a request that finds none fails at once.",
		Notes: "In mod_jk a value of 0, also a computed one, makes every request fail. Here a `retry_interval` of 0 leaves the " +
			"computed value at `retries` × 100 ms, and 0 written down only means that nobody waits.",
	},

	{
		Name: "ping_mode", Group: groupProbes, Types: OnAJP, Kind: KindText,
		Doc: "When connections are probed with CPing: any of `C` (after connecting), `P` (before each request), `I` (idle ones, " +
			"by maintenance), or `A` (all).",
		Notes: "It only sets defaults for the three properties that follow `ping_timeout`.",
	},
	{
		Name: "ping_timeout", Group: groupProbes, Types: OnAJP, Kind: KindInteger, Unit: UnitMilliseconds, Default: "10000", Max: maxInteger,
		Doc: "Longest wait for the CPong of a probe.",
	},
	{
		Name: "connect_timeout", Group: groupProbes, Types: OnAJP, Kind: KindInteger, Unit: UnitMilliseconds, Min: -1, Max: maxInteger,
		Computed: "`ping_timeout` with ping_mode `C`, otherwise none",
		Doc:      "Longest wait for the CPong of the probe after connecting. 0: the default; -1: no probe.",
	},
	{
		Name: "prepost_timeout", Group: groupProbes, Types: OnAJP, Kind: KindInteger, Unit: UnitMilliseconds, Min: -1, Max: maxInteger,
		Computed: "`ping_timeout` with ping_mode `P`, otherwise none",
		Doc:      "Longest wait for the CPong of the probe before a request. 0: the default; -1: no probe.",
		Notes:    "A connection that was probed after connecting is not probed again for its first request.",
	},
	{
		Name: "connection_ping_interval", Group: groupProbes, Types: OnAJP, Kind: KindInteger, Unit: UnitSeconds, Min: -1, Max: maxInteger,
		Computed: "`ping_timeout` / 100 with ping_mode `I` (100 s for 10000 ms), otherwise none",
		Doc:      "Idle time after which maintenance probes a connection. 0: the default; -1: no probe.",
	},
	{
		Name: "reply_timeout", Group: groupProbes, Types: OnAJP, Kind: KindInteger, Unit: UnitMilliseconds, Default: "0", Max: maxInteger,
		Doc: "Longest silence between two packets of an answer, and before the first. 0: no limit.",
		Notes: "A rule extension and the variable JK_REPLY_TIMEOUT override it. A balancer's `max_reply_timeouts` forgives " +
			"single ones.",
	},

	{
		Name: "retries", Group: groupRetries, Types: OnAJP, Kind: KindInteger, Default: "2", Min: 1, Max: maxInteger,
		Doc: "Attempts on this worker for one request, the first included.",
	},
	{
		Name: "retry_interval", Group: groupRetries, Types: OnAJP, Kind: KindInteger, Unit: UnitMilliseconds, Default: "100", Max: maxInteger,
		Doc: "Pause before each further attempt. 0: none.",
	},
	{
		Name: "recovery_options", Group: groupRetries, Types: OnAJP, Kind: KindInteger, Default: "0",
		Doc: "When a request may be repeated after its connection broke, a sum of: 1 not once it was sent, 2 not once response " +
			"headers arrived, 4 close the connection hard when the client fails, 8 repeat HEAD nevertheless, 16 repeat GET nevertheless.",
		Notes: "Where it is not set, mod_gojk is more careful than mod_jk: nothing is repeated once a part of a response has been " +
			"passed on, and a request that is not safe to repeat is not repeated once it was sent.",
	},
	{
		Name: "fail_on_status", Group: groupRetries, Types: OnAJP, Kind: KindStatuses,
		Doc: "HTTP statuses that count as a failure of the worker: the response is dropped and the request tried elsewhere. With a " +
			"`-` in front the member stays usable.",
	},
	{
		Name: "busy_limit", Group: groupRetries, Types: OnAJP, Kind: KindInteger, Default: "0", Max: maxInteger,
		Doc: "Most requests at a time over all children; one more is refused. 0: no limit.",
	},

	{
		Name: "lbfactor", Group: groupMember, Types: OnAJP, Kind: KindInteger, Default: "1", Min: 1, Max: maxInteger,
		Doc: "Weight: a member with 2 gets twice as much as one with 1.",
	},
	{
		Name: "distance", Group: groupMember, Types: OnAJP, Kind: KindInteger, Default: "0",
		Doc: "Preference: members with a greater distance are used only if none nearer is usable.",
	},
	{
		Name: "route", Group: groupMember, Types: OnAJP, Kind: KindName, Computed: "the worker's name", Aliases: []string{"jvm_route"},
		Doc:   "The `jvmRoute` of the Tomcat: what stands after the first `.` of its session ids.",
		Notes: "Unique in each balancer, otherwise httpd does not start.",
	},
	{
		Name: "domain", Group: groupMember, Types: OnAJP, Kind: KindName, Computed: "`route` up to its first `.`, if it has one",
		Doc: "Group of members that share sessions: when a member fails, its sessions go to its domain.",
	},
	{
		Name: "redirect", Group: groupMember, Types: OnAJP, Kind: KindName,
		Doc: "Route of the member that takes over when this one fails.",
	},
	{
		Name: "activation", Group: groupMember, Types: OnAJP, Kind: KindChoice, Default: "Active", Choices: []string{"Active", "Disabled", "Stopped"},
		Doc:   "Active: everything; Disabled: only requests of existing sessions; Stopped: nothing.",
		Notes: "It is the state at the start; the status page changes it.",
	},
	{
		Name: "stopped", Group: groupMember, Types: OnAJP, Kind: KindBoolean, Default: "false", Deprecated: "'activation=Stopped'",
		Doc: "Older form of `activation=Stopped`, used if `activation` is not set.",
	},
	{
		Name: "disabled", Group: groupMember, Types: OnAJP, Kind: KindBoolean, Default: "false", Deprecated: "'activation=Disabled'",
		Doc: "Older form of `activation=Disabled`, used if `activation` is not set.",
	},

	{
		Name: "balance_workers", Group: groupBalance, Types: OnLB, Kind: KindList, Aliases: []string{"balanced_workers"},
		Doc:   "The members, all of type ajp13. Required. Repeated lines add up.",
		Notes: "One worker may serve in several balancers; it has one connection pool, and its own state in each.",
	},
	{
		Name: "method", Group: groupBalance, Types: OnLB, Kind: KindChoice, Default: "Request",
		Choices: []string{"Request", "Traffic", "Busyness", "Session", "Next"},
		Doc: "What is balanced: Request the number of requests, Traffic the bytes, Busyness the requests in flight, Session and " +
			"Next the new sessions.",
	},
	{
		Name: "lock", Group: groupBalance, Types: OnLB, Kind: KindChoice, Default: "Optimistic", Choices: []string{"Optimistic", "Pessimistic"},
		Doc:   "How children agree on the balance.",
		Notes: "mod_gojk's counters are atomic: both are exact, and nobody waits.",
	},
	{
		Name: "secret", Group: groupBalance, Types: OnLB, Kind: KindSecret,
		Doc: "Secret of the members that have none of their own, for requests that come through this balancer.",
	},

	{
		Name: "sticky_session", Group: groupSessions, Types: OnLB, Kind: KindBoolean, Default: "true",
		Doc: "Whether requests of a session go to the member whose route is in the session id.",
	},
	{
		Name: "sticky_session_force", Group: groupSessions, Types: OnLB, Kind: KindBoolean, Default: "false",
		Doc: "Whether a request fails (503) when its member is not usable, instead of losing its session.",
	},
	{
		Name: "session_cookie", Group: groupSessions, Types: OnLB, Kind: KindName, Default: "JSESSIONID",
		Doc: "Cookie that holds the session id; case counts.",
	},
	{
		Name: "session_path", Group: groupSessions, Types: OnLB, Kind: KindName, Default: ";jsessionid",
		Doc: "Path parameter that holds the session id, with its `;`; it comes before the cookie.",
	},
	{
		Name: "set_session_cookie", Group: groupSessions, Types: OnLB, Kind: KindBoolean, Default: "false",
		Doc: "Whether the balancer itself sets a cookie with the route, `session_cookie`=`.route`, for applications without sessions.",
		Notes: "It is set with each response to a request whose session does not name the member that answered, is HttpOnly, and Secure over TLS. " +
			"mod_jk ignores name and path of the rule, sends one for each attempt, and none if there is only one member.",
	},
	{
		Name: "session_cookie_path", Group: groupSessions, Types: OnLB, Kind: KindName, Default: "/",
		Doc: "Path of that cookie.",
	},

	{
		Name: "retries", Group: groupRecovery, Types: OnLB, Kind: KindInteger, Default: "2", Min: 1, Max: maxInteger,
		Doc: "Rounds over the members for one request.",
	},
	{
		Name: "lb_retries", Group: groupRecovery, Types: OnLB, Kind: KindInteger, Default: "2", Min: 1, Max: maxInteger,
		Doc: "Most members tried in a round.",
	},
	{
		Name: "retry_interval", Group: groupRecovery, Types: OnLB, Kind: KindInteger, Unit: UnitMilliseconds, Default: "100", Max: maxInteger,
		Doc: "Pause between two rounds. 0: none.",
	},
	{
		Name: "recover_time", Group: groupRecovery, Types: OnLB, Kind: KindInteger, Unit: UnitSeconds, Default: "60", Min: 1, Max: maxInteger,
		Doc: "Least time that a member stays in error before it is tried again; maintenance then finds it.",
	},
	{
		Name: "error_escalation_time", Group: groupRecovery, Types: OnLB, Kind: KindInteger, Unit: UnitSeconds, Max: maxInteger,
		Computed: "`recover_time` / 2",
		Doc:      "How long a busy member may have errors before it counts as failed. 0: it fails at once.",
	},
	{
		Name: "max_reply_timeouts", Group: groupRecovery, Types: OnLB, Kind: KindInteger, Default: "0",
		Doc: "Reply timeouts that a member may have before one of them puts it in error; each maintenance run halves the count. Negative: any number.",
	},

	{
		Name: "css", Group: groupStatus, Types: OnStatus, Kind: KindText,
		Doc: "URL of a style sheet for the HTML page.",
	},
	{
		Name: "prefix", Group: groupStatus, Types: OnStatus, Kind: KindText, Default: "worker",
		Doc: "First part of every key in the properties format.",
	},
	{
		Name: "ns", Group: groupStatus, Types: OnStatus, Kind: KindText, Default: "jk:",
		Doc: "Prefix of XML elements. A value that begins with `-`: none.",
	},
	{
		Name: "xmlns", Group: groupStatus, Types: OnStatus, Kind: KindText, Default: `xmlns:jk="http://tomcat.apache.org"`,
		Doc: "Attribute of the XML root element. A value that begins with `-`: none.",
	},
	{
		Name: "doctype", Group: groupStatus, Types: OnStatus, Kind: KindText,
		Doc: "Line after the XML declaration.",
	},
	{
		Name: "read_only", Group: groupStatus, Types: OnStatus, Kind: KindBoolean, Default: "false",
		Doc: "Whether commands that change something are refused.",
	},
	{
		Name: "user", Group: groupStatus, Types: OnStatus, Kind: KindList, Computed: "everybody",
		Doc: "Users that may use the status worker. Repeated lines add up.",
	},
	{
		Name: "user_case_insensitive", Group: groupStatus, Types: OnStatus, Kind: KindBoolean, Default: "false",
		Doc: "Whether case does not count in `user`.",
	},
	{
		Name: "good", Group: groupStatus, Types: OnStatus, Kind: KindList, Default: "a.o,a.i,a.b,a.r",
		Doc: "Combinations of activation and state that are rated good: each `x` or `x.y`, by first letter.",
	},
	{
		Name: "bad", Group: groupStatus, Types: OnStatus, Kind: KindList, Default: "s,e",
		Doc: "Combinations that are rated bad; all others are degraded.",
	},

	{
		Name: "secretkey", Group: groupIgnored, Types: OnAJP, Kind: KindIgnored,
		Doc: "Login key of the protocol ajp14, which does not exist any more. The secret of an AJP/1.3 connector is `secret`.",
	},
	ignoredProperty("recycle_timeout", OnAJP, "'connection_pool_timeout'"),
	ignoredProperty("local_worker", OnLB|OnAJP, "'distance'"),
	ignoredProperty("local_worker_only", OnLB|OnAJP, "'sticky_session_force'"),
	ignoredProperty("sysprops", OnAll, "nothing"),
	ignoredProperty("stderr", OnAll, "nothing"),
	ignoredProperty("stdout", OnAll, "nothing"),
	ignoredProperty("mx", OnAll, "nothing"),
	ignoredProperty("ms", OnAll, "nothing"),
	ignoredProperty("class_path", OnAll, "nothing"),
	ignoredProperty("bridge", OnAll, "nothing"),
	ignoredProperty("jvm_lib", OnAll, "nothing"),
	ignoredProperty("ld_path", OnAll, "nothing"),
	ignoredProperty("cmd_line", OnAll, "nothing"),
	ignoredProperty("native_lib", OnAll, "nothing"),
}

// maxInteger is the greatest integer of mod_jk: a C int.
const maxInteger = 1<<31 - 1

// ignoredProperty is a row for a leftover of older mod_jk versions.
func ignoredProperty(name string, types Types, instead string) Property {
	doc := "Leftover of in-process Java (JNI)."
	if instead != "nothing" {
		doc = "Leftover of older versions."
	}
	return Property{Name: name, Group: groupIgnored, Types: types, Kind: KindIgnored, Deprecated: instead, Doc: doc}
}
