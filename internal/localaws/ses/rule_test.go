// SPDX-License-Identifier: MIT

package ses_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ses"
	"github.com/aws/aws-sdk-go-v2/service/ses/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var ignored = cmpopts.IgnoreUnexported(types.ReceiptRule{}, types.ReceiptAction{}, types.S3Action{}, types.LambdaAction{}, types.SNSAction{},
	types.StopAction{}, types.AddHeaderAction{})

// everyAction is a rule with all that is modelled.
func everyAction() types.ReceiptRule {
	r := rule("every", []string{"a@example.com", "example.org", ".example.net"},
		types.ReceiptAction{AddHeaderAction: &types.AddHeaderAction{HeaderName: aws.String("X-Seen"), HeaderValue: aws.String("yes, 1")}},
		types.ReceiptAction{S3Action: &types.S3Action{BucketName: aws.String("mail"), ObjectKeyPrefix: aws.String("in"), TopicArn: aws.String(topicARN), IamRoleArn: aws.String(roleARN)}},
		types.ReceiptAction{SNSAction: &types.SNSAction{TopicArn: aws.String(topicARN), Encoding: types.SNSActionEncodingBase64}},
		types.ReceiptAction{LambdaAction: &types.LambdaAction{FunctionArn: aws.String(functionARN), InvocationType: types.InvocationTypeRequestResponse, TopicArn: aws.String(topicARN)}},
		types.ReceiptAction{StopAction: &types.StopAction{Scope: types.StopScopeRuleSet, TopicArn: aws.String(topicARN)}},
	)
	r.ScanEnabled, r.TlsPolicy = true, types.TlsPolicyRequire
	return r
}

func TestRuleSets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir)
	ctx, name := t.Context(), aws.String("main")
	out, err := w.client.DescribeActiveReceiptRuleSet(ctx, &sdk.DescribeActiveReceiptRuleSetInput{})
	if err != nil || out.Metadata != nil || len(out.Rules) != 0 {
		t.Errorf("no rule set is active: got %+v, %v", out, err)
	}
	w.activate(t, everyAction())
	_, err = w.client.CreateReceiptRuleSet(ctx, &sdk.CreateReceiptRuleSetInput{RuleSetName: name})
	wantError(t, err, "AlreadyExists", "main")
	_, err = w.client.DeleteReceiptRuleSet(ctx, &sdk.DeleteReceiptRuleSetInput{RuleSetName: name})
	wantError(t, err, "CannotDelete", "Cannot delete active rule set: main")
	_, err = w.client.SetActiveReceiptRuleSet(ctx, &sdk.SetActiveReceiptRuleSetInput{RuleSetName: aws.String("none")})
	wantError(t, err, "RuleSetDoesNotExist", "none")
	_, err = w.client.CreateReceiptRuleSet(ctx, &sdk.CreateReceiptRuleSetInput{RuleSetName: aws.String("no good")})
	wantError(t, err, "InvalidParameterValue", "alphanumeric")

	if err := w.store.Flush(); err != nil {
		t.Fatal(err)
	}
	w = open(t, dir) // all of it is kept
	out, err = w.client.DescribeActiveReceiptRuleSet(ctx, &sdk.DescribeActiveReceiptRuleSetInput{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]types.ReceiptRule{everyAction()}, out.Rules, ignored); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if aws.ToString(out.Metadata.Name) != "main" || !out.Metadata.CreatedTimestamp.Equal(now.Truncate(time.Millisecond)) {
		t.Errorf("got %+v", out.Metadata)
	}
	for n := range 3 {
		must(t)(w.client.CreateReceiptRuleSet(ctx, &sdk.CreateReceiptRuleSetInput{RuleSetName: aws.String(fmt.Sprint("set", n))}))
	}
	list, err := w.client.ListReceiptRuleSets(ctx, &sdk.ListReceiptRuleSetsInput{})
	if err != nil || len(list.RuleSets) != 4 || *list.RuleSets[0].Name != "main" {
		t.Errorf("got %+v, %v", list, err)
	}
	must(t)(w.client.SetActiveReceiptRuleSet(ctx, &sdk.SetActiveReceiptRuleSetInput{}))
	for range 2 { // also when it is gone
		must(t)(w.client.DeleteReceiptRuleSet(ctx, &sdk.DeleteReceiptRuleSetInput{RuleSetName: name}))
	}
	_, err = w.client.DescribeReceiptRuleSet(ctx, &sdk.DescribeReceiptRuleSetInput{RuleSetName: name})
	wantError(t, err, "RuleSetDoesNotExist", "main")
}

