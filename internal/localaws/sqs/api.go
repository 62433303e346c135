// SPDX-License-Identifier: MIT

package sqs

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/policy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// call says who asks.
type call struct {
	ctx   context.Context
	scope arn.Scope
	trace string // the X-Ray trace header of the request; may be empty
}

// protocol is that of the API; the limit is a full batch whose every byte is
// escaped in JSON.
func protocol() wire.JSON {
	return wire.JSON{
		Service: "SQS", Target: "AmazonSQS.", Limit: 8 << 20, TooLarge: "RequestEntityTooLarge", Invalid: "InvalidParameterValue",
	}
}

func actions() wire.Actions[*Service, call] {
	return wire.Actions[*Service, call]{
		"CreateQueue":                  wire.Method((*Service).createQueue),
		"DeleteQueue":                  wire.Method((*Service).deleteQueue),
		"PurgeQueue":                   wire.Method((*Service).purgeQueue),
		"GetQueueUrl":                  wire.Method((*Service).getQueueURL),
		"ListQueues":                   wire.Method((*Service).listQueues),
		"ListDeadLetterSourceQueues":   wire.Method((*Service).listSources),
		"GetQueueAttributes":           wire.Method((*Service).getAttributes),
		"SetQueueAttributes":           wire.Method((*Service).setAttributes),
		"TagQueue":                     wire.Method((*Service).tagQueue),
		"UntagQueue":                   wire.Method((*Service).untagQueue),
		"ListQueueTags":                wire.Method((*Service).listTags),
		"SendMessage":                  wire.Method((*Service).sendMessage),
		"SendMessageBatch":             wire.Method((*Service).sendBatch),
		"ReceiveMessage":               wire.Method((*Service).receiveMessage),
		"DeleteMessage":                wire.Method((*Service).deleteMessage),
		"DeleteMessageBatch":           wire.Method((*Service).deleteBatch),
		"ChangeMessageVisibility":      wire.Method((*Service).changeVisibility),
		"ChangeMessageVisibilityBatch": wire.Method((*Service).changeBatch),
	}
}

// none is the answer of actions that say nothing.
type none struct{}

// ServeAPI answers one request of the awsJson1.0 protocol.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	if !strings.HasPrefix(r.Header.Get("X-Amz-Target"), protocol().Target) {
		wire.WriteUnknown(w, r, wire.Errorf(400, "InvalidAction", "the embedded AWS speaks the JSON protocol of SQS, not its query protocol"))
		return
	}
	scope := arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}
	out, err := s.actions.Answer(protocol(), s, call{r.Context(), scope, r.Header.Get("X-Amzn-Trace-Id")}, w, r)
	if err != nil {
		writeError(w, err)
		return
	}
	wire.WriteJSON(w, http.StatusOK, out)
}

// writeError answers with an error. The header carries its code in the retired
// query protocol, which SDKs for that protocol's users go by.
func writeError(w http.ResponseWriter, err error) {
	if e, ok := errors.AsType[*wire.Error](err); ok {
		w.Header().Set("X-Amzn-Query-Error", queryCode(e.Code)+";Sender")
	}
	wire.WriteJSONError(w, err)
}

func queryCode(code string) string {
	switch code {
	case "QueueDoesNotExist":
		return "AWS.SimpleQueueService.NonExistentQueue"
	case "QueueNameExists":
		return "QueueAlreadyExists"
	}
	prefixed := []string{
		"BatchEntryIdsNotDistinct", "BatchRequestTooLong", "EmptyBatchRequest", "InvalidBatchEntryId", "MessageNotInflight",
		"PurgeQueueInProgress", "TooManyEntriesInBatchRequest", "UnsupportedOperation",
	}
	if slices.Contains(prefixed, code) {
		return "AWS.SimpleQueueService." + code
	}
	return code
}

// url returns the URL of a queue: the endpoint, the account and the name.
func (s *Service) url(d definition) string {
	return strings.TrimSuffix(s.env.Endpoint(), "/") + "/" + d.Scope.Account + "/" + d.Name
}

// at returns the queue that a URL names, whatever its host: the port may have
// changed since. s.mu is held. Another account needs to be let in by the queue's
// policy.
func (s *Service) at(c call, url, action string) (*queue, error) {
	if url == "" {
		return nil, missing("QueueUrl")
	}
	parts := strings.Split(url, "/")
	scope, name := c.scope, parts[len(parts)-1]
	if len(parts) > 1 && twelveDigits.MatchString(parts[len(parts)-2]) {
		scope.Account = parts[len(parts)-2]
	} else if len(parts) > 1 {
		return nil, wire.Errorf(http.StatusNotFound, "InvalidAddress", "The address %s is not valid for this endpoint.", url)
	}
	q, err := s.find(scope, name)
	if err != nil {
		return nil, err
	}
	if scope.Account != c.scope.Account {
		question := policy.Request{PrincipalType: "AWS", Principal: c.scope.Global("iam", "root"), Action: action, Resource: q.arn()}
		if !q.allows(question) {
			return nil, denied(c.scope.Global("iam", "root"), action, q.arn())
		}
	}
	return q, nil
}

func denied(who, action, resource string) error {
	return wire.Errorf(http.StatusForbidden, "AccessDenied",
		"User: %s is not authorized to perform: %s on resource: %s because no resource-based policy allows the %s action", who, action, resource, action)
}
