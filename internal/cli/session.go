// SPDX-License-Identifier: MIT

package cli

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/sparta-up/sparta/internal/awsclient"
	"github.com/sparta-up/sparta/internal/localaws"
	"github.com/sparta-up/sparta/internal/ui"
	"github.com/sparta-up/sparta/pipeline"
	"github.com/sparta-up/sparta/pipeline/flow"
	"github.com/sparta-up/sparta/pipeline/stage"
)

// localAccount is the account of the embedded AWS.
const localAccount = "000000000000"

// localRegion is its region where the user names none.
const localRegion = "us-east-1"

// session is one run of one command.
type session struct {
	ctx     context.Context
	process Process
	flags   *grammar
	detach  <-chan struct{}
	ui      *ui.UI
	result  ui.Result
	token   string
	cloud   *localaws.Cloud // nil until a stage connects to the embedded AWS
}

func newSession(ctx context.Context, p Process, g *grammar, detach <-chan struct{}, command string) *session {
	format := ui.Text
	if g.Output == "json" {
		format = ui.JSON
	}
	return &session{
		ctx: ctx, process: p, flags: g, detach: detach, token: newToken(),
		result: ui.Result{Command: command},
		ui: ui.New(ui.Options{
			Stdout: p.Stdout, Stderr: p.Stderr, Format: format, Debug: g.Debug,
			Env: p.environ, Width: ui.TerminalWidth(p.Stderr),
		}),
	}
}

// newToken returns an idempotency token for CloudFormation.
func newToken() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand.Read aborts the program instead
	return hex.EncodeToString(b[:])
}

// settings returns what the flowcharts need of this run.
func (s *session) settings() flow.Settings {
	userCache, err := os.UserCacheDir()
	if err != nil {
		userCache = "" // no home directory: the cache goes beside the service
	}
	return flow.Settings{
		File: s.flags.file(), Spec: s.specOptions(), Config: s.config, Local: s.flags.Local, Bucket: s.flags.Bucket,
		Toolkit: s.process.Toolkit, Cache: stage.CacheDir(userCache, s.serviceDir()), Environ: s.process.Environ,
		Confirm: s.confirm, Follow: s.follow, Detach: s.detach, Pace: s.pace(), Token: s.token,
	}
}

func (s *session) serviceDir() string {
	dir, err := filepath.Abs(filepath.Dir(s.flags.file()))
	if err != nil {
		return filepath.Dir(s.flags.file())
	}
	return dir
}

// pace is how often CloudFormation is asked. The embedded one has no limits.
func (s *session) pace() stage.Pace {
	if s.flags.Local {
		return stage.Pace{First: 5 * time.Millisecond, Most: 100 * time.Millisecond}
	}
	return stage.Pace{}
}

// config resolves the AWS configuration or starts the embedded AWS.
func (s *session) config(ctx context.Context) (aws.Config, error) {
	if !s.flags.Local {
		return awsclient.Load(ctx, awsclient.Options{Region: s.flags.Region, Profile: s.flags.Profile})
	}
	region := localRegion
	if s.flags.Region != "" {
		region = s.flags.Region
	}
	if s.cloud == nil {
		node, err := exec.LookPath("node")
		if err != nil {
			node = "" // the embedded AWS says what it does without
		}
		s.cloud, err = localaws.Open(s.ctx, localaws.Options{
			Dir: filepath.Join(s.serviceDir(), ".sparta", "local"), Account: localAccount, Region: region,
			Node: node, Log: s.ui.Logger(), Notice: s.ui.Note,
		})
		if err != nil {
			return aws.Config{}, err
		}
	}
	return awsclient.Local(s.cloud.Endpoint(), localAccount, region), nil
}

// run runs a pipeline under the eyes of the user interface.
func (s *session) run(p *pipeline.Pipeline) error {
	reports, err := p.Run(s.ctx, pipeline.Options{Observer: s.ui})
	s.result.Stages = append(s.result.Stages, reports...)
	return err
}

// follow shows a stack event.
func (s *session) follow(e stage.Event) {
	s.ui.Event(ui.Event{Stage: "wait", LogicalID: e.LogicalID, Type: e.Type, Status: e.Status, Reason: e.Reason})
}

// done writes the command's result.
func (s *session) done() error { return s.ui.Result(s.result) }

// serve keeps the embedded AWS up until an interrupt.
func (s *session) serve() error {
	if s.cloud.Attached() {
		s.ui.Note("another sparta process serves this service's URLs")
		return nil
	}
	s.ui.Note("serving; Ctrl-C to stop")
	<-s.ctx.Done()
	return nil
}

// close ends the embedded AWS and the live block.
func (s *session) close() {
	if s.cloud != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), 10*time.Second)
		defer cancel()
		if err := s.cloud.Close(ctx); err != nil {
			s.ui.Failure(fmt.Errorf("close the embedded AWS: %w", err))
		}
	}
	s.ui.Close()
}

// fail shows why the command failed and returns the exit code.
func (s *session) fail(err error) int {
	s.ui.Failure(err)
	if state, ok := errors.AsType[*stage.StackError](err); ok {
		s.ui.Note(state.State())
	}
	s.result.Err = err
	if writeErr := s.ui.Result(s.result); writeErr != nil {
		s.ui.Failure(writeErr)
	}
	return exitCode(err)
}

// exitCode sorts failures by what they leave behind.
func exitCode(err error) int {
	if errors.Is(err, errInterrupted) {
		return exitInterrupted
	}
	if _, ok := errors.AsType[*usage](err); ok {
		return exitUsage
	}
	if _, ok := errors.AsType[*stage.ConsentError](err); ok {
		return exitUsage
	}
	if failed, ok := errors.AsType[*pipeline.StageError](err); ok && failed.Stage == "read" {
		return exitUsage
	}
	if state, ok := errors.AsType[*stage.StackError](err); ok && state.Partial() {
		return exitPartial
	}
	return exitFailed
}
