// Licensed under the Apache License, Version 2.0; see LICENSE.

// Package statusworker answers the requests of a worker of type status: it builds a model of everything the workers know (model.go), lets one
// renderer for each format show it, and carries out what an operator asks for.
package statusworker

import (
	"time"

	"mod_gojk/ajp"
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
	RemoteAddr string
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

// Serve answers a request. An error means that the client failed.
func Serve(r *Request) (*Response, error) { return &Response{Status: 200}, nil }
