package shm

// WorkerState is what is known of an ajp worker. It informs; it never keeps a request away.
type WorkerState uint8

// States of an ajp worker. The values are part of the layout.
const (
	WorkerIdle  WorkerState = 0 // no request since the last maintenance
	WorkerOK    WorkerState = 1
	WorkerError WorkerState = 2
	WorkerProbe WorkerState = 3 // was in error; a request is trying it
)

// String is the state as the status page shows it.
func (s WorkerState) String() string {
	switch s {
	case WorkerIdle:
		return "OK/IDLE"
	case WorkerOK:
		return "OK"
	case WorkerError:
		return "ERR"
	case WorkerProbe:
		return "ERR/PRB"
	}
	return "unknown"
}

// MemberState is what a balancer knows of a member. How it changes is told in package balancer.
type MemberState uint8

// States of a member. The values are mod_jk's and part of the layout.
const (
	MemberIdle    MemberState = 0 // usable; no request since the last maintenance
	MemberOK      MemberState = 1 // usable
	MemberRecover MemberState = 2 // was in error; the next request tries it
	MemberForce   MemberState = 3 // was in error; usable, as nothing else was left
	MemberBusy    MemberState = 4 // has no free endpoint or is at its busy limit
	MemberError   MemberState = 5 // failed
	MemberProbe   MemberState = 6 // was in error; a request is trying it
	MemberStates              = 7 // how many there are
)

// String is the state as the status page shows it.
func (s MemberState) String() string {
	switch s {
	case MemberIdle:
		return "OK/IDLE"
	case MemberOK:
		return "OK"
	case MemberRecover:
		return "ERR/REC"
	case MemberForce:
		return "ERR/FRC"
	case MemberBusy:
		return "OK/BUSY"
	case MemberError:
		return "ERR"
	case MemberProbe:
		return "ERR/PRB"
	}
	return "unknown"
}
