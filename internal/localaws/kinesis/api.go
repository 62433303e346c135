// SPDX-License-Identifier: MIT

package kinesis

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// maxRequest bounds a request: 10 MiB of data in base64, with all around it.
const maxRequest = 16 << 20

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
				return nil, invalidArgument("the embedded AWS does not model parameter %s of %s", field, name)
			}
			return nil, wire.Errorf(400, "SerializationException", "%v", err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		return f(s, scope, in)
	}
}

// actions are the modelled actions. Their methods are called with s.mu held.
func actions() map[string]handler {
	return map[string]handler{
		"CreateStream":                  action("CreateStream", (*Service).createStream),
		"DeleteStream":                  action("DeleteStream", (*Service).deleteStream),
		"DescribeStream":                action("DescribeStream", (*Service).describeStream),
		"DescribeStreamSummary":         action("DescribeStreamSummary", (*Service).describeSummary),
		"ListStreams":                   action("ListStreams", (*Service).listStreams),
		"ListShards":                    action("ListShards", (*Service).listShards),
		"PutRecord":                     action("PutRecord", (*Service).putRecord),
		"PutRecords":                    action("PutRecords", (*Service).putRecords),
		"GetShardIterator":              action("GetShardIterator", (*Service).getIterator),
		"GetRecords":                    action("GetRecords", (*Service).getRecords),
		"IncreaseStreamRetentionPeriod": action("IncreaseStreamRetentionPeriod", (*Service).increaseRetention),
		"DecreaseStreamRetentionPeriod": action("DecreaseStreamRetentionPeriod", (*Service).decreaseRetention),
		"StartStreamEncryption":         action("StartStreamEncryption", (*Service).startEncryption),
		"StopStreamEncryption":          action("StopStreamEncryption", (*Service).stopEncryption),
		"UpdateStreamMode":              action("UpdateStreamMode", (*Service).updateMode),
		"UpdateMaxRecordSize":           action("UpdateMaxRecordSize", (*Service).updateMaxRecord),
		"AddTagsToStream":               action("AddTagsToStream", (*Service).addTags),
		"RemoveTagsFromStream":          action("RemoveTagsFromStream", (*Service).removeTags),
		"ListTagsForStream":             action("ListTagsForStream", (*Service).listTags),
		"TagResource":                   action("TagResource", (*Service).tagResource),
		"UntagResource":                 action("UntagResource", (*Service).untagResource),
		"ListTagsForResource":           action("ListTagsForResource", (*Service).listResourceTags),
		"RegisterStreamConsumer":        action("RegisterStreamConsumer", (*Service).registerConsumer),
		"DescribeStreamConsumer":        action("DescribeStreamConsumer", (*Service).describeConsumer),
		"DeregisterStreamConsumer":      action("DeregisterStreamConsumer", (*Service).deregisterConsumer),
		"ListStreamConsumers":           action("ListStreamConsumers", (*Service).listConsumers),
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
	name := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "Kinesis_20131202.")
	handle := s.actions[name]
	switch {
	case strings.Contains(r.Header.Get("Content-Type"), "cbor"):
		return nil, wire.Errorf(http.StatusUnsupportedMediaType, "UnsupportedProtocol", "the embedded AWS speaks the JSON protocol of Kinesis, not CBOR")
	case handle == nil:
		return nil, wire.Errorf(http.StatusBadRequest, "UnknownOperationException", "the embedded AWS does not model operation %q of Kinesis", name)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		return nil, wire.Errorf(http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException", "%v", err)
	}
	return handle(s, arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}, body)
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
