// SPDX-License-Identifier: MIT

package cloudformation

import (
	"context"
	"net/url"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
)

// body returns the template of a request: TemplateBody, TemplateURL or the
// previous one. previous is "" if there is none.
func (s *Service) body(ctx context.Context, scope arn.Scope, f form, previous string) (string, error) {
	text, address := f.text("TemplateBody"), f.text("TemplateURL")
	usePrevious, err := f.flag("UsePreviousTemplate")
	if err != nil {
		return "", err
	}
	switch {
	case usePrevious && (text != "" || address != ""), text != "" && address != "":
		return "", invalidf("Only one of TemplateBody, TemplateURL and UsePreviousTemplate may be specified.")
	case usePrevious && previous == "":
		return "", invalidf("UsePreviousTemplate: the stack has no template yet.")
	case usePrevious:
		return previous, nil
	case text == "" && address == "":
		return "", invalidf("Either Template URL or Template Body must be specified.")
	case len(text) > maxInlineTemplate:
		return "", invalidf("1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to %d", maxInlineTemplate)
	case address != "":
		return s.fetch(ctx, scope, address)
	}
	return text, nil
}

// fetch reads a template from S3.
func (s *Service) fetch(ctx context.Context, scope arn.Scope, address string) (string, error) {
	bucket, key, ok := objectOf(address, s.env.Endpoint())
	if !ok {
		return "", invalidf("TemplateURL must be a supported URL.")
	}
	if s.deps.ReadObject == nil {
		return "", invalidf("S3 error: the embedded AWS has no S3 to read %s from", address)
	}
	if err := s.readable(ctx, scope, bucket, key); err != nil {
		return "", invalidf("S3 error: Access Denied\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (%s)", message(err))
	}
	data, err := s.deps.ReadObject(ctx, scope.Account, bucket, key)
	if err != nil {
		return "", invalidf("S3 error: %s\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html", message(err))
	}
	if len(data) > maxTemplate {
		return "", invalidf("Template may not exceed %d bytes in size.", maxTemplate)
	}
	return string(data), nil
}

// s3Host is a host of S3 on AWS, with the bucket before it unless the URL is of
// the path style.
var s3Host = lazy.MustCompile(`^(?:(.+)\.)?s3(?:[.-](?:dualstack\.)?[a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?$`)

// objectOf splits the URL of an S3 object. It understands the virtual-hosted
// and the path style, with and without a region, and the endpoint of the
// embedded AWS in both styles.
func objectOf(address, endpoint string) (bucket, key string, ok bool) {
	u, err := url.Parse(address)
	if err != nil || u.RawQuery != "" || u.User != nil {
		return "", "", false
	}
	own, err := url.Parse(endpoint)
	if err != nil {
		return "", "", false
	}
	path := strings.TrimPrefix(u.Path, "/")
	if match := s3Host.FindStringSubmatch(u.Host); match != nil && u.Scheme == "https" {
		bucket = match[1]
	} else if isOwn, before := ownHost(u, own); isOwn {
		bucket = before
	} else {
		return "", "", false
	}
	key = path
	if bucket == "" {
		bucket, key, _ = strings.Cut(path, "/")
	}
	return bucket, key, bucket != "" && key != ""
}

// ownHost reports whether u is at the endpoint of the embedded AWS, under its
// address or a name of localhost, and the bucket before localhost.
func ownHost(u, own *url.URL) (ok bool, bucket string) {
	if u.Scheme != own.Scheme || u.Port() != own.Port() {
		return false, ""
	}
	host := u.Hostname()
	if host == own.Hostname() || host == "localhost" || host == "127.0.0.1" {
		return true, ""
	}
	bucket, ok = strings.CutSuffix(host, ".localhost")
	return ok, bucket
}
