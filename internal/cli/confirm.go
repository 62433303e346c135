// SPDX-License-Identifier: MIT

package cli

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/sparta-up/sparta/pipeline/stage"
)

// confirm asks before data is lost. --yes consents; where nobody can be asked,
// the command stops.
func (s *session) confirm(ctx context.Context, question string, details []string) error {
	if s.flags.Yes {
		return nil
	}
	refusal := &stage.ConsentError{Question: question, Details: details}
	stdin, ok := s.process.Stdin.(*os.File)
	if !ok || !term.IsTerminal(int(stdin.Fd())) || s.process.environ("CI") != "" || s.flags.Output == "json" {
		return refusal
	}
	s.ui.Note(fmt.Sprintf("%s\n  %s\ntype yes to go on:", question, strings.Join(details, "\n  ")))
	answers := make(chan string, 1)
	go func() { // ends with the process if nobody answers
		line, _ := bufio.NewReader(stdin).ReadString('\n')
		answers <- strings.TrimSpace(line)
	}()
	select {
	case answer := <-answers:
		if answer == "yes" {
			return nil
		}
		return refusal
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
