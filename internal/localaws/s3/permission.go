// SPDX-License-Identifier: MIT

package s3

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/policy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// permission returns the action that an operation takes, without s3:, where it
// is not named like the operation ("Actions, resources, and condition keys for
// Amazon S3", Service Authorization Reference). "" is no permission that can be
// told in advance.
func permission(operation string) string {
	switch operation {
	case "ListBuckets":
		return "ListAllMyBuckets"
	case "HeadBucket", "ListObjects":
		return "ListBucket"
	case "ListObjectVersions":
		return "ListBucketVersions"
	case "ListMultipartUploads":
		return "ListBucketMultipartUploads"
	case "ListParts":
		return "ListMultipartUploadParts"
	case "HeadObject":
		return "GetObject"
	case "CopyObject", "CreateMultipartUpload", "UploadPart", "UploadPartCopy", "CompleteMultipartUpload":
		return "PutObject"
	case "DeleteObjects": // each key has an outcome of its own
		return ""
	}
	return configurationAction(operation)
}

// configurationAction is permission for the configurations of buckets.
func configurationAction(operation string) string {
	switch operation {
	case "GetBucketNotificationConfiguration":
		return "GetBucketNotification"
	case "PutBucketNotificationConfiguration":
		return "PutBucketNotification"
	case "GetPublicAccessBlock":
		return "GetBucketPublicAccessBlock"
	case "PutPublicAccessBlock", "DeletePublicAccessBlock":
		return "PutBucketPublicAccessBlock"
	case "DeleteBucketTagging":
		return "PutBucketTagging"
	case "GetBucketLifecycleConfiguration":
		return "GetLifecycleConfiguration"
	case "PutBucketLifecycleConfiguration", "DeleteBucketLifecycleConfiguration":
		return "PutLifecycleConfiguration"
	case "GetBucketEncryption":
		return "GetEncryptionConfiguration"
	case "PutBucketEncryption", "DeleteBucketEncryption":
		return "PutEncryptionConfiguration"
	case "DeleteBucketOwnershipControls":
		return "PutBucketOwnershipControls"
	case "GetBucketCors":
		return "GetBucketCORS"
	case "PutBucketCors", "DeleteBucketCors":
		return "PutBucketCORS"
	}
	return operation
}

// versioned are the actions that have another name for one version of an object.
var versioned = map[string]string{
	"GetObject": "GetObjectVersion", "DeleteObject": "DeleteObjectVersion", "GetObjectAcl": "GetObjectVersionAcl", "PutObjectAcl": "PutObjectVersionAcl",
	"GetObjectTagging": "GetObjectVersionTagging", "PutObjectTagging": "PutObjectVersionTagging", "DeleteObjectTagging": "DeleteObjectVersionTagging",
}

// Needs returns the permissions that a request needs. What is not modelled, or
// is about a bucket that does not exist, needs none: the answer says so.
func (s *Service) Needs(r *http.Request, id wire.Identity) ([]access.Need, bool) {
	bucket, key := Locate(r.Host, r.URL.Path)
	call := &request{Request: r, id: id, bucket: bucket, key: key, query: r.URL.Query()}
	op, err := s.operation(call)
	if err != nil || r.Method == http.MethodOptions {
		return nil, true
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	b := s.buckets[bucket]
	if b == nil && op.level != onService && !op.creates {
		return nil, true
	}
	return s.needs(call, op), true
}

// needs returns the permissions of an operation; s.mu is held.
func (s *Service) needs(r *request, op operation) []access.Need {
	action := permission(op.name)
	if action == "" {
		return nil
	}
	need := objectNeed(action, r.bucket, r.key, r.query.Get("versionId"))
	if op.level == onService {
		need.Resource = "*"
	}
	if action == "ListBucket" || action == "ListBucketVersions" || action == "ListBucketMultipartUploads" {
		need.Context = map[string]string{}
		for _, name := range []string{"prefix", "delimiter", "max-keys"} {
			if r.query.Has(name) {
				need.Context["s3:"+name] = r.query.Get(name)
			}
		}
	}
	needs := []access.Need{need}
	if action == "PutObject" {
		needs = append(needs, s.putNeeds(r, op)...)
	}
	return needs
}

// objectNeed is a permission on a bucket, on an object if key is not "".
func objectNeed(action, bucket, key, version string) access.Need {
	if named, ok := versioned[action]; ok && version != "" {
		action = named
	}
	resource := arn.Scope{Partition: "aws"}.Bucket(bucket)
	if key != "" {
		resource += "/" + key
	}
	return access.Need{Action: "s3:" + action, Resource: resource}
}

// putNeeds returns what writing an object takes beside s3:PutObject: the right
// to read the source of a copy, and to write tags and access control lists.
func (s *Service) putNeeds(r *request, op operation) []access.Need {
	var needs []access.Need
	tags := r.Header.Get("X-Amz-Tagging") != ""
	if name := r.Header.Get("X-Amz-Copy-Source"); name != "" && strings.Contains(op.name, "Copy") {
		name, query, _ := strings.Cut(name, "?")
		name, _ = url.PathUnescape(strings.TrimPrefix(name, "/"))
		bucket, key, _ := strings.Cut(name, "/")
		values, _ := url.ParseQuery(query)
		version := values.Get("versionId")
		needs = append(needs, objectNeed("GetObject", bucket, key, version))
		if b := s.buckets[bucket]; b != nil && op.name == "CopyObject" && !strings.EqualFold(r.Header.Get("X-Amz-Tagging-Directive"), "REPLACE") {
			if o := b.version(key, version); o != nil && len(o.Tags) > 0 {
				needs, tags = append(needs, objectNeed("GetObjectTagging", bucket, key, version)), true
			}
		}
	}
	if tags {
		needs = append(needs, objectNeed("PutObjectTagging", r.bucket, r.key, ""))
	}
	if r.Header.Get("X-Amz-Acl") != "" {
		needs = append(needs, objectNeed("PutObjectAcl", r.bucket, r.key, ""))
	}
	return needs
}

// Refuse answers a caller who may not do what the request asks for, in the form
// of S3: with the resource in quotes.
func (s *Service) Refuse(w http.ResponseWriter, r *http.Request, id wire.Identity, err error) {
	stampRequest(w)
	bucket, key := Locate(r.Host, r.URL.Path)
	drain(r)
	(&request{Request: r, w: w, id: id, bucket: bucket, key: key}).fail(refusal(err))
}

// refusal words an error of access.Guard as S3 does.
func refusal(err error) error {
	if denial, ok := errors.AsType[*access.Denial](err); ok {
		return wire.Errorf(http.StatusForbidden, "AccessDenied", "%s", denial.Quoted())
	}
	token, ok := errors.AsType[*access.TokenError](err)
	switch {
	case ok && token.Expired:
		return wire.Errorf(http.StatusBadRequest, "ExpiredToken", "The provided token has expired.")
	case ok:
		return wire.Errorf(http.StatusForbidden, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
	}
	return err
}

// ResourcePolicy returns the policy of the bucket that a resource is or is in.
func (s *Service) ResourcePolicy(resource string) (policy.Document, bool) {
	a, _ := arn.Parse(resource)
	name, _, _ := strings.Cut(a.Resource, "/")
	s.mu.RLock()
	text := ""
	if b := s.buckets[name]; b != nil {
		text = b.Policy
	}
	s.mu.RUnlock()
	return s.policies.Parse(text)
}
