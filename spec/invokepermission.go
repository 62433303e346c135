// SPDX-License-Identifier: MIT

package spec

import (
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// PermissionEvent lets somebody call a function for whom Sparta has no source.
type PermissionEvent struct {
	Principal     any    `key:"principal"`     // service, account, ARN or *, or an intrinsic
	SourceARN     any    `key:"sourceArn"`     // string or intrinsic; nil: any resource
	SourceAccount any    `key:"sourceAccount"` // string or intrinsic; nil: any account
	OrgID         string `key:"orgId"`         // organization; "": any
	Action        string `key:"action"`
}

// accountDigits is how many digits the id of an account has.
const accountDigits = 12

// DefaultAction is what a permission allows.
const DefaultAction = "lambda:InvokeFunction"

// PermissionID is the logical id of the permission.
func (p *PermissionEvent) PermissionID(function string) string {
	identity := []any{p.Principal, p.SourceARN, p.SourceAccount, p.OrgID}
	if p.Action != DefaultAction {
		identity = append(identity, p.Action)
	}
	return EventID(function, "Permission", identity...)
}

func (p *PermissionEvent) ids(function string) []string { return []string{p.PermissionID(function)} }
func (*PermissionEvent) from() Source                   { return Source{} }
func (*PermissionEvent) pulled() bool                   { return false }

// permissionEvent decodes a permission. It is never for a service as such: that
// would act for whoever asks it to.
func (d *decoder) permissionEvent(n *node) *PermissionEvent {
	p := &PermissionEvent{
		Principal: d.callOrText(n.field("principal")), SourceARN: d.callOrText(n.field("sourceArn")), SourceAccount: d.callOrText(n.field("sourceAccount")),
		OrgID: d.literal(n.field("orgId")), Action: or(d.literal(n.field("action")), DefaultAction),
	}
	if !d.account(n.field("sourceAccount")) || !d.account(n.field("principal")) || slices.ContainsFunc(n.fields, func(f *node) bool { return f.faulty }) {
		return p // a key may have been meant to be another
	}
	bound := n.field("sourceArn") != nil || n.field("sourceAccount") != nil
	organization := n.field("orgId") != nil
	switch principal := n.field("principal"); principalOf(principal) {
	case "service":
		if organization {
			d.keyFault(n.field("orgId"), diag.SourceOptions, "a service is in no organization", "name the organization's accounts: principal: \"*\"")
			return p
		}
		if !bound {
			d.fault(principal, diag.UnboundPermission, "lets the service call the function for every account of AWS", "add sourceArn, or sourceAccount: !Ref AWS::AccountId")
			return p
		}
	case "everybody":
		if !bound && !organization {
			d.fault(principal, diag.UnboundPermission, "lets everybody call the function", "add orgId, sourceArn or sourceAccount")
			return p
		}
	case "account":
		if key := firstOf(n, "sourceArn", "sourceAccount"); key != nil {
			d.keyFault(key, diag.SourceOptions, "is known of services only: this principal could never call", "leave it out")
			return p
		}
	}
	if source := n.field("sourceArn"); usable(source) && source.kind == text && n.field("sourceAccount") == nil {
		if parts := strings.SplitN(source.written, ":", 6); len(parts) == 6 && parts[4] == "" {
			d.fault(source, diag.UnboundPermission, "is an ARN without an account: another account may have that name one day", "add sourceAccount: !Ref AWS::AccountId")
		}
	}
	return p
}

// account checks that a number is that of an account.
func (d *decoder) account(n *node) bool {
	if usable(n) && n.kind == number && len(n.written) != accountDigits {
		d.fault(n, diag.BadPattern, "must be the twelve digits of an AWS account, not "+n.show(), "")
		return false
	}
	return true
}

// principalOf tells a service, everybody and an account apart; "" if CloudFormation
// only knows.
func principalOf(n *node) string {
	if !usable(n) {
		return ""
	}
	written := n.written
	s, inner, call := intrinsicOf(n)
	switch {
	case call && s.name == "Fn::Sub" && inner.kind == text:
		written = inner.written
	case call && s.name == "Ref" && inner.written == "AWS::AccountId":
		return "account"
	case call:
		return ""
	}
	switch {
	case written == "*":
		return "everybody"
	case strings.HasSuffix(written, ".amazonaws.com"), strings.HasSuffix(written, ".${AWS::URLSuffix}"), strings.HasSuffix(written, ".amazon.com"),
		strings.HasSuffix(written, ".amazonaws.com.cn"), strings.HasSuffix(written, ".internal"):
		return "service"
	case call:
		return ""
	}
	return "account"
}

// callOrText decodes text, or a number as it is written, or an intrinsic.
func (d *decoder) callOrText(n *node) any {
	if !usable(n) {
		return nil
	}
	return d.scalarOrCall(n)
}

// firstOf is the first of the keys that an object has, nil for none.
func firstOf(n *node, keys ...string) *node {
	for _, key := range keys {
		if f := n.field(key); f != nil {
			return f
		}
	}
	return nil
}
