// SPDX-License-Identifier: MIT

package codedeploy

import (
	"context"
	"encoding/json"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// hook is a call of a hook's function that has not told its status yet.
type hook struct {
	id     string
	status chan string // capacity 1
}

// hookPatience is how long a hook may take to tell its status after its function
// has ended.
const hookPatience = time.Minute

func hookFailure(message string) error {
	return &failure{code: "HOOK_EXECUTION_FAILURE", message: message, event: onFailure}
}

// call runs the function of a hook and waits for the status that it tells by
// PutLifecycleEventHookExecutionStatus.
func (s *Service) call(ctx context.Context, d *deployment, event, function string) error {
	h := &hook{id: wire.RequestID(), status: make(chan string, 1)}
	s.mu.Lock()
	d.hook = h
	s.mu.Unlock()
	payload, err := json.Marshal(map[string]string{"DeploymentId": d.ID, "LifecycleEventHookExecutionId": h.id})
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	s.work.Go(func() { ended <- s.deps.Invoke(ctx, d.Scope, function, payload) })
	var late <-chan time.Time
	for {
		select {
		case status := <-h.status:
			if status != "Succeeded" {
				return hookFailure("The hook " + event + " (" + function + ") told the status " + status)
			}
			return nil
		case err := <-ended:
			if err != nil && len(h.status) == 0 {
				return hookFailure("The function of the hook " + event + " failed: " + err.Error())
			}
			timer := time.NewTimer(hookPatience)
			defer timer.Stop()
			late = timer.C
		case <-late:
			return hookFailure("The hook " + event + " (" + function + ") has not told its status within a minute after its function ended")
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

type hookStatusInput struct {
	DeploymentID                  string `json:"deploymentId"`
	LifecycleEventHookExecutionID string `json:"lifecycleEventHookExecutionId"`
	Status                        string `json:"status"`
}

type hookStatusOutput struct {
	LifecycleEventHookExecutionID string `json:"lifecycleEventHookExecutionId"`
}

func (s *Service) putHookStatus(scope arn.Scope, in hookStatusInput) (hookStatusOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.deployment(scope, in.DeploymentID)
	switch {
	case err != nil:
		return hookStatusOutput{}, err
	case in.Status != "Succeeded" && in.Status != "Failed":
		return hookStatusOutput{}, wire.Errorf(400, "InvalidLifecycleEventHookExecutionStatusException", "The status %q is not valid: it must be Succeeded or Failed", in.Status)
	case !d.underWay():
		return hookStatusOutput{}, wire.Errorf(400, "LifecycleEventAlreadyCompletedException", "The deployment %s has ended", d.ID)
	case d.hook == nil || d.hook.id != in.LifecycleEventHookExecutionID:
		return hookStatusOutput{}, wire.Errorf(400, "InvalidLifecycleEventHookExecutionIdException", "The deployment %s does not wait for the hook execution %s", d.ID, in.LifecycleEventHookExecutionID)
	}
	select {
	case d.hook.status <- in.Status:
	default:
		return hookStatusOutput{}, wire.Errorf(400, "LifecycleEventAlreadyCompletedException", "The hook execution %s has told its status already", in.LifecycleEventHookExecutionID)
	}
	return hookStatusOutput{d.hook.id}, nil
}
