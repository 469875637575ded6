// Licensed under the Apache License, Version 2.0; see LICENSE.

package config

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// findingTests provoke each kind of finding at least once (TestFindings_AreAllTested). A text begins in line 1.
var findingTests = []struct {
	name       string
	text       string
	directives []DirectiveInput
	change     func(*Input)
	id         ID
	line       int    // in the file that the finding belongs to
	want       string // a part of its text
}{
	{name: "unreadable file", change: func(in *Input) { in.Files[0].Errno = 13 }, id: idUnreadable, want: "the file cannot be read: permission denied; accepted: "},
	{name: "long line", text: "\n" + strings.Repeat("x", 9000), id: idLineTooLong, line: 2, want: "the line is 9000 bytes long; accepted: at most 8191"},
	{name: "NUL", text: "a=\x00", id: idNulByte, line: 1, want: "NUL byte"},
	{name: "byte order mark", text: "\ufeffworker.list=a\nworker.a.port=1", id: idByteOrderMark, line: 1, want: "byte order mark"},
	{name: "no property", text: "worker.list a", id: idIgnoredLine, line: 1, want: "this is not a property; accepted: name=value"},
	{name: "no value", text: "#\n\nworker.a.domain=", id: idEmptyValue, line: 3, want: "'worker.a.domain' has no value; the line is ignored"},
	{name: "secret cut", text: "worker.list=a\nworker.a.secret=abc#def", id: idSecretCut, line: 2, want: "'worker.a.secret' (or a variable in it) ends at a '#'"},
	{name: "secret of a balancer cut", text: "worker.list=b\nworker.b.type=lb\nworker.b.balance_workers=a\nworker.a.port=1\nworker.b.secret=abc#", id: idSecretCut, line: 5, want: "'worker.b.secret' (or"},
	{name: "variable in a secret cut", text: "worker.list=a\nv=abc#def\nworker.a.secret=$(v)", id: idSecretCut, line: 3, want: "a variable in it"},
	{name: "secret that is only a comment", text: "worker.a.secret=#def", id: idSecretCut, line: 1, want: "'worker.a.secret' begins with '#'"},
	{name: "unsupported", text: "worker.a.hsot=x", id: idUnsupported, line: 1, want: "The attribute 'worker.a.hsot' is not supported; accepted: for example 'host'; httpd does not start"},
	{name: "unsupported and like nothing", text: "worker.a.x_y_z=x", id: idUnsupported, line: 1, want: "accepted: the attributes of docs/workers.properties.md"},
	{name: "deprecated", text: "worker.list=a\nworker.a.cachesize=3", id: idDeprecated, line: 2, want: "The attribute 'worker.a.cachesize' is deprecated; accepted: 'connection_pool_size' in its place; it is still honoured"},
	{name: "dead", text: "worker.list=a\nworker.a.recycle_timeout=3", id: idDeprecated, line: 2, want: "it is ignored"},
	{name: "duplicate", text: "worker.a.host=x\n\nworker.a.host=y", id: idDuplicate, line: 3, want: "Duplicate key 'worker.a.host' detected, first set in line 1;"},
	{name: "duplicate of JkWorkerProperty", text: "worker.a.host=y", directives: []DirectiveInput{directive(0, 9, "JkWorkerProperty", "worker.a.host=x")}, id: idDuplicate, line: 1, want: "first set in line 9 of httpd.conf"},
	{name: "duplicate of ServerRoot", text: "ServerRoot=y", id: idDuplicate, line: 1, want: "first set by mod_gojk"},
	{name: "unresolved", text: "worker.list=a\nworker.a.host=$(nosuch)", id: idUnresolved, line: 2, want: "'$(nosuch)' in the value of 'worker.a.host' is not defined"},
	{name: "many variables", text: "a=" + strings.Repeat("$(HOME)", 22), id: idTooManyVars, line: 1, want: "more than 21 variables"},
	{name: "long value", text: "a=" + strings.Repeat("x", 7000) + "\nb=" + strings.Repeat("$(a)", 10), id: idValueTooLong, line: 2, want: "the value of 'b' is 70000 bytes long once its variables are replaced; accepted: at most 65536"},
	{name: "empty variable", text: "worker.list=a\nworker.a.host=$(EMPTY)", id: idEmptyVariable, line: 2, want: "'worker.a.host' is empty once"},
	{name: "no worker", text: "worker.host=a", id: idNoWorkerName, line: 1, want: "'worker.host' names no worker; accepted: worker.<name>.host"},
	{name: "reference to nothing", text: "worker.a.reference=worker.t", id: idRefNotFound, line: 1, want: "Reference 'worker.a.reference=worker.t' not found"},
	{name: "loop", text: "worker.a.reference=worker.a", id: idRefLoop, line: 1, want: "Recursion limit 20 for worker references reached: 'worker.a.reference=worker.a' leads back to 'worker.a'"},
	{name: "deep references", text: deepReferences(21), id: idRefDepth, line: 21, want: "Recursion limit 20 for worker references reached with 'worker.w20.reference=worker.w21'"},
	{name: "template with unknown attribute", text: "t.hsot=1\nworker.a.reference=t", id: idRefUnsupported, line: 1, want: "'t.hsot' is not supported"},

	{name: "not a number", text: "worker.list=a\nworker.a.retries=two", id: idNotNumber, line: 2, want: "'worker.a.retries=two' is not a number, or too large a one; accepted: an integer of at least 1, perhaps with k or m directly behind it; 2 is used"},
	{name: "too large a number", text: "worker.list=a\nworker.a.reply_timeout=3000m", id: idNotNumber, line: 2, want: "an integer of at least 0 in milliseconds"},
	{name: "computed default", text: "worker.list=a\nworker.a.connection_pool_size=x", id: idNotNumber, line: 2, want: "25 is used"},
	{name: "text after the number", text: "worker.list=a\nworker.a.socket_timeout=10 s", id: idNumberRest, line: 2, want: "the text is ignored, the value is 10"},
	{name: "out of range, nearest", text: "worker.list=a\nworker.a.lbfactor=0", id: idOutOfRange, line: 2, want: "'worker.a.lbfactor=0' is out of range; accepted: an integer of at least 1, perhaps with k or m directly behind it; 1 is used"},
	{name: "out of range, default", text: "worker.list=a\nworker.a.connection_pool_size=-1", id: idOutOfRange, line: 2, want: "25 is used"},
	{name: "packet size", text: "worker.list=a\nworker.a.max_packet_size=100k", id: idOutOfRange, line: 2, want: "from 8192 to 65536 in bytes, perhaps with k or m directly behind it; 65536 is used"},
	{name: "packet size not rounded", text: "worker.list=a\nworker.a.max_packet_size=8193", id: idOutOfRange, line: 2, want: "9216 is used"},
	{name: "small socket buffer", text: "worker.list=a\nworker.a.socket_buffer=100", id: idOutOfRange, line: 2, want: "8192 is used"},
	{name: "recovery bits", text: "worker.list=a\nworker.a.recovery_options=35", id: idOutOfRange, line: 2, want: "accepted: a sum of 1, 2, 4, 8, 16; 3 is used"},
	{name: "watchdog", directives: []DirectiveInput{directive(0, 4, "JkWatchdogInterval", "5m")}, id: idOutOfRange, line: 4, want: "JkWatchdogInterval '5m' is not a number of seconds; accepted: an integer of at least 0; 5 is used"},
	{name: "bad port", text: "worker.list=a\nworker.a.port=65536", id: idBadPort, line: 2, want: "'worker.a.port=65536' is out of range; accepted: an integer from 0 to 65535, perhaps with k or m directly behind it; 0 is used"},
	{name: "negative port", text: "worker.list=a\nworker.a.port=-1", id: idBadPort, line: 2, want: "0 is used"},
	{name: "port is no number", text: "worker.list=a\nworker.a.port=ajp", id: idNotNumber, line: 2, want: "is not a number, or too large a one; accepted: an integer from 0 to 65535, perhaps with k or m directly behind it; 8009 is used"},
	{name: "not a boolean", text: "worker.list=a\nworker.a.socket_keepalive=2", id: idNotBoolean, line: 2, want: "'worker.a.socket_keepalive=2' is neither true nor false; accepted: on, 1, true, yes; off, 0, false, no; the default false is used"},
	{name: "not a choice", text: "worker.list=a\nworker.a.activation=x", id: idNotChoice, line: 2, want: "accepted: Active, Disabled, Stopped; the default Active is used"},
	{name: "first letter of a choice", text: "worker.list=a\nworker.a.activation=Dead", id: idNotChoice, line: 2, want: "it is taken for Disabled, because of its first letter"},
	{name: "long route", text: "worker.list=b\nworker.b.type=lb\nworker.b.balance_workers=a\nworker.a.route=" + strings.Repeat("r", 64), id: idTooLong, line: 4, want: "is 1 bytes too long; accepted: a maximum of 63 bytes is supported"},
	{name: "long domain", text: "worker.list=b\nworker.b.type=lb\nworker.b.balance_workers=a\nworker.a.port=1\nworker.a.domain=" + strings.Repeat("d", 64), id: idTooLong, line: 5, want: "is 1 bytes too long"},
	{name: "long route of no member", text: "worker.list=a\nworker.a.route=" + strings.Repeat("r", 64), id: idUnusedName, line: 2, want: "is 1 bytes too long; accepted: a maximum of 63 bytes; it is ignored, because the worker is no member of a balancer"},
	{name: "long redirect of no member", text: "worker.list=a\nworker.a.redirect=" + strings.Repeat("r", 70), id: idUnusedName, line: 2, want: "is 7 bytes too long"},
	{name: "long worker name", text: "worker.list=" + strings.Repeat("n", 70), id: idTooLong, line: 1, want: "is 7 bytes too long"},
	{name: "no status", text: "worker.list=a\nworker.a.fail_on_status=500 99", id: idListEntry, line: 2, want: "'worker.a.fail_on_status=500 99' has entries that are no HTTP status"},
	{name: "text after a status", text: "worker.list=a\nworker.a.fail_on_status=503x", id: idListEntry, line: 2, want: "what is no number there is ignored"},
	{name: "ping mode", text: "worker.list=a\nworker.a.ping_mode=CX", id: idPingMode, line: 2, want: "accepted: C, P, I, or A for all"},
	{name: "bad host", text: "worker.list=a\nworker.a.host=h:ajp", id: idBadHost, line: 2, want: "'worker.a.host=h:ajp' is neither a host nor a host with a port; accepted: a name or an IP address"},
	{name: "host too long for its port", text: "worker.list=a\nworker.a.host=" + strings.Repeat("h", 64) + ":1", id: idTooLong, line: 2, want: "is 1 bytes too long"},
	{name: "two ports", text: "worker.list=a\nworker.a.host=h:8009\nworker.a.port=8010", id: idTwoPorts, line: 3, want: "'worker.a.port=8010' differs from the port in 'worker.a.host=h:8009'; accepted: one of them"},
	{name: "two ports in a template", text: "worker.list=a\nworker.t.host=h:8009\nworker.t.port=8010\nworker.a.reference=worker.t", id: idTwoPorts, line: 3, want: "'worker.t.port=8010' differs"},
	{name: "relative socket", text: "worker.list=a\nworker.a.socket=run/t.sock", id: idBadPath, line: 2, want: "'worker.a.socket=run/t.sock' is not a path of a socket; accepted: an absolute path of at most 107 bytes"},
	{name: "long socket", text: "worker.list=a\nworker.a.socket=/" + strings.Repeat("s", 107), id: idBadPath, line: 2, want: "is not a path of a socket"},
	{name: "host beside a socket", text: "worker.list=a\nworker.a.socket=/t\nworker.a.host=h", id: idBesideSocket, line: 3, want: "'worker.a.host=h' has no effect beside 'worker.a.socket'; accepted: one of them; the socket is used"},
	{name: "wrong type", text: "worker.list=a\nworker.a.balance_workers=b", id: idWrongType, line: 2, want: "'worker.a.balance_workers' is no attribute of a worker of type ajp13; it is ignored"},
	{name: "global as attribute", text: "worker.list=a\nworker.a.maintain=5", id: idWrongType, line: 2, want: "'worker.a.maintain' is no attribute"},
	{name: "no effect", text: "worker.list=a\nworker.a.secretkey=x", id: idNoEffect, line: 2, want: "'worker.a.secretkey' has no effect; accepted: 'secret'"},

	{name: "unknown type", text: "worker.list=a\nworker.a.type=AJP13", id: idUnknownType, line: 2, want: "worker 'a' has an unknown type: 'worker.a.type=AJP13'; accepted: ajp13, lb, status"},
	{name: "removed type", text: "worker.list=a\nworker.a.type=ajp14", id: idRemovedType, line: 2, want: "worker 'a' has the type 'ajp14', which does not exist any more; accepted: type=ajp13"},
	{name: "undefined", text: "\nworker.list=a", id: idUndefined, line: 2, want: "nothing is defined for worker 'a'; accepted: 'worker.a.<attribute>=value'; it is an ajp13 worker at localhost:8009"},
	{name: "twice in the list", text: "worker.list=a a\nworker.a.port=1", id: idTwiceInList, line: 1, want: "'a' is twice in 'worker.list'"},
	{name: "twice a member", text: "worker.list=b\nworker.b.type=lb\nworker.b.balance_workers=a,a\nworker.a.port=1", id: idTwiceInList, line: 3, want: "'a' is twice in 'worker.b.balance_workers'"},
	{name: "no members", text: "worker.list=b\nworker.b.type=lb", id: idNoMembers, want: "balancer 'b' has no members; accepted: worker.b.balance_workers="},
	{name: "empty list of members", text: "worker.list=b\nworker.b.type=lb\nworker.b.balance_workers=,", id: idNoMembers, line: 3, want: "has no members"},
	{name: "member of another type", text: "worker.list=b,s\nworker.b.type=lb\nworker.b.balance_workers=s\nworker.s.type=status", id: idMemberType, line: 3, want: "member 's' of balancer 'b' is of type status; accepted: members of type ajp13"},
	{name: "balancer as member", text: "worker.list=b\nworker.b.type=lb\nworker.b.balance_workers=b", id: idMemberType, line: 3, want: "is of type lb"},
	{name: "same route", text: "worker.list=b\nworker.b.type=lb\nworker.b.balance_workers=x,a,c\nworker.a.route=r\nworker.c.route=r\nworker.x.port=1", id: idSameRoute, line: 3, want: "Balanced workers number 2 (a) and 3 (c) of 'b' share the same route 'r' - aborting configuration!"},
	{name: "no list", text: "worker.a.port=1", id: idNoList, want: "'worker.list' is not set; accepted: worker.list=<name>,<name>; the list 'ajp13' is used"},
	{name: "empty list", text: "worker.list=,\nworker.a.port=1", id: idNoList, line: 1, want: "'worker.list=,' names no worker"},
	{name: "reference of no worker", text: "worker.list=a\nworker.a.port=1\nworker.reference=worker.none", id: idNoWorkerName, line: 3, want: "it is ignored"},
	{name: "maintenance off", text: "worker.list=a\nworker.a.port=1\nworker.maintain=0", id: idMaintainOff, line: 3, want: "'worker.maintain=0' switches maintenance off"},
	{name: "empty pool", text: "worker.list=a\nworker.a.connection_pool_size=0", id: idPoolZero, line: 2, want: "leaves the worker without endpoints"},
	{name: "more kept than there is", text: "worker.list=a\nworker.a.connection_pool_minsize=26", id: idPoolMin, line: 2, want: "25 is used"},
	{name: "port 0", text: "worker.list=a\nworker.a.port=0", id: idNoContact, line: 2, want: "'worker.a.port=0': worker 'a' has no address"},
	{name: "redirect", text: "worker.list=b\nworker.b.type=lb\nworker.b.balance_workers=a\nworker.a.redirect=z", id: idRedirect, line: 4, want: "no member of balancer 'b' has the route that 'worker.a.redirect=z' names"},
	{name: "mount property of a member", text: "worker.list=b\nworker.b.type=lb\nworker.b.balance_workers=a\nworker.a.mount=/x", id: idMountUnlisted, line: 4, want: "'worker.a.mount=/x' belongs to a worker that is not in worker.list"},

	{name: "main server only", directives: []DirectiveInput{directive(1, 2, "JkWatchdogInterval", "1")}, id: idMainOnly, line: 2, want: "JkWatchdogInterval cannot occur within a VirtualHost"},
	{name: "JkMountCopy All in a virtual host", directives: []DirectiveInput{directive(1, 2, "JkMountCopy", "all")}, id: idMainOnly, line: 2, want: "JkMountCopy All cannot occur within"},
	{name: "JkWorkerProperty in a virtual host", directives: []DirectiveInput{directive(1, 2, "JkWorkerProperty", "a=b")}, id: idMainOnly, line: 2, want: "JkWorkerProperty cannot occur"},
	{name: "arguments", directives: []DirectiveInput{directive(0, 2, "JkMount", "/x")}, id: idDirectiveArgs, line: 2, want: "JkMount has 1 arguments; accepted: 2"},
	{name: "unknown directive", directives: []DirectiveInput{directive(0, 2, "JkNoSuch", "x")}, id: idNotDirective, line: 2, want: "'JkNoSuch' is not a directive of mod_gojk"},
	{name: "JkMountCopy", directives: []DirectiveInput{directive(0, 2, "JkMountCopy", "Yes")}, id: idMountCopy, line: 2, want: "JkMountCopy 'Yes' is unknown; accepted: On, Off"},
	{name: "option", directives: []DirectiveInput{directive(0, 2, "JkOptions", "+ForwardSSLKeySize")}, id: idOption, line: 2, want: "JkOptions: '+ForwardSSLKeySize' is not an option"},
	{name: "option with two signs", directives: []DirectiveInput{directive(0, 2, "JkOptions", "+-FlushHeader")}, id: idOption, line: 2, want: "JkOptions: '+-FlushHeader' is not an option"},
	{name: "mode switched off", directives: []DirectiveInput{directive(0, 2, "JkOptions", "-ForwardURIProxy")}, id: idOption, line: 2, want: "JkOptions: ForwardURIProxy cannot be switched off; accepted: another ForwardURI mode"},
	{name: "dead option", directives: []DirectiveInput{directive(0, 2, "JkOptions", "CollapseSlashesAll")}, id: idOptionDead, line: 2, want: "JkOptions: CollapseSlashesAll has no effect"},
	{name: "log level", directives: []DirectiveInput{directive(0, 2, "JkLogLevel", "warning")}, id: idLogLevel, line: 2, want: "JkLogLevel 'warning' is unknown; accepted: trace, debug, info, warn, error, emerg; info is used"},
	{name: "stamp", directives: []DirectiveInput{directive(0, 2, "JkLogStampFormat", "%i")}, id: idStampFormat, line: 2, want: `JkLogStampFormat: "%i" is not a conversion`},
	{name: "request log", directives: []DirectiveInput{directive(0, 2, "JkRequestLogFormat", "%w %>s")}, id: idRequestLog, line: 2, want: "JkRequestLogFormat: '%>' is not a token; accepted: %b %B %H %m %p %q %r %s %T %U %v %V %w %R; there is no request log"},
	{name: "JkMountFileReload", directives: []DirectiveInput{directive(1, 2, "JkMountFileReload", "-1")}, id: idOutOfRange, line: 2, want: "JkMountFileReload '-1' is not a number of seconds; accepted: an integer of at least 0; 0 is used"},
	{name: "too large a JkMountFileReload", directives: []DirectiveInput{directive(0, 2, "JkMountFileReload", "99999999999")}, id: idOutOfRange, line: 2, want: "0 is used"},
	{name: "JkStripSession", directives: []DirectiveInput{directive(1, 2, "JkStripSession", "yes", ";x")}, id: idOnOff, line: 2, want: "JkStripSession 'yes' is unknown; accepted: On or Off"},
	{name: "JkExtractSSL", directives: []DirectiveInput{directive(0, 2, "JkExtractSSL", "1")}, id: idOnOff, line: 2, want: "JkExtractSSL '1' is unknown; accepted: On or Off"},
	{name: "JkAutoAlias", directives: []DirectiveInput{directive(0, 2, "JkAutoAlias", "webapps")}, id: idAutoAlias, line: 2, want: "JkAutoAlias 'webapps' is not an absolute path"},
	{name: "JkMountCopy On in the main server", directives: []DirectiveInput{directive(0, 2, "JkMountCopy", "on")}, id: idCopyInMain, line: 2, want: "JkMountCopy On has no effect in the main server; accepted: All in the main server, or On in each VirtualHost"},
	{name: "two mount files", directives: []DirectiveInput{directive(1, 2, "JkMountFile", "/a"), directive(1, 3, "JkMountFile", "/b")}, id: idFileAgain, line: 3, want: "only this one is read"},
	{name: "too many arguments", directives: []DirectiveInput{directive(0, 2, "JkEnvVar", "a", "b", "c")}, id: idDirectiveArgs, line: 2, want: "JkEnvVar has 3 arguments; accepted: 1 or 2"},
	{name: "no option", directives: []DirectiveInput{directive(0, 2, "JkOptions")}, id: idDirectiveArgs, line: 2, want: "JkOptions has 0 arguments; accepted: 1 or more"},
	{name: "rule without '/'", change: mapOf("\n!*.jsp=a"), id: idMapRule, line: 2, want: "invalid mapping rule '!*.jsp': it does not begin with '/'; accepted: patterns such as /app/*"},
	{name: "variable of a mount file", change: mapOf("w=ajp13\n/x=$(w)"), id: idMapVariable, line: 1, want: "'w' is no rule, but a variable of this file; it is used as $(name) and maps nothing"},
	{name: "line of a mount file", change: mapOf("/x ajp13"), id: idIgnoredLine, line: 1, want: "this is not a rule; accepted: pattern=worker, or # and a comment"},
	{name: "rule without worker", change: mapOf("/x="), id: idEmptyValue, line: 1, want: "'/x' has no worker; accepted: pattern=worker; the line is ignored"},
	{name: "rule twice", change: mapOf("/x=ajp13\n/x=ajp13"), id: idDuplicate, line: 2, want: "Duplicate key '/x' detected, first set in line 1"},
	{name: "JkShmSize", directives: []DirectiveInput{directive(0, 2, "JkShmSize", "1024")}, id: idShmSize, line: 2, want: "JkShmSize is not needed"},
	{name: "mount without slash", directives: []DirectiveInput{directive(0, 2, "JkMount", "*.jsp", "a")}, id: idMountURI, line: 2, want: "JkMount context '*.jsp' should start with /"},
	{name: "mount property without slash", text: "worker.list=a\nworker.a.mount=/x !*.gif", id: idMountURI, line: 2, want: "has a pattern that does not begin with '/'"},
	{name: "mounted again", text: "worker.list=a\nworker.a.port=1", directives: []DirectiveInput{directive(0, 2, "JkMount", "/x", "a"), directive(0, 3, "JkMount", "/x", "a")}, id: idMountAgain, line: 3, want: "'/x' is mounted again, first in line 2"},
	{name: "mount to nothing", directives: []DirectiveInput{directive(0, 2, "JkMount", "/x", "z")}, id: idMountUnknown, line: 2, want: "Could not find worker with name 'z' in uri map post processing; accepted: the workers of worker.list; requests for '/x' fail"},
	{name: "exclusion of nothing", directives: []DirectiveInput{directive(0, 2, "JkUnMount", "/x", "z")}, id: idMountUnknown, line: 2, want: "the exclusion of '/x' has no effect"},
	{name: "mount to a member", text: "worker.list=b\nworker.b.type=lb\nworker.b.balance_workers=a\nworker.a.port=1", directives: []DirectiveInput{directive(1, 2, "JkMount", "/x", "a")}, id: idMountUnlistedW, line: 2, want: "worker 'a' is not in worker.list"},
	{name: "unknown extension", directives: []DirectiveInput{directive(0, 2, "JkMount", "/x", "ajp13;reply_timeuot=1")}, id: idExtUnknown, line: 2, want: "unknown rule extension 'reply_timeuot'; accepted: reply_timeout, "},
	{name: "extension value", directives: []DirectiveInput{directive(0, 2, "JkMount", "/x", "ajp13;reply_timeout=abc")}, id: idExtValue, line: 2, want: "rule extension 'reply_timeout' has the value 'abc'"},
	{name: "repeated extension", directives: []DirectiveInput{directive(0, 2, "JkMount", "/x", "ajp13;reply_timeout=1;reply_timeout=2")}, id: idExtRepeated, line: 2, want: "the last one is used"},
	{name: "conflicting extensions", directives: []DirectiveInput{directive(0, 2, "JkMount", "/x", "ajp13;active=m;stopped=m")}, id: idExtConflict, line: 2, want: "member 'm' is both active and stopped; accepted: one of them; stopped is used"},
	{name: "extension for balancers", directives: []DirectiveInput{directive(0, 2, "JkMount", "/x", "ajp13;active=m")}, id: idExtNotBalancer, line: 2, want: "'/x' has rule extensions for balancers, but worker 'ajp13' is of type ajp13"},
	{name: "extension for a member that is none", text: "worker.list=b\nworker.b.type=lb\nworker.b.balance_workers=a\nworker.a.port=1", directives: []DirectiveInput{directive(0, 2, "JkMount", "/x", "b;disabled=a,z")}, id: idExtMember, line: 2, want: "balancer 'b' has no member 'z'"},
	{name: "extension on an exclusion", directives: []DirectiveInput{directive(0, 2, "JkUnMount", "/x", "ajp13;stateless=1")}, id: idExtExclusion, line: 2, want: "the exclusion of '/x' has rule extensions"},
	{name: "harmless flood", text: "worker.list=a\nworker.a.port=1\n" + strings.Repeat("worker.a.port=1\n", 1000), id: idMore, want: "800 more findings are not shown"},
	{name: "flood", text: strings.Repeat("x\n", 1000), id: idMoreLost, want: "800 more findings are not shown"},
}

