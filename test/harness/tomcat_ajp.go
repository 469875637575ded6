package harness

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// ajpDeadline bounds a whole exchange with a connector.
const ajpDeadline = 10 * time.Second

// The few numbers of AJP/1.3 that a ping and a GET need. Written apart from package ajp, which is under test.
const (
	ajpForwardRequest = 0x02
	ajpSendBodyChunk  = 0x03
	ajpSendHeaders    = 0x04
	ajpEndResponse    = 0x05
	ajpCPong          = 0x09
	ajpCPing          = 0x0a

	ajpGet       = 0x02
	ajpHost      = 0xa00b
	ajpQuery     = 0x05
	ajpSecret    = 0x0c
	ajpTerminate = 0xff
)

// Ping sends a CPING and waits for the CPONG.
func (c Connector) Ping() error {
	conn, err := c.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := writeAJP(conn, []byte{ajpCPing}); err != nil {
		return err
	}
	answer, err := readAJP(bufio.NewReader(conn))
	if err == nil && !bytes.Equal(answer, []byte{ajpCPong}) {
		err = fmt.Errorf("harness: % x is no CPONG", answer)
	}
	return err
}

// Get requests a path (with query) with the connector's secret and returns status and body.
func (c Connector) Get(path string) (status int, body string, err error) {
	conn, err := c.dial()
	if err != nil {
		return 0, "", err
	}
	defer conn.Close()
	if err := writeAJP(conn, forwardGet(path, c.Secret)); err != nil {
		return 0, "", err
	}
	return readAnswer(bufio.NewReader(conn))
}

func (c Connector) dial() (net.Conn, error) {
	network, address := "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Port))
	if c.Socket != "" {
		network, address = "unix", c.Socket
	}
	conn, err := net.DialTimeout(network, address, ajpDeadline)
	if err != nil {
		return nil, err
	}
	return conn, conn.SetDeadline(time.Now().Add(ajpDeadline))
}

func readAnswer(r *bufio.Reader) (status int, body string, err error) {
	var text strings.Builder
	for {
		m, err := readAJP(r)
		switch {
		case err != nil:
			return status, text.String(), err
		case len(m) >= 3 && m[0] == ajpSendHeaders:
			status = int(binary.BigEndian.Uint16(m[1:]))
		case len(m) >= 3 && m[0] == ajpSendBodyChunk:
			n := int(binary.BigEndian.Uint16(m[1:]))
			text.Write(m[3:min(3+n, len(m))])
		case len(m) >= 1 && m[0] == ajpEndResponse:
			return status, text.String(), nil
		default:
			return status, text.String(), fmt.Errorf("harness: unexpected AJP message % x", m)
		}
	}
}

// forwardGet is a FORWARD_REQUEST for a GET without body.
func forwardGet(path, secret string) []byte {
	uri, query, hasQuery := strings.Cut(path, "?")
	m := []byte{ajpForwardRequest, ajpGet}
	for _, s := range []string{"HTTP/1.1", uri, "127.0.0.1", "localhost", "localhost"} {
		m = appendAJPString(m, s)
	}
	m = binary.BigEndian.AppendUint16(m, 80)
	m = append(m, 0)                        // not TLS
	m = binary.BigEndian.AppendUint16(m, 1) // headers
	m = binary.BigEndian.AppendUint16(m, ajpHost)
	m = appendAJPString(m, "localhost")
	if hasQuery {
		m = appendAJPString(append(m, ajpQuery), query)
	}
	if secret != "" {
		m = appendAJPString(append(m, ajpSecret), secret)
	}
	return append(m, ajpTerminate)
}

func appendAJPString(m []byte, s string) []byte {
	m = binary.BigEndian.AppendUint16(m, uint16(len(s)))
	return append(append(m, s...), 0)
}

func writeAJP(w io.Writer, message []byte) error {
	packet := binary.BigEndian.AppendUint16([]byte{0x12, 0x34}, uint16(len(message)))
	_, err := w.Write(append(packet, message...))
	return err
}

func readAJP(r *bufio.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	if head[0] != 'A' || head[1] != 'B' {
		return nil, errors.New("harness: the other side does not speak AJP")
	}
	message := make([]byte, binary.BigEndian.Uint16(head[2:]))
	_, err := io.ReadFull(r, message)
	return message, err
}
