// SPDX-License-Identifier: MIT

package s3

import (
	"slices"
	"testing"
)

// actionNames are the actions of S3 that the modelled operations take, from the
// Service Authorization Reference.
var actionNames = []string{
	"AbortMultipartUpload", "CreateBucket", "DeleteBucket", "DeleteBucketPolicy", "DeleteBucketWebsite", "DeleteObject", "DeleteObjectTagging",
	"GetBucketAcl", "GetBucketCORS", "GetBucketLocation", "GetBucketNotification", "GetBucketOwnershipControls", "GetBucketPolicy",
	"GetBucketPolicyStatus", "GetBucketPublicAccessBlock", "GetBucketTagging", "GetBucketVersioning", "GetBucketWebsite",
	"GetEncryptionConfiguration", "GetLifecycleConfiguration", "GetObject", "GetObjectAcl", "GetObjectTagging", "ListAllMyBuckets", "ListBucket",
	"ListBucketMultipartUploads", "ListBucketVersions", "ListMultipartUploadParts", "PutBucketAcl", "PutBucketCORS", "PutBucketNotification",
	"PutBucketOwnershipControls", "PutBucketPolicy", "PutBucketPublicAccessBlock", "PutBucketTagging", "PutBucketVersioning", "PutBucketWebsite",
	"PutEncryptionConfiguration", "PutLifecycleConfiguration", "PutObject", "PutObjectAcl", "PutObjectTagging",
}

func TestEveryOperationHasAnAction(t *testing.T) {
	t.Parallel()
	for _, op := range operations() {
		action := permission(op.name)
		if op.name == "DeleteObjects" {
			if action != "" {
				t.Errorf("DeleteObjects is checked for each key, got %s", action)
			}
			continue
		}
		if !slices.Contains(actionNames, action) {
			t.Errorf("%s: there is no action s3:%s", op.name, action)
		}
	}
}
