// SPDX-License-Identifier: MIT

package stage

import "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

// step is what Sparta does with a stack in a certain state.
type step int

const (
	stepCreate   step = iota // make the stack anew
	stepUpdate               // change the stack
	stepRecreate             // nothing lives in the stack: delete it, then create it
	stepRecover              // finish the rollback that got stuck, then go on
	stepRevert               // roll the failed update back, then go on
	stepWait                 // CloudFormation is about to finish: wait, then look again
	stepBusy                 // somebody else's operation is under way: refuse
	stepRefuse               // only a person can decide: refuse with advice
	stepDelete               // delete the stack
	stepNothing              // there is nothing to do
)

// transition says what up and down do with a stack in one state. A row for
// every state that CloudFormation knows; why each is so is in the User Guide,
// "Stack status codes", and in the API reference of the call that is made.
type transition struct {
	up, down step
	advice   string // for stepRefuse
}

var transitions = map[types.StackStatus]transition{
	"":                                {up: stepCreate, down: stepNothing}, // no stack
	types.StackStatusDeleteComplete:   {up: stepCreate, down: stepNothing},
	types.StackStatusReviewInProgress: {up: stepCreate, down: stepDelete}, // a change set was never executed

	types.StackStatusCreateComplete:         {up: stepUpdate, down: stepDelete},
	types.StackStatusUpdateComplete:         {up: stepUpdate, down: stepDelete},
	types.StackStatusUpdateRollbackComplete: {up: stepUpdate, down: stepDelete},
	types.StackStatusImportComplete:         {up: stepUpdate, down: stepDelete},
	types.StackStatusImportRollbackComplete: {up: stepUpdate, down: stepDelete},

	types.StackStatusRollbackComplete: {up: stepRecreate, down: stepDelete},
	types.StackStatusRollbackFailed:   {up: stepRecreate, down: stepDelete},
	types.StackStatusCreateFailed:     {up: stepRecreate, down: stepDelete},
	types.StackStatusDeleteFailed:     {up: stepRecreate, down: stepDelete},

	types.StackStatusUpdateFailed:         {up: stepRevert, down: stepDelete},
	types.StackStatusUpdateRollbackFailed: {up: stepRecover, down: stepDelete},

	types.StackStatusCreateInProgress:                        {up: stepBusy, down: stepBusy},
	types.StackStatusUpdateInProgress:                        {up: stepBusy, down: stepBusy},
	types.StackStatusImportInProgress:                        {up: stepBusy, down: stepBusy},
	types.StackStatusUpdateCompleteCleanupInProgress:         {up: stepWait, down: stepWait},
	types.StackStatusUpdateRollbackInProgress:                {up: stepWait, down: stepWait},
	types.StackStatusUpdateRollbackCompleteCleanupInProgress: {up: stepWait, down: stepWait},
	types.StackStatusImportRollbackInProgress:                {up: stepWait, down: stepWait},
	types.StackStatusRollbackInProgress:                      {up: stepWait, down: stepWait},
	types.StackStatusDeleteInProgress:                        {up: stepWait, down: stepWait},

	types.StackStatusImportRollbackFailed: {
		up: stepRefuse, down: stepDelete,
		advice: "continue the rollback in the CloudFormation console, or take the service away with `sparta down`",
	},
}

// transitionOf returns the row of a state. A state that this version does not
// know is left to a person.
func transitionOf(status types.StackStatus) transition {
	if t, ok := transitions[status]; ok {
		return t
	}
	refuse := transition{up: stepRefuse, down: stepRefuse, advice: "look at the stack in the CloudFormation console; this version of Sparta doesn't know its state"}
	return refuse
}

// isMoving reports whether CloudFormation is at work on the stack.
func isMoving(status types.StackStatus) bool {
	switch transitionOf(status).down {
	case stepWait, stepBusy:
		return true
	}
	return false
}

// succeeded reports whether a stack in this state runs what was asked for last.
func succeeded(status types.StackStatus) bool {
	switch status {
	case types.StackStatusCreateComplete, types.StackStatusUpdateComplete, types.StackStatusImportComplete,
		types.StackStatusUpdateCompleteCleanupInProgress:
		return true
	}
	return false
}
