package balancer

// message is a line for mod_jk.log. Ids are never reused; texts that mod_jk has too are mod_jk's.
type message struct {
	level  Level
	id     string
	format string
}

var (
	saysBusyEnded = &message{LevelDebug, "GOJK0301", "worker %s busy state ended"}
	saysNoSlot    = &message{LevelInfo, "GOJK0302", "could not get free endpoint for worker %s (%d retries)"}
	saysError     = &message{LevelInfo, "GOJK0303", "service failed, worker %s is in error state"}
	saysLocal     = &message{LevelInfo, "GOJK0304", "service failed, worker %s is in local error state"}
	saysEscalated = &message{LevelDebug, "GOJK0305", "worker %s escalating local error to global error"}
	saysRecover   = &message{LevelDebug, "GOJK0306", "worker %s is marked for recovery"}
	saysForced    = &message{LevelDebug, "GOJK0307", "worker %s is marked for forced recovery"}
	saysProbeLost = &message{LevelInfo, "GOJK0308", "worker %s was probed by a request that is gone, marked for recovery again"}

	saysNoSession  = &message{LevelInfo, "GOJK0310", "Detected empty session identifier."}
	saysForceFails = &message{LevelInfo, "GOJK0311", "all workers are in error state for session %s"}
	saysUnknown    = &message{LevelWarn, "GOJK0312", "session route %q belongs to no member of %s (said once a minute)"}
	saysRoute      = &message{LevelDebug, "GOJK0313", "searching worker for session route %s"}
	saysByRoute    = &message{LevelDebug, "GOJK0314", "found worker %s (%s) for the session, method '%s'"}
	saysBest       = &message{LevelDebug, "GOJK0315", "found best worker %s (%s) using method '%s'"}
	saysService    = &message{LevelDebug, "GOJK0316", "service worker=%s route=%s failover=%t attempt=%d"}

	saysRetry       = &message{LevelDebug, "GOJK0320", "retry %d, sleeping for %d ms before retrying"}
	saysForcing     = &message{LevelInfo, "GOJK0321", "Forcing recovery once for %d workers"}
	saysNoneForced  = &message{LevelInfo, "GOJK0322", "All tomcat instances failed, no more workers left for recovery (attempt=%d, retry=%d)"}
	saysNone        = &message{LevelInfo, "GOJK0323", "All tomcat instances failed, no more workers left (attempt=%d, retry=%d)"}
	saysAllBusy     = &message{LevelInfo, "GOJK0324", "All tomcat instances are busy or in error state"}
	saysGivingUp    = &message{LevelError, "GOJK0325", "All tomcat instances failed, no more workers left"}
	saysRecoverable = &message{LevelDebug, "GOJK0326", "recoverable error... will try to recover on other worker"}
	saysClient      = &message{LevelInfo, "GOJK0327", "unrecoverable error %d, request failed. Client failed in the middle of request, we can't recover to another instance."}
	saysTomcat      = &message{LevelError, "GOJK0328", "unrecoverable error %d, request failed. Tomcat failed in the middle of request, we can't recover to another instance."}

	saysDecay = &message{LevelDebug, "GOJK0330", "decay with 2^%d"}
	saysWait  = &message{LevelDebug, "GOJK0331", "worker %s will recover in %d seconds"}
)

// logging is a Logger that may be missing.
type logging struct{ Logger }

// wants reports whether a message is wanted. Ask before say: that formats.
func (l logging) wants(m *message) bool { return l.Logger != nil && l.Enabled(m.level) }

func (l logging) say(m *message, args ...any) { l.Log(m.level, m.id, m.format, args...) }
