// SPDX-License-Identifier: MIT

package events

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// maxRequest bounds a request: a full batch of events whose every byte is
// escaped in JSON.
const maxRequest = 8 << 20

// handler answers one action.
type handler func(s *Service, scope arn.Scope, body []byte) (any, error)

// action makes a handler of a method with typed input and output. A member
// that the input does not have is refused by name.
func action[In, Out any](name string, f func(*Service, arn.Scope, In) (Out, error)) handler {
	return func(s *Service, scope arn.Scope, body []byte) (any, error) {
		var in In
		d := json.NewDecoder(bytes.NewReader(body))
		d.DisallowUnknownFields()
		if err := d.Decode(&in); err != nil && err != io.EOF {
			if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
				return nil, invalid("the embedded AWS does not model parameter %s of %s", field, name)
			}
			return nil, wire.Errorf(400, "SerializationException", "%v", err)
		}
		return f(s, scope, in)
	}
}

func actions() map[string]handler {
	return map[string]handler{
		"PutEvents":             action("PutEvents", (*Service).putEvents),
		"TestEventPattern":      action("TestEventPattern", (*Service).testPattern),
		"PutRule":               action("PutRule", (*Service).putRule),
		"DeleteRule":            action("DeleteRule", (*Service).deleteRule),
		"DescribeRule":          action("DescribeRule", (*Service).describeRule),
		"ListRules":             action("ListRules", (*Service).listRules),
		"EnableRule":            action("EnableRule", (*Service).enableRule),
		"DisableRule":           action("DisableRule", (*Service).disableRule),
		"PutTargets":            action("PutTargets", (*Service).putTargets),
		"RemoveTargets":         action("RemoveTargets", (*Service).removeTargets),
		"ListTargetsByRule":     action("ListTargetsByRule", (*Service).listTargets),
		"ListRuleNamesByTarget": action("ListRuleNamesByTarget", (*Service).listRuleNames),
		"CreateEventBus":        action("CreateEventBus", (*Service).createBus),
		"UpdateEventBus":        action("UpdateEventBus", (*Service).updateBus),
		"DeleteEventBus":        action("DeleteEventBus", (*Service).deleteBus),
		"DescribeEventBus":      action("DescribeEventBus", (*Service).describeBus),
		"ListEventBuses":        action("ListEventBuses", (*Service).listBuses),
		"TagResource":           action("TagResource", (*Service).tagResource),
		"UntagResource":         action("UntagResource", (*Service).untagResource),
		"ListTagsForResource":   action("ListTagsForResource", (*Service).listTags),
	}
}

// none is the answer of actions that say nothing.
type none struct{}

// ServeAPI answers one request of the awsJson1.1 protocol.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	out, err := s.answer(w, r, id)
	if err != nil {
		wire.WriteJSONError(w, err)
		return
	}
	wire.WriteJSON(w, http.StatusOK, out)
}

func (s *Service) answer(w http.ResponseWriter, r *http.Request, id wire.Identity) (any, error) {
	name := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "AWSEvents.")
	handle := s.actions[name]
	if handle == nil {
		return nil, wire.Errorf(400, "UnknownOperationException", "the embedded AWS does not model operation %q of EventBridge", name)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		return nil, wire.Errorf(http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "%v", err)
	}
	return handle(s, arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}, body)
}

// pageInput says which part of a list is wanted.
type pageInput struct {
	Limit     *int
	NextToken string
}

// page returns that part of a list and the token of the next.
func page[T any](list []T, in pageInput) ([]T, string, error) {
	start, size := 0, 100
	if in.Limit != nil {
		if size = *in.Limit; size < 1 || size > 100 {
			return nil, "", invalid("1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member must have value between 1 and 100", size)
		}
	}
	if in.NextToken != "" {
		n, err := strconv.Atoi(in.NextToken)
		if err != nil || n < 0 || n > len(list) {
			return nil, "", invalid("The pagination token is not valid.")
		}
		start = n
	}
	end := min(start+size, len(list))
	if end == len(list) {
		return list[start:], "", nil
	}
	return list[start:end], strconv.Itoa(end), nil
}
