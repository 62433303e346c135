// SPDX-License-Identifier: MIT

package logs

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
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
		"CreateLogGroup":                action("CreateLogGroup", (*Service).createLogGroup),
		"DeleteLogGroup":                action("DeleteLogGroup", (*Service).deleteLogGroup),
		"DescribeLogGroups":             action("DescribeLogGroups", (*Service).describeLogGroups),
		"PutRetentionPolicy":            action("PutRetentionPolicy", (*Service).putRetentionPolicy),
		"DeleteRetentionPolicy":         action("DeleteRetentionPolicy", (*Service).deleteRetentionPolicy),
		"PutLogGroupDeletionProtection": action("PutLogGroupDeletionProtection", (*Service).putLogGroupDeletionProtection),
		"CreateLogStream":               action("CreateLogStream", (*Service).createLogStream),
		"DeleteLogStream":               action("DeleteLogStream", (*Service).deleteLogStream),
		"DescribeLogStreams":            action("DescribeLogStreams", (*Service).describeLogStreams),
		"PutLogEvents":                  action("PutLogEvents", (*Service).putLogEvents),
		"GetLogEvents":                  action("GetLogEvents", (*Service).getLogEvents),
		"FilterLogEvents":               action("FilterLogEvents", (*Service).filterLogEvents),
		"PutSubscriptionFilter":         action("PutSubscriptionFilter", (*Service).putSubscriptionFilter),
		"DescribeSubscriptionFilters":   action("DescribeSubscriptionFilters", (*Service).describeSubscriptionFilters),
		"DeleteSubscriptionFilter":      action("DeleteSubscriptionFilter", (*Service).deleteSubscriptionFilter),
		"TagResource":                   action("TagResource", (*Service).tagResource),
		"UntagResource":                 action("UntagResource", (*Service).untagResource),
		"ListTagsForResource":           action("ListTagsForResource", (*Service).listTagsForResource),
	}
}

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
	name := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "Logs_20140328.")
	handle := actions()[name]
	if handle == nil {
		return nil, wire.Errorf(400, "UnknownOperationException",
			"the embedded AWS does not model operation %q of CloudWatch Logs", name)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		return nil, wire.Errorf(http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException", "%v", err)
	}
	return handle(s, arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}, body)
}
