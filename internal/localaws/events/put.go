// SPDX-License-Identifier: MIT

package events

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/eventpattern"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// event is an event as targets get it ("Events in Amazon EventBridge").
type event struct {
	Version    string          `json:"version"`
	ID         string          `json:"id"`
	DetailType string          `json:"detail-type"`
	Source     string          `json:"source"`
	Account    string          `json:"account"`
	Time       string          `json:"time"`
	Region     string          `json:"region"`
	Resources  []string        `json:"resources"`
	Detail     json.RawMessage `json:"detail"`
}

const timeFormat = "2006-01-02T15:04:05Z"

// newEvent returns an event that arises now.
func (s *Service) newEvent(scope arn.Scope, source, detailType string, detail []byte, resources []string) event {
	if resources == nil {
		resources = []string{}
	}
	return event{
		Version: "0", ID: wire.RequestID(), DetailType: detailType, Source: source, Account: scope.Account, Region: scope.Region,
		Time: s.env.Now().UTC().Format(timeFormat), Resources: resources, Detail: detail,
	}
}

// putEntry is an entry of PutEvents.
type putEntry struct {
	Time         *float64 // seconds since 1970
	Source       string
	Resources    []string
	DetailType   string
	Detail       string
	EventBusName string
	TraceHeader  string
}

type putResult struct {
	EventID      string `json:"EventId,omitempty"`
	ErrorCode    string `json:",omitempty"`
	ErrorMessage string `json:",omitempty"`
}

type putOutput struct {
	FailedEntryCount int
	Entries          []putResult
}

const (
	maxEntries = 10
	// maxPut is the greatest size of all entries of a request, in bytes: 1 MB
	// since January 2026 ("Calculating Amazon EventBridge event entry size").
	maxPut = 1 << 20
)

func (s *Service) putEvents(scope arn.Scope, in struct{ Entries []putEntry }) (putOutput, error) {
	if len(in.Entries) == 0 || len(in.Entries) > maxEntries {
		return putOutput{}, invalid("1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and %d", maxEntries)
	}
	size := 0
	for _, e := range in.Entries {
		size += e.size()
	}
	if size > maxPut {
		return putOutput{}, invalid("Total size of the entries in the request is over the limit.")
	}
	out := putOutput{Entries: []putResult{}}
	for _, entry := range in.Entries {
		result := s.putOne(scope, entry)
		if result.ErrorCode != "" {
			out.FailedEntryCount++
		}
		out.Entries = append(out.Entries, result)
	}
	return out, nil
}

// size returns the size of an entry as EventBridge counts it.
func (e putEntry) size() int {
	n := len(e.Source) + len(e.DetailType) + len(e.Detail)
	if e.Time != nil {
		n += 14
	}
	for _, r := range e.Resources {
		n += len(r)
	}
	return n
}

func (s *Service) putOne(scope arn.Scope, in putEntry) putResult {
	fail := func(code, message string) putResult { return putResult{ErrorCode: code, ErrorMessage: message} }
	for _, required := range []struct{ name, value string }{{"Source", in.Source}, {"DetailType", in.DetailType}, {"Detail", in.Detail}} {
		if required.value == "" {
			return fail("InvalidArgument", "Parameter "+required.name+" is not valid. Reason: "+required.name+" is a required argument.")
		}
	}
	if strings.HasPrefix(in.Source, "aws.") {
		return fail("NotAuthorizedForSourceException", "Not authorized for the source.")
	}
	detail, err := compact(in.Detail)
	if err != nil {
		return fail("MalformedDetail", "Detail is malformed.")
	}
	s.mu.Lock()
	bus, err := s.bus(scope, in.EventBusName)
	s.mu.Unlock()
	if err != nil {
		return fail("InvalidArgument", "Parameter EventBusName is not valid. Reason: Event bus "+in.EventBusName+" does not exist.")
	}
	e := s.newEvent(scope, in.Source, in.DetailType, detail, in.Resources)
	if in.Time != nil {
		e.Time = time.UnixMilli(int64(*in.Time * 1000)).UTC().Format(timeFormat)
	}
	s.publish(scope, bus, e, in.TraceHeader, 0)
	return putResult{EventID: e.ID}
}

// compact checks that a detail is a JSON object and leaves its white space out.
func compact(detail string) ([]byte, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(detail), &members); err != nil {
		return nil, err
	}
	if members == nil {
		return nil, invalid("the detail is null")
	}
	var b bytes.Buffer
	err := json.Compact(&b, []byte(detail))
	return b.Bytes(), err
}

type patternOutput struct{ Result bool }

func (s *Service) testPattern(_ arn.Scope, in struct{ EventPattern, Event string }) (patternOutput, error) {
	p, err := eventpattern.Parse([]byte(in.EventPattern))
	if err != nil {
		return patternOutput{}, invalidPattern(err)
	}
	v, err := eventpattern.Decode([]byte(in.Event))
	members, ok := v.(map[string]any)
	if err != nil || !ok {
		return patternOutput{}, wire.Errorf(http.StatusBadRequest, "InvalidEventPatternException", "Event is not valid. Reason: it is not a JSON object")
	}
	for _, name := range []string{"id", "account", "source", "time", "region", "resources", "detail-type"} {
		if _, there := members[name]; !there {
			return patternOutput{}, wire.Errorf(http.StatusBadRequest, "InvalidEventPatternException", "Event is not valid. Reason: Member '%s' is missing.", name)
		}
	}
	return patternOutput{p.MatchesValue(v)}, nil
}
