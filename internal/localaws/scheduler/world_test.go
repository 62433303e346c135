// SPDX-License-Identifier: MIT

package scheduler_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/scheduler"
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
	dead     = here.Regional("sqs", "dead")
)

// inbox notes what is delivered and when.
type inbox struct {
	mu   sync.Mutex
	got  []delivery.Message
	at   []string // hour:minute:second
	fail error    // of everything but dead letters
}

func (b *inbox) Deliver(_ context.Context, m delivery.Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail != nil && m.Target != dead {
		return b.fail
	}
	b.got, b.at = append(b.got, m), append(b.at, time.Now().UTC().Format("15:04:05"))
	return nil
}

func (b *inbox) Admits(delivery.Message) error { return nil }

// world is the scheduler with its receivers, inside a synctest bubble.
type world struct {
	*scheduler.Service
	inbox inbox
	store *store.Store
}

func open(t testing.TB, dir string) *world {
	t.Helper()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{store: st}
	table := &delivery.Table{}
	for _, name := range []string{"lambda", "sqs", "sns", "events"} {
		table.Add(name, &w.inbox)
	}
	w.Service, err = scheduler.New(service.Env{
		Default: here, Store: st, Doors: &door.Set{}, Now: time.Now, Endpoint: func() string { return "http://127.0.0.1:4566" }, Log: zerolog.Nop(),
	}, scheduler.Deps{Table: table, Assumable: func(_ arn.Scope, name, principal, source string) error {
		if name != role || principal != "scheduler.amazonaws.com" || !strings.Contains(source, ":schedule-group/") {
			return wire.Errorf(403, "AccessDenied", "cannot assume")
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
	rec := httptest.NewRecorder()
	w.ServeAPI(rec, httptest.NewRequest(method, path, strings.NewReader(body)), wire.Identity{Account: account, Region: here.Region, Service: "scheduler"})
	if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil {
		t.Fatalf("%s %s: %v\n%s", method, path, err, rec.Body)
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

// plan returns a schedule of the function with changes.
func plan(expression string, changes object) object {
	in := object{"ScheduleExpression": expression, "FlexibleTimeWindow": object{"Mode": "OFF"}, "Target": object{"Arn": function, "RoleArn": role}}
	maps.Copy(in, changes)
	return in
}

// aim returns a target with changes.
func aim(changes object) object {
	out := object{"Arn": function, "RoleArn": role}
	maps.Copy(out, changes)
	return out
}

// after lets time pass and returns what was delivered since the last time, and
// when.
func (w *world) after(d time.Duration) ([]delivery.Message, []string) {
	time.Sleep(d)
	synctest.Wait()
	w.inbox.mu.Lock()
	defer w.inbox.mu.Unlock()
	got, at := w.inbox.got, w.inbox.at
	w.inbox.got, w.inbox.at = nil, nil
	return got, at
}
