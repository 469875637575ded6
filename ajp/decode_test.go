// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp"
)

func TestForwardRequest_Variants(t *testing.T) {
	const before = `02 02 0000 00 0000 00 ffff ffff 0000 00 0000 00 `
	tests := []struct {
		name string
		r    ajp.ForwardRequest
		want string
	}{
		{"content length zero", ajp.ForwardRequest{ContentLengthZero: true}, before + `0001 a008 0001 "0" 00 ff`},
		{"content length dropped", ajp.ForwardRequest{DropContentLength: true, Headers: []ajp.Header{
			{Name: "Content-Length", Value: "5"}, {Name: "a", Value: "b"}, {Name: "content-length", Value: "6"},
		}}, before + `0001 0001 "a" 00 0001 "b" 00 ff`},
		{"dropped and zero", ajp.ForwardRequest{
			DropContentLength: true, ContentLengthZero: true,
			Headers: []ajp.Header{{Name: "CONTENT-LENGTH", Value: "5"}},
		}, before + `0001 a008 0001 "0" 00 ff`},
		{"empty query", ajp.ForwardRequest{HasQuery: true}, before + `0000 05 0000 00 ff`},
		{"query without mark", ajp.ForwardRequest{Query: "a"}, before + `0000 ff`},
		{"cipher without mark", ajp.ForwardRequest{SSLCipher: "a", SSLSession: "b"}, before + `0000 ff`},
		{
			"empty cipher and session",
			ajp.ForwardRequest{HasSSLCipher: true, HasSSLSession: true},
			before + `0000 08 0000 00 09 0000 00 ff`,
		},
		{"two attribute lists", ajp.ForwardRequest{
			Attributes: []ajp.Header{{Name: "a", Value: "1"}}, MoreAttributes: []ajp.Header{{Name: "b", Value: "2"}},
		}, before + `0000 0a 0001 "a" 00 0001 "1" 00 0a 0001 "b" 00 0001 "2" 00 ff`},
		{
			"context and servlet path",
			ajp.ForwardRequest{Context: "/c", ServletPath: "/s"},
			before + `0000 01 0002 "/c" 00 02 0002 "/s" 00 ff`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.r.Method = "GET"
			got, err := test.r.Append(nil)
			require.NoError(t, err)
			require.Equal(t, golden(t, test.want), got[4:])
		})
	}
}

// TestForwardRequest_AttributesInAnyOrder: the protocol document has another order than mod_jk.
func TestForwardRequest_AttributesInAnyOrder(t *testing.T) {
	payload := golden(t, `02 ff 0000 00 0000 00 ffff ffff 0000 00 0000 00 0000
		0a 0001 "a" 00 0001 "1" 00 0d 0001 "M" 00 05 0001 "q" 00 0c 0001 "s" 00 ff`)
	var r ajp.ForwardRequest
	require.NoError(t, r.Decode(payload))
	require.Equal(t, "M", r.Method)
	require.Equal(t, "q", r.Query)
	require.True(t, r.HasQuery)
	require.Equal(t, "s", r.Secret)
	require.Equal(t, []ajp.Header{{Name: "a", Value: "1"}}, r.Attributes)
}

