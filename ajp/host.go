// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

import "time"

// Header is a name and a value. Layout: gojk_header.
type Header struct{ Name, Value string }

// Flags of a Response.
const (
	// FlagHead: status, reason and headers are new. Set in the first call of Respond, never again.
	FlagHead uint32 = 1
	// FlagFlush: send what there is to the client now. It may come along with FlagEnd, which then suffices.
	FlagFlush uint32 = 2
	// FlagEnd: nothing follows.
	FlagEnd uint32 = 4
)

// Response is the part of a response that has arrived. Layout: gojk_response. It and all it points to lie outside Go's
// heap, in memory of the Conn (names of coded headers in the program's constants), and are valid during Host.Respond.
type Response struct {
	// Reason is free of control characters; empty: the status's usual text.
	Reason string
	// Headers are in the container's order, names are tokens, values free of control characters except HTAB.
	Headers []Header
	// Body lists the bytes that came since the last call, in order.
	Body []string
	// Status is 200 to 999, and stays set in later calls.
	Status uint32
	Flags  uint32
}

// Host is the other side of an exchange: the web server with its client. Called on the thread of, and during, Exchange.
type Host interface {
	// ReadBody fills p with the next bytes of the request body. n < len(p): the body has ended. An error: the client failed. What only
	// seemed to be the end may prove to be a failure when it is called again.
	// Without wait it only takes what has come, perhaps nothing, and a failure is left to the next call that waits.
	ReadBody(p []byte, wait bool) (n int, err error)
	// Respond takes a part of the response. An error stops the exchange and is returned inside its Failure.
	Respond(r *Response) error
}

// ExchangeOptions are the parts of a request that concern its transport. Borrowed for the call.
type ExchangeOptions struct {
	// ReplyTimeout is the longest silence of the container; 0: none.
	ReplyTimeout time.Duration
	// FirstChunk is the beginning of the request body, already read from the client, so that it can be sent again to
	// another container. With a known length it follows the request unasked, as much as one packet holds.
	FirstChunk []byte
	// BodyRest is how many bytes Host.ReadBody still has to deliver after FirstChunk. Unused with BodyUnknown.
	// If it is positive and FirstChunk empty, the first packet is read from the host before anything is sent.
	BodyRest int64
	// BodyUnknown: the length is not known (a chunked request): nothing is sent unasked.
	BodyUnknown bool
	// HeadOnly: body chunks are discarded; the first one asks for a flush, as in mod_jk.
	HeadOnly bool
	// FlushPackets: FlagFlush after each body chunk.
	FlushPackets bool
	// FlushHeader: FlagFlush after SEND_HEADERS.
	FlushHeader bool
	// DisableReuse: close the connection after this exchange.
	DisableReuse bool
	// HardClose: if the client fails, close without reading what the container has sent. [recovery_options 4]
	HardClose bool
}
