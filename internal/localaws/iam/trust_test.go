// SPDX-License-Identifier: MIT

package iam_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
)

// A service that says for what it assumes a role is held to the conditions on
// that and on its account.
func TestAssumableFor(t *testing.T) {
	t.Parallel()
	s, client, _ := open(t, t.TempDir())
	const service, source = "codedeploy.amazonaws.com", "arn:aws:codedeploy:us-east-1:111111111111:deploymentgroup:app/group"
	for name, test := range map[string]struct{ condition, want string }{
		"none":          {`{}`, ""},
		"account":       {`{"StringEquals":{"aws:SourceAccount":"111111111111"}}`, ""},
		"other-account": {`{"StringEquals":{"aws:SourceAccount":"222222222222"}}`, "AccessDenied"},
		"source":        {`{"ArnEquals":{"aws:SourceArn":"` + source + `"}}`, ""},
		"sources":       {`{"ArnLike":{"aws:SourceArn":"arn:aws:codedeploy:us-east-1:111111111111:deploymentgroup:app/*"}}`, ""},
		"other-source":  {`{"ArnLike":{"aws:SourceArn":"arn:aws:codedeploy:us-east-1:111111111111:deploymentgroup:other/*"}}`, "AccessDenied"},
		"both":          {`{"StringEquals":{"aws:SourceAccount":"111111111111"},"ArnLike":{"aws:SourceArn":"arn:aws:codedeploy:*:222222222222:*"}}`, "AccessDenied"},
		"another-key":   {`{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`, "AccessDenied"},
	} {
		out, err := client.CreateRole(t.Context(), &sdk.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` + service + `"},"Action":"sts:AssumeRole","Condition":` + test.condition + `}]}`)})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := codeOf(s.AssumableFor(scope, aws.ToString(out.Role.Arn), service, source)); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}
