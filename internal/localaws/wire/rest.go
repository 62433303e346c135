// SPDX-License-Identifier: MIT

package wire

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

// REST is the API of a service that speaks the restJson protocol: its operations
// by method and path. [Handle] adds them.
type REST struct {
	api       JSON
	partition string
	mux       *http.ServeMux
}

// NewREST returns an API without operations, of a service in a partition such as
// aws. It refuses by name whatever is asked of it.
func NewREST(api JSON, partition string) *REST {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		WriteJSONError(w, Errorf(http.StatusNotFound, "UnknownOperationException",
			"the embedded AWS does not model %s %s of %s", r.Method, r.URL.Path, api.Service))
	})
	return &REST{api, partition, mux}
}

// Call is a request to an operation; its path has the values that the pattern
// names.
type Call struct {
	*http.Request
	Scope arn.Scope // where the request acts
	Query url.Values
}

// None is the input of an operation without a body, and an empty answer.
type None struct{}

type identityKey struct{}

// ServeAPI answers one request.
func (a *REST) ServeAPI(w http.ResponseWriter, r *http.Request, id Identity) {
	a.mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), identityKey{}, id)))
}

// Handle adds the operation of a name, which answers the requests of a pattern of
// http.ServeMux with what f returns. Members of the body that In does not have,
// and query parameters other than those given, are refused by name.
func Handle[In any](a *REST, pattern, name string, parameters []string, f func(Call, In) (any, error)) {
	a.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		out, err := func() (any, error) {
			c, err := a.call(r, name, parameters)
			if err != nil {
				return nil, err
			}
			var in In
			if err := a.api.Decode(w, r, name, &in); err != nil {
				return nil, err
			}
			return f(c, in)
		}()
		if err != nil {
			WriteJSONError(w, err)
			return
		}
		WriteJSON(w, http.StatusOK, out)
	})
}

func (a *REST) call(r *http.Request, operation string, parameters []string) (Call, error) {
	id, _ := r.Context().Value(identityKey{}).(Identity)
	c := Call{r, arn.Scope{Partition: a.partition, Account: id.Account, Region: id.Region}, r.URL.Query()}
	for parameter := range c.Query {
		if !slices.Contains(parameters, parameter) {
			return c, Errorf(http.StatusBadRequest, a.api.Invalid, "the embedded AWS does not model parameter %q of %s", parameter, operation)
		}
	}
	return c, nil
}

// Paging says how the lists of a service are asked for in parts.
type Paging struct {
	Size, Token string // names of the query parameters
	Usual, Most int    // how many entries a part has unless it is said, and at most
}

// Page returns the part of a list that a call asks for, and the token of the
// next.
func Page[T any](api JSON, p Paging, list []T, query url.Values) ([]T, string, error) {
	start, size := 0, p.Usual
	if text := query.Get(p.Size); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > p.Most {
			return nil, "", Errorf(http.StatusBadRequest, api.Invalid, "%s must be between 1 and %d", p.Size, p.Most)
		}
		size = n
	}
	if text := query.Get(p.Token); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > len(list) {
			return nil, "", Errorf(http.StatusBadRequest, api.Invalid, "Invalid nextToken.")
		}
		start = n
	}
	end := min(start+size, len(list))
	if end == len(list) {
		return list[start:], "", nil
	}
	return list[start:end], strconv.Itoa(end), nil
}
