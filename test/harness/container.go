package harness

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// Recorder is what a set of containers share: the order of events among them.
type Recorder struct {
	mu     sync.Mutex
	events []Record
}

// NewRecorder returns an empty recorder.
func NewRecorder() *Recorder { return &Recorder{} }

// Record is one thing that a container saw.
type Record struct {
	Container  string
	Connection int // 1 for the first that the container accepted
	Kind       RecordKind
	Request    *Request // of RecordRequest
	Nth        int      // of RecordRequest: 1 for the first request of its connection
	Data       []byte   // of RecordBody: what came; of RecordStray: the packet
	Text       string   // of RecordTrouble: what went wrong
}

// RecordKind says what a Record is.
type RecordKind int

// The kinds of records.
const (
	RecordRequest RecordKind = iota // a FORWARD_REQUEST
	RecordBody                      // a body packet; without data: the end of the body
	RecordPing                      // a CPING
	RecordStray                     // another packet, at a moment when none was expected
	RecordTrouble                   // the host sent what cannot be read, or went away in the middle of an exchange
)

func (r *Recorder) record(e Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

// Take returns the events so far and forgets them.
func (r *Recorder) Take() []Record {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := r.events
	r.events = nil
	return taken
}

// Container is a scripted AJP back end that records every packet. Safe for concurrent use.
type Container struct {
	Name string
	Port int

	recorder *Recorder

	mu       sync.Mutex
	listener net.Listener
	reserved int // descriptor of a bound socket that keeps the port, also while the container is down
	down     bool
	accepted int
	conns    map[*connection]bool
	scripts  []Script
	pings    PingMode
	released map[string]chan struct{}
	working  sync.WaitGroup
}

// PingMode says what a container does with a CPING.
type PingMode int

// The ping modes.
const (
	PingAnswer PingMode = iota // CPONG
	PingSilent                 // nothing
	PingWrong                  // an END_RESPONSE instead
	PingClose                  // the connection is closed
)

// StartContainer starts a container on a loopback port.
func (r *Recorder) StartContainer(name string) (*Container, error) {
	c := &Container{Name: name, recorder: r, conns: map[*connection]bool{}, released: map[string]chan struct{}{}}
	var err error
	if c.reserved, c.Port, err = reservePort(); err != nil {
		return nil, err
	}
	return c, c.listen()
}

// listen accepts connections from now on. The caller holds the lock, or nobody else knows the container.
func (c *Container) listen() error {
	l, err := net.Listen("tcp", netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(c.Port)).String())
	if err != nil {
		return err
	}
	c.listener = l
	c.working.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			c.adopt(conn.(*net.TCPConn))
		}
	})
	return nil
}

func (c *Container) adopt(conn *net.TCPConn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.accepted++
	k := &connection{owner: c, conn: conn, number: c.accepted}
	c.conns[k] = true
	c.working.Go(k.serve)
}

// Script adds what the container does with the next request that has no script yet. Without a script it answers 200 and
// its name.
func (c *Container) Script(s ...Script) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.scripts = append(c.scripts, s...)
}

// ClearScripts forgets scripts that no request has used and returns how many there were.
func (c *Container) ClearScripts() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := len(c.scripts)
	c.scripts = nil
	return n
}

// AwaitScripts waits until every script has its request.
func (c *Container) AwaitScripts(within time.Duration) error {
	return await("container "+c.Name+" to be asked", within, func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return len(c.scripts) == 0
	})
}

// SetPings says what to do with a CPING from now on.
func (c *Container) SetPings(mode PingMode) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pings = mode
}

// nextScript takes the script of the request that has just arrived.
func (c *Container) nextScript() Script {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.scripts) == 0 {
		return Answer(200, "text/plain", c.Name)
	}
	s := c.scripts[0]
	c.scripts = c.scripts[1:]
	return s
}

// hold returns the channel that Release closes.
func (c *Container) hold(name string) chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.released[name] == nil {
		c.released[name] = make(chan struct{})
	}
	return c.released[name]
}

// Release lets the scripts go on that wait, or will wait, in Hold(name).
func (c *Container) Release(name string) {
	ch := c.hold(name)
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-ch:
	default:
		close(ch)
	}
}

// Down makes the container refuse connections and ends those it has, as when its process is killed. The port stays its own.
func (c *Container) Down() error {
	c.mu.Lock()
	was, listener := c.down, c.listener
	c.down = true
	c.mu.Unlock()
	if was {
		return nil
	}
	err := listener.Close()
	c.closeConnections()
	return err
}

// Up makes a container that was down accept again.
func (c *Container) Up() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.down {
		return nil
	}
	c.down = false
	return c.listen()
}

// reservePort binds a free loopback port without listening: connecting to it is refused, nobody else gets it, and it can be
// listened on by another socket with the same owner.
func reservePort() (fd, port int, err error) {
	fd, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, 0, err
	}
	err = errors.Join(
		unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}),
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1), // for the listeners, not for the choice of the port
	)
	name, nameErr := unix.Getsockname(fd)
	if err = errors.Join(err, nameErr); err != nil {
		unix.Close(fd)
		return -1, 0, err
	}
	return fd, name.(*unix.SockaddrInet4).Port, nil
}

func (c *Container) closeConnections() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k := range c.conns {
		k.end()
	}
}

// Close ends the container and its connections and waits for its goroutines.
func (c *Container) Close() {
	c.mu.Lock()
	c.listener.Close()
	unix.Close(c.reserved)
	held := c.released
	c.mu.Unlock()
	for name := range held {
		c.Release(name)
	}
	c.closeConnections()
	c.working.Wait()
}

// Open is the number of connections that neither side has closed.
func (c *Container) Open() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for k := range c.conns {
		if !k.hostHasClosed() {
			n++
		}
	}
	return n
}

