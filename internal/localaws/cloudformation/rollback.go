// SPDX-License-Identifier: MIT

package cloudformation

import (
	"context"
	"maps"
	"slices"
)

// unmake rolls the creation of a stack back: it deletes what was made.
func (s *Service) unmake(ctx context.Context, st *stack, op *operation) {
	s.mu.Lock()
	targets := append(st.records(), st.Garbage...)
	s.mu.Unlock()
	failed := removal{s: s, st: st, op: op, targets: targets, retained: op.retainedOnRollback}.run(ctx)
	if ctx.Err() != nil {
		return
	}
	status, reason := "ROLLBACK_COMPLETE", ""
	if len(failed) > 0 {
		status, reason = "ROLLBACK_FAILED", deleteFailure(failed)
	}
	s.mu.Lock()
	st.Outputs, st.Imports = nil, nil
	s.dropDeletedGarbage(st)
	s.mu.Unlock()
	s.conclude(st, op, status, reason)
}

// restore rolls an update back to the stable revision.
func (s *Service) restore(ctx context.Context, st *stack, op *operation) {
	s.mu.Lock()
	m, err := newModel(st.Scope, st.ID, st.Name, *st.Stable)
	retag := !maps.Equal(st.Current.Tags, st.Stable.Tags)
	s.mu.Unlock()
	if err != nil {
		s.conclude(st, op, "UPDATE_ROLLBACK_FAILED", message(err))
		return
	}
	d := &deployment{s: s, st: st, op: op, m: m, rollback: true, carryOn: true, retag: retag}
	reason, ok := s.deploy(ctx, d)
	if ctx.Err() != nil {
		return
	}
	if !ok {
		s.conclude(st, op, "UPDATE_ROLLBACK_FAILED", reason)
		return
	}
	s.mu.Lock()
	st.drop(m)
	st.Current = *st.Stable
	s.setStack(st, op, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "")
	s.mu.Unlock()
	clean := s.cleanUp(ctx, st, op, func(r *record) bool { return r.Fresh && op.retainedOnRollback(r) })
	if ctx.Err() != nil {
		return
	}
	reason = ""
	if !clean {
		reason = "One or more resources could not be deleted."
	}
	s.conclude(st, op, "UPDATE_ROLLBACK_COMPLETE", reason)
}

// erase deletes a stack.
func (s *Service) erase(ctx context.Context, st *stack, op *operation) {
	s.mu.Lock()
	targets := append(st.records(), st.Garbage...)
	s.mu.Unlock()
	retained := func(r *record) bool { return op.retain[r.LogicalID] || retainedOnDelete(r) }
	failed := removal{s: s, st: st, op: op, targets: targets, retained: retained}.run(ctx)
	if ctx.Err() != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(failed) > 0 && !op.force {
		s.dropDeletedGarbage(st)
		s.setStack(st, op, "DELETE_FAILED", deleteFailure(failed))
		return
	}
	for _, r := range targets {
		if r.exists() {
			s.setRecord(st, op, r, "DELETE_SKIPPED", "")
		}
	}
	st.Garbage, st.Outputs, st.Imports = nil, nil, nil
	s.setStack(st, op, "DELETE_COMPLETE", "")
	s.forget(st)
}

// dropDeletedGarbage drops former instances that are gone.
func (s *Service) dropDeletedGarbage(st *stack) {
	st.Garbage = slices.DeleteFunc(st.Garbage, func(r *record) bool { return !r.exists() })
	s.changed()
}
