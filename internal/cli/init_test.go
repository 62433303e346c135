// SPDX-License-Identifier: MIT

package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/cli"
	"github.com/sparta-up/sparta/schema"
)

// run runs a command of sparta in this process.
func run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = cli.Main(cli.Process{
		Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
		Environ: os.Environ(), Toolkit: os.DirFS("../.."),
	})
	return code, out.String(), errs.String()
}

// moduleFiles returns the go.mod and go.sum of a module that may import what
// Sparta's own does.
func moduleFiles(t *testing.T) map[string]string {
	t.Helper()
	mod, sum := read(t, "../../go.mod"), read(t, "../../go.sum")
	_, require, _ := strings.Cut(mod, "\nrequire (")
	return map[string]string{"go.mod": "module example.com/shop\n\ngo 1.26.0\n\nrequire (" + require, "go.sum": sum}
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestInitWorks: what init makes passes validate, go vet, go test, and up on
// the embedded AWS, where its functions answer.
func TestInitWorks(t *testing.T) {
	t.Parallel()
	const mail = `package mail

import (
	"context"

	"github.com/aws/aws-lambda-go/events"
)

func Handle(ctx context.Context, e events.SQSEvent) (int, error) { return len(e.Records), nil }
`
	const responder = `package greet

import (
	"encoding/json"
	"io"
	"net/http"

	"github.com/rs/zerolog"
	"github.com/sparta-up/sparta/shim"
)

func Greet(event *json.RawMessage, ctx *shim.LambdaContext, w http.ResponseWriter, logger *zerolog.Logger) {
	_, _ = io.WriteString(w, "greetings")
}
`
	const typed = `package handlers

import "context"

type In struct{ N int }
type Out struct{ Twice int }

func Double(ctx context.Context, in In) (Out, error) { return Out{2 * in.N}, nil }
`
	const web = `package web

import (
	"io"
	"net/http"
)

func New() (http.Handler, error) {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "web") }), nil
}
`
	const started = `package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
)

func handle(ctx context.Context, in map[string]string) (string, error) { return in["name"], nil }

func main() { lambda.Start(handle) }
`
	const photos = `package photos

import "github.com/aws/aws-lambda-go/events"

func Resize(e events.S3Event) (string, error) { return e.Records[0].S3.Object.Key, nil }
`
	const rest = `package rest

import "github.com/aws/aws-lambda-go/events"

func Serve(r events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
	return events.APIGatewayProxyResponse{StatusCode: 200, Body: r.HTTPMethod + " " + r.Path}, nil
}
`
	const v2 = `package v2

import "github.com/aws/aws-lambda-go/events"

func Serve(r events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	return events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: r.RequestContext.HTTP.Method + " " + r.RawPath}, nil
}
`
	const more = `package more

import (
	"context"

	"github.com/aws/aws-lambda-go/events"
)

func Announce(e events.SNSEvent) (int, error)              { return len(e.Records), nil }
func Click(e events.KinesisEvent) (int, error)             { return len(e.Records), nil }
func Sum(e events.KinesisTimeWindowEvent) (int, error)     { return len(e.Records), nil }
func Changed(e events.DynamoDBEvent) (int, error)          { return len(e.Records), nil }
func Tick(e events.CloudWatchEvent) (string, error)        { return e.Source, nil }
func Tock(e events.EventBridgeEvent) (string, error)       { return e.Source, nil }
func Scaled(e events.AutoScalingEvent) (string, error)     { return e.Source, nil }
func Read(e events.CloudwatchLogsEvent) error              { return nil }
func Post(ctx context.Context, e events.SimpleEmailEvent) (int, error) { return len(e.Records), nil }
func Consume(e events.KafkaEvent) error                    { return nil }
func Work(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
	return events.SQSEventResponse{}, nil
}
func Old(r events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
	return events.APIGatewayProxyResponse{StatusCode: 200}, nil
}
func Older(r events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
	return events.APIGatewayProxyResponse{StatusCode: 200}, nil
}
`
	const plain = "module example.com/shop\n\ngo 1.24\n"
	with := func(name, text string) map[string]string {
		files := moduleFiles(t)
		files[name] = text
		return files
	}
	tests := []struct {
		name     string
		files    map[string]string
		noVet    bool   // its imports are Sparta's to bring
		function string // to invoke, with data; "": to call by URL
		data     string
		want     string // the answer
	}{
		{name: "empty folder", want: "Hello, world!\n"},
		{name: "module without handlers", files: map[string]string{"go.mod": plain, "text.go": "package text\n\nfunc Upper(s string) string { return s }\n"}, want: "Hello, world!\n"},
		{name: "http maker", files: map[string]string{"go.mod": plain, "web/web.go": web}, want: "web"},
		{name: "typed", files: map[string]string{"go.mod": plain, "handlers/double.go": typed}, function: "double", data: `{"N": 4}`, want: `{"Twice":8}`},
		{name: "responder", files: map[string]string{"go.mod": plain, "greet/greet.go": responder}, noVet: true, function: "greet", data: "{}", want: "greetings"},
		{name: "event", files: with("mail/mail.go", mail), function: "mail", data: `{"Records": [{}, {}]}`, want: "2"},
		{name: "bucket", files: with("photos/photos.go", photos), function: "resize", data: `{"Records": [{"s3": {"object": {"key": "a.jpg"}}}]}`, want: `"a.jpg"`},
		{name: "REST API", files: with("rest/rest.go", rest), want: "GET /"},
		{name: "function URL", files: with("v2/v2.go", v2), want: "GET /"},
		{name: "every source", files: with("more/more.go", more), function: "tick", data: `{"source": "aws.scheduler"}`, want: `"aws.scheduler"`},
		{name: "started by main", files: with("cmd/names/main.go", started), function: "names", data: `{"name": "Ada"}`, want: `"Ada"`},
		{
			name: "all at once", files: merge(with("mail/mail.go", mail), map[string]string{
				"cmd/names/main.go": started, "cmd/others/main.go": started, "web/web.go": web, "handlers/double.go": typed,
			}), function: "others", data: `{"name": "Bo"}`, want: `"Bo"`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "shop")
			write(t, dir, test.files)
			if code, _, stderr := run(t, "init", dir); code != 0 {
				t.Fatalf("init: exit code %d: %s", code, stderr)
			}
			file := filepath.Join(dir, "sparta.yaml")
			if code, stdout, stderr := run(t, "validate", "-f", file); code != 0 || stdout != "shop: valid\n" || strings.Contains(stderr, "warning") {
				t.Errorf("validate: exit code %d: %s%s\n%s", code, stdout, stderr, read(t, file))
			}
			if !test.noVet {
				goTool(t, dir, "vet")
				goTool(t, dir, "test")
			}
			up := []string{"up", "--local", "-f", file, "-o", "json"}
			if test.function == "" {
				if got := serve(t, up); got != test.want {
					t.Errorf("the URL answers %q, want %q", got, test.want)
				}
				return
			}
			code, stdout, stderr := run(t, append(up, "--no-serve", "--invoke", test.function, "--data", test.data)...)
			if code != 0 {
				t.Fatalf("up: exit code %d: %s%s", code, stdout, stderr)
			}
			if got := replyOf(t, stdout); !strings.Contains(got, test.want) {
				t.Errorf("%s answers %s, want %s", test.function, got, test.want)
			}
		})
	}
}

