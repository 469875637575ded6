package shm

// CopyFrom takes over from the previous generation what operators and traffic have decided: by name, for the records
// that exist in this mapping. So the checker first formats the mapping and builds the configured workers on it, then calls
// this. Not taken over: requests in flight, connections and lb_value (as after a start, balancing begins evenly), and
// edits of what the configuration now says differently. The previous generation may be in use meanwhile.
func (m *Mapping) CopyFrom(previous *Mapping) error {
	if err := previous.Check(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Lock()
	defer m.Unlock()
	m.copyWorkers(previous)
	balancers := m.copyBalancers(previous)
	m.copyMembers(previous, balancers)
	return nil
}

func (m *Mapping) copyWorkers(previous *Mapping) {
	from, to := previous.workerTable(), m.workerTable()
	for i := range int(from.used.Load()) {
		if j, ok := to.lookup(from.read(i)); ok {
			m.workerRecord(j).carry(previous.workerRecord(i))
		}
	}
}

// copyBalancers returns where each of the previous balancers is now.
func (m *Mapping) copyBalancers(previous *Mapping) map[uint64]uint64 {
	from, to := previous.balancerTable(), m.balancerTable()
	now := make(map[uint64]uint64)
	for i := range int(from.used.Load()) {
		if j, ok := to.lookup(from.read(i)); ok {
			m.balancerRecord(j).carry(previous.balancerRecord(i))
			now[uint64(i)] = uint64(j)
		}
	}
	return now
}

func (m *Mapping) copyMembers(previous *Mapping, balancers map[uint64]uint64) {
	from, to := previous.memberTable(), m.memberTable()
	for i := range int(from.used.Load()) {
		key := from.read(i)
		parent, ok := balancers[key.parent]
		if !ok {
			continue
		}
		if j, ok := to.lookup(indexKey{parent: parent, name: key.name}); ok {
			m.memberRecord(j).carry(previous.memberRecord(i))
		}
	}
}

func (w *workerRecord) carry(from *workerRecord) {
	w.state.Store(uint64(carriedWorkerState(WorkerState(from.state.Load()))))
	w.maxBusy.Store(from.maxBusy.Load())
	w.maxConnected.Store(from.maxConnected.Load())
	w.used.Store(from.used.Load())
	w.usedSnapshot.Store(from.usedSnapshot.Load())
	w.read.Store(from.read.Load())
	w.transferred.Store(from.transferred.Load())
	w.errors.Store(from.errors.Load())
	w.clientErrors.Store(from.clientErrors.Load())
	w.replyTimeouts.Store(from.replyTimeouts.Load())
	w.errorTime.Store(from.errorTime.Load())
	w.lastReset.Store(from.lastReset.Load())
	w.lastMaintain.Store(from.lastMaintain.Load())
	w.carrySettings(from)
}

// carrySettings also takes the address over if it is that of an edited host or port.
func (w *workerRecord) carrySettings(from *workerRecord) {
	for i := range w.settings {
		w.settings[i].carry(&from.settings[i])
	}
	w.host.carry(&from.host)
	if w.host.edited() || w.settings[WorkerPort].edited() {
		w.address.store(from.address.load())
		w.address.sequence.Add(1)
	}
	w.sequence.Add(1)
}

func (b *balancerRecord) carry(from *balancerRecord) {
	b.maxBusy.Store(from.maxBusy.Load())
	b.lastMaintain.Store(from.lastMaintain.Load())
	b.lastReset.Store(from.lastReset.Load())
	for i := range b.settings {
		b.settings[i].carry(&from.settings[i])
	}
	b.sequence.Add(1)
}

func (m *memberRecord) carry(from *memberRecord) {
	m.state.Store(uint64(carriedMemberState(MemberState(from.state.Load()))))
	m.elected.Store(from.elected.Load())
	m.electedSnapshot.Store(from.electedSnapshot.Load())
	m.sessions.Store(from.sessions.Load())
	m.errors.Store(from.errors.Load())
	m.firstErrorTime.Store(from.firstErrorTime.Load())
	m.lastErrorTime.Store(from.lastErrorTime.Load())
	m.lastReset.Store(from.lastReset.Load())
	for i := range m.settings {
		m.settings[i].carry(&from.settings[i])
	}
	m.route.carry(&from.route)
	m.domain.carry(&from.domain)
	m.redirect.carry(&from.redirect)
}

// carriedWorkerState: no request of this generation is probing.
func carriedWorkerState(s WorkerState) WorkerState {
	if s == WorkerProbe {
		return WorkerError
	}
	return s
}

// carriedMemberState: no request of this generation is probing or keeps the member busy.
func carriedMemberState(s MemberState) MemberState {
	switch s {
	case MemberProbe:
		return MemberRecover
	case MemberBusy:
		return MemberOK
	}
	return s
}
