// SPDX-License-Identifier: MIT

package cli

import (
	"github.com/sparta-up/sparta/internal/ui"
	"github.com/sparta-up/sparta/pipeline/flow"
	"github.com/sparta-up/sparta/pipeline/stage"
)

// upCommand is `sparta up`.
type upCommand struct {
	NoServe bool    `help:"With --local: return when the service is up instead of serving its URLs until Ctrl-C."`
	Watch   bool    `help:"With --local: bring the service up to date whenever one of its files changes."`
	Invoke  string  `help:"Invoke this function when the service is up, and print its answer." placeholder:"NAME"`
	Data    *string `short:"d" help:"Event for --invoke: JSON, @FILE, or - for standard input. Without it: {}." placeholder:"JSON"`
}

// Help is the long form of the command's description.
func (*upCommand) Help() string {
	return "With --local the service's URLs answer until Ctrl-C, which then ends the command with exit code 0."
}

// Run brings the service up.
func (u *upCommand) Run(s *session) error {
	payload, err := u.check(s)
	if err != nil {
		return err
	}
	s.refreshSchema()
	up := flow.NewUp(s.settings())
	if err := s.run(up.Pipeline); err != nil {
		return err
	}
	s.ui.Problems(up.Project.Get().Warnings)
	outcome := up.Outcome.Get()
	s.result.Service, s.result.Status = outcome.Stack.Name, string(outcome.Kind)
	s.tellEnvironment(up.Project.Get().Service)
	s.result.Outputs = outputs(outcome.Stack)
	if u.Invoke != "" {
		if err := s.invoke(u.Invoke, payload); err != nil {
			return err
		}
	}
	served := s.flags.Local && (!u.NoServe || s.cloud.Attached())
	if served {
		s.tellEndpoint()
	}
	if err := s.done(); err != nil {
		return err
	}
	switch {
	case !served || u.NoServe:
		return nil
	case u.Watch:
		return s.serve(func() error { return s.watch(s.watched(up.Project.Get())) })
	}
	return s.serve(s.untilInterrupt)
}

// outputs are those of a stack.
func outputs(stack stage.Stack) []ui.Output {
	var all []ui.Output
	for _, o := range stack.Outputs {
		all = append(all, ui.Output{Name: o.Name, Value: o.Value, Description: o.Description})
	}
	return all
}

// tellEndpoint puts where the embedded AWS answers into the result.
func (s *session) tellEndpoint() { s.tell("endpoint", s.cloud.Endpoint()) }

// tell puts what only this command tells into the result.
func (s *session) tell(name string, value any) {
	if s.result.Extra == nil {
		s.result.Extra = map[string]any{}
	}
	s.result.Extra[name] = value
}

// check refuses, before anything is done, what can't work in the end. It
// returns the event for --invoke.
func (u *upCommand) check(s *session) ([]byte, error) {
	switch {
	case u.NoServe && !s.flags.Local:
		return nil, usageError("--no-serve goes with --local")
	case u.Watch && !s.flags.Local:
		return nil, usageError("--watch goes with --local")
	case u.Watch && u.NoServe:
		return nil, usageError("--watch and --no-serve exclude each other")
	case u.Data != nil && u.Invoke == "":
		return nil, usageError("--data goes with --invoke")
	case u.Invoke == "":
		return nil, nil
	}
	if err := s.checkFunction(u.Invoke); err != nil {
		return nil, err
	}
	return s.event(u.Data)
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
