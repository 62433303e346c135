// SPDX-License-Identifier: MIT

package events

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
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/store"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const account = "000000000000"

var here = arn.Scope{Partition: "aws", Account: account, Region: "us-east-1"}

func functionARN(name string) string { return here.Regional("lambda", "function:"+name) }
func queueARN(name string) string    { return here.Regional("sqs", name) }

// inbox takes what is delivered, but to what fails.
type inbox struct {
	mu   sync.Mutex
	got  []delivery.Message
	at   []time.Time
	fail map[string]error // by target
}

func (b *inbox) Deliver(_ context.Context, m delivery.Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.fail[m.Target]; err != nil {
		return err
	}
	b.got, b.at = append(b.got, m), append(b.at, time.Now())
	return nil
}

func (b *inbox) Admits(delivery.Message) error { return nil }

// world is EventBridge with receivers, inside a synctest bubble.
type world struct {
	*Service
	inbox inbox
	store *store.Store
	table delivery.Table
}

// open opens EventBridge; the test closes it.
func open(t testing.TB, dir string) *world {
	t.Helper()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{store: st}
	for _, name := range []string{"lambda", "sqs", "sns", "logs"} {
		w.table.Add(name, &w.inbox)
	}
	w.Service, err = New(service.Env{
		Default: here, Store: st, Doors: &door.Set{}, Now: time.Now, Endpoint: func() string { return "http://127.0.0.1:4566" }, Log: zerolog.Nop(),
	}, Deps{Table: &w.table, Assumable: func(_ arn.Scope, role, principal, source string) error {
		if principal != "events.amazonaws.com" || !strings.Contains(source, ":rule/") || !strings.HasSuffix(role, "/good") {
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

func (w *world) call(t testing.TB, action string, in object) (out object, failure string) {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(string(body)))
	r.Header.Set("X-Amz-Target", "AWSEvents."+action)
	rec := httptest.NewRecorder()
	w.ServeAPI(rec, r, wire.Identity{Account: account, Region: here.Region, Service: "events"})
	if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil {
		t.Fatalf("%s: %v\n%s", action, err, rec.Body)
	}
	if rec.Code != http.StatusOK {
		return nil, out["__type"].(string) + ": " + out["message"].(string)
	}
	return out, ""
}

func (w *world) ok(t testing.TB, action string, in object) object {
	t.Helper()
	out, failure := w.call(t, action, in)
	if failure != "" {
		t.Fatalf("%s %v: %s", action, in, failure)
	}
	return out
}

func (w *world) refused(t testing.TB, action string, in object, code, text string) {
	t.Helper()
	if _, failure := w.call(t, action, in); !strings.HasPrefix(failure, code+": ") || !strings.Contains(failure, text) {
		t.Errorf("%s %.200v: got %q, want %s: ...%s...", action, in, failure, code, text)
	}
}

// rule makes a rule with targets.
func (w *world) rule(t testing.TB, in object, targets ...object) {
	t.Helper()
	w.ok(t, "PutRule", in)
	if len(targets) > 0 {
		w.ok(t, "PutTargets", object{"Rule": in["Name"], "EventBusName": in["EventBusName"], "Targets": targets})
	}
}

// put puts an event with a detail.
func (w *world) put(t testing.TB, detail string, more object) object {
	t.Helper()
	entry := object{"Source": "my.app", "DetailType": "Ordered", "Detail": detail}
	maps.Copy(entry, more)
	return w.ok(t, "PutEvents", object{"Entries": []object{entry}})
}

// take waits until all is quiet and returns what was delivered since.
func (w *world) take() []delivery.Message {
	synctest.Wait()
	w.inbox.mu.Lock()
	defer w.inbox.mu.Unlock()
	got := w.inbox.got
	w.inbox.got, w.inbox.at = nil, nil
	return got
}
