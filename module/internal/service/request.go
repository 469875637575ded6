// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"unsafe"

	"mod_gojk/ajp"
)

// Request is one request as httpd has it. It is C memory seen from Go: the layout is that of gojk_request in mod_gojk.h,
// field by field (module/view.go asserts it), and it and everything it points to is borrowed for the call of Serve.
// Absent and empty strings look alike unless a flag tells them apart.
type Request struct {
	Host unsafe.Pointer // the shim's own

	Method      string
	Protocol    string
	URI         string // path as httpd decoded it, before normalisation
	UnparsedURI string // request target as the client sent it
	Query       string
	RemoteAddr  string // of the client, as mod_remoteip may have found it
	PeerAddr    string // of the other end of the connection
	LocalAddr   string
	RemoteHost  string // "": httpd has not looked it up
	ServerName  string
	RemoteUser  string
	AuthType    string
	WorkerName  string // of the mapped worker, or JK_WORKER_NAME with its rule extensions

	Headers     []ajp.Header
	Environment []ajp.Header // variables of the request

	ContentLength int64 // bytes; -1: none announced
	Started       int64 // microseconds since 1970

	Server     uint32
	Epoch      uint32
	Worker     uint32 // index, or NoWorker
	Rule       uint32
	Flags      RequestFlags
	RemotePort uint32
	PeerPort   uint32
	ServerPort uint32

	Served *Served // written by Serve
}

// Served is what is to be noted of a request when it is over: C memory, the layout is that of gojk_served.
type Served struct {
	Duration int64           // microseconds in Serve
	Used     uint32          // bytes of Notes; 0: there are none
	Route    uint32          // where in Notes the value of JK_WORKER_ROUTE begins; 0: there is none
	Notes    [notesRoom]byte // C strings: name, value, name, value, ...
}

// notesRoom is GOJK_NOTES_ROOM.
const notesRoom = 1536

// NameMax is the longest name of a worker or route, GOJK_NAME_MAX.
const NameMax = 63

// NoWorker in Request.Worker: look WorkerName up.
const NoWorker = 0xffffffff

// RequestFlags are the bits of Request.Flags, GOJK_REQ_*.
type RequestFlags uint32

// The flags of a request.
const (
	HasQuery RequestFlags = 1 << iota // the URI had a '?'
	Chunked                           // a body of unknown length may follow
	HeadOnly                          // the client wants no body
)

// Has reports whether a flag is set.
func (f RequestFlags) Has(flag RequestFlags) bool { return f&flag != 0 }

// hasBody reports whether the client may send body bytes.
func (r *Request) hasBody() bool { return r.ContentLength > 0 || r.Flags.Has(Chunked) }

// Responded reports whether a part of the response was handed to the client.
func (r *Request) Responded() bool { return r.Flags.Has(responded) }

// Flags of a response beside those of package ajp, for the page that httpd makes: GOJK_RESP_ERROR_HEADERS, GOJK_RESP_ERROR_TEXT.
const (
	respondErrorHeaders = 8
	respondErrorText    = 16
)

// present reports whether a string from C was there at all: absent is a NULL pointer, empty is not.
func present(s string) bool { return unsafe.StringData(s) != nil }

// MapQuery asks which worker a URI belongs to: C memory, the layout is that of gojk_map_query.
type MapQuery struct {
	URI        string
	Target     string // request target as the client sent it
	Normalised *byte  // room for len(URI)+1 bytes
	Server     uint32
	MayAlias   uint32 // not 0: JkAutoAlias may apply
	AsFile     uint32 // not 0: URI is the path of a file that httpd is about to send
	Epoch      uint32
	Worker     uint32
	Rule       uint32
	WorkerName [NameMax + 1]byte
}

// ServerView is what the shim needs to know of a server's configuration: C memory that the library writes, the layout is that of gojk_server.
// Strings are C strings that stay (Host.Keep).
type ServerView struct {
	Mounted            uint32 // atomic; not 0 while requests must be mapped
	ForwardDirectories uint32 // not 0: that option is in force
	RequestLog         uint32 // not 0: JkRequestLogFormat is set
	EnvVars            uint32 // not 0: JkEnvVar is set
	WorkerVariable     string // name in force of JkWorkerIndicator's variable
	AutoAlias          string // "": none
	StripSession       string // "": nothing
}

// Verdict is the answer to a MapQuery: GOJK_MAP_*, or the HTTP status that httpd answers.
type Verdict int32

// The answers.
const (
	MapMiss      Verdict = 0
	MapHit       Verdict = 1
	MapAlias     Verdict = 2
	MapBadURI    Verdict = 400
	MapForbidden Verdict = 403
	MapNotFound  Verdict = 404
	MapFailed    Verdict = 500
)

// What Serve returns besides HTTP statuses, GOJK_SERVE_*.
const (
	Done       = 0
	ClientGone = -1
	Broken     = -2
)

// responded is set in Request.Flags once a part of the response was handed to the client: from then on there is no other answer. It is the
// library's own, above all GOJK_REQ_*.
const responded RequestFlags = 1 << 31
