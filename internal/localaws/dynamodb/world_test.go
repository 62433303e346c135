// SPDX-License-Identifier: MIT

package dynamodb_test

import (
	"context"
	"encoding/json"
	"errors"
	"hash/crc32"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/dynamodb"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/store"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const account = "000000000000"

var here = arn.Scope{Partition: "aws", Account: account, Region: "us-east-1"}

// world is DynamoDB with callers of its API.
type world struct {
	*dynamodb.Service
	store *store.Store
	shut  func() error
}

// open opens the tables of dir. It works inside a synctest bubble.
func open(t testing.TB, dir string) *world {
	t.Helper()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{store: st}
	w.Service, err = dynamodb.New(service.Env{
		Default: here, Store: st, Doors: &door.Set{}, Now: time.Now, Endpoint: func() string { return "http://127.0.0.1:4566" }, Log: zerolog.Nop(),
	})
	if err != nil {
		t.Fatal(err)
	}
	closed := false
	w.shut = func() error {
		if closed {
			return nil
		}
		closed = true
		return errors.Join(w.Close(context.Background()), w.store.Close())
	}
	t.Cleanup(func() {
		if err := w.shut(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// reopen closes the service and opens it again.
func (w *world) reopen(t testing.TB, dir string) *world {
	t.Helper()
	if err := w.shut(); err != nil {
		t.Fatal(err)
	}
	return open(t, dir)
}

// send calls an action and returns the status and body of the answer. Actions
// of streams begin with "Streams.".
func (w *world) send(t testing.TB, as, action, body string) (int, []byte) {
	t.Helper()
	target := "DynamoDB_20120810." + action
	if name, ok := strings.CutPrefix(action, "Streams."); ok {
		target = "DynamoDBStreams_20120810." + name
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", target)
	rec := httptest.NewRecorder()
	w.ServeAPI(rec, r, wire.Identity{Account: as, Region: here.Region, Service: "dynamodb"})
	if sum := rec.Header().Get("X-Amz-Crc32"); sum != strconv.FormatUint(uint64(crc32.ChecksumIEEE(rec.Body.Bytes())), 10) {
		t.Errorf("%s: the checksum is %s", action, sum)
	}
	return rec.Code, rec.Body.Bytes()
}

// ok calls an action that has to succeed and returns the answer.
func (w *world) ok(t testing.TB, action, body string) string {
	t.Helper()
	status, answer := w.send(t, account, action, body)
	if status != http.StatusOK {
		t.Fatalf("%s %.300s: %d %s", action, body, status, answer)
	}
	return string(answer)
}

// into calls an action and decodes the answer.
func (w *world) into(t testing.TB, out any, action, body string) {
	t.Helper()
	if err := json.Unmarshal([]byte(w.ok(t, action, body)), out); err != nil {
		t.Fatal(err)
	}
}

// same calls an action that has to answer with this JSON.
func (w *world) same(t testing.TB, action, body, want string) {
	t.Helper()
	var got, wanted any
	w.into(t, &got, action, body)
	if err := json.Unmarshal([]byte(want), &wanted); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("%s %.300s: %s", action, body, diff)
	}
}

// refused calls an action that has to fail with a code and a message that
// contains a text.
func (w *world) refused(t testing.TB, action, body, code, text string) {
	t.Helper()
	status, answer := w.send(t, account, action, body)
	var e struct {
		Type    string `json:"__type"`
		Message string // or message
	}
	if err := json.Unmarshal(answer, &e); err != nil {
		t.Fatalf("%v: %s", err, answer)
	}
	if _, name, _ := strings.Cut(e.Type, "#"); status != http.StatusBadRequest || name != code || !strings.Contains(e.Message, text) {
		t.Errorf("%s %.300s: got %d %s: %s\nwant %s: ...%s...", action, body, status, e.Type, e.Message, code, text)
	}
}

func (w *world) invalid(t testing.TB, action, body, text string) {
	t.Helper()
	w.refused(t, action, body, "ValidationException", text)
}

// table makes a table with the key pk and, if there is a second one, sk; both
// are texts. more is further members of the request.
func (w *world) table(t testing.TB, name, sortKey, more string) {
	t.Helper()
	attributes, schema := `{"AttributeName":"pk","AttributeType":"S"}`, `{"AttributeName":"pk","KeyType":"HASH"}`
	if sortKey != "" {
		attributes += `,{"AttributeName":"sk","AttributeType":"` + sortKey + `"}`
		schema += `,{"AttributeName":"sk","KeyType":"RANGE"}`
	}
	if extra, rest, ok := strings.Cut(more, ";"); ok { // definitions; the rest
		attributes, more = attributes+extra, rest
	}
	w.ok(t, "CreateTable", `{"TableName":"`+name+`","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[`+attributes+`],"KeySchema":[`+schema+`]`+more+`}`)
}

func (w *world) put(t testing.TB, table, item string) {
	t.Helper()
	w.ok(t, "PutItem", `{"TableName":"`+table+`","Item":`+item+`}`)
}

// reopenError opens a directory whose state is damaged.
func reopenError(dir string) (*dynamodb.Service, error) {
	st, err := store.Open(dir)
	if err != nil {
		return nil, err
	}
	return dynamodb.New(service.Env{Default: here, Store: st, Doors: &door.Set{}, Now: time.Now, Endpoint: func() string { return "" }, Log: zerolog.Nop()})
}
