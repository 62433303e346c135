// SPDX-License-Identifier: MIT

// Package infra decorates the service's template.
package infra

import (
	"context"

	"github.com/sparta-up/sparta/decorator"
)

// AddStorage adds the bucket that the guestbook's entries are kept in, tells
// the function its name, and lets the function list, read and add entries.
func AddStorage(_ context.Context, t *decorator.Template) error {
	err := t.Add("Entries", decorator.Resource{
		Type:                "AWS::S3::Bucket",
		DeletionPolicy:      "Delete",
		UpdateReplacePolicy: "Retain",
	})
	if err != nil {
		return err
	}
	if err := t.Environment("guestbook", "BUCKET", decorator.Ref("Entries")); err != nil {
		return err
	}
	if err := t.Allow("guestbook", []string{"s3:ListBucket"}, decorator.GetAtt("Entries", "Arn")); err != nil {
		return err
	}
	return t.Allow("guestbook", []string{"s3:GetObject", "s3:PutObject"}, decorator.Sub("${Entries.Arn}/entries/*"))
}
