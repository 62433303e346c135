// SPDX-License-Identifier: MIT

package spec

import "github.com/sparta-up/sparta/internal/diag"

// Excerpt gives the problems that lie in this file the text of their line, for
// those that found a place but not the file.
func (s *Service) Excerpt(problems diag.List) {
	if s.positions == nil {
		return
	}
	for i, p := range problems {
		if p.Position.File == s.File && p.Source == "" {
			problems[i].Source = s.positions.veil(s.positions.line(p.Position.Line))
		}
	}
}
