// SPDX-License-Identifier: MIT

package shim

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"
)

// corsVariable holds the settings of a REST API's CORS as JSON. An HTTP API and
// a function URL add the headers by themselves.
const corsVariable = "SPARTA_CORS"

// corsSettings say which pages may read the answers to a REST API.
type corsSettings struct {
	Origins       []string `json:"origins"` // a * in one stands for any text
	ExposeHeaders []string `json:"exposeHeaders"`
	Credentials   bool     `json:"credentials"`
}

// withCORS adds the headers of CORS to what h answers to a REST API, in
// whatever form its function is. A handler that aws-lambda-go made stays as it
// is, since it may have options that only aws-lambda-go sees: it sets the
// headers itself.
func withCORS(h lambda.Handler, function any) lambda.Handler {
	var settings corsSettings
	text := os.Getenv(corsVariable)
	if text == "" || json.Unmarshal([]byte(text), &settings) != nil || reflect.TypeOf(function) == reflect.TypeOf(lambda.NewHandler(func() {})) {
		return h
	}
	return invoker(func(ctx context.Context, event []byte) ([]byte, error) {
		result, err := h.Invoke(ctx, event)
		if e, ok := parseHTTPEvent(event); ok && e.shape == payloadV1 && err == nil {
			return settings.mark(result, e.header().Get("Origin")), nil
		}
		return result, err
	})
}

// headers are those of an answer to a request from an origin.
func (s corsSettings) headers(origin string) map[string]string {
	h := map[string]string{}
	switch {
	case slices.Contains(s.Origins, "*"):
		h["Access-Control-Allow-Origin"] = "*"
	case slices.ContainsFunc(s.Origins, func(allowed string) bool { return originFits(allowed, origin) }):
		h["Access-Control-Allow-Origin"] = origin
		h["Vary"] = "Origin"
	default:
		return map[string]string{"Vary": "Origin"}
	}
	if s.Credentials {
		h["Access-Control-Allow-Credentials"] = "true"
	}
	if len(s.ExposeHeaders) > 0 {
		h["Access-Control-Expose-Headers"] = strings.Join(s.ExposeHeaders, ",")
	}
	return h
}

// originFits compares origins as browsers do.
func originFits(allowed, origin string) bool {
	before, after, wild := strings.Cut(allowed, "*")
	if !wild {
		return strings.EqualFold(allowed, origin)
	}
	return len(origin) >= len(before)+len(after) && strings.HasPrefix(origin, before) && strings.HasSuffix(origin, after)
}

// mark adds the headers to a result that is a response. What the function says
// of CORS itself stays, and so does everything else.
func (s corsSettings) mark(result []byte, origin string) []byte {
	var response map[string]json.RawMessage
	if json.Unmarshal(result, &response) != nil || response["statusCode"] == nil {
		return result
	}
	var single map[string]any
	var multi map[string][]any
	if json.Unmarshal(orNull(response["headers"]), &single) != nil || json.Unmarshal(orNull(response["multiValueHeaders"]), &multi) != nil {
		return result
	}
	said := map[string]bool{}
	for name := range single {
		said[http.CanonicalHeaderKey(name)] = true
	}
	for name := range multi {
		said[http.CanonicalHeaderKey(name)] = true
	}
	if said["Access-Control-Allow-Origin"] {
		return result
	}
	if multi == nil {
		multi = map[string][]any{}
	}
	for name, value := range s.headers(origin) {
		switch {
		case !said[name]:
			multi[name] = []any{value}
		case name == "Vary":
			addVary(single, multi, value)
		}
	}
	headers, err := json.Marshal(multi)
	if err != nil {
		return result
	}
	response = maps.Clone(response)
	response["multiValueHeaders"] = headers
	if single != nil {
		if response["headers"], err = json.Marshal(single); err != nil {
			return result
		}
	}
	marked, err := json.Marshal(response)
	if err != nil {
		return result
	}
	return marked
}

// addVary adds to a Vary that the function has set, in either kind of headers.
func addVary(single map[string]any, multi map[string][]any, value string) {
	for name, values := range multi {
		if http.CanonicalHeaderKey(name) == "Vary" {
			multi[name] = append(values, value)
			return
		}
	}
	for name, old := range single {
		if http.CanonicalHeaderKey(name) == "Vary" {
			text, _ := old.(string)
			delete(single, name)
			multi["Vary"] = []any{text, value}
			return
		}
	}
}

func orNull(text json.RawMessage) json.RawMessage {
	if text == nil {
		return json.RawMessage("null")
	}
	return text
}
