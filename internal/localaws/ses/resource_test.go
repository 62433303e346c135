// SPDX-License-Identifier: MIT

package ses_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ses"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

func request(old, new map[string]any) resource.Request {
	return resource.Request{Scope: here, Properties: new, OldProperties: old, DefaultName: func(int) string { return "stack-Rule-1" }}
}

func ruleProperties(name, after string, recipients ...any) map[string]any {
	rule := map[string]any{"Recipients": recipients, "Enabled": "true", "Actions": []any{map[string]any{"LambdaAction": map[string]any{"FunctionArn": functionARN}}}}
	if name != "" {
		rule["Name"] = name
	}
	out := map[string]any{"RuleSetName": "main", "Rule": rule}
	if after != "" {
		out["After"] = after
	}
	return out
}

func TestRuleType(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	types := w.ResourceTypes()
	sets, rules := types["AWS::SES::ReceiptRuleSet"], types["AWS::SES::ReceiptRule"]
	ctx := context.Background()
	set, err := sets.Create(ctx, request(nil, map[string]any{"RuleSetName": "main"}))
	if err != nil || set.PhysicalID != "main" {
		t.Fatalf("got %+v, %v", set, err)
	}
	first, err := rules.Create(ctx, request(nil, ruleProperties("", "", "a@x.example")))
	if err != nil || first.PhysicalID != "stack-Rule-1" || first.Attributes["Id"] != "main|stack-Rule-1" {
		t.Fatalf("got %+v, %v", first, err)
	}
	old := ruleProperties("second", "stack-Rule-1", "b@x.example")
	second, err := rules.Create(ctx, request(nil, old))
	if err != nil {
		t.Fatal(err)
	}
	order := func() string {
		out, err := w.client.DescribeReceiptRuleSet(ctx, &sdk.DescribeReceiptRuleSetInput{RuleSetName: aws.String("main")})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, r := range out.Rules {
			names = append(names, *r.Name+"="+strings.Join(r.Recipients, "+"))
		}
		return strings.Join(names, " ")
	}
	if got := order(); got != "stack-Rule-1=a@x.example second=b@x.example" {
		t.Errorf("got %s", got)
	}
	if _, err := rules.Update(ctx, second, request(old, ruleProperties("second", "", "c@x.example"))); err != nil {
		t.Error(err)
	}
	if got := order(); got != "second=c@x.example stack-Rule-1=a@x.example" {
		t.Errorf("got %s", got)
	}
	if !rules.Replaces(old, ruleProperties("third", "stack-Rule-1")) || rules.Replaces(old, ruleProperties("second", "")) {
		t.Error("what replaces is wrong")
	}
	for range 2 {
		if err := rules.Delete(ctx, second, request(nil, old)); err != nil {
			t.Error(err)
		}
	}
	must(t)(w.client.SetActiveReceiptRuleSet(ctx, &sdk.SetActiveReceiptRuleSetInput{RuleSetName: aws.String("main")}))
	if err := sets.Delete(ctx, set, request(nil, nil)); err == nil || !strings.Contains(err.Error(), "Cannot delete active rule set: main (Service: AmazonSimpleEmailService") {
		t.Errorf("the active rule set: got %v", err)
	}
	must(t)(w.client.SetActiveReceiptRuleSet(ctx, &sdk.SetActiveReceiptRuleSetInput{}))
	for range 2 {
		if err := sets.Delete(ctx, set, request(nil, nil)); err != nil {
			t.Error(err)
		}
	}
	if err := rules.Delete(ctx, first, request(nil, old)); err != nil { // went with its rule set
		t.Error(err)
	}
}

func TestRuleTypeCheck(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	check := w.ResourceTypes()["AWS::SES::ReceiptRule"].Check
	bounce := ruleProperties("r", "")
	bounce["Rule"].(map[string]any)["Actions"] = []any{map[string]any{"BounceAction": map[string]any{}}, map[string]any{"LambdaAction": map[string]any{"FunctionArn": map[string]any{"Fn::GetAtt": []any{"F", "Arn"}}}}}
	want := []string{"#/Rule/Actions/0/BounceAction: the embedded AWS does not model this property"}
	if diff := cmp.Diff(want, check(bounce)); diff != "" {
		t.Error(diff)
	}
	if faults := check(ruleProperties("r", "")); faults != nil {
		t.Errorf("got %q", faults)
	}
}

func TestIdentityType(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	kind, ctx := w.ResourceTypes()["AWS::SES::EmailIdentity"], context.Background()
	properties := map[string]any{"EmailIdentity": "shop.example", "Tags": []any{map[string]any{"Key": "a", "Value": "b"}}}
	made, err := kind.Create(ctx, request(nil, properties))
	if err != nil || made.PhysicalID != "shop.example" || len(made.Attributes) != 6 || !strings.HasSuffix(made.Attributes["DkimDNSTokenName3"].(string), "._domainkey.shop.example") {
		t.Errorf("got %+v, %v", made, err)
	}
	if _, err := kind.Create(ctx, request(nil, properties)); err == nil || !strings.Contains(err.Error(), "already exist") {
		t.Errorf("got %v", err)
	}
	list, err := w.client.ListIdentities(ctx, &sdk.ListIdentitiesInput{})
	if err != nil || len(list.Identities) != 1 {
		t.Errorf("got %+v, %v", list, err)
	}
	for range 2 {
		if err := kind.Delete(ctx, made, request(nil, properties)); err != nil {
			t.Error(err)
		}
	}
	if list, err = w.client.ListIdentities(ctx, &sdk.ListIdentitiesInput{}); err != nil || len(list.Identities) != 0 {
		t.Errorf("got %+v, %v", list, err)
	}
}
