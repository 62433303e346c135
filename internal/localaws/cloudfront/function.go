// SPDX-License-Identifier: MIT

package cloudfront

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/cloudfront/script"
	"github.com/sparta-up/sparta/internal/localaws/logs"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// function is a CloudFront function. It never changes once it is kept: a change
// replaces it.
type function struct {
	Scope    arn.Scope // without a region
	Name     string
	ARN      string
	Comment  string
	Code     string // of the stage DEVELOPMENT
	Live     string `json:",omitempty"` // of the stage LIVE; "" until it is published
	Modified time.Time

	live *script.Program // nil until it is published
}

// stage is the one that CloudFormation shows.
func (f *function) stage() string {
	if f.live != nil && f.Live == f.Code {
		return "LIVE"
	}
	return "DEVELOPMENT"
}

// compile reads the code; what does not compile is not kept.
func (f *function) compile() error {
	_, err := script.Compile(f.Name, f.Code)
	if err == nil && f.Live != "" {
		f.live, err = script.Compile(f.Name, f.Live)
	}
	if err != nil {
		return invalidArgument("the code of function %s: %v", f.Name, err)
	}
	return nil
}

// putFunction keeps a function of the account's; create says that there must be
// none of its name.
func (s *Service) putFunction(f function, publish, create bool) (*function, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.functions[f.ARN]
	switch {
	case create && old != nil:
		return nil, wire.Errorf(http.StatusConflict, "FunctionAlreadyExists", "A function with the same name already exists in this AWS account. To create a function, you must provide a unique name.")
	case !create && old == nil:
		return nil, noSuchFunction()
	case old != nil:
		f.Live = old.Live
	}
	if publish {
		f.Live = f.Code
	}
	f.Modified = s.env.Now()
	if err := f.compile(); err != nil {
		return nil, err
	}
	s.functions[f.ARN] = &f
	s.changed()
	return &f, nil
}

func noSuchFunction() error {
	return wire.Errorf(http.StatusNotFound, "NoSuchFunctionExists", "The function does not exist.")
}

// deleteFunction removes a function that no distribution uses.
func (s *Service) deleteFunction(arn string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.functions[arn] == nil {
		return noSuchFunction()
	}
	for _, d := range s.distributions {
		for _, b := range d.Config.behaviors() {
			for _, a := range b.FunctionAssociations {
				if a.FunctionARN == arn {
					return wire.Errorf(http.StatusConflict, "FunctionInUse", "Cannot delete function, it is in use by distribution %s.", d.ID)
				}
			}
		}
	}
	delete(s.functions, arn)
	s.changed()
	return nil
}

// run calls the live function of an ARN with an event and returns the object
// that it gives. What it logs goes to its log group, which is in us-east-1 as
// on AWS.
func (s *Service) run(ctx context.Context, arn string, event functionEvent) (functionResult, error) {
	s.mu.Lock()
	f := s.functions[arn]
	s.mu.Unlock()
	if f == nil || f.live == nil {
		return functionResult{}, noSuchFunction()
	}
	out, err := f.live.Run(ctx, event)
	lines := out.Lines
	if err != nil {
		lines = append(lines, "The function failed: "+err.Error())
		s.env.Log.Warn().Err(err).Str("function", f.Name).Msg("CloudFront function failed")
	}
	s.log(f, event.Context, lines)
	if err != nil {
		return functionResult{}, fmt.Errorf("function %s: %w", f.Name, err)
	}
	result, err := readResult(out.Value)
	if err != nil {
		return functionResult{}, fmt.Errorf("function %s: %w", f.Name, err)
	}
	return result, nil
}

// log writes what a run has logged, if that is anything.
func (s *Service) log(f *function, c eventContext, lines []string) {
	if len(lines) == 0 || s.deps.Logs == nil {
		return
	}
	lines = append(append([]string{"START DistributionID: " + c.DistributionID}, lines...), "END")
	events := make([]logs.Event, 0, len(lines))
	for _, line := range lines {
		events = append(events, logs.Event{Time: s.env.Now(), Message: c.RequestID + " " + strings.ReplaceAll(line, "\n", " ")})
	}
	scope := f.Scope
	scope.Region = "us-east-1"
	if err := s.deps.Logs.Append(scope, "/aws/cloudfront/function/"+f.Name, s.stream, events); err != nil {
		s.env.Log.Debug().Err(err).Str("function", f.Name).Msg("lost log of CloudFront function")
	}
}
