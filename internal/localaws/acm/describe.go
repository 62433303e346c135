// SPDX-License-Identifier: MIT

package acm

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

// validity is for how long AWS issues a certificate: thirteen months.
const validity = 395 * 24 * time.Hour

type resourceRecord struct{ Name, Type, Value string }

type domainValidation struct {
	DomainName       string
	ValidationEmails []string `json:",omitempty"`
	ValidationDomain string
	ValidationStatus string
	ValidationMethod string
	ResourceRecord   *resourceRecord `json:",omitempty"`
}

// detail is a CertificateDetail of the API.
type detail struct {
	CertificateArn          string
	DomainName              string
	SubjectAlternativeNames []string
	DomainValidationOptions []domainValidation
	Subject                 string
	Issuer                  string
	CreatedAt               timestamp
	IssuedAt                timestamp
	Status                  string
	NotBefore               timestamp
	NotAfter                timestamp
	KeyAlgorithm            string
	InUseBy                 []string
	Type                    string
	RenewalEligibility      string
	Options                 options
}

type describeOutput struct{ Certificate detail }

func (s *Service) serveDescribe(scope arn.Scope, in arnInput) (describeOutput, error) {
	users := s.usedBy(in.CertificateArn)
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.find(scope, in.CertificateArn)
	if err != nil {
		return describeOutput{}, err
	}
	return describeOutput{c.detail(users)}, nil
}

func (c *certificate) detail(users []string) detail {
	d := detail{
		CertificateArn: c.ARN, DomainName: c.Domain, SubjectAlternativeNames: c.Names, Subject: "CN=" + c.Domain, Issuer: "Amazon",
		CreatedAt: timestamp{c.Created}, IssuedAt: timestamp{c.Created}, Status: "ISSUED", NotBefore: timestamp{c.Created}, NotAfter: timestamp{c.Created.Add(validity)},
		KeyAlgorithm: c.Algorithm, InUseBy: users, Type: "AMAZON_ISSUED", RenewalEligibility: c.eligibility(users),
		Options: options{c.Logging, c.export()},
	}
	for _, name := range c.Names {
		v := domainValidation{DomainName: name, ValidationDomain: name, ValidationStatus: "SUCCESS", ValidationMethod: c.Method}
		switch c.Method {
		case "DNS":
			record := c.record(name)
			v.ResourceRecord = &record
		case "EMAIL":
			for _, who := range []string{"admin", "administrator", "hostmaster", "postmaster", "webmaster"} {
				v.ValidationEmails = append(v.ValidationEmails, who+"@"+strings.TrimPrefix(name, "*."))
			}
		}
		d.DomainValidationOptions = append(d.DomainValidationOptions, v)
	}
	return d
}

func (c *certificate) eligibility(users []string) string {
	if len(users) > 0 {
		return "ELIGIBLE"
	}
	return "INELIGIBLE"
}

func (c *certificate) export() string {
	if c.Exportable {
		return "ENABLED"
	}
	return "DISABLED"
}

type listInput struct {
	CertificateStatuses []string
	Includes            struct{ KeyTypes []string }
	NextToken           string
	MaxItems            int
}

// summary is a CertificateSummary of the API.
type summary struct {
	CertificateArn                       string
	DomainName                           string
	SubjectAlternativeNameSummaries      []string
	HasAdditionalSubjectAlternativeNames bool
	Status                               string
	Type                                 string
	KeyAlgorithm                         string
	InUse                                bool
	RenewalEligibility                   string
	NotBefore                            timestamp
	NotAfter                             timestamp
	CreatedAt                            timestamp
	IssuedAt                             timestamp
}

type listOutput struct {
	NextToken              string `json:",omitempty"`
	CertificateSummaryList []summary
}

// serveList lists the certificates in the order of their ARNs. Unless key types
// are named, those are listed whose key is RSA_2048, as on AWS.
func (s *Service) serveList(scope arn.Scope, in listInput) (listOutput, error) {
	s.mu.Lock()
	var found []*certificate
	for _, key := range slices.Sorted(maps.Keys(s.certificates)) {
		c := s.certificates[key]
		listed := c.Algorithm == "RSA_2048" && len(in.Includes.KeyTypes) == 0 || slices.Contains(in.Includes.KeyTypes, c.Algorithm)
		if c.Scope == scope && listed && (len(in.CertificateStatuses) == 0 || slices.Contains(in.CertificateStatuses, "ISSUED")) {
			found = append(found, c)
		}
	}
	s.mu.Unlock()
	start, err := strconv.Atoi(in.NextToken)
	if in.NextToken != "" && (err != nil || start < 0) {
		return listOutput{}, invalid("InvalidArgsException", "The token %q is not valid", in.NextToken)
	}
	start = min(start, len(found))
	end := len(found)
	if in.MaxItems > 0 {
		end = min(end, start+in.MaxItems)
	}
	out := listOutput{CertificateSummaryList: []summary{}}
	for _, c := range found[start:end] {
		out.CertificateSummaryList = append(out.CertificateSummaryList, c.summary(s.usedBy(c.ARN)))
	}
	if end < len(found) {
		out.NextToken = strconv.Itoa(end)
	}
	return out, nil
}

func (c *certificate) summary(users []string) summary {
	return summary{
		CertificateArn: c.ARN, DomainName: c.Domain, SubjectAlternativeNameSummaries: c.Names, Status: "ISSUED", Type: "AMAZON_ISSUED",
		KeyAlgorithm: c.Algorithm, InUse: len(users) > 0, RenewalEligibility: c.eligibility(users),
		NotBefore: timestamp{c.Created}, NotAfter: timestamp{c.Created.Add(validity)}, CreatedAt: timestamp{c.Created}, IssuedAt: timestamp{c.Created},
	}
}
