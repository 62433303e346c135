// SPDX-License-Identifier: MIT

package cloudformation

import (
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// stackType is the resource type of events about the stack itself.
const stackType = "AWS::CloudFormation::Stack"

// maxEvents is how many events a stack keeps; the oldest go first. The largest
// stack, rolled back, makes about half of it.
const maxEvents = 5000

// event is one entry of a stack's history.
type event struct {
	ID         string
	LogicalID  string
	PhysicalID string `json:",omitempty"`
	Type       string
	Status     string
	Reason     string `json:",omitempty"`
	Token      string `json:",omitempty"` // ClientRequestToken of the operation
	Operation  string `json:",omitempty"` // OperationId
	Time       time.Time
}

// failed reports whether the event tells of a failure.
func (e *event) failed() bool { return strings.HasSuffix(e.Status, "_FAILED") }

// addEvent adds an event at the end of the history.
func (s *Service) addEvent(st *stack, e *event) {
	e.Time = s.now()
	if n := len(st.Events); n > 0 && !e.Time.After(st.Events[n-1].Time) {
		e.Time = st.Events[n-1].Time.Add(1) // times order the history, even if the clock stands still
	}
	if e.Type == stackType {
		e.ID = wire.RequestID()
	} else {
		e.ID = e.LogicalID + "-" + e.Status + "-" + e.Time.Format("2006-01-02T15:04:05.000000000Z")
	}
	if len(st.Events) >= maxEvents {
		st.Events = append(st.Events[:0], st.Events[maxEvents/10:]...)
	}
	st.Events = append(st.Events, e)
	s.changed()
}

// setStack moves a stack to a status and tells so.
func (s *Service) setStack(st *stack, op *operation, status, reason string) {
	st.Status, st.Reason = status, reason
	if !st.inProgress() {
		st.executed()
	}
	s.addEvent(st, &event{
		LogicalID: st.Name, PhysicalID: st.ID, Type: stackType, Status: status, Reason: reason,
		Token: op.token, Operation: op.id,
	})
}

// setRecord moves a resource to a status and tells so.
func (s *Service) setRecord(st *stack, op *operation, r *record, status, reason string) {
	r.Status, r.Reason, r.Changed = status, reason, s.now()
	s.tell(st, op, r, status, reason)
}

// tell tells of a resource without changing its status.
func (s *Service) tell(st *stack, op *operation, r *record, status, reason string) {
	s.addEvent(st, &event{
		LogicalID: r.LogicalID, PhysicalID: r.PhysicalID, Type: r.Type, Status: status, Reason: reason,
		Token: op.token, Operation: op.id,
	})
}
