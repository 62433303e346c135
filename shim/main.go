// SPDX-License-Identifier: MIT

// Package shim makes a Lambda function of a Go function. It is what a service's
// handlers import and what the program that sparta generates calls:
//
//	func main() { shim.Main(shim.Functions{"hello": handlers.Hello}) }
//
// A function has one of three forms:
//
//  1. func(event *json.RawMessage, ctx *shim.LambdaContext, w http.ResponseWriter, logger *zerolog.Logger):
//     what it writes to w is its result, and a status of 400 or more is a failure;
//  2. every signature that github.com/aws/aws-lambda-go/lambda.Start takes;
//  3. an http.Handler, func(http.ResponseWriter, *http.Request), or a function
//     without arguments that returns an http.Handler and perhaps an error: served
//     from the events of API Gateway, function URLs and load balancers.
//
// The same program runs under the OS-only Lambda runtimes and under the NodeJS
// shim of package shim/node: both serve it the Lambda Runtime API.
package shim

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"
)

// Functions are the functions of a program by name, each in one of the forms of
// the package comment.
type Functions map[string]any

// Main runs the function that the environment variable _HANDLER names: what
// follows its last dot, so index.hello and hello are both hello. It does not
// return. A name that is not in functions, and a function in none of the three
// forms, is told to Lambda and on stderr, and ends the process with status 1. A
// program that was not started by Lambda prints how to start it and ends with
// status 2.
func Main(functions Functions) {
	p := program{
		runtimeAPI: os.Getenv("AWS_LAMBDA_RUNTIME_API"),
		handler:    os.Getenv("_HANDLER"),
		stderr:     os.Stderr,
		start:      func(h lambda.Handler) { lambda.StartWithOptions(h) },
	}
	os.Exit(p.run(functions))
}

// Start runs f as the only function of the program, whatever _HANDLER says. The
// compiler checks that f is a handler. Like Main it does not return.
func Start[In, Out any](f func(context.Context, In) (Out, error)) {
	name := functionName(os.Getenv("_HANDLER"))
	Main(Functions{name: f})
}

// program is a process in the environment that Lambda made for it.
type program struct {
	runtimeAPI string // host:port; empty outside of Lambda
	handler    string
	stderr     io.Writer
	start      func(lambda.Handler) // returns only in tests
}

func (p program) run(functions Functions) (status int) {
	names := strings.Join(slices.Sorted(maps.Keys(functions)), ", ")
	if p.runtimeAPI == "" {
		fmt.Fprintf(p.stderr, "this program holds the code of Lambda functions (%s) and is started by Lambda;\n"+
			"to run one here: sparta invoke --local NAME\n", names)
		return 2
	}
	name := functionName(p.handler)
	function, found := functions[name]
	if !found {
		return p.refuse("Runtime.HandlerNotFound", fmt.Sprintf("function %q: not in this program, which has %s", name, names))
	}
	h, err := New(function)
	if err != nil {
		return p.refuse("Runtime.InvalidHandler", fmt.Sprintf("function %q: %v", name, err))
	}
	p.start(h)
	return 0
}

// refuse tells Lambda and stderr that the init phase failed.
func (p program) refuse(errorType, message string) (status int) {
	fmt.Fprintln(p.stderr, message)
	if err := reportInitError(p.runtimeAPI, errorType, message); err != nil {
		fmt.Fprintln(p.stderr, err)
	}
	return 1
}

// functionName is what follows the last dot of a Lambda Handler.
func functionName(handler string) string {
	return handler[strings.LastIndexByte(handler, '.')+1:]
}
