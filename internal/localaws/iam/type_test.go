// SPDX-License-Identifier: MIT

package iam_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

func request(properties, old map[string]any) resource.Request {
	return resource.Request{
		Scope: scope, LogicalID: "Role", Properties: properties, OldProperties: old, Tags: map[string]string{"aws:cloudformation:stack-name": "s"},
		DefaultName: func(most int) string { return "Stack-Role-ABC"[:min(most, 14)] },
	}
}

func statement(action string) map[string]any {
	return map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{"Effect": "Allow", "Action": action, "Resource": "*"}}}
}

// The page AWS::IAM::Role: create, update and delete with policies; a policy
// from elsewhere stays on update and hinders delete.
func TestRoleType(t *testing.T) {
	t.Parallel()
	s, client, _ := open(t, t.TempDir())
	kind := s.ResourceTypes()["AWS::IAM::Role"]
	first := map[string]any{
		"AssumeRolePolicyDocument": trust, "ManagedPolicyArns": []any{basic},
		"Policies": []any{map[string]any{"PolicyName": "a", "PolicyDocument": statement("s3:Get*")}},
	}
	if faults := kind.Check(first); len(faults) > 0 {
		t.Fatalf("got faults %q", faults)
	}
	made, err := kind.Create(t.Context(), request(first, nil))
	if err != nil || made.PhysicalID != "Stack-Role-ABC" || made.Attributes["Arn"] != "arn:aws:iam::111111111111:role/Stack-Role-ABC" {
		t.Fatalf("got %+v, error %v", made, err)
	}
	second := map[string]any{"AssumeRolePolicyDocument": trust, "Policies": []any{map[string]any{"PolicyName": "b", "PolicyDocument": statement("s3:Put*")}}}
	if _, err := client.PutRolePolicy(t.Context(), &sdk.PutRolePolicyInput{RoleName: &made.PhysicalID, PolicyName: aws.String("foreign"), PolicyDocument: aws.String(allow)}); err != nil {
		t.Fatal(err)
	}
	if _, err := kind.Update(t.Context(), made, request(second, first)); err != nil {
		t.Fatal(err)
	}
	inline, err := client.ListRolePolicies(t.Context(), &sdk.ListRolePoliciesInput{RoleName: &made.PhysicalID})
	if err != nil || strings.Join(inline.PolicyNames, " ") != "b foreign" {
		t.Errorf("got %v, error %v", inline, err)
	}
	attached, err := client.ListAttachedRolePolicies(t.Context(), &sdk.ListAttachedRolePoliciesInput{RoleName: &made.PhysicalID})
	if err != nil || len(attached.AttachedPolicies) != 0 {
		t.Errorf("got %v, error %v", attached, err)
	}
	if err := kind.Delete(t.Context(), made, request(second, nil)); err == nil || !strings.HasPrefix(err.Error(), "Cannot delete entity, must delete policies first. (Service: Iam, Status Code: 409") {
		t.Errorf("got %v", err)
	}
	if _, err := client.DeleteRolePolicy(t.Context(), &sdk.DeleteRolePolicyInput{RoleName: &made.PhysicalID, PolicyName: aws.String("foreign")}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := kind.Delete(t.Context(), made, request(second, nil)); err != nil {
			t.Error(err)
		}
	}
	bad := map[string]any{"AssumeRolePolicyDocument": trust, "ManagedPolicyArns": []any{"arn:aws:iam::111111111111:policy/none"}}
	if _, err := kind.Create(t.Context(), request(bad, nil)); err == nil {
		t.Error("a policy that does not exist was attached")
	}
	if _, err := client.GetRole(t.Context(), &sdk.GetRoleInput{RoleName: &made.PhysicalID}); err == nil {
		t.Error("a create that failed left its role behind")
	}
	if !kind.Replaces(map[string]any{"RoleName": "a"}, map[string]any{"RoleName": "b"}) || kind.Replaces(first, second) {
		t.Error("only name and path need a replacement")
	}
	if faults := kind.Check(map[string]any{"Statement": 1}); len(faults) != 2 {
		t.Errorf("got %q", faults)
	}
}

// The pages AWS::IAM::Policy and AWS::IAM::ManagedPolicy: they follow their
// lists of roles.
func TestPolicyTypes(t *testing.T) {
	t.Parallel()
	s, client, _ := open(t, t.TempDir())
	create(t, client, "one")
	create(t, client, "two")
	inlineOf := func(role string) string {
		t.Helper()
		out, err := client.ListRolePolicies(t.Context(), &sdk.ListRolePoliciesInput{RoleName: &role})
		if err != nil {
			t.Fatal(err)
		}
		attached, err := client.ListAttachedRolePolicies(t.Context(), &sdk.ListAttachedRolePoliciesInput{RoleName: &role})
		if err != nil {
			t.Fatal(err)
		}
		names := out.PolicyNames
		for _, p := range attached.AttachedPolicies {
			names = append(names, "+"+aws.ToString(p.PolicyName))
		}
		return strings.Join(names, " ")
	}
	check := func(step, one, two string) {
		t.Helper()
		if got := inlineOf("one") + "/" + inlineOf("two"); got != one+"/"+two {
			t.Errorf("%s: got %s, want %s/%s", step, got, one, two)
		}
	}
	for typeName, shown := range map[string]string{"AWS::IAM::Policy": "p", "AWS::IAM::ManagedPolicy": "+p"} {
		kind := s.ResourceTypes()[typeName]
		properties := func(roles ...any) map[string]any {
			p := map[string]any{"PolicyDocument": statement("s3:*"), "Roles": roles}
			if typeName == "AWS::IAM::Policy" {
				p["PolicyName"] = "p"
			} else {
				p["ManagedPolicyName"] = "p"
			}
			return p
		}
		made, err := kind.Create(t.Context(), request(properties("one"), nil))
		if err != nil {
			t.Fatal(err)
		}
		check("create "+typeName, shown, "")
		if _, err := kind.Update(t.Context(), made, request(properties("two"), properties("one"))); err != nil {
			t.Fatal(err)
		}
		check("update "+typeName, "", shown)
		if err := kind.Delete(t.Context(), made, request(properties("two"), nil)); err != nil {
			t.Fatal(err)
		}
		check("delete "+typeName, "", "")
		if _, err := kind.Create(t.Context(), request(properties("one", "none"), nil)); err == nil {
			t.Errorf("%s: a role that does not exist was accepted", typeName)
		}
		check("failed create "+typeName, "", "")
		if faults := kind.Check(map[string]any{"PolicyDocument": map[string]any{}, "PolicyName": "p", "ManagedPolicyName": "p", "Users": []any{"u"}}); len(faults) == 0 {
			t.Errorf("%s: users are not modelled", typeName)
		}
	}
}
