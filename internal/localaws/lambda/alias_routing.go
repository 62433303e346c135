// SPDX-License-Identifier: MIT

package lambda

import (
	"math/rand/v2"
	"strconv"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

// routing is the RoutingConfig of an alias: the share of the events, from 0 to
// 1, that goes to a second version.
type routing struct {
	AdditionalVersionWeights map[string]float64 `json:",omitempty"`
}

// check refuses what an alias that leads to version may not have as its second
// one; s.mu is held.
func (r routing) check(f *function, version string) error {
	if len(r.AdditionalVersionWeights) > 1 {
		return invalidMember("", "routingConfig.additionalVersionWeights", "Member must have length less than or equal to 1")
	}
	for second, weight := range r.AdditionalVersionWeights {
		switch {
		case version == "$LATEST" || second == "$LATEST":
			return invalidValue("$LATEST is not supported for an alias pointing to more than 1 version")
		case !allDigits.MatchString(second) || f.version(second) == nil:
			return notFound("Function not found: %s", f.arn(second))
		case second == version:
			return invalidValue("Invalid function version %s. Function version %s is already included in routing configuration.", second, version)
		case weight < 0 || weight > 1:
			return invalidMember(strconv.FormatFloat(weight, 'f', -1, 64), "routingConfig.additionalVersionWeights",
				"Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0]")
		}
	}
	return nil
}

// leadsTo reports whether events of an alias may go to a version.
func (a *alias) leadsTo(version string) bool {
	_, second := a.Weights[version]
	return second || a.Version == version
}

// route returns the settings that the next event for a qualifier goes to: as
// version does, but an alias with two versions divides its events at random.
func (f *function) route(qualifier string) *settings {
	if a := f.Aliases[qualifier]; a != nil {
		for second, weight := range a.Weights {
			if rand.Float64() < weight {
				return f.version(second)
			}
		}
	}
	return f.version(qualifier)
}

// AliasVersion returns the version that an alias leads to. Its errors are
// *wire.Error.
func (s *Service) AliasVersion(scope arn.Scope, function, alias string) (string, error) {
	c, err := aliasOf(scope, function, alias)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, a, err := s.alias(c, alias)
	if err != nil {
		return "", err
	}
	return a.Version, nil
}

// ShiftAlias has an alias lead to a version, but for the share of its events,
// from 0 to 1, that goes to another one; an empty other version, or a share of
// 0, is none. Its errors are *wire.Error.
func (s *Service) ShiftAlias(scope arn.Scope, function, alias, version, other string, share float64) error {
	c, err := aliasOf(scope, function, alias)
	if err != nil {
		return err
	}
	in := aliasInput{FunctionVersion: &version, RoutingConfig: &routing{}}
	if other != "" && share > 0 {
		in.RoutingConfig.AdditionalVersionWeights = map[string]float64{other: share}
	}
	_, err = s.changeAlias(c, alias, in)
	return err
}

func aliasOf(scope arn.Scope, function, alias string) (call, error) {
	r, err := parseReference(function, "")
	r.qualifier = ""
	return call{scope: scope, function: r, path: func(string) string { return alias }}, err
}
