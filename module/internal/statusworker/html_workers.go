// Licensed under the Apache License, Version 2.0; see LICENSE.

package statusworker

import (
	"fmt"

	"mod_gojk/balancer"
)

// workers are the sections of all balancers, then of all direct workers.
func (h *htmlPage) workers() {
	if n := len(h.Balancers); n > 0 && !h.Hidden.Has(HideBalancers) {
		h.listing("Listing Load Balancing Worker", n)
		for i := range h.Balancers {
			h.balancer(&h.Balancers[i])
		}
	}
	if n := len(h.Page.Workers); n > 0 && !h.Hidden.Has(HideWorkers) {
		h.listing("Listing AJP Worker", n)
		for i := range h.Page.Workers {
			h.ajpWorker(&h.Page.Workers[i])
		}
	}
}

// listing is the heading of a list, as in mod_jk.
func (h *htmlPage) listing(title literal, n int) {
	ending := "s"
	if n == 1 {
		ending = ""
	}
	if h.Command == List {
		h.put("<h2>"+title+"{} ({} Worker{})</h2>\n", ending, n, ending)
	}
}

func (h *htmlPage) balancer(b *Balancer) {
	h.put("<section class=\"worker\">\n")
	h.workerHead(b.Name, "Worker Status for ", func() {
		h.button("Reset all", "cmd", "reset", "w", b.Name)
	})
	if !h.Hidden.Has(HideLBSummary) {
		h.facts([]fact{
			{"Good", b.Good}, {"Degraded", b.Degraded}, {"Bad/Stopped", b.Bad}, {"Busy", b.Busy}, {"Max Busy", b.MaxBusy},
			{"Next Maintenance", fmt.Sprintf("%d/%d", seconds(b.MaintainMin), seconds(b.MaintainMax))},
			{"Last Reset", timestamp(b.LastReset)},
		})
	}
	if !h.Hidden.Has(HideMembers) {
		h.members(b)
	}
	if !h.Hidden.Has(HideLBSettings) {
		h.balancerSettings(b)
	}
	if !h.Hidden.Has(HideAJPSettings) && !h.Hidden.Has(HideMembers) {
		h.open("Settings of the members")
		h.settingsTable(true)
		for i := range b.Members {
			h.settingsRow(b.Members[i].Name, &b.Members[i].Settings)
		}
		h.close()
	}
	h.maps(b.Name, b.Maps)
	h.put("</section>\n")
}

// workerHead is a worker's name, the way to a page of its own, and its buttons.
func (h *htmlPage) workerHead(name string, title literal, buttons func()) {
	h.put("<div class=\"head\"><h3><small>"+title+"</small>{}</h3>", name)
	if h.Command == List {
		h.put("<a href=\"{}\">Show only this</a>", h.view(Show, name, ""))
	}
	if !h.ReadOnly {
		h.put("<form method=\"post\">")
		buttons()
		h.put("</form>")
	}
	h.put("</div>\n")
}

// button gives a command. All of it stands in the query string, so that httpd's access log tells who did what.
func (h *htmlPage) button(label literal, parameters ...string) {
	from := "list"
	if h.Command == Show {
		from = "show"
	}
	parameters = append(parameters, "from", from, "re", positive(h.Refresh), "opt", positive(int(h.Hidden)))
	h.put("<button formaction=\"{}\">"+label+"</button>", link(parameters...))
}

// members is the table of a balancer's members.
func (h *htmlPage) members(b *Balancer) {
	h.put("<div class=\"wide\"><table class=\"runtime\">\n<thead><tr>")
	h.heads(memberColumns)
	h.put("</tr></thead>\n<tbody>\n")
	for i := range b.Members {
		m := &b.Members[i]
		h.put("<tr class=\"{}\"><th scope=\"row\">{}", m.Rating, m.Name)
		if !h.ReadOnly {
			h.memberButtons(b.Name, m)
		}
		h.put("</th>")
		h.cells(memberColumns[1:], memberRow(m, h.Time))
		h.put("</tr>\n")
	}
	h.put("</tbody>\n</table></div>\n")
}

// memberButtons are those that make sense for a member now.
func (h *htmlPage) memberButtons(lb string, m *Member) {
	h.put("<form method=\"post\">")
	if m.State == balancer.Error {
		h.button("Recover", "cmd", "recover", "w", lb, "sw", m.Name)
	}
	for _, choice := range []struct {
		label literal
		value string
		a     balancer.Activation
	}{{"Enable", "a", balancer.Active}, {"Disable", "d", balancer.Disabled}, {"Stop", "s", balancer.Stopped}} {
		if choice.a != m.Activation {
			h.button(choice.label, "cmd", "update", "w", lb, "sw", m.Name, "vwa", choice.value)
		}
	}
	h.button("Reset", "cmd", "reset", "w", lb, "sw", m.Name)
	h.put("</form>")
}

func (h *htmlPage) heads(columns []column) {
	for _, c := range columns {
		class := figure
		switch c.head {
		case "Name", "Act", "State", "Route", "RR", "Cd":
			class = plain
		}
		h.put("<th scope=\"col\" class=\"{}\" title=\"{}\">{}</th>", class, c.meaning, c.head)
	}
}

// cells are a row's. data-h repeats the heading for narrow screens, where a row becomes a card.
func (h *htmlPage) cells(columns []column, r *row) {
	for _, c := range columns {
		h.cell(c.head, c.cell(r))
	}
}

