// SPDX-License-Identifier: MIT

package events

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// defaultBus is the bus that every account has.
const defaultBus = "default"

var busName = lazy.MustCompile(`^[/.\-_A-Za-z0-9]{1,256}$`)

// tag is a tag as the API has it.
type tag struct{ Key, Value string }

func tagMap(tags []tag) map[string]string {
	out := map[string]string{}
	for _, t := range tags {
		out[t.Key] = t.Value
	}
	return out
}

type deadLetter struct{ Arn string }

type busInput struct {
	Name             string
	Description      string
	DeadLetterConfig *deadLetter
}

type createBusInput struct {
	busInput
	Tags []tag
}

type busOutput struct {
	EventBusArn      string
	Description      string      `json:",omitempty"`
	DeadLetterConfig *deadLetter `json:",omitempty"`
}

func (s *Service) createBus(scope arn.Scope, in createBusInput) (busOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.addBus(scope, in)
	if err != nil {
		return busOutput{}, err
	}
	return busOutput{b.arn(), b.Description, in.DeadLetterConfig}, nil
}

// addBus makes an event bus; s.mu is held.
func (s *Service) addBus(scope arn.Scope, in createBusInput) (*bus, error) {
	now := s.env.Now().UTC()
	b := &bus{Scope: scope, Name: in.Name, Description: in.Description, Tags: tagMap(in.Tags), Created: now, Modified: now}
	switch {
	case !busName.MatchString(in.Name) || strings.HasPrefix(in.Name, "aws.") || strings.Contains(in.Name, "/"):
		return nil, invalid("1 validation error detected: Value '%s' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [.\\-_A-Za-z0-9]+", in.Name)
	case in.Name == defaultBus || s.buses[b.arn()] != nil:
		return nil, wire.Errorf(http.StatusBadRequest, "ResourceAlreadyExistsException", "Event bus %s already exists.", in.Name)
	}
	if in.DeadLetterConfig != nil {
		b.DeadLetter = in.DeadLetterConfig.Arn
	}
	s.buses[b.arn()] = b
	s.changed()
	return b, nil
}

func (s *Service) updateBus(scope arn.Scope, in busInput) (busOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buses[(&bus{Scope: scope, Name: in.Name}).arn()]
	if b == nil {
		return busOutput{}, notFound("Event bus %s does not exist.", in.Name)
	}
	b.Description, b.DeadLetter, b.Modified = in.Description, "", s.env.Now().UTC()
	if in.DeadLetterConfig != nil {
		b.DeadLetter = in.DeadLetterConfig.Arn
	}
	s.changed()
	return busOutput{b.arn(), b.Description, in.DeadLetterConfig}, nil
}

// bus returns the name of a bus that callers name by name or ARN, or not at all;
// s.mu is held.
func (s *Service) bus(scope arn.Scope, name string) (string, error) {
	if name == "" {
		return defaultBus, nil
	}
	if a, ok := arn.Parse(name); ok {
		bare, isBus := strings.CutPrefix(a.Resource, "event-bus/")
		if !isBus || a.Account != scope.Account || a.Region != scope.Region {
			return "", notFound("Event bus %s does not exist.", name)
		}
		name = bare
	}
	if name != defaultBus && s.buses[(&bus{Scope: scope, Name: name}).arn()] == nil {
		return "", notFound("Event bus %s does not exist.", name)
	}
	return name, nil
}

// deleteBus removes a bus; one that is gone is no error.
func (s *Service) deleteBus(scope arn.Scope, in struct{ Name string }) (none, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return none{}, s.dropBus(scope, in.Name)
}

func (s *Service) dropBus(scope arn.Scope, name string) error {
	if name == defaultBus {
		return invalid("Cannot delete event bus default.")
	}
	name, err := s.bus(scope, name)
	if err != nil {
		return nil
	}
	for _, r := range s.rules {
		if r.Bus == name && r.Scope == scope {
			return invalid("EventBus can't be deleted since it has rules.")
		}
	}
	delete(s.buses, (&bus{Scope: scope, Name: name}).arn())
	s.changed()
	return nil
}