// mapOf adds a mount file to the main server.
func mapOf(text string) func(*Input) {
	return func(in *Input) { withMap(in, 0, mapFile, text) }
}

func deepReferences(length int) string {
	text := ""
	for i := range length {
		text += fmt.Sprintf("worker.w%d.reference=worker.w%d\n", i, i+1)
	}
	return text + fmt.Sprintf("worker.w%d.port=7\nworker.list=w0\n", length)
}

func TestFindings(t *testing.T) {
	for _, tt := range findingTests {
		t.Run(tt.name, func(t *testing.T) {
			in := input(tt.text, tt.directives...)
			if tt.text == "" {
				in.Files[0].Content = "worker.list=ajp13\nworker.ajp13.port=8009\n"
			}
			if tt.change != nil {
				tt.change(in)
			}
			c, found := Load(in)
			require.Equal(t, found.Failed(), c == nil)
			var got Diagnostic
			for _, d := range found {
				if d.ID == tt.id && strings.Contains(d.Text, tt.want) {
					got = d
				}
			}
			require.Equal(t, tt.id, got.ID, "%.2000v", found)
			require.Equal(t, tt.line, got.Line)
			require.Equal(t, got.Severity == Failure, strings.Contains(got.Text, "httpd does not start"), got.Text)
			if tt.id == idMore || tt.id == idMoreLost {
				return
			}
			require.Equal(t, tt.id.severity(), got.Severity)
			if tt.line > 0 {
				require.NotEmpty(t, got.File)
			}
		})
	}
}

