package tomcat

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// bodyBytes is a body whose byte i is i modulo 251, as BodyServlet sends it.
func bodyBytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i % 251)
	}
	return b
}

// Sizes around what one packet carries: 8186 bytes in a request packet of 8192, 8184 in a response packet.
var bodySizes = []int{0, 1, 8184, 8185, 8186, 8187, 3 * 8186, 100_000, 1 << 20}

func TestRequestBody_ComesBack(t *testing.T) {
	s := site(t)
	for _, size := range bodySizes {
		for _, chunked := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d bytes chunked %v", size, chunked), func(t *testing.T) {
				resp, got := post(t, s, bodyBytes(size), chunked)
				want := strconv.Itoa(size)
				if chunked {
					want = "-1"
				}
				require.Equal(t, want, resp.Header.Get("X-Request-Length"), "the length Tomcat sees")
				require.True(t, bytes.Equal(bodyBytes(size), got), "%d bytes back", len(got))
			})
		}
	}
}

// post sends a body to the application, which sends it back.
func post(t *testing.T, s *testSite, body []byte, chunked bool) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, s.AppURL()+"body", bytes.NewReader(body))
	require.NoError(t, err)
	if chunked {
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), -1
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, 200, resp.StatusCode)
	return resp, got
}

func TestResponseBody_Arrives(t *testing.T) {
	s := site(t)
	for _, size := range append(bodySizes, 10<<20) {
		for _, chunked := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d bytes chunked %v", size, chunked), func(t *testing.T) {
				url := s.AppURL() + "body?bytes=" + strconv.Itoa(size)
				if chunked {
					url += "&chunked=1"
				}
				resp, err := http.Get(url)
				require.NoError(t, err)
				defer resp.Body.Close()
				got, err := io.ReadAll(resp.Body)
				require.NoError(t, err)
				require.Equal(t, 200, resp.StatusCode)
				if !chunked {
					require.EqualValues(t, size, resp.ContentLength)
				}
				require.True(t, bytes.Equal(bodyBytes(size), got), "%d bytes arrived", len(got))
			})
		}
	}
}

// Bodies that are under way at the same time do not mix.
func TestRequestBody_Concurrent(t *testing.T) {
	s := site(t)
	const senders, times = 8, 6
	errs := make([]error, senders)
	var all sync.WaitGroup
	for i := range senders {
		all.Go(func() { errs[i] = echoTimes(s, bytes.Repeat([]byte{byte('a' + i)}, 50_000+i), times) })
	}
	all.Wait()
	for i, err := range errs {
		require.NoError(t, err, "sender %d", i)
	}
}

func echoTimes(s *testSite, body []byte, times int) error {
	for range times {
		resp, err := http.Post(s.AppURL()+"body", "application/octet-stream", bytes.NewReader(body))
		if err != nil {
			return err
		}
		got, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || !bytes.Equal(body, got) {
			return fmt.Errorf("status %d, %d bytes back of %d, error %w", resp.StatusCode, len(got), len(body), err)
		}
	}
	return nil
}
