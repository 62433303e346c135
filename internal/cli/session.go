// SPDX-License-Identifier: MIT

package cli

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
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
	serving atomic.Bool     // what functions log is shown
	exit    int             // exit code of a command that does not fail
}

func newSession(ctx context.Context, p Process, g *grammar, detach <-chan struct{}) *session {
	format := ui.Text
	if g.Output == "json" {
		format = ui.JSON
	}
	return &session{
		ctx: ctx, process: p, flags: g, detach: detach, token: newToken(),
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

// stateDir is where the service's state on this machine lies.
func (s *session) stateDir() string { return filepath.Join(s.serviceDir(), ".sparta") }

// pace is how often CloudFormation is asked. The embedded one has no limits.
func (s *session) pace() stage.Pace {
	if s.flags.Local {
		return stage.Pace{First: 5 * time.Millisecond, Most: 100 * time.Millisecond}
	}
	return stage.Pace{}
}

// config resolves the AWS configuration or starts the embedded AWS.
func (s *session) config(ctx context.Context) (aws.Config, error) {
	if _, err := os.UserCacheDir(); err != nil || s.flags.Local { // something will lie beside sparta.yaml
		if err := hideFromGit(s.stateDir()); err != nil {
			return aws.Config{}, err
		}
	}
	if !s.flags.Local {
		return awsclient.Load(ctx, awsclient.Options{Region: s.flags.Region, Profile: s.flags.Profile})
	}
	region := cmp.Or(s.flags.Region, localRegion)
	if s.cloud == nil {
		if err := s.startCloud(region); err != nil {
			return aws.Config{}, err
		}
	}
	return awsclient.Local(s.cloud.Endpoint(), localAccount, region), nil
}

// startCloud starts the embedded AWS, or attaches to the one that another
// process serves. It outlives the pipeline that asks for it.
func (s *session) startCloud(region string) error {
	node, err := exec.LookPath("node")
	if err != nil {
		node = "" // the embedded AWS says what it does without
	}
	s.cloud, err = localaws.Open(s.ctx, localaws.Options{
		Dir: filepath.Join(s.stateDir(), "local"), Account: localAccount, Region: region,
		Node: node, Log: s.ui.Logger(), Notice: s.ui.Note, Heard: s.heard,
	})
	return err
}

// hidden is a .gitignore that keeps git from all beside it.
const hidden = "*\n"

// hideFromGit makes a directory whose content git ignores, unless the user has
// told git otherwise.
func hideFromGit(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(filepath.Join(dir, ".gitignore"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = file.WriteString(hidden)
	return errors.Join(err, file.Close())
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

// close ends the embedded AWS and the live block.
func (s *session) close() {
	if s.cloud != nil {
		ctx, cancel := grace(context.WithoutCancel(s.ctx), s.detach)
		defer cancel()
		if err := s.cloud.Close(ctx); err != nil {
			s.ui.Failure(fmt.Errorf("close the embedded AWS: %w", err))
		}
	}
	s.ui.Close()
}
