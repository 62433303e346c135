// SPDX-License-Identifier: MIT

package policy_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/internal/localaws/policy"
)

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]string{
		``:                       "first byte must be '{'",
		`"x"`:                    "first byte must be '{'",
		`{}`:                     "no Statement",
		`{"Statement":[]} {}`:    "goes on",
		`{"Statement":[],"X":1}`: "X",
		`{"Version":"2020-01-01","Statement":[]}`:                                          "version",
		`{"Statement":{"Effect":"allow","Action":"*"}}`:                                    "Effect",
		`{"Statement":{"Effect":"Allow"}}`:                                                 "Action",
		`{"Statement":{"Effect":"Allow","Action":"*","NotAction":"*"}}`:                    "Action",
		`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","NotResource":"*"}}`:   "NotResource",
		`{"Statement":{"Effect":"Allow","Action":"*","Principal":"*","NotPrincipal":"*"}}`: "NotPrincipal",
		`{"Statement":{"Effect":"Allow","Action":"*","Principal":"me"}}`:                   "Principal",
		`{"Statement":{"Effect":"Allow","Action":"*","Principal":{"User":"me"}}}`:          "User",
		`{"Statement":{"Effect":"Allow","Action":{"a":1}}}`:                                "neither text",
		`{"Statement":[{"Effect":"Allow","Action":"*"},7]}`:                                "statement 2",
	} {
		if _, err := policy.Parse([]byte(document)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", document, err, want)
		}
	}
}

func TestAllows(t *testing.T) {
	t.Parallel()
	const head = `{"Version":"2012-10-17","Statement":[`
	const read = `{"Effect":"Allow","Principal":"*","Action":"s3:Get*","Resource":"arn:aws:s3:::b/*"`
	question := policy.Request{PrincipalType: "AWS", Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Context: map[string]string{"aws:sourceip": "127.0.0.1", "aws:securetransport": "true"}}
	for name, test := range map[string]struct {
		statements string
		want       bool
	}{
		"plain":                  {read + `}`, true},
		"principal of accounts":  {strings.Replace(read, `"*"`, `{"AWS":"*"}`, 1) + `}`, true},
		"one account":            {strings.Replace(read, `"*"`, `{"AWS":"111111111111"}`, 1) + `}`, false},
		"other action":           {strings.Replace(read, "Get*", "Put*", 1) + `}`, false},
		"action in another case": {strings.Replace(read, "s3:Get*", "S3:getobject", 1) + `}`, true},
		"other resource":         {strings.Replace(read, "b/*", "c/*", 1) + `}`, false},
		"not action":             {`{"Effect":"Allow","Principal":"*","NotAction":"s3:Put*","Resource":"*"}`, true},
		"not resource":           {`{"Effect":"Allow","Principal":"*","Action":"*","NotResource":"arn:aws:s3:::b/k"}`, false},
		"not principal":          {`{"Effect":"Allow","NotPrincipal":{"AWS":"111111111111"},"Action":"*","Resource":"*"}`, true},
		"denied":                 {read + `},{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}`, false},
		"denied without TLS":     {read + `},{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":false}}}`, true},
		"address":                {read + `,"Condition":{"IpAddress":{"aws:SourceIp":["10.0.0.0/8","127.0.0.0/8"]}}}`, true},
		"other address":          {read + `,"Condition":{"NotIpAddress":{"aws:SourceIp":"127.0.0.1"}}}`, false},
		"missing key":            {read + `,"Condition":{"StringLike":{"aws:Referer":"x"}}}`, false},
		"missing key, negated":   {read + `,"Condition":{"StringNotLike":{"aws:Referer":"x"}}}`, true},
		"missing key, if exists": {read + `,"Condition":{"StringLikeIfExists":{"aws:Referer":"x"}}}`, true},
		"null":                   {read + `,"Condition":{"Null":{"aws:Referer":"true"}}}`, true},
		"not null":               {read + `,"Condition":{"Null":{"aws:Referer":"false"}}}`, false},
		"unmodelled, allow":      {read + `,"Condition":{"StringResembles":{"aws:SourceIp":"127.0.0.1"}}}`, false},
		"unmodelled, deny":       {read + `},{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"StringResembles":{"aws:SourceIp":"127.0.0.1"}}}`, false},
	} {
		doc, err := policy.Parse([]byte(head + test.statements + `]}`))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := doc.Allows(question); got != test.want {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

// The S3 User Guide, "The meaning of public".
func TestPublic(t *testing.T) {
	t.Parallel()
	for condition, want := range map[string]bool{
		`{}`: true,
		`{"StringEquals":{"aws:SourceVpc":"vpc-1"}}`:                   false,
		`{"StringLike":{"aws:SourceVpc":"vpc-*"}}`:                     true,
		`{"StringNotEquals":{"aws:SourceVpc":"vpc-1"}}`:                true,
		`{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`:                  false,
		`{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}`:                   true,
		`{"StringEquals":{"aws:Referer":"x"}}`:                         true,
		`{"ArnLike":{"AWS:SourceArn":"arn:aws:cloudfront::1:dist/X"}}`: false,
	} {
		doc, err := policy.Parse([]byte(`{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":` + condition + `}}`))
		if err != nil {
			t.Fatal(err)
		}
		if got := doc.Public(); got != want {
			t.Errorf("%s: got %v, want %v", condition, got, want)
		}
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"*", "", true}, {"a*c", "abbc", true}, {"a*c", "abb", false}, {"a?c", "abc", true}, {"a?c", "ac", false},
		{"*a*b*", "xxaxxbxx", true}, {"**", "x", true}, {"a", "ab", false}, {"*ab", "aab", true},
	} {
		if got := policy.Match(test.pattern, test.text); got != test.want {
			t.Errorf("%q %q: got %v", test.pattern, test.text, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":["a","b"],"Condition":{"Bool":{"k":true}}}}`)
	f.Add(`{"Statement":[{"Effect":"Deny","NotPrincipal":{"AWS":["1"]},"NotAction":"x"}]}`)
	f.Add(`{"Statement":[null]}`)
	f.Fuzz(func(t *testing.T, text string) {
		doc, err := policy.Parse([]byte(text))
		if err != nil {
			return
		}
		if !json.Valid([]byte(text)) {
			t.Error("accepted what is no JSON")
		}
		doc.Public()
		doc.Allows(policy.Request{PrincipalType: "AWS", Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k"})
	})
}
