// SPDX-License-Identifier: MIT

package stage

import (
	"errors"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/internal/diag"
)

func TestBlame(t *testing.T) {
	t.Parallel()
	s := service(t, ordersYAML)
	d := document(t, nil)
	d.Origins["Resources/Queue"] = cfn.Origin{By: "resources.Queue", Position: s.Position("resources", "Queue")}
	d.Origins["Resources/Made"] = cfn.Origin{By: `decorator "tables"`}
	name := func(id, reason string) error {
		return blame(s, d)(Event{LogicalID: id, Type: "AWS::SQS::Queue", Status: "CREATE_FAILED", Reason: reason})
	}
	t.Run("sparta.yaml", func(t *testing.T) {
		t.Parallel()
		err := name("Queue", "orders already exists")
		wantError(t, err, "sparta.yaml:3:3: resources.Queue: Queue (AWS::SQS::Queue) CREATE_FAILED: orders already exists")
		found, ok := errors.AsType[*diag.Fault](err)
		if !ok || found.Problems[0].Source != "  Queue:" || found.Problems[0].Hint == "" {
			t.Errorf("got %#v, want a problem with its line and a hint", found)
		}
	})
	t.Run("decorator", func(t *testing.T) {
		t.Parallel()
		err := name("Made", "no")
		if want := `decorator "tables": Made (AWS::SQS::Queue) CREATE_FAILED: no`; err.Error() != want {
			t.Errorf("got %q, want %q", err, want)
		}
		if _, ok := errors.AsType[*diag.Fault](err); ok {
			t.Error("a decorator's resource has a place in sparta.yaml")
		}
	})
	t.Run("unknown", func(t *testing.T) {
		t.Parallel()
		if err, want := name("Nobody", "no"), "Nobody (AWS::SQS::Queue) CREATE_FAILED: no"; err.Error() != want {
			t.Errorf("got %q, want %q", err, want)
		}
	})
}

// TestExplain: AWS's own words, and what we say to them.
func TestExplain(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"The role defined for the function cannot be assumed by Lambda.":                                                       "lambda.amazonaws.com",
		"User: arn:aws:iam::1:user/a is not authorized to perform: sqs:CreateQueue":                                            "grant that action",
		"Resource of type 'AWS::S3::Bucket' with identifier 'x' already exists.":                                               "give it another name",
		"The bucket you tried to delete is not empty (Service: S3, Status Code: 409)":                                          "sparta down",
		"CloudFormation did not receive a response from your Custom Resource. Please check.":                                   "log group",
		"Rate exceeded (Service: Lambda, Status Code: 429)":                                                                    "run the command again",
		"Unzipped size must be smaller than 262144000 bytes":                                                                   "250 MB",
		`notify of bucket "b": it is not of account 1, or its policy does not allow it: api error AccessDenied: Access Denied`: "the bucket's policy",
		`notify of bucket "b": it is in another region: S3 notifies functions of the bucket's own region`:                      "--region",
		`notify of bucket "b": there is no such bucket`:                                                                        "under resources",
		"nothing that we know": "",
	}
	for reason, want := range tests {
		got := explain(Event{Reason: reason})
		if !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("%s: got %q, want %q", reason, got, want)
		}
	}
}

// TestBlameRollout: what CodeDeploy took back is told at the key rollout, and
// all else of an alias at its function.
func TestBlameRollout(t *testing.T) {
	t.Parallel()
	s := service(t, `serviceName: orders
functions:
  check: {handler: ./h.Check}
  hello:
    handler: ./h.Hello
    alias: live
    rollout:
      type: canary10Percent5Minutes
      before: check
`)
	d, err := generate(t, s)
	must(t, err)
	name := func(status, reason string) *diag.Fault {
		err := blame(s, d)(Event{LogicalID: "HelloAlias", Type: "AWS::Lambda::Alias", Status: status, Reason: reason})
		found, ok := errors.AsType[*diag.Fault](err)
		if !ok {
			t.Fatalf("got %v", err)
		}
		return found
	}
	p := name("UPDATE_FAILED", "the hook told the status Failed (Error code: HOOK_EXECUTION_FAILURE); rollback successful").Problems[0]
	if p.Position.Line != 7 || p.Position.Column != 5 || p.Source != "    rollout:" || !strings.Contains(p.Hint, "rollout.before") {
		t.Errorf("got %v at %q, hint %q", p, p.Source, p.Hint)
	}
	if p := name("UPDATE_FAILED", "Activated alarms: errors").Problems[0]; p.Position.Line != 7 || !strings.Contains(p.Hint, "rollout.alarms") {
		t.Errorf("got %v, hint %q", p, p.Hint)
	}
	if p := name("CREATE_FAILED", "Alias already exists").Problems[0]; p.Position.Line != 4 || p.Path != "functions.hello" {
		t.Errorf("got %v", p)
	}
}
