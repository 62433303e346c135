// SPDX-License-Identifier: MIT

package flow_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/pipeline/stage"
)

// readmeHandlers are the handlers that README's service names.
const readmeHandlers = `package handlers

import (
	"context"
	"fmt"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
)

func Receive(context.Context, events.SimpleEmailEvent) error { return nil }

func List(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "no mails") }
`

// TestReadme brings the service of README up as it stands there.
func TestReadme(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "```yaml\nserviceName: MyMailService\n")
	yaml, _, closed := strings.Cut(rest, "```")
	if !ok || !closed {
		t.Fatal("README shows no service")
	}
	m := module{t, t.TempDir()}
	m.write("go.mod", recorders["go.mod"])
	m.write("handlers/handlers.go", readmeHandlers)
	m.write("web/index.html", "<p>hello")
	m.write("sparta.yaml", "serviceName: MyMailService\n"+yaml)
	w := local(t, m.file())
	w.Confirm = agree
	outcome := w.mustUp(stage.Created)
	if status, body, _ := get(t, output(t, outcome, "ApiUrl")+"/mails"); status != http.StatusOK || body != "no mails" {
		t.Errorf("got %d %q", status, body)
	}
	if status, body, _ := get(t, output(t, outcome, "SiteUrl")); status != http.StatusOK || body != "<p>hello" {
		t.Errorf("got %d %q", status, body)
	}
	w.takeDown()
}
