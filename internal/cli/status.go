// SPDX-License-Identifier: MIT

package cli

import (
	"github.com/sparta-up/sparta/internal/ui"
	"github.com/sparta-up/sparta/pipeline/flow"
)

// statusCommand is `sparta status`.
type statusCommand struct{}

// notDeployed is the status of a service without a stack.
const notDeployed = "not deployed"

// Run prints in which state the service's stack is, its outputs and what AWS
// calls its resources.
func (*statusCommand) Run(s *session) error {
	status := flow.NewStatus(s.settings())
	if err := s.run(status.Pipeline); err != nil {
		return err
	}
	stack := status.Stack.Get()
	s.result.Service, s.result.Status = stack.Name, string(stack.Status)
	if !stack.Exists() {
		s.result.Status = notDeployed
	}
	if stack.Reason != "" {
		s.ui.Note(stack.Reason)
	}
	s.result.Outputs = outputs(stack)
	for _, r := range status.Resources.Get() {
		s.result.Resources = append(s.result.Resources, ui.Resource(r))
	}
	if s.flags.Local && s.cloud.Attached() {
		s.tellEndpoint()
	}
	return s.done()
}
