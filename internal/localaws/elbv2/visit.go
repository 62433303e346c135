// SPDX-License-Identifier: MIT

package elbv2

import (
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/httpevent"
)

// maxBody is the size of a request's body and of a function's result, in bytes
// ("Use Lambda functions as targets of an Application Load Balancer").
const maxBody = 1 << 20

// errTooLarge is the error for a result beyond maxBody.
var errTooLarge = errors.New("the result of the function has more than 1 MB")

// maxForwarded is how many addresses X-Forwarded-For may have.
const maxForwarded = 30

// wait is longer than any function runs: the load balancer waits for it.
const wait = 20 * time.Minute

// visit is a request to a listener.
type visit struct {
	service  *Service
	balancer balancerSettings
	listener listenerSettings
	doors    map[int]*listener // of the load balancer, by port
	trace    string
	actions  []action
	group    *group // that a forward action chose; nil: none
}

// visitor serves the listener that find returns when a request comes; find is
// called with s.mu held.
func (s *Service) visitor(find func() *listener) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a, refused := refuse(r); refused {
			a.write(w, r)
			return
		}
		v, ok := s.begin(find, r)
		if !ok {
			page(http.StatusServiceUnavailable).write(w, r) // on AWS nobody would listen
			return
		}
		v.answer(w, r).write(w, r)
	})
}

// refuse answers what a load balancer passes on to no function ("Troubleshoot
// your Application Load Balancers").
func refuse(r *http.Request) (answer, bool) {
	forwarded := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
	switch {
	case r.Method == http.MethodTrace:
		return page(http.StatusMethodNotAllowed), true
	case r.Header.Get("Upgrade") != "":
		return page(http.StatusBadRequest), true
	case strings.Count(forwarded, ",") >= maxForwarded:
		return page(463), true
	}
	return answer{}, false
}

// begin finds the rule of a request and what it takes to act on it.
func (s *Service) begin(find func() *listener, r *http.Request) (*visit, bool) {
	v := &visit{service: s, doors: map[int]*listener{}}
	v.trace = traceOf(r.Header.Get("X-Amzn-Trace-Id"), httpevent.NewTrace(s.env.Now()))
	s.mu.Lock()
	defer s.mu.Unlock()
	l := find()
	if l == nil {
		return nil, false
	}
	v.balancer, v.listener, v.actions = s.balancers[l.Balancer].Settings, l.Settings, l.Settings.Actions
	for _, other := range s.listenersOf(l.Balancer) {
		v.doors[other.Settings.Port] = other
	}
	for _, candidate := range s.rulesOf(l.arn()) {
		if meets(candidate.Conditions, r) {
			v.actions = candidate.Actions
			break
		}
	}
	if f := v.actions[0].ForwardConfig; f != nil {
		v.group = s.groups[choose(f.TargetGroups, rand.IntN)] // only spreads load: no secret
	}
	return v, true
}

// choose returns the ARN of a target group, each as often as its weight says; ""
// if none weighs anything. random returns a number below another.
func choose(groups []share, random func(int) int) string {
	total := 0
	for _, g := range groups {
		total += *g.Weight
	}
	if total == 0 {
		return ""
	}
	at := random(total)
	for _, g := range groups {
		if at -= *g.Weight; at < 0 {
			return g.TargetGroupArn
		}
	}
	return "" // never
}

// answer acts on a request.
func (v *visit) answer(w http.ResponseWriter, r *http.Request) answer {
	switch a := v.actions[0]; {
	case a.FixedResponseConfig != nil:
		return a.FixedResponseConfig.answer()
	case a.RedirectConfig != nil:
		return v.redirect(*a.RedirectConfig, r)
	case v.group == nil || v.group.Settings.Target == "":
		return page(http.StatusServiceUnavailable)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return page(http.StatusRequestEntityTooLarge)
	}
	e := newEvent(v.group, r.Method, pathOf(r), r.URL.RawQuery, v.headersOf(r), body)
	if !e.valid() {
		return page(http.StatusBadRequest)
	}
	a, err := v.service.call(v.group, e, v.trace, wait)
	if err != nil {
		v.service.env.Log.Warn().Err(err).Str("target_group", v.group.Name).Msg("answered 502 for a load balancer")
		return page(http.StatusBadGateway)
	}
	return a
}

// valid reports whether JSON can hold the event: what is not UTF-8 is a bad
// request.
func (e event) valid() bool {
	for _, multi := range []map[string][]string{e.MultiHeaders, e.MultiQuery} {
		for name, list := range multi {
			if !utf8.ValidString(name) || slices.ContainsFunc(list, func(text string) bool { return !utf8.ValidString(text) }) {
				return false
			}
		}
	}
	for _, single := range []map[string]string{e.Headers, e.Query} {
		for name, text := range single {
			if !utf8.ValidString(name) || !utf8.ValidString(text) {
				return false
			}
		}
	}
	return utf8.ValidString(e.Body) && utf8.ValidString(e.Path)
}

// call has the function of a target group answer an event.
func (s *Service) call(g *group, e event, trace string, patience time.Duration) (answer, error) {
	payload, err := json.Marshal(e)
	if err != nil {
		return answer{}, err
	}
	response, err := s.caller.Call(gateway.Call{
		Scope: g.Scope, Function: g.Settings.Target, Source: g.arn(), Principal: principal, Payload: payload, TraceID: trace, Timeout: patience,
	})
	if err != nil {
		return answer{}, err
	}
	if len(response.Payload) > maxBody {
		return answer{}, errTooLarge
	}
	return parseAnswer(response.Payload, g.multiValue())
}
