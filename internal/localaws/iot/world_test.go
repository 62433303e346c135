// SPDX-License-Identifier: MIT

package iot_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/iot"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/store"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const (
	account = "000000000000"
	role    = "arn:aws:iam::" + account + ":role/good"
)

var (
	here     = arn.Scope{Partition: "aws", Account: account, Region: "us-east-1"}
	function = here.Regional("lambda", "function:f")
)

// inbox notes what is delivered.
type inbox struct {
	mu    sync.Mutex
	got   []delivery.Message
	fails map[string]error // by target
	tries int
}

func (b *inbox) Deliver(_ context.Context, m delivery.Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tries++
	if err := b.fails[m.Target]; err != nil {
		return err
	}
	b.got = append(b.got, m)
	return nil
}

func (b *inbox) Admits(delivery.Message) error { return nil }

// world is AWS IoT with its receivers, inside a synctest bubble.
type world struct {
	*iot.Service
	inbox inbox
}

func open(t testing.TB, dir string) *world {
	t.Helper()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{inbox: inbox{fails: map[string]error{}}}
	table := &delivery.Table{}
	for _, name := range []string{"lambda", "sqs", "sns", "kinesis", "dynamodb", "s3", "logs"} {
		table.Add(name, &w.inbox)
	}
	table.Guard(func(_, _, action, resource string) error {
		if strings.Contains(resource, "forbidden") {
			return errors.New("may not do " + action)
		}
		return nil
	})
	w.Service, err = iot.New(service.Env{
		Default: here, Store: st, Doors: &door.Set{}, Now: time.Now, Endpoint: func() string { return "http://127.0.0.1:4566" }, Log: zerolog.Nop(),
	}, iot.Deps{Table: table, Assumable: func(_ arn.Scope, name, principal, _ string) error {
		if name != role || principal != "iot.amazonaws.com" {
			return wire.Errorf(403, "AccessDenied", "%s cannot assume %s", principal, name)
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(w.Close(context.Background()), st.Close()); err != nil {
			t.Error(err)
		}
	})
	return w
}

// object is a JSON object.
type object = map[string]any

func (w *world) call(t testing.TB, method, path string, in object) (out object, failure string) {
	t.Helper()
	body := ""
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		body = string(data)
	}
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("X-Amz-Tagging", "team=a%20b")
	return answer(t, w.Service, r)
}

// answer has a service answer a request.
func answer(t testing.TB, s service.Service, r *http.Request) (out object, failure string) {
	t.Helper()
	rec := httptest.NewRecorder()
	s.ServeAPI(rec, r, wire.Identity{Account: account, Region: here.Region, Service: "iot"})
	if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil {
		t.Fatalf("%s %s: %v\n%s", r.Method, r.URL, err, rec.Body)
	}
	if rec.Code != http.StatusOK {
		return nil, out["__type"].(string) + ": " + out["message"].(string)
	}
	return out, ""
}

func (w *world) ok(t testing.TB, method, path string, in object) object {
	t.Helper()
	out, failure := w.call(t, method, path, in)
	if failure != "" {
		t.Fatalf("%s %s: %s", method, path, failure)
	}
	return out
}

func (w *world) refused(t testing.TB, method, path string, in object, code, text string) {
	t.Helper()
	if _, failure := w.call(t, method, path, in); !strings.HasPrefix(failure, code+": ") || !strings.Contains(failure, text) {
		t.Errorf("%s %s %v: got %q, want %s: ...%s...", method, path, in, failure, code, text)
	}
}

// publish publishes a message; path is what follows /topics/.
func (w *world) publish(t testing.TB, path, payload string) (failure string) {
	t.Helper()
	_, failure = answer(t, w.DataPlane(), httptest.NewRequest(http.MethodPost, "/topics/"+path, strings.NewReader(payload)))
	return failure
}

// payload returns what a rule says, with changes.
func payload(sql string, changes object) object {
	in := object{"sql": sql, "awsIotSqlVersion": "2016-03-23", "ruleDisabled": false, "actions": []any{lambda()}}
	maps.Copy(in, changes)
	return in
}

func lambda() object { return object{"lambda": object{"functionArn": function}} }

// received returns what was delivered since the last time, sorted by target.
func (w *world) received() []delivery.Message {
	synctest.Wait()
	w.inbox.mu.Lock()
	defer w.inbox.mu.Unlock()
	got := w.inbox.got
	w.inbox.got = nil
	slices.SortStableFunc(got, func(a, b delivery.Message) int { return strings.Compare(a.Target, b.Target) })
	return got
}