// TestFindings_AreAllTested checks that every id is in the table of findings, and provoked by a test.
func TestFindings_AreAllTested(t *testing.T) {
	tested := map[ID]bool{}
	for _, tt := range findingTests {
		tested[tt.id] = true
	}
	seen := map[ID]bool{}
	for _, f := range findings {
		require.True(t, tested[f.id], "%s is not tested", f.id)
		require.False(t, seen[f.id], "%s is there twice", f.id)
		require.True(t, f.id >= 1000 && f.id < 2000, "%s", f.id)
		require.NotEmpty(t, f.meaning)
		seen[f.id] = true
	}
	for id := range tested {
		require.True(t, seen[id], "%s is not in the table", id)
	}
}

// TestFindings_OnlyThatOne checks that a mistake is reported once, and nothing that follows from it.
func TestFindings_OnlyThatOne(t *testing.T) {
	mount := directive(0, 9, "JkMount", "/x", "b")
	tests := []struct {
		name, text string
		change     func(*Input)
	}{
		{"unreadable", "", func(in *Input) { in.Files[0].Errno = 2 }},
		{"unknown type", "worker.list=b\nworker.b.type=x", nil},
		{"unknown type of a member", "worker.list=b\nworker.b.type=lb\nworker.b.balance_workers=m\nworker.m.type=x", nil},
		{"in a template of three workers", "worker.list=b,c,d\nworker.t.retries=x\nworker.b.reference=worker.t\nworker.c.reference=worker.t\nworker.d.reference=worker.t", nil},
		{"wrong type in a template", "worker.list=b,m\nworker.t.lbfactor=x\nworker.b.type=lb\nworker.b.balance_workers=m\nworker.b.reference=worker.t\nworker.m.reference=worker.t", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := input(tt.text, mount)
			if tt.change != nil {
				tt.change(in)
			}
			_, found := Load(in)
			require.Len(t, found, 1, "%v", found)
		})
	}
}

