// Package shm is the part of the shared mapping that Go reads and writes: one mapping per httpd generation, created by
// httpd's parent and inherited by every child (mod_gojk.h, "the shared mapping").
//
//	0                header (mod_gojk.h, gojk_shm_header), rest of the page unused
//	ConfigOffset     two slots of configuration; epoch e lives in slot e % 2
//	RecordsOffset    this package:
//	                   tables     magic, capacities, the lock, how many records are in use
//	                   workers    one record per ajp worker
//	                   balancers  one record per lb worker
//	                   members    one record per balancer and member
//	                   children   one slot per httpd child: who owns it
//	                   shares     what each child has added to the counts of requests in flight and of connections
//
// Records are 8-byte words, each read and written atomically; nothing is packed and nothing moves. Records are never
// freed: a name keeps its record until the mapping goes. Names are at most NameMax bytes.
//
// A count that goes up and down (requests in flight, connections) is kept twice: the total in the record, and this
// child's share in the child's own slot. When a child dies without giving its share back (kill -9), whoever notices first
// (Attach or Reap in another child) subtracts it.
//
// Everything here may be called by any number of goroutines and processes at a time, unless it says otherwise.
package shm
