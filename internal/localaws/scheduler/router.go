// SPDX-License-Identifier: MIT

package scheduler

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// protocol is that of the API; an input has at most 256 KB.
func protocol() wire.JSON {
	return wire.JSON{Service: "EventBridge Scheduler", Limit: 1 << 20, TooLarge: "RequestEntityTooLarge", Invalid: "ValidationException"}
}

// call is what the path and the query of a request say.
type call struct {
	scope arn.Scope
	path  func(name string) string
	query url.Values
}

// none is the input of an operation without a body, and an empty answer.
type none struct{}

type identityKey struct{}

// ServeAPI answers one request of the restJson protocol.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	s.routes.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), identityKey{}, id)))
}

// router maps the paths of the API to operations ("Actions", EventBridge
// Scheduler API reference).
func (s *Service) router() *http.ServeMux {
	mux := http.NewServeMux()
	const schedules, groups, tags = "/schedules", "/schedule-groups", "/tags/{ResourceArn}"
	token := []string{"clientToken"}
	paging := []string{"MaxResults", "NextToken", "NamePrefix"}
	mux.HandleFunc("GET "+schedules, operation(s, "ListSchedules", append(slices.Clone(paging), "ScheduleGroup", "State"), s.listSchedules))
	mux.HandleFunc("POST "+schedules+"/{Name}", operation(s, "CreateSchedule", nil, s.createSchedule))
	mux.HandleFunc("GET "+schedules+"/{Name}", operation(s, "GetSchedule", []string{"groupName"}, s.getSchedule))
	mux.HandleFunc("PUT "+schedules+"/{Name}", operation(s, "UpdateSchedule", nil, s.updateSchedule))
	mux.HandleFunc("DELETE "+schedules+"/{Name}", operation(s, "DeleteSchedule", append(slices.Clone(token), "groupName"), s.deleteSchedule))
	mux.HandleFunc("GET "+groups, operation(s, "ListScheduleGroups", paging, s.listGroups))
	mux.HandleFunc("POST "+groups+"/{Name}", operation(s, "CreateScheduleGroup", nil, s.createGroup))
	mux.HandleFunc("GET "+groups+"/{Name}", operation(s, "GetScheduleGroup", nil, s.getGroup))
	mux.HandleFunc("DELETE "+groups+"/{Name}", operation(s, "DeleteScheduleGroup", token, s.deleteGroup))
	mux.HandleFunc("POST "+tags, operation(s, "TagResource", nil, s.tagResource))
	mux.HandleFunc("DELETE "+tags, operation(s, "UntagResource", []string{"TagKeys"}, s.untagResource))
	mux.HandleFunc("GET "+tags, operation(s, "ListTagsForResource", nil, s.listTags))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		wire.WriteJSONError(w, wire.Errorf(http.StatusNotFound, "UnknownOperationException",
			"the embedded AWS does not model %s %s of EventBridge Scheduler", r.Method, r.URL.Path))
	})
	return mux
}

// operation makes the handler of an operation. Members and query parameters that
// it does not have are refused by name.
func operation[In any](s *Service, name string, parameters []string, f func(call, In) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		out, err := func() (any, error) {
			id, _ := r.Context().Value(identityKey{}).(wire.Identity)
			c := call{arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}, r.PathValue, r.URL.Query()}
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

// page returns the part of a list that a query asks for, and the token of the
// next.
func page[T any](list []T, query url.Values) ([]T, string, error) {
	start, size := 0, 100
	if text := query.Get("MaxResults"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 100 {
			return nil, "", invalid("MaxResults must be between 1 and 100")
		}
		size = n
	}
	if text := query.Get("NextToken"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > len(list) {
			return nil, "", invalid("Invalid NextToken.")
		}
		start = n
	}
	end := min(start+size, len(list))
	if end == len(list) {
		return list[start:], "", nil
	}
	return list[start:end], strconv.Itoa(end), nil
}
