package shm

import (
	"sync/atomic"
	"time"
)

// WorkerSetting names a number of an ajp worker that an operator may change at run time.
type WorkerSetting int

// Settings of an ajp worker. Times are nanoseconds, sizes bytes. The order is part of the layout.
const (
	WorkerPort WorkerSetting = iota
	WorkerPoolTimeout
	WorkerPingTimeout
	WorkerConnectTimeout
	WorkerPrepostTimeout
	WorkerReplyTimeout
	WorkerPingInterval
	WorkerRetries
	WorkerRetryInterval
	WorkerRecoveryOptions
	WorkerBusyLimit
	WorkerMaxPacketSize
	workerSettings
)

// Worker is the record of one ajp worker. Safe for concurrent use.
type Worker struct {
	mapping *Mapping
	rec     *workerRecord
	share   *workerShare
}

// Worker finds or makes the record of an ajp worker.
func (m *Mapping) Worker(name string) (*Worker, error) {
	i, err := m.find(m.workerTable(), indexKey{name: name})
	if err != nil {
		return nil, err
	}
	return &Worker{mapping: m, rec: m.workerRecord(i), share: &m.counts.workers[i]}, nil
}

// FindWorker finds the record of an ajp worker, nil if there is none.
func (m *Mapping) FindWorker(name string) *Worker {
	m.mu.Lock()
	defer m.mu.Unlock()
	i, ok := m.workerTable().lookup(indexKey{name: name})
	if !ok {
		return nil
	}
	return &Worker{mapping: m, rec: m.workerRecord(i), share: &m.counts.workers[i]}
}

func (m *Mapping) workerTable() table {
	return table{
		index:    &m.workers,
		used:     &m.tables().workers,
		capacity: MaxWorkers,
		read:     func(i int) indexKey { return indexKey{name: m.workerRecord(i).name.load()} },
		write: func(i int, key indexKey) {
			rec := m.workerRecord(i)
			rec.name.store(key.name)
			now := time.Now().UnixNano()
			rec.lastReset.Store(now)
			rec.lastMaintain.Store(now)
			rec.lastResolve.Store(now)
		},
	}
}

// Name is the worker's name.
func (w *Worker) Name() string { return w.rec.name.load() }

// State is what is known of the worker.
func (w *Worker) State() WorkerState { return WorkerState(w.rec.state.Load()) }

// SetState notes what has become known of the worker.
func (w *Worker) SetState(s WorkerState) {
	if w.rec.state.Load() != uint64(s) {
		w.rec.state.Store(uint64(s))
	}
}

// Enter counts one more request in flight and returns how many there are now, in all processes. Each Enter needs a Leave.
func (w *Worker) Enter() int64 {
	n := w.mapping.count(&w.rec.busy, &w.share.busy)
	raise(&w.rec.maxBusy, n)
	return n
}

// Leave counts one request in flight less.
func (w *Worker) Leave() { w.mapping.uncount(&w.rec.busy, &w.share.busy) }

// Busy is the number of requests in flight in all processes.
func (w *Worker) Busy() int64 { return w.rec.busy.Load() }

// Connected counts a connection opened by this child; each needs a Disconnected.
func (w *Worker) Connected() {
	raise(&w.rec.maxConnected, w.mapping.count(&w.rec.connected, &w.share.connected))
}

// Disconnected counts a connection of this child closed.
func (w *Worker) Disconnected() { w.mapping.uncount(&w.rec.connected, &w.share.connected) }

// CountUsed counts one request sent to the worker, whatever becomes of it.
func (w *Worker) CountUsed() { w.rec.used.Add(1) }

// CountError counts a request that the worker failed at, and when.
func (w *Worker) CountError(now time.Time) {
	w.rec.errors.Add(1)
	w.rec.errorTime.Store(now.UnixNano())
}

// CountClientError counts a request whose client failed.
func (w *Worker) CountClientError() { w.rec.clientErrors.Add(1) }

// CountReplyTimeout counts an attempt that ended in a reply timeout; before the balancer is told of it.
func (w *Worker) CountReplyTimeout() { w.rec.replyTimeouts.Add(1) }

// CountTraffic counts bytes read from and transferred to the container, framing included.
func (w *Worker) CountTraffic(read, transferred uint64) {
	w.rec.read.Add(read)
	w.rec.transferred.Add(transferred)
}

// ReplyTimeouts is the number of reply timeouts, aged by maintenance.
func (w *Worker) ReplyTimeouts() uint64 { return w.rec.replyTimeouts.Load() }

// ClearReplyTimeouts forgets the reply timeouts.
func (w *Worker) ClearReplyTimeouts() { w.rec.replyTimeouts.Store(0) }

