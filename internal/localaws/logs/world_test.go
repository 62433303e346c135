// SPDX-License-Identifier: MIT

package logs_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/smithy-go"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/logs"
	"github.com/sparta-up/sparta/internal/localaws/sdkhttp"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/store"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

var here = arn.Scope{Partition: "aws", Account: "000000000000", Region: "us-east-1"}

// world is CloudWatch Logs with a client and a clock.
type world struct {
	*logs.Service
	client *sdk.Client
	server *httptest.Server
	store  *store.Store
	table  *delivery.Table
	now    time.Time
}

// start is when the clock of a world begins.
var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func open(t testing.TB, dir string, now time.Time) *world {
	t.Helper()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{store: st, table: &delivery.Table{}, now: now}
	w.Service, err = logs.New(service.Env{
		Default: here, Store: st, Doors: &door.Set{}, Now: func() time.Time { return w.now }, Log: zerolog.Nop(),
	}, w.table)
	if err != nil {
		t.Fatal(err)
	}
	w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.ServeAPI(rw, r, wire.Identify(r, here.Account, here.Region))
	}))
	w.client = sdk.New(sdk.Options{
		Region: here.Region, BaseEndpoint: &w.server.URL, RetryMaxAttempts: 1, HTTPClient: sdkhttp.Client(),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	t.Cleanup(func() { w.close(t) })
	return w
}

func (w *world) close(t testing.TB) {
	w.server.Close()
	if err := errors.Join(w.Close(context.Background()), w.store.Close()); err != nil {
		t.Error(err)
	}
}

// put appends messages, one second apart from a moment on.
func (w *world) put(t testing.TB, group, stream string, from time.Time, messages ...string) {
	t.Helper()
	var events []logs.Event
	for i, message := range messages {
		events = append(events, logs.Event{Time: from.Add(time.Duration(i) * time.Second), Message: message})
	}
	if err := w.Append(here, group, stream, events); err != nil {
		t.Fatal(err)
	}
}

func wantError(t testing.TB, err error, code, text string) {
	t.Helper()
	e, ok := errors.AsType[smithy.APIError](err)
	switch {
	case !ok:
		t.Errorf("got error %v, want %s", err, code)
	case e.ErrorCode() != code || !strings.Contains(e.ErrorMessage(), text):
		t.Errorf("got %s: %s, want %s: ...%s...", e.ErrorCode(), e.ErrorMessage(), code, text)
	}
}
