// SPDX-License-Identifier: MIT

package sqs

import (
	"net/http"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/policy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// needs says which permissions the operations take ("Actions, resources, and
// condition keys for Amazon SQS", Service Authorization Reference). Batches take
// the action of a single message.
func needs() access.Table {
	queue := access.On(named)
	return access.Table{Prefix: "sqs", Shown: strings.ToLower, Rules: map[string]access.Rule{
		"CreateQueue":                  access.On(access.Regional("sqs", "*", "QueueName")),
		"GetQueueUrl":                  access.On(owned),
		"ListQueues":                   access.On(access.Any),
		"DeleteQueue":                  queue,
		"PurgeQueue":                   queue,
		"ListDeadLetterSourceQueues":   queue,
		"GetQueueAttributes":           queue,
		"SetQueueAttributes":           queue,
		"TagQueue":                     queue,
		"UntagQueue":                   queue,
		"ListQueueTags":                queue,
		"SendMessage":                  queue,
		"SendMessageBatch":             access.Do("sqs:SendMessage", named),
		"ReceiveMessage":               queue,
		"DeleteMessage":                queue,
		"DeleteMessageBatch":           access.Do("sqs:DeleteMessage", named),
		"ChangeMessageVisibility":      queue,
		"ChangeMessageVisibilityBatch": access.Do("sqs:ChangeMessageVisibility", named),
	}}
}

// named is the queue that QueueUrl names.
func named(in *access.Input) []string {
	parts := strings.Split(in.Text("QueueUrl"), "/")
	scope := in.Scope
	if n := len(parts); n > 1 && twelveDigits.MatchString(parts[n-2]) {
		scope.Account = parts[n-2]
	}
	if name := parts[len(parts)-1]; name != "" {
		return []string{scope.Regional("sqs", name)}
	}
	return nil
}

// owned is the queue that QueueName names, perhaps in another account.
func owned(in *access.Input) []string {
	scope := in.Scope
	if owner := in.Text("QueueOwnerAWSAccountId"); owner != "" {
		scope.Account = owner
	}
	if name := in.Text("QueueName"); name != "" {
		return []string{scope.Regional("sqs", name)}
	}
	return nil
}

// Needs returns the permissions that a request needs.
func (s *Service) Needs(r *http.Request, id wire.Identity) ([]access.Need, bool) {
	return s.needs.Needs(r, arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}), true
}

// Refuse answers a caller who may not do what the request asks for. SQS says
// AccessDenied with status 403, unlike other services of its protocol.
func (s *Service) Refuse(w http.ResponseWriter, r *http.Request, _ wire.Identity, err error) {
	if access.IsDenial(err) {
		writeError(w, wire.Errorf(http.StatusForbidden, "AccessDenied", "%s", err.Error()))
		return
	}
	writeError(w, access.Fault(r, err))
}

// ResourcePolicy returns the policy of a queue.
func (s *Service) ResourcePolicy(resource string) (policy.Document, bool) {
	s.mu.Lock()
	q, err := s.findARN(resource)
	text := ""
	if err == nil {
		text = q.Policy
	}
	s.mu.Unlock()
	return s.policies.Parse(text)
}