func merge(a, b map[string]string) map[string]string {
	maps.Copy(a, b)
	return a
}

func goTool(t *testing.T, dir, command string) {
	t.Helper()
	tool := exec.CommandContext(t.Context(), "go", command, "./...")
	tool.Dir = dir
	tool.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
	if out, err := tool.CombinedOutput(); err != nil {
		t.Errorf("go %s: %v\n%s", command, err, out)
	}
}

func replyOf(t *testing.T, stdout string) string {
	t.Helper()
	var result struct{ Reply json.RawMessage }
	if err := json.Unmarshal([]byte(stdout), &result); err != nil {
		t.Fatalf("%v: %s", err, stdout)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, result.Reply); err != nil {
		t.Fatalf("%v: %s", err, stdout)
	}
	return compact.String()
}

// serve brings a service up in a process of its own, since it ends by a signal,
// and asks its first URL.
func serve(t *testing.T, args []string) string {
	t.Helper()
	sparta := exec.CommandContext(t.Context(), os.Args[0])
	sparta.Env = append(os.Environ(), "SPARTA_TEST_ARGS="+strings.Join(args, "\n"))
	sparta.Cancel = func() error { return sparta.Process.Signal(os.Interrupt) }
	var stderr bytes.Buffer
	sparta.Stderr = &stderr
	stdout, err := sparta.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := sparta.Start(); err != nil {
		t.Fatal(err)
	}
	var result struct{ Outputs json.RawMessage }
	if err := json.NewDecoder(stdout).Decode(&result); err != nil {
		t.Errorf("up: %v: %s", err, &stderr)
	}
	answer := ""
	if url := regexp.MustCompile(`http://127[^"]+`).FindString(string(result.Outputs)); url != "" {
		answer = get(t, url)
	} else {
		t.Errorf("no URL in %s", result.Outputs)
	}
	if err := sparta.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	_, _ = io.Copy(io.Discard, stdout)
	if err := sparta.Wait(); err != nil && sparta.ProcessState.ExitCode() != 130 {
		t.Errorf("up: %v: %s", err, &stderr)
	}
	return answer
}

