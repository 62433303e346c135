// SPDX-License-Identifier: MIT

package stage

import (
	"net/url"
	"testing"
)

func TestTrustPolicy(t *testing.T) {
	t.Parallel()
	const lambda = `{"Service":"lambda.amazonaws.com"}`
	statement := func(s string) string { return `{"Version":"2012-10-17","Statement":` + s + `}` }
	allow := func(principal, action string) string {
		return `{"Effect":"Allow","Principal":` + principal + `,"Action":` + action + `}`
	}
	tests := []struct {
		name                 string
		document             string
		allowed, conditional bool
	}{
		{"single statement", statement(allow(lambda, `"sts:AssumeRole"`)), true, false},
		{"list of statements", statement(`[` + allow(lambda, `"sts:AssumeRole"`) + `]`), true, false},
		{"list of actions", statement(`[` + allow(lambda, `["sts:TagSession","sts:AssumeRole"]`) + `]`), true, false},
		{"wildcard action", statement(`[` + allow(lambda, `"sts:*"`) + `]`), true, false},
		{"list of services", statement(`[` + allow(`{"Service":["ec2.amazonaws.com","lambda.amazonaws.com"]}`, `"*"`) + `]`), true, false},
		{"any principal", statement(`[` + allow(`"*"`, `"sts:AssumeRole"`) + `]`), true, false},
		{"any AWS principal", statement(`[` + allow(`{"AWS":"*"}`, `"sts:AssumeRole"`) + `]`), true, false},
		{"another service", statement(`[` + allow(`{"Service":"ec2.amazonaws.com"}`, `"sts:AssumeRole"`) + `]`), false, false},
		{"an account", statement(`[` + allow(`{"AWS":"arn:aws:iam::123456789012:root"}`, `"sts:AssumeRole"`) + `]`), false, false},
		{"another action", statement(`[` + allow(lambda, `"sts:AssumeRoleWithWebIdentity"`) + `]`), false, false},
		{"no statement", statement(`[]`), false, false},
		{
			"deny outweighs",
			statement(`[` + allow(lambda, `"sts:*"`) + `,{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}]`), false, false,
		},
		{
			"deny under a condition", // may not apply: left to AWS
			statement(`[` + allow(lambda, `"sts:*"`) + `,{"Effect":"Deny","Principal":"*","Action":"sts:*","Condition":{"Bool":{"a":"b"}}}]`), true, false,
		},
		{
			"allow under a condition",
			statement(`[{"Effect":"Allow","Principal":` + lambda + `,"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"1"}}}]`), true, true,
		},
		{"everything but", statement(`[{"Effect":"Allow","Principal":` + lambda + `,"NotAction":"sts:AssumeRole"}]`), false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			// IAM returns policies in URL encoding; some endpoints don't.
			for _, document := range []string{test.document, url.QueryEscape(test.document), url.PathEscape(test.document)} {
				policy, err := parseTrust(document)
				if err != nil {
					t.Fatalf("parse %s: %v", document, err)
				}
				allowed, conditional := policy.allows("lambda.amazonaws.com")
				if allowed != test.allowed || conditional != test.conditional {
					t.Errorf("%s: got allowed %v, conditional %v, want %v, %v", document, allowed, conditional, test.allowed, test.conditional)
				}
			}
		})
	}
}

func FuzzTrustPolicy(f *testing.F) {
	f.Add(`{"Statement":{"Effect":"Allow","Principal":"*","Action":"*"}}`)
	f.Add(`%7B%22Statement%22%3A%5B%5D%7D`)
	f.Fuzz(func(_ *testing.T, document string) {
		if policy, err := parseTrust(document); err == nil {
			policy.allows("lambda.amazonaws.com")
		}
	})
}
