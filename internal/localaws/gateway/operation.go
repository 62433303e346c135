// SPDX-License-Identifier: MIT

package gateway

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

// Operations are the operations of API Gateway's own API, which speaks the
// restJson protocol. NewOperations makes them.
type Operations struct {
	mux       *http.ServeMux
	partition string
}

// NewOperations returns no operations yet, in a partition such as aws.
func NewOperations(partition string) *Operations {
	return &Operations{http.NewServeMux(), partition}
}

// Request is a request to an operation.
type Request struct {
	Name  string // of the operation, such as GetApis
	Scope arn.Scope
	Path  func(name string) string // a part of the path that the pattern names, decoded
	Query url.Values
	Body  []byte
}

type identityKey struct{}

// ServeAPI answers one request.
func (o *Operations) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	o.mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), identityKey{}, id)))
}

// Handle adds the operation of a name, which answers the requests of a pattern
// of http.ServeMux with a status and what f returns; nil is no body. Query
// parameters other than those given are refused by name.
func (o *Operations) Handle(pattern, name string, status int, parameters []string, f func(Request) (any, error)) {
	o.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		out, err := func() (any, error) {
			c, err := o.request(w, r, name, parameters)
			if err != nil {
				return nil, err
			}
			return f(c)
		}()
		if err != nil {
			wire.WriteJSONError(w, err)
			return
		}
		wire.WriteJSON(w, status, out)
	})
}

func (o *Operations) request(w http.ResponseWriter, r *http.Request, name string, parameters []string) (Request, error) {
	id, _ := r.Context().Value(identityKey{}).(wire.Identity)
	c := Request{
		Name: name, Path: r.PathValue, Query: r.URL.Query(),
		Scope: arn.Scope{Partition: o.partition, Account: id.Account, Region: id.Region},
	}
	for parameter := range c.Query {
		if !slices.Contains(parameters, parameter) {
			return c, Unmodelled("parameter " + strconv.Quote(parameter) + " of " + name)
		}
	}
	var err error
	if c.Body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest)); err != nil {
		return c, BadRequest("%v", err)
	}
	return c, nil
}

// Refuse answers the requests of a pattern with an error that names what they
// ask for, such as models.
func (o *Operations) Refuse(pattern string, what func(r *http.Request) string) {
	o.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		wire.WriteJSONError(w, wire.Errorf(http.StatusNotFound, "UnknownOperationException",
			"the embedded AWS does not model %s", what(r)))
	})
}

// Decode reads the body of a request into v, over what v has: members that are not
// said stay. Members that v does not have are refused by name.
func Decode[T any](c Request, v T) (T, error) {
	said := map[string]json.RawMessage{}
	if len(bytes.TrimSpace(c.Body)) > 0 {
		if err := json.Unmarshal(c.Body, &said); err != nil {
			return v, c.unreadable(err)
		}
	}
	have, err := Members(v)
	if err != nil {
		return v, err
	}
	for name, value := range said {
		have[name] = value
	}
	merged, err := json.Marshal(have)
	if err != nil {
		return v, c.unreadable(err)
	}
	var out T
	d := json.NewDecoder(bytes.NewReader(merged))
	d.DisallowUnknownFields()
	err = d.Decode(&out)
	if err == nil {
		return out, nil
	}
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return v, Unmodelled("parameter " + field + " of " + c.Name)
	}
	return v, c.unreadable(err)
}

func (c Request) unreadable(err error) error {
	return BadRequest("Unable to parse the request body of %s: %v", c.Name, err)
}

// Members returns v as a JSON object, in which numbers are json.Number.
func Members(v any) (map[string]any, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return out, d.Decode(&out)
}
