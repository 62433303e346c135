// SPDX-License-Identifier: MIT

package apigatewayv2

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// maxRequest is the size of a request to the API, in bytes.
const maxRequest = 10 << 20

// call is a request to the API.
type call struct {
	name  string // of the operation
	scope arn.Scope
	path  func(name string) string
	query url.Values
	body  []byte
}

type identityKey struct{}

// ServeAPI answers one request of the restJson protocol.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	s.routes.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), identityKey{}, id)))
}

// operation makes the handler of an operation. Query parameters that it does
// not have are refused by name.
func (s *Service) operation(name string, status int, parameters []string, f func(call) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		out, err := func() (any, error) {
			id, _ := r.Context().Value(identityKey{}).(wire.Identity)
			c := call{
				name: name, path: r.PathValue, query: r.URL.Query(),
				scope: arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region},
			}
			for parameter := range c.query {
				if !slices.Contains(parameters, parameter) {
					return nil, unmodelled("parameter " + strconv.Quote(parameter) + " of " + name)
				}
			}
			var err error
			if c.body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest)); err != nil {
				return nil, badRequest("%v", err)
			}
			return f(c)
		}()
		if err != nil {
			wire.WriteJSONError(w, err)
			return
		}
		wire.WriteJSON(w, status, out)
	}
}

// decode reads the body of a call into v, over what v has: members that are not
// said stay. Members that the operation does not have are refused by name.
func decode[T any](c call, v T) (T, error) {
	said := map[string]json.RawMessage{}
	if len(bytes.TrimSpace(c.body)) > 0 {
		if err := json.Unmarshal(c.body, &said); err != nil {
			return v, badRequest("Unable to parse the request body of %s: %v", c.name, err)
		}
	}
	have, err := members(v)
	if err != nil {
		return v, err
	}
	for name, value := range said {
		have[name] = value
	}
	merged, err := json.Marshal(have)
	if err != nil {
		return v, badRequest("Unable to parse the request body of %s: %v", c.name, err)
	}
	var out T
	d := json.NewDecoder(bytes.NewReader(merged))
	d.DisallowUnknownFields()
	err = d.Decode(&out)
	if err == nil {
		return out, nil
	}
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return v, unmodelled("parameter " + field + " of " + c.name)
	}
	return v, badRequest("Unable to parse the request body of %s: %v", c.name, err)
}

// members returns v as a JSON object.
func members(v any) (map[string]any, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return out, d.Decode(&out)
}

// paging are the query parameters of lists.
var paging = []string{"maxResults", "nextToken"}

// page returns the part of list that a call asks for.
func page(c call, list []map[string]any) (any, error) {
	start, size := 0, len(list)
	for name, n := range map[string]*int{"nextToken": &start, "maxResults": &size} {
		text := c.query.Get(name)
		if text == "" {
			continue
		}
		v, err := strconv.Atoi(text)
		if err != nil || v < 0 || name == "maxResults" && v == 0 {
			return nil, badRequest("Invalid %s: %s", name, text)
		}
		*n = v
	}
	start = min(start, len(list))
	end := start + min(size, len(list)-start)
	out := map[string]any{"items": list[start:end]}
	if end < len(list) {
		out["nextToken"] = strconv.Itoa(end)
	}
	return out, nil
}
