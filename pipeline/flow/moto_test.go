// SPDX-License-Identifier: MIT

package flow_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/sparta-up/sparta/internal/awsclient"
	"github.com/sparta-up/sparta/pipeline"
	"github.com/sparta-up/sparta/pipeline/flow"
	"github.com/sparta-up/sparta/pipeline/stage"
	"github.com/sparta-up/sparta/spec"
)

// moto starts an AWS that nobody here wrote and returns its address. It ends
// with the test.
func moto(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("moto_server")
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("moto_server is not installed")
	}
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	server := exec.CommandContext(ctx, program, "-H", "127.0.0.1", "-p", fmt.Sprint(port))
	server.WaitDelay = 5 * time.Second
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = server.Wait() // it was killed
	})
	address := fmt.Sprintf("http://localhost:%d", port) // 127.0.0.1 is read as bucket 127
	for deadline := time.Now().Add(time.Minute); ; {
		if response, err := http.Get(address + "/moto-api/"); err == nil {
			_ = response.Body.Close()
			return address
		}
		if time.Now().After(deadline) {
			t.Fatal("moto_server does not answer")
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// TestMoto runs the flows against an endpoint that the user's own configuration
// names, and that knows nothing of Sparta.
func TestMoto(t *testing.T) {
	address := moto(t)
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "") // restored in the end
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	none := filepath.Join(t.TempDir(), "none")
	for name, value := range map[string]string{
		"AWS_CONFIG_FILE": none, "AWS_SHARED_CREDENTIALS_FILE": none, "AWS_ENDPOINT_URL": address,
		"AWS_ACCESS_KEY_ID": "AKIDMOTO", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "eu-west-1",
	} {
		t.Setenv(name, value)
	}
	m := newModule(t)
	w := &world{t: t, Settings: flow.Settings{
		File:    m.file(),
		Config:  func(ctx context.Context) (aws.Config, error) { return awsclient.Load(ctx, awsclient.Options{}) },
		Toolkit: os.DirFS("../.."), Cache: cacheDir(t), Environ: os.Environ(), Confirm: refuse,
		Pace: stage.Pace{First: 5 * time.Millisecond, Most: 20 * time.Millisecond},
	}}
	validate := flow.NewValidate(w.settings())
	if _, err := validate.Run(t.Context(), pipeline.Options{}); err != nil {
		t.Fatalf("validate: %v", err)
	}
	w.mustUp(stage.Created)
	w.mustUp(stage.Unchanged)
	m.edit("handlers/handlers.go", "v1", "v2")
	m.edit("sparta.yaml", "other: {", "other: {memory: 256, ")
	if diff := w.diff(); len(diff) == 0 {
		t.Error("diff tells no change")
	}
	w.mustUp(stage.Updated)
	if diff := w.diff(); len(diff) > 0 {
		t.Errorf("diff after up: %v", diff)
	}
	w.lists("other")
	w.mustUp(stage.Unchanged)
	if outcome, err := w.down(); err != nil || outcome.Kind != stage.Deleted {
		t.Fatalf("down: got %v, %v", outcome.Kind, err)
	}
	if outcome, err := w.down(); err != nil || outcome.Kind != stage.Unchanged {
		t.Errorf("down again: got %v, %v", outcome.Kind, err)
	}
	w.mustUp(stage.Created)
}

// diff returns what up would change.
func (w *world) diff() []stage.Change {
	w.t.Helper()
	f := flow.NewDiff(w.settings())
	if _, err := f.Run(w.t.Context(), pipeline.Options{}); err != nil {
		w.t.Fatalf("diff: %v", err)
	}
	return f.Changes.Get()
}

// lists checks that status lists a function of the service, and that its log can
// be read.
func (w *world) lists(function string) {
	w.t.Helper()
	status := flow.NewStatus(w.settings())
	if _, err := status.Run(w.t.Context(), pipeline.Options{}); err != nil {
		w.t.Fatalf("status: %v", err)
	}
	id := spec.FunctionID(function)
	if !slices.ContainsFunc(status.Resources.Get(), func(r stage.Resource) bool { return r.LogicalID == id && r.PhysicalID != "" }) {
		w.t.Errorf("status does not list %s: %v", id, status.Resources.Get())
	}
	logs := flow.NewLogs(w.settings(), flow.LogOptions{Functions: []string{function}, Show: func(stage.LogEvent) error { return nil }})
	if _, err := logs.Run(w.t.Context(), pipeline.Options{}); err != nil {
		w.t.Errorf("logs: %v", err)
	}
}
