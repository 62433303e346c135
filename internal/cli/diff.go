// SPDX-License-Identifier: MIT

package cli

import (
	"fmt"

	"github.com/sparta-up/sparta/internal/ui"
	"github.com/sparta-up/sparta/pipeline/flow"
	"github.com/sparta-up/sparta/pipeline/stage"
)

// diffCommand is `sparta diff`.
type diffCommand struct {
	ExitCode bool `help:"End with exit code 4 if up would change something."`
}

// Help is the long form of the command's description.
func (*diffCommand) Help() string {
	return "It builds the service and asks CloudFormation by a change set, which is deleted again. Nothing is uploaded but a template of more than 51,200 bytes, for as long as it takes."
}

// Run shows the changes.
func (d *diffCommand) Run(s *session) error {
	s.refreshSchema()
	diff := flow.NewDiff(s.settings())
	if err := s.run(diff.Pipeline); err != nil {
		return err
	}
	s.ui.Problems(diff.Project.Get().Warnings)
	changes, stack := diff.Changes.Get(), diff.Stack.Get()
	s.result.Service, s.result.Status = stack.Name, summary(len(changes))
	s.tellEnvironment(diff.Project.Get().Service)
	if !stack.Exists() {
		s.ui.Note("the service is not deployed yet: all of it would be new")
	}
	asks := false
	for _, c := range changes {
		s.result.Changes = append(s.result.Changes, changeFor(c))
		asks = asks || c.LosesData
	}
	if asks {
		s.ui.Note("up deletes data here, and does so only with --yes")
	}
	if d.ExitCode && len(changes) > 0 {
		s.exit = exitDifferent
	}
	return s.done()
}

func changeFor(c stage.Change) ui.Change {
	change := ui.Change{
		Kind: string(c.Kind), LogicalID: c.LogicalID, Type: c.Type, PhysicalID: c.PhysicalID,
		LosesData: c.LosesData, Retained: c.Retained,
	}
	for _, v := range c.Values {
		change.Values = append(change.Values, ui.ValueChange(v))
	}
	return change
}

func summary(changes int) string {
	switch changes {
	case 0:
		return "no changes"
	case 1:
		return "1 change"
	}
	return fmt.Sprintf("%d changes", changes)
}
