package ajp

// Conn is one connection to a container, an endpoint. One goroutine at a time.
type Conn struct{}

// Exchange sends a request and receives its response. Returns nil if the response was complete, otherwise a *Failure.
func (c *Conn) Exchange(req *ForwardRequest, h Host, o *ExchangeOptions) error { return nil }

// Traffic returns the bytes received and sent since Get, AJP framing included, probes not.
func (c *Conn) Traffic() (read, written uint64) { return 0, 0 }

// MaxBody returns how many bytes of a request body fit a packet: MaxPacketSize - 6.
func (c *Conn) MaxBody() int { return 0 }

// FD returns the descriptor, for logs.
func (c *Conn) FD() int { return -1 }

// Slot returns the index of the slot in the pool, for logs.
func (c *Conn) Slot() int { return 0 }
