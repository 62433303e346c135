// SPDX-License-Identifier: MIT

package gatewaytest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/logs"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/store"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// World is what APIs need around them, and a server of their API.
type World struct {
	Functions
	Sink   Sink
	Store  *store.Store
	Doors  *door.Set
	Server *httptest.Server

	mu     sync.Mutex
	now    time.Time
	served func(ctx context.Context) error // ends the service; nil before Start
}

// Open opens what is around APIs whose state is in dir. The clock stands at now
// until time passes.
func Open(t testing.TB, dir string, now time.Time) *World {
	t.Helper()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return &World{Sink: make(Sink, 10), Store: st, Doors: &door.Set{}, now: now}
}

// Env is the environment of the APIs.
func (w *World) Env(here arn.Scope) service.Env {
	return service.Env{Default: here, Store: w.Store, Doors: w.Doors, Now: w.Now, Endpoint: func() string { return "" }, Log: zerolog.Nop()}
}

// Served is a service of API Gateway.
type Served interface {
	service.Service
	Close(ctx context.Context) error
}

// Start serves the API of s until the test ends.
func (w *World) Start(t testing.TB, s Served, here arn.Scope) {
	t.Helper()
	w.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		s.ServeAPI(rw, r, wire.Identify(r, here.Account, here.Region))
	}))
	w.served = s.Close
	t.Cleanup(func() { w.End(t) })
}

// End ends everything, and may be called twice.
func (w *World) End(t testing.TB) {
	t.Helper()
	if w.served == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := errors.Join(w.served(ctx), w.Doors.Shutdown(ctx), w.Store.Close()); err != nil {
		t.Error(err)
	}
	w.served = nil
	w.Server.Close()
}

// Now returns what the clock shows.
func (w *World) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// Pass lets time pass.
func (w *World) Pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// Sink takes the lines of access logs, which are written after the answer. There
// is room for ten.
type Sink chan string

// Append takes the messages behind the name of their group.
func (s Sink) Append(_ arn.Scope, group, _ string, events []logs.Event) error {
	for _, e := range events {
		s <- group + ": " + e.Message
	}
	return nil
}

// Send sends a request, with headers in pairs, and returns the answer.
func Send(t testing.TB, method, url string, body io.Reader, headers ...string) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequest(method, url, body) //nolint:noctx // benchmarks and fuzz targets have no context
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(text)
}

// Decode reads JSON.
func Decode[T any](t testing.TB, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}
