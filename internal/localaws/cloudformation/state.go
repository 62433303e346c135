// SPDX-License-Identifier: MIT

package cloudformation

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

// stack is the state of one stack. All fields are guarded by Service.mu.
type stack struct {
	Scope     arn.Scope
	ID, Name  string
	Status    string
	Reason    string    `json:",omitempty"`
	Created   time.Time // of the stack, or of its first change set
	Updated   time.Time `json:",omitzero"`
	Deleted   time.Time `json:",omitzero"`
	Current   revision  // what the last operation made or tried to make
	Stable    *revision `json:",omitempty"` // what a rollback goes back to; nil if Current is stable or there is none
	Outputs   []output  `json:",omitempty"`
	Imports   []string  `json:",omitempty"` // names of exports in use
	Protected bool      `json:",omitempty"` // by termination protection

	Resources map[string]*record    `json:",omitempty"` // by logical id
	Garbage   []*record             `json:",omitempty"` // replaced or dropped, to be deleted in the cleanup
	Events    []*event              `json:",omitempty"` // oldest first
	Changes   map[string]*changeSet `json:",omitempty"` // by id
	Executed  string                `json:",omitempty"` // id of the change set executed last

	Operations           []operationEntry  `json:",omitempty"` // latest first
	Tokens               map[string]string `json:",omitempty"` // client request tokens seen, and the operation of each
	DisableRollback      bool              `json:",omitempty"`
	RetainExceptOnCreate bool              `json:",omitempty"`
	OnFailure            string            `json:",omitempty"`
	ForcedDelete         bool              `json:",omitempty"`
}

// operationEntry names one operation, as Stack.LastOperations does.
type operationEntry struct{ Type, ID string }

// record is a resource of a stack.
type record struct {
	LogicalID  string
	Type       string
	PhysicalID string         `json:",omitempty"`
	Attributes map[string]any `json:",omitempty"`
	Properties map[string]any `json:",omitempty"` // of the last successful operation
	Attempted  map[string]any `json:",omitempty"` // of an operation that failed or was cut short; nil otherwise
	Status     string
	Reason     string    `json:",omitempty"`
	Changed    time.Time // when Status was set
	Needs      []string  `json:",omitempty"`
	Metadata   string    `json:",omitempty"` // JSON

	DeletionPolicy      string `json:",omitempty"`
	UpdateReplacePolicy string `json:",omitempty"`
	UpdatePolicy        string `json:",omitempty"` // JSON
	// Replaced marks a former instance in Garbage that the rollback of the
	// update under way would bring back.
	Replaced bool `json:",omitempty"`
	// Fresh marks a resource that the update under way has created.
	Fresh bool `json:",omitempty"`
}

// exists reports whether there may be something behind the record.
func (r *record) exists() bool {
	return r.PhysicalID != "" && r.Status != "DELETE_COMPLETE" && r.Status != "DELETE_SKIPPED"
}

// kept is how many deleted stacks stay visible to those who know their ids.
const kept = 50

// load reads the state document, and settles what was left in progress.
func (s *Service) load() error {
	var doc struct{ Stacks []*stack }
	if err := s.env.Store.Load(document, &doc); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, st := range doc.Stacks {
		s.stacks[st.ID] = st
		if st.Deleted.IsZero() {
			s.live[liveKey(st.Scope, st.Name)] = st
		}
		s.settle(st)
	}
	s.env.Store.Register(document, s.snapshot)
	return nil
}

// snapshot encodes the state document.
func (s *Service) snapshot() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var doc struct{ Stacks []*stack }
	for _, id := range sortedKeys(s.stacks) {
		doc.Stacks = append(doc.Stacks, s.stacks[id])
	}
	return json.Marshal(doc)
}

// changed says that the state has to be written.
func (s *Service) changed() { s.env.Store.Changed(document) }

func liveKey(scope arn.Scope, name string) string {
	return scope.Account + "/" + scope.Region + "/" + name
}

// find returns the stack that a client means: by id, deleted stacks included,
// or by name, without them.
func (s *Service) find(scope arn.Scope, nameOrID string) (*stack, error) {
	if nameOrID == "" {
		return nil, invalidf("1 validation error detected: Value null at 'stackName' failed to satisfy constraint: Member must not be null")
	}
	if strings.HasPrefix(nameOrID, "arn:") {
		st := s.stacks[nameOrID]
		if st == nil || st.Scope.Account != scope.Account || st.Scope.Region != scope.Region {
			return nil, noStack(nameOrID)
		}
		return st, nil
	}
	if st := s.live[liveKey(scope, nameOrID)]; st != nil {
		return st, nil
	}
	return nil, noStack(nameOrID)
}

// forget turns a stack into a deleted one, which only its id finds, and drops
// the deleted stacks beyond the last ones.
func (s *Service) forget(st *stack) {
	st.Deleted = s.now()
	st.Changes = nil
	if s.live[liveKey(st.Scope, st.Name)] == st {
		delete(s.live, liveKey(st.Scope, st.Name))
	}
	var gone []*stack
	for _, other := range s.stacks {
		if other.Deleted.IsZero() {
			continue
		}
		if other != st && !st.Deleted.After(other.Deleted) { // the clock may be coarse
			st.Deleted = other.Deleted.Add(1)
		}
		gone = append(gone, other)
	}
	if len(gone) <= kept {
		return
	}
	slices.SortFunc(gone, func(a, b *stack) int { return a.Deleted.Compare(b.Deleted) })
	for _, old := range gone[:len(gone)-kept] {
		delete(s.stacks, old.ID)
	}
}

// records returns the resources of a stack by logical id.
func (st *stack) records() []*record {
	list := make([]*record, 0, len(st.Resources))
	for _, id := range sortedKeys(st.Resources) {
		list = append(list, st.Resources[id])
	}
	return list
}

// inProgress reports whether an operation is under way.
func (st *stack) inProgress() bool {
	return strings.HasSuffix(st.Status, "_IN_PROGRESS") && st.Status != "REVIEW_IN_PROGRESS"
}
