// SPDX-License-Identifier: MIT

package cli

import (
	"encoding/json"
	"fmt"

	"github.com/sparta-up/sparta/internal/ui"
	"github.com/sparta-up/sparta/pipeline/flow"
)

// upCommand is `sparta up`.
type upCommand struct {
	NoServe bool   `help:"With --local: return when the service is up instead of serving its URLs until Ctrl-C."`
	Invoke  string `help:"Invoke this function when the service is up, and print its answer." placeholder:"NAME"`
	Data    string `help:"Event for --invoke: JSON, @FILE, or - for standard input." default:"{}" placeholder:"JSON"`
}

// Run brings the service up.
func (u *upCommand) Run(s *session) error {
	if u.NoServe && !s.flags.Local {
		return usageError("--no-serve goes with --local")
	}
	payload, err := s.event(u.Data)
	if err != nil {
		return err
	}
	s.refreshSchema()
	settings := s.settings()
	up := flow.NewUp(settings)
	if err := s.run(up.Pipeline); err != nil {
		return err
	}
	s.ui.Problems(up.Project.Get().Warnings)
	outcome := up.Outcome.Get()
	s.result.Service, s.result.Status = outcome.Stack.Name, string(outcome.Kind)
	for _, o := range outcome.Stack.Outputs {
		s.result.Outputs = append(s.result.Outputs, ui.Output{Name: o.Name, Value: o.Value, Description: o.Description})
	}
	if u.Invoke != "" {
		if err := s.invoke(u.Invoke, payload); err != nil {
			return err
		}
	}
	if err := s.done(); err != nil {
		return err
	}
	if s.flags.Local && !u.NoServe {
		return s.serve()
	}
	return nil
}

// downCommand is `sparta down`.
type downCommand struct{}

// Run takes the service away.
func (*downCommand) Run(s *session) error {
	down := flow.NewDown(s.settings())
	if err := s.run(down.Pipeline); err != nil {
		return err
	}
	outcome := down.Outcome.Get()
	s.result.Service, s.result.Status = outcome.Stack.Name, string(outcome.Kind)
	return s.done()
}

// validateCommand is `sparta validate`.
type validateCommand struct{}

// Run checks the service's file and handlers.
func (*validateCommand) Run(s *session) error {
	s.refreshSchema()
	validate := flow.NewValidate(s.settings())
	if err := s.run(validate.Pipeline); err != nil {
		return err
	}
	s.ui.Problems(validate.Project.Get().Warnings)
	service := validate.Project.Get().Service
	s.result.Service, s.result.Status = service.Name, "valid"
	return s.done()
}

// invokeCommand is `sparta invoke`.
type invokeCommand struct {
	Name string `arg:"" help:"Function, by its name in sparta.yaml."`
	Data string `help:"Event: JSON, @FILE, or - for standard input." short:"d" default:"{}" placeholder:"JSON"`
}

// Run invokes a function.
func (i *invokeCommand) Run(s *session) error {
	payload, err := s.event(i.Data)
	if err != nil {
		return err
	}
	if err := s.invoke(i.Name, payload); err != nil {
		return err
	}
	return s.done()
}

// invoke runs the flowchart of an invocation and puts the answer into the
// result.
func (s *session) invoke(function string, payload []byte) error {
	invoke := flow.NewInvoke(s.settings(), function, payload)
	if err := s.run(invoke.Pipeline); err != nil {
		return err
	}
	reply := invoke.Reply.Get()
	s.ui.Log(reply.Log)
	if s.result.Status == "" {
		s.result.Status = "invoked"
	}
	s.result.Reply = reply.Payload
	if reply.Error != "" {
		return &functionError{function, reply.Payload}
	}
	return nil
}

// functionError is the failure of a function that was invoked.
type functionError struct {
	function string
	payload  []byte
}

// Error returns what the function told, as a person reads it.
func (f *functionError) Error() string {
	var told struct{ ErrorType, ErrorMessage string }
	if json.Unmarshal(f.payload, &told) == nil && told.ErrorMessage != "" {
		return fmt.Sprintf("function %q failed: %s: %s", f.function, told.ErrorType, told.ErrorMessage)
	}
	return fmt.Sprintf("function %q failed: %s", f.function, f.payload)
}
