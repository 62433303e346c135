// SPDX-License-Identifier: MIT

package dynamodb

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
