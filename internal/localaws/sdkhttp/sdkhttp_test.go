// SPDX-License-Identifier: MIT

package sdkhttp_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/internal/localaws/sdkhttp"
)

// closed is a body like that of the SDK: after it was read it has been closed.
type closed struct{ io.ReadCloser }

// WriteTo says that there is no more, but not as io.WriterTo has to.
func (closed) WriteTo(io.Writer) (int64, error) { return 0, io.EOF }

// A body that was closed early does not end the connection, of which the next
// request makes use.
func TestClient(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "/", http.StatusMovedPermanently)
		}
		_, _ = io.Copy(w, r.Body)
		_, _ = io.WriteString(w, " from "+r.RemoteAddr)
	}))
	t.Cleanup(server.Close)
	client := sdkhttp.Client()
	t.Cleanup(client.CloseIdleConnections)
	send := func(path string) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+path, closed{io.NopCloser(strings.NewReader("hello"))})
		if err != nil {
			t.Fatal(err)
		}
		r.ContentLength = 5
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(text)
	}
	_, first := send("/")
	if _, again := send("/"); !strings.HasPrefix(first, "hello from ") || again != first {
		t.Errorf("got %q, then %q", first, again)
	}
	if status, _ := send("/away"); status != http.StatusMovedPermanently {
		t.Errorf("a redirect gave %d", status)
	}
}
