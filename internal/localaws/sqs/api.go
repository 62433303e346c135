// SPDX-License-Identifier: MIT

package sqs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/policy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// maxRequest bounds a request: a full batch whose every byte is escaped in JSON.
const maxRequest = 8 << 20

// call says who asks.
type call struct {
	ctx   context.Context
	scope arn.Scope
	trace string // the X-Ray trace header of the request; may be empty
}

// handler answers one action.
type handler func(s *Service, c call, body []byte) (any, error)

// action makes a handler of a method with typed input and output. A member
// that the input does not have is refused by name.
func action[In, Out any](name string, f func(*Service, call, In) (Out, error)) handler {
	return func(s *Service, c call, body []byte) (any, error) {
		var in In
		d := json.NewDecoder(bytes.NewReader(body))
		d.DisallowUnknownFields()
		if err := d.Decode(&in); err != nil && err != io.EOF {
			if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
				return nil, invalidParameter("the embedded AWS does not model parameter %s of %s", field, name)
			}
			return nil, wire.Errorf(400, "SerializationException", "%v", err)
		}
		return f(s, c, in)
	}
}

func actions() map[string]handler {
	return map[string]handler{
		"CreateQueue":                  action("CreateQueue", (*Service).createQueue),
		"DeleteQueue":                  action("DeleteQueue", (*Service).deleteQueue),
		"PurgeQueue":                   action("PurgeQueue", (*Service).purgeQueue),
		"GetQueueUrl":                  action("GetQueueUrl", (*Service).getQueueURL),
		"ListQueues":                   action("ListQueues", (*Service).listQueues),
		"ListDeadLetterSourceQueues":   action("ListDeadLetterSourceQueues", (*Service).listSources),
		"GetQueueAttributes":           action("GetQueueAttributes", (*Service).getAttributes),
		"SetQueueAttributes":           action("SetQueueAttributes", (*Service).setAttributes),
		"TagQueue":                     action("TagQueue", (*Service).tagQueue),
		"UntagQueue":                   action("UntagQueue", (*Service).untagQueue),
		"ListQueueTags":                action("ListQueueTags", (*Service).listTags),
		"SendMessage":                  action("SendMessage", (*Service).sendMessage),
		"SendMessageBatch":             action("SendMessageBatch", (*Service).sendBatch),
		"ReceiveMessage":               action("ReceiveMessage", (*Service).receiveMessage),
		"DeleteMessage":                action("DeleteMessage", (*Service).deleteMessage),
		"DeleteMessageBatch":           action("DeleteMessageBatch", (*Service).deleteBatch),
		"ChangeMessageVisibility":      action("ChangeMessageVisibility", (*Service).changeVisibility),
		"ChangeMessageVisibilityBatch": action("ChangeMessageVisibilityBatch", (*Service).changeBatch),
	}
}

// none is the answer of actions that say nothing.
type none struct{}

// ServeAPI answers one request of the awsJson1.0 protocol.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	target, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "AmazonSQS.")
	if !ok {
		wire.WriteUnknown(w, r, wire.Errorf(400, "InvalidAction", "the embedded AWS speaks the JSON protocol of SQS, not its query protocol"))
		return
	}
	out, err := s.answer(w, r, id, target)
	if err != nil {
		writeError(w, err)
		return
	}
	wire.WriteJSON(w, http.StatusOK, out)
}

func (s *Service) answer(w http.ResponseWriter, r *http.Request, id wire.Identity, name string) (any, error) {
	handle := s.actions[name]
	if handle == nil {
		return nil, wire.Errorf(400, "UnknownOperationException", "the embedded AWS does not model operation %q of SQS", name)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		return nil, wire.Errorf(http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "%v", err)
	}
	scope := arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}
	return handle(s, call{r.Context(), scope, r.Header.Get("X-Amzn-Trace-Id")}, body)
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
