package main

import (
	"fmt"
	"strings"
	"time"

	"mod_gojk/test/harness"
)

// messageCases: what the logs say, and at which level, in each of the situations that section 8.2 of the description of mod_jk lists. The texts are
// those that people look for.
func messageCases() []Case {
	trace := debugMessages()
	trace.Name, trace.Config = "messages/trace", "JkLogLevel trace\n"+direct
	trace.Workers, trace.Steps = one(), []Step{{Name: "more than 1024 bytes", Send: get("/x", headersOf(2000)...), Says: []string{"): 0000    ", "): 03f0    ", "): 0400    "}}}
	return []Case{
		refusedMessages(), brokenMessages(), malformedMessages(), statusMessages(), clientMessages(), pingMessages(), poolMessages(), balancerMessages(),
		sessionMessages(), mapMessages(), mapFileMessages(), propertyMessages(), debugMessages(), trace,
	}
}

func refusedMessages() Case {
	return Case{Name: "messages/refused", Workers: one(), Config: direct, Steps: []Step{
		{Name: "refused", Before: []Happening{down("a")}, Send: get("/x"), Says: []string{
			"connect to 127.0.0.1", "failed (errno=111)", "(a) Failed opening socket to (127.0.0.1",
			"(a) connecting to backend failed. Tomcat is probably not started or is listening on the wrong port",
			"(a) sending request to tomcat failed (recoverable), because of error during request sending (attempt=1)",
			"(a) sending request to tomcat failed (recoverable), because of error during request sending (attempt=2)",
			"(a) connecting to tomcat failed (rc=-3, errors=1, client_errors=0).", "Service error=-3 for worker=a",
		}},
	}}
}

// brokenMessages: the container closes its connection, or is silent.
func brokenMessages() Case {
	part := func(actions ...harness.Action) Scripts {
		return a(append([]harness.Action{head(200, "OK"), chunk("part"), flush()}, actions...)...)
	}
	return Case{Name: "messages/broken", Workers: one("reply_timeout=300", "retries=1", "recovery_options=3"), Config: direct, Steps: []Step{
		{Name: "closed before the head", Send: get("/x"), On: a(closes()), Says: []string{
			"(a) can't receive the response header message from tomcat, tomcat (127.0.0.1", "has forced a connection close",
			"(a) Tomcat is down or refused connection. No response has been sent to the client (yet)",
			"(a) sending request to tomcat failed (unrecoverable),", "(a) did not receive END_RESPONSE, closing socket", "Service error=0 for worker=a",
		}},
		{Name: "closed in a packet", Send: get("/x"), On: a(raw(append([]byte("AB\x00\x20"), "\x04\x00\xc8"...)...), closes()), Says: []string{
			"(a) can't receive the response body message from tomcat", "(a) Tomcat is down or refused connection. No response has been sent to the client (yet)",
		}},
		{Name: "closed after a part", Send: get("/x"), On: part(closes()), Says: []string{
			"(a) Tomcat is down or network problems. Part of the response has already been sent to the client", "Service error=0 for worker=a",
		}},
		{Name: "silent", Send: get("/x"), On: a(hostCloses()), Says: []string{
			"(a) Timeout with waiting reply from tomcat. Tomcat is down, stopped or network problems", "because of reply timeout", "Service error=-10 for worker=a",
		}},
	}}
}

