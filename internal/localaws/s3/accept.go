// SPDX-License-Identifier: MIT

package s3

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/policy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// Delivery is an object that another service of AWS writes into a bucket.
type Delivery struct {
	Principal string // the service, such as ses.amazonaws.com; empty: it acts with a role of the account
	Source    string // ARN of what the service writes for: aws:SourceArn
	Account   string // account of that: aws:SourceAccount
	Bucket    string
	Key       string
	Body      []byte
}

// Accept writes an object for another service of the embedded AWS, as that
// service's call of PutObject would, and tells the bucket's listeners. The
// bucket's policy must let the service in; one that acts with a role may write
// into the buckets of its account. Errors are *wire.Error, such as NoSuchBucket
// and AccessDenied.
func (s *Service) Accept(ctx context.Context, d Delivery) error {
	if err := s.admits(d); err != nil {
		return err
	}
	r := (&http.Request{
		Method: http.MethodPut, Header: http.Header{}, ContentLength: int64(len(d.Body)), RemoteAddr: "127.0.0.1:0",
		Body: io.NopCloser(bytes.NewReader(d.Body)),
	}).WithContext(ctx)
	w := unread{http.Header{headerRequestID: {strings.ToUpper(newBlob()[:16])}, headerHostID: {newBlob()}}}
	return s.putObject(&request{Request: r, w: w, id: wire.Identity{Account: d.Account}, bucket: d.Bucket, key: d.Key})
}

func (s *Service) admits(d Delivery) error {
	if len(d.Key) > 1024 {
		return wire.Errorf(http.StatusBadRequest, "KeyTooLongError", "Your key is too long")
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	b := s.buckets[d.Bucket]
	switch {
	case b == nil:
		return noSuchBucket()
	case d.Principal == "" && b.Account == d.Account:
		return nil
	case d.Principal == "":
		return accessDenied()
	}
	if !b.policy().Allows(policy.Request{
		PrincipalType: "Service", Principal: d.Principal, Action: "s3:PutObject", Resource: b.arn() + "/" + d.Key,
		Context: map[string]string{
			"aws:sourcearn": d.Source, "aws:sourceaccount": d.Account, "aws:referer": d.Account, // SES had the latter before the others
			"aws:principalisawsservice": "true", "aws:securetransport": "true",
		},
	}) {
		return accessDenied()
	}
	return nil
}

// unread takes an answer of which only the headers are read.
type unread struct{ header http.Header }

func (u unread) Header() http.Header       { return u.header }
func (unread) Write(p []byte) (int, error) { return len(p), nil }
func (unread) WriteHeader(int)             {}
