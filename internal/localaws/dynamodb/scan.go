// SPDX-License-Identifier: MIT

package dynamodb

import (
	"encoding/binary"
	"math/bits"
)

type scanInput struct {
	pageInput
	Segment, TotalSegments *int64
}

// maxSegments is how many segments a parallel scan may have ("Quotas in Amazon
// DynamoDB").
const maxSegments = 1_000_000

func (in scanInput) checkSegments() error {
	var c constraints
	c.atLeast(in.Limit, "limit", 1)
	c.atLeast(in.Segment, "segment", 0)
	c.atLeast(in.TotalSegments, "totalSegments", 1)
	c.atMost(in.TotalSegments, "totalSegments", maxSegments)
	if err := c.err(); err != nil {
		return err
	}
	switch {
	case in.Segment != nil && in.TotalSegments == nil:
		return invalid("The TotalSegments parameter is required but was not present in the request when Segment parameter is present")
	case in.TotalSegments != nil && in.Segment == nil:
		return invalid("The Segment parameter is required but was not present in the request when parameter TotalSegments is present")
	case in.Segment != nil && *in.Segment >= *in.TotalSegments:
		return invalid("The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: %d is not less than TotalSegments: %d", *in.Segment, *in.TotalSegments)
	}
	return nil
}

func (s *Service) scan(c call, in scanInput) (out pageOutput, err error) {
	if err := in.check(); err != nil {
		return out, err
	}
	if err := in.checkUse(parameter{"ProjectionExpression", in.ProjectionExpression}, parameter{"FilterExpression", in.FilterExpression}); err != nil {
		return out, err
	}
	if err := in.checkSegments(); err != nil {
		return out, err
	}
	scope, err := in.scope()
	if err != nil {
		return out, err
	}
	filter, projection, err := in.expressions(scope)
	if err != nil {
		return out, err
	}
	if err := in.checkSelect(); err != nil {
		return out, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	src, err := s.source(c, in.pageInput)
	if err != nil {
		return out, err
	}
	if err := src.read(in.pageInput, filter, projection); err != nil {
		return out, err
	}
	sp := in.segment()
	if sp.after, _, err = src.startKey(in.ExclusiveStartKey); err != nil {
		return out, err
	}
	if sp.after != "" && (sp.after < sp.from || sp.to != "" && sp.after >= sp.to) {
		return out, invalid("The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. "+
			"TotalSegments: %d Segment: %d", *in.TotalSegments, *in.Segment)
	}
	return src.page(in.pageInput, sp), nil
}

// segment returns the places of a segment: a part of all hashes.
func (in scanInput) segment() (sp span) {
	if in.TotalSegments == nil {
		return sp
	}
	total := uint64(*in.TotalSegments)
	bound := func(i int64) string {
		if i == 0 || uint64(i) == total {
			return ""
		}
		quotient, _ := bits.Div64(uint64(i), 0, total)
		return string(binary.BigEndian.AppendUint64(nil, quotient))
	}
	return span{from: bound(*in.Segment), to: bound(*in.Segment + 1)}
}
