// Package harness starts the real things that tests of mod_gojk need: an httpd with one of the modules that speak AJP, in
// a scratch folder and on loopback ports of its own, and a container that records what it is sent and answers by script.
//
// Nothing outlives the process that uses it: httpd is told to end when the thread that started it goes away, also when the
// test binary is killed. Only testing.go knows package testing, so programs (the benchmark) may use everything else.
package harness
