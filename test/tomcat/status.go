package tomcat

import (
	"context"
	"fmt"
	"html"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// MemberStatus is what the status page says about a member.
type MemberStatus struct {
	Activation string // ACT, DIS or STP
	State      string // as OK, OK/IDLE, ERR, ERR/REC
}

// OK reports whether the balancer uses the member without doubts.
func (m MemberStatus) OK() bool { return m.State == "OK" || m.State == "OK/IDLE" }

// InError reports whether the balancer has seen the member fail and does not use it.
func (m MemberStatus) InError() bool { return m.State == "ERR" }

// String is the activation and the state as the page shows them.
func (m MemberStatus) String() string { return m.Activation + " " + m.State }

// Status reads the status page as a person would see it.
func (s *Site) Status() (map[string]MemberStatus, error) {
	client := &http.Client{Timeout: clientTimeout, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(s.StatusURL())
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %d", s.StatusURL(), resp.StatusCode)
	}
	return ParseStatus(string(page)), nil
}

var (
	tag        = regexp.MustCompile(`<[^>]*>`)
	activation = []string{"ACT", "DIS", "STP"}
)

// ParseStatus finds the members in a status page: a name, then an activation, then a state, each in its own cell.
func ParseStatus(page string) map[string]MemberStatus {
	members := map[string]MemberStatus{}
	cells := strings.FieldsFunc(html.UnescapeString(tag.ReplaceAllString(page, "\n")), func(r rune) bool { return r == '\n' })
	cells = slices.DeleteFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) == "" })
	for i := 1; i+1 < len(cells); i++ {
		if slices.Contains(activation, strings.TrimSpace(cells[i])) {
			members[strings.TrimSpace(cells[i-1])] = MemberStatus{strings.TrimSpace(cells[i]), strings.TrimSpace(cells[i+1])}
		}
	}
	return members
}

// WaitStatus waits until the status page says about a member what is wanted.
func (s *Site) WaitStatus(ctx context.Context, member, what string, wanted func(MemberStatus) bool) error {
	var last map[string]MemberStatus
	err := waitFor(ctx, fmt.Sprintf("the status page to show %s %s", member, what), func() (bool, error) {
		members, err := s.Status()
		last = members
		m, ok := members[member]
		return ok && wanted(m), err
	})
	if err != nil {
		return fmt.Errorf("%w; it shows %v", err, last)
	}
	return nil
}

// WatchStatus tells changed of every change that the status page shows, the first reading included, until ctx is cancelled.
// Readings that fail are passed over.
func (s *Site) WatchStatus(ctx context.Context, interval time.Duration, changed func(member string, from, to MemberStatus)) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	seen := map[string]MemberStatus{}
	for {
		if members, err := s.Status(); err == nil {
			for name, now := range members {
				if was := seen[name]; was != now {
					seen[name] = now
					changed(name, was, now)
				}
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
