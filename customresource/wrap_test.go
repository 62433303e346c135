// SPDX-License-Identifier: MIT

package customresource

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
)

const (
	testStack  = "arn:aws:cloudformation:eu-west-1:123456789012:stack/Mail-Dev/1b2c"
	testSecret = "X-Amz-Signature=SECRET"
	testURL    = "https://cloudformation-custom-resource-response.s3.amazonaws.com/a?" + testSecret
)

func event(kind cfn.RequestType, physicalID string) cfn.Event {
	return cfn.Event{
		RequestType: kind, RequestID: "r-1", ResponseURL: testURL, ResourceType: "Custom::Seed",
		LogicalResourceID: "Seed", StackID: testStack, PhysicalResourceID: physicalID,
		ResourceProperties: map[string]any{"ServiceToken": "arn", "ServiceTimeout": "60", "Bucket": "b"},
	}
}

// inbox is the S3 that answers are put to.
type inbox struct {
	mu     sync.Mutex
	status []int // of the attempts; 0: connection fails; the last one stays
	bodies []string
	times  []time.Time
}

func (i *inbox) Do(r *http.Request) (*http.Response, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	i.bodies, i.times = append(i.bodies, string(body)), append(i.times, time.Now())
	status := http.StatusOK
	if n := len(i.status); n > 0 {
		status = i.status[min(len(i.bodies), n)-1]
	}
	switch {
	case status == 0:
		return nil, &url.Error{Op: "Put", URL: testURL, Err: errors.New("connection reset")}
	case r.Method != http.MethodPut, r.Header.Get("Content-Type") != "", r.ContentLength != int64(len(body)), r.URL.String() != testURL:
		status = http.StatusForbidden
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader("<Error/>"))}, nil
}

// answered serves an event and returns the answer that was put.
func answered(t *testing.T, ctx context.Context, h any, e cfn.Event) map[string]any {
	t.Helper()
	target, err := newTarget(h)
	if err != nil {
		t.Fatal(err)
	}
	var box inbox
	if err := serve(ctx, target, &box, e); err != nil {
		t.Fatalf("serve: %v", err)
	}
	if len(box.bodies) != 1 {
		t.Fatalf("answers: got %d, want 1", len(box.bodies))
	}
	if n := len(box.bodies[0]); n > maxAnswer {
		t.Errorf("answer has %d bytes", n)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(box.bodies[0]), &got); err != nil {
		t.Fatalf("answer %q: %v", box.bodies[0], err)
	}
	return got
}

func returns(response Response, err error) Handler {
	return func(context.Context, Request) (Response, error) { return response, err }
}

// seed is a Resource that notes what it was asked.
type seed struct{ asked []RequestType }

func (s *seed) Create(_ context.Context, r Request) (Response, error) {
	s.asked = append(s.asked, r.Type)
	return Response{PhysicalID: "s-1"}, nil
}

func (s *seed) Update(_ context.Context, r Request) (Response, error) {
	s.asked = append(s.asked, r.Type)
	return Response{}, errors.New("größer als erlaubt")
}

func (s *seed) Delete(_ context.Context, r Request) error {
	s.asked = append(s.asked, r.Type)
	return nil
}

// named is a Resource that knows its id and panics.
type named struct{ seed }

func (named) PhysicalID(r Request) string { return "bucket-" + r.Properties["Bucket"].(string) }

func (*named) Create(context.Context, Request) (Response, error) { panic("out of luck") }

