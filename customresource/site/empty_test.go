// SPDX-License-Identifier: MIT

package site

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/customresource"
)

func TestSiteDelete(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		objects   int
		versions  int
		versioned bool
	}{
		{"empty", 0, 1, false}, {"one", 1, 1, false}, {"1001", 1001, 1, false},
		{"versioned", 700, 3, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newFakeS3("www")
			b := f.buckets["www"]
			b.versioned = test.versioned
			for i := range test.objects {
				for range test.versions {
					b.add(fakeVersion{key: fmt.Sprintf("größe/%d", i), data: []byte("x")})
				}
				if test.versioned {
					b.add(fakeVersion{key: fmt.Sprintf("größe/%d", i), marker: true, etag: "-"})
				}
			}
			for i := range 1001 {
				b.uploads[fmt.Sprintf("u%d", i)] = &fakeUpload{key: "k"}
			}
			request := customresource.Request{Type: customresource.Delete, PhysicalID: "www", Properties: map[string]any{"Owner": testOwner}}
			if err := (site{api: f}).Delete(t.Context(), request); err != nil {
				t.Fatal(err)
			}
			if len(b.versions) > 0 || len(b.uploads) > 0 {
				t.Errorf("%d versions and %d uploads left", len(b.versions), len(b.uploads))
			}
			delete(f.buckets, "www")
			if err := (site{api: f}).Delete(t.Context(), request); err != nil {
				t.Errorf("delete when the bucket is gone: %v", err)
			}
		})
	}
}

func TestSiteDeleteFails(t *testing.T) {
	t.Parallel()
	f := newFakeS3("www")
	f.put("www", "a", "x")
	request := customresource.Request{Type: customresource.Delete, PhysicalID: "www", Properties: map[string]any{"Owner": testOwner}}
	f.fault = func(operation, _ string) error {
		if operation == "DeleteObjects" {
			f.put("www", fmt.Sprintf("again%d", len(f.calls)), "x")
		}
		return nil
	}
	if err := (site{api: f}).Delete(t.Context(), request); err == nil || !strings.Contains(err.Error(), "goes on writing") {
		t.Errorf("bucket that fills up again: got %v", err)
	}
	f.fault = func(operation, _ string) error {
		if operation == "DeleteObjects" {
			return fakeError("AccessDenied")
		}
		return nil
	}
	if err := (site{api: f}).Delete(t.Context(), request); err == nil || !strings.Contains(err.Error(), "größer") {
		t.Errorf("refused delete: got %v", err)
	}
}