type shownBus struct {
	Name             string
	Arn              string
	Description      string      `json:",omitempty"`
	DeadLetterConfig *deadLetter `json:",omitempty"`
	CreationTime     float64     `json:",omitempty"` // seconds since 1970
	LastModifiedTime float64     `json:",omitempty"`
}

func (b *bus) shown() shownBus {
	out := shownBus{Name: b.Name, Arn: b.arn(), Description: b.Description}
	if b.DeadLetter != "" {
		out.DeadLetterConfig = &deadLetter{b.DeadLetter}
	}
	if !b.Created.IsZero() {
		out.CreationTime, out.LastModifiedTime = float64(b.Created.Unix()), float64(b.Modified.Unix())
	}
	return out
}

func (s *Service) describeBus(scope arn.Scope, in struct{ Name string }) (shownBus, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, err := s.bus(scope, in.Name)
	if err != nil {
		return shownBus{}, err
	}
	b := &bus{Scope: scope, Name: name}
	if made := s.buses[b.arn()]; made != nil {
		b = made
	}
	return b.shown(), nil
}

type busesOutput struct {
	EventBuses []shownBus
	NextToken  string `json:",omitempty"`
}

func (s *Service) listBuses(scope arn.Scope, in struct {
	pageInput
	NamePrefix string
}) (busesOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []*bus{{Scope: scope, Name: defaultBus}}
	for _, b := range s.buses {
		if b.Scope == scope {
			all = append(all, b)
		}
	}
	slices.SortFunc(all, func(a, b *bus) int { return strings.Compare(a.Name, b.Name) })
	list := []shownBus{}
	for _, b := range all {
		if strings.HasPrefix(b.Name, in.NamePrefix) {
			list = append(list, b.shown())
		}
	}
	list, next, err := page(list, in.pageInput)
	return busesOutput{list, next}, err
}

type resourceInput struct{ ResourceARN string }

// editTags changes the tags of a rule or a bus.
func (s *Service) editTags(scope arn.Scope, resourceARN string, edit func(map[string]string)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var tags *map[string]string
	a, _ := arn.Parse(resourceARN)
	switch r, b := s.rules[resourceARN], s.buses[resourceARN]; {
	case a.Account == scope.Account && r != nil:
		tags = &r.Tags
	case a.Account == scope.Account && b != nil:
		tags = &b.Tags
	default:
		return notFound("%s does not exist.", resourceARN)
	}
	next := maps.Clone(*tags)
	if next == nil {
		next = map[string]string{}
	}
	if edit(next); len(next) > 50 {
		return wire.Errorf(http.StatusBadRequest, "LimitExceededException", "A resource can have at most 50 tags.")
	}
	*tags = next
	s.changed()
	return nil
}

func (s *Service) tagResource(scope arn.Scope, in struct {
	resourceInput
	Tags []tag
}) (none, error) {
	return none{}, s.editTags(scope, in.ResourceARN, func(tags map[string]string) { maps.Copy(tags, tagMap(in.Tags)) })
}

func (s *Service) untagResource(scope arn.Scope, in struct {
	resourceInput
	TagKeys []string
}) (none, error) {
	return none{}, s.editTags(scope, in.ResourceARN, func(tags map[string]string) {
		maps.DeleteFunc(tags, func(key, _ string) bool { return slices.Contains(in.TagKeys, key) })
	})
}

type tagsOutput struct{ Tags []tag }

func (s *Service) listTags(scope arn.Scope, in resourceInput) (tagsOutput, error) {
	out := tagsOutput{[]tag{}}
	err := s.editTags(scope, in.ResourceARN, func(tags map[string]string) {
		for _, key := range slices.Sorted(maps.Keys(tags)) {
			out.Tags = append(out.Tags, tag{key, tags[key]})
		}
	})
	return out, err
}
