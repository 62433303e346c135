// SPDX-License-Identifier: MIT

package ui_test

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/ui"
)

func TestTextOfResults(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		result ui.Result
		want   string
	}{
		"version":          {ui.Result{Command: "version", Status: "v1.2.3"}, "v1.2.3\n"},
		"service":          {ui.Result{Service: "hello", Status: "valid"}, "hello: valid\n"},
		"no status":        {ui.Result{Service: "hello"}, "hello: done\n"},
		"reply alone":      {ui.Result{Command: "invoke", Status: "invoked", Reply: []byte(`"hi"`)}, "\"hi\"\n"},
		"reply and lines":  {ui.Result{Reply: []byte("{\n \"a\": 1\n}\n")}, "{\n \"a\": 1\n}\n"},
		"reply of no JSON": {ui.Result{Reply: []byte("\x1b[2Joops")}, "\\x1b[2Joops\n"},
		"controls in JSON": {ui.Result{Reply: []byte("\t{\"a\u202e\":\r\n\"\u009b2J\x7f é\"}")}, "\t{\"a\\u202e\":\r\n\"\\u009b2J\\u007f é\"}\n"},
		"empty reply":      {ui.Result{Reply: []byte{}}, "\n"},
		"service, reply":   {ui.Result{Service: "a", Status: "updated", Reply: []byte("1")}, "a: updated\n1\n"},
		"failure":          {ui.Result{Service: "a", Status: "updated", Err: io.EOF}, ""},
		"failed function":  {ui.Result{Err: io.EOF, Reply: []byte(`{"errorMessage":"x"}`)}, "{\"errorMessage\":\"x\"}\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r tape
			u := ui.New(ui.Options{Stdout: &r.stdout, Stderr: &r.stderr})
			result(t, u, test.result)
			if diff := cmp.Diff(test.want, r.stdout.String()); diff != "" {
				t.Errorf("stdout (-want +got):\n%s", diff)
			}
			if r.stderr.String() != "" {
				t.Errorf("stderr: %q", r.stderr.String())
			}
		})
	}
}

// Whatever was shown before, JSON is exactly one object on standard output.
func TestJSONIsOneObject(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r tape
		u := ui.New(ui.Options{Stdout: &r.stdout, Stderr: &r.stderr, Format: ui.JSON})
		showUp(t, u)
		result(t, u, ui.Result{Command: "up", Err: errors.New("no"), Reply: []byte("no json \x00")})
		decoder := json.NewDecoder(strings.NewReader(r.stdout.String()))
		var got map[string]any
		if err := decoder.Decode(&got); err != nil {
			t.Fatalf("stdout is no JSON: %v\n%s", err, r.stdout.String())
		}
		if decoder.More() {
			t.Errorf("stdout holds more than one value:\n%s", r.stdout.String())
		}
		if got["status"] != "failed" || got["reply"] != "no json \x00" || len(got["notes"].([]any)) != 2 {
			t.Errorf("object: %v", got)
		}
		if r.stderr.String() != "" {
			t.Errorf("stderr: %q", r.stderr.String())
		}
	})
}

func TestJSONOfWhatIsNone(t *testing.T) {
	t.Parallel()
	var r tape
	u := ui.New(ui.Options{Stdout: &r.stdout, Stderr: &r.stderr, Format: ui.JSON})
	err := u.Result(ui.Result{Extra: map[string]any{"f": func() {}}})
	if err == nil || !strings.HasPrefix(err.Error(), "encode result: ") || r.stdout.String() != "" {
		t.Errorf("got %v and %q", err, r.stdout.String())
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestResultTellsThatStdoutIsClosed(t *testing.T) {
	t.Parallel()
	for _, format := range []ui.Format{ui.Text, ui.JSON} {
		u := ui.New(ui.Options{Stdout: broken{}, Stderr: io.Discard, Format: format})
		if err := u.Result(ui.Result{}); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("format %d: got %v", format, err)
		}
	}
}
