// SPDX-License-Identifier: MIT

// Package receipt is the custom resource that makes the receipt rule set of a
// stack the active one of SES: CloudFormation has no type for that. Services that
// receive mail have it. It keeps what belongs to somebody else: it refuses to
// displace another rule set unless it is told to.
package receipt

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/customresource"
	"github.com/sparta-up/sparta/customresource/internal/client"
)

// Properties are the properties of the resource in the template.
type Properties struct {
	RuleSetName string // of the stack's own rule set
	Replace     bool   // displace another rule set that is active
}

// New returns the resource that makes a receipt rule set the active one of the
// account in the region, of which there is one; its properties are [Properties].
// The physical id is the name of the rule set, so that another name replaces the
// resource. The client is made from the SDK's default configuration.
//
// Create and Update refuse to displace a rule set that somebody else has
// activated unless Replace says so. Delete leaves no rule set active if the own
// one still is; what was active before is not remembered.
func New() (customresource.Resource, error) {
	cfg, err := client.Load(1)
	if err != nil {
		return nil, err
	}
	return ruleSet{ses.NewFromConfig(cfg)}, nil
}

// receiver is what the resource needs of SES; *ses.Client is one.
type receiver interface {
	DescribeActiveReceiptRuleSet(context.Context, *ses.DescribeActiveReceiptRuleSetInput, ...func(*ses.Options)) (*ses.DescribeActiveReceiptRuleSetOutput, error)
	SetActiveReceiptRuleSet(context.Context, *ses.SetActiveReceiptRuleSetInput, ...func(*ses.Options)) (*ses.SetActiveReceiptRuleSetOutput, error)
}

type ruleSet struct{ api receiver }

// PhysicalID returns the name of the rule set.
func (a ruleSet) PhysicalID(r customresource.Request) string {
	name, _ := r.Properties["RuleSetName"].(string)
	return name
}

// Create activates the rule set.
func (a ruleSet) Create(ctx context.Context, r customresource.Request) (customresource.Response, error) {
	response := customresource.Response{PhysicalID: a.PhysicalID(r)}
	var p Properties
	if err := r.Decode(&p); err != nil {
		return response, err
	}
	if p.RuleSetName == "" {
		return response, errors.New("properties: RuleSetName is needed")
	}
	before, _ := r.OldProperties["RuleSetName"].(string)
	if err := a.activate(ctx, p, before); err != nil {
		return response, fmt.Errorf("activate receipt rule set %q: %w", p.RuleSetName, err)
	}
	return response, nil
}

// Update activates the rule set again, or another in its place.
func (a ruleSet) Update(ctx context.Context, r customresource.Request) (customresource.Response, error) {
	return a.Create(ctx, r)
}

// activate activates a rule set in the place of none, of itself or of before.
func (a ruleSet) activate(ctx context.Context, p Properties, before string) error {
	active, err := a.active(ctx)
	switch {
	case err != nil:
		return err
	case active == p.RuleSetName:
		return nil
	case active != "" && active != before && !p.Replace:
		return fmt.Errorf("the rule set %q is active, and there can be one only: deactivate it, or displace it with replaceActive: true of a ses source in sparta.yaml, which sets Replace here", active)
	}
	if _, err := a.api.SetActiveReceiptRuleSet(ctx, &ses.SetActiveReceiptRuleSetInput{RuleSetName: &p.RuleSetName}); err != nil {
		return err
	}
	zerolog.Ctx(ctx).Info().Str("rule_set", p.RuleSetName).Str("displaced", active).Msg("activated receipt rule set")
	return nil
}

// Delete deactivates the rule set if it still is the active one.
func (a ruleSet) Delete(ctx context.Context, r customresource.Request) error {
	active, err := a.active(ctx)
	if err == nil && active == r.PhysicalID && active != "" {
		_, err = a.api.SetActiveReceiptRuleSet(ctx, &ses.SetActiveReceiptRuleSetInput{})
	}
	if err != nil {
		return fmt.Errorf("deactivate receipt rule set %q: %w", r.PhysicalID, err)
	}
	return nil
}

// active returns the name of the active rule set, or "".
func (a ruleSet) active(ctx context.Context) (string, error) {
	out, err := a.api.DescribeActiveReceiptRuleSet(ctx, &ses.DescribeActiveReceiptRuleSetInput{})
	if err != nil || out.Metadata == nil {
		return "", err
	}
	return aws.ToString(out.Metadata.Name), nil
}
