// SPDX-License-Identifier: MIT

// Package cli is Sparta's command line: each command picks a flowchart, runs it
// and hands the outcome to the user interface.
package cli

import (
	"context"
	"errors"
	"fmt"
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
	exitInterrupted = 130 // by SIGINT or SIGTERM
)

// errInterrupted is the cause that an interrupt cancels a command with.
var errInterrupted = errors.New("interrupted")

// grammar is the command line. Its flags are the same for every command.
type grammar struct {
	File    string `short:"f" help:"The service's file." default:"sparta.yaml" placeholder:"PATH"`
	Local   bool   `help:"Use the AWS that is built in: no account, no network."`
	Yes     bool   `short:"y" help:"Consent to what deletes or replaces data."`
	Output  string `short:"o" help:"Form of the result: ${enum}." enum:"text,json" default:"text"`
	Region  string `short:"r" help:"AWS region, before AWS_REGION and the profile's."`
	Profile string `short:"p" help:"Profile of the AWS configuration."`
	Bucket  string `help:"Artifact bucket instead of the account's own." placeholder:"NAME"`
	Debug   bool   `help:"Tell everything that an issue report needs."`

	Up       upCommand       `cmd:"" help:"Bring the service up, or up to date."`
	Down     downCommand     `cmd:"" help:"Take the service away."`
	Validate validateCommand `cmd:"" help:"Check sparta.yaml and the handlers that it names."`
	Invoke   invokeCommand   `cmd:"" help:"Send an event to a function and print the answer."`
	Init     initCommand     `cmd:"" help:"Make sparta.yaml for the handlers of a Go module, or a whole service in an empty directory."`
	Schema   schemaCommand   `cmd:"" help:"Print the JSON Schema of sparta.yaml, for editors."`
	Version  versionCommand  `cmd:"" help:"Print Sparta's version."`
}

const description = `Deploys Go services to AWS Lambda from one sparta.yaml.

Exit codes: 0 done or nothing to do, 1 failed, 2 wrong usage or sparta.yaml,
3 partly done, 130 interrupted.`

// Main runs one command and returns the exit code.
func Main(p Process) int {
	var g grammar
	code := -1
	parser, err := kong.New(&g,
		kong.Name("sparta"), kong.Description(description), kong.UsageOnError(),
		kong.Writers(p.Stdout, p.Stderr), kong.Exit(func(c int) { code = c }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 80}),
		kong.DefaultEnvars("SPARTA"),
	)
	if err != nil {
		fmt.Fprintln(p.Stderr, "error:", err)
		return exitFailed
	}
	command, err := parser.Parse(p.Args)
	if code >= 0 { // help was asked for
		return code
	}
	if err != nil {
		fmt.Fprintf(p.Stderr, "error: %v\nhint: sparta --help\n", err)
		return exitUsage
	}
	if g.Local && g.Profile != "" {
		fmt.Fprintln(p.Stderr, "error: --profile and --local exclude each other: --local never reads the AWS configuration")
		return exitUsage
	}
	ctx, detach, stop := interruptible(context.Background())
	defer stop()
	s := newSession(ctx, p, &g, detach, command.Selected().Name)
	defer s.close()
	if err := command.Run(s); err != nil {
		return s.fail(err)
	}
	return exitDone
}

// file returns the path of the service's file: where the default does not
// exist, the .yml form of it may.
func (g *grammar) file() string {
	if g.File == "sparta.yaml" {
		if _, err := os.Stat(g.File); errors.Is(err, fs.ErrNotExist) {
			if _, err := os.Stat("sparta.yml"); err == nil {
				return "sparta.yml"
			}
		}
	}
	return g.File
}

// environ returns a variable of the process's environment.
func (p Process) environ(name string) string {
	for _, entry := range p.Environ {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}
