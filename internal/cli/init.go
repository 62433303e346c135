// SPDX-License-Identifier: MIT

package cli

import (
	"github.com/sparta-up/sparta/internal/scaffold"
	"github.com/sparta-up/sparta/internal/ui"
)

// initCommand is `sparta init`.
type initCommand struct {
	Dir string `arg:"" optional:"" help:"Directory of the service, made if it is not there." default:"."`
}

// Run makes a service's files.
func (i *initCommand) Run(s *session) error {
	if s.flags.File != "" {
		return usageError("--file does not go with init, which makes sparta.yaml in the directory: sparta init DIR")
	}
	made, err := scaffold.Init(s.ctx, i.Dir, s.process.Environ)
	if err != nil {
		for _, name := range made.Made {
			s.ui.Note("made " + name)
		}
		return err
	}
	s.result.Service, s.result.Status = made.Service, "made"
	for _, remark := range made.Notes {
		s.ui.Note(remark)
	}
	if s.flags.Output == "json" {
		s.result.Extra = told(made)
	} else {
		s.result.Outputs = lines(made)
	}
	return s.done()
}

// told returns what was made for programs.
func told(made scaffold.Result) map[string]any {
	functions := []any{}
	for _, f := range made.Functions {
		functions = append(functions, map[string]any{"name": f.Name, "handler": f.Handler, "url": f.URL, "source": f.Source})
	}
	return map[string]any{
		"functions": functions, "made": list(made.Made), "kept": list(made.Kept), "next": list(made.Next),
	}
}

// list returns texts as a list of JSON that is never null.
func list(texts []string) []string { return append([]string{}, texts...) }

// lines returns what was made for people.
func lines(made scaffold.Result) []ui.Output {
	var lines []ui.Output
	add := func(name string, values []string) {
		for _, value := range values {
			lines = append(lines, ui.Output{Name: name, Value: value})
		}
	}
	add("made", made.Made)
	add("kept", made.Kept)
	for _, f := range made.Functions {
		add("function", []string{f.Name + ", " + f.Handler})
	}
	add("next", made.Next)
	return lines
}

// refreshSchema brings the editors' schema beside sparta.yaml up to date. The
// command goes on without: only editors read it.
func (s *session) refreshSchema() {
	wrote, err := scaffold.Refresh(s.flags.file())
	log := s.ui.Logger()
	switch {
	case err != nil:
		log.Debug().Err(err).Msg("left the schema for editors")
	case wrote:
		log.Debug().Msg("wrote the schema for editors")
	}
}
