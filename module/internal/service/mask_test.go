// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// maskedAs is what remains of a text; n1 is a route that a member has.
func maskedAs(m masks, name, text string) string {
	m.known = func(route string) bool { return route == "n1" }
	b := []byte(text)
	m.mask(name, b)
	return string(b)
}

func TestMask(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"authorization", "Basic dTpw", "**********"},
		{"Proxy-Authorization", "Bearer x.n1", "***********"},
		{"secret", "s3cret", "******"},
		{"ssl_session", "0A1B", "****"},
		{"X-Api-Key", "k", "*"},
		{"X-AUTH-TOKEN", "t", "*"},
		{"REMOTE_PASSWORD", "p", "*"},
		{"HTTP_COOKIE", "a=b", "a=*"},

		{"auth_type", "BASIC", "BASIC"},
		{"WWW-Authenticate", `Basic realm="x"`, `Basic realm="x"`},
		{"ssl_cert", "-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE-----"},
		{"remote_user", "arthur", "arthur"},
		{"user-agent", "Mozilla/5.0 (X11; U=1)", "Mozilla/5.0 (X11; U=1)"},
		{"JK_LB_ACTIVATION", "ACT", "ACT"},
		{"", "", ""},

		{"cookie", "JSESSIONID=ABC.n1", "JSESSIONID=***.n1"},
		{"cookie", "JSESSIONID=ABC.n2", "JSESSIONID=******"},
		{"cookie", "jwt=head.body.n1", "jwt=************"},
		{"cookie", "a=b; JSESSIONID=ABC.n1;c=", "a=*; JSESSIONID=***.n1;**"},
		{"cookie", "a=b=c; d", "a=***; *"},
		{"cookie", "=secret; x y=secret; c2Vj==", "*******; **********; ******"},
		{"cookie", `a="b; secret=1"`, `***************`},
		{"cookie", "a=b, JSESSIONID=ABC", "a=*****************"},
		{"cookie2", "$Version=1", "$Version=*"},
		{"Set-Cookie", "JSESSIONID=ABC.n1; Path=/app; HttpOnly", "JSESSIONID=***.n1; Path=****; ********"},
		{"Set-Cookie", "a=1; Path=/, b=secret", "a=*; Path=***********"},

		{"", "/app/x;jsessionid=ABC.n1/y?a=b", "/app/x;jsessionid=***.n1/y?a=b"},
		{"", "/app/x;jsessionid=ABC;v=1", "/app/x;jsessionid=***;v=1"},
		{"", "/app/x;v=1;JSessionID=ABC", "/app/x;v=1;JSessionID=***"},
		{"", "/x;sid=ABC", "/x;sid=***"},
		{"", "/x;v=ABC", "/x;v=ABC"},
		{"query_string", "jsessionid=ABC.n1&x=1", "jsessionid=***.n1&x=1"},
		{"query_string", "a=1&j_password=a/b;c#d&x=1", "a=1&j_password=*******&x=1"},
		{"query_string", "a=1;token=a/b", "a=1;token=***"},
		{"query_string", "code=abc&postcode=12345", "code=***&postcode=12345"},
		{"query_string", "next=%2Fx%3Bjsessionid%3DABC%3Fy&x=1", "next=%2Fx%3Bjsessionid%3D*******&x=1"},
		{"query_string", "next=%252Fx%253Bjsessionid%253dABC&x=1", "next=%252Fx%253Bjsessionid%253d***&x=1"},
		{"query_string", "a=%3&b=%25&c=%", "a=%3&b=%25&c=%"},
		{"referer", "https://h/x;jsessionid=ABC?q=1;token=a/b&c=d", "https://h/x;jsessionid=***?q=1;token=***&c=d"},
		{"Location", "/login?next=/x;jsessionid=ABC", "/login?next=/x;jsessionid=***"},
		{"Link", "</x;jsessionid=ABC>; rel=next, </y;jsessionid=DEF>", "</x;jsessionid=***>; rel=next, </y;jsessionid=***>"},
		{"Refresh", "0;url=/x;jsessionid=ABC", "0;url=/x;jsessionid=***"},
	}
	for _, test := range tests {
		t.Run(test.name+" "+test.text, func(t *testing.T) {
			require.Equal(t, test.want, maskedAs(masks{path: "sid", cookie: "SID"}, test.name, test.text))
		})
	}
}

func TestMasked(t *testing.T) {
	require.Equal(t, "/x;jsessionid=******/../..", masked("/x;jsessionid=ABC.n1/../.."))
	require.Equal(t, "", masked(""))
}

// FuzzMask: wherever a credential stands, nothing of it remains; and nothing is changed but into stars.
func FuzzMask(f *testing.F) {
	const credential = "Vb7Kq"
	begins := []struct{ name, text string }{
		{"", ";jsessionid="}, {"", "?token="}, {"referer", "&password%3D"}, {"query_string", "&Secret="}, {"location", ";jsessionid%253d"},
		{"cookie", ";JSESSIONID="}, {"set-cookie", "="}, {"authorization", ""}, {"secret", "="}, {"", ";sid="},
	}
	for i := range begins {
		f.Add("", ".n1; Path=/", byte(i))
		f.Add("/a=b?c=d;e=\"", "/x.y.n1&a=b", byte(i))
		f.Add("%3D%25", "%3B", byte(i))
	}
	f.Fuzz(func(t *testing.T, before, after string, which byte) {
		begin := begins[int(which)%len(begins)]
		if strings.Contains(before, credential) || strings.Contains(after, credential) {
			return
		}
		text := before + begin.text + credential + after
		got := maskedAs(masks{path: "sid"}, begin.name, text)
		require.NotContains(t, got, credential)
		require.Len(t, got, len(text))
		for i := range len(text) {
			require.True(t, got[i] == text[i] || got[i] == '*')
		}
	})
}
