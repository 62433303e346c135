// SPDX-License-Identifier: MIT

package stage

import (
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

const mailPrincipal = "ses.amazonaws.com"

// receiptRuleSets is the kind of custom resource that makes a receipt rule set
// the active one of the account.
func receiptRuleSets() builtin {
	return builtin{
		handler: "activeReceiptRuleSet", source: "customresource/receipt", resource: "Custom::SpartaActiveReceiptRuleSet", stem: spec.ReceiptRuleSets, name: "receipt-rule-set",
		description: "Activates the service's receipt rule set", memoryMB: 128, timeout: time.Minute,
		used: (*spec.Service).ReceivesMail,
	}
}

// addMail has SES call the function with mail. A rule is refused while SES may
// neither call the function nor write to the bucket.
func (m *marshaller) addMail(s eventSource, e *spec.MailEvent, needs *rights) {
	permission := e.PermissionID(s.function.Name)
	m.grant(permission, s, mailPrincipal, receiptRules(e), cfn.Ref("AWS::AccountId"))
	first := []string{permission}
	var actions []any
	if e.Storage != nil {
		first = append(first, m.admitMail(e, s)...)
		store := map[string]any{"BucketName": bucketName(e.Storage.Bucket)}
		if e.Storage.Prefix != "" {
			store["ObjectKeyPrefix"] = e.Storage.Prefix
		}
		actions = append(actions, map[string]any{"S3Action": store})
		needs.allow(objects(*e.Storage), "s3:GetObject")
	}
	invocation := "Event"
	if e.Wait {
		invocation = "RequestResponse"
	}
	actions = append(actions, map[string]any{"LambdaAction": map[string]any{"FunctionArn": target(s.function), "InvocationType": invocation}})
	rule := map[string]any{"Enabled": e.Enabled, "ScanEnabled": e.Scan, "TlsPolicy": "Optional", "Actions": actions}
	if e.RequireTLS {
		rule["TlsPolicy"] = "Require"
	}
	if len(e.Recipients) > 0 {
		rule["Recipients"] = anys(e.Recipients)
	}
	if e.Name != "" {
		rule["Name"] = e.Name
	}
	properties := map[string]any{"RuleSetName": e.Set(), "Rule": rule}
	if after := m.ruleBefore(s, e); after != nil {
		properties["After"] = after
	}
	slices.Sort(first)
	m.add(e.RuleID(s.function.Name), "AWS::SES::ReceiptRule", properties, s.origin).DependsOn = first
}

// ruleBefore is the name of the rule that another one follows: the one that the
// file names, or the one before it in the same rule set.
func (m *marshaller) ruleBefore(s eventSource, e *spec.MailEvent) any {
	if e.After != "" {
		return e.After
	}
	var before any
	for _, f := range m.service.Functions {
		for _, other := range f.Events {
			if other.SES == e && f.Name == s.function.Name {
				return before
			}
			if other.SES != nil && compact(other.SES.Set()) == compact(e.Set()) {
				before = cfn.Ref(other.SES.RuleID(f.Name))
			}
		}
	}
	return before
}

// objects is the ARN of the mail in a bucket.
func objects(s spec.MailStorage) any {
	if arn, ok := s.Bucket.ARN.(string); ok {
		return arn + "/" + s.Prefix + "*"
	}
	suffix := "/" + strings.ReplaceAll(s.Prefix, "${", "${!") + "*"
	if s.Bucket.ID != "" {
		return cfn.Sub("${" + s.Bucket.ID + ".Arn}" + suffix)
	}
	return cfn.SubWith("${Bucket}"+suffix, map[string]any{"Bucket": s.Bucket.ARN})
}

// receiptRules is the ARN of all rules of the event's rule set: they come after
// what lets SES in.
func receiptRules(e *spec.MailEvent) any {
	return named("arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:receipt-rule-set/", e.Set(), ":receipt-rule/*")
}

// admitMail lets SES write to a bucket of the stack, for rules of that rule set
// only, and returns the logical id of the policy that says so.
// Source: "Giving permissions to Amazon SES for email receiving", SES Developer
// Guide, https://docs.aws.amazon.com/ses/latest/dg/receiving-email-permissions.html
func (m *marshaller) admitMail(e *spec.MailEvent, s eventSource) []string {
	storage := *e.Storage
	if storage.Bucket.ID == "" {
		return nil
	}
	id, _ := m.service.BucketPolicyID(storage.Bucket)
	if m.document.Template.Resources[id] == nil {
		m.add(id, "AWS::S3::BucketPolicy", map[string]any{
			"Bucket": cfn.Ref(storage.Bucket.ID), "PolicyDocument": policy([]any{}...),
		}, s.origin)
	}
	m.addStatement(id, map[string]any{
		"Effect": "Allow", "Action": "s3:PutObject", "Resource": objects(storage),
		"Principal": map[string]any{"Service": mailPrincipal},
		"Condition": map[string]any{
			"StringEquals": map[string]any{"aws:SourceAccount": cfn.Ref("AWS::AccountId")},
			"ArnLike":      map[string]any{"aws:SourceArn": receiptRules(e)},
		},
	})
	return []string{id}
}

// addRuleSet adds the stack's own receipt rule set, and activates it when its
// rules are there: CloudFormation has no type for that.
func (m *marshaller) addRuleSet() {
	if !m.service.ReceivesMail() {
		return
	}
	var rules []string
	var origin cfn.Origin
	properties := map[string]any{"RuleSetName": cfn.Ref(spec.ReceiptRuleSetID)}
	for _, f := range m.service.Functions {
		for i, e := range f.Events {
			if e.SES != nil && e.SES.Own() {
				if len(rules) == 0 {
					origin = m.origin("functions", f.Name, "events", itoa(i))
				}
				rules = append(rules, e.SES.RuleID(f.Name))
				if e.SES.ReplaceActive {
					properties["Replace"] = true
				}
			}
		}
	}
	m.add(spec.ReceiptRuleSetID, "AWS::SES::ReceiptRuleSet", map[string]any{}, origin)
	m.addBuiltinProvider(receiptRuleSets(), []any{
		allow("*", "ses:DescribeActiveReceiptRuleSet", "ses:SetActiveReceiptRuleSet"),
	}, origin)
	slices.Sort(rules)
	m.addBuiltin(receiptRuleSets(), spec.ActiveReceiptRuleSetID, properties, origin).DependsOn = rules
}
