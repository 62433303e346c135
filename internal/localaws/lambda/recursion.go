// SPDX-License-Identifier: MIT

package lambda

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"hash/fnv"
	"net/http"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// maxHops is how often one chain of events may invoke a function ("Use Lambda
// recursive loop detection", Lambda Developer Guide).
const maxHops = 16

// The values of RecursiveLoop.
const (
	allowLoop     = "Allow"
	terminateLoop = "Terminate"
)

func errRecursive() error {
	return wire.Errorf(http.StatusBadRequest, "RecursiveInvocationException", "Lambda has detected your function being invoked in a recursive loop with other AWS resources and stopped your function's invocation.")
}

// lineage counts the invocations that led to an event, by function. It travels
// in the field Lineage of the trace header, which the SDK in a function sends
// along with each request.
type lineage []ancestor

type ancestor struct {
	function string // hash of the function's ARN
	hops     int
}

// maxAncestors bounds how many functions a lineage counts.
const maxAncestors = 16

const lineageField = "Lineage="

// cutLineage splits a trace header into its other fields and the lineage. What
// is no lineage counts as none.
func cutLineage(header string) (rest string, l lineage) {
	var fields []string
	for field := range strings.SplitSeq(header, ";") {
		value, is := strings.CutPrefix(strings.TrimSpace(field), lineageField)
		if !is {
			fields = append(fields, field)
			continue
		}
		for part := range strings.SplitSeq(value, "|") {
			function, count, _ := strings.Cut(part, ":")
			hops, err := strconv.Atoi(count)
			if err == nil && hops > 0 && function != "" && len(l) < maxAncestors {
				l = append(l, ancestor{function, hops})
			}
		}
	}
	return strings.Join(fields, ";"), l
}

// String returns the field of the trace header.
func (l lineage) String() string {
	parts := make([]string, len(l))
	for i, a := range l {
		parts[i] = a.function + ":" + strconv.Itoa(a.hops)
	}
	return lineageField + strings.Join(parts, "|")
}

// hop counts one more invocation of a function. It returns how many there were.
func (l lineage) hop(function string) (lineage, int) {
	h := fnv.New32a()
	_, _ = h.Write([]byte(function)) // never fails
	name := hex.EncodeToString(h.Sum(nil))
	next := append(lineage(nil), l...)
	for i := range next {
		if next[i].function == name {
			next[i].hops++
			return next, next[i].hops
		}
	}
	if len(next) == maxAncestors {
		next = next[1:]
	}
	return append(next, ancestor{name, 1}), 1
}

// trace returns the trace header that an invocation of a function goes with, and
// whether the function is in a loop that is to be terminated. s.mu is held.
func (f *function) trace(header string) (next string, loops bool) {
	rest, l := cutLineage(header)
	l, hops := l.hop(f.arn(""))
	return rest + ";" + l.String(), hops > maxHops && f.RecursiveLoop != allowLoop
}

// traceOf returns the trace header of the message in an event of SQS that has
// led to the most invocations, or "".
func traceOf(payload []byte) string {
	if !bytes.Contains(payload, []byte(`"AWSTraceHeader"`)) {
		return ""
	}
	var event struct {
		Records []struct {
			EventSource string
			Attributes  struct{ AWSTraceHeader string }
		}
	}
	if json.Unmarshal(payload, &event) != nil {
		return ""
	}
	found, most := "", -1
	for _, r := range event.Records {
		hops := 0
		_, l := cutLineage(r.Attributes.AWSTraceHeader)
		for _, a := range l {
			hops = max(hops, a.hops)
		}
		if r.EventSource == "aws:sqs" && r.Attributes.AWSTraceHeader != "" && hops > most {
			found, most = r.Attributes.AWSTraceHeader, hops
		}
	}
	return found
}

type recursionConfig struct{ RecursiveLoop string }

func (s *Service) putRecursion(_ context.Context, c call, in recursionConfig) (any, error) {
	return in, s.setRecursion(c, in.RecursiveLoop)
}

// setRecursion says what becomes of loops of a function.
func (s *Service) setRecursion(c call, loop string) error {
	if loop != allowLoop && loop != terminateLoop {
		return invalidMember(loop, "recursiveLoop", "Member must satisfy enum value set: [Allow, Terminate]")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.lookup(c.scope, c.function)
	if err != nil {
		return err
	}
	f.RecursiveLoop = loop
	s.changed()
	return nil
}

func (s *Service) getRecursion(_ context.Context, c call, _ none) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.lookup(c.scope, c.function)
	if err != nil {
		return nil, err
	}
	if f.RecursiveLoop == "" {
		return recursionConfig{terminateLoop}, nil
	}
	return recursionConfig{f.RecursiveLoop}, nil
}
