// SPDX-License-Identifier: MIT

package logs

import (
	"net/http"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// needs says which permissions the operations take ("Actions, resources, and
// condition keys for Amazon CloudWatch Logs", Service Authorization Reference).
// What has a group as its resource is asked about log-group:NAME:log-stream:
// with the name of the stream behind it, if there is one: a policy has to end in
// :* for that, as on AWS.
func needs() access.Table {
	group, stream := access.On(inGroup("")), access.On(inGroup("logStreamName"))
	tagged := access.On(access.ARNIn("resourceArn"))
	return access.Table{Prefix: "logs", Rules: map[string]access.Rule{
		"CreateLogGroup":                group,
		"DeleteLogGroup":                group,
		"DescribeLogGroups":             group,
		"PutRetentionPolicy":            group,
		"DeleteRetentionPolicy":         group,
		"PutLogGroupDeletionProtection": group,
		"CreateLogStream":               stream,
		"DeleteLogStream":               stream,
		"DescribeLogStreams":            group,
		"PutLogEvents":                  stream,
		"GetLogEvents":                  stream,
		"FilterLogEvents":               group,
		"PutSubscriptionFilter":         access.All(group, access.PassRole("roleArn", "logs.amazonaws.com")),
		"DeleteSubscriptionFilter":      group,
		"DescribeSubscriptionFilters":   group,
		"TagResource":                   tagged,
		"UntagResource":                 tagged,
		"ListTagsForResource":           tagged,
	}}
}

// inGroup is the log group that a request names, or the stream in it.
func inGroup(streamMember string) access.Resource {
	return func(in *access.Input) []string {
		name, stream := in.Text("logGroupName"), ""
		if identifier := in.Text("logGroupIdentifier"); identifier != "" {
			name = identifier
		}
		scope := in.Scope
		if a, ok := arn.Parse(name); ok {
			scope = arn.Scope{Partition: a.Partition, Account: a.Account, Region: a.Region}
			name = strings.TrimSuffix(strings.TrimPrefix(a.Resource, "log-group:"), ":*")
		}
		if streamMember != "" {
			stream = in.Text(streamMember)
		}
		return []string{streamARN(scope, name, stream)}
	}
}

// streamARN is what policies are asked about: a stream, "" for a group as a
// whole.
func streamARN(scope arn.Scope, group, stream string) string {
	return scope.Regional("logs", "log-group:"+group+":log-stream:"+stream)
}

// Needs returns the permissions that a request needs.
func (s *Service) Needs(r *http.Request, id wire.Identity) ([]access.Need, bool) {
	return s.needs.Needs(r, arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}), true
}
