// SPDX-License-Identifier: MIT

package decorator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/cfn"
)

// Functions are decorators by the names that sparta.yaml gives them.
type Functions map[string]func(context.Context, *Template) error

// Main is the main function of the program that Sparta generates for a
// service's Go decorators. It runs the one named by the first argument on the
// template it reads from standard input, and writes the result to standard
// output. An error or a panic goes to standard error, and the exit code is 1.
// Whatever the decorator itself prints goes to standard error.
func Main(functions Functions) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	out := os.Stdout
	os.Stdout = os.Stderr
	code := functions.main(ctx, os.Args[1:], os.Stdin, out, os.Stderr)
	stop()
	os.Exit(code)
}

func (f Functions) main(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	err := errors.New("usage: exactly one argument, the name of a decorator")
	if len(args) == 1 {
		err = f.Run(ctx, args[0], in, out)
	}
	if err == nil {
		return 0
	}
	fmt.Fprintln(errOut, err)
	if p, ok := errors.AsType[*PanicError](err); ok {
		fmt.Fprintf(errOut, "\n%s", p.Stack)
	}
	return 1
}

// PanicError says that a decorator panicked.
type PanicError struct {
	Value any
	Stack []byte // as runtime/debug.Stack gives it
}

// Error returns the value of the panic.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Run reads a template in JSON from in, runs the named decorator on it and
// writes the result to out as canonical JSON. Nothing is written unless the
// decorator has succeeded. A panic becomes a [*PanicError].
func (f Functions) Run(ctx context.Context, name string, in io.Reader, out io.Writer) error {
	decorate, ok := f[name]
	if !ok {
		return fmt.Errorf("decorator %q: not one of %s", name, strings.Join(slices.Sorted(maps.Keys(f)), ", "))
	}
	data, err := io.ReadAll(in)
	if err != nil {
		return fmt.Errorf("read template: %w", err)
	}
	template, err := cfn.Parse(data)
	if err != nil {
		return fmt.Errorf("read template: %w", err)
	}
	if err := call(ctx, decorate, &Template{template}); err != nil {
		return fmt.Errorf("decorator %q: %w", name, err)
	}
	if _, err := template.Value(); err != nil {
		return fmt.Errorf("decorator %q: write template: %w", name, err)
	}
	if _, err := out.Write(template.Indent()); err != nil {
		return fmt.Errorf("write template: %w", err)
	}
	return nil
}

func call(ctx context.Context, decorate func(context.Context, *Template) error, t *Template) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return decorate(ctx, t)
}
