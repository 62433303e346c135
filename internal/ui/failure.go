// SPDX-License-Identifier: MIT

package ui

import (
	"errors"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/pipeline"
)

// Failure shows why a command failed, in JSON too. Errors that were joined are
// shown one by one. For each of them it shows
//
//   - if a *diag.Fault is in its chain, the problems of that;
//   - else "error: " and its text, then what Detail() string of an error in the
//     chain returns, such as the output of a tool, line by line as it is, and
//     "hint: " with what Hint() string returns.
//
// A nil error shows nothing.
func (u *UI) Failure(err error) {
	for _, part := range parts(err) {
		if fault, ok := errors.AsType[*diag.Fault](part); ok {
			u.showProblems(fault.Problems)
			continue
		}
		u.screen.print(u.failure(part))
	}
}

func (u *UI) failure(err error) string {
	text := u.screen.red("error: ") + strings.ReplaceAll(Sanitize(err.Error()), "\n", "\n  ")
	if detail := detailOf(err, u.debug); detail != "" {
		text += "\n" + Sanitize(detail)
	}
	if hint := hintOf(err); hint != "" {
		text += "\n" + u.hint("", hint)
	}
	return text
}

// parts returns the errors that were joined to err, or err alone.
func parts(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error }) //nolint:errorlint // what wraps a join is one error
	switch {
	case err == nil:
		return nil
	case !ok:
		return []error{err}
	}
	var texts []string
	var all []error
	for _, part := range joined.Unwrap() {
		texts = append(texts, part.Error())
		all = append(all, parts(part)...)
	}
	if strings.Join(texts, "\n") != err.Error() { // several %w in one text
		return []error{err}
	}
	return all
}

// hintOf returns the outermost advice that an error in the chain has.
func hintOf(err error) string {
	if _, bug := errors.AsType[*pipeline.PanicError](err); bug {
		return "this is a bug in sparta: run the command again with --debug and report what it says"
	}
	return firstText(err, func(err error) string {
		if h, ok := err.(interface{ Hint() string }); ok { //nolint:errorlint // firstText walks the chain
			return h.Hint()
		}
		return ""
	})
}

// detailOf returns the outermost detail that an error in the chain has, and when
// debugging the stack of a panic.
func detailOf(err error, debug bool) string {
	if bug, ok := errors.AsType[*pipeline.PanicError](err); ok && debug {
		return strings.TrimSpace(string(bug.Stack))
	}
	return strings.TrimRight(firstText(err, func(err error) string {
		if d, ok := err.(interface{ Detail() string }); ok { //nolint:errorlint // firstText walks the chain
			return d.Detail()
		}
		return ""
	}), "\r\n")
}

// firstText returns the first text that is not empty which ask gives for err
// and the errors that it wraps, in the order of errors.As.
func firstText(err error, ask func(error) string) string {
	if err == nil {
		return ""
	}
	if text := ask(err); text != "" {
		return text
	}
	switch wrapper := err.(type) { //nolint:errorlint // this walks the chain
	case interface{ Unwrap() error }:
		return firstText(wrapper.Unwrap(), ask)
	case interface{ Unwrap() []error }:
		for _, cause := range wrapper.Unwrap() {
			if text := firstText(cause, ask); text != "" {
				return text
			}
		}
	}
	return ""
}
