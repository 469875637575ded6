package harness

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Client is one HTTP connection on which every byte counts: it repairs nothing, follows nothing and hides nothing.
// One goroutine at a time.
type Client struct {
	conn   *net.TCPConn
	reader *bufio.Reader
}

// Field is a header as it came.
type Field struct{ Name, Value string }

// Response is what a client received for one request.
type Response struct {
	Interim    []string // status lines of 1xx responses that came before
	StatusLine string
	Status     int
	Headers    []Field
	Body       []byte // chunked coding removed
	Framing    Framing
	End        Ending
}

// Framing says how the end of a body is known.
type Framing string

// The framings.
const (
	FramingNone    Framing = "none" // no body by rule: HEAD, 204, 304
	FramingLength  Framing = "content-length"
	FramingChunked Framing = "chunked"
	FramingClose   Framing = "until close"
)

// Ending says how a response ended.
type Ending string

// The ends.
const (
	EndComplete  Ending = "complete"
	EndNothing   Ending = "closed without a response"
	EndTruncated Ending = "truncated" // the connection closed before the end that the framing announces
	EndReset     Ending = "reset"
	EndTimeout   Ending = "timeout"
	EndMalformed Ending = "malformed"
)

// Dial connects a client.
func Dial(addr string) (*Client, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &Client{conn: conn.(*net.TCPConn), reader: bufio.NewReaderSize(conn, 1<<16)}, nil
}

// Port is the client's own port.
func (c *Client) Port() int { return c.conn.LocalAddr().(*net.TCPAddr).Port }

// Send writes bytes as they are.
func (c *Client) Send(data string) error {
	_, err := io.WriteString(c.conn, data)
	return err
}

// CloseWrite ends the client's side only.
func (c *Client) CloseWrite() error { return c.conn.CloseWrite() }

// Close ends the connection.
func (c *Client) Close() error { return c.conn.Close() }

// Reset ends the connection with a reset.
func (c *Client) Reset() error {
	return errors.Join(c.conn.SetLinger(0), c.conn.Close())
}

// Received is what has come within that time, and is not consumed. It shows that something is held back, so it waits the
// whole time.
func (c *Client) Received(within time.Duration) ([]byte, error) {
	if err := c.conn.SetReadDeadline(time.Now().Add(within)); err != nil {
		return nil, err
	}
	_, err := c.reader.Peek(c.reader.Size())
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() || err == io.EOF {
		err = nil
	}
	data, _ := c.reader.Peek(c.reader.Buffered())
	return data, err
}

// ReadInterim reads one 1xx response and returns its status line.
func (c *Client) ReadInterim(within time.Duration) (string, error) {
	if err := c.conn.SetReadDeadline(time.Now().Add(within)); err != nil {
		return "", err
	}
	r := &Response{}
	if err := c.readHead(r); err != nil {
		return "", err
	}
	if r.Status/100 != 1 {
		return "", fmt.Errorf("harness: expected an interim response, got %q", r.StatusLine)
	}
	return r.StatusLine, nil
}

// ReadResponse reads the response to a request with that method.
func (c *Client) ReadResponse(method string, within time.Duration) *Response {
	r := &Response{}
	err := c.conn.SetReadDeadline(time.Now().Add(within))
	for err == nil {
		err = c.readHead(r)
		if err != nil || r.Status/100 != 1 || r.Status == 101 {
			break
		}
		r.Interim = append(r.Interim, r.StatusLine)
		r.StatusLine, r.Headers = "", nil
	}
	if err == nil {
		err = c.readBody(r, method)
	}
	r.End = r.endOf(err)
	return r
}

// endOf names the end that an error means.
func (r *Response) endOf(err error) Ending {
	var timeout net.Error
	switch {
	case err == nil:
		return EndComplete
	case errors.As(err, &timeout) && timeout.Timeout():
		return EndTimeout
	case errors.Is(err, unix.ECONNRESET):
		return EndReset
	case err == io.EOF && r.StatusLine == "" && len(r.Headers) == 0:
		return EndNothing
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		return EndTruncated
	}
	return EndMalformed
}

// readLine reads one line. Beside an error it returns what there is of it.
func (c *Client) readLine() (string, error) {
	line, err := c.reader.ReadString('\n')
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), err
}

func (c *Client) readHead(r *Response) error {
	line, err := c.readLine()
	r.StatusLine = line
	if err != nil {
		return err
	}
	version, rest, _ := strings.Cut(line, " ")
	code, _, _ := strings.Cut(rest, " ")
	if r.Status, err = strconv.Atoi(code); err != nil || !strings.HasPrefix(version, "HTTP/1.") {
		return fmt.Errorf("status line %q", line)
	}
	r.Headers, err = c.readFields()
	return err
}

func (c *Client) readFields() ([]Field, error) {
	var fields []Field
	for {
		line, err := c.readLine()
		if err != nil || line == "" {
			return fields, err
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return fields, fmt.Errorf("header line %q", line)
		}
		fields = append(fields, Field{name, strings.TrimPrefix(value, " ")})
	}
}

func (c *Client) readBody(r *Response, method string) (err error) {
	length := r.Header("Content-Length")
	switch {
	case method == "HEAD" || r.Status == 204 || r.Status == 304:
		r.Framing = FramingNone
	case strings.EqualFold(r.Header("Transfer-Encoding"), "chunked"):
		r.Framing = FramingChunked
		err = c.readChunks(r)
	case length != "":
		r.Framing = FramingLength
		err = c.readExactly(r, length)
	default:
		r.Framing = FramingClose
		r.Body, err = io.ReadAll(c.reader)
	}
	return err
}

// readExactly appends a body part whose length is given in decimal.
func (c *Client) readExactly(r *Response, length string) error {
	n, err := strconv.Atoi(length)
	if err != nil || n < 0 {
		return fmt.Errorf("length %q", length)
	}
	part := make([]byte, n)
	got, err := io.ReadFull(c.reader, part)
	r.Body = append(r.Body, part[:got]...)
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (c *Client) readChunks(r *Response) error {
	for {
		line, err := c.readLine()
		if err != nil {
			return unexpected(err)
		}
		n, err := strconv.ParseUint(line, 16, 31)
		if err != nil {
			return fmt.Errorf("chunk size %q", line)
		}
		if n == 0 {
			_, err = c.readFields()
			return unexpected(err)
		}
		if err := c.readExactly(r, strconv.FormatUint(n, 10)); err != nil {
			return err
		}
		if end, err := c.readLine(); err != nil || end != "" {
			return errors.Join(unexpected(err), fmt.Errorf("chunk of %d bytes ends with %q", n, end))
		}
	}
}

// unexpected turns an end of the connection into one that came too early.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Header is the value of the first header of that name, in any case; empty if there is none.
func (r *Response) Header(name string) string {
	for _, f := range r.Headers {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// Rest says how the connection is after a response: "open", "closed", "reset" or the bytes that nobody asked for. It waits for
// the server to close if the response announced that.
func (c *Client) Rest(r *Response, within time.Duration) string {
	wait := time.Millisecond
	if r.Framing == FramingClose || strings.EqualFold(r.Header("Connection"), "close") || r.End != EndComplete {
		wait = within
	}
	_ = c.conn.SetReadDeadline(time.Now().Add(wait))
	extra, err := io.ReadAll(c.reader)
	var timeout net.Error
	switch {
	case len(extra) > 0:
		return fmt.Sprintf("%d more bytes: %q", len(extra), extra[:min(len(extra), 200)])
	case err == nil:
		return "closed"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "open"
	case errors.Is(err, unix.ECONNRESET):
		return "reset"
	}
	return err.Error()
}
