// SPDX-License-Identifier: MIT

package cloudfront

import (
	"context"
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// maxBody bounds the body of a request in bytes: an invalidation has at most
// 3,000 paths.
const maxBody = 16 << 20

type identityKey struct{}

// ServeAPI answers one request of the REST XML protocol.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	s.routes.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), identityKey{}, id)))
}

// call is one request of the API.
type call struct {
	*http.Request
	scope arn.Scope // without a region
	query url.Values
	w     http.ResponseWriter
}

// operation answers a call with the element that it returns.
type operation func(c call) (any, error)

// The paths of the API ("Actions", Amazon CloudFront API Reference).
const (
	pathDistributions = "/2020-05-31/distribution"
	pathDistribution  = pathDistributions + "/{Id}"
	pathInvalidations = pathDistribution + "/invalidation"
)

func (s *Service) router() *http.ServeMux {
	mux := http.NewServeMux()
	handle := func(pattern string, status int, f operation) { mux.HandleFunc(pattern, s.handler(status, f)) }
	handle("GET "+pathDistributions, http.StatusOK, s.listDistributions)
	handle("GET "+pathDistribution, http.StatusOK, s.getDistribution)
	handle("GET "+pathDistribution+"/config", http.StatusOK, s.getConfig)
	handle("POST "+pathInvalidations, http.StatusCreated, s.createInvalidation)
	handle("GET "+pathInvalidations, http.StatusOK, s.listInvalidations)
	handle("GET "+pathInvalidations+"/{Invalidation}", http.StatusOK, s.getInvalidation)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // so that the client gets to the answer
		wire.WriteQueryError(w, namespace, wire.Errorf(http.StatusNotFound, "UnknownOperationException",
			"the embedded AWS does not model %s of CloudFront: it makes and changes distributions by CloudFormation", operationOf(r)))
	})
	return mux
}

// operationOf names what is not modelled: the operations of the API by the last
// part of their path that is none of their values.
func operationOf(r *http.Request) string {
	path := strings.TrimPrefix(r.URL.Path, "/2020-05-31/")
	kind, id, named := strings.Cut(path, "/")
	verbs := map[string]string{http.MethodPost: "Create", http.MethodPut: "Update", http.MethodDelete: "Delete", http.MethodGet: "Get"}
	noun := map[string]string{
		"distribution": "Distribution", "function": "Function", "origin-access-control": "OriginAccessControl", "cache-policy": "CachePolicy",
		"origin-request-policy": "OriginRequestPolicy", "response-headers-policy": "ResponseHeadersPolicy", "key-value-store": "KeyValueStore",
	}[kind]
	verb := verbs[r.Method]
	switch {
	case noun == "" || verb == "" || strings.Count(id, "/") > 0 && !strings.HasSuffix(id, "/config"):
		return r.Method + " " + r.URL.Path
	case r.Method == http.MethodGet && !named:
		verb, noun = "List", strings.TrimSuffix(strings.Replace(noun+"s", "Policys", "Policies", 1), "/")
	}
	return verb + noun
}

func (s *Service) handler(status int, f operation) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, _ := r.Context().Value(identityKey{}).(wire.Identity)
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		out, err := f(call{Request: r, w: w, query: r.URL.Query(), scope: arn.Scope{Partition: s.env.Default.Partition, Account: id.Account}})
		if err != nil {
			_, _ = io.Copy(io.Discard, r.Body)
			wire.WriteQueryError(w, namespace, err)
			return
		}
		w.Header().Set("Content-Type", "text/xml")
		w.Header().Set("X-Amzn-Requestid", wire.RequestID())
		w.WriteHeader(status)
		_, _ = io.WriteString(w, xml.Header)
		_ = xml.NewEncoder(w).Encode(out) // an error means that the client is gone
	}
}

// parameters refuses parameters that an operation does not have.
func (c call) parameters(names ...string) error {
	for name := range c.query {
		known := false
		for _, n := range names {
			known = known || n == name
		}
		if !known {
			return unmodelled("the parameter " + name)
		}
	}
	return nil
}

func writeAddresses(w http.ResponseWriter, list map[string]string) {
	wire.WriteJSON(w, http.StatusOK, list)
}
