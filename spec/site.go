// SPDX-License-Identifier: MIT

package spec

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// What a site has that names nothing else.
const (
	DefaultIndex   = "index.html"
	DefaultHosting = "website"
)

// CloudFront reports whether CloudFront serves the site.
func (s Site) CloudFront() bool { return s.Hosting == "cloudfront" }

// site decodes the site and checks that its directory and documents exist.
func (d *decoder) site(s *Service) {
	n := d.root.field("site")
	if !usable(n) {
		return
	}
	site := &Site{
		Hosting: or(d.literal(n.field("hosting")), DefaultHosting),
		Index:   or(d.literal(n.field("index")), DefaultIndex),
		Error:   d.literal(n.field("error")),
		Cache:   d.cache(n.field("cache")),
	}
	s.Site = site
	dir := d.literal(n.field("dir"))
	if dir == "" || n.field("dir").faulty {
		return
	}
	site.Dir = d.resolve(dir)
	if !d.isDirectory(n.field("dir"), site.Dir) {
		return
	}
	at := n.field("dir")
	if given := n.field("index"); given != nil {
		at = given
	}
	d.siteFile(at, site.Dir, site.Index, "index document")
	if given := n.field("error"); usable(given) && d.inside(given) {
		d.siteFile(given, site.Dir, site.Error, "error document")
	}
}

// resolve makes a path of the file absolute.
func (d *decoder) resolve(p string) string {
	p = filepath.FromSlash(p)
	if filepath.IsAbs(p) {
		return filepath.Clean(p)
	}
	return filepath.Join(d.dir, p)
}

func (d *decoder) isDirectory(n *node, dir string) bool {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.fault(n, diag.SiteDirectory, "there is no directory "+n.quote(), nearestEntry(dir, true))
	case err != nil:
		d.fault(n, diag.SiteDirectory, reason(err), "")
	case !info.IsDir():
		d.fault(n, diag.SiteDirectory, n.quote()+" is no directory", "")
	default:
		return true
	}
	return false
}

// inside checks that a document is named by a path that stays in the site.
func (d *decoder) inside(n *node) bool {
	if filepath.IsLocal(filepath.FromSlash(n.written)) {
		return true
	}
	d.fault(n, diag.SiteDocument, n.quote()+" is not inside the site's directory", "write the path relative to dir")
	return false
}

// siteFile checks that a document of the site is a file.
func (d *decoder) siteFile(n *node, dir, name, what string) {
	if !usable(n) {
		return
	}
	info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name)))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.fault(n, diag.SiteDocument, "missing "+what+" "+strconv.Quote(name), siteHint(dir, name))
	case err != nil:
		d.fault(n, diag.SiteDocument, what+" "+strconv.Quote(name)+": "+reason(err), "")
	case !info.Mode().IsRegular():
		d.fault(n, diag.SiteDocument, what+" "+strconv.Quote(name)+" is no regular file", "")
	}
}

// siteHint lists what could be meant by a document that is missing.
func siteHint(dir, name string) string {
	pages, _ := filepath.Glob(filepath.Join(dir, "*.htm*"))
	names := make([]string, len(pages))
	for i, page := range pages {
		names[i] = filepath.Base(page)
	}
	if near := nearest(name, names); near != "" {
		return didYouMean(near)
	}
	const most = 5
	if len(names) == 0 {
		return "the directory has no HTML file: build the site first, or add " + name
	}
	return "the directory has " + strings.Join(names[:min(most, len(names))], ", ")
}

// nearestEntry suggests a neighbour of a path that does not exist.
func nearestEntry(missing string, directory bool) string {
	entries, err := os.ReadDir(filepath.Dir(missing))
	if err != nil {
		return "paths are relative to sparta.yaml"
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() == directory {
			names = append(names, e.Name())
		}
	}
	if near := nearest(filepath.Base(missing), names); near != "" {
		return didYouMean(near)
	}
	return "paths are relative to sparta.yaml"
}

// cache decodes the rules for Cache-Control.
func (d *decoder) cache(n *node) []CacheRule {
	if !usable(n) {
		return nil
	}
	var rules []CacheRule
	for _, item := range n.items {
		if !usable(item) {
			continue
		}
		r := CacheRule{Glob: d.literal(item.field("glob")), CacheControl: d.literal(item.field("cacheControl"))}
		if _, err := path.Match(r.Glob, ""); err != nil {
			d.fault(item.field("glob"), diag.Glob, strconv.Quote(r.Glob)+" is no pattern", "a bracket is not closed, or a backslash ends it")
			continue
		}
		rules = append(rules, r)
	}
	return rules
}

// executable checks that a program named by a path can be run.
func (d *decoder) executable(n *node) {
	if !strings.ContainsAny(n.written, `/\`) {
		return // looked up on the PATH when it runs
	}
	program := d.resolve(n.written)
	info, err := os.Stat(program)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.fault(n, diag.Program, "there is no program "+n.quote(), nearestEntry(program, false))
	case err != nil:
		d.fault(n, diag.Program, reason(err), "")
	case !info.Mode().IsRegular():
		d.fault(n, diag.Program, n.quote()+" is no program", "")
	case runtime.GOOS != "windows" && info.Mode()&0o111 == 0:
		d.fault(n, diag.Program, n.quote()+" is not executable", "run chmod +x "+n.written)
	}
}
