// SPDX-License-Identifier: MIT

package gobuild

import (
	"errors"
	"os"
	"path/filepath"
	"time"
)

// writeIfChanged writes a file whose content differs, so that an unchanged build
// changes no modification time. The file is replaced as a whole.
func writeIfChanged(file string, content []byte) error {
	if old, err := os.ReadFile(file); err == nil && string(old) == string(content) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(file), ".write-")
	if err != nil {
		return err
	}
	_, err = temp.Write(content)
	if err := errors.Join(err, temp.Close(), os.Chmod(temp.Name(), 0o644)); err != nil {
		return errors.Join(err, os.Remove(temp.Name()))
	}
	return os.Rename(temp.Name(), file)
}

// keepBuilds is how long a build that nobody asks for stays in the cache.
const keepBuilds = 14 * 24 * time.Hour

// touch marks a build as used. If it can't, the build is made anew one day.
func touch(dir string) { _ = os.Chtimes(dir, time.Time{}, time.Now()) }

// prune removes builds that were not used for long. Whatever it can't remove
// costs disk space and nothing else.
func prune(builds string) {
	entries, err := os.ReadDir(builds)
	if err != nil {
		return
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && entry.IsDir() && time.Since(info.ModTime()) > keepBuilds {
			_ = os.RemoveAll(filepath.Join(builds, entry.Name()))
		}
	}
}
