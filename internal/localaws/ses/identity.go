// SPDX-License-Identifier: MIT

package ses

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"slices"
	"strconv"
	"strings"
)

// identity is an address or a domain that mail may be sent from. It is verified
// from the beginning.
type identity struct {
	Name string            // as it was named
	Tags map[string]string `json:",omitempty"`
}

func (i *identity) domain() bool { return !strings.Contains(i.Name, "@") }

// token is what AWS would want to see in the DNS of a domain. It depends on
// names only.
func token(account, domain string) string {
	sum := sha256.Sum256([]byte("ses/" + account + "/" + strings.ToLower(domain)))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// verify adds an identity, or returns the one that is there.
func (p *place) verify(name string) (*identity, error) {
	local, domain, address := strings.Cut(name, "@")
	if !address {
		domain = name
	}
	if address && (local == "" || strings.ContainsAny(name, " <>,;\r\n")) || !domainName.MatchString(domain) {
		if address {
			return nil, invalid("Invalid email address<%s>.", name)
		}
		return nil, invalid("Invalid domain name %s.", name)
	}
	key := strings.ToLower(name)
	if p.Identities[key] == nil {
		p.Identities[key] = &identity{Name: name}
	}
	return p.Identities[key], nil
}

// verified reports whether mail may be sent from an address.
func (p *place) verified(address string) bool {
	address = strings.ToLower(address)
	if p.Identities[address] != nil {
		return true
	}
	for domain := domainOf(address); domain != ""; {
		if p.Identities[domain] != nil {
			return true
		}
		_, domain, _ = strings.Cut(domain, ".")
	}
	return false
}

// domains returns the verified domains in lower case.
func (p *place) domains() []string {
	var out []string
	for key, i := range p.Identities {
		if i.domain() {
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out
}

func (s *Service) verifyEmail(c call) (any, error) {
	name := c.Get("EmailAddress")
	return s.edit(c, func(p *place) error {
		if !strings.Contains(name, "@") {
			return invalid("Invalid email address<%s>.", name)
		}
		_, err := p.verify(name)
		return err
	})
}

func (s *Service) verifyDomain(c call) (any, error) {
	name := c.Get("Domain")
	_, err := s.edit(c, func(p *place) error {
		if strings.Contains(name, "@") {
			return invalid("Invalid domain name %s.", name)
		}
		_, err := p.verify(name)
		return err
	})
	return struct{ VerificationToken string }{token(c.scope.Account, name)}, err
}

// deleteIdentity removes an identity; one that is gone is no error.
func (s *Service) deleteIdentity(c call) (any, error) {
	return s.edit(c, func(p *place) error {
		delete(p.Identities, strings.ToLower(c.Get("Identity")))
		return nil
	})
}

func (s *Service) listIdentities(c call) (any, error) {
	kind, size := c.Get("IdentityType"), 1000
	if kind != "" && kind != "EmailAddress" && kind != "Domain" {
		return nil, invalid("Invalid IdentityType: %s", kind)
	}
	if text := c.Get("MaxItems"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 1000 {
			return nil, invalid("MaxItems must be between 1 and 1000: %s", text)
		}
		size = n
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for _, i := range s.at(c.scope).Identities {
		if kind == "" || (kind == "Domain") == i.domain() {
			names = append(names, i.Name)
		}
	}
	slices.Sort(names)
	names, next, err := page(names, c.Get("NextToken"), size)
	var out struct {
		Identities struct {
			Member []string `xml:"member"`
		}
		NextToken string `xml:",omitempty"`
	}
	out.Identities.Member, out.NextToken = names, next
	return out, err
}

// verification answers GetIdentityVerificationAttributes: what is known is
// verified.
func (s *Service) verification(c call) (any, error) {
	type value struct {
		VerificationStatus string
		VerificationToken  string `xml:",omitempty"`
	}
	type entry struct {
		XMLName xml.Name `xml:"entry"`
		Key     string   `xml:"key"`
		Value   value    `xml:"value"`
	}
	var out struct {
		VerificationAttributes struct{ Entries []entry }
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.at(c.scope)
	for _, name := range c.list("Identities") {
		i := p.Identities[strings.ToLower(name)]
		if i == nil {
			continue
		}
		v := value{VerificationStatus: "Success"}
		if i.domain() {
			v.VerificationToken = token(c.scope.Account, name)
		}
		out.VerificationAttributes.Entries = append(out.VerificationAttributes.Entries, entry{Key: name, Value: v})
	}
	return out, nil
}
