// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/pipeline"
)

// makeStack makes a stack of a template in the embedded AWS and returns it.
func makeStack(t *testing.T, session Session, name, template string) Stack {
	t.Helper()
	client := session.Clients.CloudFormation
	_, err := client.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: &name, TemplateBody: &template})
	if err != nil {
		t.Fatal(err)
	}
	f := &follower{client: client, name: name, id: name, pace: fast, moving: true}
	stack, err := f.follow(t.Context())
	if err != nil || stack.Status != "CREATE_COMPLETE" {
		t.Fatalf("make stack: %s, %s, %v", stack.Status, stack.Reason, err)
	}
	return stack
}

func putObjects(t *testing.T, client *s3.Client, bucket string, keys ...string) {
	t.Helper()
	for _, key := range keys {
		if _, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader(key)}); err != nil {
			t.Fatal(err)
		}
	}
}

// countVersions returns how many versions and delete markers a bucket holds.
func countVersions(t *testing.T, client *s3.Client, bucket string) int {
	t.Helper()
	n := 0
	pages := s3.NewListObjectVersionsPaginator(client, &s3.ListObjectVersionsInput{Bucket: &bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		n += len(page.Versions) + len(page.DeleteMarkers)
	}
	return n
}

const bucketsTemplate = `{"Resources":{
	"Files":{"Type":"AWS::S3::Bucket","DeletionPolicy":"Delete","Properties":{"BucketName":"orders-files","VersioningConfiguration":{"Status":"Enabled"}}},
	"Empty":{"Type":"AWS::S3::Bucket","DeletionPolicy":"Delete","Properties":{"BucketName":"orders-empty"}},
	"Kept":{"Type":"AWS::S3::Bucket","DeletionPolicy":"Retain","Properties":{"BucketName":"orders-kept"}},
	"SiteBucket":{"Type":"AWS::S3::Bucket","DeletionPolicy":"Delete","Properties":{"BucketName":"orders-site"}}},
	"Outputs":{"SpartaLive":{"Value":"template:x bucket:b"}}}`

func TestEmpty(t *testing.T) {
	t.Parallel()
	session := sessionAt(endpoint(t), homeAccount, homeRegion)
	client := session.Clients.S3
	stack := makeStack(t, session, fakeName, bucketsTemplate)
	putObjects(t, client, "orders-files", "0000", "0001", "0002", "0000") // the last one is a second version
	if _, err := client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("orders-files"), Key: aws.String("0001")}); err != nil {
		t.Fatal(err)
	}
	putObjects(t, client, "orders-kept", "k")
	putObjects(t, client, "orders-site", "index.html")

	e := &Empty{Session: pipeline.Known(session), Stack: pipeline.Known(stack), Confirm: refuse}
	_, err := e.Run(t.Context())
	if diff := cmp.Diff([]string{"all objects in bucket orders-files (Files)"}, consentDetails(err)); diff != "" {
		t.Errorf("asks for consent to (-want +got):\n%s", diff)
	}
	if n := countVersions(t, client, "orders-files"); n != 5 {
		t.Fatalf("%d versions are left without consent, want 5", n)
	}

	e.Confirm = agree
	emptied, err := e.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Emptied{"orders-files"}, emptied); diff != "" {
		t.Errorf("emptied (-want +got):\n%s", diff)
	}
	for bucket, want := range map[string]int{"orders-files": 0, "orders-kept": 1, "orders-site": 1} {
		if n := countVersions(t, client, bucket); n != want {
			t.Errorf("bucket %s: %d versions are left, want %d", bucket, n, want)
		}
	}
}

func consentDetails(err error) []string {
	if consent, ok := errors.AsType[*ConsentError](err); ok {
		return consent.Details
	}
	return nil
}

// TestEmptyAsks: consent is asked for whatever holds data, and for a stack that
// Sparta did not make.
func TestEmptyAsks(t *testing.T) {
	t.Parallel()
	resource := func(id, kind string) string {
		return fmt.Sprintf("<member><LogicalResourceId>%s</LogicalResourceId><PhysicalResourceId>orders-%s</PhysicalResourceId>"+
			"<ResourceType>%s</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus><LastUpdatedTimestamp>2026-11-01T00:00:00Z</LastUpdatedTimestamp></member>", id, id, kind)
	}
	tests := []struct {
		name      string
		template  string
		status    string
		queue     []Event
		resources string
		protected bool
		calls     []string
		says      []string
	}{
		{name: "no stack"},
		{name: "nothing that holds data", template: ours, status: "CREATE_COMPLETE", resources: resource("Topic", "AWS::SNS::Topic"), calls: []string{"GetTemplate", "GetTemplate", "ListStackResources"}},
		{
			name: "a table", template: ours, status: "CREATE_COMPLETE", resources: resource("Table", "AWS::DynamoDB::Table"),
			calls: []string{"GetTemplate", "GetTemplate", "ListStackResources"}, says: []string{"taking orders away deletes data", "Table (AWS::DynamoDB::Table, orders-Table)"},
		},
		{ // what the stack holds is known only when it has come to rest
			name: "a table of a stack that moves", template: ours, status: "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", queue: states("UPDATE_COMPLETE"),
			resources: resource("Table", "AWS::DynamoDB::Table"),
			calls:     []string{"GetTemplate", "GetTemplate", "ListStackResources"}, says: []string{"Table (AWS::DynamoDB::Table, orders-Table)"},
		},
		{
			name: "a table that stays", template: `{"Resources":{"Table":{"Type":"AWS::DynamoDB::Table","DeletionPolicy":"Retain"}},"Outputs":{"SpartaLive":{"Value":"x"}}}`,
			status: "CREATE_COMPLETE", resources: resource("Table", "AWS::DynamoDB::Table"), calls: []string{"GetTemplate", "GetTemplate", "ListStackResources"},
		},
		{
			name: "somebody else's stack", template: other, status: "CREATE_COMPLETE",
			calls: []string{"GetTemplate"}, says: []string{"was not made by Sparta"},
		},
		{
			name: "termination protection", template: ours, status: "CREATE_COMPLETE", protected: true,
			resources: resource("Table", "AWS::DynamoDB::Table"), says: []string{`stack "orders" has termination protection`},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFakeCloudFormation(t, test.status)
				f.template, f.resources, f.protected = test.template, test.resources, test.protected
				stack := f.stack()
				f.queue = test.queue
				e := &Empty{Session: pipeline.Known(f.session()), Stack: pipeline.Known(stack), Confirm: refuse}
				_, err := e.Run(t.Context())
				if diff := cmp.Diff(test.calls, f.called()); diff != "" {
					t.Errorf("calls (-want +got):\n%s", diff)
				}
				if len(test.says) == 0 {
					if err != nil {
						t.Error(err)
					}
					return
				}
				wantError(t, err, test.says...)
				if hintOf(err) == "" {
					t.Error("no hint")
				}
			})
		})
	}
}

