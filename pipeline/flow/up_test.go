// SPDX-License-Identifier: MIT

package flow_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/awsclient"
	"github.com/sparta-up/sparta/pipeline"
	"github.com/sparta-up/sparta/pipeline/stage"
)

const artifacts = "sparta-artifacts-000000000000-us-east-1-an"

// keys lists the artifact bucket; it is empty if there is none.
func (w *world) keys() []string {
	w.t.Helper()
	out, err := w.clients().S3.ListObjectsV2(w.t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String(artifacts)})
	if _, missing := errors.AsType[*types.NoSuchBucket](err); missing {
		return nil
	}
	if err != nil {
		w.t.Fatal(err)
	}
	var keys []string
	for _, o := range out.Contents {
		keys = append(keys, *o.Key)
	}
	return keys
}

// status returns the state of the stack, or "" if there is none.
func (w *world) status() string {
	w.t.Helper()
	out, err := w.clients().CloudFormation.DescribeStacks(w.t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("Orders")})
	if err != nil && strings.Contains(err.Error(), "does not exist") {
		return ""
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return string(out.Stacks[0].StackStatus)
}

// TestUp: the first up, one that finds nothing to do, one with changed code,
// and the end.
func TestUp(t *testing.T) {
	t.Parallel()
	m := newModule(t)
	w := local(t, m.file())
	w.mustUp(stage.Created)
	if got := string(w.invoke("version", "{}").Payload); got != `"v1"` {
		t.Errorf("version: got %s", got)
	}
	if got := string(w.invoke("other", "{}").Payload); got != `"other"` {
		t.Errorf("other: got %s", got)
	}

	w.traffic.take()
	w.mustUp(stage.Unchanged)
	if calls := w.traffic.take(); len(calls) > 3 {
		t.Errorf("an unchanged up makes %d calls: %v", len(calls), calls)
	}

	m.edit("sparta.yaml", "  other: {handler: ./handlers.Other, runtime: provided.al2023}\n", "")
	m.edit("sparta.yaml", "functions:\n", "functions:\n  other: {handler: ./handlers.Other, runtime: provided.al2023}\n")
	w.mustUp(stage.Unchanged) // the order of functions is nothing

	m.edit("handlers/handlers.go", "v1", "v2")
	w.mustUp(stage.Updated)
	if got := string(w.invoke("version", "{}").Payload); got != `"v2"` {
		t.Errorf("version: got %s", got)
	}

	m.edit("handlers/handlers.go", `"v2"`, `2`)
	w.traffic.take()
	_, err := w.up()
	if err == nil || !strings.Contains(err.Error(), "compile") {
		t.Errorf("code that does not compile: got %v", err)
	}
	for _, call := range w.traffic.take() {
		if strings.HasPrefix(call, "PUT") || strings.Contains(call, "ChangeSet") {
			t.Errorf("code that does not compile: called %s", call)
		}
	}

	if outcome, err := w.down(); err != nil || outcome.Kind != stage.Deleted {
		t.Fatalf("down: got %v, %v", outcome.Kind, err)
	}
	if keys := w.keys(); len(keys) != 0 {
		t.Errorf("down leaves %v", keys)
	}
	if outcome, err := w.down(); err != nil || outcome.Kind != stage.Unchanged {
		t.Errorf("down again: got %v, %v", outcome.Kind, err)
	}
}

// TestUpFromTwoClones: two clones of one module in different directories make
// the same objects and the same template.
func TestUpFromTwoClones(t *testing.T) {
	t.Parallel()
	one, two := newModule(t, siteYAML), newModule(t, siteYAML)
	w := local(t, one.file())
	w.mustUp(stage.Created)
	before := w.keys()
	w.File = two.file()
	w.mustUp(stage.Unchanged)
	if diff := cmp.Diff(before, w.keys()); diff != "" {
		t.Errorf("keys (-first +second):\n%s", diff)
	}
}