func (h *htmlPage) cell(head string, c cell) {
	switch {
	case c.text == "":
		h.put("<td class=\"empty\"></td>")
	case c.tone == plain:
		h.put("<td data-h=\"{}\">{}</td>", head, c.text)
	case c.tone == figure || c.tone == zero:
		h.put("<td class=\"{}\" data-h=\"{}\">{}", c.tone, head, c.text)
		if c.remark != "" {
			h.put(" <small>{}</small>", c.remark)
		}
		h.put("</td>")
	default:
		h.put("<td data-h=\"{}\"><b class=\"{}\">{}</b></td>", head, c.tone, c.text)
	}
}

func (h *htmlPage) ajpWorker(w *AJPWorker) {
	h.put("<section class=\"worker\">\n")
	h.workerHead(w.Name, "Worker Status for ", func() {
		h.button("Reset", "cmd", "reset", "w", w.Name)
	})
	h.put("<div class=\"wide\"><table class=\"runtime\">\n<thead><tr>")
	h.heads(workerColumns)
	h.put("</tr></thead>\n<tbody>\n<tr>")
	h.cells(workerColumns, workerRow(w, h.Time))
	h.put("</tr>\n</tbody>\n</table></div>\n")
	if !h.Hidden.Has(HideAJPSettings) {
		h.open("Settings")
		h.settingsTable(false)
		h.settingsRow("", &w.Settings)
		h.close()
	}
	h.maps(w.Name, w.Maps)
	h.put("</section>\n")
}

// open begins a part that is folded up until it is asked for; close ends it. In between stands a table.
func (h *htmlPage) open(title literal) {
	h.put("<details" + h.unfolded() + "><summary>" + title + "</summary>\n<div class=\"wide\"><table>\n")
}

func (h *htmlPage) close() { h.put("</table></div>\n</details>\n") }

// unfolded: whoever looks at one worker wants to see all of it.
func (h *htmlPage) unfolded() literal {
	if h.Command == Show {
		return " open"
	}
	return ""
}

// fact is a name and a value.
type fact struct {
	name  literal
	value any
}

// facts is a list of them.
func (h *htmlPage) facts(list []fact) {
	h.put("<dl class=\"facts\">\n")
	for _, f := range list {
		h.fact(f.name, f.value)
	}
	h.put("</dl>\n")
}

// tableHead is a row of headings.
func (h *htmlPage) tableHead(names ...literal) {
	h.put("<thead><tr>")
	for _, n := range names {
		h.put("<th scope=\"col\">" + n + "</th>")
	}
	h.put("</tr></thead>\n")
}

// tableRow is a row of values.
func (h *htmlPage) tableRow(values ...any) {
	h.put("<tr>")
	for _, v := range values {
		h.put("<td>{}</td>", v)
	}
	h.put("</tr>\n")
}

func (h *htmlPage) balancerSettings(b *Balancer) {
	h.open("Settings of the balancer")
	h.tableHead("Type", "Sticky Sessions", "Force Sticky Sessions", "Retries", "LB Method", "Locking", "Recover Wait Time",
		"Error Escalation Time", "Max Reply Timeouts")
	h.tableRow(b.Type, truth(b.Sticky), truth(b.StickyForce), b.Retries, b.Method, b.Lock, wait(b.RecoverTime), wait(b.ErrorEscalation),
		b.MaxReplyTimeouts)
	h.close()
}

// truth is a switch as mod_jk shows it.
func truth(on bool) string {
	if on {
		return "True"
	}
	return "False"
}

// settingsTable begins a table of ajp13 settings: of members, which have names, or of one worker.
func (h *htmlPage) settingsTable(named bool) {
	heads := []literal{
		"Type", "Hostname", "Address:Port", "Source", "Connection Pool Timeout", "Connect Timeout", "Prepost Timeout", "Reply Timeout", "Retries",
		"Recovery Options", "Busy Limit", "Max Packet Size",
	}
	if named {
		heads = append([]literal{"Name"}, heads...)
	}
	h.tableHead(heads...)
}

func (h *htmlPage) settingsRow(name string, s *Settings) {
	values := []any{
		s.Type, s.Host, s.Address, s.Source, wait(s.PoolTimeout), milliseconds(s.ConnectTimeout), milliseconds(s.PrepostTimeout),
		milliseconds(s.ReplyTimeout), s.Retries, s.RecoveryOptions, s.BusyLimit, s.MaxPacketSize,
	}
	if name != "" {
		values = append([]any{name}, values...)
	}
	h.tableRow(values...)
}

// maps are the URIs that lead to a worker.
func (h *htmlPage) maps(worker string, maps []Map) {
	if h.Hidden.Has(HideMaps) {
		return
	}
	if len(maps) == 0 {
		h.put("<p class=\"note\">Warning: No URI Mappings defined for {}</p>\n", worker)
		return
	}
	h.put("<details"+h.unfolded()+"><summary>URI Mappings for {} ({})</summary>\n<div class=\"wide\"><table>\n", worker, plural(len(maps), "map"))
	h.tableHead("Server", "URI", "Match Type", "Source", "Reply Timeout", "Sticky Ignore", "Stateless", "Fail on Status", "Active", "Disabled", "Stopped",
		"Use Server Errors")
	for i := range maps {
		m := &maps[i]
		h.tableRow(m.Server, m.URI, m.Type, m.Source, m.ReplyTimeout, m.StickyIgnore, m.Stateless, m.FailOnStatus, m.Active, m.Disabled, m.Stopped,
			m.UseServerErrors)
	}
	h.close()
}
