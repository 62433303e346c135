// SPDX-License-Identifier: MIT

// Package s3 is the S3 of the embedded AWS: buckets and their configuration,
// objects with versions, checksums and conditional requests, multipart uploads,
// notifications of events, website endpoints, and the CloudFormation types AWS::S3::Bucket and
// AWS::S3::BucketPolicy.
//
// It is written here rather than taken from gofakes3, the only S3 server for Go
// without SDK v1 behind it. That one ignores ExpectedBucketOwner, accepts wrong
// checksums, drops Cache-Control on Head, stores aws-chunked trailers as content,
// has no public access block, policy, tagging or lifecycle, and keeps an object
// in memory as a whole. What a deployer relies on most would have had to be
// written around it, twice for the calls that pass through both; what remained
// is the smaller part.
//
// What S3 does on its own later on, such as expiring objects by lifecycle rules,
// is kept and returned but not carried out. Bucket policies are evaluated for
// anonymous requests, for other services and for roles: what other callers may
// do with the resources of their own account is not restricted. What is not modelled answers
// NotImplemented with the name of the operation or header.
package s3

import (
	"encoding/json"
	"fmt"
	"sync"

	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/policy"
	"github.com/sparta-up/sparta/internal/localaws/service"
)

// document is the name of the state document in the store.
const document = "s3"

// Service is the embedded S3. Its methods may be called concurrently.
type Service struct {
	env        service.Env
	table      *delivery.Table // takes notifications
	blobs      blobs
	operations map[route]operation
	policies   policy.Cache

	mu      sync.RWMutex
	buckets map[string]*bucket // by name: one namespace over all accounts, as in a partition of AWS
}

// state is what the document holds.
type state struct {
	Buckets map[string]*bucket
}

// New opens the S3 whose state is in env.Store and opens the doors of its
// websites. Notifications go out by way of table, which may be filled later.
func New(env service.Env, table *delivery.Table) (*Service, error) {
	dir, err := env.Store.Dir("s3")
	if err != nil {
		return nil, fmt.Errorf("open s3: %w", err)
	}
	loaded := state{Buckets: map[string]*bucket{}}
	if err := env.Store.Load(document, &loaded); err != nil {
		return nil, fmt.Errorf("open s3: %w", err)
	}
	s := &Service{env: env, table: table, blobs: blobs{dir: dir}, operations: operations(), buckets: loaded.Buckets}
	if err := s.reconcile(); err != nil {
		return nil, fmt.Errorf("open s3: %w", err)
	}
	env.Store.Register(document, s.snapshot)
	for name, b := range s.buckets {
		if b.Website == nil {
			continue
		}
		if err := s.openDoor(b); err != nil {
			return nil, fmt.Errorf("open website of bucket %q: %w", name, err)
		}
	}
	return s, nil
}

func (s *Service) snapshot() ([]byte, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return json.Marshal(state{Buckets: s.buckets})
}

// changed marks the state as to be written. The caller may hold the lock.
func (s *Service) changed() { s.env.Store.Changed(document) }

// reconcile makes the state and the directory agree after a process was killed
// between the two: objects whose bytes are gone had been deleted, and bytes that
// nothing refers to were never acknowledged or had been replaced.
func (s *Service) reconcile() error {
	present, err := s.blobs.list()
	if err != nil {
		return err
	}
	used := map[string]bool{}
	keep := func(blob string) bool {
		used[blob] = true
		return present[blob]
	}
	for _, b := range s.buckets {
		b.reconcile(keep)
	}
	for blob := range present {
		if !used[blob] {
			s.blobs.remove(blob)
		}
	}
	return nil
}
