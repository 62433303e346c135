// SPDX-License-Identifier: MIT

package flow_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/sparta-up/sparta/internal/awsclient"
	"github.com/sparta-up/sparta/pipeline/stage"
)

// TestDeployerOfStaticRoles: a role that is not the service's, given by its name
// although its ARN has a path, is looked at and handed on; and neither goes
// without the right.
func TestDeployerOfStaticRoles(t *testing.T) {
	t.Parallel()
	m := newModule(t)
	m.edit("sparta.yaml", "other: {handler", "other: {role: auditor, handler")
	w := local(t, m.file())
	admin := awsclient.Local(w.endpoint, account, region)
	_, err := iam.NewFromConfig(admin).CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("auditor"), Path: aws.String("/teams/"), AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	deployer, whole := newIdentity(t, admin, "deployer"), permissions(t, m.file()).Deployer
	w.traffic.as(t, w, deployer)
	tried := 0
	for _, left := range withoutStatement(whole) {
		if !strings.HasPrefix(left.action, "iam:") || !strings.Contains(left.name, "auditor") {
			continue
		}
		tried++
		deployer.may("deployer", left.policy)
		if _, err := w.up(); err == nil || !strings.Contains(err.Error(), left.action+" on resource: arn:aws:iam::"+account+":role/teams/auditor") {
			t.Errorf("without %s: %v", left.name, err)
		}
	}
	if tried != 2 {
		t.Errorf("took %d statements away, want iam:GetRole and iam:PassRole", tried)
	}
	deployer.may("deployer", whole)
	w.mustUp(stage.Created)
	w.takeDown()
}

// TestDeployerReadsFindings: who deploys is told what the early validation found.
func TestDeployerReadsFindings(t *testing.T) {
	t.Parallel()
	m := newModule(t, "resources: {Wrong: {Type: \"AWS::SQS::Queue\", Properties: {NoSuchThing: 1}}}\n")
	w := local(t, m.file())
	deployer := newIdentity(t, awsclient.Local(w.endpoint, account, region), "deployer")
	deployer.may("deployer", permissions(t, m.file()).Deployer)
	w.traffic.as(t, w, deployer)
	if _, err := w.up(); err == nil || !strings.Contains(err.Error(), "NoSuchThing") {
		t.Errorf("got %v", err)
	}
	if _, err := w.up(); err == nil || !strings.Contains(err.Error(), "NoSuchThing") { // the change set and the empty stack are gone
		t.Errorf("again: %v", err)
	}
}
