// SPDX-License-Identifier: MIT

package flow_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/pipeline/stage"
)

// hosts are the two ways in which the embedded AWS runs a function of the shim:
// under NodeJS, and as the Go program itself where there is no NodeJS.
func hosts(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{"without node": ""}
	if node, err := exec.LookPath("node"); err == nil {
		found["with node"] = node
	}
	return found
}

func TestExampleHello(t *testing.T) {
	t.Parallel()
	for name, node := range hosts(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := localWithNode(t, "../../examples/hello/sparta.yaml", node)
			outcome := w.mustUp(stage.Created)
			address := output(t, outcome, "HelloUrl")
			for query, want := range map[string]string{"": "Hello, world!", "?name=Ada": "Hello, Ada!"} {
				if status, body, header := get(t, address+query); status != http.StatusOK || !strings.Contains(body, want) ||
					header.Get("Content-Type") != "application/json" {
					t.Errorf("%q: got %d, %s, %v, want %q", query, status, body, header, want)
				}
			}
			reply := w.invoke("hello", `{"name": "Grace"}`)
			if reply.Error != "" || !strings.Contains(string(reply.Payload), "Hello, Grace!") || !strings.Contains(reply.Log, "greeting") {
				t.Errorf("invoke: got %s, %q, log %s", reply.Payload, reply.Error, reply.Log)
			}
			reply = w.invoke("hello", `[]`)
			if reply.Error == "" || !strings.Contains(string(reply.Payload), "no JSON object") {
				t.Errorf("a bad event: got %s, %q", reply.Payload, reply.Error)
			}
			w.takeDown()
		})
	}
}

func TestExampleTyped(t *testing.T) {
	t.Parallel()
	w := local(t, "../../examples/typed/sparta.yaml")
	w.mustUp(stage.Created)
	if reply := w.invoke("convert", `{"celsius": 20}`); reply.Error != "" || string(reply.Payload) != `{"fahrenheit":68,"kelvin":293.15}` {
		t.Errorf("got %s, %q", reply.Payload, reply.Error)
	}
	if reply := w.invoke("convert", `{"celsius": -300}`); reply.Error != "Unhandled" || !strings.Contains(string(reply.Payload), "nothing is colder") {
		t.Errorf("got %s, %q", reply.Payload, reply.Error)
	}
	w.takeDown()
}

func TestExampleSite(t *testing.T) {
	t.Parallel()
	for name, node := range hosts(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := localWithNode(t, "../../examples/site/sparta.yaml", node)
			outcome := w.mustUp(stage.Created)
			site, guestbook := output(t, outcome, "SiteUrl"), output(t, outcome, "GuestbookUrl")
			visitSite(t, site, guestbook)
			signGuestbook(t, guestbook)
			if _, err := w.down(); err == nil || !strings.Contains(err.Error(), "Entries") {
				t.Errorf("the entries would be deleted without consent: %v", err)
			}
			w.Confirm = agree
			w.takeDown()
		})
	}
}

func visitSite(t *testing.T, site, guestbook string) {
	t.Helper()
	site = strings.TrimSuffix(site, "/")
	pages := []struct {
		path   string
		status int
		kind   string
		says   string
	}{
		{"/", http.StatusOK, "text/html; charset=utf-8", "<h1>Guestbook</h1>"},
		{"/style.css", http.StatusOK, "text/css; charset=utf-8", "font:"},
		{"/guestbook.js", http.StatusOK, "text/javascript; charset=utf-8", "MANIFEST.json"},
		{"/nowhere", http.StatusNotFound, "text/html; charset=utf-8", "<h1>Not here</h1>"},
	}
	for _, page := range pages {
		status, body, header := get(t, site+page.path)
		if status != page.status || header.Get("Content-Type") != page.kind || !strings.Contains(body, page.says) {
			t.Errorf("%s: got %d, %s, %.80q", page.path, status, header.Get("Content-Type"), body)
		}
	}
	_, body, _ := get(t, site+"/MANIFEST.json")
	var manifest map[string]any
	if err := json.Unmarshal([]byte(body), &manifest); err != nil {
		t.Fatalf("MANIFEST.json: %v in %s", err, body)
	}
	if text, err := json.Marshal(manifest["GuestbookUrl"]); err != nil || !strings.Contains(string(text), guestbook) {
		t.Errorf("MANIFEST.json does not lead to %s: %s", guestbook, body)
	}
	if text, err := json.Marshal(manifest["Motto"]); err != nil || !strings.Contains(string(text), "Leave a line") {
		t.Errorf("MANIFEST.json has no motto: %s", body)
	}
}

func signGuestbook(t *testing.T, address string) {
	t.Helper()
	post := func(body string) (int, string) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Origin", "http://example.com")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		if response.Header.Get("Access-Control-Allow-Origin") == "" {
			t.Errorf("the answer %d has no CORS header", response.StatusCode)
		}
		return response.StatusCode, string(text)
	}
	if status, body, _ := get(t, address); status != http.StatusOK || strings.TrimSpace(body) != "[]" {
		t.Errorf("an empty book: got %d, %s", status, body)
	}
	for _, text := range []string{"first", "zweite Zeile äöü 🙂"} {
		if status, body := post(`{"name": "Ada", "text": "` + text + `"}`); status != http.StatusCreated {
			t.Errorf("post: got %d, %s", status, body)
		}
	}
	if status, _ := post(`{"name": "Ada"}`); status != http.StatusUnprocessableEntity {
		t.Errorf("an entry without text: got %d", status)
	}
	_, body, _ := get(t, address)
	var entries []struct{ Name, Text string }
	if err := json.Unmarshal([]byte(body), &entries); err != nil || len(entries) != 2 || entries[0].Text != "zweite Zeile äöü 🙂" {
		t.Errorf("got %s, %v, want two entries, the newest first", body, err)
	}
}

// takeDown runs `sparta down`, which has to leave nothing.
func (w *world) takeDown() {
	w.t.Helper()
	if outcome, err := w.down(); err != nil || outcome.Kind != stage.Deleted {
		w.t.Fatalf("down: got %v, %v", outcome.Kind, err)
	}
	if keys := w.keys(); len(keys) != 0 {
		w.t.Errorf("down leaves %v", keys)
	}
}
