// SPDX-License-Identifier: MIT

package policy_test

import (
	"testing"

	"github.com/sparta-up/sparta/internal/localaws/policy"
)

// The IAM User Guide, "IAM JSON policy elements: Condition operators" and
// "Multivalued context keys".
func TestConditions(t *testing.T) {
	t.Parallel()
	context := map[string]string{
		"aws:principalarn": "arn:aws:iam::111111111111:role/team/worker", "aws:currenttime": "2026-11-20T12:00:00Z", "aws:epochtime": "1795176000",
		"s3:prefix": "home/worker/a", "s3:max-keys": "10", "aws:securetransport": "true", "aws:requestedregion": "eu-west-1", "aws:userid": "AROAX:worker",
		"aws:principaltag/team": "blue*",
	}
	lists := map[string][]string{"dynamodb:leadingkeys": {"worker", "other"}, "aws:tagkeys": {"a"}}
	for condition, want := range map[string]bool{
		`"StringEquals":{"aws:RequestedRegion":["eu-west-1","eu-west-2"]}`:                                   true,
		`"StringEquals":{"aws:RequestedRegion":"eu-*"}`:                                                      false,
		`"StringNotEquals":{"aws:RequestedRegion":["eu-west-1","eu-west-2"]}`:                                false,
		`"StringEqualsIgnoreCase":{"aws:requestedregion":"EU-WEST-1"}`:                                       true,
		`"StringNotEqualsIgnoreCase":{"aws:requestedregion":"EU-WEST-1"}`:                                    false,
		`"StringLike":{"s3:prefix":["x","home/*"]}`:                                                          true,
		`"StringNotLike":{"s3:prefix":"home/?"}`:                                                             true,
		`"NumericEquals":{"s3:max-keys":"10.0"}`:                                                             true,
		`"NumericNotEquals":{"s3:max-keys":10}`:                                                              false,
		`"NumericLessThan":{"s3:max-keys":"10"}`:                                                             false,
		`"NumericLessThanEquals":{"s3:max-keys":10}`:                                                         true,
		`"NumericGreaterThan":{"s3:max-keys":9}`:                                                             true,
		`"NumericGreaterThanEquals":{"s3:max-keys":11}`:                                                      false,
		`"NumericEquals":{"s3:prefix":"0"}`:                                                                  false,
		`"DateLessThan":{"aws:CurrentTime":"2026-11-21"}`:                                                    true,
		`"DateGreaterThan":{"aws:CurrentTime":"2026-11-20T13:00:00+02:00"}`:                                  true,
		`"DateGreaterThanEquals":{"aws:EpochTime":"1795176000"}`:                                             true,
		`"DateLessThanEquals":{"aws:CurrentTime":1795175999}`:                                                false,
		`"DateEquals":{"aws:EpochTime":"2026-11-20T12:00:00Z"}`:                                              true,
		`"DateNotEquals":{"aws:EpochTime":"2026-11-20T12:00:00Z"}`:                                           false,
		`"Bool":{"aws:SecureTransport":true}`:                                                                true,
		`"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}`:                                               true,
		`"Bool":{"aws:MultiFactorAuthPresent":"true"}`:                                                       false,
		`"Null":{"aws:MultiFactorAuthPresent":true,"aws:UserId":"false"}`:                                    true,
		`"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/team/*"}`:                                        true,
		`"ArnEquals":{"aws:PrincipalArn":"arn:aws:*:role/team/worker"}`:                                      false, // a wildcard ends at a colon
		`"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/team/*"}`:                                     false,
		`"ArnNotEquals":{"aws:PrincipalArn":"arn:aws:iam::222222222222:role/team/worker"}`:                   true,
		`"ArnLike":{"aws:PrincipalArn":"*"}`:                                                                 true,
		`"StringLike":{"s3:prefix":"home/${aws:PrincipalTag/name,'worker'}/*"}`:                              true,
		`"StringLike":{"s3:prefix":"home/${aws:PrincipalTag/name}/*"}`:                                       false,
		`"StringNotLike":{"s3:prefix":"home/${aws:PrincipalTag/name}/*"}`:                                    true,
		`"StringEquals":{"aws:PrincipalTag/team":"blue${*}"}`:                                                true,
		`"StringLike":{"aws:UserId":"AROA${?}:*"}`:                                                           false,
		`"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":["worker","other","third"]}`:                    true,
		`"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":["worker"]}`:                                    false,
		`"ForAllValues:StringEquals":{"aws:Missing":["worker"]}`:                                             true,
		`"ForAnyValue:StringEquals":{"dynamodb:LeadingKeys":["worker"]}`:                                     true,
		`"ForAnyValue:StringEquals":{"aws:Missing":["worker"]}`:                                              false,
		`"ForAnyValue:StringNotEquals":{"dynamodb:LeadingKeys":["worker","other"]}`:                          false,
		`"ForAllValues:StringNotEquals":{"aws:TagKeys":["b"]}`:                                               true,
		`"ForAllValues:StringLikeIfExists":{"aws:TagKeys":["b*"]}`:                                           false,
		`"StringEquals":{"aws:RequestedRegion":"eu-west-1","aws:UserId":"x"}`:                                false,
		`"StringEquals":{"aws:RequestedRegion":"eu-west-1"},"NumericLessThan":{"s3:max-keys":1}`:             false,
		`"StringEquals":{"aws:SourceAccount":"111111111111"}`:                                                false,
		`"BinaryEquals":{"aws:UserId":"AROAX:worker"}`:                                                       true,
		`"IpAddress":{"aws:SourceIp":"127.0.0.1"}`:                                                           false,
		`"StringNotEqualsIfExists":{"aws:Missing":"x"}`:                                                      true,
		`"NumericNotLessThan":{"s3:max-keys":1}`:                                                             false, // no such operator
		`"NotBool":{"aws:SecureTransport":"false"}`:                                                          false,
		`"stringequals":{"aws:RequestedRegion":"eu-west-1"}`:                                                 false,
		`"ForSomeValues:StringEquals":{"aws:TagKeys":"a"}`:                                                   false,
		`"NullIfExists":{"aws:Missing":"true"}`:                                                              false,
		`"DateLessThan":{"aws:CurrentTime":"the day after tomorrow"}`:                                        false,
		`"DateGreaterThan":{"aws:CurrentTime":"2025"},"Null":{"aws:CurrentTime":"false"}`:                    true,
		`"StringEquals":{"aws:PrincipalTag/team":"${aws:PrincipalTag/team}"}`:                                true,
		`"StringLike":{"aws:PrincipalTag/team":"${aws:PrincipalTag/team}"}`:                                  true,
		`"StringLike":{"aws:RequestedRegion":"${"}`:                                                          false,
		`"StringLike":{"aws:RequestedRegion":"${aws:RequestedRegion}"}`:                                      true,
		`"ForAnyValue:StringEquals":{"aws:RequestedRegion":"eu-west-1"}`:                                     true,
		`"StringEquals":{"aws:TagKeys":"a"},"ForAllValues:StringEqualsIgnoreCase":{"aws:TagKeys":["A","B"]}`: true,
	} {
		doc := parse(t, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{`+condition+`}}}`)
		if got := doc.Allows(policy.Request{Action: "s3:ListBucket", Context: context, Lists: lists}); got != want {
			t.Errorf("%s: got %v, want %v", condition, got, want)
		}
	}
}

func parse(t *testing.T, document string) policy.Document {
	t.Helper()
	doc, err := policy.Parse([]byte(document))
	if err != nil {
		t.Fatalf("%s: %v", document, err)
	}
	return doc
}

// An operator that does not exist allows nothing, denies what the statement is
// about, and is named.
func TestUnknownOperator(t *testing.T) {
	t.Parallel()
	const odd = `"Action":"s3:*","Resource":"*","Condition":{"StringResembles":{"aws:UserId":"x"}}`
	for statements, want := range map[string]policy.Decision{
		`{"Effect":"Allow",` + odd + `}`:                                                {Effect: policy.Silent, Fault: "StringResembles"},
		`{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny",` + odd + `}`:  {Effect: policy.Denied, Fault: "StringResembles"},
		`{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Allow",` + odd + `}`: {Effect: policy.Allowed, Fault: "StringResembles"},
	} {
		doc := parse(t, `{"Version":"2012-10-17","Statement":[`+statements+`]}`)
		if got := doc.Decide(&policy.Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k"}); got != want {
			t.Errorf("%s: got %+v, want %+v", statements, got, want)
		}
		if got := doc.UnknownOperators(); len(got) != 1 || got[0] != "StringResembles" {
			t.Errorf("%s: unknown operators %q", statements, got)
		}
	}
}

