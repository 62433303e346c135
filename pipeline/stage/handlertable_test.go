// SPDX-License-Identifier: MIT

package stage

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/cfn"
)

// facts are what AWS says that the handlers of resource types call, by type; the
// embedded CloudFormation holds its callers to the same file.
func facts(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../../internal/localaws/forward/providers.txt")
	must(t, err)
	byType := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		if columns := strings.Split(strings.TrimSpace(line), " | "); len(columns) == 3 && !strings.HasPrefix(line, "#") {
			byType[columns[0]] = append(byType[columns[0]], strings.Fields(columns[2])...)
		}
	}
	return byType
}

// notInHandlers are actions of AWS's list that handlers.txt leaves out.
var notInHandlers = []struct{ why, types, actions string }{
	{"worked out from the roles of the template", ".*", "^iam:PassRole$"},
	{"not an action of IAM but the name of a call that needs another one", ".*",
		"^(cloudfront:CreateDistributionWithTags|kms:ReEncrypt|s3:(DeleteBucket(AnalyticsConfiguration|Cors|Encryption|Lifecycle|MetricsConfiguration|Replication|Tagging)" +
			"|GetObjectMetadata|PutBucketReplication|PutObjectLockConfiguration|REST.PUT.OBJECT)|s3files:ListMountTargets)$"},
	{"in the right to the artifact bucket, from which Lambda takes code", "^AWS::Lambda::(Function|LayerVersion)$", "^s3:GetObject$"},
	{"Sparta's artifacts have no versions", "^AWS::Lambda::(Function|LayerVersion)$", "^s3:GetObjectVersion$"},
	{"a body in S3: the template has the API's in it", "^AWS::ApiGateway(V2)?::(RestApi|Api)$", "^s3:GetObject$"},
	{"replicas are those of AWS::DynamoDB::GlobalTable", "^AWS::DynamoDB::Table$",
		"^dynamodb:(AssociateTableReplica|BatchWriteItem|CreateTableReplica|DeleteItem|GetItem|PutItem|Query|Scan|UpdateItem)$"},
}

// TestHandlersOfProviders: the table has all that AWS says the handlers of a type
// call, and nothing else, but for what has a reason.
func TestHandlersOfProviders(t *testing.T) {
	t.Parallel()
	byType := facts(t)
	table := handlers()
	for kind, lines := range table {
		want := slices.DeleteFunc(byType[kind], func(action string) bool {
			return slices.ContainsFunc(notInHandlers, func(x struct{ why, types, actions string }) bool {
				return regexp.MustCompile(x.types).MatchString(kind) && regexp.MustCompile(x.actions).MatchString(action)
			})
		})
		var got []string
		for _, h := range lines {
			for _, action := range h.actions {
				action, _, _ = strings.Cut(action, "?")
				got = append(got, action)
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(slices.Compact(want), slices.Compact(got)); diff != "" {
			t.Errorf("%s (-AWS +handlers.txt):\n%s", kind, diff)
		}
	}
	for kind := range byType {
		if table[kind] == nil {
			t.Errorf("handlers.txt lacks %s", kind)
		}
	}
}

// TestNeeded: an action with a property is needed by those that have it.
func TestNeeded(t *testing.T) {
	t.Parallel()
	h := handler{actions: strings.Fields("a:All a:Deep?A.B a:Listed?L.B a:Tags?tags a:Moved?UpdatePolicy.C")}
	for name, test := range map[string]struct {
		resource cfn.Resource
		want     string
	}{
		"nothing":     {cfn.Resource{}, "a:All"},
		"deep":        {cfn.Resource{Properties: map[string]any{"A": map[string]any{"B": 1}}}, "a:All a:Deep"},
		"another":     {cfn.Resource{Properties: map[string]any{"A": map[string]any{"C": 1}, "B": 1}}, "a:All"},
		"in a list":   {cfn.Resource{Properties: map[string]any{"L": []any{1, map[string]any{"B": 1}}}}, "a:All a:Listed"},
		"an if":       {cfn.Resource{Properties: map[string]any{"A": map[string]any{"Fn::If": []any{}}}}, "a:All a:Deep"},
		"tags":        {cfn.Resource{Properties: map[string]any{"UserPoolTags": map[string]any{"A": "b"}}}, "a:All a:Tags"},
		"how to move": {cfn.Resource{UpdatePolicy: map[string]any{"C": map[string]any{}}}, "a:All a:Moved"},
	} {
		if got := strings.Join(h.needed(&test.resource), " "); got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
	}
}
