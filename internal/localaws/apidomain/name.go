// SPDX-License-Identifier: MIT

package apidomain

import (
	"fmt"
	"net"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
)

// domain is a domain name as it is kept, guarded by Service.mu.
type domain struct {
	Scope    arn.Scope
	Name     string // in lower case; *.example.com is all names below example.com
	Port     int
	Settings settings
	Mappings []*mapping
}

// settings is what a caller says of a domain name.
type settings struct {
	Endpoint       string // REGIONAL or EDGE
	Certificate    string // ARN
	SecurityPolicy string
	IPAddressType  string
	AccessMode     string // EndpointAccessMode; "" if nothing is said
	Tags           map[string]string
}

const (
	regional = "REGIONAL"
	edge     = "EDGE"
	// edgeRegion is where certificates of edge domain names are.
	edgeRegion = "us-east-1"
	tls12      = "TLS_1_2"
)

func (d *domain) key() string { return d.Scope.Region + "/" + d.Name }

// arn returns the ARN of the domain name in API Gateway.
func (d *domain) arn() string {
	return strings.Join([]string{"arn", d.Scope.Partition, "apigateway", d.Scope.Region, "", "/domainnames/" + d.Name}, ":")
}

// target returns what a record of the domain name leads to: its address on this
// machine, where AWS has a name below amazonaws.com or cloudfront.net.
func (d *domain) target() string { return strings.TrimPrefix(d.address(), "http://") }

// hostedZone returns the hosted zone of the target.
func (d *domain) hostedZone() string {
	if d.Settings.Endpoint == edge {
		return cloudFrontZone
	}
	return regionalZone(d.Scope.Region)
}

// answersTo reports whether a Host header, with or without a port, is the domain
// name.
func (d *domain) answersTo(host string) bool { return matches(d.Name, hostOf(host)) }

// hostOf returns the name in a Host header.
func hostOf(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

func matches(name, host string) bool {
	if suffix, wild := strings.CutPrefix(name, "*"); wild {
		label, ok := strings.CutSuffix(host, suffix)
		return ok && label != "" && !strings.Contains(label, ".")
	}
	return name == host
}

var (
	namePattern = lazy.MustCompile(`^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)
	ofAWS       = lazy.MustCompile(`(^|\.)(amazonaws\.com(\.cn)?|localhost)$`)
)

// checkName returns the fault of a domain name. Those of AWS and of this machine
// are no one's own.
func checkName(name string) error {
	if len(name) > 253 || !namePattern.MatchString(name) || ofAWS.MatchString(name) {
		return gateway.BadRequest("Invalid domain name: %q is not a domain name of one's own in lower case", name)
	}
	return nil
}

// check returns the fault of the settings.
func (s *Service) check(scope arn.Scope, in settings) error {
	if err := checkRegion(scope, in); err != nil {
		return err
	}
	if _, err := s.deps.Certificate(scope.Account, in.Certificate); err != nil {
		return gateway.BadRequest("Invalid certificate ARN: %v", err)
	}
	return nil
}

// checkRegion wants the certificate where the endpoint is.
func checkRegion(scope arn.Scope, in settings) error {
	where := scope.Region
	if in.Endpoint == edge {
		where = edgeRegion
	}
	if in.Certificate == "" {
		return gateway.BadRequest("A certificate ARN is required for a domain name with the endpoint type %s", in.Endpoint)
	}
	if a, ok := arn.Parse(in.Certificate); !ok || a.Region != where {
		err := fmt.Sprintf("Invalid certificate ARN: %s. Certificate must be in '%s'.", in.Certificate, where)
		if ok && in.Endpoint == regional && a.Region != "" {
			err += " The embedded AWS is used in " + scope.Region + ": use it in " + a.Region + ", with --region, to rehearse with this certificate."
		}
		return gateway.BadRequest("%s", err)
	}
	return nil
}

// tell notes that a certificate is not one of the embedded AWS.
func (s *Service) tell(scope arn.Scope, certificate string) {
	if here, err := s.deps.Certificate(scope.Account, certificate); err == nil && !here {
		s.deps.Notice("the certificate " + certificate + " is not looked at: it is none of the embedded AWS, which serves no TLS")
	}
}
