// SPDX-License-Identifier: MIT

package dynamodb

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

type ttlSpecification struct {
	AttributeName string
	Enabled       *bool
}

type ttlOutput struct{ TimeToLiveSpecification ttlSpecification }

func (s *Service) updateTTL(c call, in struct {
	tableInput
	TimeToLiveSpecification *ttlSpecification
}) (ttlOutput, error) {
	if err := in.check(); err != nil {
		return ttlOutput{}, err
	}
	spec := in.TimeToLiveSpecification
	var faults constraints
	faults.present(spec != nil, "timeToLiveSpecification")
	if spec != nil {
		faults.length(quote(spec.AttributeName), len(spec.AttributeName), "timeToLiveSpecification.attributeName", 1, 255)
		faults.present(spec.Enabled != nil, "timeToLiveSpecification.enabled")
	}
	if err := faults.err(); err != nil {
		return ttlOutput{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.find(c.scope, in.TableName, false)
	if err != nil {
		return ttlOutput{}, err
	}
	return ttlOutput{*spec}, s.setTTL(t, *spec)
}

// setTTL changes time to live; s.mu is held.
func (s *Service) setTTL(t *table, spec ttlSpecification) error {
	d := *t.definition
	switch {
	case *spec.Enabled && t.TTL == spec.AttributeName:
		return invalid("TimeToLive is already enabled")
	case *spec.Enabled && t.TTL != "":
		return invalid("TimeToLive is active on a different AttributeName: current AttributeName is %s", t.TTL)
	case !*spec.Enabled && t.TTL == "":
		return invalid("TimeToLive is already disabled")
	case !*spec.Enabled && t.TTL != spec.AttributeName:
		return invalid("TimeToLive is active on a different AttributeName: current AttributeName is %s", t.TTL)
	}
	d.TTL = ""
	if *spec.Enabled {
		d.TTL = spec.AttributeName
	}
	return s.commit(record{Table: &d})
}

type ttlDescription struct {
	TimeToLiveDescription struct {
		TimeToLiveStatus string
		AttributeName    string `json:",omitempty"`
	}
}

func (s *Service) describeTTL(c call, in tableInput) (out ttlDescription, err error) {
	if err := in.check(); err != nil {
		return out, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	t, err := s.find(c.scope, in.TableName, false)
	if err != nil {
		return out, err
	}
	shown := &out.TimeToLiveDescription
	if shown.TimeToLiveStatus = "DISABLED"; t.TTL != "" {
		shown.TimeToLiveStatus, shown.AttributeName = "ENABLED", t.TTL
	}
	return out, nil
}

// maxTags is how many tags a table may have.
const maxTags = 50

// tag adds tags.
func (d *definition) tag(tags []tag) error {
	d.Tags = maps.Clone(d.Tags)
	for _, t := range tags {
		switch {
		case t.Key == "" || len(t.Key) > 128:
			return invalidParameter("The tag key %q must have 1 to 128 characters", t.Key)
		case len(t.Value) > 256:
			return invalidParameter("The value of tag %q is longer than 256 characters", t.Key)
		}
		if d.Tags == nil {
			d.Tags = map[string]string{}
		}
		d.Tags[t.Key] = t.Value
	}
	if len(d.Tags) > maxTags {
		return invalid("One or more parameter values were invalid: Too many tags: a table can have %d", maxTags)
	}
	return nil
}

// tagged returns the table that an ARN names; s.mu is held.
func (s *Service) tagged(c call, resourceARN string) (*table, error) {
	a, ok := arn.Parse(resourceARN)
	name, isTable := strings.CutPrefix(a.Resource, "table/")
	if !ok || !isTable || a.Service != "dynamodb" {
		return nil, invalid("Invalid TableArn: Invalid ResourceArn provided as input %s", resourceARN)
	}
	t := s.tables[tableKey{a.Account, a.Region, name}]
	if t == nil || a.Account != c.scope.Account {
		return nil, notFound("Requested resource not found: ResourcArn: %s not found", resourceARN)
	}
	return t, nil
}

func (s *Service) tagResource(c call, in struct {
	ResourceArn string
	Tags        []tag
}) (none, error) {
	if len(in.Tags) == 0 {
		return none{}, invalid("Atleast one Tag needs to be provided as Input.")
	}
	return none{}, s.editTags(c, in.ResourceArn, func(d *definition) error { return d.tag(in.Tags) })
}

func (s *Service) untagResource(c call, in struct {
	ResourceArn string
	TagKeys     []string
}) (none, error) {
	if len(in.TagKeys) == 0 {
		return none{}, invalid("Atleast one Tag Key needs to be provided as Input.")
	}
	return none{}, s.editTags(c, in.ResourceArn, func(d *definition) error {
		d.Tags = maps.Clone(d.Tags)
		maps.DeleteFunc(d.Tags, func(key, _ string) bool { return slices.Contains(in.TagKeys, key) })
		return nil
	})
}

func (s *Service) editTags(c call, resourceARN string, edit func(*definition) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.tagged(c, resourceARN)
	if err != nil {
		return err
	}
	d := *t.definition
	if err := edit(&d); err != nil {
		return err
	}
	return s.commit(record{Table: &d})
}

type tagsOutput struct{ Tags []tag }

func (s *Service) listTags(c call, in struct{ ResourceArn, NextToken string }) (tagsOutput, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	t, err := s.tagged(c, in.ResourceArn)
	if err != nil {
		return tagsOutput{}, err
	}
	if in.NextToken != "" { // all tags are in the first answer
		return tagsOutput{}, invalid("Invalid NextToken: %s", in.NextToken)
	}
	out := tagsOutput{[]tag{}}
	for _, key := range slices.Sorted(maps.Keys(t.Tags)) {
		out.Tags = append(out.Tags, tag{key, t.Tags[key]})
	}
	return out, nil
}

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
