// SPDX-License-Identifier: MIT

package lambda

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

// maxRequest is the size of a request, in bytes: a zip of 50 MB in base64
// (message of CreateFunction).
const maxRequest = 70167211

// call is what the path and the query of a request say.
type call struct {
	scope    arn.Scope
	function reference // of the path's function name and of Qualifier
	path     func(name string) string
	query    url.Values
}

// none is the input of an operation without a body.
type none struct{}

type identityKey struct{}

// ServeAPI answers one request of the restJson protocol.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	s.routes.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), identityKey{}, id)))
}

func (s *Service) callOf(r *http.Request) (call, error) {
	id, _ := r.Context().Value(identityKey{}).(wire.Identity)
	c := call{
		scope: arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region},
		path:  r.PathValue, query: r.URL.Query(),
	}
	var err error
	if name := r.PathValue("FunctionName"); name != "" {
		c.function, err = parseReference(name, c.query.Get("Qualifier"))
	}
	return c, err
}

// operation makes the handler of an operation that answers success with a
// status. Members and query parameters that it does not have are refused by
// name.
func operation[In any](s *Service, name string, status int, parameters []string, f func(context.Context, call, In) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		out, err := func() (any, error) {
			c, err := s.callOf(r)
			if err != nil {
				return nil, err
			}
			for parameter := range c.query {
				if !slices.Contains(parameters, parameter) && parameter != "Qualifier" {
					return nil, unmodelled("parameter " + strconv.Quote(parameter) + " of " + name)
				}
			}
			var in In
			if err := decode(w, r, name, &in); err != nil {
				return nil, err
			}
			return f(r.Context(), c, in)
		}()
		if err != nil {
			wire.WriteJSONError(w, err)
			return
		}
		wire.WriteJSON(w, status, out)
	}
}

// decode reads a JSON body; an empty one leaves in as it is.
func decode(w http.ResponseWriter, r *http.Request, name string, in any) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		return wire.Errorf(http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException",
			"Request must be smaller than %d bytes for the %s operation", maxRequest, name)
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	err = d.Decode(in)
	if err == nil {
		return nil
	}
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return unmodelled("parameter " + field + " of " + name)
	}
	return wire.Errorf(http.StatusBadRequest, "InvalidRequestContentException", "Could not parse request body into json: %v", err)
}

// page returns the part of list that Marker and MaxItems ask for, and the
// marker of the next part.
func page[T any](list []T, query url.Values) ([]T, string, error) {
	start, size := 0, 50
	for name, n := range map[string]*int{"Marker": &start, "MaxItems": &size} {
		text := query.Get(name)
		if text == "" {
			continue
		}
		v, err := strconv.Atoi(text)
		if err != nil || v < 0 || name == "MaxItems" && (v < 1 || v > 10000) {
			return nil, "", invalidMember(text, strings.ToLower(name[:1])+name[1:], "Member must be one that Lambda returned or a number in range")
		}
		*n = v
	}
	start = min(start, len(list))
	end := min(start+min(size, 50), len(list))
	if end == len(list) {
		return list[start:], "", nil
	}
	return list[start:end], strconv.Itoa(end), nil
}
