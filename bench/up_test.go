// SPDX-License-Identifier: MIT

package bench

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const handler = `package bench

import "context"

func Hello(ctx context.Context, name string) (string, error) { return "hello %d " + name, nil }
`

const service = `serviceName: Bench
functions:
  hello: {handler: .Hello, runtime: provided.al2023}
`

// plain is the same program as Sparta's, built by hand.
const plain = `package main

import (
	"github.com/aws/aws-lambda-go/lambda"
	"example.com/bench"
)

func main() { lambda.Start(bench.Hello) }
`

// cloud starts an endpoint that answers at once: the embedded AWS in a process
// of its own, which counts its requests. It returns the environment that names
// it.
func cloud(b *testing.B) (env []string, calls *atomic.Int64) {
	b.Helper()
	dir := module(b, map[string]string{"hello.go": fmt.Sprintf(handler, 0), "sparta.yaml": service})
	cmd := exec.Command(mustSparta(b), "up", "--local")
	cmd.Dir = dir
	stderr, err := cmd.StderrPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait() // its exit code is the interrupt's
	})
	lines := bufio.NewScanner(stderr)
	for lines.Scan() && !strings.Contains(lines.Text(), "serving") {
	}
	go func() {
		for lines.Scan() {
		}
	}()
	text, err := os.ReadFile(filepath.Join(dir, ".sparta", "local", "server.json"))
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), `"http`)
	address, _, _ := strings.Cut(rest, `"`)
	target, err := url.Parse("http" + address)
	if err != nil {
		b.Fatal(err)
	}
	calls = new(atomic.Int64)
	proxy := httputil.NewSingleHostReverseProxy(target)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		proxy.ServeHTTP(w, r)
	}))
	b.Cleanup(front.Close)
	return []string{
		"AWS_ENDPOINT_URL=" + front.URL, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=000000000000", "AWS_SECRET_ACCESS_KEY=x",
		"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull, "AWS_CA_BUNDLE=",
	}, calls
}

// byHand lays the same program out for the Go tool, and returns the command.
func byHand(b *testing.B, dir string) []string {
	b.Helper()
	write(b, filepath.Join(dir, "plain", "main.go"), plain)
	run(b, dir, nil, "go", "get", "github.com/aws/aws-lambda-go@v1.55.1")
	return []string{
		"go", "build", "-trimpath", "-buildvcs=false", "-tags", "lambda.norpc", "-ldflags", "-s -w",
		"-o", filepath.Join(b.TempDir(), "plain"), "./plain",
	}
}

var arm64 = []string{"GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0"}

// BenchmarkUpUnchanged sets an up that finds nothing to do against a go build
// that finds nothing to do. To reach: 150 ms more, and at most 3 AWS calls.
func BenchmarkUpUnchanged(b *testing.B) {
	env, calls := cloud(b)
	dir := module(b, map[string]string{"hello.go": fmt.Sprintf(handler, 0), "sparta.yaml": strings.Replace(service, "Bench", "Unchanged", 1)})
	build := byHand(b, dir)
	run(b, dir, arm64, build...)
	run(b, dir, env, mustSparta(b), "up")
	var up, plain series
	for b.Loop() {
		plain.add(run(b, dir, arm64, build...).wall)
		before := calls.Load()
		up.add(run(b, dir, env, mustSparta(b), "up").wall)
		b.ReportMetric(float64(calls.Load()-before), "calls/up")
	}
	b.ReportMetric(up.median(), "ms/up")
	b.ReportMetric(plain.median(), "ms/go-build")
	b.ReportMetric(differences(up, plain).median(), "ms-more")
}

// BenchmarkUpEdited changes one handler each time. To reach: go build + 400 ms.
func BenchmarkUpEdited(b *testing.B) {
	env, _ := cloud(b)
	dir := module(b, map[string]string{"hello.go": fmt.Sprintf(handler, 0), "sparta.yaml": strings.Replace(service, "Bench", "Edited", 1)})
	build := byHand(b, dir)
	run(b, dir, arm64, build...)
	run(b, dir, env, mustSparta(b), "up")
	var up, plain series
	n := 0
	edit := func() {
		n++
		write(b, filepath.Join(dir, "hello.go"), fmt.Sprintf(handler, time.Now().UnixNano()+int64(n)))
	}
	for b.Loop() {
		edit()
		plain.add(run(b, dir, arm64, build...).wall)
		edit() // each compiles a source that it has not seen
		up.add(run(b, dir, env, mustSparta(b), "up").wall)
	}
	b.ReportMetric(up.median(), "ms/up")
	b.ReportMetric(plain.median(), "ms/go-build")
	b.ReportMetric(differences(up, plain).median(), "ms-more")
}

// BenchmarkUpLocalHello brings examples/hello up on an embedded AWS that has
// never seen it, until the function's URL has answered. To reach: 1.5 s.
func BenchmarkUpLocalHello(b *testing.B) {
	source, err := filepath.Abs("../examples/hello")
	if err != nil {
		b.Fatal(err)
	}
	state := filepath.Join(source, ".sparta", "local")
	if _, err := os.Stat(state); err == nil {
		b.Skip("examples/hello has a local state of its own")
	}
	b.Cleanup(func() { _ = os.RemoveAll(filepath.Join(source, ".sparta")) })
	first := func() time.Duration {
		if err := os.RemoveAll(state); err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		cmd := exec.Command(mustSparta(b), "up", "--local")
		cmd.Dir = source
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			b.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		answered := time.Duration(0)
		lines := bufio.NewScanner(stdout)
		for lines.Scan() && answered == 0 {
			if _, address, ok := strings.Cut(lines.Text(), "HelloUrl"); ok {
				response, err := http.Get(strings.TrimSpace(address))
				if err != nil || response.StatusCode != http.StatusOK {
					b.Fatalf("%v %v", response, err)
				}
				_ = response.Body.Close()
				answered = time.Since(start)
			}
		}
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
		return answered
	}
	first() // fills the caches
	var wall series
	for b.Loop() {
		wall.add(first())
	}
	b.ReportMetric(wall.median(), "ms/first-answer")
}
