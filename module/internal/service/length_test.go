// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp/ajptest"
)

// TestServe_WrongLength: a response that is not as long as its head says never looks complete.
func TestServe_WrongLength(t *testing.T) {
	// large is an answer of 160000 bytes, more than is received at a time: a part of it is handed on before its end is there.
	large := func(head []byte) [][]byte {
		answer := [][]byte{head}
		for range 20 {
			answer = append(answer, ajptest.Chunk(strings.Repeat("x", 8000)))
		}
		return append(answer, ajptest.End(true))
	}
	length := func(values ...string) []byte {
		var headers []string
		for _, v := range values {
			headers = append(headers, "content-length", v)
		}
		return ajptest.Head(200, "", headers...)
	}
	tests := []struct {
		name   string
		method string
		answer [][]byte
		want   int
	}{
		{"as announced", "GET", [][]byte{length("5"), ajptest.Chunk("hello"), ajptest.End(true)}, Done},
		{"as announced, twice the same", "GET", [][]byte{length("5", "5"), ajptest.Chunk("hello"), ajptest.End(true)}, Done},
		{"as announced, large", "GET", large(length("160000")), Done},
		{"short, nothing of it was sent", "GET", [][]byte{length("6"), ajptest.Chunk("hello"), ajptest.End(true)}, 502},
		{"empty", "GET", [][]byte{length("6"), ajptest.End(true)}, 502},
		{"short, a part was sent", "GET", large(length("160001")), Broken},
		{"long, nothing of it was sent", "GET", [][]byte{length("4"), ajptest.Chunk("hello"), ajptest.End(true)}, 502},
		{"long, a part was sent", "GET", large(length("150000")), Broken},
		{"two lengths", "GET", [][]byte{length("5", "6"), ajptest.Chunk("hello"), ajptest.End(true)}, 502},
		{"no length", "GET", [][]byte{length("five"), ajptest.Chunk("hello"), ajptest.End(true)}, 502},
		{"HEAD has no body", "HEAD", [][]byte{length("6"), ajptest.End(true)}, Done},
		{"304 has no body", "GET", [][]byte{ajptest.Head(304, "", "Content-Length", "6"), ajptest.End(true)}, Done},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := container(t, append([]ajptest.Step{ajptest.ExpectURI("/x")}, ajptest.Send(tt.answer...))...)
			h := &fakeHost{}
			e := engine(t, h, "worker.list=a\n"+worker("a", c), "/* a")
			r := request(t, e, tt.method, "/x")
			if tt.method == "HEAD" {
				r.Flags |= HeadOnly
			}
			require.Equal(t, tt.want, e.Serve(r))
			require.Equal(t, tt.want == Done, h.ended)
			require.Equal(t, tt.want == 502, h.parts == 0)
			require.Equal(t, 1, c.Accepted(), "not repeated: the container has answered")
		})
	}
}
