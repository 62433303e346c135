// SPDX-License-Identifier: MIT

package flow_test

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/sparta-up/sparta/pipeline/stage"
)

// TestPage looks at the site example with a real browser: the page finds the
// function in MANIFEST.json, may call it, and shows what it says.
func TestPage(t *testing.T) {
	t.Parallel()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("chromium is not installed")
		}
		t.Skip("chromium is not installed")
	}
	w := local(t, "../../examples/site/sparta.yaml")
	outcome := w.mustUp(stage.Created)
	response, err := http.Post(output(t, outcome, "GuestbookUrl"), "application/json", strings.NewReader(`{"name": "Ada", "text": "<b>was</b> here"}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusCreated {
		t.Fatalf("post: %s, %v", response.Status, err)
	}
	page := look(t, chromium, output(t, outcome, "SiteUrl"))
	if want := "<li>Ada: &lt;b&gt;was&lt;/b&gt; here</li>"; !strings.Contains(page, want) {
		t.Errorf("the page does not show %s:\n%s", want, page)
	}
}

// look returns the document of a page after its scripts have run.
func look(t *testing.T, chromium, address string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--user-data-dir="+t.TempDir(), "--virtual-time-budget=10000", "--dump-dom", address)
	command.WaitDelay = 5 * time.Second
	page, err := command.Output()
	if err != nil {
		t.Fatalf("look at %s: %v", address, err)
	}
	return string(page)
}
