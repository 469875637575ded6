// Licensed under the Apache License, Version 2.0; see LICENSE.

package statusworker

import (
	"errors"
	"fmt"
	"strings"

	"mod_gojk/balancer"
	"mod_gojk/module/internal/config"
	"mod_gojk/module/internal/jklog"
	"mod_gojk/module/internal/registry"
)

// Command is what is asked for (parameter cmd).
type Command uint8

// The commands.
const (
	Unknown Command = iota
	Missing         // a command of mod_jk that does not exist here
	List
	Show
	Version
	Update
	Reset
	Recover
)

var commands = map[string]Command{
	"": List, "list": List, "show": Show, "version": Version, "update": Update, "reset": Reset, "recover": Recover,
	"edit": Missing, "dump": Missing,
}

// parseCommand returns the command of that name, in exactly this case; empty: List.
func parseCommand(name string) Command { return commands[name] }

// String is the name.
func (c Command) String() string {
	names := [...]string{"unknown", "unknown", "list", "show", "version", "update", "reset", "recover"}
	if int(c) < len(names) {
		return names[c]
	}
	return "unknown"
}

// Reads reports whether the command only shows something.
func (c Command) Reads() bool { return c == List || c == Show || c == Version }

// Changes reports whether the command changes something.
func (c Command) Changes() bool { return c == Update || c == Reset || c == Recover }

// target is what the parameters w and sw name.
type target struct {
	worker  *registry.Worker
	members []int // nil: sw was not given
}

// findTarget finds what the command is about.
func (c *call) findTarget() error {
	if c.command == List || c.command == Version {
		return nil
	}
	name := c.params["w"]
	if name == "" {
		return refusal("NULL or EMPTY worker param")
	}
	if c.target.worker = c.Snapshot.Listed(name); c.target.worker == nil {
		return refusal("Could not find given worker")
	}
	if c.command.Changes() && c.target.worker.Type == config.TypeStatus {
		return refusal("worker type not implemented")
	}
	return c.findMembers()
}

// findMembers finds the members that sw names. A pattern with '*' and '?' may name several, in Update only.
func (c *call) findMembers() error {
	name, given := c.params["sw"]
	wild := strings.ContainsAny(name, "*?")
	switch {
	case given && name == "":
		return refusal("EMPTY sub worker param")
	case !given && c.command == Recover:
		return refusal("NULL or EMPTY sub_worker param")
	case !given:
		return nil
	case wild && c.command != Update:
		return refusal("wildcard not allowed in sub worker for this command")
	case c.target.worker.Type != config.TypeLB:
		return refusal("worker type has no sub workers")
	}
	b := c.target.worker.Balancer
	for i := range b.Len() {
		if member := b.MemberName(i); member == name || wild && matchesWildcard(name, member) {
			c.target.members = append(c.target.members, i)
		}
	}
	if len(c.target.members) == 0 {
		return refusal("could not find sub worker")
	}
	return nil
}

// matchesWildcard reports whether a name matches a pattern: '*' stands for any characters, '?' for one. A '*' that has matched too little takes one
// character more, and only the last one need be tried again, so the time is at most the product of the lengths.
func matchesWildcard(pattern, name string) bool {
	p, n, star, taken := 0, 0, -1, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, taken = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == name[n]):
			p++
			n++
		case star >= 0:
			taken++
			p, n = star+1, taken
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// change carries the command out and returns the page that it was given from, with the result.
func (c *call) change() *Page {
	detail, err := c.carryOut()
	result := Result{Message: messageOK, Detail: detail}
	if err != nil {
		c.log(jklog.Warn, "GOJK4004", "Status worker '%s': %v", c.Worker.Name, err)
		result = Result{Failed: true, Message: err.Error()}
	}
	p := c.newPage(List)
	if c.params["from"] == "show" {
		c.target.members = nil
		p.Command = Show
		c.addTarget(p)
	} else {
		c.addAll(p)
	}
	p.Result = result
	p.Next = p.self()
	return p
}

// carryOut does what was asked for and says what it did.
func (c *call) carryOut() (string, error) {
	switch c.command {
	case Update:
		return c.update()
	case Reset:
		return c.reset(), nil
	}
	return c.recover()
}

