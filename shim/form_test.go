// SPDX-License-Identifier: MIT

package shim_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/shim"
)

type (
	namedForm func(*json.RawMessage, *shim.LambdaContext, http.ResponseWriter, *zerolog.Logger)
	order     struct{ ID int }
	mux       struct{ http.ServeMux }
)

func hello(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }

const get = `{"version":"2.0","rawPath":"/","requestContext":{"http":{"method":"GET"}}}`

// Every form that New takes, with what it answers to an event.
func TestNewTakes(t *testing.T) {
	t.Parallel()
	response := `{"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8"},"body":"hello","isBase64Encoded":false}`
	tests := []struct {
		name        string
		function    any
		event, want string
	}{
		{"form 1", func(e *json.RawMessage, _ *shim.LambdaContext, w http.ResponseWriter, _ *zerolog.Logger) {
			_, _ = w.Write(*e)
		}, `[1]`, `[1]`},
		{"form 1 under a name", namedForm(func(*json.RawMessage, *shim.LambdaContext, http.ResponseWriter, *zerolog.Logger) {}), `1`, `null`},
		{"func()", func() {}, `1`, `null`},
		{"func(in)", func(order) {}, `{"ID":1}`, `null`},
		{"func() error", func() error { return nil }, `1`, `null`},
		{"func(in) error", func(order) error { return nil }, `{}`, `null`},
		{"func() (out, error)", func() (int, error) { return 7, nil }, `1`, `7`},
		{"func(in) (out, error)", func(o order) (int, error) { return o.ID, nil }, `{"id":3}`, `3`},
		{"func(ctx)", func(context.Context) {}, `1`, `null`},
		{"func(ctx) error", func(context.Context) error { return nil }, `1`, `null`},
		{"func(ctx) (out, error)", func(context.Context) (string, error) { return "<a>", nil }, `1`, `"<a>"`},
		{"func(ctx, in)", func(context.Context, order) {}, `{}`, `null`},
		{"func(ctx, in) error", func(context.Context, *order) error { return nil }, `null`, `null`},
		{"func(ctx, in) (out, error)", func(_ context.Context, o *order) (*order, error) { return o, nil }, `{"ID":4}`, `{"ID":4}`},
		{"func(any)", func(v any) (any, error) { return v, nil }, `{"a":[1]}`, `{"a":[1]}`},
		{"reader", func() (io.Reader, error) { return strings.NewReader("raw"), nil }, `1`, `raw`},
		{"lambda.Handler", lambda.NewHandler(func() (int, error) { return 5, nil }), `1`, `5`},
		{"http.HandlerFunc", http.HandlerFunc(hello), get, response},
		{"func(w, r)", hello, get, response},
		{"func() http.Handler", func() http.Handler { return http.HandlerFunc(hello) }, get, response},
		{"func() (http.Handler, error)", func() (http.Handler, error) { return http.HandlerFunc(hello), nil }, get, response},
		{"func() *mux", func() *mux { m := &mux{}; m.HandleFunc("GET /{$}", hello); return m }, get, response},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h, err := shim.New(tt.function)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				got, err := h.Invoke(t.Context(), []byte(tt.event))
				if err != nil || string(got) != tt.want {
					t.Errorf("result = %s, error %v; want %s", got, err, tt.want)
				}
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		function any
		want     string
	}{
		{"nil", nil, "it is nil"},
		{"nil function", (func())(nil), "it is nil"},
		{"nil handler", http.HandlerFunc(nil), "it is nil"},
		{"no function", 7, "int is no handler: it is no function"},
		{"result", func() int { return 1 }, "its last result is a int, not an error"},
		{"second result", func() (int, int) { return 1, 2 }, "its last result is a int, not an error"},
		{"three results", func() (int, int, error) { return 1, 2, nil }, "it returns 3 values"},
		{"three arguments", func(context.Context, int, int) {}, "it takes 3 arguments"},
		{"first argument", func(int, context.Context) {}, "its first argument is a int, not a context.Context"},
		{"interface", func(io.Reader) {}, "its argument is a io.Reader"},
		{"variadic", func(...int) {}, "variable number of arguments"},
		{"form 1 with a value", func(json.RawMessage, *shim.LambdaContext, http.ResponseWriter, *zerolog.Logger) {}, "it takes 4 arguments"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h, err := shim.New(tt.function)
			if _, ok := errors.AsType[*shim.SignatureError](err); !ok || h != nil {
				t.Fatalf("handler %v, error %v", h, err)
			}
			for _, want := range []string{tt.want, "func(event *json.RawMessage", "lambda.Start", "http.Handler"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not tell %q", err, want)
				}
			}
		})
	}
	why := errors.New("no templates")
	if _, err := shim.New(func() (http.Handler, error) { return nil, why }); !errors.Is(err, why) {
		t.Errorf("error = %v, want %v", err, why)
	}
	if _, err := shim.New(func() http.Handler { return nil }); err == nil || err.Error() != "make http.Handler: func() http.Handler returned nil" {
		t.Errorf("error = %v", err)
	}
}

