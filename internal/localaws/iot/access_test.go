// SPDX-License-Identifier: MIT

package iot_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// TestNeeds: which permissions requests take.
func TestNeeds(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	rule := here.Regional("iot", "rule/r")
	for _, test := range []struct {
		to                 service.Guarded
		method, path, body string
		want               []string
	}{
		{w.DataPlane(), "POST", "/topics/a%2Fb?qos=1", "x", []string{"iot:Publish " + here.Regional("iot", "topic/a/b")}},
		{w, "GET", "/endpoint", "", []string{"iot:DescribeEndpoint *"}},
		{w, "GET", "/rules", "", []string{"iot:ListTopicRules *"}},
		{w, "POST", "/rules/r", `{"sql":"","actions":[{"sqs":{"roleArn":"` + role + `"}},{"lambda":{}}],"errorAction":{"s3":{"roleArn":"other"}}}`,
			[]string{"iot:CreateTopicRule " + rule, "iam:PassRole " + role + " iot.amazonaws.com", "iam:PassRole other iot.amazonaws.com"}},
		{w, "PATCH", "/rules/r", `{}`, []string{"iot:ReplaceTopicRule " + rule}},
		{w, "DELETE", "/rules/r", "", []string{"iot:DeleteTopicRule " + rule}},
		{w, "POST", "/rules/r/disable", "", []string{"iot:DisableTopicRule " + rule}},
		{w, "POST", "/tags", `{"resourceArn":"` + rule + `"}`, []string{"iot:TagResource " + rule}},
		{w, "GET", "/tags?resourceArn=" + rule, "", []string{"iot:ListTagsForResource " + rule}},
		{w, "GET", "/things", "", nil},
		{w.DataPlane(), "GET", "/things/a/shadow", "", nil},
	} {
		needs, known := test.to.Needs(httptest.NewRequest(test.method, test.path, strings.NewReader(test.body)), wire.Identity{Account: account, Region: here.Region, Service: "iot"})
		var got []string
		for _, n := range needs {
			got = append(got, strings.TrimSpace(n.Action+" "+n.Resource+" "+n.Context["iam:passedtoservice"]))
		}
		if known != (test.want != nil) {
			t.Errorf("%s %s: known %v", test.method, test.path, known)
		} else if diff := cmp.Diff(test.want, got); known && diff != "" {
			t.Errorf("%s %s: %s", test.method, test.path, diff)
		}
	}
}
