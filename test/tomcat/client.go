package tomcat

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	clientTimeout = 30 * time.Second
	sessionCookie = "JSESSIONID"
)

// Facts are lines of key=value.
type Facts map[string]string

// ParseFacts reads lines of key=value and passes over the rest.
func ParseFacts(text string) Facts {
	facts := Facts{}
	for line := range strings.Lines(text) {
		if key, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), "="); ok {
			facts[key] = value
		}
	}
	return facts
}

// Answer is what the application says about one visit.
type Answer struct {
	Member  string // who answered
	Session string // the whole id
	Count   int    // visits in this session, this one included
	New     bool   // the session began with this visit
	Facts   Facts  // everything that was said
}

// Stem is the session id without its route.
func (a Answer) Stem() string {
	stem, _, _ := strings.Cut(a.Session, ".")
	return stem
}

// Route is what follows the first dot of the session id.
func (a Answer) Route() string {
	_, route, _ := strings.Cut(a.Session, ".")
	return route
}

// Client is a browser with one session. One goroutine at a time.
type Client struct {
	url     string
	http    *http.Client
	session string // the cookie; empty: none yet
}

// NewClient returns a client without a session, with a connection of its own.
func NewClient(url string) *Client {
	transport := &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 1}
	return &Client{url: url, http: &http.Client{Transport: transport, Timeout: clientTimeout}}
}

// Close closes the client's connection.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Forget makes the next visit begin a new session.
func (c *Client) Forget() { c.session = "" }

// Visit visits the application once. A status other than 200, a broken response and an answer that is not the
// application's are errors.
func (c *Client) Visit() (Answer, error) {
	req, err := http.NewRequest(http.MethodGet, c.url+"?format=text", nil)
	if err != nil {
		return Answer{}, err
	}
	if c.session != "" {
		req.AddCookie(&http.Cookie{Name: sessionCookie, Value: c.session})
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return Answer{}, fmt.Errorf("status %d, then %w", resp.StatusCode, err)
	}
	if resp.StatusCode != http.StatusOK {
		return Answer{}, fmt.Errorf("status %d: %.200q", resp.StatusCode, body)
	}
	for _, cookie := range resp.Cookies() {
		if cookie.Name == sessionCookie {
			c.session = cookie.Value
		}
	}
	return c.answer(ParseFacts(string(body)))
}

func (c *Client) answer(facts Facts) (Answer, error) {
	count, err := strconv.Atoi(facts["count"])
	if err != nil {
		return Answer{}, fmt.Errorf("not an answer of the application: %v", facts)
	}
	a := Answer{Member: facts["member"], Session: facts["session"], Count: count, New: facts["new"] == "true", Facts: facts}
	if a.Session != c.session {
		return Answer{}, fmt.Errorf("the cookie says session %q, the application %q", c.session, a.Session)
	}
	return a, nil
}
