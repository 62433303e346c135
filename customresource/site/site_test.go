// SPDX-License-Identifier: MIT

package site

import (
	"archive/zip"
	"bytes"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/customresource"
)

// files are the content of a site by name.
type files map[string]string

func (f files) with(name, content string) files {
	out := maps.Clone(f)
	out[name] = content
	return out
}

func (f files) without(name string) files {
	out := maps.Clone(f)
	delete(out, name)
	return out
}

func zipOf(t testing.TB, content files) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(content)) {
		method := zip.Deflate
		if strings.HasSuffix(name, ".bin") || strings.HasSuffix(name, ".mp4") {
			method = zip.Store // random bytes
		}
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err == nil {
			_, err = f.Write([]byte(content[name]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// siteStack plays CloudFormation for one site resource.
type siteStack struct {
	t    testing.TB
	s3   *fakeS3
	cdn  *fakeCDN
	live map[string]any
	id   string
}

func newSiteStack(t testing.TB) *siteStack {
	return &siteStack{t: t, s3: newFakeS3("artifacts", "www", "www2"), cdn: &fakeCDN{}}
}

// properties uploads an archive and returns the properties that name it.
func (s *siteStack) properties(key string, content files, more ...any) map[string]any {
	s.s3.put("artifacts", key, zipOf(s.t, content))
	p := map[string]any{"Bucket": "www", "ArchiveBucket": "artifacts", "ArchiveKey": key, "Owner": testOwner}
	for i := 0; i < len(more); i += 2 {
		p[more[i].(string)] = more[i+1]
	}
	return p
}

func (s *siteStack) create(p map[string]any) error {
	response, err := site{s.s3, s.cdn}.Create(s.t.Context(), customresource.Request{Type: customresource.Create, RequestID: "created", Properties: p})
	s.id = response.PhysicalID
	if err == nil {
		s.live = p
	}
	return err
}

func (s *siteStack) update(p map[string]any) error {
	response, err := site{s.s3, s.cdn}.Update(s.t.Context(), customresource.Request{Type: customresource.Update, RequestID: "updated", PhysicalID: s.id, Properties: p, OldProperties: s.live})
	s.id = response.PhysicalID
	if err == nil {
		s.live = p
	}
	return err
}

func (s *siteStack) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// shows compares the bucket with what it should hold beside the manifest.
func (s *siteStack) shows(want files) {
	s.t.Helper()
	got := files{}
	for _, key := range s.s3.keys(s.id) {
		got[key] = string(s.s3.object(s.id, key).data)
	}
	if _, ok := got["MANIFEST.json"]; !ok {
		s.t.Error("no manifest")
	}
	delete(got, "MANIFEST.json")
	if diff := cmp.Diff(want, got); diff != "" {
		s.t.Errorf("bucket (-want +got):\n%s", diff)
	}
}

func smallSite() files {
	return files{
		"index.html": "<h1>hello</h1>", "about/index.html": "about", "app.3f2a9c1b.js": "js",
		"style.css": "css", "größe ist +1 & mehr.txt": "nicht ASCII", "empty": "",
	}
}

func TestSiteCreate(t *testing.T) {
	t.Parallel()
	s := newSiteStack(t)
	p := s.properties("one.zip", smallSite(), "Index", "index.html", "Outputs", map[string]any{"Url": "https://x/<y>&z", "Api": "a"},
		"CacheRules", []any{map[string]any{"Glob": "*.css", "CacheControl": "max-age=7"}})
	s.must(s.create(p))
	s.shows(smallSite())
	for key, want := range map[string]headers{
		"index.html":              {"text/html; charset=utf-8", "no-cache"},
		"app.3f2a9c1b.js":         {"text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
		"style.css":               {"text/css; charset=utf-8", "max-age=7"},
		"größe ist +1 & mehr.txt": {"text/plain; charset=utf-8", "public, max-age=300"},
		"empty":                   {"application/octet-stream", "public, max-age=300"},
		"MANIFEST.json":           {"application/json; charset=utf-8", "no-cache"},
	} {
		o := s.s3.object("www", key)
		if got := (headers{o.contentType, o.cacheControl}); got != want {
			t.Errorf("%s: got %v, want %v", key, got, want)
		}
	}
	want := "{\n  \"Api\": \"a\",\n  \"Url\": \"https://x/<y>&z\"\n}\n"
	if got := string(s.s3.object("www", "MANIFEST.json").data); got != want {
		t.Errorf("manifest: got %q, want %q", got, want)
	}
	puts := s.s3.take("PutObject")
	firstPage := slices.IndexFunc(puts, func(c string) bool { return strings.HasSuffix(c, ".html") })
	if puts[len(puts)-1] != "PutObject MANIFEST.json" || firstPage != len(puts)-3 {
		t.Errorf("order of writes: %q", puts)
	}
}

func TestSiteUpdateWritesOnlyWhatChanged(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*siteStack) map[string]any
		want   []string // requests that write
		shows  files
	}{
		{"nothing", func(s *siteStack) map[string]any { return s.live }, nil, smallSite()},
		{"same content, other key", func(s *siteStack) map[string]any { return s.properties("two.zip", smallSite()) }, nil, smallSite()},
		{"one file", func(s *siteStack) map[string]any {
			return s.properties("two.zip", smallSite().with("style.css", "new"))
		}, []string{"PutObject style.css"}, smallSite().with("style.css", "new")},
		{"new and gone", func(s *siteStack) map[string]any {
			return s.properties("two.zip", smallSite().with("new.txt", "n").without("empty"))
		}, []string{"PutObject new.txt", "DeleteObjects "}, smallSite().with("new.txt", "n").without("empty")},
		{"only headers", func(s *siteStack) map[string]any {
			return s.properties("two.zip", smallSite(), "CacheRules", []any{map[string]any{"Glob": "*mehr.txt", "CacheControl": "no-store"}})
		}, []string{"CopyObject größe ist +1 & mehr.txt"}, smallSite()},
		{"outputs", func(s *siteStack) map[string]any {
			return s.properties("one.zip", smallSite(), "Outputs", map[string]any{"A": "b"})
		}, []string{"PutObject MANIFEST.json"}, smallSite()},
		{"removed by hand", func(s *siteStack) map[string]any {
			b := s.s3.buckets["www"]
			b.versions = slices.DeleteFunc(b.versions, func(v *fakeVersion) bool { return v.key == "empty" })
			return s.properties("two.zip", smallSite())
		}, []string{"PutObject empty"}, smallSite()},
		{"changed by hand", func(s *siteStack) map[string]any {
			s.s3.put("www", "style.css", "something longer")
			return s.properties("two.zip", smallSite())
		}, []string{"PutObject style.css"}, smallSite()},
		{"upload of the application stays", func(s *siteStack) map[string]any {
			s.s3.put("www", "uploads/1", "mine")
			return s.properties("two.zip", smallSite().without("empty"))
		}, []string{"DeleteObjects "}, smallSite().without("empty").with("uploads/1", "mine")},
		{"other manifest", func(s *siteStack) map[string]any {
			return s.properties("two.zip", smallSite().with("MANIFEST.json", "mine"), "ManifestKey", "m.json")
		}, []string{"PutObject MANIFEST.json", "PutObject m.json"}, smallSite().with("m.json", "{}\n")},
		{"old archive gone", func(s *siteStack) map[string]any {
			p := s.properties("two.zip", smallSite().with("style.css", "new").without("empty"))
			s.s3.put("www", "uploads/1", "mine")
			s.s3.buckets["artifacts"].versions = s.s3.buckets["artifacts"].versions[1:]
			return p
		}, []string{"PutObject style.css", "DeleteObjects "}, smallSite().with("style.css", "new").without("empty").with("uploads/1", "mine")},
		{"old archive gone, only headers", func(s *siteStack) map[string]any {
			p := s.properties("two.zip", smallSite(), "CacheRules", []any{map[string]any{"Glob": "style.css", "CacheControl": "no-store"}})
			s.s3.buckets["artifacts"].versions = s.s3.buckets["artifacts"].versions[1:]
			return p
		}, []string{"CopyObject style.css"}, smallSite()},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSiteStack(t)
			s.s3.page = 3
			s.must(s.create(s.properties("one.zip", smallSite())))
			p := test.change(s)
			s.s3.take()
			s.must(s.update(p))
			got := s.s3.take("PutObject", "CopyObject", "DeleteObjects", "CreateMultipartUpload")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("writes (-want +got):\n%s", diff)
			}
			s.shows(test.shows)
		})
	}
}

