// SPDX-License-Identifier: MIT

package lambda_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/lambda"
	"github.com/sparta-up/sparta/internal/localaws/logs"
	"github.com/sparta-up/sparta/internal/localaws/sdkhttp"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/store"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const (
	account  = "000000000000"
	goodRole = "arn:aws:iam::" + account + ":role/good"
	badRole  = "arn:aws:iam::" + account + ":role/bad"
)

var here = arn.Scope{Partition: "aws", Account: account, Region: "us-east-1"}

// bootstrap is the program of testdata/program, built once.
var bootstrap []byte

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "lambda-test-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "bootstrap")
	build := exec.Command("go", "build", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", file, "./testdata/program")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
		return 1
	}
	if bootstrap, err = os.ReadFile(file); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// file is an entry of a zip.
type file struct {
	name, content string
	mode          os.FileMode
}

func zipOf(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		h := &zip.FileHeader{Name: f.name, Method: zip.Deflate}
		h.SetMode(f.mode)
		out, err := w.CreateHeader(h)
		if err == nil {
			_, err = io.WriteString(out, f.content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var programZip = sync.OnceValue(func() []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	h := &zip.FileHeader{Name: "bootstrap", Method: zip.Store}
	h.SetMode(0o755)
	out, err := w.CreateHeader(h)
	if err == nil {
		_, err = out.Write(bootstrap)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		panic(err)
	}
	return b.Bytes()
})

// blob is an S3 object in memory.
type blob struct{ *bytes.Reader }

func (b blob) Close() error { return nil }

// world is Lambda with what it needs around it.
type world struct {
	*lambda.Service
	logs    *logs.Service
	store   *store.Store
	doors   *door.Set
	client  *sdk.Client
	server  *httptest.Server
	objects map[string][]byte
	notices []string
	closed  bool
}

type option func(*lambda.Deps)

func open(t testing.TB, dir string, options ...option) *world {
	t.Helper()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{store: st, doors: &door.Set{}, objects: map[string][]byte{account + "/code/program.zip": programZip()}}
	w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		id := wire.Identify(r, account, here.Region)
		switch {
		case id.Service == "logs":
			w.logs.ServeAPI(rw, r, id)
		case id.Anonymous:
			w.ServeInternal(rw, r)
		default:
			w.ServeAPI(rw, r, id)
		}
	}))
	env := service.Env{
		Default: here, Store: st, Doors: w.doors, Now: time.Now, Endpoint: func() string { return w.server.URL }, Log: zerolog.Nop(),
	}
	if w.logs, err = logs.New(env, &delivery.Table{}); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	deps := lambda.Deps{
		OpenObject: func(_ context.Context, owner, bucket, key, _ string) (lambda.Blob, error) {
			content, ok := w.objects[owner+"/"+bucket+"/"+key]
			if !ok {
				return nil, wire.Errorf(404, "NoSuchKey", "The specified key does not exist.")
			}
			return blob{bytes.NewReader(content)}, nil
		},
		Assumable: func(_ arn.Scope, role, principal string) error {
			if role != goodRole || principal != "lambda.amazonaws.com" {
				return errors.New("no")
			}
			return nil
		},
		Logs: w.logs,
		Notice: func(text string) {
			mu.Lock()
			defer mu.Unlock()
			w.notices = append(w.notices, text)
		},
	}
	for _, o := range options {
		o(&deps)
	}
	if w.Service, err = lambda.New(env, deps); err != nil {
		t.Fatal(err)
	}
	w.client = sdk.New(sdk.Options{
		Region: here.Region, BaseEndpoint: &w.server.URL, RetryMaxAttempts: 1, HTTPClient: sdkhttp.Client(),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	t.Cleanup(func() { w.close(t) })
	return w
}

func (w *world) close(t testing.TB) {
	t.Helper()
	if w.closed {
		return
	}
	w.closed = true
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := errors.Join(w.Close(ctx), w.doors.Shutdown(ctx), w.store.Close()); err != nil {
		t.Error(err)
	}
	w.server.Close()
}

// create makes a function from a zip through the API.
func (w *world) create(t testing.TB, name string, edit func(*sdk.CreateFunctionInput)) *sdk.CreateFunctionOutput {
	t.Helper()
	in := &sdk.CreateFunctionInput{
		FunctionName: &name, Role: aws.String(goodRole), Runtime: types.RuntimeProvidedal2023, Handler: aws.String(name),
		Code: w.program(), Timeout: aws.Int32(20),
	}
	if edit != nil {
		edit(in)
	}
	out, err := w.client.CreateFunction(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// program is the code of testdata/program, by way of S3.
func (w *world) program() *types.FunctionCode {
	return &types.FunctionCode{S3Bucket: aws.String("code"), S3Key: aws.String("program.zip")}
}

// invoke calls a function through the API and fails the test if Lambda does.
func (w *world) invoke(t testing.TB, name, payload string) *sdk.InvokeOutput {
	t.Helper()
	out, err := w.client.Invoke(context.Background(), &sdk.InvokeInput{
		FunctionName: &name, Payload: []byte(payload), LogType: types.LogTypeTail,
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func logOf(t testing.TB, out *sdk.InvokeOutput) string {
	t.Helper()
	text, err := base64.StdEncoding.DecodeString(aws.ToString(out.LogResult))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// wantError fails the test unless err is an API error with that code and text.
func wantError(t testing.TB, err error, code, text string) {
	t.Helper()
	e, ok := errors.AsType[smithy.APIError](err)
	switch {
	case !ok:
		t.Errorf("got error %v, want %s", err, code)
	case e.ErrorCode() != code || !bytes.Contains([]byte(e.ErrorMessage()), []byte(text)):
		t.Errorf("got %s: %s, want %s: ...%s...", e.ErrorCode(), e.ErrorMessage(), code, text)
	}
}
