// Licensed under the Apache License, Version 2.0; see LICENSE.

package statusworker

import (
	"fmt"
	"time"
)

const (
	defaultRefresh = 10 // seconds; what the form for automatic refreshes proposes
	redirectAfter  = 3  // seconds that the result of a change is shown
)

// htmlPage is a Page on its way to HTML.
type htmlPage struct {
	*Page
	markup
}

// renderHTML is the page for people. It needs no script, and nothing from elsewhere.
func renderHTML(p *Page) string {
	h := &htmlPage{Page: p}
	h.head()
	if p.Bare {
		h.put("<h1>JK Status Manager</h1>\n")
		h.result()
		h.put("<p><a href=\"?\">JK Status Manager Start Page</a></p>\n")
	} else {
		h.top()
		h.result()
		h.findings()
		h.workers()
		h.legend()
	}
	h.foot()
	return string(h.b)
}

func (h *htmlPage) head() {
	h.put("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"UTF-8\">\n"+
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n", h.title())
	switch {
	case h.Next != "" && !h.Result.Failed:
		h.put("<meta http-equiv=\"refresh\" content=\"{};url={}\">\n", redirectAfter, h.Next)
	case h.Next == "" && h.Refresh > 0 && !h.Bare:
		h.put("<meta http-equiv=\"refresh\" content=\"{};url={}\">\n", h.Refresh, h.self())
	}
	h.put("<style>\n")
	h.put(style)
	h.put("</style>\n")
	if h.Style.CSS != "" {
		h.put("<link rel=\"stylesheet\" type=\"text/css\" href=\"{}\">\n", h.Style.CSS)
	}
	h.put("</head>\n<body>\n")
}

// title begins with what matters when the page is one of many tabs.
func (h *htmlPage) title() string {
	if h.Bare {
		return "JK Status Manager"
	}
	broken := 0
	for _, f := range h.summary() {
		if f.Rating == Bad {
			broken++
		}
	}
	title := fmt.Sprintf("JK Status Manager for %s:%d", h.ServerName, h.ServerPort)
	if broken > 0 {
		title = fmt.Sprintf("(%d!) %s", broken, title)
	}
	return title
}

// top is what stands above the workers: where this is, what time it is there, and where one can go.
func (h *htmlPage) top() {
	h.put("<header>\n<h1>JK Status Manager for {}:{}", h.ServerName, h.ServerPort)
	if h.ReadOnly {
		h.put(" <small>(read only)</small>")
	}
	h.put("</h1>\n<dl class=\"facts\">\n")
	h.fact("Server Version:", h.WebServer)
	h.fact("JK Version:", h.JKVersion)
	h.fact("Server Time:", timestamp(h.Time))
	h.fact("Unix Seconds:", h.Time.Unix())
	h.put("</dl>\n</header>\n<nav>\n")
	if h.Command != List {
		h.put("<a href=\"{}\">Back to worker list</a>\n", h.view(List, "", ""))
	}
	h.put("<a href=\"{}\">Refresh now</a>\n", h.self())
	h.autoRefresh()
	if !h.Locked {
		h.readOnlySwitch()
	}
	h.put("</nav>\n")
}

func (h *htmlPage) fact(name literal, value any) {
	h.put("<div><dt>"+name+"</dt><dd>{}</dd></div>\n", value)
}

// autoRefresh starts and stops automatic refreshes.
func (h *htmlPage) autoRefresh() {
	if h.Refresh > 0 {
		still := *h.Page
		still.Refresh = 0
		h.put("<span>Refreshed every {} seconds: <a href=\"{}\">Stop auto refresh</a></span>\n", h.Refresh, still.self())
		return
	}
	h.put("<form method=\"get\">")
	h.keep("cmd", commandParameter(h.Command))
	h.keep("w", h.Target)
	h.keep("sw", h.Member)
	h.keep("opt", positive(int(h.Hidden)))
	h.put("<button>Start auto refresh</button> <label>every <input name=\"re\" type=\"number\" min=\"1\" max=\"86400\" value=\"{}\"> seconds</label></form>\n",
		defaultRefresh)
}

// keep makes a form carry a parameter on.
func (h *htmlPage) keep(name literal, value string) {
	if value != "" {
		h.put("<input type=\"hidden\" name=\""+name+"\" value=\"{}\">", value)
	}
}

// readOnlySwitch hides or shows the buttons.
func (h *htmlPage) readOnlySwitch() {
	other := *h.Page
	other.Hidden ^= HideButtons
	if h.ReadOnly {
		h.put("<a href=\"{}\">Read/Write</a>\n", other.self())
		return
	}
	h.put("<a href=\"{}\">Read Only</a>\n", other.self())
}

// result says what came of the command. The words in bold are mod_jk's: scripts look for them.
func (h *htmlPage) result() {
	switch {
	case h.Result.Failed:
		h.put("<p class=\"result bad\" role=\"alert\"><b>Result: ERROR - {}</b></p>\n", h.Result.Message)
	case h.Next != "":
		h.put("<p class=\"result good\" role=\"status\"><b>Result: OK - You will be redirected in {} seconds.</b> {} <a href=\"{}\">Continue</a></p>\n",
			redirectAfter, h.Result.Detail, h.Next)
	}
}

// words say each rating without colour.
func (r Rating) words() literal {
	switch r {
	case Good:
		return "OK"
	case Bad:
		return "Problem"
	}
	return "Note"
}

// findings are the sentences to read first.
func (h *htmlPage) findings() {
	list := h.summary()
	if len(list) == 0 {
		return
	}
	h.put("<ul class=\"summary\">\n")
	for _, f := range list {
		h.put("<li class=\"{}\"><b class=\"tag {}\">{}</b> <span>", f.Rating, f.Rating, f.Rating.words())
		if f.Subject != "" {
			h.put("<b>{}</b>: ", f.Subject)
		}
		h.put("{}</span></li>\n", f.Text)
	}
	h.put("</ul>\n")
}

// legend says what the headings mean.
func (h *htmlPage) legend() {
	if h.Hidden.Has(HideLegend) || len(h.Balancers)+len(h.Workers) == 0 {
		return
	}
	h.put("<details class=\"legend\">\n<summary>Legend</summary>\n<dl>\n")
	for _, c := range memberColumns {
		h.put("<div><dt>{}</dt><dd>{}</dd></div>\n", c.head, c.meaning)
	}
	h.put("</dl>\n<p><b>Enable</b> (ACT): all requests. <b>Disable</b> (DIS): only requests of the member's own sessions, so that it can be emptied. " +
		"<b>Stop</b> (STP): no requests. <b>Recover</b>: the next request tries a member in error, without waiting. " +
		"<b>Reset</b>: counters and error state start again.</p>\n</details>\n")
}

func (h *htmlPage) foot() {
	h.put("<footer>")
	if !h.Bare {
		h.put("{} &middot; status worker {} &middot; <a href=\"{}\">Version</a>", h.JKVersion, h.Worker, link("cmd", "version"))
	}
	h.put("</footer>\n</body>\n</html>\n")
}

// wait is a time in seconds for a settings table.
func wait(d time.Duration) int64 { return int64(d / time.Second) }

// milliseconds is a time for a settings table.
func milliseconds(d time.Duration) int64 { return d.Milliseconds() }