// AgeReplyTimeouts halves the number of reply timeouts n times.
func (w *Worker) AgeReplyTimeouts(n uint) { shift(&w.rec.replyTimeouts, n) }

// Used is the number of requests sent to the worker.
func (w *Worker) Used() uint64 { return w.rec.used.Load() }

// WorkerCounters is what a record has counted, as of one moment per number.
type WorkerCounters struct {
	State         WorkerState
	Used          uint64
	Errors        uint64
	ClientErrors  uint64
	ReplyTimeouts uint64
	Read          uint64 // bytes
	Transferred   uint64 // bytes
	Busy          int64
	MaxBusy       int64
	Connected     int64
	MaxConnected  int64
	ErrorTime     time.Time // zero: never
	LastReset     time.Time
}

// Counters reads all counters.
func (w *Worker) Counters() WorkerCounters {
	return WorkerCounters{
		State:         w.State(),
		Used:          w.rec.used.Load(),
		Errors:        w.rec.errors.Load(),
		ClientErrors:  w.rec.clientErrors.Load(),
		ReplyTimeouts: w.rec.replyTimeouts.Load(),
		Read:          w.rec.read.Load(),
		Transferred:   w.rec.transferred.Load(),
		Busy:          w.rec.busy.Load(),
		MaxBusy:       w.rec.maxBusy.Load(),
		Connected:     w.rec.connected.Load(),
		MaxConnected:  w.rec.maxConnected.Load(),
		ErrorTime:     unixTime(w.rec.errorTime.Load()),
		LastReset:     unixTime(w.rec.lastReset.Load()),
	}
}

// Reset clears what has been counted; requests in flight and connections stay.
func (w *Worker) Reset(now time.Time) {
	for _, c := range []*atomic.Uint64{
		&w.rec.errors, &w.rec.used, &w.rec.clientErrors, &w.rec.replyTimeouts,
		&w.rec.transferred, &w.rec.read, &w.rec.usedSnapshot,
	} {
		c.Store(0)
	}
	w.rec.maxBusy.Store(w.rec.busy.Load())
	w.rec.maxConnected.Store(w.rec.connected.Load())
	w.rec.lastReset.Store(now.UnixNano())
}

// Maintain marks a worker idle that had no request since the previous maintenance. Once per interval over all processes:
// it reports whether this call was the one.
func (w *Worker) Maintain(now time.Time, interval time.Duration) bool {
	if elect(&w.rec.lastMaintain, now, interval) == 0 {
		return false
	}
	used := w.rec.used.Load()
	if w.rec.usedSnapshot.Swap(used) == used {
		w.rec.state.CompareAndSwap(uint64(WorkerOK), uint64(WorkerIdle))
	}
	return true
}

// Sequence changes whenever a setting, the host or the address has changed. One atomic load.
func (w *Worker) Sequence() uint64 { return w.rec.sequence.Load() }

// Setting is the value in force.
func (w *Worker) Setting(s WorkerSetting) int64 { return w.rec.settings[s].current.Load() }

// Host is the host name in force.
func (w *Worker) Host() string {
	w.mapping.Lock()
	defer w.mapping.Unlock()
	return w.rec.host.current.load()
}

// WorkerConfig is what the configuration says of a worker: a value for each WorkerSetting, and the host.
type WorkerConfig struct {
	Host     string
	Settings [workerSettings]int64
}

// Configure notes what the configuration says. A value that an operator has changed stays changed, unless the
// configuration itself has changed. Every child calls it with the same values.
func (w *Worker) Configure(c *WorkerConfig) {
	w.mapping.Lock()
	defer w.mapping.Unlock()
	changed := w.rec.host.configure(c.Host)
	for i, v := range c.Settings {
		changed = w.rec.settings[i].configure(v) || changed
	}
	if changed {
		w.rec.sequence.Add(1)
	}
}

// ConfigureAddress is Configure for the host and the port alone.
func (w *Worker) ConfigureAddress(host string, port int) {
	w.mapping.Lock()
	defer w.mapping.Unlock()
	changed := w.rec.host.configure(host)
	if w.rec.settings[WorkerPort].configure(int64(port)) || changed {
		w.rec.sequence.Add(1)
	}
}

// Set edits a setting at run time, for all children.
func (w *Worker) Set(s WorkerSetting, v int64) {
	w.mapping.Lock()
	defer w.mapping.Unlock()
	if w.rec.settings[s].set(v) {
		w.rec.sequence.Add(1)
	}
}

// SetHost edits the host at run time; ErrName if it is too long. The address is the caller's to set, see SetAddress.
func (w *Worker) SetHost(host string) error {
	if len(host) > NameMax {
		return ErrName
	}
	w.mapping.Lock()
	defer w.mapping.Unlock()
	if w.rec.host.set(host) {
		w.rec.sequence.Add(1)
	}
	return nil
}
