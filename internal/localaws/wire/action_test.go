// SPDX-License-Identifier: MIT

package wire_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// counter is a service with one operation.
type counter struct{ sum int }

func (c *counter) add(who string, in struct{ N int }) (map[string]any, error) {
	if in.N < 0 {
		return nil, wire.Errorf(http.StatusConflict, "Negative", "%d is negative", in.N)
	}
	c.sum += in.N
	return map[string]any{"Who": who, "Sum": c.sum}, nil
}

func TestActions(t *testing.T) {
	t.Parallel()
	api := wire.JSON{Service: "Counting", Target: "Counter_1.", Limit: 20, TooLarge: "TooLarge", Invalid: "BadParameter"}
	actions := wire.Actions[*counter, string]{"Add": wire.Method((*counter).add)}
	for _, test := range []struct {
		name, operation, body string
		status                int
		code, message         string
		sum                   int
	}{
		{"answer", "Add", `{"N":2}`, 200, "", "", 2},
		{"empty body", "Add", "", 200, "", "", 0},
		{"blank body", "Add", " \n", 200, "", "", 0},
		{"its own error", "Add", `{"N":-1}`, 409, "Negative", "-1 is negative", 0},
		{"unknown operation", "Subtract", `{}`, 400, "UnknownOperationException", `the embedded AWS does not model operation "Subtract" of Counting`, 0},
		{"unknown parameter", "Add", `{"M":2}`, 400, "BadParameter", `the embedded AWS does not model parameter "M" of Add`, 0},
		{"another type", "Add", `{"N":"2"}`, 400, "SerializationException", "string", 0},
		{"no JSON", "Add", `{"N"`, 400, "SerializationException", "EOF", 0},
		{"too large", "Add", `{"N":1` + strings.Repeat(" ", 20) + `}`, 413, "TooLarge", "too large", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(test.body))
			r.Header.Set("X-Amz-Target", "Counter_1."+test.operation)
			w := httptest.NewRecorder()
			actions.Serve(api, &counter{}, "me", w, r)
			var got struct {
				Type    string `json:"__type"`
				Message string `json:"message"`
				Who     string
				Sum     int
			}
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if w.Code != test.status || got.Type != test.code || !strings.Contains(got.Message, test.message) || got.Sum != test.sum || (got.Who == "me") != (test.status == 200) {
				t.Errorf("got %d %+v", w.Code, got)
			}
		})
	}
}
