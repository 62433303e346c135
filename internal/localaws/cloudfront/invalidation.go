// SPDX-License-Identifier: MIT

package cloudfront

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// invalidation is one that was done. It never changes.
type invalidation struct {
	ID        string
	Created   time.Time
	Reference string
	Paths     []string
}

// Of how many invalidations a distribution is asked later on, and how many paths
// one may name.
const (
	keptInvalidations = 100
	maxPaths          = 3000
)

// invalidate removes paths from the cache of a distribution. The same reference
// with the same paths is the same invalidation.
func (s *Service) invalidate(scope arn.Scope, id, reference string, paths []string) (*invalidation, error) {
	if err := checkPaths(paths); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.find(scope, id)
	if err != nil {
		return nil, err
	}
	for _, old := range d.Invalidations {
		if old.Reference != reference {
			continue
		}
		if !slices.Equal(old.Paths, paths) {
			return nil, invalidArgument("Your request contains a caller reference that was used for a previous invalidation batch for the same distribution: %s.", reference)
		}
		return old, nil
	}
	made := &invalidation{ID: newID("I"), Created: s.env.Now(), Reference: reference, Paths: paths}
	list := append(slices.Clone(d.Invalidations), made)
	d.Invalidations = list[max(0, len(list)-keptInvalidations):]
	s.caches[id].invalidate(paths)
	s.changed()
	return made, nil
}

func checkPaths(paths []string) error {
	if len(paths) == 0 {
		return faulty("MissingArgument", "The parameter Paths is required.")
	}
	if len(paths) > maxPaths {
		return wire.Errorf(http.StatusBadRequest, "TooManyInvalidationsInProgress", "You have exceeded the maximum number of allowable InProgress invalidation paths, %d.", maxPaths)
	}
	for _, path := range paths {
		if !strings.HasPrefix(path, "/") && path != "*" {
			return invalidArgument("Your request contains one or more invalid invalidation paths: %s.", path)
		}
		if at := strings.IndexByte(path, '*'); at >= 0 && at != len(path)-1 {
			return invalidArgument("Your request contains one or more invalid invalidation paths: %s: only the last character may be *.", path)
		}
	}
	return nil
}

// findInvalidation returns one that was done.
func (s *Service) findInvalidation(scope arn.Scope, distribution, id string) (*invalidation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.find(scope, distribution)
	if err != nil {
		return nil, err
	}
	for _, i := range d.Invalidations {
		if i.ID == id {
			return i, nil
		}
	}
	return nil, wire.Errorf(http.StatusNotFound, "NoSuchInvalidation", "The specified invalidation does not exist.")
}