func TestSiteUpdateToAnotherBucket(t *testing.T) {
	t.Parallel()
	s := newSiteStack(t)
	s.must(s.create(s.properties("one.zip", smallSite())))
	p := s.properties("one.zip", smallSite(), "Bucket", "www2")
	s.must(s.update(p))
	if s.id != "www2" {
		t.Fatalf("physical id: got %q, want www2, so that CloudFormation deletes the old one", s.id)
	}
	s.shows(smallSite())
	if err := (site{s.s3, s.cdn}).Delete(t.Context(), customresource.Request{Type: customresource.Delete, PhysicalID: "www", Properties: p}); err != nil {
		t.Fatal(err)
	}
	if n := len(s.s3.keys("www")); n != 0 {
		t.Errorf("old bucket: %d objects left", n)
	}
	s.shows(smallSite())
}

// An update that fails halfway, and even one whose roll-back never ran, must
// leave nothing stale behind once a later update comes through.
func TestSiteFailureIsResumable(t *testing.T) {
	t.Parallel()
	first := files{"index.html": "1", "a.txt": "a1", "b.txt": "b1", "c.txt": "c1"}
	second := files{"index.html": "2", "a.txt": "a2", "b.txt": "b2", "d.txt": "d2"}
	third := files{"index.html": "1", "a.txt": "a1", "b.txt": "b3"}
	tests := []struct {
		name string
		last files
		fail string
	}{
		{"roll back, asset fails", first, "PutObject b.txt"},
		{"roll back, page fails", first, "PutObject index.html"},
		{"roll back, removal fails", first, "DeleteObjects "},
		{"again", second, "PutObject b.txt"},
		{"third version", third, "PutObject index.html"},
		{"third version, manifest fails", third, "PutObject MANIFEST.json"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSiteStack(t)
			s.must(s.create(s.properties("one.zip", first)))
			var failed atomic.Bool
			s.s3.fault = func(operation, key string) error {
				if operation+" "+key == test.fail && failed.CompareAndSwap(false, true) {
					return fakeError("SlowDown")
				}
				return nil
			}
			outputs := []any{"Outputs", map[string]any{"Version": "2"}}
			err := s.update(s.properties("two.zip", second, outputs...))
			if err == nil || !strings.Contains(err.Error(), "SlowDown") {
				t.Fatalf("update: got %v, want the fault", err)
			}
			if s.id != "www" {
				t.Errorf("physical id: got %q, want www", s.id)
			}
			s.must(s.update(s.properties("three.zip", test.last)))
			s.shows(test.last)
		})
	}
}

