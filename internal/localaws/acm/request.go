// SPDX-License-Identifier: MIT

package acm

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// tag is a tag as the API has it.
type tag struct{ Key, Value string }

// validation says where a domain is validated.
type validation struct{ DomainName, ValidationDomain, HostedZoneId string }

// requestInput is what a caller says of a certificate. It serves the API and
// AWS::CertificateManager::Certificate alike.
type requestInput struct {
	DomainName                               string
	SubjectAlternativeNames                  []string
	ValidationMethod                         string
	DomainValidationOptions                  []validation
	KeyAlgorithm                             string
	IdempotencyToken                         string
	Options                                  options
	Tags                                     []tag
	CertificateTransparencyLoggingPreference string // of CloudFormation only
	CertificateExport                        string // of CloudFormation only
}

// options are the CertificateOptions of the API.
type options struct{ CertificateTransparencyLoggingPreference, Export string }

// domainName is what a certificate may be for, from "RequestCertificate", ACM
// API Reference.
var domainName = lazy.MustCompile(`^(\*\.)?(((([A-Za-z0-9-]){0,62}[A-Za-z0-9])\.)+([A-Za-z0-9-]){1,62}[A-Za-z0-9])$`)

// algorithms are those of keys for which public certificates are issued.
var algorithms = []string{"RSA_2048", "EC_prime256v1", "EC_secp384r1"}

func invalid(code, format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, code, format, args...)
}

func (in *requestInput) check() error {
	for _, name := range append([]string{in.DomainName}, in.SubjectAlternativeNames...) {
		if len(name) > 253 || !domainName.MatchString(name) {
			return invalid("ValidationException", "The domain name %q is not valid", name)
		}
	}
	switch {
	case !slices.Contains([]string{"DNS", "EMAIL", "HTTP"}, in.ValidationMethod):
		return invalid("ValidationException", "The validation method %q is not valid", in.ValidationMethod)
	case !slices.Contains(algorithms, in.KeyAlgorithm):
		return invalid("ValidationException", "The key algorithm %q is none of %s", in.KeyAlgorithm, strings.Join(algorithms, ", "))
	}
	for _, v := range in.DomainValidationOptions {
		if !slices.Contains(append(in.SubjectAlternativeNames, in.DomainName), v.DomainName) {
			return invalid("InvalidDomainValidationOptionsException", "The certificate is not for %s, which the validation options name", v.DomainName)
		}
	}
	return nil
}

// request makes a certificate. A request that bears the token of an earlier one
// for the same domain returns that one's.
func (s *Service) request(scope arn.Scope, in requestInput, tags map[string]string) (*certificate, error) {
	in.KeyAlgorithm = cmp.Or(in.KeyAlgorithm, "RSA_2048")
	if err := in.check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.certificates {
		if in.IdempotencyToken != "" && c.Token == in.IdempotencyToken && c.Scope == scope && c.Domain == in.DomainName {
			return c, nil
		}
	}
	names := []string{in.DomainName}
	for _, name := range in.SubjectAlternativeNames {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	c := &certificate{
		Scope: scope, ARN: scope.Regional("acm", "certificate/"+newID()), Domain: in.DomainName, Names: names,
		Method: in.ValidationMethod, Algorithm: in.KeyAlgorithm, Token: in.IdempotencyToken, Tags: tags, Created: s.env.Now(),
		Logging:    cmp.Or(in.Options.CertificateTransparencyLoggingPreference, in.CertificateTransparencyLoggingPreference, "ENABLED"),
		Exportable: cmp.Or(in.Options.Export, in.CertificateExport) == "ENABLED",
	}
	s.certificates[c.ARN] = c
	s.changed()
	return c, nil
}

// record is the DNS record with which AWS wants a name to be validated.
func (c *certificate) record(name string) resourceRecord {
	sum := sha256.Sum256([]byte(c.Scope.Account + "/" + strings.TrimPrefix(name, "*.")))
	token := hex.EncodeToString(sum[:])
	return resourceRecord{
		Name:  "_" + token[:32] + "." + strings.TrimPrefix(name, "*.") + ".",
		Type:  "CNAME",
		Value: "_" + token[32:] + ".acm-validations.aws.",
	}
}

// remove deletes a certificate that nothing uses.
func (s *Service) remove(scope arn.Scope, certificateARN string) error {
	users := s.usedBy(certificateARN) // not under the lock: those that use it ask for it
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.find(scope, certificateARN); err != nil {
		return err
	}
	if len(users) > 0 {
		return invalid("ResourceInUseException", "Certificate %s in account %s is in use.", certificateARN, scope.Account)
	}
	delete(s.certificates, certificateARN)
	s.changed()
	return nil
}
