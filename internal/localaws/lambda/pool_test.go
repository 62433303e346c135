// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/kinesis"
	"github.com/sparta-up/sparta/internal/localaws/logs"
	"github.com/sparta-up/sparta/internal/localaws/sandbox"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/sqs"
	"github.com/sparta-up/sparta/internal/localaws/store"
)

var here = arn.Scope{Partition: "aws", Account: "000000000000", Region: "us-east-1"}

// fakes makes execution environments that do what a function says.
type fakes struct {
	handle func(ctx context.Context, f *fake, in sandbox.Invocation) (sandbox.Outcome, error)
	dir    string  // of the state; empty: one of the test
	tables Streams // of DynamoDB; nil: none
	// clusters are those of MSK, and denied what no role may do; nil: none, nothing.
	clusters Clusters
	denied   func(action, resource string) bool

	queues  *sqs.Service // set by withFakes, with the next
	streams *kinesis.Service
	store   *store.Store
	table   *delivery.Table

	initError string // the error type with which init phases end

	mu     sync.Mutex
	made   []*fake
	closed int
	lines  []string // of the log
	// notices is what the user is told.
	notices []string
}

type fake struct {
	all    *fakes
	config sandbox.Config
	ended  chan struct{}
	dead   bool
	once   sync.Once
}

func (f *fake) Invoke(ctx context.Context, in sandbox.Invocation) (sandbox.Outcome, error) {
	return f.all.handle(ctx, f, in)
}

func (f *fake) Init(context.Context) (sandbox.Init, error) {
	return sandbox.Init{Duration: time.Millisecond, ErrorType: f.all.initError}, nil
}

func (f *fake) Alive() bool { return !f.dead }

func (f *fake) Close() error {
	f.once.Do(func() {
		close(f.ended)
		f.all.mu.Lock()
		f.all.closed++
		f.all.mu.Unlock()
	})
	return nil
}

func (all *fakes) start(c sandbox.Config) (runner, error) {
	f := &fake{all: all, config: c, ended: make(chan struct{})}
	all.mu.Lock()
	defer all.mu.Unlock()
	all.made = append(all.made, f)
	return f, nil
}

func (all *fakes) AppendAs(_ arn.Scope, group, _ string, events []logs.Event, may logs.Permission) error {
	if err := may("logs:PutLogEvents", group); err != nil {
		return err
	}
	all.mu.Lock()
	defer all.mu.Unlock()
	for _, e := range events {
		all.lines = append(all.lines, group+": "+strings.TrimSuffix(e.Message, "\n"))
	}
	return nil
}

// counts returns how many environments were made and closed.
func (all *fakes) counts() (made, closed int) {
	all.mu.Lock()
	defer all.mu.Unlock()
	return len(all.made), all.closed
}

// withFakes opens a service whose functions echo unless handle is set.
func withFakes(t *testing.T, all *fakes) *Service {
	t.Helper()
	if all.dir == "" {
		all.dir = t.TempDir()
	}
	st, err := store.Open(all.dir)
	if err != nil {
		t.Fatal(err)
	}
	all.store = st
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	if all.handle == nil {
		all.handle = func(_ context.Context, _ *fake, in sandbox.Invocation) (sandbox.Outcome, error) {
			return sandbox.Outcome{Payload: in.Payload}, nil
		}
	}
	env := service.Env{
		Default: here, Store: st, Doors: &door.Set{}, Now: time.Now, Endpoint: func() string { return "http://127.0.0.1:1" }, Log: zerolog.Nop(),
	}
	if all.queues, err = sqs.New(env); err != nil {
		t.Fatal(err)
	}
	if all.streams, err = kinesis.New(env); err != nil {
		t.Fatal(err)
	}
	all.table = &delivery.Table{}
	all.table.Add("sqs", all.queues)
	streams := map[string]Streams{"kinesis": all.streams}
	if all.tables != nil {
		streams["dynamodb"] = all.tables
	}
	authorize := func(_ context.Context, _, _, action, resource string) error {
		if all.denied != nil && all.denied(action, resource) {
			return fmt.Errorf("no %s on %s", action, resource)
		}
		return nil
	}
	s, err := open(env, Deps{
		Notice: func(text string) {
			all.mu.Lock()
			defer all.mu.Unlock()
			all.notices = append(all.notices, text)
		},
		Clusters: all.clusters, Authorize: authorize, Delivery: all.table, Queues: all.queues, Streams: streams, Logs: all, Assumable: func(arn.Scope, string, string) error { return nil },
		OpenObject: func(context.Context, string, string, string, string) (Blob, error) {
			return nil, errors.New("no S3 here")
		},
	}, all.start)
	if err != nil {
		t.Fatal(err)
	}
	all.table.Add("lambda", s)
	return s
}

