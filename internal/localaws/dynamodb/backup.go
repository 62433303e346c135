// SPDX-License-Identifier: MIT

package dynamodb

import (
	"strings"
	"time"
)

// defaultRecoveryDays is how far back point-in-time recovery reaches.
const defaultRecoveryDays = 35

type recovery struct {
	PointInTimeRecoveryStatus  string
	RecoveryPeriodInDays       int     `json:",omitempty"`
	EarliestRestorableDateTime float64 `json:",omitempty"`
	LatestRestorableDateTime   float64 `json:",omitempty"`
}

type backupsOutput struct {
	ContinuousBackupsDescription struct {
		ContinuousBackupsStatus        string
		PointInTimeRecoveryDescription recovery
	}
}

func (s *Service) backups(t *table) (out backupsOutput) {
	shown := &out.ContinuousBackupsDescription
	shown.ContinuousBackupsStatus, shown.PointInTimeRecoveryDescription = "ENABLED", recovery{PointInTimeRecoveryStatus: "DISABLED"}
	if t.Recovery {
		now := s.env.Now()
		shown.PointInTimeRecoveryDescription = recovery{"ENABLED", t.RecoveryDays, seconds(t.RecoverySince), max(seconds(t.RecoverySince), seconds(now.Add(-5*time.Minute)))}
	}
	return out
}

func (s *Service) describeBackups(c call, in tableInput) (out backupsOutput, err error) {
	if err := in.check(); err != nil {
		return out, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	t, err := s.find(c.scope, in.TableName, false)
	if err != nil {
		return out, err
	}
	return s.backups(t), nil
}

type recoverySpecification struct {
	PointInTimeRecoveryEnabled *bool
	RecoveryPeriodInDays       int
}

func (s *Service) updateBackups(c call, in struct {
	tableInput
	PointInTimeRecoverySpecification *recoverySpecification
}) (out backupsOutput, err error) {
	if err := in.check(); err != nil {
		return out, err
	}
	spec := in.PointInTimeRecoverySpecification
	var faults constraints
	faults.present(spec != nil, "pointInTimeRecoverySpecification")
	if spec != nil {
		faults.present(spec.PointInTimeRecoveryEnabled != nil, "pointInTimeRecoverySpecification.pointInTimeRecoveryEnabled")
	}
	if err := faults.err(); err != nil {
		return out, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.find(c.scope, in.TableName, false)
	if err != nil {
		return out, err
	}
	if err := s.setRecovery(t, *spec); err != nil {
		return out, err
	}
	return s.backups(t), nil
}

// setRecovery changes point-in-time recovery; s.mu is held.
func (s *Service) setRecovery(t *table, spec recoverySpecification) error {
	d := *t.definition
	days := spec.RecoveryPeriodInDays
	if days < 0 || days > defaultRecoveryDays {
		return invalid("RecoveryPeriodInDays must be between 1 and %d", defaultRecoveryDays)
	}
	if days == 0 {
		days = defaultRecoveryDays
	}
	if *spec.PointInTimeRecoveryEnabled && !d.Recovery {
		d.RecoverySince = s.env.Now()
	}
	d.Recovery, d.RecoveryDays = *spec.PointInTimeRecoveryEnabled, days
	return s.commit(record{Table: &d})
}

// limits are the default quotas of an account in a region.
type limits struct {
	AccountMaxReadCapacityUnits, AccountMaxWriteCapacityUnits int
	TableMaxReadCapacityUnits, TableMaxWriteCapacityUnits     int
}

func (s *Service) describeLimits(call, none) (limits, error) {
	return limits{80000, 80000, 40000, 40000}, nil
}

type endpointsOutput struct{ Endpoints []endpoint }

type endpoint struct {
	Address              string
	CachePeriodInMinutes int
}

func (s *Service) describeEndpoints(call, none) (endpointsOutput, error) {
	return endpointsOutput{[]endpoint{{strings.TrimPrefix(s.env.Endpoint(), "http://"), 1440}}}, nil
}
