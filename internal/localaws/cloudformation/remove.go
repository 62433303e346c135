// SPDX-License-Identifier: MIT

package cloudformation

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/forward"
	"github.com/sparta-up/sparta/internal/localaws/resource"
)

// removal deletes resources, each after those that need it.
type removal struct {
	s       *Service
	st      *stack
	op      *operation
	targets []*record
	// retained says which resources stay; they are told of as skipped.
	retained func(*record) bool
}

// run deletes what can be deleted and returns the logical ids, sorted, of what
// could not. What a failed resource needs is left alone too.
func (v removal) run(ctx context.Context) []string {
	keys := make([]string, len(v.targets))
	byLogical := map[string][]string{}
	byKey := map[string]*record{}
	for i, r := range v.targets {
		keys[i] = r.LogicalID + "#" + strconv.Itoa(i) // an old and a new instance share the logical id
		byLogical[r.LogicalID] = append(byLogical[r.LogicalID], keys[i])
		byKey[keys[i]] = r
	}
	needs := make(map[string][]string, len(keys))
	for i, r := range v.targets {
		needs[keys[i]] = nil
		for _, need := range r.Needs {
			needs[keys[i]] = append(needs[keys[i]], byLogical[need]...)
		}
	}
	g := graph{needs: reversed(needs), carryOn: true}
	var ids []string
	for key := range g.run(ctx, func(key string) error { return v.visit(ctx, byKey[key]) }) {
		ids = append(ids, byKey[key].LogicalID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (v removal) visit(ctx context.Context, r *record) error {
	s := v.s
	s.mu.Lock()
	if !v.begin(r) {
		s.mu.Unlock()
		return nil
	}
	t, modelled := s.resourceType(r.Type)
	request := v.st.request(r.LogicalID, r.Type, r.Properties, nil, v.st.Current.Tags)
	old, roleARN := r.instance(), v.st.Current.RoleARN
	s.mu.Unlock()

	var err error
	if !modelled {
		err = notModelled(r.Type, r.LogicalID)
	} else if err = s.permit(v.op, roleARN, forward.Delete, request, old.PhysicalID); err == nil {
		_, err = perform(ctx, func(ctx context.Context) (resource.Instance, error) {
			return resource.Instance{}, t.Delete(ctx, old, request)
		})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.setRecord(v.st, v.op, r, "DELETE_FAILED", message(err))
		return err
	}
	s.setRecord(v.st, v.op, r, "DELETE_COMPLETE", "")
	return nil
}

// begin tells that a deletion is under way, or that there is nothing to delete.
func (v removal) begin(r *record) bool {
	switch {
	case r.Status == "DELETE_COMPLETE" || r.Status == "DELETE_SKIPPED":
		return false
	case r.PhysicalID == "":
		v.s.setRecord(v.st, v.op, r, "DELETE_COMPLETE", "")
		return false
	case v.retained != nil && v.retained(r):
		v.s.setRecord(v.st, v.op, r, "DELETE_SKIPPED", "")
		return false
	}
	v.s.setRecord(v.st, v.op, r, "DELETE_IN_PROGRESS", "")
	return true
}

// deleteFailure is the reason of a stack whose resources ids stay.
func deleteFailure(ids []string) string {
	return "The following resource(s) failed to delete: [" + strings.Join(ids, ", ") + "]. "
}

// retainedOnDelete tells what the deletion of a stack leaves behind.
func retainedOnDelete(r *record) bool {
	return r.DeletionPolicy == "Retain" || r.DeletionPolicy == "RetainExceptOnCreate"
}

// retainedOnRollback tells what the rollback of a creation leaves behind.
func (op *operation) retainedOnRollback(r *record) bool {
	return r.DeletionPolicy == "Retain" && !op.retainExceptOnCreate
}

// cleanUp deletes what an update has replaced or dropped. Failures are told of,
// but do not undo the update: the resource is no longer the stack's.
func (s *Service) cleanUp(ctx context.Context, st *stack, op *operation, retained func(*record) bool) (clean bool) {
	s.mu.Lock()
	targets := slices.DeleteFunc(slices.Clone(st.Garbage), func(r *record) bool {
		live := st.Resources[r.LogicalID]
		return live != nil && live.Type == r.Type && live.PhysicalID == r.PhysicalID && r.PhysicalID != ""
	})
	s.mu.Unlock()
	failed := removal{s: s, st: st, op: op, targets: targets, retained: retained}.run(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if ctx.Err() == nil {
		st.Garbage = nil
	}
	s.changed()
	return len(failed) == 0
}
