// SPDX-License-Identifier: MIT

package kinesis_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/kinesis"
	"github.com/sparta-up/sparta/internal/localaws/sdkhttp"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/store"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const account = "000000000000"

var here = arn.Scope{Partition: "aws", Account: account, Region: "us-east-1"}

// world is Kinesis with callers of its API.
type world struct {
	*kinesis.Service
	store  *store.Store
	closed bool
}

// open opens the streams of dir. It works inside a synctest bubble.
func open(t testing.TB, dir string) *world {
	t.Helper()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{store: st}
	w.Service, err = kinesis.New(service.Env{
		Default: here, Store: st, Doors: &door.Set{}, Now: time.Now, Endpoint: func() string { return "http://127.0.0.1:4566" }, Log: zerolog.Nop(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.close(t) })
	return w
}

func (w *world) close(t testing.TB) {
	t.Helper()
	if w.closed {
		return
	}
	w.closed = true
	if err := errors.Join(w.Close(context.Background()), w.store.Close()); err != nil {
		t.Error(err)
	}
}

// object is a JSON object.
type object = map[string]any

// as calls the API on behalf of an account and returns the answer, or the code
// and message of the error.
func (w *world) as(t testing.TB, account, action string, in object) (out object, failure string) {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(string(body)))
	r.Header.Set("X-Amz-Target", "Kinesis_20131202."+action)
	rec := httptest.NewRecorder()
	w.ServeAPI(rec, r, wire.Identity{Account: account, Region: here.Region, Service: "kinesis"})
	if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil {
		t.Fatalf("%s: %v\n%s", action, err, rec.Body)
	}
	if rec.Code != http.StatusOK {
		return nil, out["__type"].(string) + ": " + out["message"].(string)
	}
	return out, ""
}

// ok calls the API and fails the test if that fails.
func (w *world) ok(t testing.TB, action string, in object) object {
	t.Helper()
	out, failure := w.as(t, account, action, in)
	if failure != "" {
		t.Fatalf("%s %.200v: %s", action, in, failure)
	}
	return out
}

// refused calls the API and fails the test unless the error has the code and
// the text.
func (w *world) refused(t testing.TB, action string, in object, code, text string) {
	t.Helper()
	if _, failure := w.as(t, account, action, in); !strings.HasPrefix(failure, code+": ") || !strings.Contains(failure, text) {
		t.Errorf("%s %.200v: got %q, want %s: ...%s...", action, in, failure, code, text)
	}
}

// stream makes a stream with a number of shards and returns its ARN.
func (w *world) stream(t testing.TB, name string, shards int) string {
	t.Helper()
	w.ok(t, "CreateStream", object{"StreamName": name, "ShardCount": shards})
	return here.Regional("kinesis", "stream/"+name)
}

// put adds a record to the stream "s" and returns its sequence number.
func (w *world) put(t testing.TB, key, data string) string {
	t.Helper()
	return w.ok(t, "PutRecord", object{"StreamName": "s", "PartitionKey": key, "Data": []byte(data)})["SequenceNumber"].(string)
}

const firstShard = "shardId-000000000000"

// iterator returns an iterator for the first shard of the stream "s".
func (w *world) iterator(t testing.TB, kind string, more object) string {
	t.Helper()
	in := object{"StreamName": "s", "ShardId": firstShard, "ShardIteratorType": kind}
	maps.Copy(in, more)
	return w.ok(t, "GetShardIterator", in)["ShardIterator"].(string)
}

// read returns the data of the records at an iterator, and the next one.
func (w *world) read(t testing.TB, iterator string) (data []string, next string) {
	t.Helper()
	out := w.ok(t, "GetRecords", object{"ShardIterator": iterator})
	for _, r := range out["Records"].([]any) {
		text, err := json.Marshal(r.(object)["Data"])
		var raw []byte
		if err = errors.Join(err, json.Unmarshal(text, &raw)); err != nil {
			t.Fatal(err)
		}
		data = append(data, string(raw))
	}
	return data, out["NextShardIterator"].(string)
}

// serve answers the API over HTTP and returns a client of it.
func (w *world) serve(t *testing.T) *sdk.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.ServeAPI(rw, r, wire.Identify(r, account, here.Region))
	}))
	t.Cleanup(server.Close)
	return sdk.New(sdk.Options{
		Region: here.Region, BaseEndpoint: &server.URL, RetryMaxAttempts: 1, HTTPClient: sdkhttp.Client(),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
}
