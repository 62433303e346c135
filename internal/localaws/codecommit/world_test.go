// SPDX-License-Identifier: MIT

package codecommit_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	api "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/codecommit"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/sdkhttp"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/store"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const account = "111111111111"

func here() arn.Scope { return arn.Scope{Partition: "aws", Account: account, Region: "us-east-1"} }

// inbox is the event bus; it notes the details of events.
type inbox struct {
	mu  sync.Mutex
	got []delivery.Message
}

func (b *inbox) Deliver(_ context.Context, m delivery.Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.got = append(b.got, m)
	return nil
}

func (b *inbox) Admits(delivery.Message) error { return nil }

// details returns the details of the events since the last time.
func (b *inbox) details(t testing.TB) []map[string]string {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []map[string]string
	for _, m := range b.got {
		var detail map[string]string
		if err := json.Unmarshal(m.Body, &detail); err != nil {
			t.Fatal(err)
		}
		list = append(list, detail)
		if m.Target != here().Regional("events", "event-bus/default") || m.EventSource != "aws.codecommit" || m.DetailType != "CodeCommit Repository State Change" ||
			len(m.Resources) != 1 || m.Resources[0] != m.Source || m.Account != account {
			t.Errorf("got %+v", m)
		}
	}
	b.got = nil
	return list
}

// world is CodeCommit with the unmodified client of the SDK.
type world struct {
	*codecommit.Service
	inbox  inbox
	client *api.Client
	store  *store.Store
	dir    string
}

func open(t testing.TB, dir string) *world {
	t.Helper()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{store: st, dir: dir}
	table := &delivery.Table{}
	table.Add("events", &w.inbox)
	var server *httptest.Server
	w.Service, err = codecommit.New(service.Env{
		Default: here(), Store: st, Doors: &door.Set{}, Now: time.Now, Endpoint: func() string { return server.URL }, Log: zerolog.Nop(),
	}, table)
	if err != nil {
		t.Fatal(err)
	}
	server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.ServeAPI(rw, r, wire.Identify(r, account, here().Region))
	}))
	t.Cleanup(func() {
		server.Close()
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	w.client = api.New(api.Options{
		Region: here().Region, BaseEndpoint: aws.String(server.URL), Credentials: credentials.NewStaticCredentialsProvider(account, "secret", ""),
		HTTPClient: sdkhttp.Client(), RetryMaxAttempts: 1,
	})
	return w
}
