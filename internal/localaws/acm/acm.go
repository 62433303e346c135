// SPDX-License-Identifier: MIT

// Package acm is the Certificate Manager of the embedded AWS, as far as domain
// names of APIs and distributions need it: certificates that are requested, by
// CloudFormation or the API. A certificate is issued at once, where AWS waits
// until the domain is validated; the records of its validation are shown, but
// nobody looks for them, and no mail is sent. There is no key behind a certificate: nothing that the
// embedded AWS hosts is served by TLS. Import, export, renewal and private
// authorities are refused by name.
package acm

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// document is the name of the store's document that holds the certificates.
const document = "acm"

// certificate is a certificate as it is kept. It never changes but for its tags.
type certificate struct {
	Scope      arn.Scope
	ARN        string
	Domain     string
	Names      []string // all that it is for, Domain first
	Method     string   // of validation: DNS, EMAIL or HTTP
	Algorithm  string   // of the key, such as RSA_2048
	Logging    string   // in certificate transparency logs: ENABLED or DISABLED
	Exportable bool
	Token      string // IdempotencyToken
	Tags       map[string]string
	Created    time.Time
}

// Service is the Certificate Manager. Its methods may be called concurrently.
type Service struct {
	env     service.Env
	actions wire.Actions[*Service, arn.Scope]
	table   access.Table

	mu           sync.Mutex
	certificates map[string]*certificate // by ARN
	users        []func(certificateARN string) []string
}

// New opens the certificates that env.Store keeps.
func New(env service.Env) (*Service, error) {
	s := &Service{env: env, actions: actions(), table: needs(), certificates: map[string]*certificate{}}
	if err := env.Store.Load(document, &s.certificates); err != nil {
		return nil, fmt.Errorf("open acm: %w", err)
	}
	env.Store.Register(document, func() ([]byte, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		return json.Marshal(s.certificates)
	})
	return s, nil
}

// changed has the certificates written; s.mu may be held.
func (s *Service) changed() { s.env.Store.Changed(document) }

// UsedBy adds a function that returns the ARNs of what uses a certificate, which
// cannot be deleted then. It must be called before the service answers.
func (s *Service) UsedBy(users func(certificateARN string) []string) {
	s.users = append(s.users, users)
}

func (s *Service) usedBy(certificateARN string) []string {
	list := []string{}
	for _, users := range s.users {
		list = append(list, users(certificateARN)...)
	}
	return list
}

// Usable returns an error if an ARN is none of a certificate that account may
// use, and whether the certificate is one of the embedded AWS. One that the
// embedded AWS has never made may be a real one on AWS, which is as good: it is
// not looked at.
func (s *Service) Usable(account, certificateARN string) (here bool, err error) {
	a, ok := arn.Parse(certificateARN)
	id, isCertificate := strings.CutPrefix(a.Resource, "certificate/")
	switch {
	case !ok || a.Service != "acm" || !isCertificate:
		return false, fmt.Errorf("%q is not the ARN of a certificate", certificateARN)
	case a.Account != account || !isOwn(id):
		return false, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.certificates[certificateARN] == nil {
		return false, fmt.Errorf("there is no certificate %s", certificateARN)
	}
	return true, nil
}

// newID returns an identifier of a certificate: a UUID whose last twelve digits
// follow from the others, by which isOwn knows it again.
func newID() string {
	begin := wire.RequestID()[:24]
	return begin + checksum(begin)
}

// isOwn reports whether the embedded AWS has made an identifier, even if the
// certificate is gone.
func isOwn(id string) bool { return len(id) == 36 && checksum(id[:24]) == id[24:] }

func checksum(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}

// find returns a certificate of a scope; s.mu is held.
func (s *Service) find(scope arn.Scope, certificateARN string) (*certificate, error) {
	if a, ok := arn.Parse(certificateARN); !ok || a.Service != "acm" {
		return nil, wire.Errorf(http.StatusBadRequest, "InvalidArnException", "arn: invalid: %s", certificateARN)
	}
	c := s.certificates[certificateARN]
	if c == nil || c.Scope != scope {
		return nil, wire.Errorf(http.StatusBadRequest, "ResourceNotFoundException",
			"Could not find certificate %s.", certificateARN)
	}
	return c, nil
}
