// SPDX-License-Identifier: MIT

package iot

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// protocol is that of the API of the rules.
func protocol() wire.JSON {
	return wire.JSON{Service: "AWS IoT", Limit: 1 << 20, TooLarge: "RequestEntityTooLarge", Invalid: "InvalidRequestException"}
}

// call is what the path, the query and the headers of a request say.
type call struct {
	scope  arn.Scope
	path   func(name string) string
	query  url.Values
	header http.Header
}

// none is the input of an operation without a body, and an empty answer.
type none struct{}

type identityKey struct{}

// ServeAPI answers one request of the restJson protocol.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	s.routes.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), identityKey{}, id)))
}

// router maps the paths of the API to operations ("Actions", AWS IoT API
// reference).
func (s *Service) router() *http.ServeMux {
	mux := http.NewServeMux()
	const named = "/rules/{ruleName}"
	mux.HandleFunc("GET /endpoint", operation(s, "DescribeEndpoint", []string{"endpointType"}, s.describeEndpoint))
	mux.HandleFunc("GET /rules", operation(s, "ListTopicRules", []string{"topic", "maxResults", "nextToken", "ruleDisabled"}, s.listRules))
	mux.HandleFunc("POST "+named, operation(s, "CreateTopicRule", nil, s.createRule))
	mux.HandleFunc("GET "+named, operation(s, "GetTopicRule", nil, s.getRule))
	mux.HandleFunc("PATCH "+named, operation(s, "ReplaceTopicRule", nil, s.replaceRule))
	mux.HandleFunc("DELETE "+named, operation(s, "DeleteTopicRule", nil, s.deleteRule))
	mux.HandleFunc("POST "+named+"/enable", operation(s, "EnableTopicRule", nil, s.enableRule))
	mux.HandleFunc("POST "+named+"/disable", operation(s, "DisableTopicRule", nil, s.disableRule))
	mux.HandleFunc("GET /tags", operation(s, "ListTagsForResource", []string{"resourceArn", "nextToken"}, s.listTags))
	mux.HandleFunc("POST /tags", operation(s, "TagResource", nil, s.tagResource))
	mux.HandleFunc("POST /untag", operation(s, "UntagResource", nil, s.untagResource))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		wire.WriteJSONError(w, wire.Errorf(http.StatusNotFound, "UnknownOperationException",
			"the embedded AWS does not model %s %s of AWS IoT", r.Method, r.URL.Path))
	})
	return mux
}

// operation makes the handler of an operation. Members and query parameters that
// it does not have are refused by name.
func operation[In any](s *Service, name string, parameters []string, f func(call, In) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		out, err := func() (any, error) {
			id, _ := r.Context().Value(identityKey{}).(wire.Identity)
			c := call{s.scopeOf(id), r.PathValue, r.URL.Query(), r.Header}
			for parameter := range c.query {
				if !slices.Contains(parameters, parameter) {
					return nil, invalid("the embedded AWS does not model parameter %q of %s", parameter, name)
				}
			}
			var in In
			if err := protocol().Decode(w, r, name, &in); err != nil {
				return nil, err
			}
			return f(c, in)
		}()
		if err != nil {
			wire.WriteJSONError(w, err)
			return
		}
		wire.WriteJSON(w, http.StatusOK, out)
	}
}

func (s *Service) scopeOf(id wire.Identity) arn.Scope {
	return arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}
}

// describeEndpoint names the host of the data plane, which is that of all
// services here.
func (s *Service) describeEndpoint(c call, _ none) (any, error) {
	if kind := c.query.Get("endpointType"); !slices.Contains([]string{"", "iot:Data", "iot:Data-ATS"}, kind) {
		return nil, invalid("the embedded AWS does not model endpoint type %s", kind)
	}
	address, err := url.Parse(s.env.Endpoint())
	if err != nil {
		return nil, err
	}
	return map[string]string{"endpointAddress": address.Host}, nil
}

// page returns the part of a list that a query asks for, and the token of the
// next.
func page[T any](list []T, query url.Values) ([]T, string, error) {
	start, size := 0, 10_000
	if text := query.Get("maxResults"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > size {
			return nil, "", invalid("maxResults must be between 1 and %d", size)
		}
		size = n
	}
	if text := query.Get("nextToken"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > len(list) {
			return nil, "", invalid("Invalid nextToken.")
		}
		start = n
	}
	end := min(start+size, len(list))
	if end == len(list) {
		return list[start:], "", nil
	}
	return list[start:end], strconv.Itoa(end), nil
}