// TestEmptyForeignBucket: a bucket that meanwhile is another account's is not
// emptied.
func TestEmptyForeignBucket(t *testing.T) {
	t.Parallel()
	at := endpoint(t)
	session := sessionAt(at, homeAccount, homeRegion)
	stack := makeStack(t, session, fakeName, `{"Resources":{"Files":{"Type":"AWS::S3::Bucket","Properties":{"BucketName":"orders-files"}}},"Outputs":{"SpartaLive":{"Value":"template:x bucket:b"}}}`)
	if _, err := session.Clients.S3.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: aws.String("orders-files")}); err != nil {
		t.Fatal(err)
	}
	e := &Empty{Session: pipeline.Known(session), Stack: pipeline.Known(stack), Confirm: agree}
	if emptied, err := e.Run(t.Context()); err != nil || len(emptied) != 0 {
		t.Errorf("a bucket that is gone: got %v, %v", emptied, err)
	}
	theirs := sessionAt(at, "111122223333", homeRegion).Clients.S3
	if _, err := theirs.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("orders-files")}); err != nil {
		t.Fatal(err)
	}
	putObjects(t, theirs, "orders-files", "theirs")
	_, err := e.Run(t.Context())
	wantError(t, err, `list bucket "orders-files": AccessDenied`)
	if n := countVersions(t, theirs, "orders-files"); n != 1 {
		t.Errorf("%d objects are left, want 1", n)
	}
}

// versions is a bucket with many versions, pages of which it lists and deletes.
type versions struct {
	left    int
	refused string // message of S3 for the first of each batch; empty: none
	batches []int
}

func (v *versions) ListObjectVersions(_ context.Context, in *s3.ListObjectVersionsInput, _ ...func(*s3.Options)) (*s3.ListObjectVersionsOutput, error) {
	out := &s3.ListObjectVersionsOutput{}
	for i := range min(v.left, 1000) {
		id := aws.String(fmt.Sprint(i))
		if i%2 == 0 {
			out.Versions = append(out.Versions, types.ObjectVersion{Key: aws.String("k"), VersionId: id})
		} else {
			out.DeleteMarkers = append(out.DeleteMarkers, types.DeleteMarkerEntry{Key: aws.String("k"), VersionId: id})
		}
	}
	if v.left > 1000 {
		out.IsTruncated, out.NextKeyMarker, out.NextVersionIdMarker = aws.Bool(true), aws.String("k"), aws.String(fmt.Sprint(v.left))
	}
	return out, nil
}

func (v *versions) DeleteObjects(_ context.Context, in *s3.DeleteObjectsInput, _ ...func(*s3.Options)) (*s3.DeleteObjectsOutput, error) {
	out := &s3.DeleteObjectsOutput{}
	for _, o := range in.Delete.Objects {
		if o.VersionId == nil || o.Key == nil {
			return nil, errors.New("an object without a version")
		}
	}
	if v.refused != "" {
		out.Errors = []types.Error{{Key: in.Delete.Objects[0].Key, Message: &v.refused}}
	}
	v.batches = append(v.batches, len(in.Delete.Objects))
	v.left -= len(in.Delete.Objects)
	return out, nil
}

func TestDeleteVersions(t *testing.T) {
	t.Parallel()
	for count, want := range map[int][]int{0: nil, 1: {1}, 1000: {1000}, 1001: {1000, 1}, 2500: {1000, 1000, 500}} {
		v := &versions{left: count}
		if err := deleteVersions(t.Context(), v, &s3.ListObjectVersionsInput{Bucket: aws.String("b")}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, v.batches); diff != "" || v.left != 0 {
			t.Errorf("%d versions: %d are left, batches (-want +got):\n%s", count, v.left, diff)
		}
	}
}

// TestDeleteVersionsStopsAtRefusals: what S3 refuses in a 200 answer is an error.
func TestDeleteVersionsStopsAtRefusals(t *testing.T) {
	t.Parallel()
	v := &versions{left: 2000, refused: "under legal hold"}
	wantError(t, deleteVersions(t.Context(), v, &s3.ListObjectVersionsInput{Bucket: aws.String("b")}), "k: under legal hold")
	if len(v.batches) != 1 {
		t.Errorf("%d batches after a refusal, want 1", len(v.batches))
	}
}