// finWait is how long the host may take to acknowledge the end of a connection.
const finWait = 200 * time.Millisecond

// Settle waits until nothing is under way: every connection waits for its host, or in a Hold, and has read all there is.
func (c *Container) Settle(within time.Duration) error {
	return await("container "+c.Name+" to rest", within, c.settled)
}

// await polls until the event has happened.
func await(what string, within time.Duration, happened func() bool) error {
	deadline := time.Now().Add(within)
	for !happened() {
		if time.Now().After(deadline) {
			return fmt.Errorf("harness: waited %v for %s", within, what)
		}
		time.Sleep(pollInterval)
	}
	return nil
}

func (c *Container) settled() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k := range c.conns {
		if !k.resting() {
			return false
		}
	}
	return true
}

// connection is one connection from a host.
type connection struct {
	owner     *Container
	conn      *net.TCPConn
	number    int // 1 for the container's first
	served    int // requests so far
	bodyEnded int // empty body packets so far; the serving goroutine only

	resets atomic.Bool // closing it resets it

	mu    sync.Mutex
	rests bool // waits for the host or in a Hold
}

// serve reads packets until the host or the script ends the connection.
func (k *connection) serve() {
	defer k.forget()
	for {
		payload, err := k.read()
		if err != nil {
			if !isEnd(err) {
				k.trouble("cannot read: %v", err)
			}
			return
		}
		if !k.handle(payload) {
			return
		}
	}
}

func (k *connection) forget() {
	k.end()
	k.owner.mu.Lock()
	delete(k.owner.conns, k)
	k.owner.mu.Unlock()
}

// end closes the connection. Unless it ends with a reset, the host's kernel knows before it returns: what happens next happens after that, also on a
// machine that is busy.
func (k *connection) end() {
	if n, err := k.peek(); n < 0 && err == nil && !k.resets.Load() && k.conn.CloseWrite() == nil {
		_ = await("the host to be told", finWait, k.told)
	}
	k.conn.Close()
}

// told reports whether the end of what was sent is acknowledged. It is not while the host does not read what was sent before.
func (k *connection) told() bool {
	raw, err := k.conn.SyscallConn()
	if err != nil {
		return true
	}
	told := true
	_ = raw.Control(func(fd uintptr) {
		info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
		told = err != nil || info.State != unix.BPF_TCP_FIN_WAIT1
	})
	return told
}

// handle takes one packet that arrived between exchanges. It reports whether the connection goes on.
func (k *connection) handle(payload []byte) bool {
	switch {
	case len(payload) == 1 && payload[0] == codeCPing:
		k.record(Record{Kind: RecordPing})
		return k.pong()
	case len(payload) > 1 && payload[0] == codeForwardRequest:
		return k.exchange(payload)
	default:
		k.record(Record{Kind: RecordStray, Data: payload})
		return true
	}
}

func (k *connection) pong() bool {
	k.owner.mu.Lock()
	mode := k.owner.pings
	k.owner.mu.Unlock()
	switch mode {
	case PingAnswer:
		return k.write(frame([]byte{codeCPong})) == nil
	case PingWrong:
		return k.write(frame([]byte{codeEndResponse, 1})) == nil
	case PingClose:
		return false
	default:
		return true
	}
}

// exchange records a request and runs its script.
func (k *connection) exchange(payload []byte) bool {
	k.served++
	request, err := decodeRequest(payload)
	script := k.owner.nextScript()
	k.record(Record{Kind: RecordRequest, Request: request, Nth: k.served})
	if err != nil {
		k.trouble("cannot decode the request: %v", err)
	}
	actions := script.Actions
	if request.announcesBody() && !script.Early {
		actions = append([]Action{(*Exchange).readBodyPacket}, actions...)
	}
	x := &Exchange{Request: request, connection: k}
	for _, act := range actions {
		if err := act(x); err != nil {
			if !errors.Is(err, errScriptCloses) {
				k.trouble("%v", err)
			}
			return false
		}
	}
	return true
}

// read reads one packet.
func (k *connection) read() ([]byte, error) {
	k.setResting(true)
	defer k.setResting(false)
	return readPacket(k.conn)
}

func (k *connection) write(data []byte) error {
	_, err := k.conn.Write(data)
	return err
}

func (k *connection) record(e Record) {
	e.Container, e.Connection = k.owner.Name, k.number
	k.owner.recorder.record(e)
}

func (k *connection) trouble(format string, args ...any) {
	k.record(Record{Kind: RecordTrouble, Text: fmt.Sprintf(format, args...)})
}

func (k *connection) setResting(rests bool) {
	k.mu.Lock()
	k.rests = rests
	k.mu.Unlock()
}

// resting reports whether the connection waits and nothing has arrived that it has not read.
func (k *connection) resting() bool {
	k.mu.Lock()
	rests := k.rests
	k.mu.Unlock()
	n, err := k.peek()
	return rests && n < 0 && err == nil
}

// hostHasClosed reports whether the host has ended its side.
func (k *connection) hostHasClosed() bool {
	n, err := k.peek()
	return n == 0 || err != nil
}

// peek looks at what has arrived: -1 nothing, 0 the end, more: data. An error: the connection is closed.
func (k *connection) peek() (n int, err error) {
	raw, err := k.conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	ctl := raw.Control(func(fd uintptr) {
		var b [1]byte
		n, _, err = unix.Recvfrom(int(fd), b[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
	})
	if errors.Is(err, unix.EAGAIN) {
		n, err = -1, nil
	}
	return n, errors.Join(ctl, err)
}

// isEnd reports whether a read failed because the connection ended between packets.
func isEnd(err error) bool {
	return err == io.EOF || errors.Is(err, net.ErrClosed) || errors.Is(err, unix.ECONNRESET)
}