func TestFindings_AFloodStillFails(t *testing.T) {
	c, found := Load(input(strings.Repeat("x\n", 500) + "worker.a.nosuch=1\n"))
	require.Nil(t, c)
	require.True(t, found.Failed())
	require.Len(t, found, findingsMax+1)
}

func TestDiagnostic_String(t *testing.T) {
	tests := []struct {
		d    Diagnostic
		want string
	}{
		{Diagnostic{ID: idDuplicate, Severity: Warning, File: "f", Line: 3, Text: "text"}, "f:3: warning: text id=GOJK1009"},
		{Diagnostic{ID: idDuplicate, Severity: Failure, File: "f", Line: 0, Text: "text"}, "f: error: text id=GOJK1009"},
		{Diagnostic{ID: idShmSize, Severity: Notice, File: "", Line: 0, Text: "text"}, "notice: text id=GOJK1076"},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, tt.d.String())
	}
	require.Equal(t, Failure, ID(1).severity(), "an unknown id stops httpd")
}

const hidden = "Hunter2" // stands in the secrets of the tests below

// TestFindings_NeverShowASecret puts a secret wherever one may stand, also by mistake, among mistakes of every kind.
func TestFindings_NeverShowASecret(t *testing.T) {
	tests := []struct{ name, text string }{
		{"cut", "worker.list=a\nworker.a.secret=" + hidden + "#x"},
		{"duplicate", "worker.list=a\nworker.a.secret=" + hidden + "\nworker.a.secret=" + hidden},
		{"variable", "worker.list=a\nv=" + hidden + "\nv=" + hidden + "$(nosuch)\nworker.a.secret=$(v)"},
		{"looks like a variable", "worker.list=a\nworker.a.secret=x$(" + hidden + ")y"},
		{"variable that looks like one", "worker.list=a\nv=x$(" + hidden + ")y\nworker.a.secret=$(v)"},
		{"no '='", "worker.a.secret " + hidden},
		{"colon", "worker.a.secret:" + hidden},
		{"blank instead of '=', with padding", "worker.a.secret " + hidden + "=="},
		{"colon instead of '=', with padding", "worker.a.secret:" + hidden + "=="},
		{"mistyped attribute", "worker.a.sceret=" + hidden},
		{"secretkey", "worker.list=a\nworker.a.secretkey=" + hidden},
		{"no worker", "worker.secret=" + hidden},
		{"wrong type", "worker.list=s\nworker.s.type=status\nworker.s.secret=" + hidden},
		{"variable of a secret in another property", "worker.list=a\nv=" + hidden + "\nworker.a.port=$(v)\nworker.a.retries=$(v)\nworker.a.ping_mode=$(v)\nworker.a.route=$(v)" + strings.Repeat("r", 64)},
		{"template of variables", "t.secret=" + hidden + "\nt.secert=" + hidden + "\nworker.a.reference=t"},
		{"long line", "worker.a.secret=" + strings.Repeat(hidden, 2000)},
		{"NUL", "worker.a.secret=" + hidden + "\x00"},
		{"JkWorkerProperty form", "worker.list=a\nJkWorkerProperty worker.a.secret=" + hidden},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, found := Load(input(tt.text))
			require.NotEmpty(t, found)
			for _, d := range found {
				require.NotContains(t, d.String(), hidden)
			}
		})
	}
}

