// SPDX-License-Identifier: MIT

package awscli

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The command gives the same whether it was loaded before or not.
func TestRun(t *testing.T) {
	t.Parallel()
	Need(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Authorization"), "Credential=KEY/") {
			t.Errorf("authorization %q", r.Header.Get("Authorization"))
		}
		_, _ = w.Write([]byte(`{"QueueUrls":["http://a/ü"]}`))
	}))
	t.Cleanup(server.Close)
	dir := t.TempDir()
	c := CLI{Endpoint: server.URL, Key: "OTHER", Dir: dir, Environ: []string{"AWS_ACCESS_KEY_ID=KEY"}}
	if err := os.WriteFile(filepath.Join(dir, "in.json"), []byte(`{"QueueNamePrefix":"x"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	var list struct{ QueueUrls []string }
	c.JSON(t, &list, "sqs", "list-queues", "--cli-input-json", "file://in.json")
	if len(list.QueueUrls) != 1 || list.QueueUrls[0] != "http://a/ü" {
		t.Errorf("got %v", list)
	}
	got := c.Run(t, "sqs", "nothing")
	want, err := direct(t.Context(), call{Args: []string{"--endpoint-url", server.URL, "sqs", "nothing"}, Dir: dir, Environ: map[string]string{"PATH": os.Getenv("PATH"), "HOME": dir, "LC_ALL": "C.UTF-8"}})
	if err != nil || got != want || got.Code == 0 || !strings.Contains(got.Text(), "Invalid choice") {
		t.Errorf("got %+v, want %+v, %v", got, want, err)
	}
}

func TestRunCancelled(t *testing.T) {
	t.Parallel()
	Need(t)
	s := loaded()
	if s == nil {
		t.Skip(errNotPython)
	}
	entered := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		close(entered)
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-entered; cancel() }()
	if _, err := s.run(ctx, call{Args: []string{"--endpoint-url", server.URL, "sqs", "list-queues"}, Dir: t.TempDir(), Environ: map[string]string{
		"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}}); err == nil {
		t.Error("a run that was given up succeeded")
	}
}
