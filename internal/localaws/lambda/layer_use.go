// SPDX-License-Identifier: MIT

package lambda

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

// maxLayers is how many layers a function may have (Lambda quotas).
const maxLayers = 5

func (s *Service) loadLayers() error {
	var kept []*layer
	if err := s.env.Store.Load(layersDocument, &kept); err != nil {
		return err
	}
	for _, l := range kept {
		s.layers[l.arn()] = l
	}
	s.env.Store.Register(layersDocument, func() ([]byte, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		all := []*layer{}
		for _, l := range s.layers {
			all = append(all, l)
		}
		return json.Marshal(all)
	})
	return nil
}

// layersChanged has the layers written; s.mu may be held.
func (s *Service) layersChanged() { s.env.Store.Changed(layersDocument) }

// useLayers finds the layers that a caller wants for a function, in their order.
func (s *Service) useLayers(scope arn.Scope, in *configInput) error {
	if in.Layers == nil {
		return nil
	}
	if len(in.Layers) > maxLayers {
		return invalidValue("Cannot reference more than %d layers.", maxLayers)
	}
	in.used = []layerUse{}
	names := map[string]bool{}
	for _, text := range in.Layers {
		name, version, err := parseLayer(scope, text)
		switch {
		case err != nil:
			return err
		case version == "" || !strings.HasPrefix(text, "arn:"):
			return invalidMember("["+text+"]", "layers", "Member must satisfy regular expression pattern: arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+")
		case names[name]:
			return invalidValue("Two different versions of the same layer are not allowed to be referenced in the same function. %s", text)
		}
		names[name] = true
		s.mu.Lock()
		l, v, err := s.findLayer(scope, name, version)
		s.mu.Unlock()
		if err != nil {
			return invalidValue("Layer version %s does not exist.", text)
		}
		if entries, err := os.ReadDir(filepath.Join(s.code.task(v.CodeSHA256), "extensions")); err == nil && len(entries) > 0 {
			return unmodelled("extensions, which the layer " + text + " has")
		}
		in.used = append(in.used, layerUse{l.versionARN(v), v.CodeSHA256, v.CodeSize})
	}
	return nil
}

// checkUnzipped refuses code and layers that are too large together.
func (s *Service) checkUnzipped(v *settings) error {
	if len(v.Layers) == 0 {
		return nil // the code alone was checked when it was unpacked
	}
	var sum int64
	for _, hash := range append([]string{v.CodeSHA256}, v.layerHashes()...) {
		n, err := sizeOf(s.code.task(hash))
		if err != nil {
			return err
		}
		sum += n
	}
	if sum > maxUnzipped {
		return invalidValue("Function code combined with layers exceeds the maximum allowed size of %d bytes. The actual size is %d bytes.", maxUnzipped, sum)
	}
	return nil
}

func (v *settings) layerHashes() []string {
	var hashes []string
	for _, l := range v.Layers {
		hashes = append(hashes, l.CodeSHA256)
	}
	return hashes
}

// sizeOf returns the size of the files below a directory, in bytes.
func sizeOf(dir string) (int64, error) {
	var sum int64
	err := filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			sum += info.Size()
		}
		return err
	})
	return sum, err
}

// opt returns the directory that stands for /opt: the files of the layers, of
// which a later one wins. It is "" for no layers.
func (c codeStore) opt(hashes []string) (string, error) {
	if len(hashes) == 0 {
		return "", nil
	}
	sum := sha256.Sum256([]byte(strings.Join(hashes, "\n")))
	final := filepath.Join(c.layers, hex.EncodeToString(sum[:]))
	if _, err := os.Stat(final); err == nil {
		return final, nil
	}
	fresh, err := os.MkdirTemp(c.layers, "new-")
	if err != nil {
		return "", err
	}
	for _, hash := range hashes {
		if err = overlay(c.task(hash), fresh); err != nil {
			break
		}
	}
	if err == nil {
		err = os.Rename(fresh, final)
		if _, there := os.Stat(final); there == nil && err != nil {
			return final, os.RemoveAll(fresh) // another call was faster
		}
	}
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(fresh))
	}
	return final, setDirModes(final, 0o555)
}

// overlay links the files of one directory into another one. What is in the way
// is replaced.
func overlay(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil || relative == "." {
			return err
		}
		target := filepath.Join(to, relative)
		present, missing := os.Lstat(target)
		if entry.IsDir() && missing == nil && present.IsDir() {
			return nil
		}
		if missing == nil {
			if err := os.RemoveAll(target); err != nil {
				return err
			}
		}
		switch {
		case entry.IsDir():
			return os.Mkdir(target, 0o755)
		case entry.Type()&fs.ModeSymlink != 0:
			link, err := os.Readlink(path)
			if err != nil {
				return err
			}
			return os.Symlink(link, target)
		}
		return os.Link(path, target)
	})
}
