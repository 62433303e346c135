// SPDX-License-Identifier: MIT

package stage

import (
	"cmp"
	"context"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/sparta-up/sparta/pipeline"
)

// RemoveArtifacts deletes what the service's deployments left in the artifact
// bucket, once nothing runs from it any more. The bucket stays: other services
// use it.
type RemoveArtifacts struct {
	Project pipeline.Result[Project]
	Session pipeline.Result[Session]
	Stack   pipeline.Result[Stack]
	Gone    pipeline.Result[Outcome]
	Name    string // of the bucket; empty: the one the stack ran from, or ArtifactBucket
}

// Title returns the words of the box.
func (*RemoveArtifacts) Title() string { return "Remove Artifacts" }

// Run deletes the service's objects. A bucket that does not exist holds none.
func (r *RemoveArtifacts) Run(ctx context.Context) (Outcome, error) {
	session := r.Session.Get()
	bucket := cmp.Or(r.Name, r.Stack.Get().Live.Bucket, ArtifactBucket(session.Account, session.Region))
	err := deleteVersions(ctx, session.Clients.S3, &s3.ListObjectVersionsInput{
		Bucket: &bucket, ExpectedBucketOwner: &session.Account, Prefix: aws.String(r.Project.Get().Service.Name + "/"),
	})
	if err != nil && httpStatus(err) != http.StatusNotFound {
		return Outcome{}, fmt.Errorf("remove artifacts from bucket %q: %w", bucket, plain(err))
	}
	return r.Gone.Get(), nil
}
