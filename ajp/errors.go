// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

import (
	"errors"
	"strconv"
)

// Kind says what went wrong.
type Kind uint8

// The kinds. The comment says what mod_jk answers the client if it was the last attempt.
const (
	// KindConnect: no connection, or no address. 503.
	KindConnect Kind = 1
	// KindPing: the container did not answer the CPING after connecting or before the request. 503.
	KindPing Kind = 2
	// KindTooLarge: the request head does not fit MaxPacketSize; nothing was sent, the connection is as before. 413.
	KindTooLarge Kind = 3
	// KindSend: a send failed or ran into SocketTimeout. 503.
	KindSend Kind = 4
	// KindClosed: the connection ended or failed between two packets, or SocketTimeout ran out. 502.
	KindClosed Kind = 5
	// KindTimeout: nothing came for ReplyTimeout. 504.
	KindTimeout Kind = 6
	// KindFraming: not AJP, an oversize packet, or the connection ended inside a packet. 502.
	KindFraming Kind = 7
	// KindContent: a packet that is whole but wrong: unknown code, bad header, data before the head. 500 in mod_jk.
	KindContent Kind = 8
	// KindClientRead: Host.ReadBody failed or the body ended early. 400.
	KindClientRead Kind = 9
	// KindClientWrite: Host.Respond refused; Err is its error.
	KindClientWrite Kind = 10
)

var kindNames = [...]string{
	KindConnect: "connect", KindPing: "ping", KindTooLarge: "too large", KindSend: "send", KindClosed: "closed",
	KindTimeout: "timeout", KindFraming: "framing", KindContent: "content", KindClientRead: "client read",
	KindClientWrite: "client write",
}

// String returns the kind in words.
func (k Kind) String() string {
	if int(k) < len(kindNames) && kindNames[k] != "" {
		return kindNames[k]
	}
	return "kind(" + strconv.Itoa(int(k)) + ")"
}

// Stage says how far the exchange had come, and so what repeating the request would mean.
type Stage uint8

// The stages, in order. Compare by name; there may be more one day.
const (
	// StageNotSent: the container cannot have received the complete FORWARD_REQUEST. Repeating is safe.
	StageNotSent Stage = 0
	// StageSent: the whole FORWARD_REQUEST was handed to the kernel; the container may have acted on it.
	StageSent Stage = 1
	// StageHeadReceived: SEND_HEADERS has arrived, the host has seen nothing.
	StageHeadReceived Stage = 2
	// StageResponded: Host.Respond was called at least once.
	StageResponded Stage = 3
)

var stageNames = [...]string{"not sent", "sent", "head received", "responded"}

// String returns the stage in words.
func (s Stage) String() string {
	if int(s) < len(stageNames) {
		return stageNames[s]
	}
	return "stage(" + strconv.Itoa(int(s)) + ")"
}

// Failure is why an exchange, or Pool.Get, did not succeed. It holds nothing of the request's content.
type Failure struct {
	Kind  Kind
	Stage Stage
	// BodyRead: bytes of the request body beyond ExchangeOptions.FirstChunk were taken from the host.
	BodyRead bool
	// BodyAsked: the container sent GET_BODY_CHUNK. mod_jk does not repeat such a request.
	BodyAsked bool
	// Err is the cause, never nil. The typed ones: *MagicError, *SizeError, *CodeError, *TooLargeError, *PingAnswerError, syscall.Errno.
	Err error
}

// Error implements error.
func (f *Failure) Error() string {
	return "ajp: " + f.Kind.String() + ", " + f.Stage.String() + ": " + f.Err.Error()
}

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }

// Causes. Most come inside a *Failure.
var (
	// ErrNoEndpoint: Get found no free slot within AcquireTimeout. Returned as it is.
	ErrNoEndpoint = errors.New("ajp: no free endpoint")
	// ErrPoolClosed: Get after Close. Returned as it is.
	ErrPoolClosed = errors.New("ajp: pool closed")
	// ErrNoAddress: the worker has no address or port 0.
	ErrNoAddress = errors.New("no address to connect to")
	// ErrConnectTimeout: ConnectTimeout ran out.
	ErrConnectTimeout = errors.New("connect timed out")
	// ErrSelfConnect: the kernel connected the socket to itself because nobody listens on the port.
	ErrSelfConnect = errors.New("connected to itself, nobody listens")
	// ErrPingTimeout: no CPONG in time.
	ErrPingTimeout = errors.New("no cpong in time")
	// ErrEOF: the container closed the connection.
	ErrEOF = errors.New("container closed the connection")
	// ErrSocketTimeout: SocketTimeout ran out.
	ErrSocketTimeout = errors.New("socket timeout")
	// ErrReplyTimeout: ReplyTimeout ran out.
	ErrReplyTimeout = errors.New("reply timeout")
	// ErrBodyShort: the request body ended before the announced length.
	ErrBodyShort = errors.New("request body shorter than announced")

	// ErrIncomplete: a packet, or the fixed part of one, is not there yet.
	ErrIncomplete = errors.New("packet incomplete")
	// ErrTruncated: a message ends inside a field.
	ErrTruncated = errors.New("message truncated")
	// ErrString: a string lacks its terminator or is null where it must not be.
	ErrString = errors.New("malformed string")
	// ErrStatus: a status that HTTP cannot carry as final: below 200 or above 999.
	ErrStatus = errors.New("status out of range")
	// ErrHeaderName: a header name that is empty, not a token, or an unknown code.
	ErrHeaderName = errors.New("invalid header name")
	// ErrControl: a control character in a header value or the reason.
	ErrControl = errors.New("control character in header or reason")
	// ErrChunkLength: a chunk longer than its packet.
	ErrChunkLength = errors.New("chunk longer than its packet")
	// ErrReuse: END_RESPONSE without a valid reuse flag.
	ErrReuse = errors.New("invalid reuse flag")
	// ErrSecondHead: a second SEND_HEADERS.
	ErrSecondHead = errors.New("second send headers")
	// ErrNoHead: body data or END_RESPONSE before SEND_HEADERS.
	ErrNoHead = errors.New("response without head")
	// ErrStray: bytes that belong to no exchange.
	ErrStray = errors.New("stray bytes on an idle connection")
)

// MagicError: a packet began with something else than its magic.
type MagicError struct{ Got uint16 }

// Error implements error.
func (e *MagicError) Error() string {
	return "wrong message format 0x" + strconv.FormatUint(uint64(e.Got), 16)
}

// PingAnswerError: something other than one CPONG came. Code is that of the message, 0 if there is none.
type PingAnswerError struct{ Code Code }

// Error implements error.
func (e *PingAnswerError) Error() string {
	return "answer to cping is " + e.Code.String() + ", or more than a cpong"
}

// SizeError: a packet announced a payload larger than allowed. Bytes.
type SizeError struct{ Got, Limit int }

// Error implements error.
func (e *SizeError) Error() string {
	return "wrong message size " + strconv.Itoa(e.Got) + " " + strconv.Itoa(e.Limit)
}

// CodeError: a packet with a code that is unknown, or not known here.
type CodeError struct{ Code byte }

// Error implements error.
func (e *CodeError) Error() string {
	return "unknown ajp protocol code " + strconv.FormatUint(uint64(e.Code), 16)
}

// TooLargeError: a message that does not fit its packet. Size is 0 if it cannot be encoded in any packet. Bytes.
type TooLargeError struct{ Size, Limit int }

// Error implements error.
func (e *TooLargeError) Error() string {
	return "message of " + strconv.Itoa(e.Size) + " bytes exceeds " + strconv.Itoa(e.Limit)
}