func TestVariablesInResources(t *testing.T) {
	t.Parallel()
	q := policy.Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/home/a*b/k", Context: map[string]string{"aws:principaltag/name": "a*b"}}
	for document, want := range map[string]bool{
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/home/${aws:PrincipalTag/name}/*"}}`:          true,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/home/${aws:username}/*"}}`:                   false,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/home/${aws:username, 'a*b'}/*"}}`:            true,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/home/a${*}b/k"}}`:                            true,
		`{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/home/${aws:PrincipalTag/name}/*"}}`:          false,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::b/home/${aws:PrincipalTag/name}/*"}}`:       false,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":"s3:Get*","Resource":"*"}}`:                                              false,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":["sqs:*","s3:GetObjectAcl"],"NotResource":["arn:aws:s3:::c/*"]}}`:        true,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","NotAction":"s3:*","Resource":"*"}]}`: true,
	} {
		if got := parse(t, document).Allows(q); got != want {
			t.Errorf("%s: got %v, want %v", document, got, want)
		}
	}
	// A value with a wildcard fits itself only.
	doc := parse(t, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/home/${aws:PrincipalTag/name}/*"}}`)
	q.Resource = "arn:aws:s3:::b/home/axb/k"
	if doc.Allows(q) {
		t.Error("the value a*b of a variable must not match axb")
	}
}

// The IAM User Guide, "AWS JSON policy elements: Principal".
func TestPrincipals(t *testing.T) {
	t.Parallel()
	const session, role = "arn:aws:sts::111111111111:assumed-role/worker/me", "arn:aws:iam::111111111111:role/team/worker"
	for principal, want := range map[string]struct{ own, other policy.Decision }{
		`"*"`:                                      {policy.Decision{Effect: policy.Allowed}, policy.Decision{Effect: policy.Allowed}},
		`{"AWS":"` + role + `"}`:                   {policy.Decision{Effect: policy.Allowed}, policy.Decision{Effect: policy.Allowed}},
		`{"AWS":"` + session + `"}`:                {policy.Decision{Effect: policy.Allowed, Session: true}, policy.Decision{Effect: policy.Allowed, Session: true}},
		`{"AWS":"111111111111"}`:                   {policy.Decision{}, policy.Decision{Effect: policy.Allowed}},
		`{"AWS":"222222222222"}`:                   {policy.Decision{}, policy.Decision{}},
		`{"Service":"` + role + `"}`:               {policy.Decision{}, policy.Decision{}},
		`{"AWS":"arn:aws:iam::111111111111:root"}`: {policy.Decision{}, policy.Decision{Effect: policy.Allowed}},
	} {
		doc := parse(t, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":`+principal+`,"Action":"*","Resource":"*"}}`)
		q := policy.Request{PrincipalType: "AWS", Principal: session, Role: role, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Own: true}
		if got := doc.Decide(&q); got != want.own {
			t.Errorf("%s in its own account: got %+v, want %+v", principal, got, want.own)
		}
		q.Own = false
		if got := doc.Decide(&q); got != want.other {
			t.Errorf("%s in another account: got %+v, want %+v", principal, got, want.other)
		}
	}
	// A Deny that names the account is about all of its identities.
	doc := parse(t, `{"Statement":{"Effect":"Deny","Principal":{"AWS":"111111111111"},"Action":"*","Resource":"*"}}`)
	if got := doc.Decide(&policy.Request{PrincipalType: "AWS", Principal: session, Role: role, Action: "s3:GetObject", Own: true}); got.Effect != policy.Denied {
		t.Errorf("got %+v, want a denial", got)
	}
}

// Anywhere asks for an action whose resource is not known.
func TestAnywhere(t *testing.T) {
	t.Parallel()
	for statements, want := range map[string]policy.Effect{
		`{"Effect":"Allow","Action":"ses:SendEmail","Resource":"arn:aws:ses:*:*:identity/x"}`:                                   policy.Allowed,
		`{"Effect":"Allow","Action":"ses:SendRaw*","Resource":"*"}`:                                                             policy.Silent,
		`{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"arn:aws:ses:*:*:identity/x"}`: policy.Allowed,
		`{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"ses:*","Resource":"*"}`:                      policy.Denied,
	} {
		if got := parse(t, `{"Statement":[`+statements+`]}`).Decide(&policy.Request{Action: "ses:SendEmail", Anywhere: true}).Effect; got != want {
			t.Errorf("%s: got %v, want %v", statements, got, want)
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	doc, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":"arn:aws:logs:us-east-1:111111111111:log-group:/aws/lambda/f:*"},
		{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::b/${aws:PrincipalTag/team}/*"},
		{"Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:PutItem","dynamodb:Query"],"Resource":["arn:aws:dynamodb:us-east-1:111111111111:table/t","arn:aws:dynamodb:us-east-1:111111111111:table/t/*"]},
		{"Effect":"Allow","Action":"sqs:*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}}]}`))
	if err != nil {
		b.Fatal(err)
	}
	q := policy.Request{Action: "sqs:SendMessage", Resource: "arn:aws:sqs:us-east-1:111111111111:jobs", Context: map[string]string{"aws:requestedregion": "us-east-1"}}
	b.ReportAllocs()
	for b.Loop() {
		if doc.Decide(&q).Effect != policy.Allowed {
			b.Fatal("denied")
		}
	}
}
