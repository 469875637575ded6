// Licensed under the Apache License, Version 2.0; see LICENSE.

// Package statusworker answers the requests of a worker of type status: it builds a model of everything the workers know (model.go), lets one
// renderer for each format show it (format.go says which there are), and carries out what an operator asks for (command.go).
//
// Requests to it are rare, so it uses Go's memory freely; everything it keeps is gone with the response.
package statusworker

import (
	"errors"
	"time"

	"mod_gojk/ajp"
	"mod_gojk/module/internal/config"
	"mod_gojk/module/internal/jklog"
	"mod_gojk/module/internal/registry"
)

// Request is a request to a status worker. Strings are borrowed.
type Request struct {
	Worker   *registry.Worker // the status worker itself
	Snapshot *registry.Snapshot
	Log      *jklog.Logger
	Now      time.Time

	Method     string
	Path       string // as the client asked for it, decoded
	Query      string // without '?'
	User       string // forwarded remote user; empty: none
	AuthType   string // empty: none
	RemoteAddr string
	RemoteHost string // empty: not looked up
	RequestID  string
	ServerName string
	ServerPort uint32
	Headers    []ajp.Header
	HeadOnly   bool

	// ReadBody fills p from the request body; fewer bytes: it has ended.
	ReadBody func(p []byte) (int, error)
}

// Response is the page. It is Go memory.
type Response struct {
	Status  int
	Headers []ajp.Header
	Body    string
}

// Serve answers a request. Whatever the answer says, its status is 200, as in mod_jk: scripts read the text. An error means that the client failed.
func Serve(r *Request) (*Response, error) {
	c := &call{Request: r, settings: r.Worker.Status}
	page, err := c.answer()
	if err != nil {
		return nil, err
	}
	return c.respond(page), nil
}

// call is one request on its way.
type call struct {
	*Request
	settings *config.Status
	params   parameters
	command  Command
	format   format
	target   target
}

// refusal is an error that the client is told of; its text is the answer.
type refusal string

// Error is the text.
func (e refusal) Error() string { return string(e) }

// answer decides what the client gets.
func (c *call) answer() (*Page, error) {
	err := c.admit()
	if err == nil && c.command.Changes() {
		return c.change(), nil
	}
	var no refusal
	if errors.As(err, &no) {
		return c.refuse(no), nil
	}
	if err != nil {
		return nil, err
	}
	return c.page(), nil
}

// admit finds out what is asked for, and whether it may be. The order of the checks is mod_jk's.
func (c *call) admit() error {
	c.params = parameters{}
	err := c.params.parse(c.Query)
	if err == nil {
		c.format = parseFormat(c.params["mime"])
	}
	if !c.allowed() {
		return refusal("Access denied.")
	}
	if err != nil {
		return err
	}
	if c.Method == "POST" {
		if err := c.admitPost(); err != nil {
			return err
		}
	}
	c.command, c.format = parseCommand(c.params["cmd"]), parseFormat(c.params["mime"])
	if c.readOnly() && !c.command.Reads() {
		return refusal("This command is not allowed in read only mode.")
	}
	if err := c.known(); err != nil {
		return err
	}
	if c.command.Changes() && c.Method != "POST" {
		return refusal("cmd=" + c.command.String() + " changes something and needs a POST; this was a " + c.Method +
			". Nothing was changed. Use the buttons of the status page, or for instance: curl -d 'cmd=" + c.command.String() + "&w=...' URL")
	}
	return c.findTarget()
}

// admitPost refuses what another site makes a browser send, and reads the form.
func (c *call) admitPost() error {
	if site := c.foreign(); site != "" {
		return refusal("This POST was sent by a page of another site (" + site + ") and was refused; nothing was changed.")
	}
	return c.readForm()
}

// known refuses commands and formats that do not exist.
func (c *call) known() error {
	switch {
	case c.command == Unknown:
		return refusal("Invalid command.")
	case c.command == Missing:
		return refusal("This command is not available in this version.")
	case c.format == unknownFormat:
		return refusal("Invalid mime type.")
	case c.format.render() == nil:
		return refusal("This format is not available in this version; mime=html is.")
	}
	return nil
}

// readOnly reports whether changing commands are refused: by property, or because this request says so.
func (c *call) readOnly() bool {
	return c.settings.ReadOnly || Hidden(c.params.number("opt")).Has(HideButtons)
}

// refuse makes the page of an error that was found before the command ran. It tells nothing else.
func (c *call) refuse(text refusal) *Page {
	c.log(jklog.Warn, "GOJK4001", "Status worker '%s': %s", c.Worker.Name, text)
	return &Page{Worker: c.Worker.Name, Style: c.settings, Bare: true, Result: Result{Failed: true, Message: string(text)}}
}

// log writes a line about this request.
func (c *call) log(level jklog.Level, id, format string, args ...any) {
	c.Log.LogDepth(1, level, c.RequestID, id, format, args...)
}

// respond renders the page, unless only its head is wanted.
func (c *call) respond(p *Page) *Response {
	render := c.format.render()
	if render == nil {
		render = renderPlainResult
	}
	response := &Response{Status: 200, Headers: c.headers()}
	if !c.HeadOnly && c.Method != "HEAD" {
		response.Body = render(p)
	}
	return response
}

// headers are the same for every answer in a format. The page needs no script, no frame around it and nothing from elsewhere but the style sheet
// of the property css; a browser is told so.
func (c *call) headers() []ajp.Header {
	policy := "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	if c.settings.CSS != "" {
		policy = "default-src 'none'; style-src 'unsafe-inline' *; img-src *; font-src *; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	}
	return []ajp.Header{
		{Name: "Content-Type", Value: c.format.contentType()},
		{Name: "Cache-Control", Value: "no-cache"},
		{Name: "Pragma", Value: "no-cache"},
		{Name: "Content-Security-Policy", Value: policy},
		{Name: "X-Content-Type-Options", Value: "nosniff"},
		{Name: "X-Frame-Options", Value: "DENY"},
		{Name: "Referrer-Policy", Value: "same-origin"},
	}
}
