// SPDX-License-Identifier: MIT

package stage

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// TestTransitions holds the table against every state that the SDK knows, so
// that a new one is noticed.
func TestTransitions(t *testing.T) {
	t.Parallel()
	for _, status := range types.StackStatus("").Values() {
		if _, ok := transitions[status]; !ok {
			t.Errorf("%s: no row", status)
		}
	}
	tests := []struct {
		status   types.StackStatus
		up, down step
		moving   bool
	}{
		{"", stepCreate, stepNothing, false},
		{types.StackStatusDeleteComplete, stepCreate, stepNothing, false},
		{types.StackStatusReviewInProgress, stepCreate, stepDelete, false},
		{types.StackStatusCreateComplete, stepUpdate, stepDelete, false},
		{types.StackStatusUpdateComplete, stepUpdate, stepDelete, false},
		{types.StackStatusUpdateRollbackComplete, stepUpdate, stepDelete, false},
		{types.StackStatusImportComplete, stepUpdate, stepDelete, false},
		{types.StackStatusImportRollbackComplete, stepUpdate, stepDelete, false},
		{types.StackStatusRollbackComplete, stepRecreate, stepDelete, false},
		{types.StackStatusRollbackFailed, stepRecreate, stepDelete, false},
		{types.StackStatusCreateFailed, stepRecreate, stepDelete, false},
		{types.StackStatusDeleteFailed, stepRecreate, stepDelete, false},
		{types.StackStatusUpdateFailed, stepRevert, stepDelete, false},
		{types.StackStatusUpdateRollbackFailed, stepRecover, stepDelete, false},
		{types.StackStatusImportRollbackFailed, stepRefuse, stepDelete, false},
		{types.StackStatusCreateInProgress, stepBusy, stepBusy, true},
		{types.StackStatusUpdateInProgress, stepBusy, stepBusy, true},
		{types.StackStatusImportInProgress, stepBusy, stepBusy, true},
		{types.StackStatusDeleteInProgress, stepWait, stepWait, true},
		{types.StackStatusRollbackInProgress, stepWait, stepWait, true},
		{types.StackStatusUpdateRollbackInProgress, stepWait, stepWait, true},
		{types.StackStatusUpdateCompleteCleanupInProgress, stepWait, stepWait, true},
		{types.StackStatusUpdateRollbackCompleteCleanupInProgress, stepWait, stepWait, true},
		{types.StackStatusImportRollbackInProgress, stepWait, stepWait, true},
		{"SOMETHING_NEW", stepRefuse, stepRefuse, false},
	}
	for _, test := range tests {
		t.Run(string(test.status), func(t *testing.T) {
			t.Parallel()
			got := transitionOf(test.status)
			if got.up != test.up || got.down != test.down {
				t.Errorf("got up %d, down %d, want %d, %d", got.up, got.down, test.up, test.down)
			}
			if (got.up == stepRefuse || got.down == stepRefuse) && got.advice == "" {
				t.Error("a refusal without advice")
			}
			if isMoving(test.status) != test.moving {
				t.Errorf("moving: got %v, want %v", !test.moving, test.moving)
			}
		})
	}
}
