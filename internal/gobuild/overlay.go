// SPDX-License-Identifier: MIT

package gobuild

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"
)

// hideToolkit adds the go.mod files of the user's modules that mention the
// toolkit, without that.
func (p *plan) hideToolkit() error {
	for _, member := range p.module.members {
		text, err := member.modWithoutToolkit()
		if err != nil {
			return fmt.Errorf("read module: %w", err)
		}
		if text != nil {
			p.files[filepath.Join(member.dir, "go.mod")] = text
		}
	}
	return nil
}

// writeOverlay writes the plan's files to dir and the map that shows them to
// the go command at their place.
func (p *plan) writeOverlay(dir string) error {
	overlay := struct{ Replace map[string]string }{make(map[string]string)}
	for name, text := range p.files {
		if text == nil {
			overlay.Replace[name] = ""
			continue
		}
		sum := sha256.Sum256([]byte(name))
		actual := filepath.Join(dir, "source", hex.EncodeToString(sum[:8])+"-"+filepath.Base(name))
		if err := writeIfChanged(actual, text); err != nil {
			return err
		}
		overlay.Replace[name] = actual
	}
	text, err := json.MarshalIndent(overlay, "", "\t")
	if err != nil {
		return err
	}
	return writeIfChanged(filepath.Join(dir, "overlay.json"), text)
}
