// SPDX-License-Identifier: MIT

package cli

import (
	"encoding/json"
	"fmt"

	"github.com/sparta-up/sparta/schema"
)

// schemaCommand is `sparta schema`.
type schemaCommand struct {
	Tags bool `help:"Print the value of yaml.customTags instead, the editor setting that makes !Ref and its like known."`
}

// Run prints the schema, which is JSON whatever --output says.
func (c *schemaCommand) Run(s *session) error {
	text := schema.Editor()
	if c.Tags {
		var err error
		if text, err = json.MarshalIndent(schema.Tags(), "", "  "); err != nil {
			return err
		}
		text = append(text, '\n')
	}
	if _, err := s.process.Stdout.Write(text); err != nil {
		return fmt.Errorf("write schema: %w", err)
	}
	return nil
}
