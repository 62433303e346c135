// SPDX-License-Identifier: MIT

package site

import (
	"archive/zip"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/customresource"
)

// The site with the real SDK client against a server that writes down what
// reaches it: path style, the owner in every request, keys escaped as S3 reads
// them, S3's own error codes.
func TestSiteOnTheWire(t *testing.T) {
	var mu sync.Mutex
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		line := r.Method + " " + r.URL.EscapedPath()
		if source := r.Header.Get("X-Amz-Copy-Source"); source != "" {
			line += " from " + source + " if " + r.Header.Get("X-Amz-Copy-Source-If-Match")
			_, _ = w.Write([]byte(`<CopyObjectResult><ETag>"e"</ETag></CopyObjectResult>`))
		}
		if r.Header.Get("X-Amz-Expected-Bucket-Owner") != testOwner {
			line += " without owner"
		}
		got = append(got, line)
		if r.Method == http.MethodGet {
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(`<Error><Code>NoSuchBucket</Code><Message>gone</Message></Error>`))
		}
	}))
	defer server.Close()
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_PROFILE": "", "AWS_CA_BUNDLE": "",
	} {
		t.Setenv(name, value)
	}
	made, err := New()
	if err != nil {
		t.Fatal(err)
	}
	owner := map[string]any{"Owner": testOwner}
	if err := made.Delete(t.Context(), customresource.Request{Type: customresource.Delete, PhysicalID: "www", Properties: owner}); err != nil {
		t.Errorf("delete of a bucket that is gone: %v", err)
	}
	p := publisher{bucket: bucket{made.(site).api, "www", testOwner}}
	name := "größe/a+b c.html"
	f := &zip.File{FileHeader: zip.FileHeader{Name: name}}
	if err := p.do(t.Context(), step{file: f, headers: headersOf(name, nil), copyIf: "e"}); err != nil {
		t.Errorf("copy: %v", err)
	}
	if err := p.put(t.Context(), name, headersOf(name, nil), []byte("x")); err != nil {
		t.Errorf("put: %v", err)
	}
	_, err = openRanges(t.Context(), p.bucket, "old.zip", unknownSize)
	if !isGone(err) {
		t.Errorf("archive that is gone: got %v", err)
	}
	const escaped = "gr%C3%B6%C3%9Fe/a%2Bb%20c.html"
	want := []string{
		"GET /www",
		"PUT /www/" + escaped + ` from www/` + escaped + ` if "e"`,
		"PUT /www/" + escaped,
		"GET /www/old.zip",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}
