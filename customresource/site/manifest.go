// SPDX-License-Identifier: MIT

package site

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
)

// manifest writes the stack's outputs for the site's scripts to read, unless
// they are there already.
func (p *publisher) manifest(ctx context.Context, properties Properties, l *live) error {
	outputs := properties.Outputs
	if outputs == nil {
		outputs = map[string]any{}
	}
	var data bytes.Buffer
	e := json.NewEncoder(&data)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(outputs); err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	if l != nil && l.objects[properties.ManifestKey].etag == etagOf(data.Bytes()) {
		return nil
	}
	return p.put(ctx, properties.ManifestKey, headers{"application/json; charset=utf-8", "no-cache"}, data.Bytes())
}
