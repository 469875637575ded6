package tomcat

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	keptFailures = 20  // how many failures are told apart; all are counted
	sessionSpan  = 150 // visits of a client before it begins another session
)

// Load is a stream of visits by several clients, each with its own session, one visit after the other. Every answer is
// checked against the one before it. Safe for concurrent use.
type Load struct {
	url      string
	pace     time.Duration
	stop     chan struct{}
	all      sync.WaitGroup
	answers  atomic.Int64
	failures atomic.Int64
	renewals atomic.Int64   // how often Renew was called
	renewed  []atomic.Int64 // by client: the renewal that its session belongs to

	mu    sync.Mutex
	known []Failure // at most keptFailures
	moves []Move
	began map[string]int // sessions begun, by member
	where []string       // by client: the member that answered last
}

// Failure is a visit that went wrong.
type Failure struct {
	At     time.Time
	Client int
	What   string
}

func (f Failure) String() string {
	return fmt.Sprintf("%s client %d: %s", f.At.Format("15:04:05.000"), f.Client, f.What)
}

// Move is a visit that another member answered than the one before.
type Move struct {
	Client     int
	From, To   string
	Start, End time.Time // of the visit
	Twice      bool      // the count rose by two: the visit was counted by From, which died, and then by To
}

// Outage is the time in which a member was dead, or not yet trusted again.
type Outage struct {
	Member     string
	Begin, End time.Time // from before the kill until the balancer uses it again; a zero End means: still
	Dead       time.Time // when the process was surely gone
}

// Report is the outcome of a load.
type Report struct {
	Answers, Failures int64
	Known             []Failure // the first of them
	Moves             []Move
	Began             map[string]int // sessions begun, by member
}

// StartLoad starts that many clients, each pausing for pace after each answer.
func StartLoad(url string, clients int, pace time.Duration) *Load {
	l := &Load{url: url, pace: pace, stop: make(chan struct{}), renewed: make([]atomic.Int64, clients), began: map[string]int{}, where: make([]string, clients)}
	for i := range clients {
		l.all.Go(func() { l.client(i) })
	}
	return l
}

// client visits until the load is stopped.
func (l *Load) client(id int) {
	c := NewClient(l.url)
	defer c.Close()
	var last Answer
	for {
		renewal := l.renewals.Load()
		if renewal != l.renewed[id].Load() || last.Count >= sessionSpan {
			c.Forget()
			last = Answer{}
		}
		start := time.Now()
		answer, err := c.Visit()
		if err != nil {
			l.fail(id, err.Error())
			c.Forget()
			last = Answer{}
		} else {
			l.check(id, start, last, answer)
			last = answer
			l.settle(id, answer.Member)
			l.renewed[id].Store(renewal)
		}
		l.answers.Add(1)
		select {
		case <-l.stop:
			return
		case <-time.After(l.pace):
		}
	}
}

// check compares an answer with the one before it in the same session; a zero last means: the session begins.
func (l *Load) check(id int, start time.Time, last, a Answer) {
	begins := last.Session == ""
	twice := !begins && a.Member != last.Member && a.Count == last.Count+2
	switch {
	case a.Route() != a.Member:
		l.fail(id, fmt.Sprintf("%s answered, but the session id is %s", a.Member, a.Session))
	case begins && !a.New:
		l.fail(id, fmt.Sprintf("a session that should begin is there already, count %d", a.Count))
	case !begins && a.Stem() != last.Stem():
		l.fail(id, fmt.Sprintf("session %s of %s lost at count %d: now %s", last.Session, last.Member, last.Count, a.Session))
	case a.Count != last.Count+1 && !twice:
		l.fail(id, fmt.Sprintf("count %d after %d (%s after %s)", a.Count, last.Count, a.Member, last.Member))
	case begins:
		l.mu.Lock()
		l.began[a.Member]++
		l.mu.Unlock()
	case a.Member != last.Member:
		l.mu.Lock()
		l.moves = append(l.moves, Move{Client: id, From: last.Member, To: a.Member, Start: start, End: time.Now(), Twice: twice})
		l.mu.Unlock()
	}
}

func (l *Load) fail(id int, what string) {
	l.failures.Add(1)
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.known) < keptFailures {
		l.known = append(l.known, Failure{time.Now(), id, what})
	}
}

func (l *Load) settle(id int, member string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.where[id] = member
}

// Holding is how many clients have their session on a member.
func (l *Load) Holding(member string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, where := range l.where {
		if where == member {
			n++
		}
	}
	return n
}

// Answers is the number of visits so far, failed ones included.
func (l *Load) Answers() int64 { return l.answers.Load() }

// Failures is the number of failed visits so far.
func (l *Load) Failures() int64 { return l.failures.Load() }

// WaitMore waits until that many visits more have ended.
func (l *Load) WaitMore(ctx context.Context, n int64) error {
	want := l.Answers() + n
	return waitFor(ctx, fmt.Sprintf("%d more visits to end", n), func() (bool, error) { return l.Answers() >= want, nil })
}

// Renew lets every client begin another session and waits until all have.
func (l *Load) Renew(ctx context.Context) error {
	want := l.renewals.Add(1)
	return waitFor(ctx, "every client to begin another session", func() (bool, error) {
		for i := range l.renewed {
			if l.renewed[i].Load() < want {
				return false, nil
			}
		}
		return true, nil
	})
}

// Stop ends the load after the visits under way and reports.
func (l *Load) Stop() Report {
	close(l.stop)
	l.all.Wait()
	return Report{Answers: l.Answers(), Failures: l.Failures(), Known: l.known, Moves: l.moves, Began: l.began}
}

// Judge adds as failures the moves that no outage explains. A session may leave its member only while that is out, and
// its count may rise by two only if the visit was under way while the member was being killed: the member counted and
// replicated it, died before answering, and the balancer gave the visit to the other one.
func (r Report) Judge(outages []Outage) Report {
	for _, m := range r.Moves {
		i := slices.IndexFunc(outages, func(o Outage) bool { return o.explains(m) })
		switch {
		case i < 0:
			r.add(m, fmt.Sprintf("the session moved from %s to %s, though %s was there", m.From, m.To, m.From))
		case m.Twice && m.Start.After(outages[i].Dead):
			r.add(m, fmt.Sprintf("a visit that began after %s was dead was counted twice", m.From))
		}
	}
	return r
}

func (o Outage) explains(m Move) bool {
	return o.Member == m.From && m.End.After(o.Begin) && (o.End.IsZero() || m.Start.Before(o.End))
}

func (r *Report) add(m Move, what string) {
	r.Failures++
	r.Known = append(r.Known, Failure{m.Start, m.Client, what})
}

// Twice is the number of visits that were counted twice.
func (r Report) Twice() int {
	n := 0
	for _, m := range r.Moves {
		if m.Twice {
			n++
		}
	}
	return n
}
