// SPDX-License-Identifier: MIT

package cloudformation

import (
	"cmp"
	"slices"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// changeSet is a prepared change of a stack.
type changeSet struct {
	ID, Name    string
	Type        string // CREATE or UPDATE
	Description string `json:",omitempty"`
	Status      string // CREATE_PENDING, CREATE_IN_PROGRESS, CREATE_COMPLETE or FAILED
	Reason      string `json:",omitempty"`
	Execution   string // UNAVAILABLE, AVAILABLE, OBSOLETE or EXECUTE_*
	Created     time.Time
	Token       string `json:",omitempty"` // ClientToken
	Operation   string // OperationId of its creation
	Target      revision
	Changes     []change `json:",omitempty"`
	Faults      []fault  `json:",omitempty"`
	Finished    time.Time

	OnStackFailure  string `json:",omitempty"`
	DisableRollback *bool  `json:",omitempty"` // of DeploymentConfig
	NoValidation    bool   `json:",omitempty"`
}

// noChanges is the status reason of a change set that changes nothing. Clients
// test for it.
const noChanges = "The submitted information didn't contain changes. Submit different information to create a change set."

// settle ends the creation or execution of a change set that nobody works on.
func (c *changeSet) settle() {
	if c.Status == "CREATE_PENDING" || c.Status == "CREATE_IN_PROGRESS" {
		c.Status, c.Execution, c.Reason = "FAILED", "UNAVAILABLE", interrupted
	}
	if c.Execution == "EXECUTE_IN_PROGRESS" {
		c.Execution = "EXECUTE_FAILED"
	}
}

// addChangeSet enters a change set and works it out in the background.
func (s *Service) addChangeSet(st *stack, c *changeSet, m *model) error {
	if s.closed {
		return wire.Errorf(503, "ServiceUnavailable", "the embedded AWS is shutting down")
	}
	if st.Changes == nil {
		st.Changes = map[string]*changeSet{}
	}
	op := s.newOperation(st, "CREATE_CHANGESET", "")
	c.ID = st.Scope.Regional("cloudformation", "changeSet/"+c.Name+"/"+wire.RequestID())
	c.Status, c.Execution, c.Created, c.Operation = "CREATE_PENDING", "UNAVAILABLE", s.now(), op.id
	st.Changes[c.ID] = c
	s.changed()
	s.inFlight.Go(func() {
		s.mu.Lock()
		c.Status = "CREATE_IN_PROGRESS"
		s.mu.Unlock()
		faults := s.validate(m, !c.NoValidation)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.workOut(st, c, m, faults)
	})
	return nil
}

// workOut finds what a change set changes.
func (s *Service) workOut(st *stack, c *changeSet, m *model, faults []fault) {
	defer s.changed()
	c.Finished = s.now()
	fail := func(reason string) { c.Status, c.Reason = "FAILED", reason }
	if len(faults) > 0 {
		c.Faults = faults
		fail(faultReason(faults))
		return
	}
	changes, changed, err := s.plan(st, m)
	switch {
	case err != nil:
		fail(message(err))
	case !changed:
		fail(noChanges)
	default:
		c.Changes, c.Status, c.Execution = changes, "CREATE_COMPLETE", "AVAILABLE"
	}
}

// findChangeSet finds a change set by name or id. One that was executed gives
// way to a newer one of its name.
func (st *stack) findChangeSet(nameOrID string) *changeSet {
	var found *changeSet
	for _, id := range sortedKeys(st.Changes) {
		c := st.Changes[id]
		if id == nameOrID {
			return c
		}
		if c.Name == nameOrID && (found == nil || !c.wasExecuted()) {
			found = c // at most one of them was not executed
		}
	}
	return found
}

// listed returns the change sets that ListChangeSets shows, oldest first.
func (st *stack) listed() []*changeSet {
	var list []*changeSet
	for _, c := range st.Changes {
		if !c.wasExecuted() {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b *changeSet) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.Name, b.Name))
	})
	return list
}

// wasExecuted reports whether the execution of a change set has ended.
func (c *changeSet) wasExecuted() bool {
	return c.Execution == "EXECUTE_COMPLETE" || c.Execution == "EXECUTE_FAILED"
}

// consume drops every change set but the one that is executed.
func (st *stack) consume(executed *changeSet) {
	st.Changes = map[string]*changeSet{executed.ID: executed}
	executed.Execution = "EXECUTE_IN_PROGRESS"
	st.Executed = executed.ID
}

// obsolete marks the change sets that no longer fit the stack, after it was
// changed otherwise.
func (st *stack) obsolete() {
	for _, c := range st.listed() {
		if c.Execution == "AVAILABLE" {
			c.Execution = "OBSOLETE"
		}
	}
}

// executed tells the change set that an operation executes how it went.
func (st *stack) executed() {
	c := st.Changes[st.Executed]
	if c == nil || c.Execution != "EXECUTE_IN_PROGRESS" {
		return
	}
	c.Execution = "EXECUTE_FAILED"
	if st.Status == "CREATE_COMPLETE" || st.Status == "UPDATE_COMPLETE" {
		c.Execution = "EXECUTE_COMPLETE"
	}
}
