// SPDX-License-Identifier: MIT

package stage

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/pipeline"
	"github.com/sparta-up/sparta/spec"
)

// maxDecorated is how much a decorator may print, in bytes: more than the
// largest template, so that a large one is refused as such.
const maxDecorated = 4 << 20

// Decorate runs the user's template decorators in the order of sparta.yaml.
// Each gets the template that the one before it made.
type Decorate struct {
	Project  pipeline.Result[Project]
	Document pipeline.Result[cfn.Document]
	Binaries pipeline.Result[Binaries]
	Environ  []string // of external programs
}

// Title returns the words of the box.
func (*Decorate) Title() string { return "Call User Template Decorators" }

// Run returns the decorated template after checking it as CloudFormation would.
// Nothing has been uploaded of a template that it refuses.
func (d *Decorate) Run(ctx context.Context) (cfn.Document, error) {
	service, document := d.Project.Get().Service, d.Document.Get()
	for i, decorator := range service.Decorators {
		origin := decoratorOrigin(service, i)
		edited, err := d.one(ctx, decorator, document.Template)
		if ctx.Err() != nil {
			return cfn.Document{}, context.Cause(ctx)
		}
		if err == nil {
			document, err = cfn.Apply(document, origin, edited)
		}
		if err != nil {
			return cfn.Document{}, decoratorError(service, i, err)
		}
		zerolog.Ctx(ctx).Debug().Str("decorator", decorator.Name).Msg("decorated template")
	}
	document.Template = document.Template.Clone() // without decorators it is Generate's
	document, err := complete(document, service)
	if err != nil {
		return cfn.Document{}, err
	}
	problems := append(outsideBody(document), document.Check()...)
	service.Excerpt(problems)
	return document, problems.Err()
}

// one runs one decorator on a template.
func (d *Decorate) one(ctx context.Context, decorator spec.Decorator, template *cfn.Template) (*cfn.Template, error) {
	if !runsProgram(decorator) {
		return decorateInPlace(d.Project.Get().Service, decorator, template)
	}
	argv := decorator.Exec
	if decorator.Handler != "" {
		argv = []string{d.Binaries.Get().Decorators, decorator.Name}
	}
	output, err := d.runProgram(ctx, argv, decorator.Timeout, template.JSON())
	if err != nil {
		return nil, err
	}
	edited, err := cfn.Parse(output)
	if err != nil {
		return nil, withHint(fmt.Errorf("it printed no template: %w", err),
			"print the whole template as JSON on standard output and nothing else; use standard error for messages")
	}
	return edited, nil
}

// decoratorOrigin is what a decorator is called in messages, and its place.
func decoratorOrigin(s *spec.Service, index int) cfn.Origin {
	return cfn.Origin{
		By:       fmt.Sprintf("decorator %q", s.Decorators[index].Name),
		Position: s.Position("decorators", itoa(index)),
	}
}

// runsProgram reports whether a decorator is code of the user's.
func runsProgram(decorator spec.Decorator) bool {
	return decorator.Use == "" && decorator.Patch == nil
}

// decorateInPlace runs a decorator that is no code of the user's.
func decorateInPlace(s *spec.Service, decorator spec.Decorator, template *cfn.Template) (*cfn.Template, error) {
	if decorator.Use != "" {
		return addAlarms(template.Clone(), s, *decorator.With), nil
	}
	return cfn.Patch(template, decorator.Patch)
}

// runProgram runs a program in the directory of sparta.yaml, without a shell.
// Its error holds what the program printed on standard error.
func (d *Decorate) runProgram(ctx context.Context, argv []string, timeout time.Duration, input []byte) ([]byte, error) {
	runCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	command := exec.CommandContext(runCtx, argv[0], argv[1:]...)
	command.Dir, command.Env = d.Project.Get().Service.Dir, d.Environ
	command.Stdin = bytes.NewReader(input)
	groupProcesses(command)
	var stdout, stderr cappedBuffer
	stdout.room, stderr.room = maxDecorated, 64<<10
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	endGroup(command)
	said := strings.TrimSpace(stderr.kept.String())
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case runCtx.Err() != nil:
		return nil, withHint(fmt.Errorf("it did not end within %s%s", timeout, saying(said)),
			"give it more time with `timeout`, or look why it hangs: it gets the template on standard input")
	case errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist):
		return nil, withHint(fmt.Errorf("program %q is not there", argv[0]), "paths start at the directory of sparta.yaml")
	case errors.Is(err, fs.ErrPermission):
		return nil, withHint(fmt.Errorf("program %q is not executable", argv[0]), "run: chmod +x %s", argv[0])
	case err != nil:
		return nil, fmt.Errorf("%w%s", err, saying(said))
	case stdout.overflow:
		return nil, fmt.Errorf("it printed more than %d bytes", maxDecorated)
	}
	if said != "" {
		zerolog.Ctx(ctx).Info().Str("program", argv[0]).Str("stderr", said).Msg("decorator said")
	}
	return stdout.kept.Bytes(), nil
}

func saying(text string) string {
	switch {
	case text == "":
		return ""
	case strings.Contains(text, "\n"):
		return ":\n" + text
	}
	return ": " + text
}

// decoratorError places an error of a decorator at its line of sparta.yaml. Each
// fault of the template that it made is a problem of its own.
func decoratorError(s *spec.Service, index int, err error) error {
	place := func(code diag.Code, message, hint string) diag.Problem {
		message = fmt.Sprintf("decorator %q: %s", s.Decorators[index].Name, message)
		return s.Problem(code, message, cmp.Or(hint, adviceOf(err), "the stack has not been touched"), "decorators", itoa(index))
	}
	fault, ok := errors.AsType[*diag.Fault](err)
	if !ok {
		return diag.List{place(diag.DecoratorFailed, err.Error(), "")}.Err()
	}
	var problems diag.List
	for _, p := range fault.Problems.Errors() {
		problems.Add(place(cmp.Or(p.Code, diag.DecoratorFailed), faultOfTemplate(p), p.Hint))
	}
	return problems.Err()
}

// faultOfTemplate says what is wrong with a decorator's template: in the text
// that the decorator printed, or at a path of the template.
func faultOfTemplate(p diag.Problem) string {
	switch {
	case p.Path != "":
		return p.Path + ": " + p.Message
	case p.Position.Line != 0:
		return fmt.Sprintf("it printed no template: line %d, column %d: %s", p.Position.Line, p.Position.Column, p.Message)
	}
	return p.Message
}

// adviceOf returns the advice that an error carries, or nothing.
func adviceOf(err error) string {
	if h, ok := errors.AsType[interface {
		error
		Hint() string
	}](err); ok {
		return h.Hint()
	}
	return ""
}

// cappedBuffer keeps the first bytes that are written to it. It embeds no
// buffer: the buffer's ReadFrom would go past the cap.
type cappedBuffer struct {
	kept     bytes.Buffer
	room     int
	overflow bool
}

// Write never fails, so that the writing program is not disturbed.
func (b *cappedBuffer) Write(p []byte) (int, error) {
	fits := p
	if len(fits) > b.room {
		fits, b.overflow = fits[:b.room], true
	}
	b.room -= len(fits)
	b.kept.Write(fits)
	return len(p), nil
}
