// SPDX-License-Identifier: MIT

package s3

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// policyType is AWS::S3::BucketPolicy. Its physical id is the bucket's name.
type policyType struct{ s *Service }

// Check returns the faults of the properties.
func (policyType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{"Bucket": shape.String, "PolicyDocument": shape.Document}, "Bucket", "PolicyDocument"), properties)
}

// Replaces reports whether the policy moves to another bucket.
func (policyType) Replaces(old, new map[string]any) bool {
	return !reflect.DeepEqual(old["Bucket"], new["Bucket"])
}

// Create puts the policy on a bucket that has none.
func (t policyType) Create(ctx context.Context, r resource.Request) (resource.Instance, error) {
	return t.put(ctx, r, func(b *bucket) error {
		if b.Policy != "" {
			return wire.Errorf(409, "AlreadyExists", "The bucket policy already exists on bucket %s.", b.Name)
		}
		return nil
	})
}

// Update replaces the policy.
func (t policyType) Update(ctx context.Context, _ resource.Instance, r resource.Request) (resource.Instance, error) {
	return t.put(ctx, r, func(*bucket) error { return nil })
}

func (t policyType) put(ctx context.Context, r resource.Request, check func(*bucket) error) (resource.Instance, error) {
	if err := ctx.Err(); err != nil {
		return resource.Instance{}, err
	}
	text, ok := r.Properties["PolicyDocument"].(string)
	if !ok {
		body, err := json.Marshal(r.Properties["PolicyDocument"])
		if err != nil {
			return resource.Instance{}, fmt.Errorf("encode policy of %s: %w", r.LogicalID, err)
		}
		text = string(body)
	}
	name := shape.Member(r.Properties, "Bucket")
	err := t.s.configure(name, func(b *bucket) error {
		if b.Account != r.Scope.Account {
			return accessDenied()
		}
		if err := check(b); err != nil {
			return err
		}
		return putPolicy(b, []byte(text))
	})
	if err != nil {
		return resource.Instance{}, wire.FromService("S3", err)
	}
	return resource.Instance{PhysicalID: name, Attributes: map[string]any{"Bucket": name}}, nil
}

// Delete removes the policy; a bucket that is gone has none.
func (t policyType) Delete(ctx context.Context, old resource.Instance, r resource.Request) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := t.s.configure(old.PhysicalID, func(b *bucket) error {
		if b.Account == r.Scope.Account {
			b.Policy = ""
		}
		return nil
	})
	if code(err) == "NoSuchBucket" {
		return nil
	}
	return err
}
