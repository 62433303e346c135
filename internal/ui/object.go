// SPDX-License-Identifier: MIT

package ui

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/pipeline"
)

// object is the JSON form of a result. Its keys are part of the promise of
// --output json.
type object struct {
	Command   string          `json:"command,omitempty"`
	Service   string          `json:"service,omitempty"`
	Status    string          `json:"status"`
	Outputs   []output        `json:"outputs,omitempty"`
	Resources []Resource      `json:"resources,omitempty"`
	Changes   []Change        `json:"changes,omitempty"`
	Reply     json.RawMessage `json:"reply,omitempty"`
	Log       string          `json:"log,omitempty"`
	Extra     map[string]any  `json:"extra,omitempty"`
	Error     *failure        `json:"error,omitempty"`
	Also      []failure       `json:"also,omitempty"` // errors that were joined to the first
	Problems  []problem       `json:"problems,omitempty"`
	Notes     []string        `json:"notes,omitempty"`
	Stages    []stage         `json:"stages,omitempty"`
}

type output struct {
	Name        string `json:"name"`
	Value       string `json:"value"`
	Description string `json:"description,omitempty"`
}

type failure struct {
	Stage   string `json:"stage,omitempty"`
	Message string `json:"message"`
	Detail  string `json:"detail,omitempty"`
	Hint    string `json:"hint,omitempty"`
}

type problem struct {
	File     string        `json:"file,omitempty"`
	Line     int           `json:"line,omitempty"`   // from 1
	Column   int           `json:"column,omitempty"` // from 1, in code points
	Path     string        `json:"path,omitempty"`
	Severity diag.Severity `json:"severity"`
	Code     diag.Code     `json:"code,omitempty"`
	Message  string        `json:"message"`
	Hint     string        `json:"hint,omitempty"`
	Source   string        `json:"source,omitempty"`
}

type stage struct {
	Name       string          `json:"name"`
	Status     pipeline.Status `json:"status"`
	Reason     string          `json:"reason,omitempty"`
	Error      string          `json:"error,omitempty"`
	Start      *time.Time      `json:"start,omitempty"` // UTC
	DurationMS float64         `json:"durationMs"`
	Undone     bool            `json:"undone,omitempty"`
	UndoError  string          `json:"undoError,omitempty"`
}

// object returns the JSON object of a result and a newline.
func (u *UI) object(r Result) ([]byte, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	o := object{
		Command: r.Command, Service: r.Service, Status: r.status(), Resources: r.Resources, Changes: r.Changes, Reply: r.Reply, Log: u.log,
		Extra: r.Extra, Notes: u.notes,
	}
	if r.Reply != nil && !json.Valid(r.Reply) { // then it is the text that the function gave
		o.Reply, _ = json.Marshal(string(r.Reply))
	}
	for _, out := range r.Outputs {
		o.Outputs = append(o.Outputs, output(out))
	}
	problems := slices.Clone(u.problems)
	for i, part := range parts(r.Err) {
		if f := newFailure(part, u.debug); i == 0 {
			o.Error = &f
		} else {
			o.Also = append(o.Also, f)
		}
		if fault, ok := errors.AsType[*diag.Fault](part); ok {
			problems = merge(problems, fault.Problems)
		}
	}
	for _, p := range problems {
		o.Problems = append(o.Problems, newProblem(p))
	}
	for _, report := range r.Stages {
		o.Stages = append(o.Stages, newStage(report))
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(o); err != nil {
		return nil, fmt.Errorf("encode result: %w", err)
	}
	return b.Bytes(), nil
}

func newFailure(err error, debug bool) failure {
	f := failure{Message: err.Error(), Detail: detailOf(err, debug), Hint: hintOf(err)}
	if at, ok := errors.AsType[*pipeline.StageError](err); ok {
		f.Stage = at.Stage
		f.Message = strings.TrimPrefix(f.Message, at.Stage+": ")
	}
	return f
}

func newProblem(p diag.Problem) problem {
	return problem{
		File: p.Position.File, Line: p.Position.Line, Column: p.Position.Column, Path: p.Path,
		Severity: p.Severity, Code: p.Code, Message: p.Message, Hint: p.Hint, Source: strings.TrimRight(p.Source, "\r\n"),
	}
}

func newStage(r pipeline.Report) stage {
	s := stage{
		Name: r.Name, Status: r.Status, Reason: r.Reason, Undone: r.Undone,
		DurationMS: float64(r.Duration.Microseconds()) / 1000,
	}
	if !r.Start.IsZero() {
		s.Start = new(r.Start.UTC())
	}
	if r.Err != nil {
		s.Error = r.Err.Error()
	}
	if r.UndoErr != nil {
		s.UndoError = r.UndoErr.Error()
	}
	return s
}
