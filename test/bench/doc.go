// Command bench measures mod_gojk, mod_jk and mod_proxy_ajp beside each other, and the floor: an httpd that answers by itself.
//
// Every variant is an httpd of its own with the same settings; all run at once and idle while another is measured. The
// rounds are interleaved (each round measures every variant, in turn forwards and backwards), because a machine is never
// twice equally fast: take the medians of the per-round ratios to mod_jk, not the digits. The container is backend.c, which
// answers at once; the clients are wrk.
//
// CPU is user and system time of httpd's children, so neither wrk nor the container counts.
//
//	go run ./test/bench                    the usual run, under three minutes
//	go run ./test/bench -quick             under forty seconds, for a look
//	go run ./test/bench -size 1048576      large responses
package main