// update changes the activation of members (vwa). Other attributes of mod_jk's update are refused as long as they cannot be changed here.
func (c *call) update() (string, error) {
	for name := range c.params {
		if name != "vwa" && (strings.HasPrefix(name, "v") || name == "att") {
			return "", refusal("Update failed: '" + name + "' cannot be changed in this version; nothing was changed")
		}
	}
	a, ok := parseActivation(c.params["vwa"])
	switch {
	case !ok:
		return "", refusal("Update failed: vwa must be a (active), d (disabled) or s (stopped), not '" + c.params["vwa"] + "'; nothing was changed")
	case c.target.worker.Type != config.TypeLB:
		return "", refusal("Update failed: only members of a balancer have an activation; nothing was changed")
	case c.target.members == nil:
		return "", refusal("NULL or EMPTY sub_worker param")
	}
	return c.activate(a)
}

// activate sets the activation of all members of the target.
func (c *call) activate(a balancer.Activation) (string, error) {
	b, before := c.target.worker.Balancer, c.target.worker.Balancer.Snapshot(c.Now)
	var done []string
	for _, i := range c.target.members {
		name, old := b.MemberName(i), before.Members[i].Activation
		if err := b.SetActivation(i, a); err != nil {
			return "", refusal("Update failed (at least partially) for sub worker '" + name + "'")
		}
		if old == a {
			done = append(done, fmt.Sprintf("%s was %s already.", name, describeActivation(a)))
			continue
		}
		c.log(jklog.Info, "GOJK4005", "Status worker '%s' changing 'activation' for sub worker '%s' of lb worker '%s' from '%s' to '%s' user=%q addr=%s",
			c.Worker.Name, name, b.Name(), old, a, c.User, c.RemoteAddr)
		done = append(done, fmt.Sprintf("%s of %s is now %s, it was %s.", name, b.Name(), describeActivation(a), describeActivation(old)))
	}
	return strings.Join(done, " "), nil
}

// parseActivation reads an activation by its first letter or its number.
func parseActivation(s string) (balancer.Activation, bool) {
	if s == "" {
		return 0, false
	}
	switch s[0] {
	case 'a', 'A', '0':
		return balancer.Active, true
	case 'd', 'D', '1':
		return balancer.Disabled, true
	case 's', 'S', '2':
		return balancer.Stopped, true
	}
	return 0, false
}

func describeActivation(a balancer.Activation) string {
	switch a {
	case balancer.Active:
		return "active"
	case balancer.Disabled:
		return "disabled"
	case balancer.Stopped:
		return "stopped"
	}
	return a.String()
}

// reset clears counters and error states.
func (c *call) reset() string {
	w := c.target.worker
	switch {
	case w.Type == config.TypeAJP:
		c.log(jklog.Info, "GOJK4006", "Status worker '%s' resetting ajp worker '%s' user=%q addr=%s", c.Worker.Name, w.Name, c.User, c.RemoteAddr)
		w.Record.Reset(c.Now)
		return "The counters of " + w.Name + " start again."
	case c.target.members == nil:
		c.log(jklog.Info, "GOJK4007", "Status worker '%s' resetting lb worker '%s' with all sub workers user=%q addr=%s",
			c.Worker.Name, w.Name, c.User, c.RemoteAddr)
		w.Balancer.Reset(c.Now)
		return "The counters and error states of all members of " + w.Name + " start again."
	}
	member := w.Balancer.MemberName(c.target.members[0])
	c.log(jklog.Info, "GOJK4008", "Status worker '%s' resetting lb worker '%s' sub worker '%s' user=%q addr=%s",
		c.Worker.Name, w.Name, member, c.User, c.RemoteAddr)
	w.Balancer.ResetMember(c.target.members[0], c.Now)
	return "The counters and the error state of " + member + " in " + w.Name + " start again."
}

// recover lets the next request try a member that is in error.
func (c *call) recover() (string, error) {
	b, i := c.target.worker.Balancer, c.target.members[0]
	member := b.MemberName(i)
	err := b.Recover(i)
	if errors.Is(err, balancer.ErrNotInError) {
		c.log(jklog.Warn, "GOJK4009", "Status worker '%s' could not mark worker '%s' sub worker '%s' for recovery - state %s is not an error state",
			c.Worker.Name, b.Name(), member, b.Snapshot(c.Now).Members[i].State)
	}
	if err != nil {
		return "", refusal("Marking worker for recovery failed")
	}
	c.log(jklog.Info, "GOJK4010", "Status worker '%s' marked worker '%s' sub worker '%s' for recovery user=%q addr=%s",
		c.Worker.Name, b.Name(), member, c.User, c.RemoteAddr)
	return "The next request will try " + member + " of " + b.Name() + ".", nil
}
