// SPDX-License-Identifier: MIT

package ses_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/ses"
	"github.com/aws/aws-sdk-go-v2/service/ses/types"
	"github.com/aws/smithy-go"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/lambda"
	"github.com/sparta-up/sparta/internal/localaws/sdkhttp"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/ses"
	"github.com/sparta-up/sparta/internal/localaws/store"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const account = "000000000000"

var (
	here = arn.Scope{Partition: "aws", Account: account, Region: "us-east-1"}
	now  = time.Date(2026, 11, 23, 12, 0, 0, 123e6, time.UTC)
)

// world is SES with a client; it writes down what reaches the other services.
type world struct {
	*ses.Service
	client *sdk.Client
	url    string
	store  *store.Store

	mu      sync.Mutex
	sent    []delivery.Message // to functions and topics
	objects []delivery.Message // to buckets
	asked   []string           // functions that were invoked synchronously, with their payload
	answers map[string]any     // of those functions: a result, or an error
	denied  string             // part of the ARN of what lets nobody in
	notices []string
}

func open(t testing.TB, dir string) *world {
	t.Helper()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{store: st, answers: map[string]any{}}
	table := &delivery.Table{}
	table.Add("lambda", w)
	table.Add("sns", w)
	table.Add("s3", buckets{w})
	w.Service, err = ses.New(service.Env{Default: here, Store: st, Doors: &door.Set{}, Now: func() time.Time { return now }, Log: zerolog.Nop()},
		ses.Deps{Table: table, Functions: w, Assumable: w.assumable, Notice: func(text string) { w.notices = append(w.notices, text) }})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.ServeAPI(rw, r, wire.Identify(r, here.Account, here.Region))
	}))
	w.url = server.URL
	w.client = sdk.New(sdk.Options{
		Region: here.Region, BaseEndpoint: &server.URL, RetryMaxAttempts: 1, HTTPClient: sdkhttp.Client(), Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	t.Cleanup(func() {
		server.Close()
		if err := errors.Join(w.Close(context.Background()), st.Close()); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *world) Deliver(_ context.Context, m delivery.Message) error {
	if err := w.Admits(m); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent = append(w.sent, m)
	return nil
}

func (w *world) Admits(m delivery.Message) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.denied != "" && strings.Contains(m.Target, w.denied) || m.Principal != "ses.amazonaws.com" || m.Account != account || !strings.HasPrefix(m.Source, "arn:aws:ses:us-east-1:000000000000:receipt-rule-set/") {
		return wire.Errorf(403, "AccessDenied", "no policy lets %s in", m.Source)
	}
	return nil
}

// buckets takes objects.
type buckets struct{ w *world }

func (b buckets) Deliver(_ context.Context, m delivery.Message) error {
	if err := b.Admits(m); err != nil {
		return err
	}
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	b.w.objects = append(b.w.objects, m)
	return nil
}

func (b buckets) Admits(m delivery.Message) error {
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	if b.w.denied != "" && strings.Contains(m.Target, b.w.denied) {
		return wire.Errorf(403, "AccessDenied", "Access Denied")
	}
	return nil
}

func (w *world) Invoke(_ context.Context, _ arn.Scope, function string, payload []byte, o lambda.InvokeOptions) (lambda.Response, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, function+" "+string(payload))
	switch answer := w.answers[function].(type) {
	case error:
		return lambda.Response{}, answer
	case string:
		if text, failed := strings.CutPrefix(answer, "error:"); failed {
			return lambda.Response{FunctionError: "Unhandled", Payload: []byte(text)}, nil
		}
		return lambda.Response{Payload: []byte(answer)}, nil
	}
	return lambda.Response{Payload: []byte("null")}, nil
}

func (w *world) assumable(_ arn.Scope, role, principal, source string) error {
	if role != roleARN || principal != "ses.amazonaws.com" || !strings.Contains(source, ":receipt-rule-set/") {
		return errors.New("no such role")
	}
	return nil
}

// settle waits until everything that was sent has been received.
func (w *world) settle(t testing.TB) {
	t.Helper()
	if err := w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

const (
	functionARN = "arn:aws:lambda:us-east-1:" + account + ":function:f"
	topicARN    = "arn:aws:sns:us-east-1:" + account + ":t"
	roleARN     = "arn:aws:iam::" + account + ":role/mail"
)

// activate makes the rule set "main" of the rules and makes it the active one.
func (w *world) activate(t testing.TB, rules ...types.ReceiptRule) {
	t.Helper()
	name := "main"
	must(t)(w.client.CreateReceiptRuleSet(t.Context(), &sdk.CreateReceiptRuleSetInput{RuleSetName: &name}))
	var after *string
	for _, r := range rules {
		must(t)(w.client.CreateReceiptRule(t.Context(), &sdk.CreateReceiptRuleInput{RuleSetName: &name, Rule: &r, After: after}))
		after = r.Name
	}
	must(t)(w.client.SetActiveReceiptRuleSet(t.Context(), &sdk.SetActiveReceiptRuleSetInput{RuleSetName: &name}))
}

func rule(name string, recipients []string, actions ...types.ReceiptAction) types.ReceiptRule {
	return types.ReceiptRule{Name: &name, Enabled: true, Recipients: recipients, Actions: actions}
}

func must(t testing.TB) func(_ any, err error) {
	return func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
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
