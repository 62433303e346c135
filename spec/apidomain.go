// SPDX-License-Identifier: MIT

package spec

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// APIDomain is a domain name of one's own for an API.
type APIDomain struct {
	Name        string     `key:"name"`
	Certificate Source     `key:"certificate"`
	Zone        HostedZone `key:"zone"` // which gets a record; the zero one: none
	Path        string     `key:"path"` // what paths begin with, without slashes around it; "": nothing
}

// HostedZone is a hosted zone of Route 53. At most one field is set.
type HostedZone struct {
	ID   any    // string or intrinsic
	Name string // domain name without a final dot
}

// Given reports whether there is a zone.
func (z HostedZone) Given() bool { return z.ID != nil || z.Name != "" }

// edgeRegion is where certificates of edge endpoints are. Source: "Set up an edge-optimized custom domain name",
// https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-edge-optimized-custom-domain-name.html
const edgeRegion = "us-east-1"

func certificateKind() sourceKind {
	return sourceKind{what: "a certificate of ACM", service: "acm", types: []string{"AWS::CertificateManager::Certificate"}, form: "certificate/<id>"}
}

// domain decodes a domain name, nil if there is none.
func (d *decoder) domain(n *node, endpoint string) *APIDomain {
	if !usable(n) {
		return nil
	}
	certificate := certificateKind()
	certificate.here = endpoint != "edge"
	one := &APIDomain{
		Name: d.literal(n.field("name")), Certificate: d.sourceOf(n.field("certificate"), certificate),
		Zone: d.hostedZone(n.field("zone"), d.literal(n.field("name"))), Path: d.literal(n.field("path")),
	}
	if arn, ok := one.Certificate.ARN.(string); ok && endpoint == "edge" && strings.Split(arn, ":")[3] != edgeRegion {
		d.fault(n.field("certificate"), diag.SourceKind, "the certificate of an edge endpoint is in "+edgeRegion+", not in "+strings.Split(arn, ":")[3],
			"request one there, or use endpoint: regional")
	}
	return one
}

// zoneID is the form of hosted zone ids.
var zoneID = regexp.MustCompile(`^Z[A-Z0-9]{4,31}$`)

// hostedZone decodes a hosted zone that is to hold a name.
func (d *decoder) hostedZone(n *node, name string) HostedZone {
	if !usable(n) {
		return HostedZone{}
	}
	if n.kind == object {
		d.calls(n, false)
		return HostedZone{ID: n.value()}
	}
	kind := sourceKind{what: "a hosted zone", service: "route53", types: []string{"AWS::Route53::HostedZone"}}
	domain := strings.TrimSuffix(n.written, ".")
	switch typ, ok := d.resourceType(n.written); {
	case ok && d.fits(n, n.written, typ, kind):
		return HostedZone{ID: map[string]any{"Ref": n.written}}
	case ok:
	case zoneID.MatchString(n.written):
		return HostedZone{ID: n.written}
	case !strings.Contains(domain, "."):
		d.fault(n, diag.UnknownResource, "there is no resource "+strconv.Quote(shorten(n.written)), "write the zone's id or its domain name")
	case name != domain && !strings.HasSuffix(name, "."+domain):
		d.fault(n, diag.SourceKind, "the zone "+n.written+" can't have a record for "+name, "name the zone that the domain name ends with")
	default:
		return HostedZone{Name: domain}
	}
	return HostedZone{}
}
