// SPDX-License-Identifier: MIT

// Sparta deploys Go services to AWS Lambda from one sparta.yaml.
package main

import (
	"embed"
	"os"

	"github.com/sparta-up/sparta/internal/cli"
)

// toolkit is the source of what users' programs import.
//
//go:embed go.mod go.sum shim/*.go customresource/*.go customresource/*/*.go customresource/internal/*/*.go decorator/*.go internal/cfn/*.go internal/diag/*.go internal/diag/codes.md
var toolkit embed.FS

func main() {
	os.Exit(cli.Main(cli.Process{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Environ: os.Environ(), Toolkit: toolkit,
	}))
}
