// SPDX-License-Identifier: MIT

// Package dynamodb is the DynamoDB of the embedded AWS: tables with their
// indexes, items, expressions, transactions, time to live and streams, the JSON
// protocol of both APIs and the CloudFormation type AWS::DynamoDB::Table.
//
// All reads are consistent, also those of global secondary indexes, and expired
// items are deleted at once, for which DynamoDB takes up to some days. A table is
// CREATING, UPDATING or DELETING in the answer that says so and not beyond it:
// the waiters of the SDKs would wait 20 seconds for less. Provisioned throughput
// is kept and shown, but throttles nobody; so are the settings of encryption,
// table class and point-in-time recovery. Each stream has one shard. PartiQL,
// global tables, backups, exports, imports, resource policies and the parameters
// that expressions have replaced are not modelled and refused by name.
package dynamodb

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/service"
)

// Service is DynamoDB. Its methods may be called concurrently.
type Service struct {
	env     service.Env
	actions map[string]handler
	table   access.Table
	journal *journal

	mu      sync.RWMutex
	tables  map[tableKey]*table
	byID    map[string]*table
	streams map[string]*feed // by ARN, also those that are disabled
	tokens  map[string]token // of transactions, by account, region and token

	expiry  chan struct{} // wakes the one who deletes expired items
	stop    context.CancelCauseFunc
	stopped context.Context
	work    sync.WaitGroup
}

type tableKey struct{ account, region, name string }

func keyOf(scope arn.Scope, name string) tableKey {
	return tableKey{scope.Account, scope.Region, name}
}

var errClosed = errors.New("the embedded AWS is shutting down")

// New opens the tables that env.Store keeps.
func New(env service.Env) (*Service, error) {
	s := &Service{
		env: env, actions: actions(), tables: map[tableKey]*table{}, byID: map[string]*table{}, streams: map[string]*feed{},
		tokens: map[string]token{}, expiry: make(chan struct{}, 1),
	}
	s.table = s.needs()
	s.stopped, s.stop = context.WithCancelCause(context.Background())
	dir, err := env.Store.Dir("dynamodb")
	if err == nil {
		s.journal, err = openJournal(filepath.Join(dir, "journal"), s.apply)
	}
	if err != nil {
		return nil, fmt.Errorf("open dynamodb: %w", err)
	}
	s.work.Go(s.expire)
	return s, nil
}

// Close ends what runs in the background and closes the journal.
func (s *Service) Close(context.Context) error {
	s.mu.Lock()
	s.stop(errClosed) // nothing is compacted from now on
	s.mu.Unlock()
	s.work.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.journal.close()
}

// find returns a table by its name or ARN; s.mu is held. item says that the
// error is that of the operations on items.
func (s *Service) find(scope arn.Scope, name string, item bool) (*table, error) {
	plain, err := tableName(scope, name)
	if err != nil {
		return nil, err
	}
	t := s.tables[keyOf(scope, plain)]
	switch {
	case t != nil:
		return t, nil
	case item:
		return nil, notFound("Requested resource not found")
	}
	return nil, notFound("Requested resource not found: Table: %s not found", plain)
}
