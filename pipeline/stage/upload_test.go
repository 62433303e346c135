// SPDX-License-Identifier: MIT

package stage

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/pipeline"
)

// transport is an aws.HTTPClient made of a function.
type transport func(*http.Request) (*http.Response, error)

func (f transport) Do(r *http.Request) (*http.Response, error) { return f(r) }

// artifactBucket makes an artifact bucket whose requests go through client, if
// that is not nil.
func artifactBucket(t *testing.T, client aws.HTTPClient) Bucket {
	t.Helper()
	at := endpoint(t)
	session := sessionAt(at, homeAccount, homeRegion)
	if _, err := session.Clients.S3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("artifacts")}); err != nil {
		t.Fatal(err)
	}
	if client != nil {
		session.Clients = clientsFor(at, homeAccount, homeRegion, client)
	}
	return Bucket{Name: "artifacts", session: session}
}

// keysIn lists a bucket as its owner sees it.
func keysIn(t *testing.T, b Bucket) []string {
	t.Helper()
	client := sessionAt(*b.session.Clients.S3.Options().BaseEndpoint, b.session.Account, b.session.Region).Clients.S3
	out, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &b.Name})
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, o := range out.Contents {
		keys = append(keys, *o.Key)
	}
	return keys
}

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.zip")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func uploading(t *testing.T, b Bucket, live Live) *Upload {
	return &Upload{
		Project: projectOf(service(t, ordersYAML)), Bucket: pipeline.Known(b), Stack: pipeline.Known(Stack{Live: live}),
		Archives: pipeline.Known(Archives{
			App:      map[string]Archive{"arm64": {file(t, "arm"), "aa"}, "x86_64": {file(t, "intel"), "bb"}},
			Provider: &Archive{file(t, "provider"), "cc"},
		}),
	}
}

func TestUpload(t *testing.T) {
	t.Parallel()
	b := artifactBucket(t, nil)
	u := uploading(t, b, Live{})
	first, err := u.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := Code{
		App: map[string]Object{
			"arm64":  {Bucket: "artifacts", Key: "orders/aa.zip", Size: 3, Created: true},
			"x86_64": {Bucket: "artifacts", Key: "orders/bb.zip", Size: 5, Created: true},
		},
		Provider: Object{Bucket: "artifacts", Key: "orders/cc.zip", Size: 8, Created: true},
	}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Errorf("first (-want +got):\n%s", diff)
	}
	second, err := u.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if second.Provider.Created || second.App["arm64"].Created {
		t.Errorf("the same content was put again: %v", second)
	}
	if err := u.Undo(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"orders/aa.zip", "orders/bb.zip", "orders/cc.zip"}, keysIn(t, b)); diff != "" {
		t.Errorf("undoing deleted what another run had put (-want +got):\n%s", diff)
	}
	if err := u.Undo(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if keys := keysIn(t, b); len(keys) != 0 {
		t.Errorf("undoing left %v", keys)
	}
}

// TestUploadLive: what the stack runs from costs no call.
func TestUploadLive(t *testing.T) {
	t.Parallel()
	b := Bucket{Name: "artifacts", session: Session{Account: homeAccount}} // has no clients
	code, err := uploading(t, b, Live{Bucket: "artifacts", Keys: []string{"orders/aa.zip", "orders/bb.zip", "orders/cc.zip"}}).Run(t.Context())
	if err != nil || code.Provider.Created || code.App["arm64"].Key != "orders/aa.zip" {
		t.Errorf("got %v, %v", code, err)
	}
}

// TestUploadHalfWay: when one archive can't be uploaded, the others are deleted
// again, and only those of this run.
func TestUploadHalfWay(t *testing.T) {
	t.Parallel()
	var puts atomic.Int32
	others := make(chan struct{})
	b := artifactBucket(t, transport(func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/cc.zip") {
			<-others
			return &http.Response{StatusCode: http.StatusForbidden, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("<Error><Code>AccessDenied</Code><Message>no</Message></Error>"))}, nil
		}
		response, err := http.DefaultTransport.RoundTrip(r)
		if r.Method == http.MethodPut && puts.Add(1) == 2 {
			close(others)
		}
		return response, err
	}))
	owner := sessionAt(*b.session.Clients.S3.Options().BaseEndpoint, homeAccount, homeRegion).Clients.S3
	putObjects(t, owner, "artifacts", "orders/aa.zip") // of an earlier run
	_, err := uploading(t, b, Live{}).Run(t.Context())
	wantError(t, err, `put object "orders/cc.zip" into bucket "artifacts": AccessDenied: no`)
	if !strings.Contains(hintOf(err), "s3:PutObject") {
		t.Errorf("hint: %q", hintOf(err))
	}
	if diff := cmp.Diff([]string{"orders/aa.zip"}, keysIn(t, b)); diff != "" {
		t.Errorf("left in the bucket (-want +got):\n%s", diff)
	}
}