// TestUpRollsBack: an update that fails exits with its root cause, and the old
// version still answers. The next one mends it.
func TestUpRollsBack(t *testing.T) {
	t.Parallel()
	m := newModule(t, seedYAML)
	w := local(t, m.file())
	w.mustUp(stage.Created)
	live := w.keys()
	m.edit("handlers/handlers.go", "v1", "v2")
	m.edit("sparta.yaml", `"no"`, `"yes"`)
	_, err := w.up()
	failure, ok := errors.AsType[*stage.StackError](err)
	if !ok || failure.Partial() || failure.Stack.Status != "UPDATE_ROLLBACK_COMPLETE" {
		t.Fatalf("got %v", err)
	}
	for _, part := range []string{"sparta.yaml:6:3: customResources.Seed", "the table is full", "it runs what it ran before"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
	if got := string(w.invoke("version", "{}").Payload); got != `"v1"` {
		t.Errorf("after the rollback: got %s", got)
	}
	for _, key := range live {
		if !slices.Contains(w.keys(), key) {
			t.Errorf("object %s of the live stack is gone", key)
		}
	}
	m.edit("sparta.yaml", `"yes"`, `"maybe"`)
	w.mustUp(stage.Updated)
	if got := string(w.invoke("version", "{}").Payload); got != `"v2"` {
		t.Errorf("after the repair: got %s", got)
	}
}

// TestUpAfterFailedCreation: a stack in which nothing lives is made anew. It
// failed because a bucket's name is somebody else's.
func TestUpAfterFailedCreation(t *testing.T) {
	t.Parallel()
	m := newModule(t, "resources:\n  Files: {Type: AWS::S3::Bucket, DeletionPolicy: Delete, Properties: {BucketName: theirs}}\n")
	w := local(t, m.file())
	theirs := awsclient.New(awsclient.Local(w.endpoint, "111122223333", region)).S3
	if _, err := theirs.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("theirs")}); err != nil {
		t.Fatal(err)
	}
	_, err := w.up()
	failure, ok := errors.AsType[*stage.StackError](err)
	if !ok || failure.Stack.Status != "ROLLBACK_COMPLETE" || failure.Partial() {
		t.Fatalf("got %v", err)
	}
	for _, part := range []string{"sparta.yaml:6:3: resources.Files: Files (AWS::S3::Bucket) CREATE_FAILED", "already exists", "makes it anew"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
	m.edit("sparta.yaml", "BucketName: theirs", "BucketName: ours")
	w.mustUp(stage.Created)
	if got := string(w.invoke("version", "{}").Payload); got != `"v1"` {
		t.Errorf("got %s", got)
	}
}

// TestUpRewritesOneSiteFile: only the file that changed is put into the bucket.
func TestUpRewritesOneSiteFile(t *testing.T) {
	t.Parallel()
	m := newModule(t, siteYAML)
	w := local(t, m.file())
	address := output(t, w.mustUp(stage.Created), "SiteUrl")
	client := w.clients()
	found, err := client.CloudFormation.DescribeStackResource(t.Context(), &cloudformation.DescribeStackResourceInput{
		StackName: aws.String("Orders"), LogicalResourceId: aws.String("SiteBucket"),
	})
	if err != nil {
		t.Fatal(err)
	}
	bucket := found.StackResourceDetail.PhysicalResourceId
	_, err = client.S3.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{ // so that every write shows
		Bucket: bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	if err != nil {
		t.Fatal(err)
	}
	m.write("web/index.html", "<p>changed")
	w.mustUp(stage.Updated)
	if _, body, _ := get(t, address); body != "<p>changed" {
		t.Errorf("the site shows %q", body)
	}
	versions, err := client.S3.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: bucket})
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, v := range versions.Versions {
		count[*v.Key]++
	}
	if count["index.html"] != 2 || count["style.css"] != 1 {
		t.Errorf("versions by key: %v, want 2 of index.html and 1 of style.css", count)
	}
	if _, err := w.down(); err != nil { // all versions are the site's own: no consent is asked for
		t.Errorf("down: %v", err)
	}
}

// TestUpFailsHalfWay: when the last upload fails, this run's objects are deleted
// again, and no others.
func TestUpFailsHalfWay(t *testing.T) {
	t.Parallel()
	m := newModule(t, siteYAML)
	w := local(t, m.file())
	w.mustUp(stage.Created)
	live := w.keys()
	m.edit("handlers/handlers.go", "v1", "v2")
	m.write("web/index.html", "<p>changed")
	w.traffic.take()
	w.traffic.fault = func(call string) *http.Response {
		if strings.HasPrefix(call, "PUT ") && strings.HasSuffix(call, ".template.json") {
			return denied()
		}
		return nil
	}
	_, err := w.up()
	if err == nil || !strings.Contains(err.Error(), "uploadTemplate: put object") || !strings.Contains(err.Error(), "AccessDenied: injected") {
		t.Fatalf("got %v", err)
	}
	puts := 0
	for _, call := range w.traffic.take() {
		if strings.HasPrefix(call, "PUT ") {
			puts++
		}
		if strings.Contains(call, "ChangeSet") {
			t.Errorf("called %s", call)
		}
	}
	if puts != 3 {
		t.Errorf("%d objects were put, want code, site and template", puts)
	}
	if diff := cmp.Diff(live, w.keys()); diff != "" {
		t.Errorf("keys (-before +after):\n%s", diff)
	}
}

// TestUpVerifiesRolesFirst: nothing is compiled, zipped or put for a role that
// is not there.
func TestUpVerifiesRolesFirst(t *testing.T) {
	t.Parallel()
	m := newModule(t, siteYAML)
	m.edit("sparta.yaml", "other: {", "other: {role: nobody, ")
	w := local(t, m.file())
	_, reports, err := w.upWith(t.Context(), nil)
	if err == nil || !strings.Contains(err.Error(), `role "nobody" does not exist in account 000000000000`) {
		t.Fatalf("got %v", err)
	}
	for _, r := range reports {
		if slices.Contains([]string{"compile", "package", "packageAssets", "upload", "uploadAssets", "converge"}, r.Name) && r.Status != pipeline.NotRun {
			t.Errorf("%s: %s", r.Name, r.Status)
		}
	}
}

