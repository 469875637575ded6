// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp"
)

// The tables of ajpv13a, written out once more: a slip in one of the two fails here.
const (
	wantMethods = "OPTIONS GET HEAD POST PUT DELETE TRACE PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK ACL REPORT " +
		"VERSION-CONTROL CHECKIN CHECKOUT UNCHECKOUT SEARCH MKWORKSPACE UPDATE LABEL MERGE BASELINE-CONTROL MKACTIVITY"
	wantRequestHeaders = "accept accept-charset accept-encoding accept-language authorization connection content-type " +
		"content-length cookie cookie2 host pragma referer user-agent"
	wantResponseHeaders = "Content-Type Content-Language Content-Length Date Last-Modified Location Set-Cookie Set-Cookie2 " +
		"Servlet-Engine Status WWW-Authenticate"
)

func TestCodes_Tables(t *testing.T) {
	require.Equal(t, strings.Fields(wantMethods), ajp.Methods[1:])
	require.Equal(t, strings.Fields(wantRequestHeaders), ajp.RequestHeaders[1:])
	require.Equal(t, strings.Fields(wantResponseHeaders), ajp.ResponseHeaders[1:])
}

func TestCodes_Methods(t *testing.T) {
	want := map[string]byte{"PATCH": 0xFF, "get": 0xFF, "BREW": 0xFF, "GETX": 0xFF, "": 0xFF}
	for i, name := range strings.Fields(wantMethods) {
		want[name] = byte(i + 1)
	}
	for name, code := range want {
		packet, err := (&ajp.ForwardRequest{Method: name}).Append(nil)
		require.NoError(t, err)
		require.Equal(t, code, packet[5], name)
		stored := append([]byte{0x0D, 0, byte(len(name))}, name...)
		require.Equal(t, code == 0xFF, strings.Contains(string(packet), string(stored)), name)
	}
}

func TestCodes_RequestHeaders(t *testing.T) {
	const at = 4 + 20 // the first header of a request without other fields
	for i, name := range strings.Fields(wantRequestHeaders) {
		for _, spelled := range []string{name, strings.ToUpper(name), strings.ToUpper(name[:1]) + name[1:]} {
			packet, err := (&ajp.ForwardRequest{Method: "GET", Headers: []ajp.Header{{Name: spelled}}}).Append(nil)
			require.NoError(t, err)
			require.Equal(t, []byte{0xA0, byte(i + 1)}, packet[at:at+2], spelled)
		}
	}
	for _, name := range []string{"X", "Hosu", "accepT-charseu", "Keep-Alive", "transfer-encoding", "cooki\xe5", "\x28ost"} {
		packet, err := (&ajp.ForwardRequest{Method: "GET", Headers: []ajp.Header{{Name: name}}}).Append(nil)
		require.NoError(t, err)
		require.Equal(t, append([]byte{0, byte(len(name))}, name...), packet[at:at+2+len(name)], name)
	}
}

func TestCodes_ResponseHeaders(t *testing.T) {
	for i, name := range strings.Fields(wantResponseHeaders) {
		packet, err := (&ajp.SendHeaders{Status: 200, Headers: []ajp.Header{{Name: strings.ToLower(name)}}}).Append(nil)
		require.NoError(t, err)
		require.Equal(t, []byte{0xA0, byte(i + 1)}, packet[12:14], name)
		var m ajp.SendHeaders
		require.NoError(t, m.Decode(packet[4:]))
		require.Equal(t, name, m.Headers[0].Name)
	}
}

func TestEnums_PrintUnknownValues(t *testing.T) {
	tests := []struct {
		got  fmt.Stringer
		want string
	}{
		{ajp.KindClosed, "closed"},
		{ajp.Kind(0), "kind(0)"},
		{ajp.Kind(99), "kind(99)"},
		{ajp.StageNotSent, "not sent"},
		{ajp.StageResponded, "responded"},
		{ajp.Stage(9), "stage(9)"},
		{ajp.EventStray, "stray bytes"},
		{ajp.EventCrossed, "crossed"},
		{ajp.Event(0), "event(0)"},
		{ajp.Event(77), "event(77)"},
		{ajp.CodeSendHeaders, "SEND_HEADERS"},
		{ajp.Code(0), "code(0)"},
		{ajp.Code(99), "code(99)"},
		{ajp.ToContainer, "to container"},
		{ajp.FromContainer, "from container"},
		{ajp.Direction(1), "direction(1)"},
	}
	for _, test := range tests {
		require.Equal(t, test.want, test.got.String())
	}
	f := &ajp.Failure{Kind: ajp.KindFraming, Stage: ajp.StageSent, Err: &ajp.MagicError{Got: 0x4854}}
	require.EqualError(t, f, "ajp: framing, sent: wrong message format 0x4854")
	require.EqualError(t, &ajp.SizeError{Got: 9000, Limit: 8192}, "wrong message size 9000 8192")
	require.EqualError(t, &ajp.CodeError{Code: 0x1f}, "unknown ajp protocol code 1f")
	require.EqualError(t, &ajp.TooLargeError{Size: 9, Limit: 8}, "message of 9 bytes exceeds 8")
}