func TestDecode_Refuses(t *testing.T) {
	const line = `0000 00 0000 00 ffff ffff 0000 00 0000 00 `
	request := func(p []byte) error { return new(ajp.ForwardRequest).Decode(p) }
	head := func(p []byte) error { return new(ajp.SendHeaders).Decode(p) }
	chunk := func(p []byte) error { return new(ajp.SendBodyChunk).Decode(p) }
	body := func(p []byte) error { return new(ajp.BodyChunk).Decode(p) }
	end := func(p []byte) error { return new(ajp.EndResponse).Decode(p) }
	get := func(p []byte) error { return new(ajp.GetBodyChunk).Decode(p) }
	signal := func(p []byte) error { return new(ajp.Signal).Decode(p) }
	tests := []struct {
		name    string
		decode  func([]byte) error
		payload string
		want    error
	}{
		{"method 0", request, `02 00 ` + line + `0000 ff`, &ajp.CodeError{Code: 0}},
		{"method 28", request, `02 1c ` + line + `0000 ff`, &ajp.CodeError{Code: 28}},
		{"stored method missing", request, `02 ff ` + line + `0000 ff`, ajp.ErrTruncated},
		{"unknown attribute", request, `02 02 ` + line + `0000 0e 0000 00 ff`, &ajp.CodeError{Code: 14}},
		{"attribute 0", request, `02 02 ` + line + `0000 00 0000 00 ff`, &ajp.CodeError{Code: 0}},
		{"header a000", request, `02 02 ` + line + `0001 a000 0000 00 ff`, ajp.ErrHeaderName},
		{"header a00f", request, `02 02 ` + line + `0001 a00f 0000 00 ff`, ajp.ErrHeaderName},
		{"protocol null", request, `02 02 ffff 0000 00 ffff ffff 0000 00 0000 00 0000 ff`, ajp.ErrString},
		{"another code", request, `0a`, &ajp.CodeError{Code: 10}},

		{"status 0", head, `04 0000 0000 00 0000`, ajp.ErrStatus},
		{"status 100", head, `04 0064 0000 00 0000`, ajp.ErrStatus},
		{"status 199", head, `04 00c7 0000 00 0000`, ajp.ErrStatus},
		{"status 1000", head, `04 03e8 0000 00 0000`, ajp.ErrStatus},
		{"reason without NUL", head, `04 00c8 0002 "OK" 01 0000`, ajp.ErrString},
		{"reason with newline", head, `04 00c8 0002 "O" 0a 00 0000`, ajp.ErrControl},
		{"reason with NUL", head, `04 00c8 0002 "O" 00 00 0000`, ajp.ErrControl},
		{"more headers than bytes", head, `04 00c8 0000 00 ffff a001 0000 00`, ajp.ErrTruncated},
		{"name a000", head, `04 00c8 0000 00 0001 a000 0000 00`, ajp.ErrHeaderName},
		{"name a00c", head, `04 00c8 0000 00 0001 a00c 0000 00`, ajp.ErrHeaderName},
		{"name a0ff", head, `04 00c8 0000 00 0001 a0ff 0000 00`, ajp.ErrHeaderName},
		{"name null", head, `04 00c8 0000 00 0001 ffff 0000 00`, ajp.ErrString},
		{"name empty", head, `04 00c8 0000 00 0001 0000 00 0000 00`, ajp.ErrHeaderName},
		{"name with blank", head, `04 00c8 0000 00 0001 0003 "a b" 00 0000 00`, ajp.ErrHeaderName},
		{"name with colon", head, `04 00c8 0000 00 0001 0002 "a:" 00 0000 00`, ajp.ErrHeaderName},
		{"name with newline", head, `04 00c8 0000 00 0001 0002 "a" 0a 00 0000 00`, ajp.ErrHeaderName},
		{"name beyond ascii", head, `04 00c8 0000 00 0001 0002 "a" e4 00 0000 00`, ajp.ErrHeaderName},
		{"value null", head, `04 00c8 0000 00 0001 a001 ffff 0000`, ajp.ErrString},
		{"value with CR", head, `04 00c8 0000 00 0001 a001 0002 "a" 0d 00`, ajp.ErrControl},
		{"value with DEL", head, `04 00c8 0000 00 0001 a001 0002 "a" 7f 00`, ajp.ErrControl},
		{"value with NUL", head, `04 00c8 0000 00 0001 a001 0003 "a" 00 "b" 00`, ajp.ErrControl},
		{"value longer than packet", head, `04 00c8 0000 00 0001 a001 00ff "a" 00`, ajp.ErrTruncated},
		{"another code", head, `05 01`, &ajp.CodeError{Code: 5}},

		{"CVE-2026-34059: one more than there is", chunk, `03 0005 "data"`, ajp.ErrChunkLength},
		{"longest length", chunk, `03 ffff "data"`, ajp.ErrChunkLength},
		{"another code", chunk, `04 0000`, &ajp.CodeError{Code: 4}},
		{"body longer than packet", body, `0005 "data"`, ajp.ErrChunkLength},
		{"reuse missing", end, `05`, ajp.ErrReuse},
		{"reuse ff", end, `05 ff`, ajp.ErrReuse},
		{"another code", end, `06 00`, &ajp.CodeError{Code: 6}},
		{"another code", get, `05 0000`, &ajp.CodeError{Code: 5}},
		{"no signal", signal, `02`, &ajp.CodeError{Code: 2}},
		{"more than a signal", signal, `09 00`, ajp.ErrChunkLength},
	}
	for i, test := range tests {
		t.Run(fmt.Sprintf("%d %s", i, test.name), func(t *testing.T) {
			require.Equal(t, test.want, test.decode(golden(t, test.payload)))
		})
	}
}

