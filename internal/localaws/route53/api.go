// SPDX-License-Identifier: MIT

package route53

import (
	"context"
	"encoding/xml"
	"net/http"
	"slices"
	"strconv"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// namespace is that of the XML.
const namespace = "https://route53.amazonaws.com/doc/2013-04-01/"

// The paths of the operations that are modelled ("Actions", Route 53 API
// Reference).
const (
	pathZones  = "GET /2013-04-01/hostedzone"
	pathByName = "GET /2013-04-01/hostedzonesbyname"
	pathZone   = "GET /2013-04-01/hostedzone/{Id}"
	pathRemove = "DELETE /2013-04-01/hostedzone/{Id}"
	pathSets   = "GET /2013-04-01/hostedzone/{Id}/rrset"
	pathTags   = "GET /2013-04-01/tags/hostedzone/{Id}"
)

type accountKey struct{}

// ServeAPI answers one request of the restXml protocol.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	s.routes.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), accountKey{}, id.Account)))
}

// Needs returns the permissions that a request needs.
func (s *Service) Needs(r *http.Request, id wire.Identity) ([]access.Need, bool) {
	return s.needs.Needs(r, arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region})
}

// needs says which permissions the operations take ("Actions, resources, and
// condition keys for Amazon Route 53", Service Authorization Reference).
func needs() access.Routes {
	one := func(in *access.Input) []string {
		return []string{"arn:" + in.Scope.Partition + ":route53:::hostedzone/" + in.Text("Id")}
	}
	return access.NewRoutes(map[string]access.Rule{
		pathZones:  access.Do("route53:ListHostedZones", access.Any),
		pathByName: access.Do("route53:ListHostedZonesByName", access.Any),
		pathZone:   access.Do("route53:GetHostedZone", one),
		pathRemove: access.Do("route53:DeleteHostedZone", one),
		pathSets:   access.Do("route53:ListResourceRecordSets", one),
		pathTags:   access.Do("route53:ListTagsForResource", one),
	})
}

// question is a request to an operation.
type question struct {
	*http.Request
	account string
}

// parameter returns a query parameter.
func (q question) parameter(name string) string { return q.URL.Query().Get(name) }

// most returns how many items the caller wants, which is at most 100.
func (q question) most() (int, error) {
	text := q.parameter("maxitems")
	if text == "" {
		return 100, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, invalidInput("Invalid maxitems: %s", text)
	}
	return min(n, 100), nil
}

func (s *Service) router() *http.ServeMux {
	mux := http.NewServeMux()
	handle := func(pattern, operation string, parameters []string, f func(question) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			for name := range r.URL.Query() {
				if !slices.Contains(parameters, name) {
					wire.WriteQueryError(w, namespace, invalidInput("the embedded AWS does not model parameter %q of %s", name, operation))
					return
				}
			}
			account, _ := r.Context().Value(accountKey{}).(string)
			body, err := f(question{r, account})
			if err != nil {
				wire.WriteQueryError(w, namespace, err)
				return
			}
			write(w, operation, body)
		})
	}
	handle(pathZones, "ListHostedZones", []string{"marker", "maxitems"}, s.listZones)
	handle(pathByName, "ListHostedZonesByName", []string{"dnsname", "hostedzoneid", "maxitems"}, s.listByName)
	handle(pathZone, "GetHostedZone", nil, s.getZone)
	handle(pathRemove, "DeleteHostedZone", nil, s.deleteZone)
	handle(pathSets, "ListResourceRecordSets", []string{"name", "type", "identifier", "maxitems"}, s.listRecords)
	handle(pathTags, "ListTagsForResource", nil, s.listTags)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		wire.WriteQueryError(w, namespace, wire.Errorf(http.StatusBadRequest, "InvalidAction",
			"the embedded AWS does not model %s %s of Route 53: zones and records are changed through CloudFormation", r.Method, r.URL.Path))
	})
	return mux
}

func write(w http.ResponseWriter, operation string, body any) {
	w.Header().Set("Content-Type", "text/xml")
	w.Header().Set("X-Amzn-Requestid", wire.RequestID())
	name := xml.StartElement{Name: xml.Name{Local: operation + "Response"}, Attr: []xml.Attr{{Name: xml.Name{Local: "xmlns"}, Value: namespace}}}
	_ = xml.NewEncoder(w).EncodeElement(body, name) // an error means that the client is gone
}
