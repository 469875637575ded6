package harness

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// Script is what a container does with one request, after recording it and, if a Content-Length above 0 announces one,
// the first body packet. When the actions are done the container waits for the next packet: a script without End, Close or
// Reset leaves the request unanswered.
type Script struct {
	Actions []Action
	Early   bool // do not wait for the first body packet
}

// Do makes a script.
func Do(actions ...Action) Script { return Script{Actions: actions} }

// Early makes a script that begins before the first body packet has arrived.
func Early(actions ...Action) Script { return Script{Actions: actions, Early: true} }

// Action is one thing that a container does. An error ends the connection.
type Action func(x *Exchange) error

// Exchange is the request that a script answers. One goroutine at a time.
type Exchange struct {
	Request    *Request
	connection *connection
}

const (
	codeSendBodyChunk = 3
	codeSendHeaders   = 4
	codeEndResponse   = 5
	codeGetBodyChunk  = 6
	codeCPong         = 9
)

// errScriptCloses ends a connection because the script says so.
var errScriptCloses = errors.New("closed by the script")

// responseHeaderNames are the coded response headers, A001 to A00B.
var responseHeaderNames = []string{
	"", "Content-Type", "Content-Language", "Content-Length", "Date", "Last-Modified", "Location", "Set-Cookie", "Set-Cookie2",
	"Servlet-Engine", "Status", "WWW-Authenticate",
}

// Answer is the script of an ordinary response: head with a Content-Length, body, end.
func Answer(status int, contentType, body string) Script {
	actions := []Action{Head(status, "OK", "Content-Type", contentType, "Content-Length", fmt.Sprint(len(body)))}
	if body != "" {
		actions = append(actions, Chunk(body))
	}
	return Do(append(actions, End())...)
}

// Raw sends bytes as they are. A host that has gone away ends the script silently: whether a write notices is a race.
func Raw(data []byte) Action {
	return func(x *Exchange) error {
		if x.connection.write(data) != nil {
			return errScriptCloses
		}
		return nil
	}
}

// Packet sends a payload with a correct packet head.
func Packet(payload ...byte) Action { return Raw(frame(payload)) }

// Head sends SEND_HEADERS; pairs are names and values. Names that have a code are sent as the code, as Tomcat does.
func Head(status int, reason string, pairs ...string) Action {
	return Packet(HeadPayload(status, reason, pairs...)...)
}

// HeadPayload is the payload of SEND_HEADERS, for tests that damage it.
func HeadPayload(status int, reason string, pairs ...string) []byte {
	b := binary.BigEndian.AppendUint16([]byte{codeSendHeaders}, uint16(status))
	b = appendString(b, reason)
	b = binary.BigEndian.AppendUint16(b, uint16(len(pairs)/2))
	for i := 0; i+1 < len(pairs); i += 2 {
		b = appendResponseHeaderName(b, pairs[i])
		b = appendString(b, pairs[i+1])
	}
	return b
}

func appendResponseHeaderName(b []byte, name string) []byte {
	for code, known := range responseHeaderNames {
		if code > 0 && strings.EqualFold(known, name) {
			return append(b, 0xa0, byte(code))
		}
	}
	return appendString(b, name)
}

// Chunk sends one SEND_BODY_CHUNK, with the NUL that Tomcat appends.
func Chunk(data string) Action { return Packet(ChunkPayload(data)...) }

// ChunkPayload is the payload of SEND_BODY_CHUNK.
func ChunkPayload(data string) []byte { return appendString([]byte{codeSendBodyChunk}, data) }

// Chunks sends data in chunks of at most size bytes.
func Chunks(data string, size int) Action {
	return func(x *Exchange) error {
		for rest := data; rest != ""; {
			n := min(size, len(rest))
			if err := Chunk(rest[:n])(x); err != nil {
				return err
			}
			rest = rest[n:]
		}
		return nil
	}
}

// Flush sends an empty SEND_BODY_CHUNK.
func Flush() Action { return Packet(codeSendBodyChunk, 0, 0, 0) }

// End sends END_RESPONSE that allows reuse of the connection.
func End() Action { return Packet(codeEndResponse, 1) }

// EndClose sends END_RESPONSE that forbids reuse, and closes.
func EndClose() Action {
	return func(x *Exchange) error {
		if err := Packet(codeEndResponse, 0)(x); err != nil {
			return err
		}
		return errScriptCloses
	}
}

// GetBody asks for at most n bytes of body and records what comes.
func GetBody(n int) Action {
	return func(x *Exchange) error {
		if err := Packet(codeGetBodyChunk, byte(n>>8), byte(n))(x); err != nil {
			return err
		}
		return x.readBodyPacket()
	}
}

// ReadBody asks for body packets of at most n bytes until the end of the body.
func ReadBody(n int) Action {
	return func(x *Exchange) error {
		for {
			before := x.connection.bodyEnded
			if err := GetBody(n)(x); err != nil {
				return err
			}
			if x.connection.bodyEnded > before {
				return nil
			}
		}
	}
}

// readBodyPacket reads and records one body packet.
func (x *Exchange) readBodyPacket() error {
	payload, err := x.connection.read()
	if isEnd(err) {
		return errors.New("the host closed when a body packet was due")
	}
	if err != nil {
		return fmt.Errorf("body packet: %w", err)
	}
	if len(payload) == 0 {
		x.connection.bodyEnded++
		x.connection.record(Record{Kind: RecordBody})
		return nil
	}
	c := &cursor{rest: payload}
	data := c.take(int(c.uint16()))
	if c.err != nil || len(c.rest) > 0 {
		return fmt.Errorf("body packet of %d bytes is wrong: % x...", len(payload), payload[:min(len(payload), 8)])
	}
	if len(data) == 0 {
		return fmt.Errorf("body packet with a length of 0: % x", payload)
	}
	x.connection.record(Record{Kind: RecordBody, Data: data})
	return nil
}

// Close ends the connection.
func Close() Action {
	return func(*Exchange) error { return errScriptCloses }
}

// Reset ends the connection with a reset, as a container that crashes with unread data does.
func Reset() Action {
	return func(x *Exchange) error {
		x.connection.resets.Store(true)
		if err := x.connection.conn.SetLinger(0); err != nil {
			return err
		}
		return errScriptCloses
	}
}

// Hold waits until the container's Release(name).
func Hold(name string) Action {
	return func(x *Exchange) error {
		x.connection.setResting(true)
		defer x.connection.setResting(false)
		<-x.connection.owner.hold(name)
		return nil
	}
}

// AwaitHostClose waits until the host ends its side of the connection.
func AwaitHostClose() Action {
	return func(x *Exchange) error {
		if payload, err := x.connection.read(); err == nil {
			return fmt.Errorf("expected the host to close, got a packet: % x", payload[:min(len(payload), 32)])
		}
		return errScriptCloses
	}
}