func TestServe(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ü\"\n", 4000)
	tests := []struct {
		name    string
		handler any
		event   cfn.Event
		want    map[string]any // beside the copied ids
	}{
		{"create", returns(Response{Data: map[string]any{"Rows": 3.0}}, nil), event("Create", ""),
			map[string]any{"Status": "SUCCESS", "PhysicalResourceId": "Mail-Dev/Seed", "Data": map[string]any{"Rows": 3.0}}},
		{"create with id", returns(Response{PhysicalID: "own", NoEcho: true, Data: map[string]any{"A": "<b>"}}, nil), event("Create", ""),
			map[string]any{"Status": "SUCCESS", "PhysicalResourceId": "own", "NoEcho": true, "Data": map[string]any{"A": "<b>"}}},
		{"create fails", returns(Response{}, errors.New("größer")), event("Create", ""),
			map[string]any{"Status": "FAILED", "Reason": "größer", "PhysicalResourceId": NeverMade}},
		{"create fails halfway", returns(Response{PhysicalID: "half"}, errors.New("x")), event("Create", ""),
			map[string]any{"Status": "FAILED", "Reason": "x", "PhysicalResourceId": "half"}},
		{"update keeps the id", returns(Response{}, nil), event("Update", "old"),
			map[string]any{"Status": "SUCCESS", "PhysicalResourceId": "old"}},
		{"update fails", returns(Response{}, errors.New("x")), event("Update", "old"),
			map[string]any{"Status": "FAILED", "Reason": "x", "PhysicalResourceId": "old"}},
		{"update replaces", returns(Response{PhysicalID: "new"}, nil), event("Update", "old"),
			map[string]any{"Status": "SUCCESS", "PhysicalResourceId": "new"}},
		{"delete keeps the id, has no data", returns(Response{PhysicalID: "other", Data: map[string]any{"A": 1}}, nil), event("Delete", "old"),
			map[string]any{"Status": "SUCCESS", "PhysicalResourceId": "old"}},
		{"delete fails", returns(Response{}, errors.New("x")), event("Delete", "old"),
			map[string]any{"Status": "FAILED", "Reason": "x", "PhysicalResourceId": "old"}},
		{"delete of what never was made", returns(Response{}, errors.New("asked")), event("Delete", NeverMade),
			map[string]any{"Status": "SUCCESS", "PhysicalResourceId": NeverMade}},
		{"error without text", returns(Response{}, errors.New("")), event("Create", ""),
			map[string]any{"Status": "FAILED", "Reason": "the handler gave no reason", "PhysicalResourceId": NeverMade}},
		{"panic", Handler(func(context.Context, Request) (Response, error) { panic("oh") }), event("Create", ""),
			map[string]any{"Status": "FAILED", "Reason": "panic: oh", "PhysicalResourceId": NeverMade}},
		{"panic of one that knows its id", &named{}, event("Create", ""),
			map[string]any{"Status": "FAILED", "Reason": "panic: out of luck", "PhysicalResourceId": "bucket-b"}},
		{"long id", returns(Response{PhysicalID: strings.Repeat("x", 1025)}, nil), event("Create", ""),
			map[string]any{"Status": "FAILED", "Reason": "physical id of 1025 bytes: CloudFormation takes 1024", "PhysicalResourceId": NeverMade}},
		{"much data", returns(Response{PhysicalID: "own", Data: map[string]any{"A": long}}, nil), event("Create", ""),
			map[string]any{"Status": "FAILED", "Reason": "response data: the answer has 24186 bytes, CloudFormation takes 4096", "PhysicalResourceId": "own"}},
		{"data that are no JSON", returns(Response{PhysicalID: "own", Data: map[string]any{"A": func() {}}}, nil), event("Create", ""),
			map[string]any{"Status": "FAILED", "Reason": "response data: json: unsupported type: func()", "PhysicalResourceId": "own"}},
		{"resource", &seed{}, event("Create", ""), map[string]any{"Status": "SUCCESS", "PhysicalResourceId": "s-1"}},
		{"function of resource", func() *seed { return &seed{} }, event("Update", "s-1"),
			map[string]any{"Status": "FAILED", "Reason": "größer als erlaubt", "PhysicalResourceId": "s-1"}},
		{"function that fails", func() (Resource, error) { return nil, errors.New("no region") }, event("Delete", "s-1"),
			map[string]any{"Status": "FAILED", "Reason": "no region", "PhysicalResourceId": "s-1"}},
		{"unknown type", &seed{}, event("Repair", "s-1"),
			map[string]any{"Status": "FAILED", "Reason": `request type "Repair": none of Create, Update, Delete`, "PhysicalResourceId": "s-1"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.want["StackId"], test.want["RequestId"], test.want["LogicalResourceId"] = testStack, "r-1", "Seed"
			if diff := cmp.Diff(test.want, answered(t, t.Context(), test.handler, test.event)); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}

func TestServeCutsLongReasons(t *testing.T) {
	t.Parallel()
	for _, text := range []string{strings.Repeat("ü", 5000), strings.Repeat("\"\n", 5000), strings.Repeat("\u2028", 4000), strings.Repeat("a", 3900)} {
		got := answered(t, t.Context(), returns(Response{}, errors.New(text)), event("Create", ""))
		reason := got["Reason"].(string)
		if !utf8.ValidString(reason) || !strings.HasPrefix(text, strings.TrimSuffix(reason, "…")) || len(reason) < 300 {
			t.Errorf("reason of %d bytes: %.40q", len(reason), reason)
		}
	}
}

func TestServeAnswersBeforeTheDeadline(t *testing.T) {
	t.Parallel()
	hang := func(ctx context.Context, _ Request) (Response, error) {
		<-ctx.Done()
		time.Sleep(time.Hour) // does not stop when told to
		return Response{}, nil
	}
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		got := answered(t, ctx, Handler(hang), event("Create", ""))
		if got["Status"] != "FAILED" || got["Reason"] != errOutOfTime.Error() {
			t.Errorf("answer: %v", got)
		}
		if elapsed := time.Since(start); elapsed != 29500*time.Millisecond {
			t.Errorf("answered after %v, want 29.5s", elapsed)
		}
		synctest.Wait()
		time.Sleep(2 * time.Hour)
	})
}

