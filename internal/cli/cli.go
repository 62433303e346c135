// SPDX-License-Identifier: MIT

// Package cli is Sparta's command line: each command picks a flowchart, runs it
// and hands the outcome to the user interface.
package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

// Process is what a command has of the process that it runs in.
type Process struct {
	Args    []string // without the program's name
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	Environ []string
	Toolkit fs.FS // the sources of Sparta's public packages
}

// Exit codes. They are part of the command line's promise.
const (
	exitDone        = 0
	exitFailed      = 1   // nothing was changed, or everything was rolled back
	exitUsage       = 2   // the command line or sparta.yaml is wrong
	exitPartial     = 3   // something was changed and not rolled back
	exitDifferent   = 4   // diff --exit-code: up would change something
	exitInterrupted = 130 // by SIGINT or SIGTERM
)

// errInterrupted is the cause that an interrupt cancels a command with.
var errInterrupted = errors.New("interrupted")

// grammar is the command line. Its flags are the same for every command, which
// refuses those that mean nothing to it; see flagsOf.
type grammar struct {
	File    string `short:"f" help:"The service's file; without it sparta.yaml or sparta.yml." placeholder:"PATH"`
	Local   bool   `help:"Use the AWS that is built in: no account, no network."`
	Yes     bool   `short:"y" help:"Consent to what deletes or replaces data."`
	Output  string `short:"o" help:"Form of the result: text, json or sarif." enum:"text,json,sarif" default:"text" placeholder:"FORM"`
	Region  string `short:"r" help:"AWS region, before AWS_REGION and the profile's." placeholder:"REGION"`
	Profile string `short:"p" help:"Profile of the AWS configuration." placeholder:"NAME"`
	Bucket  string `help:"Artifact bucket instead of the account's own." placeholder:"NAME"`
	Debug   bool   `help:"Tell everything that an issue report needs."`

	ShowVersion versionFlag `name:"version" help:"Print Sparta's version."`

	environmentFlag

	Up          upCommand          `cmd:"" help:"Bring the service up, or up to date."`
	Down        downCommand        `cmd:"" help:"Take the service away."`
	Diff        diffCommand        `cmd:"" help:"Show what up would change."`
	Validate    validateCommand    `cmd:"" help:"Check sparta.yaml and the handlers that it names."`
	Invoke      invokeCommand      `cmd:"" help:"Send an event to a function and print the answer."`
	Status      statusCommand      `cmd:"" help:"Print the state of the service, its outputs and its resources."`
	Logs        logsCommand        `cmd:"" help:"Print what functions have logged, and follow it."`
	Permissions permissionsCommand `cmd:"" help:"Print what each function may do, and what who deploys has to be allowed."`
	Init        initCommand        `cmd:"" help:"Make sparta.yaml for the handlers of a Go module, or a whole service in an empty directory."`
	Schema      schemaCommand      `cmd:"" help:"Print the JSON Schema of sparta.yaml, for editors."`
	Explain     explainCommand     `cmd:"" help:"Explain a kind of problem, such as SP0203."`
	Version     versionCommand     `cmd:"" help:"Print Sparta's version."`
}

const description = `Deploys Go services to AWS Lambda from one sparta.yaml.

Exit codes: 0 done or nothing to do, 1 failed, 2 wrong usage or sparta.yaml,
3 partly done, 4 differences (diff --exit-code), 130 interrupted.

A variable of the environment can stand for a flag: SPARTA_LOCAL=1 for --local.`

// Main runs one command and returns the exit code.
func Main(p Process) int {
	var g grammar
	command, helped, err := parse(p, &g)
	if helped {
		return exitDone
	}
	ctx, detach, stop := interruptible(context.Background())
	defer stop()
	s := newSession(ctx, p, &g, detach)
	defer s.close()
	if err == nil {
		s.result.Command = command.Selected().Name
		defer memoryOf(s.result.Command).hold(p)()
		err = command.Run(s)
	}
	if err != nil {
		return s.fail(err)
	}
	return s.exit
}

// parse reads the command line into g. It reports whether that asked for help,
// which is then written. Its errors are those of usage; g.Output is set even then, so
// that they can be told in the form that was asked for.
func parse(p Process, g *grammar) (command *kong.Context, helped bool, err error) {
	parser, err := kong.New(g,
		kong.Name("sparta"), kong.Description(description),
		kong.Writers(p.Stdout, p.Stderr), kong.Exit(func(int) { helped = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 80}),
		kong.Resolvers(kong.ResolverFunc(p.variable)),
	)
	if err != nil {
		return nil, false, err
	}
	command, err = parser.Parse(p.Args)
	switch {
	case helped:
		return nil, true, nil
	case err != nil:
		g.Output = p.wantedOutput()
		if len(p.Args) == 0 && g.Output != "json" { // a newcomer looks around
			parser.Stdout = p.Stderr
			_, _ = parser.Parse([]string{"--help"})
			return nil, false, usageError("no command is given")
		}
		return nil, false, usageError("%v", err)
	}
	if err := needless(command); err != nil {
		return command, false, err
	}
	return command, false, g.check()
}

// check refuses flags that contradict each other.
func (g *grammar) check() error {
	if g.Local && g.Profile != "" {
		return usageError("--profile and --local exclude each other: --local never reads the AWS configuration")
	}
	return nil
}

// variable returns the value of the environment variable that stands for a
// flag. The command line wins; an empty variable counts as none.
func (p Process) variable(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	switch flag.Name {
	case "help", "version", "invoke", "data", "print", "follow", "since", "filter", "exit-code", "watch": // which are about one run alone
		return nil, nil
	}
	value := p.environ("SPARTA_" + strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_")))
	if value == "" {
		return nil, nil
	}
	return value, nil
}

// wantedOutput finds --output in a command line that can't be parsed.
func (p Process) wantedOutput() string {
	wanted := p.environ("SPARTA_OUTPUT")
	for i, arg := range p.Args {
		for _, name := range []string{"--output", "-o"} {
			switch value, ok := strings.CutPrefix(arg, name); {
			case ok && value == "" && i+1 < len(p.Args):
				wanted = p.Args[i+1]
			case ok:
				wanted = strings.TrimPrefix(value, "=")
			}
		}
	}
	return wanted
}

// file returns the path of the service's file.
func (g *grammar) file() string {
	if g.File != "" {
		return g.File
	}
	if _, err := os.Stat("sparta.yaml"); errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat("sparta.yml"); err == nil {
			return "sparta.yml"
		}
	}
	return "sparta.yaml"
}

// environ returns a variable of the process's environment.
func (p Process) environ(name string) string {
	value, _ := p.lookup(name)
	return value
}
