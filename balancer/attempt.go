package balancer

// Attempter tries members for one request. The caller of Serve implements it.
type Attempter interface {
	// Attempt tries one member and returns what came of it. When it returns, it has done the accounting of the member's
	// ajp worker: shm.Worker Enter and Leave (so that Busy counts other requests only), CountReplyTimeout and the rest.
	Attempt(t Try) Outcome
	// Free reports whether this child has a free endpoint for the member, and the member is below its busy limit. Asked
	// only about members in state Busy.
	Free(member int) bool
}

// Try is one attempt.
type Try struct {
	Member     int        // index in Config.Members
	Number     int        // 1 for the first attempt of the request
	Activation Activation // in force for this request
	Route      string     // of the member
	Sticky     bool       // the session names this member: no session cookie need be set
}

// OutcomeKind is what came of an attempt, or of a request.
type OutcomeKind uint8

// What may come of an attempt.
const (
	Failed       OutcomeKind = iota // anything not listed here: refused, cping failed, closed, unusable content
	Success                         // the response is complete
	ClientError                     // the client failed: no other member is tried
	SoftStatus                      // fail_on_status, soft: the member is fine
	HardStatus                      // fail_on_status: the member is in error
	ReplyTimeout                    // the container said nothing for too long
	Protocol                        // a framing error, or a failure of our own: no fault of the member
	NoSlot                          // no free endpoint within the acquire timeout; nothing was counted
	BusyLimit                       // the member is at its busy limit
	NoMember                        // only of a request: no member was eligible
)

// String is for logs and tests.
func (k OutcomeKind) String() string {
	names := [...]string{
		"failed", "success", "client error", "soft status", "hard status", "reply timeout", "protocol error", "no slot",
		"busy limit", "no member",
	}
	if int(k) < len(names) {
		return names[k]
	}
	return "unknown"
}

// Outcome is what came of an attempt.
type Outcome struct {
	Kind        OutcomeKind
	Recoverable bool   // another member may be tried; looked at unless Kind is Success, ClientError or NoSlot
	Status      int    // HTTP status for the client if this was the last word; NoSlot and BusyLimit: 503 whatever it says
	Read        uint64 // bytes from the container, framing included
	Written     uint64 // bytes to the container, framing included
}

// Query is a request as a balancer sees it. Strings are borrowed.
type Query struct {
	Sessions     Sessions     // session ids, see Sessions.FromPath; not looked at unless the balancer is Sticky
	Route        string       // JK_ROUTE: takes the place of the session's route; empty: none
	IgnoreSticky bool         // sticky_ignore: as if the balancer were not Sticky
	Stateless    bool         // not a new session; members of the lowest distance take turns
	Activations  []Activation // of the mapping rule, by member, Unset for none; nil: no overrides
	Logger       Logger       // nil: nothing is logged

	states []State   // room for Serve
	few    [16]State // that room, unless there are more members: a small object of its own costs a child a page for each P
}

// Reset clears a query for the next request, but keeps the room that Serve needs.
func (q *Query) Reset() { *q = Query{states: q.states} }

// room returns memory for the states of so many members, whatever is in it.
func (q *Query) room(members int) []State {
	if members <= len(q.few) {
		return q.few[:members]
	}
	if cap(q.states) < members {
		q.states = make([]State, members)
	}
	return q.states[:members]
}

// Result is how a request ended.
type Result struct {
	Kind     OutcomeKind // of the last turn
	Status   int         // HTTP status for the client; 0 if Kind is Success
	Member   int         // the last member tried; -1: none
	Route    string      // for the note JK_WORKER_ROUTE: the last member's, or the domain it was chosen by, or Query.Route
	Attempts int
	First    Note // the first member tried, after that attempt
	Last     Note // the last one, at the end
}

// Note is what the notes JK_LB_FIRST_* and JK_LB_LAST_* say of a member.
type Note struct {
	Member      int // -1: no member was tried, and nothing else is set
	Value       uint64
	Accessed    uint64 // requests of the ajp worker
	Sessions    uint64
	Read        uint64
	Transferred uint64
	Errors      uint64 // of the member in this balancer
	Busy        int64  // of the ajp worker
	Activation  Activation
	State       State
}

// Level is how much a log line matters.
type Level uint8

// Levels, as mod_jk names them.
const (
	LevelDebug Level = iota
	LevelInfo
	LevelWarn
	LevelError
)

// Logger takes what the balancer has to say about one request, or about maintenance.
type Logger interface {
	// Enabled reports whether lines of this level are wanted. Lines that are not are not even formatted.
	Enabled(level Level) bool
	// Log writes a line; id is one of the GOJK03nn of this package (log.go).
	Log(level Level, id, format string, args ...any)
}
