// SPDX-License-Identifier: MIT

// Package kinesis is the Kinesis Data Streams of the embedded AWS: streams with
// shards whose records are kept in files, their consumers, the JSON protocol of
// the API and the CloudFormation types AWS::Kinesis::Stream and
// AWS::Kinesis::StreamConsumer. Event source mappings of Lambda read the streams
// by way of Service.Read.
//
// Streams and consumers are active as soon as they are made. Encryption is kept
// and shown, but has no effect; throughput is not limited, and on-demand streams
// keep their four shards. Resharding, resource policies, enhanced monitoring,
// SubscribeToShard and the CBOR protocol are not modelled and refused by name.
package kinesis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// document is the name of the store's document that holds the streams.
const document = "kinesis"

// Service is Kinesis. Its methods may be called concurrently.
type Service struct {
	env     service.Env
	root    string // directory of the records' files
	actions wire.Actions[*Service, arn.Scope]
	needs   access.Table

	mu      sync.Mutex // also held while the files are read and written
	streams map[streamKey]*dataStream

	stop    context.CancelCauseFunc // ends what waits for records
	stopped context.Context
}

type streamKey struct{ account, region, name string }

func keyOf(scope arn.Scope, name string) streamKey {
	return streamKey{scope.Account, scope.Region, name}
}

var errClosed = errors.New("the embedded AWS is shutting down")

// New opens the streams that env.Store keeps.
func New(env service.Env) (*Service, error) {
	s := &Service{env: env, actions: actions(), needs: needs(), streams: map[streamKey]*dataStream{}}
	s.stopped, s.stop = context.WithCancelCause(context.Background())
	if err := s.load(); err != nil {
		return nil, fmt.Errorf("open kinesis: %w", err)
	}
	return s, nil
}

func (s *Service) load() error {
	var err error
	if s.root, err = s.env.Store.Dir(document); err != nil {
		return err
	}
	var kept []*dataStream
	if err := s.env.Store.Load(document, &kept); err != nil {
		return err
	}
	known := map[string]bool{}
	for _, d := range kept {
		known[d.ID], d.arrived = true, make(chan struct{})
		s.streams[keyOf(d.Scope, d.Name)] = d
		for _, sh := range d.Shards {
			if err := sh.open(s.file(d, sh)); err != nil {
				return err
			}
		}
	}
	s.env.Store.Register(document, s.snapshot)
	return s.sweep(known)
}

// sweep removes the records of streams that are in no document.
func (s *Service) sweep(known map[string]bool) error {
	entries, err := os.ReadDir(s.root)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !known[entry.Name()] {
			if err := os.RemoveAll(filepath.Join(s.root, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) snapshot() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := make([]*dataStream, 0, len(s.streams))
	for _, d := range s.streams {
		kept = append(kept, d)
	}
	return json.Marshal(kept)
}

func (s *Service) changed() { s.env.Store.Changed(document) }

// file returns the path of a shard's records.
func (s *Service) file(d *dataStream, sh *shard) string {
	return filepath.Join(s.root, d.ID, sh.id())
}

// Close ends the calls that wait for records.
func (s *Service) Close(context.Context) error {
	s.stop(errClosed)
	return nil
}

// find returns a stream; s.mu is held.
func (s *Service) find(scope arn.Scope, name string) (*dataStream, error) {
	d := s.streams[keyOf(scope, name)]
	if d == nil {
		return nil, notFound("Stream %s under account %s not found.", name, scope.Account)
	}
	return d, nil
}

// findARN returns a stream by its ARN; s.mu is held.
func (s *Service) findARN(streamARN string) (*dataStream, error) {
	a, ok := arn.Parse(streamARN)
	name, isStream := strings.CutPrefix(a.Resource, "stream/")
	if !ok || a.Service != "kinesis" || !isStream {
		return nil, invalidMember(streamARN, "streamARN", `Member must satisfy regular expression pattern: arn:aws.*:kinesis:.*:\d{12}:stream/\S+`)
	}
	return s.find(arn.Scope{Partition: a.Partition, Account: a.Account, Region: a.Region}, name)
}

func invalidArgument(format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, "InvalidArgumentException", format, args...)
}

// invalidMember returns the error of a request that breaks the API's model.
func invalidMember(value, member, constraint string) error {
	return wire.Errorf(http.StatusBadRequest, "ValidationException",
		"1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: %s", value, member, constraint)
}

func notFound(format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, "ResourceNotFoundException", format, args...)
}

func inUse(format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, "ResourceInUseException", format, args...)
}
