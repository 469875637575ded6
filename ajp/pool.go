package ajp

import "time"

// Pool keeps one worker's connections in this process, in a fixed number of slots. Safe for concurrent use, without locks:
// two bitmaps say which slots hold an idle connection and which hold none; a slot in neither belongs to who took it.
type Pool struct{ cfg *Config }

// NewPool makes a pool. cfg is copied. ev may be nil. No connection is made yet.
func NewPool(cfg *Config, ev Events) *Pool { return &Pool{cfg: cfg} }

// Get takes a connection for one exchange: the lowest idle one that is alive, otherwise a new one. Give it back with Put.
// Errors: ErrNoEndpoint, ErrPoolClosed, or a *Failure of KindConnect or KindPing.
func (p *Pool) Get() (*Conn, error) { return nil, ErrNoEndpoint }

// Put gives a connection back. It is kept if its last exchange ended cleanly, otherwise closed.
func (p *Pool) Put(c *Conn) {}

// Maintain closes connections that were idle for longer than IdleTimeout, and pings idle ones. For one caller at a time;
// blocks for up to PingTimeout.
func (p *Pool) Maintain(now time.Time) {}

// SetAddress changes where the container is. Idle connections are closed, busy ones when they are put back.
func (p *Pool) SetAddress(a Address) {}

// SetConfig changes all settings but PoolSize. Connections are kept if nothing changed that they were made with.
func (p *Pool) SetConfig(cfg *Config) {}

// Close closes idle connections now and busy ones when they are put back. Get fails from now on.
func (p *Pool) Close() {}
