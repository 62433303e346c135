// SPDX-License-Identifier: MIT

package events

import (
	"net/http"
	"strconv"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// protocol is that of the API; the limit is a full batch of events whose every
// byte is escaped in JSON.
func protocol() wire.JSON {
	return wire.JSON{
		Service: "EventBridge", Target: "AWSEvents.", Limit: 8 << 20, TooLarge: "RequestEntityTooLarge", Invalid: "ValidationException",
	}
}

func actions() wire.Actions[*Service, arn.Scope] {
	return wire.Actions[*Service, arn.Scope]{
		"PutEvents":             wire.Method((*Service).putEvents),
		"TestEventPattern":      wire.Method((*Service).testPattern),
		"PutRule":               wire.Method((*Service).putRule),
		"DeleteRule":            wire.Method((*Service).deleteRule),
		"DescribeRule":          wire.Method((*Service).describeRule),
		"ListRules":             wire.Method((*Service).listRules),
		"EnableRule":            wire.Method((*Service).enableRule),
		"DisableRule":           wire.Method((*Service).disableRule),
		"PutTargets":            wire.Method((*Service).putTargets),
		"RemoveTargets":         wire.Method((*Service).removeTargets),
		"ListTargetsByRule":     wire.Method((*Service).listTargets),
		"ListRuleNamesByTarget": wire.Method((*Service).listRuleNames),
		"CreateEventBus":        wire.Method((*Service).createBus),
		"UpdateEventBus":        wire.Method((*Service).updateBus),
		"DeleteEventBus":        wire.Method((*Service).deleteBus),
		"DescribeEventBus":      wire.Method((*Service).describeBus),
		"ListEventBuses":        wire.Method((*Service).listBuses),
		"TagResource":           wire.Method((*Service).tagResource),
		"UntagResource":         wire.Method((*Service).untagResource),
		"ListTagsForResource":   wire.Method((*Service).listTags),
	}
}

// none is the answer of actions that say nothing.
type none struct{}

// ServeAPI answers one request of the awsJson1.1 protocol.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	scope := arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}
	s.actions.Serve(protocol(), s, scope, w, r)
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