func TestFindings_AreOneLine(t *testing.T) {
	_, found := Load(input("worker.list=a\rb\vc\nworker.a.retries=x\x01\x1b[31m\nworker.x\x02.y=1\n",
		directive(0, 1, "JkMount", "/x\n/y", "a\nb")))
	require.NotEmpty(t, found)
	for _, d := range found {
		for _, c := range d.String() {
			require.False(t, c < ' ' || c == 0x7f, "%q", d.String())
		}
	}
}

// FuzzLoad feeds whole files: no panic, no secret in a finding, every finding one line, a configuration exactly if
// nothing failed.
func FuzzLoad(f *testing.F) {
	f.Add(clusterGuide, "worker.list=a", "b;reply_timeout=1")
	for _, tt := range findingTests {
		if len(tt.text) < 1000 {
			f.Add(tt.text, "", "ajp13")
		}
	}
	f.Fuzz(func(t *testing.T, text, property, target string) {
		const secret = "\u2620S3cr3t\u2620"
		in := input("my.secret="+secret+"\n"+text+"\nworker.f.secret="+secret+"\n",
			directive(0, 1, "JkWorkerProperty", property),
			directive(0, 2, "JkMount", "/*", target),
			directive(1, 3, "JkUnMount", "/*", target))
		c, found := Load(in)
		require.Equal(t, found.Failed(), c == nil)
		require.LessOrEqual(t, len(found), findingsMax+2)
		for _, d := range found {
			require.NotContains(t, d.String(), secret)
			require.NotContains(t, d.String(), "\n")
			require.NotZero(t, d.ID)
		}
		if c != nil {
			checkInvariants(t, c)
		}
	})
}

