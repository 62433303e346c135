// SPDX-License-Identifier: MIT

package cli

import (
	"fmt"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// explainCommand is `sparta explain`.
type explainCommand struct {
	Code string `arg:"" optional:"" help:"Code of the problem, such as SP0203. Without it, all are listed."`
}

// Run prints what the code stands for.
func (e *explainCommand) Run(s *session) error {
	if e.Code == "" {
		for _, x := range diag.Explanations() {
			fmt.Fprintf(s.process.Stdout, "%s  %s\n", x.Code, x.Title)
		}
		return nil
	}
	x, ok := diag.Explain(diag.Code(strings.ToUpper(e.Code)))
	if !ok {
		return usageError("there is no problem with the code %s: `sparta explain` lists them", e.Code)
	}
	if s.flags.Output == "json" {
		s.result.Extra = map[string]any{"code": string(x.Code), "title": x.Title, "explanation": x.Text, "before": x.Before, "after": x.After}
		return s.done()
	}
	_, err := fmt.Fprint(s.process.Stdout, x.String())
	return err
}
