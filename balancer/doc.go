// Package balancer chooses a member of an lb worker for each request, keeps sessions where they are, goes on to another
// member when one fails, and keeps the books: what mod_jk's lb worker does, in the same order and with the same arithmetic.
// It knows nothing of AJP; one try on one member is the caller's (Attempter).
//
// What all children must agree on lives in the shared mapping (package shm): states, lb values, counters and the settings
// that an operator may change. Each child reads settings from an immutable copy (view) and makes a new one when the
// balancer's sequence number in the mapping has moved.
//
// Choosing takes no lock: it scans atomic words, then claims the winner by a compare-and-swap of what it was chosen for;
// when another request was faster it scans again. lock=Pessimistic chooses under the shared lock instead.
package balancer