func TestSiteCreateFails(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		content files
		more    []any
		want    string
	}{
		{"no index", files{"a": "b"}, []any{"Index", "index.html"}, `document "index.html": not in the site`},
		{"no error document", files{"a": "b"}, []any{"Error", "404.html"}, `document "404.html": not in the site`},
		{"manifest's name is taken", files{"MANIFEST.json": "b"}, nil, `file "MANIFEST.json": the name is taken`},
		{"parent directory", files{"../a": "b"}, nil, `entry "../a": name leads out`},
		{"absolute", files{"/a": "b"}, nil, `entry "/a": name leads out`},
		{"backslash", files{`a\b`: "b"}, nil, `backslash`},
		{"long name", files{strings.Repeat("ü", 600): "b"}, nil, `name has 1200 bytes`},
		{"bad glob", files{"a": "b"}, []any{"CacheRules", []any{map[string]any{"Glob": "[", "CacheControl": "x"}}}, `glob "["`},
		{"no archive", files{"a": "b"}, []any{"ArchiveKey", "absent.zip"}, `read object "absent.zip" of bucket "artifacts"`},
		{"wrong size", files{"a": "b"}, []any{"ArchiveSize", "20"}, `read archive "one.zip"`},
		{"someone else's bucket", files{"a": "b"}, []any{"Owner", "999999999999"}, `AccessDenied`},
		{"no bucket", files{"a": "b"}, []any{"Bucket", ""}, `Bucket, ArchiveBucket and ArchiveKey are needed`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSiteStack(t)
			err := s.create(s.properties("one.zip", test.content, test.more...))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want %q", err, test.want)
			}
			if puts := s.s3.take("PutObject"); len(puts) > 0 {
				t.Errorf("wrote %q", puts)
			}
		})
	}
}

func TestSiteArchiveEntryTwice(t *testing.T) {
	t.Parallel()
	s := newSiteStack(t)
	p := s.properties("one.zip", nil)
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for range 2 {
		if _, err := w.Create("a"); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	s.s3.put("artifacts", "one.zip", b.String())
	if err := s.create(p); err == nil || !strings.Contains(err.Error(), `entry "a": stands twice`) {
		t.Errorf("got %v", err)
	}
}