func TestRuleOrder(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	ctx, set := t.Context(), aws.String("main")
	w.activate(t, rule("b", nil), rule("c", nil))
	a := rule("a", nil)
	must(t)(w.client.CreateReceiptRule(ctx, &sdk.CreateReceiptRuleInput{RuleSetName: set, Rule: &a})) // without After: first
	order := func() (names []string) {
		out, err := w.client.DescribeReceiptRuleSet(ctx, &sdk.DescribeReceiptRuleSetInput{RuleSetName: set})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range out.Rules {
			names = append(names, *r.Name)
		}
		return names
	}
	expect := func(want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, order()); diff != "" {
			t.Error(diff)
		}
	}
	expect("a", "b", "c")
	move := func(name string, after *string) error {
		_, err := w.client.SetReceiptRulePosition(ctx, &sdk.SetReceiptRulePositionInput{RuleSetName: set, RuleName: &name, After: after})
		return err
	}
	for _, err := range []error{move("a", aws.String("c")), move("c", nil)} {
		if err != nil {
			t.Error(err)
		}
	}
	expect("c", "b", "a")
	wantError(t, move("c", aws.String("x")), "RuleDoesNotExist", "x")
	wantError(t, move("x", nil), "RuleDoesNotExist", "x")
	wantError(t, move("c", aws.String("c")), "InvalidParameterValue", "after itself")
	expect("c", "b", "a")

	_, err := w.client.CreateReceiptRule(ctx, &sdk.CreateReceiptRuleInput{RuleSetName: set, Rule: &a})
	wantError(t, err, "AlreadyExists", "a")
	b := everyAction()
	b.Name = aws.String("b")
	must(t)(w.client.UpdateReceiptRule(ctx, &sdk.UpdateReceiptRuleInput{RuleSetName: set, Rule: &b}))
	got, err := w.client.DescribeReceiptRule(ctx, &sdk.DescribeReceiptRuleInput{RuleSetName: set, RuleName: b.Name})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&b, got.Rule, ignored); diff != "" {
		t.Error(diff)
	}
	expect("c", "b", "a")
	b.Name = aws.String("x")
	_, err = w.client.UpdateReceiptRule(ctx, &sdk.UpdateReceiptRuleInput{RuleSetName: set, Rule: &b})
	wantError(t, err, "RuleDoesNotExist", "x")
	for range 2 {
		must(t)(w.client.DeleteReceiptRule(ctx, &sdk.DeleteReceiptRuleInput{RuleSetName: set, RuleName: aws.String("b")}))
	}
	expect("c", "a")
	_, err = w.client.DeleteReceiptRule(ctx, &sdk.DeleteReceiptRuleInput{RuleSetName: aws.String("none"), RuleName: aws.String("b")})
	wantError(t, err, "RuleSetDoesNotExist", "none")
}

