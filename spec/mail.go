// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/diag"
)

// MailEvent has a function called with the mail that SES receives.
type MailEvent struct {
	Recipients []string     `key:"recipients"` // addresses and domains; nil: all verified domains
	RuleSet    Name         `key:"ruleSet"`    // zero: the stack's own
	Storage    *MailStorage `key:"storage"`    // nil: the mail is not kept
	Wait       bool         `key:"invocation"` // SES waits for the answer
	Scan       bool         `key:"scan"`       // for spam and viruses
	RequireTLS bool         `key:"tls"`
	Enabled    bool         `key:"enabled"`
	After      string       `key:"after"` // name of the rule that this one follows in an existing rule set
	Name       string       `key:"name"`  // of the rule; "": CloudFormation makes one up

	ReplaceActive bool `key:"replaceActive"` // the stack's own rule set displaces another that is active
}

// MailStorage is where SES keeps mail.
type MailStorage struct {
	Bucket Source `key:"bucket"`
	Prefix string `key:"prefix"` // of the keys
}

// The logical ids of the stack's own rule set and of what activates it.
const (
	ReceiptRuleSetID       = "ReceiptRuleSet"
	ActiveReceiptRuleSetID = "ActiveReceiptRuleSet"
	ReceiptRuleSets        = "ReceiptRuleSets" // stem of the provider's logical ids
)

// mailTimeout is how long SES waits for an answer. Source: "Invoke Lambda function action",
// https://docs.aws.amazon.com/ses/latest/dg/receiving-email-action-lambda.html
const mailTimeout = 30 * time.Second

// Own reports whether the rule is in the stack's own rule set.
func (m *MailEvent) Own() bool { return m.RuleSet.Value == nil }

// Set is the name of the rule set.
func (m *MailEvent) Set() any {
	if m.Own() {
		return map[string]any{"Ref": ReceiptRuleSetID}
	}
	return m.RuleSet.Value
}

// RuleID is the logical id of the receipt rule.
func (m *MailEvent) RuleID(function string) string { return m.id(function, "Ses") }

// PermissionID is the logical id of the permission to call the function.
func (m *MailEvent) PermissionID(function string) string { return m.id(function, "SesPermission") }

func (m *MailEvent) id(function, kind string) string {
	var identity []any
	if !m.Own() {
		identity = append(identity, m.RuleSet.Value)
	}
	if m.Name != "" {
		return EventID(function, kind, append(identity, m.Name)...)
	}
	for _, r := range slices.Sorted(slices.Values(m.Recipients)) {
		identity = append(identity, r)
	}
	return EventID(function, kind, identity...)
}

func (m *MailEvent) ids(f string) []string      { return []string{m.RuleID(f), m.PermissionID(f)} }
func (m *MailEvent) from() Source               { return Source{ID: m.RuleSet.ID} }
func (*MailEvent) pulled() bool                 { return false }
func (m *MailEvent) taken() (what, name string) { return "rule name", claim(m.Name, "ses", m.Set()) }

func (m *MailEvent) links() (parts, role []Source) {
	if m.Storage == nil {
		return nil, nil
	}
	return []Source{m.Storage.Bucket}, []Source{m.Storage.Bucket}
}

func ruleSetKind() sourceKind {
	return sourceKind{what: "a receipt rule set", types: []string{"AWS::SES::ReceiptRuleSet"}}
}

// mailEvent decodes mail as a source.
func (d *decoder) mailEvent(n *node, f Function) *MailEvent {
	m := &MailEvent{
		Recipients: d.texts(long(n, "recipients")),
		Storage:    d.mailStorage(option(n, "storage")),
		Wait:       d.literal(option(n, "invocation")) == "requestResponse",
		Scan:       d.flag(option(n, "scan"), false),
		RequireTLS: d.literal(option(n, "tls")) == "require",
		Enabled:    d.flag(option(n, "enabled"), true),
		After:      d.literal(option(n, "after")),
		Name:       d.literal(option(n, "name")),

		ReplaceActive: d.flag(option(n, "replaceActive"), false),
	}
	if set := option(n, "ruleSet"); set != nil {
		m.RuleSet = d.nameOf(set, ruleSetKind(), "")
	}
	if after := option(n, "after"); usable(after) && m.Own() {
		d.fault(after, diag.SourceOptions, "means nothing in the stack's own rule set, whose rules are in the order of this file", "leave it out, or name the ruleSet")
	}
	if replace := option(n, "replaceActive"); m.ReplaceActive && !m.Own() {
		d.fault(replace, diag.SourceOptions, "means nothing in an existing rule set, which stays as active as it is", "leave it out, or leave ruleSet out")
	}
	for i, item := range each(long(n, "recipients")) {
		if slices.ContainsFunc(m.Recipients[:min(i, len(m.Recipients))], func(other string) bool { return strings.EqualFold(other, item.written) }) {
			d.fault(item, diag.SourceOptions, "is in the list already", "leave it out")
		}
	}
	if wait := option(n, "invocation"); m.Wait && f.Timeout > mailTimeout {
		d.warn(wait, diag.EventLimit, fmt.Sprintf("SES waits %d s for an answer, and %s may take %d s", mailTimeout/time.Second, f.Name, f.Timeout/time.Second), "set timeout: 30s")
	}
	return m
}

// mailStorage decodes where mail is kept.
func (d *decoder) mailStorage(n *node) *MailStorage {
	if !usable(n) {
		return nil
	}
	return &MailStorage{Bucket: d.bucket(long(n, "bucket")), Prefix: d.literal(option(n, "prefix"))}
}

// BucketPolicyID is the logical id of the policy of a bucket of the stack. A
// bucket has one policy, so if resources has one for it, it is that one.
func (s *Service) BucketPolicyID(bucket Source) (id string, own bool) {
	for _, id := range slices.Sorted(maps.Keys(s.Resources)) {
		resource, _ := s.Resources[id].(map[string]any)
		properties, _ := resource["Properties"].(map[string]any)
		if resource["Type"] == "AWS::S3::BucketPolicy" && resourceNamed(properties["Bucket"]) == bucket.ID {
			return id, true
		}
	}
	return EventID("", "BucketPolicy", bucket.ARN), false
}

// mailShared lists what is made once for all sources that are mail.
func (s *Service) mailShared() []generated {
	var all []generated
	for _, f := range s.Functions {
		for i, e := range f.Events {
			if e.SES == nil {
				continue
			}
			path := eventPath(f.Name, i)
			if e.SES.Own() {
				for _, id := range []string{
					ReceiptRuleSetID, ActiveReceiptRuleSetID,
					ProviderFunctionID(ReceiptRuleSets), ProviderRoleID(ReceiptRuleSets), ProviderLogGroupID(ReceiptRuleSets),
				} {
					all = append(all, generated{id, path})
				}
			}
			if storage := e.SES.Storage; storage != nil && storage.Bucket.ID != "" {
				if id, own := s.BucketPolicyID(storage.Bucket); !own {
					all = append(all, generated{id, path})
				}
			}
		}
	}
	return all
}

// ReceivesMail reports whether the stack has a rule set of its own.
func (s *Service) ReceivesMail() bool {
	return slices.ContainsFunc(s.Functions, func(f Function) bool {
		return slices.ContainsFunc(f.Events, func(e Event) bool { return e.SES != nil && e.SES.Own() })
	})
}
