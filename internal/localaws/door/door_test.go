// SPDX-License-Identifier: MIT

package door_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/door"
)

func answer(text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) })
}

func ask(t *testing.T, port int, host string) (int, string, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, door.URL(port), nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = host
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, string(body), err
}

func TestDoors(t *testing.T) {
	t.Parallel()
	var set door.Set
	port, err := set.Open("a", 0, answer("a"))
	if err != nil {
		t.Fatal(err)
	}
	if _, body, err := ask(t, port, ""); err != nil || body != "a" {
		t.Errorf("got %q, error %v", body, err)
	}
	if status, _, err := ask(t, port, "evil.example.com"); err != nil || status != http.StatusForbidden {
		t.Errorf("a rebound name: got %d, error %v", status, err)
	}
	if _, err := set.Open("a", 0, answer("a")); err == nil {
		t.Error("the same door opened twice")
	}
	other, err := set.Open("b", port, answer("b"))
	if err != nil || other == port {
		t.Errorf("a port that is taken: got %d, error %v", other, err)
	}
	set.Close("a")
	set.Close("a")
	if set.IsOpen("a") || !set.IsOpen("b") {
		t.Error("closing one door must close that one")
	}
	if _, _, err := ask(t, port, ""); err == nil {
		t.Error("a closed door answers")
	}
	again, err := set.Open("a", port, answer("again"))
	if err != nil || again != port {
		t.Errorf("a port that is free again: got %d, want %d, error %v", again, port, err)
	}
	if err := set.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if set.IsOpen("a") || set.IsOpen("b") {
		t.Error("doors are left open")
	}
}

// Shutdown waits for requests until its context ends, then cuts them off.
func TestShutdownCutsOff(t *testing.T) {
	t.Parallel()
	var set door.Set
	entered := make(chan struct{})
	port, err := set.Open("slow", 0, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done()
	}))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, _, err := ask(t, port, "")
		done <- err
	}()
	<-entered
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := set.Shutdown(ctx); err == nil {
		t.Error("a request that does not end must be reported")
	}
	if err := <-done; err == nil {
		t.Error("the request was answered")
	}
}

func TestIsLocal(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"127.0.0.1": true, "127.0.0.1:80": true, "127.9.9.9": true, "[::1]:80": true, "[::1]": true, "localhost": true, "LOCALHOST:1": true, "b.s3.localhost:4566": true, "localhost.": true,
		"": false, "example.com": false, "localhost.example.com": false, "127.0.0.1.example.com": false, "0.0.0.0": false, "192.168.0.1:80": false, "notlocalhost": false,
	} {
		if got := door.IsLocal(host); got != want {
			t.Errorf("%q: got %v", host, got)
		}
	}
}

// TestOpenFor: a door may answer to names that its owner knows.
func TestOpenFor(t *testing.T) {
	t.Parallel()
	var set door.Set
	port, err := set.OpenFor("a", 0, answer("a"), func(host string) bool { return host == "shop.example.com" })
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]int{"shop.example.com": http.StatusOK, "evil.example.com": http.StatusForbidden} {
		if status, _, err := ask(t, port, host); err != nil || status != want {
			t.Errorf("%s: got %d, error %v, want %d", host, status, err, want)
		}
	}
	set.Close("a")
}
