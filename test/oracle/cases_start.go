package main

// startCases: configurations with which httpd starts, or refuses to. They have no steps: that is all that is compared.
func startCases() []Case {
	var cases []Case
	for _, c := range []struct{ name, workers, config string }{
		{"nothing but a worker", one(), ""},
		{"mount without a worker file", "", "JkMount /* a\n"},
		{"worker properties instead of a file", "", "JkWorkerProperty worker.list=a\nJkWorkerProperty worker.a.port={a}\nJkMount /* a\n"},
		{"unknown worker type", list("a", worker("a", "type=ajp99")), direct},
		{"unknown property", one("surprise=1"), direct},
		{"unknown property of a worker nobody uses", one() + worker("other", "surprise=1"), direct},
		{"property of another type", one("balance_workers=a", "css=x"), direct},
		{"property without a worker", list("a", ajp("a")) + "worker.surprise=1\n", direct},
		{"word that is a variable", "anything=1\n" + one("port=$(anything)"), direct},
		{"variable that is missing", one("secret=$(missing)"), direct},
		{"list names a missing worker", list("a,b", ajp("a")), direct},
		{"balancer without members", list("lb", lb("lb")), "JkMount /* lb\n"},
		{"balancer with a missing member", list("lb", lb("lb", "balance_workers=a,b"), ajp("a")), "JkMount /* lb\n"},
		{"two members with one route", list("lb", lb("lb", "balance_workers=a,b"), ajp("a", "route=r"), worker("b", "type=ajp13", "port=1", "route=r")), "JkMount /* lb\n"},
		{"reference to nothing", list("a", worker("a", "reference=worker.none", "port={a}")), direct},
		{"reference loop", list("a", worker("a", "reference=worker.b"), worker("b", "reference=worker.a")), direct},
		{"reference chain", list("a", worker("a", "reference=worker.b"), worker("b", "reference=worker.c"), worker("c", "type=ajp13", "port={a}")), direct},
		{"worker name of 63 bytes", list(fill63, worker(fill63, "type=ajp13")), "JkMount /* " + fill63 + "\n"},
		{"worker name of 64 bytes", list(fill63+"x", worker(fill63+"x", "type=ajp13")), "JkMount /* " + fill63 + "x\n"},
		{"route of 64 bytes", one("route=" + fill63 + "x"), direct},
		{"route of a member of 64 bytes", list("lb", lb("lb", "balance_workers=a"), ajp("a", "route="+fill63+"x")), "JkMount /* lb\n"},
		{"route of a member of 63 bytes", list("lb", lb("lb", "balance_workers=a"), ajp("a", "route="+fill63)), "JkMount /* lb\n"},
		{"worker name of 60 bytes", list(fill63[:60], worker(fill63[:60], "type=ajp13")), "JkMount /* " + fill63[:60] + "\n"},
		{"worker name of 61 bytes", list(fill63[:61], worker(fill63[:61], "type=ajp13")), "JkMount /* " + fill63[:61] + "\n"},
		{"route of 63 bytes", one("route=" + fill63), direct},
		{"port that is no number", one("port=http"), direct},
		{"negative numbers", one("retries=-1", "lbfactor=-1", "socket_timeout=-1"), direct},
		{"booleans that are none", one("socket_keepalive=perhaps"), direct},
		{"status worker", list("a,s", ajp("a"), worker("s", "type=status")), direct + "JkMount /status s\n"},
		{"status worker with an unknown rating", list("s", worker("s", "type=status", "good=z")), "JkMount /status s\n"},
		{"mount pattern without a slash in workers.properties", one("mount=app"), direct},
		{"host that has no address", list("a", worker("a", "host=no-such-host.invalid")), direct},
		{"lines without an equals sign", one() + "nonsense\n=nothing\nworker.a.retries=\n", direct},
		{"comment in a value", one("retries=2#3"), direct},
		{"JkMount without a slash", one(), "JkMount app a\n"},
		{"JkMount without a worker", one(), "JkMount /app\n"},
		{"JkMount with two arguments in a Location", one(), "<Location /x>\nJkMount /y a\n</Location>\n"},
		{"JkMount in a Location", one(), "<Location /x>\nJkMount a\n</Location>\n"},
		{"JkMount in a LocationMatch with a caret", one(), "<LocationMatch ^/x>\nJkMount a\n</LocationMatch>\n"},
		{"JkUnMount without a mount", one(), "JkUnMount /x a\n"},
		{"unknown option", one(), direct + "JkOptions +Surprise\n"},
		{"every option", one(), direct + "JkOptions +ForwardURIProxy +ForwardDirectories +ForwardLocalAddress +FlushPackets +FlushHeader +DisableReuse +ForwardSSLCertChain +ForwardKeySize +RejectUnsafeURI +CollapseSlashesAll\n"},
		{"a minus before a URI mode", one(), direct + "JkOptions -ForwardURIProxy\n"},
		{"option in lower case", one(), direct + "JkOptions +flushpackets\n"},
		{"log level that is none", one(), direct + "JkLogLevel loud\n"},
		{"JkMountCopy All in a virtual host", one(), vhosts(direct, "JkMountCopy All\n")},
		{"JkMountCopy with another word", one(), direct + "JkMountCopy Maybe\n"},
		{"JkWorkersFile in a virtual host", one(), vhosts(direct, "JkWorkersFile ${DIR}/workers.properties\n")},
		{"JkShmFile in a virtual host", one(), vhosts(direct, "JkShmFile ${DIR}/other\n")},
		{"JkWorkersFile twice", one(), direct + "JkWorkersFile ${DIR}/workers.properties\n"},
		{"JkWorkersFile that is missing", "", direct + "JkWorkersFile ${DIR}/missing\n"},
		{"JkLogFile in a missing folder", one(), direct + "JkLogFile ${DIR}/missing/log\n"},
		{"JkLogFile into a program", one(), direct + "JkLogFile \"|/bin/cat\"\n"},
		{"JkShmFile in a missing folder", one(), direct + "JkShmFile ${DIR}/missing/shm\n"},
		{"JkShmSize", one(), direct + "JkShmSize 1\n"},
		{"JkWatchdogInterval", one(), direct + "JkWatchdogInterval 1\n"},
		{"JkWatchdogInterval that is no number", one(), direct + "JkWatchdogInterval soon\n"},
		{"JkWorkerProperty that is unknown", one(), direct + "JkWorkerProperty worker.a.surprise=1\n"},
		{"JkWorkerProperty without an equals sign", one(), direct + "JkWorkerProperty worker.a.port\n"},
	} {
		cases = append(cases, Case{Name: "start/" + c.name, Workers: c.workers, Config: c.config, Ports: 2})
	}
	return cases
}

// fill63 is the longest name that mod_jk takes.
const fill63 = "w23456789w123456789w123456789w123456789w123456789w123456789w123"
