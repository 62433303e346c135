// SPDX-License-Identifier: MIT

package awscli

import (
	"bufio"
	"context"
	_ "embed" // for serve.py
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// module turns the command into a server.
//
//go:embed serve.py
var module []byte

// errNotPython says that the command is a program which does not load module.
var errNotPython = errors.New("the aws command is not run by a Python of this machine")

// server is an aws command that has been loaded.
type server struct {
	socket string
	input  io.Closer // held open: the server ends with it, and so with this process
}

// load starts the command as a server, which ends with this process.
func load() (*server, error) {
	dir, err := os.MkdirTemp("", "aws-*")
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "sitecustomize.py"), module, 0o600); err != nil {
		return nil, err
	}
	s := &server{socket: filepath.Join(dir, "socket")}
	cmd := exec.Command("aws", "--version")
	cmd.Env = append(os.Environ(), "PYTHONPATH="+dir, "SPARTA_AWS_SOCKET="+s.socket, "LC_ALL=C.UTF-8")
	if s.input, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	if line, _ := bufio.NewReader(output).ReadString('\n'); line != "ready\n" {
		_ = cmd.Wait() // it told its version
		return nil, errors.Join(errNotPython, os.RemoveAll(dir))
	}
	return s, nil
}

// run has a command run in a process that the server forks.
func (s *server) run(ctx context.Context, in call) (Output, error) {
	var out Output
	connection, err := new(net.Dialer).DialContext(ctx, "unix", s.socket)
	if err != nil {
		return out, err
	}
	defer connection.Close()
	stop := context.AfterFunc(ctx, func() { _ = connection.Close() })
	defer stop()
	if err := json.NewEncoder(connection).Encode(in); err != nil {
		return out, err
	}
	text, err := io.ReadAll(connection)
	if err != nil {
		return out, err
	}
	if err := json.Unmarshal(text, &out); err != nil {
		return out, fmt.Errorf("read what the command printed, %q: %w", text, err)
	}
	return out, nil
}

// direct runs the command as it is.
func direct(ctx context.Context, in call) (Output, error) {
	var stdout, stderr strings.Builder
	cmd := exec.CommandContext(ctx, "aws", in.Args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = in.Dir, &stdout, &stderr
	for name, value := range in.Environ {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	err := cmd.Run()
	if _, ended := errors.AsType[*exec.ExitError](err); ended {
		err = nil
	}
	return Output{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}, err
}