// malformedMessages: what comes is no AJP, or none that can be used.
func malformedMessages() Case {
	return Case{Name: "messages/malformed", Workers: one("retries=1"), Config: direct, Steps: []Step{
		{Name: "HTTP", Send: get("/x"), On: a(raw([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")...), hostCloses()), Says: []string{
			"(a) wrong message format 0x4854 from 127.0.0.1", "because of protocol error (attempt=1)", "Service error=-11 for worker=a",
		}},
		{Name: "too large", Send: get("/x"), On: a(raw(0x41, 0x42, 0x20, 0x01), hostCloses()), Says: []string{"(a) wrong message size 8193 8192 from 127.0.0.1"}},
		{Name: "unknown code", Send: get("/x"), On: a(packet(77, 1, 2), hostCloses()), Says: []string{"(a) Unknown AJP protocol code: 4D", "because of server error", "Service error="}},
		{Name: "second head", Send: get("/x"), On: a(head(200, "OK"), chunk("x"), head(200, "OK"), hostCloses()), Says: []string{"(a) Tomcat already send headers"}},
		{Name: "no reuse", Send: get("/x"), On: a(head(200, "OK"), chunk("x"), endClose()), Says: []string{"(a) AJP13 protocol: Reuse is set to false"}},
		{Name: "body first", Send: get("/x"), On: a(chunk("x"), closes()), Says: []string{"Write without start, starting with defaults"}},
		{Name: "served", Send: get("/x")},
		{Name: "request too large", Send: get("/x", headersOf(9000)...), Says: []string{
			"failed appending", "(a) Creating AJP message failed without recovery - check max_packet_size",
			"because of protocol error during request sending", "Aborting connection for worker=a", "Service error=",
		}},
	}}
}

// headersOf is headers of about n bytes, none of which httpd finds too long.
func headersOf(n int) (list []string) {
	for ; n > 0; n -= 1000 {
		list = append(list, fmt.Sprintf("X-Fill-%d: %s", n, strings.Repeat("x", 990)))
	}
	return list
}

// statusMessages: fail_on_status, and errors without a body.
func statusMessages() Case {
	return Case{Name: "messages/status", Workers: one("retries=1", "fail_on_status=501,-502"), Config: direct, Steps: []Step{
		{Name: "hard", Send: get("/x"), On: a(head(501, ""), end()), Says: []string{
			"(a) request failed, because of response status 501", "because of response status", "Service error=-9 for worker=a",
		}},
		{Name: "soft", Send: get("/x"), On: a(head(502, ""), end()), Says: []string{"(a) request failed (soft), because of response status 502", "Service error=-8 for worker=a"}},
		{Name: "error without a body", Send: get("/x"), On: a(head(404, ""), end()), Says: []string{"No body with status=404 for worker=a"}},
		{Name: "error with a body", Send: get("/x"), On: a(head(404, ""), chunk("x"), end()), Says: []string{"No body with status"}},
		{Name: "no body, no error", Send: get("/x"), On: a(head(204, ""), end()), Says: []string{"No body with status"}},
	}}
}

// clientMessages: the client fails.
func clientMessages() Case {
	big := []harness.Action{head(200, "OK"), chunksOf(fill(4_000_000), 8000), end()}
	return Case{Name: "messages/client", Workers: one("retries=1"), Config: direct + "SendBufferSize 4096\n", Steps: []Step{
		{Name: "leaves during the response", Send: get("/x"), Leave: LeaveReset, On: a(big...), Says: []string{
			"(a) Writing to client aborted or client network problems", "because of client write error", "Aborting connection for worker=a", "Client connection aborted for worker=",
		}},
		{Name: "leaves before its first packet is whole", Send: request("POST", "/x", []string{"Content-Length: 10"}, "") + "bod", Leave: LeaveClose, Says: []string{
			"(a) receiving data from client failed. Connection aborted or network problems", "Aborting connection for worker=a",
		}},
		{Name: "leaves during its body", Send: request("POST", "/x", []string{"Content-Length: 100000"}, "") + fill(50000), Leave: LeaveReset, On: a(readBody(8186)), Says: []string{
			"(a) Reading from client aborted or client network problems", "because of client read error", "Aborting connection for worker=a", "Client connection aborted for worker=",
		}},
	}}
}

// pingMessages: probes that fail.
func pingMessages() Case {
	return Case{Name: "messages/pings", Workers: one("retries=1", "ping_mode=CP", "ping_timeout=200"), Config: direct, Steps: []Step{
		{Name: "silent", Before: []Happening{pings("a", harness.PingSilent)}, Send: get("/x"), Says: []string{
			"(a) timeout in reply cpong after 200 ms", "(a) cping/cpong after connecting to the backend server failed",
		}},
		{Name: "another answer", Before: []Happening{pings("a", harness.PingWrong)}, Send: get("/x"), Says: []string{
			"(a) awaited reply cpong, received 5 instead. Closing connection", "(a) cping/cpong after connecting to the backend server failed",
		}},
		{Name: "closed", Before: []Happening{pings("a", harness.PingClose)}, Send: get("/x"), Says: []string{
			"(a) awaited reply cpong, not received", "(a) cping/cpong after connecting to the backend server failed",
		}},
		{Name: "answered", Before: []Happening{pings("a", harness.PingAnswer)}, Send: get("/x"), Says: []string{"cpong"}},
		{Name: "silent on an idle connection", Before: []Happening{pings("a", harness.PingSilent)}, Send: get("/x"), Says: []string{
			"(a) failed sending request, socket", "prepost cping/cpong failure", "(a) no usable connection found, will create a new one",
		}},
	}}
}

// poolMessages: there are not enough endpoints.
func poolMessages() Case {
	return Case{
		Name: "messages/pool", Workers: list("a,lb,limited", worker("limited", "host=127.0.0.1", "port={a}", "busy_limit=1", "retries=1"), ajp("a", "connection_pool_size=1", "connection_acquire_timeout=100", "retries=1"), lb("lb", "balance_workers=b", "retries=1"), ajp("b", "connection_pool_size=1", "connection_acquire_timeout=100", "retries=1")),
		Containers: ab, Config: "JkMount /a/* a\nJkMount /lb/* lb\nJkMount /limited/* limited\n", Steps: []Step{
			{Name: "first of a limited one", Send: get("/limited/1"), Begin: "zero", On: a(hold("zero"), head(200, "OK"), chunk("x"), endClose())},
			{Name: "second of a limited one", Send: get("/limited/2"), Says: []string{"(limited) sending request to tomcat failed (recoverable), busy limit 1 reached", "Service error=-12 for worker=limited"}},
			{Name: "first of a limited one ends", Finish: "zero"},
			{Name: "first", Send: get("/a/1"), Begin: "one", On: a(hold("one"), head(200, "OK"), chunk("x"), end())},
			{Name: "second", Send: get("/a/2"), Says: []string{"Unable to get the free endpoint for worker a from 1 slots", "Could not get endpoint for worker=a"}},
			{Name: "first ends", Finish: "one"},
			{Name: "first of the balancer", Send: get("/lb/1"), Begin: "two", On: on("b", hold("two"), head(200, "OK"), chunk("x"), end())},
			{Name: "second of the balancer", Send: get("/lb/2"), Says: []string{
				"Unable to get the free endpoint for worker b from 1 slots", "could not get free endpoint for worker b (", "All tomcat instances are busy or in error state",
			}},
			{Name: "first of the balancer ends", Finish: "two"},
		},
	}
}

// balancerMessages: members fail.
func balancerMessages() Case {
	members := []string{"retries=1", "recovery_options=3", "connect_timeout=0"}
	return Case{
		Name: "messages/balancer", Containers: ab, Config: "JkMount /* lb\nJkMount /off off\nJkUnMount /off lb\n",
		Workers: list("lb,off", lb("lb", "balance_workers=a,b", "retries=3"), lb("off", "balance_workers=c"), ajp("a", members...), ajp("b", members...),
			worker("c", "host=127.0.0.1", "port={b}", "activation=stopped")),
		Steps: []Step{
			{Name: "all stopped", Send: get("/off"), Says: []string{
				"All tomcat instances failed, no more workers left for recovery (attempt=1, retry=0)", "All tomcat instances are busy or in error state",
			}},
			{Name: "served", Send: get("/x;jsessionid=1.a")},
			{Name: "client", Send: get("/x;jsessionid=1.a", headersOf(9000)...), Says: []string{
				"unrecoverable error 413, request failed. Client failed in the middle of request, we can't recover to another instance.", "Aborting connection for worker=lb",
			}},
			{Name: "one is down", Before: []Happening{down("a")}, Send: get("/x;jsessionid=1.a"), Says: []string{"service failed, worker a is in error state"}},
			{Name: "busy in error", Send: get("/x;jsessionid=1.b"), On: on("b", closes()), Says: []string{
				"unrecoverable error 502, request failed. Tomcat failed in the middle of request, we can't recover to another instance.", "service failed, worker b is in error state",
			}},
			{Name: "all down", Before: []Happening{down("b")}, Send: get("/x"), Says: []string{
				"Forcing recovery once for 2 workers", "All tomcat instances failed, no more workers left (attempt=", "All tomcat instances are busy or in error state",
				"All tomcat instances failed, no more workers left", "Service error=", "service failed, worker a is in error state",
			}},
		},
	}
}

// sessionMessages: what is wrong with sessions.
func sessionMessages() Case {
	return Case{
		Name: "messages/sessions", Containers: ab, Config: "JkMount /* lb\n",
		Workers: list("lb", lb("lb", "balance_workers=a,b", "sticky_session_force=1"), ajp("a", "retries=1", "max_reply_timeouts=9", "reply_timeout=300"), ajp("b", "retries=1")),
		Steps: []Step{
			{Name: "empty", Send: get("/x", "Cookie: JSESSIONID=; a=b"), Says: []string{"Detected empty session identifier."}},
			{Name: "forced", Before: []Happening{down("b")}, Send: get("/x;jsessionid=1.b"), Says: []string{"service failed, worker b is in error state"}},
			{Name: "forced again", Send: get("/x;jsessionid=1.b"), Says: []string{"all workers are in error state for session"}},
		},
	}
}

// mapMessages: URIs and workers that are not to be had.
func mapMessages() Case {
	return Case{
		Name: "messages/mapping", Workers: one(), Ports: 2, Steps: []Step{
			{Name: "start", Before: []Happening{nothing}, Says: []string{
				"Could not find worker with name 'nobody' in uri map post processing", "unknown rule extension",
			}},
			{Name: "unknown worker", Send: get("/nobody"), Says: []string{"Could not find a worker for worker name=nobody"}},
			{Name: "worker by name", Send: get("/named"), Says: []string{"Could not find a worker for worker name=noone"}},
			{Name: "escapes above the root", Send: get("/x/..;/..;/y"), Says: []string{"contains a '/../' sequence that tries to escape above the root"}},
			{Name: "no path", Send: "OPTIONS * HTTP/1.1\r\nHost: " + host + "\r\n\r\n", Says: []string{"does not start with '/'"}},
			{Name: "server without mounts", Send: get("/x/y"), Port: 1, Says: []string{"No worker maps defined for"}},
			{Name: "unsafe", Send: get("/x/a%25b"), Says: []string{"Potentially unsafe request url '"}},
		},
		Config: "JkMount /x/* a;nonsense=1\nJkMount /nobody nobody\nJkOptions +RejectUnsafeURI\n<Location /named>\nSetHandler jakarta-servlet\nSetEnv JK_WORKER_NAME noone\n</Location>\n" +
			"<VirtualHost *:${PORT2}>\nServerName empty.test\n</VirtualHost>\n",
	}
}

// mapFileMessages: a mount file that changes.
func mapFileMessages() Case {
	return Case{
		Name: "messages/mount file", Workers: one(), Config: reloading, Beside: map[string]string{mapFile: "/x=a\nnoslash=a\n/x=a\n"}, Steps: []Step{
			{Name: "start", Before: []Happening{nothing}, Says: []string{"invalid mapping rule", "Duplicate key"}},
			{
				Name: "changed", Before: []Happening{write(mapFile, "/x=a\n/y=a\n")}, Send: get("/y"), Until: Until{Status: 200},
				Says: []string{"Reloaded urimaps from"},
			},
			{Name: "gone", Before: []Happening{remove(mapFile)}, Send: get("/y"), Until: Until{Says: "Unable to stat|No such file"}, Says: []string{"Unable to stat the"}},
		},
	}
}

// propertyMessages: findings with which httpd starts.
func propertyMessages() Case {
	return Case{
		Name: "messages/properties", Workers: one("connect_timeout=10", "recycle_timeout=60", "cachesize=4") + worker("a", "connect_timeout=10"),
		Config: direct, Steps: []Step{{Name: "start", Before: []Happening{nothing}, Says: []string{"is deprecated", "Duplicate key 'worker.a.connect_timeout' detected"}}},
	}
}

// debugMessages: what is said about a request that nothing is wrong with.
func debugMessages() Case {
	return Case{
		Name: "messages/debug", Config: "JkLogLevel debug\nJkMount /* lb\nJkMount /exact lb\n", Steps: []Step{
			{Name: "first", Send: get("/x;jsessionid=1.a"), On: a(head(200, "OK", "X-A", "1"), chunk("hello"), end()), Says: []string{
				"Found a wildchar match '/*=lb'", "Service protocol=HTTP/1.1 method=GET ssl=false host=(null) addr=127.0.0.1 name=" + host,
				"searching worker for session route a", "service worker=a route=a failover=false", "(a) acquired connection pool slot=0",
				"sending to ajp13 pos=4 len=5 max=", "0000    12 34 00 01 0A", "received from ajp13 pos=0 len=1 max=", "0000    09 ",
				"sending to ajp13 pos=4 len=", "- .4......HTTP/1.1", "received from ajp13 pos=0 len=20 max=8192",
				"0000    04 00 C8 00 02 4F 4B 00 00 01 00 03 58 2D 41 00  - .....OK.....X-A.", "(a) status = 200", "(a) Header[0] [X-A] = [1]",
				"received from ajp13 pos=0 len=9 max=8192", "received from ajp13 pos=0 len=2 max=8192", "(a) AJP13 protocol: Reuse is OK",
				"Service finished with status=200 for worker=lb",
			}},
			{Name: "second", Send: get("/exact"), Says: []string{"Found an exact match '/exact=lb'", "Service finished with status=200 for worker=lb"}},
			{Name: "1024 bytes", Send: get("/x", headersOf(2000)...), Says: []string{"): 0000    ", "): 03f0    ", "): 0400    "}},
			{Name: "down", Before: []Happening{down("a"), pass(10 * time.Millisecond)}, Send: get("/x;jsessionid=1.a"), Says: []string{"recoverable error... will try to recover on other worker", "Service finished"}},
		},
		Containers: ab, Workers: list("lb", lb("lb", "balance_workers=a,b"), ajp("a", "ping_mode=P"), ajp("b")),
	}
}