// TestUpRefusesTemplate: nothing of a template that a decorator spoiled is
// uploaded, and what was uploaded is deleted again.
func TestUpRefusesTemplate(t *testing.T) {
	t.Parallel()
	m := newModule(t, "decorators:\n  - {name: d, patch: {Outputs: {X: {Value: {Ref: Nothing}}}}}\n")
	w := local(t, m.file())
	_, err := w.up()
	if err == nil || !strings.Contains(err.Error(), `decorator "d"`) || !strings.Contains(err.Error(), "Nothing") {
		t.Fatalf("got %v", err)
	}
	if keys, status := w.keys(), w.status(); len(keys) != 0 || status != "" {
		t.Errorf("left behind: %v, stack %q", keys, status)
	}
}

// TestDownAsks: a bucket of the user's that holds objects is emptied only with
// consent.
func TestDownAsks(t *testing.T) {
	t.Parallel()
	m := newModule(t, "resources:\n  Files: {Type: AWS::S3::Bucket, DeletionPolicy: Delete, Properties: {BucketName: orders-files}}\n")
	w := local(t, m.file())
	w.mustUp(stage.Created)
	_, err := w.clients().S3.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("orders-files"), Key: aws.String("k"), Body: strings.NewReader("x")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.down()
	consent, ok := errors.AsType[*stage.ConsentError](err)
	if !ok || len(consent.Details) != 1 || !strings.Contains(consent.Details[0], "orders-files") {
		t.Fatalf("got %v", err)
	}
	if got := w.status(); got != "CREATE_COMPLETE" {
		t.Errorf("without consent the stack is in %s", got)
	}
	w.Confirm = agree
	if outcome, err := w.down(); err != nil || outcome.Kind != stage.Deleted {
		t.Errorf("with consent: got %v, %v", outcome.Kind, err)
	}
}

// gates is an Observer that holds stages back and tells when they start and end.
type gates struct {
	started  func(name string)
	finished func(pipeline.Report)
}

func (g gates) Started(ctx context.Context, name string) context.Context {
	if g.started != nil {
		g.started(name)
	}
	return ctx
}

func (g gates) Finished(r pipeline.Report) {
	if g.finished != nil {
		g.finished(r)
	}
}

// TestCompileAndUploadAssetsOverlap: each of the two stages waits until the
// other one has started, which would never come true if one needed the other.
func TestCompileAndUploadAssetsOverlap(t *testing.T) {
	t.Parallel()
	begun := map[string]chan struct{}{"compile": make(chan struct{}), "uploadAssets": make(chan struct{})}
	other := map[string]string{"compile": "uploadAssets", "uploadAssets": "compile"}
	observer := gates{started: func(name string) {
		if begun[name] == nil {
			return
		}
		close(begun[name])
		select {
		case <-begun[other[name]]:
		case <-time.After(2 * time.Minute):
			t.Errorf("%s had to wait for %s", other[name], name)
		}
	}}
	w := local(t, newModule(t, siteYAML).file())
	_, reports, err := w.upWith(t.Context(), observer)
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]pipeline.Report{}
	for _, r := range reports {
		by[r.Name] = r
	}
	compile, assets := by["compile"], by["uploadAssets"]
	if !compile.Start.Before(assets.Start.Add(assets.Duration)) || !assets.Start.Before(compile.Start.Add(compile.Duration)) {
		t.Errorf("no overlap: compile from %v for %v, uploadAssets from %v for %v", compile.Start, compile.Duration, assets.Start, assets.Duration)
	}
}

// TestUpInterrupted: Ctrl-C at each of the long stages leaves nothing behind; in
// between converging and waiting it leaves what CloudFormation has begun to use.
func TestUpInterrupted(t *testing.T) {
	t.Parallel()
	interrupted := errors.New("interrupted")
	tests := []struct {
		name     string
		at       string // stage that has started
		after    string // stage that is done
		begun    bool   // the stack operation goes on by itself
		statuses []string
	}{
		{name: "compile", at: "compile", statuses: []string{""}},
		{name: "upload", at: "upload", statuses: []string{""}},
		{name: "converge", at: "converge", statuses: []string{""}},
		{name: "between converge and wait", after: "converge", begun: true, statuses: []string{"CREATE_IN_PROGRESS", "CREATE_COMPLETE"}},
		{name: "wait", at: "wait", begun: true, statuses: []string{""}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancelCause(t.Context())
			w := local(t, newModule(t).file())
			_, _, err := w.upWith(ctx, gates{
				started: func(name string) {
					if name == test.at {
						cancel(interrupted)
					}
				},
				finished: func(r pipeline.Report) {
					if r.Name == test.after {
						cancel(interrupted)
					}
				},
			})
			if !errors.Is(err, interrupted) {
				t.Fatalf("got %v", err)
			}
			if detached := errors.Is(err, stage.ErrDetached); detached != (test.after != "") {
				t.Errorf("says that CloudFormation goes on: %v", detached)
			}
			if status := w.status(); !slices.Contains(test.statuses, status) {
				t.Errorf("the stack is in %q, want one of %q", status, test.statuses)
			}
			if keys := w.keys(); (len(keys) > 0) != test.begun {
				t.Errorf("left in the artifact bucket: %v", keys)
			}
		})
	}
}
