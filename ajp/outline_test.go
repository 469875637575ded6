// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp"
	"mod_gojk/ajp/ajptest"
)

// named renders texts as "name=text", in order.
func named(texts []ajp.Text, payload []byte) (list []string) {
	for _, x := range texts {
		list = append(list, x.Name+"="+string(payload[x.Start:x.End]))
	}
	return list
}

// everything is a request with every field.
func everything() *ajp.ForwardRequest {
	return &ajp.ForwardRequest{
		Method: "PATCH", Protocol: "HTTP/1.1", URI: "/x", RemoteAddr: "192.0.2.1", ServerName: "www", ServerPort: 80, TLS: true,
		Headers: []ajp.Header{{Name: "Cookie", Value: "c"}, {Name: "X-A", Value: ""}},
		Secret:  "s", RemoteUser: "u", AuthType: "Basic", HasQuery: true, Query: "q", Route: "r", SSLCert: "pem", HasSSLCipher: true,
		SSLCipher: "AES", HasSSLSession: true, SSLSession: "id", SSLKeySize: 256, Context: "ctx", ServletPath: "sp",
		Attributes: []ajp.Header{{Name: "A", Value: "1"}},
	}
}

// payloadOf is a packet without its head.
func payloadOf(packet []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return packet[4:]
}

func TestOutline(t *testing.T) {
	request := payloadOf(everything().Append(nil))
	requestTexts := []string{
		"=HTTP/1.1", "=/x", "=192.0.2.1", "=www", "cookie=c", "X-A=", "context=ctx", "servlet_path=sp", "secret=s", "remote_user=u", "auth_type=Basic",
		"query_string=q", "route=r", "ssl_cert=pem", "ssl_cipher=AES", "ssl_session=id", "stored_method=PATCH", "A=1",
	}
	head := ajptest.Head(200, "fine", "Set-Cookie", "c", "X-B", "2")[4:]
	tests := []struct {
		name    string
		payload string
		want    []string
		left    int // bytes behind the end
	}{
		{"request", string(request), requestTexts, 0},
		{"request with more behind", string(request) + "more", requestTexts, 4},
		{"request with an unknown attribute", string(request[:len(request)-1]) + "\x0e\x00\x01x\x00\xff", requestTexts, 5},
		{"request with an attribute beyond the table", string(request[:len(request)-1]) + "\x70\x00\x01x\x00\xff", requestTexts, 5},
		{"response", string(head), []string{"=fine", "Set-Cookie=c", "X-B=2"}, 0},
		{"response with more behind", string(head) + "more", []string{"=fine", "Set-Cookie=c", "X-B=2"}, 4},
		{"response without a reason", "\x04\x00\xc8\xff\xff\x00\x00", nil, 0},
		{"response with an unknown name", "\x04\x00\xc8\xff\xff\x00\x01\xa0\x0c\x00\x01x\x00", nil, 6},
		{"response with a text that does not end", "\x04\x00\xc8\xff\xff\x00\x01\xa0\x01\x00\x01xy", nil, 4},
		{"body", "\x03\x00\x05hello\x00", nil, 6},
		{"body request", "\x06\x1f\xfa", nil, 0},
		{"end", "\x05\x01more", nil, 4},
		{"cpong", "\x09", nil, 0},
		{"cpong with more behind", "\x09secret", nil, 6},
		{"unknown code", "\x4dsecret", nil, 6},
		{"empty", "", nil, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			texts, end := ajp.Outline(nil, []byte(test.payload))
			require.Equal(t, test.want, named(texts, []byte(test.payload)))
			require.Equal(t, len(test.payload)-test.left, end)
		})
	}
}

// TestOutline_Truncated: of a part there are the texts that are whole.
func TestOutline_Truncated(t *testing.T) {
	for _, payload := range [][]byte{payloadOf(everything().Append(nil)), ajptest.Head(200, "fine", "Set-Cookie", "c", "X-B", "2")[4:]} {
		all, _ := ajp.Outline(nil, payload)
		for n := range payload {
			texts, end := ajp.Outline(nil, payload[:n:n])
			require.LessOrEqual(t, end, n)
			for i, x := range texts {
				require.Equal(t, all[i], x)
			}
		}
	}
}

// FuzzOutline: texts are in order, apart from each other and before the end; and what can be decoded is found.
func FuzzOutline(f *testing.F) {
	seed(f, ajp.ToContainer)
	seed(f, ajp.FromContainer)
	f.Add(payloadOf(everything().Append(nil)))
	f.Fuzz(func(t *testing.T, payload []byte) {
		texts, end := ajp.Outline(nil, payload[:len(payload):len(payload)])
		require.LessOrEqual(t, end, len(payload))
		at := 0
		for _, x := range texts {
			require.LessOrEqual(t, at+2, x.Start, "a length stands before it")
			require.LessOrEqual(t, x.Start, x.End)
			require.Less(t, x.End, end, "a NUL stands behind it")
			at = x.End + 1
		}
		var m ajp.ForwardRequest
		if m.Decode(payload) != nil {
			return
		}
		found := strings.Join(named(texts, payload), "\n")
		for _, h := range m.Headers {
			require.Contains(t, found, h.Name+"="+h.Value)
		}
		if m.Secret != "" {
			require.Contains(t, found, "secret="+m.Secret)
		}
	})
}
