// SPDX-License-Identifier: MIT

package s3

import (
	"net/http"
	"strings"
)

// level is what an operation acts on.
type level int

const (
	onService level = iota
	onBucket
	onObject
)

// operation is one call of the S3 API.
type operation struct {
	name     string
	level    level
	run      func(*Service, *request) error // nil: not modelled
	action   string                         // IAM action that a bucket policy may open to everybody; "" if none is modelled
	creates  bool                           // the bucket need not exist
	anywhere bool                           // may be asked of another region
}

// operation finds what a request asks for: the level, the method and the first
// subresource in its query decide.
func (s *Service) operation(r *request) (operation, error) {
	lvl := onObject
	switch {
	case r.bucket == "":
		lvl = onService
	case r.key == "":
		lvl = onBucket
	}
	sub := ""
	for _, name := range subresources {
		if r.query.Has(name) {
			sub = name
			break
		}
	}
	verb := r.Method
	if verb == http.MethodPut && lvl == onObject && r.Header.Get("X-Amz-Copy-Source") != "" {
		verb = "COPY"
	}
	if op, ok := s.operations[route{lvl, verb, sub}]; ok {
		op.level = lvl
		return op, nil
	}
	return operation{}, notModelled(unknownName(lvl, r.Method, sub))
}

// unknownName names an operation that is not in the table, close to its name in
// the API reference.
func unknownName(lvl level, method, sub string) string {
	verbs := map[string]string{http.MethodGet: "Get", http.MethodPut: "Put", http.MethodDelete: "Delete", http.MethodPost: "Post", http.MethodHead: "Head"}
	verb, known := verbs[method]
	if !known {
		return "the method " + method
	}
	noun := [...]string{onService: "Service", onBucket: "Bucket", onObject: "Object"}[lvl]
	if sub == "" {
		return verb + noun
	}
	return verb + noun + strings.ToUpper(sub[:1]) + sub[1:] + " (" + method + " ?" + sub + ")"
}

// subresources are the names in a query that choose an operation; uploadId
// stands before partNumber, which it qualifies.
var subresources = [...]string{
	"uploads", "uploadId", "delete", "versions", "location", "policyStatus", "policy", "publicAccessBlock", "tagging",
	"lifecycle", "versioning", "encryption", "ownershipControls", "website", "cors", "notification", "acl",
	"partNumber", "attributes", "accelerate", "logging", "replication", "requestPayment", "analytics", "inventory",
	"metrics", "intelligent-tiering", "object-lock", "retention", "legal-hold", "restore", "select", "torrent",
	"session", "metadataTable", "metadataConfiguration", "metadataInventoryTable", "metadataJournalTable",
	"renameObject", "encryptionContext", "abac", "append",
}

// route is the key of the table of operations.
type route struct {
	level  level
	method string
	sub    string
}

// operations is the table of what is modelled.
func operations() map[route]operation {
	const get, put, del, post, head, cp = http.MethodGet, http.MethodPut, http.MethodDelete, http.MethodPost, http.MethodHead, "COPY"
	table := map[route]operation{
		{onService, get, ""}:            {name: "ListBuckets", run: (*Service).listBuckets},
		{onBucket, put, ""}:             {name: "CreateBucket", run: (*Service).createBucket, creates: true},
		{onBucket, head, ""}:            {name: "HeadBucket", run: (*Service).headBucket, action: "s3:ListBucket"},
		{onBucket, del, ""}:             {name: "DeleteBucket", run: (*Service).deleteBucket},
		{onBucket, get, "location"}:     {name: "GetBucketLocation", run: (*Service).bucketLocation, anywhere: true},
		{onBucket, get, ""}:             {name: "ListObjects", run: (*Service).listObjects, action: "s3:ListBucket"},
		{onBucket, get, "versions"}:     {name: "ListObjectVersions", run: (*Service).listVersions, action: "s3:ListBucketVersions"},
		{onBucket, get, "uploads"}:      {name: "ListMultipartUploads", run: (*Service).listUploads},
		{onBucket, post, "delete"}:      {name: "DeleteObjects", run: (*Service).deleteObjects},
		{onBucket, get, "acl"}:          {name: "GetBucketAcl", run: (*Service).getACL},
		{onBucket, put, "acl"}:          {name: "PutBucketAcl", run: (*Service).putACL},
		{onBucket, get, "notification"}: {name: "GetBucketNotificationConfiguration", run: (*Service).getNotification},
		{onBucket, put, "notification"}: {name: "PutBucketNotificationConfiguration", run: (*Service).putNotification},
		{onObject, put, ""}:             {name: "PutObject", run: (*Service).putObject},
		{onObject, cp, ""}:              {name: "CopyObject", run: (*Service).copyObject},
		{onObject, get, ""}:             {name: "GetObject", run: (*Service).getObject, action: "s3:GetObject"},
		{onObject, head, ""}:            {name: "HeadObject", run: (*Service).getObject, action: "s3:GetObject"},
		{onObject, del, ""}:             {name: "DeleteObject", run: (*Service).deleteObject},
		{onObject, post, "uploads"}:     {name: "CreateMultipartUpload", run: (*Service).createUpload},
		{onObject, put, "uploadId"}:     {name: "UploadPart", run: (*Service).uploadPart},
		{onObject, cp, "uploadId"}:      {name: "UploadPartCopy", run: (*Service).copyPart},
		{onObject, post, "uploadId"}:    {name: "CompleteMultipartUpload", run: (*Service).completeUpload},
		{onObject, del, "uploadId"}:     {name: "AbortMultipartUpload", run: (*Service).abortUpload},
		{onObject, get, "uploadId"}:     {name: "ListParts", run: (*Service).listParts},
		{onObject, get, "tagging"}:      {name: "GetObjectTagging", run: (*Service).getTagging},
		{onObject, put, "tagging"}:      {name: "PutObjectTagging", run: (*Service).putTagging},
		{onObject, del, "tagging"}:      {name: "DeleteObjectTagging", run: (*Service).deleteTagging},
		{onObject, get, "acl"}:          {name: "GetObjectAcl", run: (*Service).getACL},
		{onObject, put, "acl"}:          {name: "PutObjectAcl", run: (*Service).putACL},
	}
	for sub, c := range configurations() {
		table[route{onBucket, get, sub}] = operation{name: "Get" + c.name, run: c.serveGet}
		if c.put != nil {
			table[route{onBucket, put, sub}] = operation{name: "Put" + c.name, run: c.servePut}
		}
		if c.remove != nil {
			table[route{onBucket, del, sub}] = operation{name: "Delete" + c.name, run: c.serveDelete}
		}
	}
	return table
}
