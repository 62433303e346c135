// SPDX-License-Identifier: MIT

package cognito

import (
	"maps"
	"slices"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

// call is who asks, and where.
type call struct {
	scope arn.Scope
	now   time.Time
}

// party is on whose behalf a request is answered: a pool and, unless an
// administrator asks, a client. Settings and client are those of the moment when
// it was made.
type party struct {
	call
	pool     *pool // with Service.mu
	id       string
	settings *settings
	client   *client // nil: none
}

// clientID is what triggers are told.
func (v party) clientID() string {
	if v.client == nil {
		return "CLIENT_ID_NOT_APPLICABLE"
	}
	return v.client.ClientId
}

// byClient finds the pool of a client, wherever it is: the identifier of a client
// is unique, and the request bears no signature.
func (s *Service) byClient(c call, id string) (party, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.pools {
		if client := p.Clients[id]; client != nil {
			return party{call{p.Scope, c.now}, p, p.ID, p.Settings, client}, nil
		}
	}
	return party{}, notFound("User pool client %s does not exist.", id)
}

// byPool finds a pool of the caller's account, for administrators.
func (s *Service) byPool(c call, id string) (party, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.pool(c.scope, id)
	if err != nil {
		return party{}, err
	}
	return party{c, p, p.ID, p.Settings, nil}, nil
}

// by finds a pool and a client of it.
func (s *Service) by(c call, id, clientID string) (party, error) {
	v, err := s.byPool(c, id)
	if err != nil {
		return v, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if v.client = v.pool.Clients[clientID]; v.client == nil {
		return v, notFound("User pool client %s does not exist.", clientID)
	}
	return v, nil
}

// with calls f with the user of a name and s.mu held, and marks the state as
// changed unless f fails.
func (s *Service) with(v party, username string, f func(u *user) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := v.pool.known(username)
	if err == nil {
		err = f(u)
	}
	if err == nil {
		s.changed()
	}
	return err
}

// person is what is known of a user at one moment.
type person struct {
	name       string
	attributes map[string]string // as triggers see them
}

// look returns what is known of a user; s.mu is held.
func (u *user) look() person { return person{u.Username, u.shown()} }

// pair is an attribute as the API has it.
type pair struct{ Name, Value string }

// mapOf returns attributes by name.
func mapOf(list []pair) map[string]string {
	out := map[string]string{}
	for _, one := range list {
		out[one.Name] = one.Value
	}
	return out
}

// pairs returns attributes as the API has them, sub first.
func pairs(attributes map[string]string) []pair {
	list := []pair{}
	if sub := attributes["sub"]; sub != "" {
		list = append(list, pair{"sub", sub})
	}
	for _, name := range sortedKeys(attributes) {
		if name != "sub" {
			list = append(list, pair{name, attributes[name]})
		}
	}
	return list
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// seconds is a moment as awsJson1_1 writes it.
func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