func get(t *testing.T, url string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Sprint(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	return string(body)
}

// TestMain makes the test binary the command where it is told arguments.
func TestMain(m *testing.M) {
	if args := os.Getenv("SPARTA_TEST_ARGS"); args != "" {
		os.Exit(cli.Main(cli.Process{
			Args: strings.Split(args, "\n"), Stdin: strings.NewReader(""), Stdout: os.Stdout, Stderr: os.Stderr,
			Environ: os.Environ(), Toolkit: os.DirFS("../.."),
		}))
	}
	os.Exit(m.Run())
}

func TestInitTells(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "orders")
	code, stdout, stderr := run(t, "init", dir)
	stdout = regexp.MustCompile(`cd \S+`).ReplaceAllString(stdout, "cd DIR")
	want := `orders: made
  made      go.mod
  made      .gitignore
  made      handlers/hello.go
  made      handlers/hello_test.go
  made      .sparta/service.schema.json
  made      .vscode/settings.json
  made      sparta.yaml
  function  hello, ./handlers.Hello
  next      cd DIR
  next      go test ./...
  next      sparta validate
  next      sparta up --local
`
	if code != 0 || stderr != "" {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if diff := cmp.Diff(want, stdout); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	code, stdout, stderr = run(t, "init", dir)
	if code != 1 || stdout != "" || !strings.Contains(stderr, "sparta.yaml: is there already") || !strings.Contains(stderr, "hint: edit it") {
		t.Errorf("again: exit code %d: %s%s", code, stdout, stderr)
	}
	if code, _, stderr = run(t, "init", "-f", "other.yaml", t.TempDir()); code != 2 || !strings.Contains(stderr, "--file") {
		t.Errorf("-f: exit code %d: %s", code, stderr)
	}
}

func TestInitTellsPrograms(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "orders")
	write(t, dir, map[string]string{".gitignore": "/bin\n", ".vscode/settings.json": "{}\n"})
	code, stdout, stderr := run(t, "init", "-o", "json", dir)
	var result struct {
		Service, Status string
		Extra           struct {
			Functions []struct {
				Name, Handler string
				URL           bool
			}
			Made, Kept, Next []string
		}
		Notes []string
	}
	if err := json.Unmarshal([]byte(stdout), &result); err != nil || code != 0 {
		t.Fatalf("exit code %d: %v: %s%s", code, err, stdout, stderr)
	}
	told := result.Extra
	if result.Service != "orders" || len(told.Functions) != 1 || !told.Functions[0].URL || told.Functions[0].Handler != "./handlers.Hello" {
		t.Errorf("got %+v", result)
	}
	if !slices.Equal(told.Kept, []string{".gitignore", ".vscode/settings.json"}) || !slices.Contains(told.Made, "go.mod") || !slices.Contains(told.Next, "sparta validate") {
		t.Errorf("got %+v", result)
	}
	if len(result.Notes) != 1 || !strings.Contains(result.Notes[0], "yaml.customTags") {
		t.Errorf("notes are %q", result.Notes)
	}
}

func TestSchemaCommand(t *testing.T) {
	t.Parallel()
	if code, stdout, stderr := run(t, "schema", "-o", "json"); code != 0 || stdout != string(schema.Editor()) || stderr != "" {
		t.Errorf("exit code %d, %d bytes, %s", code, len(stdout), stderr)
	}
	code, stdout, _ := run(t, "schema", "--tags")
	var tags []string
	if err := json.Unmarshal([]byte(stdout), &tags); err != nil || code != 0 || !slices.Equal(tags, schema.Tags()) {
		t.Errorf("--tags: exit code %d: %v: %s", code, err, stdout)
	}
}

// TestFreshClone: .sparta is not committed; validate brings the schema back,
// and keeps it out of version control.
func TestFreshClone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "orders")
	if code, _, stderr := run(t, "init", dir); code != 0 {
		t.Fatal(stderr)
	}
	if err := os.RemoveAll(filepath.Join(dir, ".sparta")); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := run(t, "validate", "-f", filepath.Join(dir, "sparta.yaml")); code != 0 {
		t.Fatal(stderr)
	}
	if got := read(t, filepath.Join(dir, ".sparta", "service.schema.json")); got != string(schema.Editor()) {
		t.Error("the schema is not back")
	}
	if got := read(t, filepath.Join(dir, ".sparta", ".gitignore")); got != "*\n" {
		t.Errorf(".sparta/.gitignore is %q", got)
	}
}
