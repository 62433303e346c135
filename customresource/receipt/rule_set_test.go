// SPDX-License-Identifier: MIT

package receipt

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	"github.com/aws/aws-sdk-go-v2/service/ses/types"

	"github.com/sparta-up/sparta/customresource"
)

// ruleSets is SES as far as the resource uses it.
type ruleSets struct {
	active string
	sets   int // calls that changed it
	fail   error
}

func (s *ruleSets) DescribeActiveReceiptRuleSet(context.Context, *ses.DescribeActiveReceiptRuleSetInput, ...func(*ses.Options)) (*ses.DescribeActiveReceiptRuleSetOutput, error) {
	if s.fail != nil || s.active == "" {
		return &ses.DescribeActiveReceiptRuleSetOutput{}, s.fail
	}
	return &ses.DescribeActiveReceiptRuleSetOutput{Metadata: &types.ReceiptRuleSetMetadata{Name: &s.active}}, nil
}

func (s *ruleSets) SetActiveReceiptRuleSet(_ context.Context, in *ses.SetActiveReceiptRuleSetInput, _ ...func(*ses.Options)) (*ses.SetActiveReceiptRuleSetOutput, error) {
	s.sets++
	s.active = aws.ToString(in.RuleSetName)
	return &ses.SetActiveReceiptRuleSetOutput{}, nil
}

func ask(ctx context.Context, a ruleSet, r customresource.Request) (customresource.Response, error) {
	switch r.Type {
	case customresource.Create:
		return a.Create(ctx, r)
	case customresource.Update:
		return a.Update(ctx, r)
	}
	return customresource.Response{}, a.Delete(ctx, r)
}

func TestRuleSet(t *testing.T) {
	t.Parallel()
	properties := func(name, replace string) map[string]any {
		p := map[string]any{"RuleSetName": name}
		if replace != "" {
			p["Replace"] = replace
		}
		return p
	}
	for _, test := range []struct {
		name, active string
		request      customresource.Request
		want         string // active afterwards
		sets         int
		fault        string
	}{
		{"first", "", customresource.Request{Type: customresource.Create, Properties: properties("ours", "")}, "ours", 1, ""},
		{"again", "ours", customresource.Request{Type: customresource.Create, Properties: properties("ours", "")}, "ours", 0, ""},
		{"foreign", "theirs", customresource.Request{Type: customresource.Create, Properties: properties("ours", "")}, "theirs", 0, `activate receipt rule set "ours": the rule set "theirs" is active`},
		{"not replaced", "theirs", customresource.Request{Type: customresource.Create, Properties: properties("ours", "false")}, "theirs", 0, `replaceActive: true of a ses source`},
		{"replaced", "theirs", customresource.Request{Type: customresource.Create, Properties: properties("ours", "true")}, "ours", 1, ""},
		{"update", "ours", customresource.Request{Type: customresource.Update, PhysicalID: "ours", Properties: properties("ours", "true"), OldProperties: properties("ours", "")}, "ours", 0, ""},
		{"activates what somebody has deactivated", "", customresource.Request{Type: customresource.Update, PhysicalID: "ours", Properties: properties("ours", ""), OldProperties: properties("ours", "")}, "ours", 1, ""},
		{"another of ours", "ours", customresource.Request{Type: customresource.Update, PhysicalID: "ours", Properties: properties("new", ""), OldProperties: properties("ours", "")}, "new", 1, ""},
		{"another, but a foreign one is active", "theirs", customresource.Request{Type: customresource.Update, PhysicalID: "ours", Properties: properties("new", ""), OldProperties: properties("ours", "")}, "theirs", 0, `"theirs" is active`},
		{"no name", "", customresource.Request{Type: customresource.Create}, "", 0, "RuleSetName is needed"},
		{"delete", "ours", customresource.Request{Type: customresource.Delete, PhysicalID: "ours", Properties: properties("ours", "")}, "", 1, ""},
		{"delete of what is replaced", "new", customresource.Request{Type: customresource.Delete, PhysicalID: "ours", Properties: properties("ours", "")}, "new", 0, ""},
		{"delete where a foreign one is active", "theirs", customresource.Request{Type: customresource.Delete, PhysicalID: "ours", Properties: properties("ours", "true")}, "theirs", 0, ""},
		{"delete of what is inactive", "", customresource.Request{Type: customresource.Delete, PhysicalID: "ours", Properties: properties("ours", "")}, "", 0, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := &ruleSets{active: test.active}
			response, err := ask(t.Context(), ruleSet{s}, test.request)
			if test.fault == "" && err != nil || test.fault != "" && (err == nil || !strings.Contains(err.Error(), test.fault)) {
				t.Errorf("got %v, want %q", err, test.fault)
			}
			if s.active != test.want || s.sets != test.sets {
				t.Errorf("%q is active after %d changes", s.active, s.sets)
			}
			if name, _ := test.request.Properties["RuleSetName"].(string); test.request.Type != customresource.Delete && response.PhysicalID != name {
				t.Errorf("physical id %q", response.PhysicalID)
			}
		})
	}
}

func TestRuleSetFaults(t *testing.T) {
	t.Parallel()
	a := ruleSet{&ruleSets{active: "ours", fail: errors.New("not in this region")}}
	r := customresource.Request{PhysicalID: "ours", Properties: map[string]any{"RuleSetName": "ours"}}
	if _, err := a.Create(t.Context(), r); err == nil || !strings.Contains(err.Error(), "not in this region") {
		t.Errorf("got %v", err)
	}
	if err := a.Delete(t.Context(), r); err == nil || !strings.Contains(err.Error(), `deactivate receipt rule set "ours": not in this region`) {
		t.Errorf("got %v", err)
	}
}
