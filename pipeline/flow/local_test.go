// SPDX-License-Identifier: MIT

package flow_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/awsclient"
	"github.com/sparta-up/sparta/internal/localaws"
	"github.com/sparta-up/sparta/pipeline"
	"github.com/sparta-up/sparta/pipeline/flow"
	"github.com/sparta-up/sparta/pipeline/stage"
)

const account, region = "000000000000", "us-east-1"

// world is an embedded AWS of a test's own, and the settings of the commands
// that go to it.
type world struct {
	flow.Settings
	t        *testing.T
	endpoint string
	traffic  *traffic
}

// local returns a world for a service's file. It ends with the test.
func local(t *testing.T, file string) *world {
	t.Helper()
	node, _ := exec.LookPath("node")
	return localWithNode(t, file, node)
}

// localWithNode is local with the path of a node program, or "" for none.
func localWithNode(t *testing.T, file, node string) *world {
	t.Helper()
	cloud, err := localaws.Open(t.Context(), localaws.Options{Dir: t.TempDir(), Node: node, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cloud.Close(context.Background()); err != nil {
			t.Errorf("close the embedded AWS: %v", err)
		}
	})
	w := &world{t: t, endpoint: cloud.Endpoint(), traffic: &traffic{}}
	w.Settings = flow.Settings{
		File: file,
		Config: func(context.Context) (aws.Config, error) {
			cfg := awsclient.Local(w.endpoint, account, region)
			cfg.HTTPClient = w.traffic
			return cfg, nil
		},
		Local:   true,
		Toolkit: os.DirFS("../.."),
		Cache:   cacheDir(t),
		Environ: os.Environ(),
		Confirm: refuse,
		Pace:    stage.Pace{First: 5 * time.Millisecond, Most: 50 * time.Millisecond},
	}
	return w
}

func refuse(_ context.Context, question string, details []string) error {
	return &stage.ConsentError{Question: question, Details: details}
}

func agree(context.Context, string, []string) error { return nil }

// cacheDir is shared by the tests of a run: what it holds can be made again.
func cacheDir(t *testing.T) string {
	t.Helper()
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "sparta-test")
}

// runs numbers the runs of all tests, for their tokens.
var runs atomic.Int64

// settings returns the settings of one more run.
func (w *world) settings() flow.Settings {
	s := w.Settings
	s.Token = fmt.Sprintf("run-%d", runs.Add(1))
	return s
}

// up runs `sparta up` and returns how it ended.
func (w *world) up() (stage.Outcome, error) {
	w.t.Helper()
	outcome, _, err := w.upWith(w.t.Context(), nil)
	return outcome, err
}

// mustUp is up that has to end with kind.
func (w *world) mustUp(kind stage.OperationKind) stage.Outcome {
	w.t.Helper()
	outcome, err := w.up()
	if err != nil {
		w.t.Fatalf("up: %v", err)
	}
	if outcome.Kind != kind {
		w.t.Fatalf("up: got %s, want %s", outcome.Kind, kind)
	}
	return outcome
}

func (w *world) upWith(ctx context.Context, observer pipeline.Observer) (stage.Outcome, []pipeline.Report, error) {
	up := flow.NewUp(w.settings())
	reports, err := up.Run(ctx, pipeline.Options{Observer: observer})
	if err != nil {
		return stage.Outcome{}, reports, err
	}
	return up.Outcome.Get(), reports, nil
}

func (w *world) down() (stage.Outcome, error) {
	down := flow.NewDown(w.settings())
	if _, err := down.Run(w.t.Context(), pipeline.Options{}); err != nil {
		return stage.Outcome{}, err
	}
	return down.Outcome.Get(), nil
}

// invoke sends an event to a function and returns what it answered.
func (w *world) invoke(function, event string) stage.Reply {
	w.t.Helper()
	invoke := flow.NewInvoke(w.settings(), function, []byte(event))
	if _, err := invoke.Run(w.t.Context(), pipeline.Options{}); err != nil {
		w.t.Fatalf("invoke %s: %v", function, err)
	}
	return invoke.Reply.Get()
}

// clients are those of somebody who looks on: their calls are not counted.
func (w *world) clients() awsclient.Clients {
	return awsclient.New(awsclient.Local(w.endpoint, account, region))
}

// traffic passes requests on and counts them.
type traffic struct {
	mu    sync.Mutex
	calls []string
	// fault answers a call in place of the endpoint if it returns an answer.
	fault func(call string) *http.Response
}

// Do names each call: the action of services with actions, else method and path.
func (c *traffic) Do(r *http.Request) (*http.Response, error) {
	call := r.Method + " " + r.URL.Path
	if r.Method == http.MethodPost && r.URL.Path == "/" {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if form, err := url.ParseQuery(string(body)); err == nil {
			call = form.Get("Action")
		}
	}
	c.mu.Lock()
	c.calls = append(c.calls, call)
	fault := c.fault
	c.mu.Unlock()
	if fault != nil {
		if response := fault(call); response != nil {
			response.Request = r
			return response, nil
		}
	}
	return http.DefaultTransport.RoundTrip(r)
}

// take returns the calls since the last take.
func (c *traffic) take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	calls := slices.Clone(c.calls)
	c.calls = nil
	return calls
}

// denied is the answer of S3 to who may not do something.
func denied() *http.Response {
	return &http.Response{
		StatusCode: http.StatusForbidden, Header: http.Header{"Content-Type": {"application/xml"}},
		Body: io.NopCloser(strings.NewReader("<Error><Code>AccessDenied</Code><Message>injected</Message></Error>")),
	}
}

// get fetches a page.
func get(t *testing.T, address string) (int, string, http.Header) {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body), response.Header
}

// output returns the value of an output of a stack.
func output(t *testing.T, o stage.Outcome, name string) string {
	t.Helper()
	for _, out := range o.Stack.Outputs {
		if out.Name == name {
			return out.Value
		}
	}
	t.Fatalf("no output %s in %v", name, o.Stack.Outputs)
	return ""
}
