// Command oracle runs the same scripted requests and failures through Debian's mod_jk and through mod_gojk, and compares
// what the client gets and what the containers see.
//
// A case (cases_*.go) is a configuration, its containers and steps that run in order. Each case is run twice, side by side:
// two httpds from the same text, which differ in their LoadModule line only, each with recording containers of its own. A
// step is rendered as lines of text: status line, headers, body, how the connection ended, the line in the access log,
// and per container every field of every request, every body packet, every CPING, whether the connection was a new one and how
// many stay open; if the step asks for it, the line of JkRequestLogFormat, and which texts are in the logs at which levels. The two
// texts must be equal. A case without steps compares whether httpd starts, and how it ends.
//
// A step that waits for an event (a changed mount file that counts) repeats its request until then, and only the last time is looked at.
//
// Where mod_gojk differs on purpose, the step names a row of the table in differences.go and says which lines prove it on
// either side. A listed difference that does not show is an error: the table cannot go stale.
//
// Masked, because it differs from run to run: the values of Date and Server, times and durations in logs, a Last-Modified that says "now", and the
// AJP_REMOTE_PORT attribute if it is the client's own port. Left out, because it is a race: whether a connection that is of
// no use any more ended with FIN or with a reset.
//
//	go run ./test/oracle                 the comparison
//	go run ./test/oracle -run sticky -v  some cases, with every rendered step
//	go run ./test/oracle -candidate jk   mod_jk against itself: must find nothing
package main