func add(t *testing.T, s *Service, name string, edit func(*createInput)) {
	t.Helper()
	zip, err := inline("exports.handler = async event => event")
	if err != nil {
		t.Fatal(err)
	}
	in := createInput{FunctionName: name, Code: codeInput{ZipFile: zip}}
	in.Role, in.Runtime, in.Handler = new("arn:aws:iam::000000000000:role/r"), new("nodejs24.x"), new("index.handler")
	if edit != nil {
		edit(&in)
	}
	if _, _, err := s.create(t.Context(), here, in); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, s *Service, name string) Response {
	t.Helper()
	r, err := s.Invoke(t.Context(), here, name, nil, InvokeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func closeService(t *testing.T, s *Service) {
	t.Helper()
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestEnvironmentsAreUsedAgain(t *testing.T) {
	t.Parallel()
	all := &fakes{}
	s := withFakes(t, all)
	add(t, s, "hello", nil)
	run(t, s, "hello")
	run(t, s, "hello")
	if made, _ := all.counts(); made != 1 {
		t.Errorf("made %d environments for two events in a row, want 1", made)
	}
	all.made[0].dead = true
	run(t, s, "hello")
	if made, closed := all.counts(); made != 1 || closed != 1 {
		t.Errorf("made %d and closed %d, want the dead one closed", made, closed)
	}
	run(t, s, "hello")
	if made, _ := all.counts(); made != 2 {
		t.Errorf("made %d, want a new one after the first has died", made)
	}
	if _, err := s.updateFunctionConfiguration(t.Context(), call{scope: here, function: reference{name: "hello"}},
		updateConfigInput{configInput: configInput{Timeout: new(9)}}); err != nil {
		t.Fatal(err)
	}
	if _, closed := all.counts(); closed != 2 {
		t.Error("an update left the idle environment")
	}
	run(t, s, "hello")
	if err := s.remove(here, reference{name: "hello"}); err != nil {
		t.Fatal(err)
	}
	if made, closed := all.counts(); made != 3 || closed != 3 {
		t.Errorf("after the deletion: made %d, closed %d, want 3 and 3", made, closed)
	}
	closeService(t, s)
}

func TestIdleEnvironmentsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		all := &fakes{}
		s := withFakes(t, all)
		add(t, s, "hello", nil)
		run(t, s, "hello")
		time.Sleep(idleTime / 2)
		synctest.Wait()
		if _, closed := all.counts(); closed != 0 {
			t.Error("closed after half the time")
		}
		time.Sleep(idleTime)
		synctest.Wait()
		if _, closed := all.counts(); closed != 1 {
			t.Error("not closed after the idle time")
		}
		closeService(t, s)
	})
}

// Fifty events are in work at a time, further ones wait; of the environments at
// most maxIdle are kept.
func TestBounds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		all := &fakes{}
		busy, most := 0, 0
		all.handle = func(context.Context, *fake, sandbox.Invocation) (sandbox.Outcome, error) {
			all.mu.Lock()
			busy++
			most = max(most, busy)
			all.mu.Unlock()
			time.Sleep(time.Second)
			all.mu.Lock()
			busy--
			all.mu.Unlock()
			return sandbox.Outcome{}, nil
		}
		s := withFakes(t, all)
		add(t, s, "hello", nil)
		var wg sync.WaitGroup
		for range 2 * maxBusy {
			wg.Go(func() { run(t, s, "hello") })
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		synctest.Wait()
		cancel(errors.New("enough"))
		if _, err := s.Invoke(ctx, here, "hello", nil, InvokeOptions{}); err == nil || err.Error() != "enough" {
			t.Errorf("waiting for a place ended with %v, want the context's cause", err)
		}
		wg.Wait()
		made, closed := all.counts()
		if most != maxBusy || made-closed > maxIdle {
			t.Errorf("%d at a time, want %d; %d environments left, want at most %d", most, maxBusy, made-closed, maxIdle)
		}
		closeService(t, s)
		if made, closed := all.counts(); made != closed {
			t.Errorf("made %d, closed %d", made, closed)
		}
	})
}

func TestClose(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		takes  time.Duration
		killed bool
	}{{"waits", time.Second, false}, {"kills", time.Hour, true}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				all := &fakes{}
				all.handle = func(_ context.Context, f *fake, _ sandbox.Invocation) (sandbox.Outcome, error) {
					select {
					case <-time.After(test.takes):
						return sandbox.Outcome{Payload: []byte(`"done"`)}, nil
					case <-f.ended:
						return sandbox.Outcome{}, sandbox.ErrClosed
					}
				}
				s := withFakes(t, all)
				add(t, s, "hello", nil)
				result := make(chan error, 1)
				go func() {
					_, err := s.Invoke(context.Background(), here, "hello", nil, InvokeOptions{})
					result <- err
				}()
				synctest.Wait()
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				if err := s.Close(ctx); err != nil {
					t.Error(err)
				}
				if err := <-result; (err != nil) != test.killed {
					t.Errorf("the event in work ended with %v", err)
				}
				if _, err := s.Invoke(t.Context(), here, "hello", nil, InvokeOptions{}); err == nil || !strings.Contains(err.Error(), "shutting down") {
					t.Errorf("an event after Close: %v", err)
				}
				if made, closed := all.counts(); made != closed {
					t.Errorf("made %d, closed %d", made, closed)
				}
				if left, err := os.ReadDir(s.pool.temp); err != nil || len(left) > 0 {
					t.Errorf("left %v, %v", left, err)
				}
			})
		})
	}
}