func TestRuleRefused(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.denied = "secret"
	w.activate(t)
	action := func(a types.ReceiptAction) types.ReceiptRule { return rule("r", nil, a) }
	var many []types.ReceiptAction
	for range 11 {
		many = append(many, types.ReceiptAction{StopAction: &types.StopAction{Scope: types.StopScopeRuleSet}})
	}
	arn, text := aws.String("arn:aws:workmail:us-east-1:000000000000:organization/o"), aws.String
	for _, test := range []struct {
		name, code, want string
		rule             types.ReceiptRule
	}{
		{"bounce", "ValidationError", "BounceAction: the embedded AWS does not model", action(types.ReceiptAction{BounceAction: &types.BounceAction{Message: text("m"), Sender: text("a@b.cd"), SmtpReplyCode: text("550")}})},
		{"workmail", "ValidationError", "WorkmailAction: the embedded AWS does not model", action(types.ReceiptAction{WorkmailAction: &types.WorkmailAction{OrganizationArn: arn}})},
		{"key", "ValidationError", "KmsKeyArn: the embedded AWS does not model", action(types.ReceiptAction{S3Action: &types.S3Action{BucketName: text("b"), KmsKeyArn: text("k")}})},
		{"no action", "InvalidParameterValue", "exactly one action type", rule("r", nil, types.ReceiptAction{S3Action: &types.S3Action{BucketName: text("b")}, StopAction: &types.StopAction{Scope: "RuleSet"}})},
		{"many", "LimitExceeded", "at most 10 actions", rule("r", nil, many...)},
		{"name", "InvalidParameterValue", "Rule name", rule("-r", nil)},
		{"recipient", "InvalidParameterValue", "Invalid recipient: nobody", rule("r", []string{"nobody"})},
		{"header", "InvalidParameterValue", "Invalid header name", action(types.ReceiptAction{AddHeaderAction: &types.AddHeaderAction{HeaderName: text("a b"), HeaderValue: text("c")}})},
		{"header value", "InvalidParameterValue", "line break", action(types.ReceiptAction{AddHeaderAction: &types.AddHeaderAction{HeaderName: text("a"), HeaderValue: text("c\r\nX: y")}})},
		{"function", "InvalidLambdaFunction", "secret", action(types.ReceiptAction{LambdaAction: &types.LambdaAction{FunctionArn: text(functionARN + "-secret")}})},
		{"function elsewhere", "InvalidLambdaFunction", "eu-west-1", action(types.ReceiptAction{LambdaAction: &types.LambdaAction{FunctionArn: text("arn:aws:lambda:eu-west-1:000000000000:function:f")}})},
		{"topic", "InvalidSnsTopic", "secret", action(types.ReceiptAction{SNSAction: &types.SNSAction{TopicArn: text(topicARN + "-secret")}})},
		{"topic of an action", "InvalidSnsTopic", "secret", action(types.ReceiptAction{StopAction: &types.StopAction{Scope: "RuleSet", TopicArn: text(topicARN + "-secret")}})},
		{"bucket", "InvalidS3Configuration", "Could not write to bucket: secret", action(types.ReceiptAction{S3Action: &types.S3Action{BucketName: text("secret")}})},
		{"role", "InvalidS3Configuration", "no such role", action(types.ReceiptAction{S3Action: &types.S3Action{BucketName: text("b"), IamRoleArn: text(roleARN + "2")}})},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := w.client.CreateReceiptRule(t.Context(), &sdk.CreateReceiptRuleInput{RuleSetName: text("main"), Rule: &test.rule})
			wantError(t, err, test.code, test.want)
		})
	}
	_, err := w.client.CloneReceiptRuleSet(t.Context(), &sdk.CloneReceiptRuleSetInput{RuleSetName: text("a"), OriginalRuleSetName: text("b")})
	wantError(t, err, "InvalidAction", "does not model the SES action CloneReceiptRuleSet")
	if len(w.objects) != 0 {
		t.Errorf("refused rules have left %+v", w.objects)
	}
}

// As on AWS a rule that stores mail proves first that it may.
func TestRuleWritesSetupObject(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.activate(t, everyAction(), rule("plain", nil, types.ReceiptAction{S3Action: &types.S3Action{BucketName: aws.String("mail"), ObjectKeyPrefix: aws.String("a/")}}))
	if len(w.objects) != 2 || w.objects[0].Key != "in/AMAZON_SES_SETUP_NOTIFICATION" || w.objects[0].Principal != "" || w.objects[1].Key != "a/AMAZON_SES_SETUP_NOTIFICATION" {
		t.Fatalf("got %+v", w.objects)
	}
	if o := w.objects[1]; o.Principal != "ses.amazonaws.com" || o.Source != "arn:aws:ses:us-east-1:000000000000:receipt-rule-set/main:receipt-rule/plain" || o.Account != account {
		t.Errorf("got %+v", o)
	}
}
