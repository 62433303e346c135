// SPDX-License-Identifier: MIT

package cloudformation_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

// aliasWith returns an alias with an update policy that refers to the resource A.
func aliasWith(version, group string) string {
	return `{"Type":"AWS::Lambda::Alias","Properties":{"Value":"` + version + `"},"UpdatePolicy":{"CodeDeployLambdaAliasUpdate":{"ApplicationName":{"Ref":"A"},"DeploymentGroupName":"` + group + `"}}}`
}

// An update policy reaches the type on updates, resolved, but neither on the
// creation nor in a rollback, and what it refers to is made before.
func TestUpdatePolicy(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		w.deps.Types["AWS::Lambda::Alias"] = w.cloud
		var seen []any
		fail := false
		w.cloud.on(func(_ context.Context, verb, id string, r resource.Request) error {
			if id != "Live" {
				return nil
			}
			seen = append(seen, verb, r.UpdatePolicy)
			if fail && verb == "update" && r.Properties["Value"] == "3" {
				return errors.New("CodeDeploy deployment d-1 failed: no")
			}
			return nil
		})
		w.create("app", templateOf("Live", aliasWith("1", "g"), "A", thing(``)))
		if diff := cmp.Diff([]string{"create A", "create Live"}, w.cloud.taken()); diff != "" {
			t.Errorf("order (-want +got):\n%s", diff)
		}
		w.update("app", templateOf("Live", aliasWith("2", "g"), "A", thing(``)))
		fail = true
		if st := w.update("app", templateOf("Live", aliasWith("3", "g"), "A", thing(``))); st.StackStatus != types.StackStatusUpdateRollbackComplete {
			t.Errorf("status %s", st.StackStatus)
		}
		policy := map[string]any{"CodeDeployLambdaAliasUpdate": map[string]any{"ApplicationName": "a-1", "DeploymentGroupName": "g"}}
		want := []any{"create", map[string]any(nil), "update", policy, "update", policy, "update", map[string]any(nil)}
		if diff := cmp.Diff(want, seen); diff != "" {
			t.Errorf("what the type saw (-want +got):\n%s", diff)
		}
		w.cloud.taken()
		out := w.changeSet(setOf("c", templateOf("Live", aliasWith("2", "other"), "A", thing(``))))
		if len(out.Changes) != 1 || cmp.Diff([]types.ResourceAttribute{"UpdatePolicy"}, out.Changes[0].ResourceChange.Scope) != "" {
			t.Errorf("change of the policy alone: %+v", out.Changes)
		}
		w.update("app", templateOf("Live", aliasWith("2", "other"), "A", thing(``)))
		if work := w.cloud.taken(); len(work) != 0 {
			t.Errorf("the policy alone led to %v", work)
		}
		out = w.changeSet(setOf("d", templateOf("Live", aliasWith("2", "other"), "A", thing(``))))
		if out.Status != types.ChangeSetStatusFailed {
			t.Errorf("the policy is not kept: %s %s", out.Status, aws.ToString(out.StatusReason))
		}
	})
}
