// SPDX-License-Identifier: MIT

package site

import (
	"errors"
	"fmt"
	"path"
)

// CacheRule gives the files that match a glob their Cache-Control header.
type CacheRule struct {
	Glob         string // path.Match pattern on the slash-separated path or on its last element
	CacheControl string
}

// Properties are the properties of the resource in the template.
type Properties struct {
	Bucket        string         // gets the files; also the physical id
	ArchiveBucket string         // holds the archive
	ArchiveKey    string         // object key of the zip archive; another key is another content
	ArchiveSize   int64          // of the archive in bytes; 0: ask S3
	Owner         string         // account id that must own both buckets; empty: not checked
	CacheRules    []CacheRule    // the first that matches counts
	Index         string         // index document, must be in the archive; may be empty
	Error         string         // error document, must be in the archive; may be empty
	Outputs       map[string]any // values by name, written into the manifest
	ManifestKey   string         // object key of the manifest; empty: MANIFEST.json
	Distribution  string         // id of the CloudFront distribution that serves the bucket; empty: none
}

const defaultManifestKey = "MANIFEST.json"

// check fills defaults in and refuses what cannot be carried out.
func (p *Properties) check() error {
	if p.Bucket == "" || p.ArchiveBucket == "" || p.ArchiveKey == "" {
		return errors.New("properties: Bucket, ArchiveBucket and ArchiveKey are needed")
	}
	if p.ManifestKey == "" {
		p.ManifestKey = defaultManifestKey
	}
	if p.ArchiveSize < 0 {
		return fmt.Errorf("properties: ArchiveSize: %d is negative", p.ArchiveSize)
	}
	if p.ArchiveSize == 0 {
		p.ArchiveSize = unknownSize
	}
	for i, rule := range p.CacheRules {
		if _, err := path.Match(rule.Glob, ""); err != nil {
			return fmt.Errorf("properties: CacheRules: %d: glob %q: %w", i, rule.Glob, err)
		}
	}
	return nil
}

// checkFiles refuses an archive that lacks a document or holds the manifest.
func (p *Properties) checkFiles(files *directory) error {
	for _, document := range []string{p.Index, p.Error} {
		if _, ok := files.named[document]; !ok && document != "" {
			return fmt.Errorf("document %q: not in the site", document)
		}
	}
	if _, ok := files.named[p.ManifestKey]; ok {
		return fmt.Errorf("file %q: the name is taken by the manifest that Sparta writes", p.ManifestKey)
	}
	return nil
}
