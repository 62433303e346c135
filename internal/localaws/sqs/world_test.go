// SPDX-License-Identifier: MIT

package sqs_test

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

	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/awscli"
	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/sqs"
	"github.com/sparta-up/sparta/internal/localaws/store"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const account = "000000000000"

var here = arn.Scope{Partition: "aws", Account: account, Region: "us-east-1"}

// world is SQS with callers of its API.
type world struct {
	*sqs.Service
	store    *store.Store
	endpoint string
}

// open opens the queues of dir. It works inside a synctest bubble.
func open(t testing.TB, dir string) *world {
	t.Helper()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{store: st, endpoint: "http://127.0.0.1:4566"}
	w.Service, err = sqs.New(service.Env{
		Default: here, Store: st, Doors: &door.Set{}, Now: time.Now, Endpoint: func() string { return w.endpoint }, Log: zerolog.Nop(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(w.Close(context.Background()), w.store.Close()); err != nil {
			t.Error(err)
		}
	})
	return w
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
	r.Header.Set("X-Amz-Target", "AmazonSQS."+action)
	rec := httptest.NewRecorder()
	w.ServeAPI(rec, r, wire.Identity{Account: account, Region: here.Region, Service: "sqs"})
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
		t.Fatalf("%s %v: %s", action, in, failure)
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

// queue makes a queue and returns its URL.
func (w *world) queue(t testing.TB, name string, attributes object) string {
	t.Helper()
	return w.ok(t, "CreateQueue", object{"QueueName": name, "Attributes": attributes})["QueueUrl"].(string)
}

func arnOf(name string) string { return here.Regional("sqs", name) }

// messages receives up to ten messages.
func (w *world) messages(t testing.TB, url string, more object) []object {
	t.Helper()
	in := object{"QueueUrl": url, "MaxNumberOfMessages": 10, "MessageSystemAttributeNames": []string{"All"}, "MessageAttributeNames": []string{"All"}}
	maps.Copy(in, more)
	list, _ := w.ok(t, "ReceiveMessage", in)["Messages"].([]any)
	var out []object
	for _, m := range list {
		out = append(out, m.(object))
	}
	return out
}

// bodies returns the bodies of messages, one letter each.
func bodies(list []object) string {
	var b strings.Builder
	for _, m := range list {
		b.WriteString(m["Body"].(string))
	}
	return b.String()
}

// count returns the number of messages: visible, hidden, delayed.
func (w *world) count(t testing.TB, url string) string {
	t.Helper()
	a := w.ok(t, "GetQueueAttributes", object{"QueueUrl": url, "AttributeNames": []string{"All"}})["Attributes"].(object)
	return a["ApproximateNumberOfMessages"].(string) + " " + a["ApproximateNumberOfMessagesNotVisible"].(string) + " " + a["ApproximateNumberOfMessagesDelayed"].(string)
}

// serve answers the API over HTTP.
func (w *world) serve(t *testing.T) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.ServeAPI(rw, r, wire.Identify(r, account, here.Region))
	}))
	w.endpoint = server.URL
	t.Cleanup(server.Close)
}

// aws runs the AWS command line program and decodes what it prints. The test is
// skipped where it is not installed, but not in CI.
func (w *world) aws(t *testing.T, out any, args ...string) {
	t.Helper()
	awscli.Need(t)
	awscli.CLI{Endpoint: w.endpoint}.JSON(t, out, args...)
}