func TestSendHeaders_Accepts(t *testing.T) {
	tests := []struct {
		name    string
		payload string
		want    ajp.SendHeaders
	}{
		{"null reason", `04 00c8 ffff 0000`, ajp.SendHeaders{Status: 200}},
		{"unusual status", `04 03e7 0000 00 0000`, ajp.SendHeaders{Status: 999}},
		{"tab and beyond ascii", `04 00c8 0002 "a" 09 00 0001 0001 "X" 00 0003 09 e4 "b" 00`, ajp.SendHeaders{
			Status: 200, Reason: "a\t", Headers: []ajp.Header{{Name: "X", Value: "\t\xe4b"}},
		}},
		{"every kind of name", "04 00c8 0000 00 0001 000f \"!#$%&'*+-.^_`|~\" 00 0000 00", ajp.SendHeaders{
			Status: 200, Headers: []ajp.Header{{Name: "!#$%&'*+-.^_`|~"}},
		}},
		{"what follows is ignored", `04 00c8 0000 00 0000 "more"`, ajp.SendHeaders{Status: 200}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got ajp.SendHeaders
			require.NoError(t, got.Decode(golden(t, test.payload)))
			require.Equal(t, test.want, got)
		})
	}
}

func TestEndResponse_AnyOtherValueMeansReuse(t *testing.T) {
	for _, value := range []byte{1, 2, 0x7F, 0xFE} {
		var m ajp.EndResponse
		require.NoError(t, m.Decode([]byte{5, value}))
		require.True(t, m.Reuse, value)
	}
}

// TestForwardRequest_PrintsNoSecret prints a request with every verb that asks a Formatter (%p does not).
func TestForwardRequest_PrintsNoSecret(t *testing.T) {
	r := ajp.ForwardRequest{
		Method: "GET", URI: "/x", Secret: "geheim",
		Headers: []ajp.Header{{Name: "Authorization", Value: "geheim"}},
	}
	for _, verb := range strings.Split("v +v #v s q x X d T t b c o O U e f g", " ") {
		for _, v := range []any{r, &r, struct{ R *ajp.ForwardRequest }{&r}, []ajp.ForwardRequest{r}} {
			got := fmt.Sprintf("%"+verb, v)
			require.NotContains(t, got, "geheim", verb)
			require.NotContains(t, strings.ToLower(got), "67656865696d", verb)
		}
	}
	require.Equal(t, "GET /x", fmt.Sprint(r))
}

func TestForwardRequest_CloneBorrowsNothing(t *testing.T) {
	want := fullRequest()
	packet, err := want.Append(nil)
	require.NoError(t, err)
	var r ajp.ForwardRequest
	require.NoError(t, r.Decode(packet[4:]))
	c := r.Clone()
	clear(packet)
	require.Equal(t, &want, c)
}
