// SPDX-License-Identifier: MIT

package cloudformation

import "strings"

// interrupted is the reason of what a stopped process left in progress.
const interrupted = "the embedded AWS stopped while this was in progress"

// settled returns the status that a stack in progress goes to when nobody works
// on it any more, from which clients can go on: delete it, continue its
// rollback or roll it back.
func settledStatus(status string) (string, bool) {
	switch status {
	case "CREATE_IN_PROGRESS":
		return "CREATE_FAILED", true
	case "ROLLBACK_IN_PROGRESS":
		return "ROLLBACK_FAILED", true
	case "UPDATE_IN_PROGRESS":
		return "UPDATE_FAILED", true
	case "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS":
		return "UPDATE_COMPLETE", true
	case "UPDATE_ROLLBACK_IN_PROGRESS":
		return "UPDATE_ROLLBACK_FAILED", true
	case "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS":
		return "UPDATE_ROLLBACK_COMPLETE", true
	case "DELETE_IN_PROGRESS":
		return "DELETE_FAILED", true
	}
	return "", false
}

// settle ends whatever a stack has in progress. It is called with s.mu held.
func (s *Service) settle(st *stack) {
	if st == nil {
		return
	}
	for _, c := range st.Changes {
		c.settle()
	}
	status, needed := settledStatus(st.Status)
	if !needed {
		return
	}
	op := &operation{}
	if len(st.Operations) > 0 {
		op.id = st.Operations[0].ID
	}
	for _, r := range append(st.records(), st.Garbage...) {
		if failed, ok := strings.CutSuffix(r.Status, "_IN_PROGRESS"); ok {
			s.setRecord(st, op, r, failed+"_FAILED", interrupted)
		}
	}
	if strings.HasSuffix(status, "_COMPLETE") {
		st.Stable = nil
		st.settled()
	}
	s.setStack(st, op, status, interrupted)
}
