// SPDX-License-Identifier: MIT

// Command testlambda holds the Lambda functions that the tests run.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/shim"
)

func main() {
	switch os.Getenv("INIT") {
	case "panic":
		panic("no table configured")
	case "exit":
		fmt.Fprintln(os.Stderr, "giving up in init")
		os.Exit(3)
	case "slow":
		time.Sleep(700 * time.Millisecond)
	case "hang":
		time.Sleep(time.Hour) // a program that only waits for nothing is ended by Go itself
	}
	functions := shim.Functions{
		"echo":    echo,
		"form1":   form1,
		"fail":    fail,
		"panic":   panics,
		"exit":    exit,
		"kill":    kill,
		"sleep":   sleep,
		"big":     big,
		"context": contextOf,
		"logs":    logs,
		"web":     http.HandlerFunc(web),
		"my-fn_2": echo,
		"bad":     func(int) int { return 0 },
		"linger":  linger,
		"orphan":  orphan,
		"raw":     raw,
	}
	if strings.HasSuffix(os.Getenv("_HANDLER"), "sigterm") {
		functions["sigterm"] = lambda.NewHandlerWithOptions(echo, lambda.WithEnableSIGTERM(func() {
			fmt.Println("cleaning up on SIGTERM")
			os.Exit(0)
		}))
	}
	shim.Main(functions)
}

func echo(_ context.Context, event json.RawMessage) (json.RawMessage, error) { return event, nil }

type notFoundError struct{ what string }

func (e *notFoundError) Error() string { return e.what + " not found" }

// fail fails with a text of the length that the event says.
func fail(_ context.Context, event struct{ Length int }) error {
	if event.Length > 0 {
		return errors.New(strings.Repeat("é", event.Length/2))
	}
	return &notFoundError{"order"}
}

// form1 answers with the status and body that the event says.
func form1(event *json.RawMessage, ctx *shim.LambdaContext, w http.ResponseWriter, logger *zerolog.Logger) {
	var in struct {
		Status int
		Body   string
	}
	if err := json.Unmarshal(*event, &in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	logger.Info().Str("function", ctx.FunctionName).Msg("form1 called")
	if in.Status != 0 {
		w.WriteHeader(in.Status)
	}
	fmt.Fprint(w, in.Body)
}

// panics panics if the event asks for it, so that the same process can show
// that it lives on.
func panics(_ context.Context, event struct{ Panic string }) (int, error) {
	if event.Panic != "" {
		panic(event.Panic)
	}
	return os.Getpid(), nil
}

// exit writes to stderr what no failure of a later event may quote.
func exit(event struct{ Code *int }) (int, error) {
	fmt.Fprintln(os.Stderr, "private to this event")
	if event.Code != nil {
		os.Exit(*event.Code)
	}
	return os.Getpid(), nil
}

func kill(event struct{ Kill bool }) (int, error) {
	if event.Kill {
		self, err := os.FindProcess(os.Getpid())
		if err != nil {
			return 0, err
		}
		_ = self.Kill()
		time.Sleep(time.Hour)
	}
	return os.Getpid(), nil
}

func sleep(event struct{ Ms int }) (string, error) {
	fmt.Println("sleeping")
	time.Sleep(time.Duration(event.Ms) * time.Millisecond)
	return "slept", nil
}

func big(event struct{ Bytes int }) (string, error) { return strings.Repeat("x", event.Bytes-2), nil }

func contextOf(ctx context.Context) (*shim.LambdaContext, error) {
	lc, ok := shim.From(ctx)
	if !ok {
		return nil, errors.New("no context")
	}
	return lc, nil
}

// logs writes a line in two pieces, one that is longer than a pipe holds, one
// with characters of several bytes, JSON, and one without an end.
func logs() error {
	fmt.Fprint(os.Stdout, "one line in ")
	time.Sleep(20 * time.Millisecond)
	fmt.Fprintln(os.Stdout, "two pieces")
	fmt.Fprintln(os.Stdout, strings.Repeat("long", 50_000))
	for _, b := range []byte("grün\n") {
		_, _ = os.Stdout.Write([]byte{b})
	}
	fmt.Fprintln(os.Stdout, `{"level":"warn","message":"json"}`)
	fmt.Fprint(os.Stdout, "no end")
	return nil
}

func web(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/panic" {
		panic("web")
	}
	w.Header().Set("X-Method", r.Method)
	http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
	if r.URL.Path == "/stream" {
		for i := range 3 {
			fmt.Fprintf(w, "part %d\n", i)
			w.(http.Flusher).Flush()
		}
		return
	}
	fmt.Fprintf(w, "%s %s", r.URL.Path, r.URL.RawQuery)
}

// linger leaves a goroutine behind that ends the process after the answer.
func linger() (int, error) {
	go func() {
		time.Sleep(30 * time.Millisecond)
		os.Exit(0)
	}()
	return os.Getpid(), nil
}

// orphan starts a process that outlives the handler.
func orphan() (int, error) {
	p, err := os.StartProcess("/bin/sleep", []string{"sleep", "300"}, &os.ProcAttr{Files: []*os.File{nil, os.Stdout, os.Stderr}})
	if err != nil {
		return 0, err
	}
	return p.Pid, nil
}

// raw returns what is no JSON.
func raw() (*strings.Reader, error) { return strings.NewReader("no JSON: ü"), nil }