// checkInvariants checks what users of a configuration rely on.
func checkInvariants(t *testing.T, c *Config) {
	for i, w := range c.Workers {
		require.Equal(t, i, w.Index)
		require.Same(t, w, c.Worker(w.Name))
		require.LessOrEqual(t, len(w.Name), NameMax)
		switch w.Type {
		case TypeAJP:
			a := w.AJP
			require.True(t, a.Port >= 0 && a.Port <= 65535)
			require.True(t, a.PoolMinSize <= a.PoolSize && a.PoolMinSize >= 0)
			require.True(t, a.MaxPacketSize >= 8192 && a.MaxPacketSize <= 65536 && a.MaxPacketSize%1024 == 0)
			require.True(t, a.Retries >= 1 && a.LBFactor >= 1 && a.BusyLimit >= 0)
			require.True(t, a.AcquireTimeout >= 0 && a.ReplyTimeout >= 0 && a.RetryInterval >= 0)
			require.LessOrEqual(t, len(a.Route), NameMax)
		case TypeLB:
			require.NotEmpty(t, w.LB.Members)
			require.True(t, w.LB.Retries >= 1 && w.LB.LBRetries >= 1)
		default:
			require.NotNil(t, w.Status)
		}
	}
	for _, s := range c.Servers {
		for i := range s.Rules {
			require.True(t, strings.HasPrefix(s.Rules[i].Pattern, "/"))
		}
	}
}
