package tomcat

import (
	"context"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
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
	tableRow  = regexp.MustCompile(`(?s)<tr\b.*?</tr>`)
	tableCell = regexp.MustCompile(`(?s)<t[hd]\b[^>]*>(.*?)</t[hd]>`)
	notText   = regexp.MustCompile(`(?s)<form\b.*?</form>|<[^>]*>`)

	activations = []string{"ACT", "DIS", "STP"}
)

// ParseStatus finds the members in a status page, mod_gojk's or mod_jk's: rows with a name, an activation and a state in
// cells side by side. Buttons beside the name are no part of it.
func ParseStatus(page string) map[string]MemberStatus {
	members := map[string]MemberStatus{}
	for _, row := range tableRow.FindAllString(page, -1) {
		var cells []string
		for _, cell := range tableCell.FindAllStringSubmatch(row, -1) {
			cells = append(cells, strings.TrimSpace(html.UnescapeString(notText.ReplaceAllString(cell[1], ""))))
		}
		for i := 1; i+1 < len(cells); i++ {
			if slices.Contains(activations, cells[i]) {
				members[cells[i-1]] = MemberStatus{Activation: cells[i], State: cells[i+1]}
			}
		}
	}
	return members
}

// Activate does what the status page's buttons do: "a" makes a member active, "d" disables it, "s" stops it.
func (s *Site) Activate(member, activation string) error {
	client := &http.Client{Timeout: clientTimeout, Transport: &http.Transport{DisableKeepAlives: true}}
	query := url.Values{"cmd": {"update"}, "w": {"LoadBalancer"}, "sw": {member}, "vwa": {activation}, "from": {"list"}}
	resp, err := client.Post(s.StatusURL()+"?"+query.Encode(), "application/x-www-form-urlencoded", nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err == nil && (resp.StatusCode != http.StatusOK || strings.Contains(string(page), "ERROR -")) {
		err = fmt.Errorf("the status page answers %d to %v: %.2000s", resp.StatusCode, query, page)
	}
	return err
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
