// SPDX-License-Identifier: MIT

package cloudwatch_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/awscli"
	"github.com/sparta-up/sparta/internal/localaws/cloudwatch"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/sdkhttp"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/store"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const account = "000000000000"

var here = arn.Scope{Partition: "aws", Account: account, Region: "us-east-1"}

// inbox takes what is delivered to topics.
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

// world is CloudWatch with its clients.
type world struct {
	*cloudwatch.Service
	store  *store.Store
	topics inbox
	server *httptest.Server
	client *sdk.Client
	closed bool
}

func open(t testing.TB, dir string) *world {
	t.Helper()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{store: st}
	table := &delivery.Table{}
	table.Add("sns", &w.topics)
	w.Service, err = cloudwatch.New(service.Env{
		Default: here, Store: st, Doors: &door.Set{}, Now: time.Now, Endpoint: func() string { return "" }, Log: zerolog.Nop(),
	}, table)
	if err != nil {
		t.Fatal(err)
	}
	w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		id := wire.Identify(r, account, here.Region)
		if id.Service != "monitoring" {
			t.Errorf("signed for %s", id.Service)
		}
		w.ServeAPI(rw, r, id)
	}))
	w.client = sdk.New(sdk.Options{
		Region: here.Region, BaseEndpoint: &w.server.URL, RetryMaxAttempts: 1, HTTPClient: sdkhttp.Client(),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	t.Cleanup(func() { w.close(t) })
	return w
}

// close ends the service; what it notifies of has been sent then.
func (w *world) close(t testing.TB) {
	t.Helper()
	if w.closed {
		return
	}
	w.closed = true
	w.server.Close()
	if err := w.Close(context.Background()); err != nil {
		t.Error(err)
	}
	if err := w.store.Close(); err != nil {
		t.Error(err)
	}
}

// aws runs the AWS command line program. The test is skipped where it is not
// installed, but not in CI.
func (w *world) aws(t *testing.T, args ...string) awscli.Output {
	t.Helper()
	awscli.Need(t)
	return awscli.CLI{Endpoint: w.server.URL}.Run(t, args...)
}