type brokenError struct{}

func (*brokenError) Error() string { return "broken" }

type invoked func(context.Context, []byte) ([]byte, error)

func (f invoked) Invoke(ctx context.Context, event []byte) ([]byte, error) { return f(ctx, event) }

// Errors keep their type, and panics of all forms become errors with frames.
func TestErrorsAndPanics(t *testing.T) {
	t.Parallel()
	form1 := func(*json.RawMessage, *shim.LambdaContext, http.ResponseWriter, *zerolog.Logger) { panic("oh") }
	forms := map[string]any{
		"form 1":       form1,
		"func()":       func() { panic("oh") },
		"func(ctx, i)": func(context.Context, int) (int, error) { panic("oh") },
		"handler":      invoked(func(context.Context, []byte) ([]byte, error) { panic("oh") }),
		"http":         func(http.ResponseWriter, *http.Request) { panic("oh") },
	}
	for name, function := range forms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, err := shim.New(function)
			if err != nil {
				t.Fatal(err)
			}
			event := `1`
			if name == "http" {
				event = get
			}
			for range 2 {
				_, err = h.Invoke(zerolog.New(io.Discard).WithContext(t.Context()), []byte(event))
				f, ok := errors.AsType[messages.InvokeResponse_Error](err)
				if !ok || f.Message != "oh" || f.Type != "string" || f.ShouldExit {
					t.Fatalf("error = %v", err)
				}
				if len(f.StackTrace) == 0 || !strings.HasSuffix(f.StackTrace[0].Path, "shim/form_test.go") || !strings.HasPrefix(f.StackTrace[0].Label, "TestErrorsAndPanics") || f.StackTrace[0].Line == 0 {
					t.Errorf("first frame = %+v", f.StackTrace[0])
				}
			}
		})
	}
	h, err := shim.New(func() error { return &brokenError{} })
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Invoke(t.Context(), nil)
	if _, ok := errors.AsType[*brokenError](err); !ok {
		t.Errorf("error = %T, want *brokenError", err)
	}
}

// What a runtime error panics with keeps its message and type.
func TestPanicWithRuntimeError(t *testing.T) {
	t.Parallel()
	var none []int
	h, err := shim.New(func(i int) (int, error) { return none[i], nil })
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Invoke(zerolog.New(io.Discard).WithContext(t.Context()), []byte(`3`))
	f, ok := errors.AsType[messages.InvokeResponse_Error](err)
	if !ok || f.Type != "boundsError" || !strings.Contains(f.Message, "index out of range [3]") {
		t.Errorf("error = %+v", err)
	}
	if len(f.StackTrace) == 0 || !strings.HasPrefix(f.StackTrace[0].Label, "TestPanicWithRuntimeError") {
		t.Errorf("frames = %+v", f.StackTrace)
	}
}
