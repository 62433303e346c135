// SPDX-License-Identifier: MIT

package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/pipeline/flow"
	"github.com/sparta-up/sparta/spec"
)

// invokeCommand is `sparta invoke`.
type invokeCommand struct {
	Name string  `arg:"" help:"Function, by its name in sparta.yaml."`
	Data *string `short:"d" help:"Event: JSON, @FILE, or - for standard input. Without it: {}." placeholder:"JSON"`
}

// Run invokes a function.
func (i *invokeCommand) Run(s *session) error {
	payload, err := s.event(i.Data)
	if err != nil {
		return err
	}
	if err := s.checkFunction(i.Name); err != nil {
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

// refusedAction is what AWS says of a call that no policy of the role allows.
// Source: "Troubleshoot access denied error messages",
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
var refusedAction = regexp.MustCompile(`is not authorized to perform: ([a-z0-9-]+:[A-Za-z]+)`)

// Hint says where a function gets a permission that it lacks.
func (f *functionError) Hint() string {
	found := refusedAction.FindSubmatch(f.payload)
	if found == nil || bytes.Contains(f.payload, []byte("explicit deny")) {
		return ""
	}
	return fmt.Sprintf("allow %s in the permissions of %s: say what the code does, such as read: Table, or write allow and on", found[1], f.function)
}

// checkFunction refuses the name of a function that the service does not have.
// What is wrong with sparta.yaml itself is for the flowchart to say.
func (s *session) checkFunction(name string) error {
	service, problems := spec.Read(s.flags.file(), s.specOptions())
	if service == nil || problems.Err() != nil {
		return nil
	}
	var names []string
	for _, f := range service.Functions {
		if f.Name == name {
			return nil
		}
		names = append(names, f.Name)
	}
	refusal := &usage{text: fmt.Sprintf("service %q has no function %q", service.Name, name)}
	switch nearest := diag.Nearest(name, names); {
	case nearest != "":
		refusal.hint = fmt.Sprintf("did you mean %q?", nearest)
	case len(names) > 0:
		refusal.hint = "its functions are " + strings.Join(names, ", ")
	}
	return refusal
}
