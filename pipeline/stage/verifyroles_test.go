// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/pipeline"
)

// trusting is a trust policy for a service.
func trusting(service string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":%q},"Action":"sts:AssumeRole"}]}`, service)
}

func roleService(t *testing.T, role string) pipeline.Result[Project] {
	return projectOf(service(t, "serviceName: orders\nfunctions:\n  one:\n    handler: ./h.One\n    role: "+role+
		"\n  two:\n    handler: ./h.Two\n    role: "+role+"\n  own:\n    handler: ./h.Own\n  other:\n    handler: ./h.Other\n    role: !ImportValue role\n"))
}

func TestVerifyRoles(t *testing.T) {
	t.Parallel()
	session := sessionAt(endpoint(t), homeAccount, homeRegion)
	for name, service := range map[string]string{"good": "lambda.amazonaws.com", "deep": "lambda.amazonaws.com", "machine": "ec2.amazonaws.com"} {
		in := &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(trusting(service))}
		if name == "deep" {
			in.Path = aws.String("/teams/orders/")
		}
		if _, err := session.Clients.IAM.CreateRole(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name, role string
		want       string // ARN
		says, hint string
	}{
		{name: "by name", role: "good", want: "arn:aws:iam::000000000000:role/good"},
		{name: "by ARN", role: "arn:aws:iam::000000000000:role/good", want: "arn:aws:iam::000000000000:role/good"},
		{name: "with a path", role: "arn:aws:iam::000000000000:role/teams/orders/deep", want: "arn:aws:iam::000000000000:role/teams/orders/deep"},
		{name: "with another path", role: "arn:aws:iam::000000000000:role/deep", says: "the role of that name is arn:aws:iam::000000000000:role/teams/orders/deep"},
		{name: "missing", role: "nobody", says: `role "nobody" does not exist in account 000000000000`, hint: "leave `role` out"},
		{name: "not assumable", role: "machine", says: `role "machine" can't be assumed by Lambda`, hint: "lambda.amazonaws.com"},
		{
			name: "of another account", role: "arn:aws:iam::111122223333:role/good",
			says: "belongs to account 111122223333, but the service goes to account 000000000000", hint: "create the role in account 000000000000",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			v := &VerifyRoles{Project: roleService(t, test.role), Session: pipeline.Known(session)}
			roles, err := v.Run(t.Context())
			if test.says == "" {
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(Roles{test.role: test.want}, roles); diff != "" {
					t.Error(diff)
				}
				return
			}
			found, ok := errors.AsType[*diag.Fault](err)
			if !ok || len(found.Problems) != 2 { // both uses are told
				t.Fatalf("got %v, want a fault with two problems", err)
			}
			for i, line := range []int{5, 8} {
				p := found.Problems[i]
				if p.Position.Line != line || !strings.Contains(p.Message, test.says) || !strings.Contains(p.Hint, test.hint) {
					t.Errorf("got %v (hint %q), want line %d with %q and hint %q", p, p.Hint, line, test.says, test.hint)
				}
			}
		})
	}
}

// roleDouble answers with one document or error and counts its calls.
type roleDouble struct {
	document string
	err      error
	calls    atomic.Int32
}

func (r *roleDouble) GetRole(ctx context.Context, in *iam.GetRoleInput, _ ...func(*iam.Options)) (*iam.GetRoleOutput, error) {
	r.calls.Add(1)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if r.err != nil {
		return nil, r.err
	}
	arn := "arn:aws:iam::" + homeAccount + ":role/" + *in.RoleName
	return &iam.GetRoleOutput{Role: &types.Role{Arn: &arn, AssumeRolePolicyDocument: &r.document}}, nil
}

func TestVerifyRolesAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		double *roleDouble
		says   string
	}{
		{"URL encoding", &roleDouble{document: url.QueryEscape(trusting("lambda.amazonaws.com"))}, ""},
		{"no JSON", &roleDouble{document: "%7B"}, "read its trust policy"},
		{"not permitted", &roleDouble{err: errors.New("access denied")}, `get role "good": access denied`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			v := &VerifyRoles{
				Project: roleService(t, "good"), Session: pipeline.Known(Session{Account: homeAccount}),
				IAM: func(Session) roleGetter { return test.double },
			}
			_, err := v.Run(t.Context())
			if test.double.calls.Load() != 1 {
				t.Errorf("%d calls for one role, want 1", test.double.calls.Load())
			}
			if test.says == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantError(t, err, test.says)
		})
	}
	t.Run("interrupted", func(t *testing.T) {
		t.Parallel()
		interrupted := errors.New("interrupted")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(interrupted)
		v := &VerifyRoles{Project: roleService(t, "good"), Session: pipeline.Known(Session{}), IAM: func(Session) roleGetter { return &roleDouble{} }}
		if _, err := v.Run(ctx); !errors.Is(err, interrupted) {
			t.Errorf("got %v", err)
		}
	})
}
