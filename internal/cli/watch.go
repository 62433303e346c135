// SPDX-License-Identifier: MIT

package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/sparta-up/sparta/internal/ui"
	"github.com/sparta-up/sparta/internal/watch"
	"github.com/sparta-up/sparta/pipeline"
	"github.com/sparta-up/sparta/pipeline/flow"
	"github.com/sparta-up/sparta/pipeline/stage"
)

// watch brings the service up to date whenever one of its files changes, until
// an interrupt. What fails is told, and the service goes on as it was.
func (s *session) watch(dirs []string) error {
	watcher, err := watch.New(dirs, s.process.files()...)
	if err != nil {
		return err
	}
	defer watcher.Close()
	failed := false
	for {
		err := watcher.Wait(s.ctx)
		switch {
		case s.ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		}
		switch err := s.again(failed); {
		case errors.Is(err, errInterrupted):
			return err
		case err != nil:
			s.ui.Failure(err)
			s.ui.Note("the service is as it was before; watching for the next change")
			failed = true
		default:
			failed = false
		}
	}
}

// again brings the service up to date once more, and tells what came of it. That
// nothing has changed is worth a word after a failure only.
func (s *session) again(failed bool) error {
	start := time.Now()
	s.token = newToken()
	settings := s.settings()
	settings.Follow = nil
	up := flow.NewUp(settings)
	if _, err := up.Run(s.ctx, pipeline.Options{}); err != nil {
		return s.withoutEcho(err)
	}
	s.ui.Problems(up.Project.Get().Warnings)
	outcome := up.Outcome.Get()
	if outcome.Kind == stage.Unchanged && !failed {
		return nil
	}
	s.ui.Note(fmt.Sprintf("%s: %s in %.1f s", outcome.Stack.Name, outcome.Kind, time.Since(start).Seconds()))
	s.tellNewOutputs(outputs(outcome.Stack))
	return nil
}

// tellNewOutputs tells the outputs that were not told yet.
func (s *session) tellNewOutputs(now []ui.Output) {
	for _, o := range now {
		if !slices.Contains(s.result.Outputs, o) {
			s.ui.Note(fmt.Sprintf("%s is %s", o.Name, o.Value))
		}
	}
	s.result.Outputs = now
}

// files are those that the process writes to.
func (p Process) files() []*os.File {
	var files []*os.File
	for _, w := range []io.Writer{p.Stdout, p.Stderr} {
		if file, ok := w.(*os.File); ok {
			files = append(files, file)
		}
	}
	return files
}

// watched are the directories whose files make the service: of the Go module, of
// sparta.yaml, and of the site.
func (s *session) watched(p stage.Project) []string {
	dirs := []string{s.serviceDir()}
	if p.Module != nil {
		dirs = append(dirs, p.Module.Root)
	}
	if p.Service.Site != nil {
		dirs = append(dirs, p.Service.Site.Dir)
	}
	return dirs
}
