// SPDX-License-Identifier: MIT

package logs

import (
	"net/http"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// protocol is that of the API; the limit is a full batch of events whose every
// byte is escaped in JSON.
func protocol() wire.JSON {
	return wire.JSON{
		Service: "CloudWatch Logs", Target: "Logs_20140328.", Limit: 8 << 20, TooLarge: "RequestEntityTooLargeException", Invalid: "InvalidParameterException",
	}
}

func actions() wire.Actions[*Service, arn.Scope] {
	return wire.Actions[*Service, arn.Scope]{
		"CreateLogGroup":                wire.Method((*Service).createLogGroup),
		"DeleteLogGroup":                wire.Method((*Service).deleteLogGroup),
		"DescribeLogGroups":             wire.Method((*Service).describeLogGroups),
		"PutRetentionPolicy":            wire.Method((*Service).putRetentionPolicy),
		"DeleteRetentionPolicy":         wire.Method((*Service).deleteRetentionPolicy),
		"PutLogGroupDeletionProtection": wire.Method((*Service).putLogGroupDeletionProtection),
		"CreateLogStream":               wire.Method((*Service).createLogStream),
		"DeleteLogStream":               wire.Method((*Service).deleteLogStream),
		"DescribeLogStreams":            wire.Method((*Service).describeLogStreams),
		"PutLogEvents":                  wire.Method((*Service).putLogEvents),
		"GetLogEvents":                  wire.Method((*Service).getLogEvents),
		"FilterLogEvents":               wire.Method((*Service).filterLogEvents),
		"PutSubscriptionFilter":         wire.Method((*Service).putSubscriptionFilter),
		"DescribeSubscriptionFilters":   wire.Method((*Service).describeSubscriptionFilters),
		"DeleteSubscriptionFilter":      wire.Method((*Service).deleteSubscriptionFilter),
		"TagResource":                   wire.Method((*Service).tagResource),
		"UntagResource":                 wire.Method((*Service).untagResource),
		"ListTagsForResource":           wire.Method((*Service).listTagsForResource),
	}
}

// ServeAPI answers one request of the awsJson1.1 protocol.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	scope := arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}
	actions().Serve(protocol(), s, scope, w, r)
}
