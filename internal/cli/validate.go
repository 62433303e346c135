// SPDX-License-Identifier: MIT

package cli

import (
	"errors"
	"fmt"

	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/pipeline/flow"
)

// validateCommand is `sparta validate`.
type validateCommand struct {
	Print bool `help:"Print the file as the environment has it: overlay merged in, variables resolved."`
}

// Run checks the service's file and handlers.
func (v *validateCommand) Run(s *session) error {
	if v.Print && s.flags.Output != "text" {
		return usageError("--print is YAML: it does not go with --output %s", s.flags.Output)
	}
	s.refreshSchema()
	validate := flow.NewValidate(s.settings())
	err := s.run(validate.Pipeline)
	if s.flags.Output == "sarif" {
		return s.sarif(validate, err)
	}
	if err != nil {
		return err
	}
	project := validate.Project.Get()
	warnings := append(project.Warnings, validate.Draft.Get().Warnings...)
	s.ui.Problems(append(warnings, s.committed()...))
	if v.Print {
		return project.Service.WriteResolved(s.process.Stdout)
	}
	s.result.Service, s.result.Status = project.Service.Name, "valid"
	s.tellEnvironment(project.Service)
	return s.done()
}

// sarif writes the problems to standard output, those of a file without faults
// too, and returns why the command fails.
func (s *session) sarif(validate flow.Validate, failure error) error {
	var problems diag.List
	if fault, ok := errors.AsType[*diag.Fault](failure); ok {
		problems = fault.Problems
	} else if failure == nil {
		problems = append(validate.Project.Get().Warnings, validate.Draft.Get().Warnings...)
	}
	log, err := diag.SARIF(problems, version())
	if err != nil {
		return err
	}
	if _, err := s.process.Stdout.Write(log); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return failure
}
