// SPDX-License-Identifier: MIT

package kinesis

import (
	"net/http"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// protocol is that of the API; the limit is 10 MiB of data in base64, with
// all around it.
func protocol() wire.JSON {
	return wire.JSON{
		Service: "Kinesis", Target: "Kinesis_20131202.", Limit: 16 << 20, TooLarge: "RequestEntityTooLargeException", Invalid: "InvalidArgumentException",
	}
}

// action makes an action of a method that is called with s.mu held.
func action[In, Out any](f func(*Service, arn.Scope, In) (Out, error)) wire.Action[*Service, arn.Scope] {
	return wire.Method(func(s *Service, scope arn.Scope, in In) (Out, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		return f(s, scope, in)
	})
}

// actions are the modelled actions. Their methods are called with s.mu held.
func actions() wire.Actions[*Service, arn.Scope] {
	return wire.Actions[*Service, arn.Scope]{
		"CreateStream":                  action((*Service).createStream),
		"DeleteStream":                  action((*Service).deleteStream),
		"DescribeStream":                action((*Service).describeStream),
		"DescribeStreamSummary":         action((*Service).describeSummary),
		"ListStreams":                   action((*Service).listStreams),
		"ListShards":                    action((*Service).listShards),
		"PutRecord":                     action((*Service).putRecord),
		"PutRecords":                    action((*Service).putRecords),
		"GetShardIterator":              action((*Service).getIterator),
		"GetRecords":                    action((*Service).getRecords),
		"IncreaseStreamRetentionPeriod": action((*Service).increaseRetention),
		"DecreaseStreamRetentionPeriod": action((*Service).decreaseRetention),
		"StartStreamEncryption":         action((*Service).startEncryption),
		"StopStreamEncryption":          action((*Service).stopEncryption),
		"UpdateStreamMode":              action((*Service).updateMode),
		"UpdateMaxRecordSize":           action((*Service).updateMaxRecord),
		"AddTagsToStream":               action((*Service).addTags),
		"RemoveTagsFromStream":          action((*Service).removeTags),
		"ListTagsForStream":             action((*Service).listTags),
		"TagResource":                   action((*Service).tagResource),
		"UntagResource":                 action((*Service).untagResource),
		"ListTagsForResource":           action((*Service).listResourceTags),
		"RegisterStreamConsumer":        action((*Service).registerConsumer),
		"DescribeStreamConsumer":        action((*Service).describeConsumer),
		"DeregisterStreamConsumer":      action((*Service).deregisterConsumer),
		"ListStreamConsumers":           action((*Service).listConsumers),
	}
}

// none is the answer of actions that say nothing.
type none struct{}

// ServeAPI answers one request of the awsJson1.1 protocol.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	if strings.Contains(r.Header.Get("Content-Type"), "cbor") {
		wire.WriteJSONError(w, wire.Errorf(http.StatusUnsupportedMediaType, "UnsupportedProtocol", "the embedded AWS speaks the JSON protocol of Kinesis, not CBOR"))
		return
	}
	scope := arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}
	s.actions.Serve(protocol(), s, scope, w, r)
}

// target names a stream in a request: by name, by ARN or by both.
type target struct {
	StreamName string
	StreamARN  string
}

// at returns the stream that a request names; s.mu is held. Another account's
// streams are closed: there are no resource policies.
func (s *Service) at(scope arn.Scope, t target) (*dataStream, error) {
	if t.StreamARN == "" {
		if t.StreamName == "" {
			return nil, invalidArgument("Either StreamName or StreamARN must be provided.")
		}
		return s.find(scope, t.StreamName)
	}
	a, _ := arn.Parse(t.StreamARN)
	if a.Account != scope.Account && twelveDigits.MatchString(a.Account) {
		return nil, wire.Errorf(http.StatusBadRequest, "AccessDeniedException",
			"User: %s is not authorized to access resource: %s", scope.Global("iam", "root"), t.StreamARN)
	}
	if name := strings.TrimPrefix(a.Resource, "stream/"); t.StreamName != "" && t.StreamName != name {
		return nil, invalidArgument("StreamName %s does not match StreamARN %s.", t.StreamName, t.StreamARN)
	}
	return s.findARN(t.StreamARN)
}