func TestSendRetries(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		status   []int
		attempts int
		wait     time.Duration
		want     string // of the error; empty: none
	}{
		{"at once", []int{200}, 1, 0, ""},
		{"third time", []int{503, 0, 200}, 3, 600 * time.Millisecond, ""},
		{"never", []int{0}, 5, 3 * time.Second, "send response: connection reset"},
		{"throttled", []int{429, 408, 204}, 3, 600 * time.Millisecond, ""},
		{"refused", []int{403}, 1, 0, "send response: status 403: not retried"},
		{"redirected", []int{307}, 1, 0, "send response: status 307: not retried"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				box := inbox{status: test.status}
				err := send(t.Context(), &box, testURL, []byte(`{"a":"ü"}`))
				if got := errorText(err); got != test.want {
					t.Errorf("error: got %q, want %q", got, test.want)
				}
				if len(box.bodies) != test.attempts || time.Since(start) != test.wait {
					t.Errorf("got %d attempts in %v, want %d in %v", len(box.bodies), time.Since(start), test.attempts, test.wait)
				}
			})
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestResponseURLStaysSecret(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var logs bytes.Buffer
		ctx := zerolog.New(&logs).WithContext(t.Context())
		target, err := newTarget(Handler(func(context.Context, Request) (Response, error) { panic("oh") }))
		if err != nil {
			t.Fatal(err)
		}
		err = serve(ctx, target, &inbox{status: []int{0}}, event("Create", ""))
		if err == nil {
			t.Fatal("no error although the answer was not delivered")
		}
		e := event("Create", "")
		e.ResponseURL = "https://host:port/?" + testSecret
		malformed := serve(ctx, target, &inbox{}, e)
		if text := logs.String() + err.Error() + malformed.Error(); strings.Contains(text, testSecret) {
			t.Errorf("the response URL is told: %s", text)
		}
		if !strings.Contains(logs.String(), `"request_id":"r-1"`) || !strings.Contains(logs.String(), "panicked") {
			t.Errorf("log: %s", logs.String())
		}
	})
}

// The real HTTP client must send neither a content type nor a wrong length.
func TestWrapOverHTTP(t *testing.T) {
	t.Parallel()
	var got []byte
	var header http.Header
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		header = r.Header
		got, _ = io.ReadAll(r.Body)
		if int64(len(got)) != r.ContentLength {
			t.Errorf("content length: got %d for %d bytes", r.ContentLength, len(got))
		}
	}))
	defer server.Close()
	e := event("Create", "")
	e.ResponseURL = server.URL
	if err := Wrap(returns(Response{}, errors.New("größer")))(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	if _, ok := header["Content-Type"]; ok || !strings.Contains(string(got), "größer") {
		t.Errorf("got %s with headers %v", got, header)
	}
}

func TestWrapRefusesOtherThings(t *testing.T) {
	t.Parallel()
	for _, h := range []any{nil, 3, "x", func() {}, func() error { return nil }, func(int) *seed { return nil }, seed{}, func() (*seed, int) { return nil, 0 }} {
		if _, err := newTarget(h); err == nil {
			t.Errorf("%T was taken", h)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("Wrap did not panic")
		}
	}()
	Wrap(3)
}

func TestHandlersFind(t *testing.T) {
	t.Parallel()
	h := Handlers{"seed": &seed{}, "site": func() (Resource, error) { return &seed{}, nil }}
	for _, handler := range []string{"seed", "index.seed", "a.b.site"} {
		if _, err := h.find(handler); err != nil {
			t.Errorf("%s: %v", handler, err)
		}
	}
	if _, err := h.find("index.sead"); err == nil || err.Error() != `handler "index.sead": none of seed, site` {
		t.Errorf("got %v", err)
	}
}

func TestRequestHidesService(t *testing.T) {
	t.Parallel()
	var got Request
	h := func(_ context.Context, r Request) (Response, error) { got = r; return Response{}, nil }
	answered(t, t.Context(), Handler(h), event("Update", "p"))
	want := Request{Type: Update, RequestID: "r-1", StackID: testStack, LogicalID: "Seed", PhysicalID: "p",
		ResourceType: "Custom::Seed", Properties: map[string]any{"Bucket": "b"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	if got.StackName() != "Mail-Dev" || (Request{StackID: "x"}).StackName() != "" {
		t.Errorf("stack name: %q", got.StackName())
	}
}
