// SPDX-License-Identifier: MIT

package stage

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/pipeline"
	"github.com/sparta-up/sparta/spec"
)

// permissionsOf lists the permissions of a service.
func permissionsOf(t *testing.T, s *spec.Service) Permissions {
	t.Helper()
	draft, err := (&Sketch{Project: projectOf(s)}).Run(t.Context())
	must(t, err)
	list, err := (&ListPermissions{Project: projectOf(s), Draft: pipeline.Known(draft)}).Run(t.Context())
	must(t, err)
	return list
}

// TestPermissions compares all that is listed of one service.
func TestPermissions(t *testing.T) {
	t.Parallel()
	got, err := json.MarshalIndent(permissionsOf(t, service(t, `serviceName: orders
accounts: {dev: "123456789012"}
functions:
  work: {handler: ./h.Work, events: [sqs: Jobs], url: true}
  audit: {handler: ./h.Audit, role: auditor}
resources:
  Jobs: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs}}
  Files: {Type: AWS::S3::Bucket}
  Named: {Type: AWS::SNS::Topic, Properties: {TopicName: !Sub "${AWS::StackName}-named"}}
  Mine: {Type: "Custom::Mine", Properties: {ServiceToken: "arn:aws:lambda:eu-west-1:123456789012:function:orders-mine"}}
  Other: {Type: AWS::Batch::JobQueue}
`)), "", "  ")
	must(t, err)
	const file = "testdata/permissions.json"
	if *update {
		must(t, os.WriteFile(file, append(got, '\n'), 0o644))
	}
	want, err := os.ReadFile(file)
	must(t, err)
	if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
		t.Errorf("permissions (-want +got):\n%s", diff)
	}
}

// TestPermissionsOfRoles: a role has what its own policy says, what the
// policies say that stand beside it, and AWS's policies.
func TestPermissionsOfRoles(t *testing.T) {
	t.Parallel()
	list := permissionsOf(t, service(t, `serviceName: images
functions:
  shrink: {handler: ./h.Shrink, permissions: [read: Uploads], events: [s3: Uploads]}
  list:
    handler: ./h.List
    permissions: [{allow: sqs:SendMessage, on: "arn:aws:sqs:eu-west-1:123456789012:q"}]
    events: [http: GET /]
api: {type: rest, accessLogs: {account: true}}
resources:
  Uploads: {Type: AWS::S3::Bucket}
  More:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: more
      Roles: [!Ref ListRole]
      PolicyDocument: {Version: "2012-10-17", Statement: {Effect: Allow, Action: "sns:Publish", Resource: "*"}}
`))
	got := map[string]string{}
	for _, r := range list.Roles {
		var actions []string
		for _, s := range r.Statements() {
			actions = append(actions, s.Actions...)
		}
		got[r.Role] = strings.Join(append(actions, r.Managed...), " ")
	}
	const logs = "logs:CreateLogStream logs:PutLogEvents"
	want := map[string]string{
		"RestApiLogRole":                  "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs",
		"BucketNotificationsProviderRole": logs + " s3:GetBucketNotification s3:PutBucketNotification",
		"ListRole":                        logs + " sqs:SendMessage sns:Publish",
		"ShrinkRole":                      logs + " s3:ListBucket s3:GetObject",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("roles (-want +got):\n%s", diff)
	}
}

// TestPermissionsOfDecorators: what decorators add that need no program is
// known, so that the deployer's policy allows it.
func TestPermissionsOfDecorators(t *testing.T) {
	t.Parallel()
	list := permissionsOf(t, service(t, `serviceName: orders
functions:
  work: {handler: ./h.Work}
decorators:
  - {name: alarms, use: alarms}
  - {name: program, handler: ./h.Decorate}
  - {name: patch, patch: {Resources: {Extra: {Type: "AWS::SNS::Topic"}}}}
`))
	var actions []string
	for _, s := range (RolePermissions{Document: list.Deployer}).Statements() {
		actions = append(actions, s.Actions...)
	}
	for _, want := range []string{"cloudwatch:PutMetricAlarm", "sns:CreateTopic"} {
		if !slices.Contains(actions, want) {
			t.Errorf("the deployer may not %s", want)
		}
	}
	if diff := cmp.Diff([]string{"program"}, list.NotRun); diff != "" {
		t.Errorf("decorators that were not run (-want +got):\n%s", diff)
	}
	s := service(t, "serviceName: orders\ndecorators: [{name: bad, patch: {Resources: {Queue: {Type: \"AWS::SNS::Topic\"}}}}]\n")
	_, err := (&ListPermissions{Project: projectOf(s), Draft: pipeline.Known(Draft{Document: document(t, nil)})}).Run(t.Context())
	wantError(t, err, "decorator \"bad\"")
}

// TestHandlers: the table has an action for each type that Sparta generates, in
// the form that IAM takes, each once and sorted.
func TestHandlers(t *testing.T) {
	t.Parallel()
	table := handlers()
	action := regexp.MustCompile(`^[a-z0-9-]+:[A-Za-z0-9]+(\?[A-Za-z0-9]+(\.[A-Za-z0-9]+)*)?$`)
	for kind, lines := range table {
		for _, h := range lines {
			if !slices.IsSorted(h.actions) || len(slices.Compact(slices.Clone(h.actions))) != len(h.actions) {
				t.Errorf("%s: actions are not sorted: %v", kind, h.actions)
			}
			for _, a := range h.actions {
				if !action.MatchString(a) {
					t.Errorf("%s: %q is no action", kind, a)
				}
			}
		}
	}
	for name := range goldenServices(t) {
		d, err := generate(t, goldenService(t, name))
		must(t, err)
		for id, r := range d.Template.Resources {
			origin, _ := d.Origin(id)
			if !strings.HasPrefix(r.Type, "Custom::") && !strings.HasPrefix(origin.By, "resources.") && table[r.Type] == nil {
				t.Errorf("%s: handlers.txt lacks %s, which Sparta generates", name, r.Type)
			}
		}
	}
}

// TestSketchSize: a template that CloudFormation would refuse is refused
// offline, and one that is near it is warned of.
func TestSketchSize(t *testing.T) {
	t.Parallel()
	sketch := func(text string) (Draft, error) {
		s := service(t, "serviceName: orders\nresources:\n  Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: "+text+"}}\n")
		return (&Sketch{Project: projectOf(s)}).Run(t.Context())
	}
	draft, err := sketch("small")
	if must(t, err); len(draft.Warnings) > 0 {
		t.Errorf("small: %v", draft.Warnings)
	}
	draft, err = sketch(strings.Repeat("x", 900_000))
	if must(t, err); len(draft.Warnings) != 1 || !strings.Contains(draft.Warnings[0].Message, "85 % of the 1048576") {
		t.Errorf("near: %v", draft.Warnings)
	}
	s := service(t, "serviceName: orders\nresources:\n  Topic: {Type: AWS::SNS::Topic}\n")
	s.Resources["Large"] = map[string]any{"Type": "AWS::SNS::Topic", "Properties": map[string]any{"DisplayName": strings.Repeat("x", maxTemplate)}}
	_, err = (&Sketch{Project: projectOf(s)}).Run(t.Context())
	wantError(t, err, "more than CloudFormation takes")
}
