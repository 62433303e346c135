// SPDX-License-Identifier: MIT

package s3

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// Deliver writes what another service has for a bucket as an object. The
// bucket's policy must let that service in, unless it acts with a role of the
// bucket's account.
func (s *Service) Deliver(ctx context.Context, m delivery.Message) error {
	if err := s.Admits(m); err != nil {
		return err
	}
	in, err := http.NewRequestWithContext(ctx, http.MethodPut, "/", bytes.NewReader(m.Body))
	if err != nil {
		return err
	}
	if json.Valid(m.Body) { // mail is not
		in.Header.Set("Content-Type", "application/json")
	}
	w := unheard{http.Header{headerRequestID: {strings.ToUpper(newBlob()[:16])}, headerHostID: {newBlob()}}}
	r := &request{Request: in, w: w, id: wire.Identity{Account: m.Account, Service: "s3"}, bucket: bucketOf(m), key: m.Key}
	return s.putObject(r)
}

// Admits returns an error unless the bucket exists and lets the sender in. What
// has no key cannot become an object.
func (s *Service) Admits(m delivery.Message) error {
	if m.Key == "" {
		return wire.Errorf(http.StatusBadRequest, "InvalidParameter", "the embedded AWS does not deliver to %s", m.Target)
	}
	if len(m.Key) > 1024 {
		return wire.Errorf(http.StatusBadRequest, "KeyTooLongError", "Your key is too long")
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	b := s.buckets[bucketOf(m)]
	if b == nil {
		return noSuchBucket()
	}
	question := m.Question("s3:PutObject")
	question.Resource += "/" + m.Key
	question.Context["aws:referer"] = m.Account // SES had it before it had the others
	if m.Principal == "" && m.Account != b.Account || m.Principal != "" && !b.policy().Allows(question) {
		return accessDenied()
	}
	return nil
}

func bucketOf(m delivery.Message) string {
	a, _ := arn.Parse(m.Target)
	name, _, _ := strings.Cut(a.Resource, "/")
	return name
}

// unheard is where the answer to a delivery goes: its headers are read again by
// those who tell of the object.
type unheard struct{ header http.Header }

func (u unheard) Header() http.Header         { return u.header }
func (u unheard) Write(b []byte) (int, error) { return len(b), nil }
func (u unheard) WriteHeader(int)             {}