// TestPut: the answers of S3 that are no failure, and those that are.
func TestPut(t *testing.T) {
	t.Parallel()
	answer := func(status int, code string) *http.Response {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("<Error><Code>" + code + "</Code><Message>m</Message></Error>"))}
	}
	t.Run("conflict", func(t *testing.T) { // two uploads of one key at once
		t.Parallel()
		var n atomic.Int32
		b := artifactBucket(t, transport(func(r *http.Request) (*http.Response, error) {
			if n.Add(1) == 1 {
				return answer(http.StatusConflict, "ConditionalRequestConflict"), nil
			}
			return http.DefaultTransport.RoundTrip(r)
		}))
		if o, err := b.put(t.Context(), "k", "text/plain", strings.NewReader("x")); err != nil || !o.Created {
			t.Errorf("got %v, %v", o, err)
		}
	})
	t.Run("bucket deleted meanwhile", func(t *testing.T) {
		t.Parallel()
		b := artifactBucket(t, nil)
		if _, err := b.session.Clients.S3.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: &b.Name}); err != nil {
			t.Fatal(err)
		}
		if o, err := b.put(t.Context(), "k", "text/plain", strings.NewReader("x")); err != nil || !o.Created {
			t.Errorf("got %v, %v", o, err)
		}
	})
	t.Run("bucket of another account", func(t *testing.T) {
		t.Parallel()
		b := artifactBucket(t, nil)
		b.session = sessionAt(*b.session.Clients.S3.Options().BaseEndpoint, "111122223333", homeRegion)
		_, err := b.put(t.Context(), "k", "text/plain", strings.NewReader("x"))
		wantError(t, err, `put object "k" into bucket "artifacts": AccessDenied`)
		if !strings.Contains(hintOf(err), "must belong to account 111122223333") {
			t.Errorf("hint: %q", hintOf(err))
		}
	})
	t.Run("no such file", func(t *testing.T) {
		t.Parallel()
		_, err := Bucket{}.putFile(t.Context(), "k", "text/plain", filepath.Join(t.TempDir(), "none"))
		if !errors.Is(err, os.ErrNotExist) {
			t.Errorf("got %v", err)
		}
	})
}

func TestUploadAssets(t *testing.T) {
	t.Parallel()
	s := serviceIn(t, map[string]string{"sparta.yaml": "serviceName: orders\nsite: {dir: web}\n", "web/index.html": "hi"})
	b := artifactBucket(t, nil)
	u := &UploadAssets{
		Project: projectOf(s), Assets: pipeline.Known(Archive{file(t, "site"), "dd"}), Bucket: pipeline.Known(b), Stack: pipeline.Known(Stack{}),
	}
	if reason := u.Skip(); reason != "" {
		t.Errorf("skipped: %s", reason)
	}
	object, err := u.Run(t.Context())
	if err != nil || !object.Created || object.Key != "orders/dd.site.zip" {
		t.Fatalf("got %v, %v", object, err)
	}
	if err := u.Undo(t.Context(), object); err != nil || len(keysIn(t, b)) != 0 {
		t.Errorf("undo: %v, left %v", err, keysIn(t, b))
	}
	u.Bucket, u.Stack = pipeline.Known(Bucket{Name: "artifacts"}), pipeline.Known(Stack{Live: Live{Bucket: "artifacts", Keys: []string{"orders/dd.site.zip"}}})
	if object, err := u.Run(t.Context()); err != nil || object.Created {
		t.Errorf("live: got %v, %v", object, err)
	}
	u.Project = projectOf(service(t, ordersYAML))
	if u.Skip() != "no site" {
		t.Errorf("a service without a site is not skipped")
	}
}

// TestUndoSaysWhatIsLeft: an object that can't be deleted again is named.
func TestUndoSaysWhatIsLeft(t *testing.T) {
	t.Parallel()
	b := artifactBucket(t, nil)
	b.session = sessionAt(*b.session.Clients.S3.Options().BaseEndpoint, "111122223333", homeRegion)
	err := b.remove(t.Context(), Object{Bucket: "artifacts", Key: "k", Created: true}, Object{Bucket: "artifacts", Key: "other"})
	wantError(t, err, `delete object "k": AccessDenied`)
	if strings.Contains(err.Error(), "other") {
		t.Errorf("tried to delete what this run did not make: %v", err)
	}
}
