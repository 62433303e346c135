// SPDX-License-Identifier: MIT

package route53_test

import (
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/route53"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/store"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const account = "111111111111"

var here = arn.Scope{Partition: "aws", Account: account, Region: "us-east-1"}

// object is a JSON object.
type object = map[string]any

// world is a Route 53.
type world struct {
	*route53.Service
	store *store.Store
}

func open(t *testing.T, dir string) world {
	t.Helper()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := route53.New(service.Env{Default: here, Store: st, Now: time.Now, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	return world{s, st}
}

// get sends a request of an account and returns the answer.
func (w world) get(t *testing.T, who, method, path string) (int, string) {
	t.Helper()
	answer := httptest.NewRecorder()
	w.ServeAPI(answer, httptest.NewRequestWithContext(t.Context(), method, "/2013-04-01/"+path, nil), wire.Identity{Account: who, Region: "us-east-1", Service: "route53"})
	return answer.Code, answer.Body.String()
}

// names returns the texts of all elements of a name.
func names(t *testing.T, text, element string) []string {
	t.Helper()
	found := []string{}
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := d.Token()
		if err != nil {
			return found
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == element {
			var value string
			if err := d.DecodeElement(&value, &start); err != nil {
				t.Fatal(err)
			}
			found = append(found, value)
		}
	}
}

// records returns the names of a zone's records.
func (w world) records(t *testing.T, zone string) []string {
	t.Helper()
	_, text := w.get(t, account, "GET", "hostedzone/"+zone+"/rrset")
	return names(t, text, "Name")
}

func request(properties object) resource.Request {
	return resource.Request{Scope: here, Properties: properties, DefaultName: func(int) string { return "group" }}
}

// put makes a resource that has to come up.
func (w world) put(t *testing.T, kind string, properties object) resource.Instance {
	t.Helper()
	made, err := w.ResourceTypes()["AWS::Route53::"+kind].Create(t.Context(), request(properties))
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	return made
}

func TestZoneWithRecords(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir)
	zone := w.put(t, "HostedZone", object{"Name": "Example.com", "HostedZoneConfig": object{"Comment": "ours"}, "HostedZoneTags": []any{object{"Key": "a", "Value": "1"}}})
	id := zone.PhysicalID
	if servers, ok := zone.Attributes["NameServers"].([]any); !ok || len(servers) != 4 || zone.Attributes["Id"] != id {
		t.Errorf("got %v", zone)
	}
	mail := object{"Name": "example.com", "Type": "MX", "HostedZoneId": id, "TTL": 300.0, "ResourceRecords": []any{"10 mail.example.com"}}
	alias := object{"Name": "api.example.com", "Type": "A", "HostedZoneName": "example.com.", "AliasTarget": object{"DNSName": "127.0.0.1:4000", "HostedZoneId": "Z1"}}
	made := w.put(t, "RecordSet", mail)
	w.put(t, "RecordSet", alias)
	if made.PhysicalID != "example.com" {
		t.Errorf("Ref is %s", made.PhysicalID)
	}
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	w = open(t, dir)
	if diff := cmp.Diff([]string{"example.com.", "example.com.", "example.com.", "api.example.com."}, w.records(t, id)); diff != "" {
		t.Error(diff)
	}
	_, text := w.get(t, account, "GET", "hostedzone/"+id+"/rrset?name=api.example.com&type=A&maxitems=1")
	for element, want := range map[string]string{"DNSName": "127.0.0.1:4000", "EvaluateTargetHealth": "false", "IsTruncated": "false", "MaxItems": "1"} {
		if got := names(t, text, element); !cmp.Equal(got, []string{want}) {
			t.Errorf("%s: got %v in %s", element, got, text)
		}
	}
	if _, text := w.get(t, account, "GET", "hostedzone/"+id+"/rrset?maxitems=1"); !cmp.Equal(names(t, text, "NextRecordType"), []string{"NS"}) {
		t.Errorf("the first page: got %s", text)
	}
	if _, text := w.get(t, account, "GET", "tags/hostedzone/"+id); !strings.Contains(text, "<Key>a</Key>") {
		t.Errorf("tags: got %s", text)
	}
	if status, text := w.get(t, account, "GET", "hostedzone/"+id); status != 200 || !strings.Contains(text, "<Comment>ours</Comment>") || len(names(t, text, "NameServer")) != 4 {
		t.Errorf("got %d %s", status, text)
	}
	if status, text := w.get(t, "222222222222", "GET", "hostedzone/"+id); status != 404 || !strings.Contains(text, "NoSuchHostedZone") {
		t.Errorf("another account: got %d %s", status, text)
	}

	types := w.ResourceTypes()
	changed := request(object{"Name": "example.com", "Type": "TXT", "HostedZoneId": id, "TTL": "60", "ResourceRecords": []any{`"v=spf1 -all"`}})
	changed.OldProperties = mail
	if _, err := types["AWS::Route53::RecordSet"].Update(t.Context(), made, changed); err != nil {
		t.Fatal(err)
	}
	if _, text := w.get(t, account, "GET", "hostedzone/"+id+"/rrset"); strings.Contains(text, "<Type>MX</Type>") || !strings.Contains(text, "v=spf1") {
		t.Errorf("after the update: got %s", text)
	}
	if err := types["AWS::Route53::HostedZone"].Delete(t.Context(), zone, request(object{})); err == nil || !strings.Contains(err.Error(), "non-required resource record sets") {
		t.Errorf("a zone with records: got %v", err)
	}
	for _, properties := range []object{changed.Properties, alias, alias} {
		if err := types["AWS::Route53::RecordSet"].Delete(t.Context(), resource.Instance{}, request(properties)); err != nil {
			t.Errorf("delete %v: %v", properties, err)
		}
	}
	for range 2 {
		if err := types["AWS::Route53::HostedZone"].Delete(t.Context(), zone, request(object{})); err != nil {
			t.Errorf("delete the zone: %v", err)
		}
	}
}

// Zones that are on AWS only are there as long as they have records.
func TestNamedZones(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	byID := object{"HostedZoneId": "Z0123456789ABCDEFGHIJ", "RecordSets": []any{
		object{"Name": "*.example.com", "Type": "A", "TTL": "60", "ResourceRecords": []any{"192.0.2.1"}},
		object{"Name": "b.other.example", "Type": "AAAA", "TTL": "60", "ResourceRecords": []any{"2001:db8::1"}},
	}}
	byName := object{"HostedZoneName": "example.org.", "Name": "a.example.org", "Type": "CNAME", "TTL": "60", "ResourceRecords": []any{"x.example"}}
	group := w.put(t, "RecordSetGroup", byID)
	w.put(t, "RecordSet", byName)
	if diff := cmp.Diff([]string{`\052.example.com.`, "b.other.example."}, w.records(t, "Z0123456789ABCDEFGHIJ")); diff != "" {
		t.Error(diff)
	}
	_, text := w.get(t, account, "GET", "hostedzone")
	if diff := cmp.Diff([]string{"example.com.", "example.org."}, names(t, text, "Name")); diff != "" {
		t.Error(diff)
	}
	_, text = w.get(t, account, "GET", "hostedzonesbyname?dnsname=example.org")
	ids := names(t, text, "Id")
	if len(ids) != 1 || !cmp.Equal(w.records(t, strings.TrimPrefix(ids[0], "/hostedzone/")), []string{"a.example.org."}) {
		t.Errorf("got %s", text)
	}
	own := w.put(t, "HostedZone", object{"Name": "example.org"})
	w.put(t, "RecordSet", object{"HostedZoneName": "example.org.", "Name": "b.example.org", "Type": "A", "TTL": "60", "ResourceRecords": []any{"192.0.2.1"}})
	if got := w.records(t, own.PhysicalID); !cmp.Equal(got, []string{"example.org.", "example.org.", "b.example.org."}) {
		t.Errorf("a zone that is more than a name: got %v", got)
	}
	types := w.ResourceTypes()
	next := request(object{"HostedZoneId": "Z0123456789ABCDEFGHIJ", "RecordSets": byID["RecordSets"].([]any)[:1]})
	next.OldProperties = byID
	if _, err := types["AWS::Route53::RecordSetGroup"].Update(t.Context(), group, next); err != nil {
		t.Fatal(err)
	}
	if err := types["AWS::Route53::RecordSetGroup"].Delete(t.Context(), group, request(next.Properties)); err != nil {
		t.Error(err)
	}
	if err := types["AWS::Route53::RecordSet"].Delete(t.Context(), resource.Instance{}, request(byName)); err != nil {
		t.Error(err)
	}
	if _, text = w.get(t, account, "GET", "hostedzone"); len(names(t, text, "Name")) != 1 {
		t.Errorf("got %s", text)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	id := w.put(t, "HostedZone", object{"Name": "example.com"}).PhysicalID
	base := object{"Name": "a.example.com", "Type": "A", "HostedZoneId": id, "TTL": "60", "ResourceRecords": []any{"192.0.2.1"}}
	w.put(t, "RecordSet", base)
	for want, change := range map[string]object{
		"[Tried to create resource record set [name='a.example.com.', type='A'] but it already exists]":                        {},
		"[RRSet with DNS name a.example.org. is not permitted in zone example.com.]":                                           {"Name": "a.example.org"},
		"[RRSet of type CNAME with DNS name example.com. is not permitted at apex in zone example.com.]":                       {"Name": "example.com", "Type": "CNAME"},
		"a conflicting RRSet of type CNAME with the same DNS name":                                                             {"Type": "CNAME", "ResourceRecords": []any{"x.example"}},
		"(Value is not a valid IPv4 address) encountered with 'x'":                                                             {"Name": "b.example.com", "ResourceRecords": []any{"x"}},
		"(Value is not a valid IPv6 address) encountered with '192.0.2.1'":                                                     {"Type": "AAAA"},
		"Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none": {"Name": "b.example.com", "TTL": nil},
		"but found more than one":                                   {"AliasTarget": object{"DNSName": "x.example", "HostedZoneId": "Z1"}},
		"No hosted zone found with ID: zone":                        {"HostedZoneId": "zone"},
		"Exactly one of HostedZoneId and HostedZoneName":            {"HostedZoneName": "example.com."},
		"(Domain label is empty) encountered with 'a..example.com.": {"Name": "a..example.com"},
	} {
		properties := object{}
		for _, from := range []object{base, change} {
			for name, value := range from {
				properties[name] = value
				if value == nil {
					delete(properties, name)
				}
			}
		}
		if _, err := w.ResourceTypes()["AWS::Route53::RecordSet"].Create(t.Context(), request(properties)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want %s", change, err, want)
		}
	}
	if _, err := w.ResourceTypes()["AWS::Route53::HostedZone"].Create(t.Context(), request(object{"Name": "com"})); err == nil || !strings.Contains(err.Error(), "not a valid domain name") {
		t.Errorf("got %v", err)
	}
	for _, test := range []struct{ method, path, want string }{
		{"POST", "hostedzone", "does not model POST /2013-04-01/hostedzone of Route 53"}, {"GET", "hostedzone?delegationsetid=x", "delegationsetid"},
		{"GET", "hostedzone?maxitems=x", "Invalid maxitems: x"}, {"GET", "hostedzone/none/rrset", "No hosted zone found with ID: none"},
		{"DELETE", "hostedzone/" + id, "HostedZoneNotEmpty"}, {"GET", "hostedzone/" + id + "/rrset?maxitems=0", "Invalid maxitems: 0"},
	} {
		if status, text := w.get(t, account, test.method, test.path); status < 400 || !strings.Contains(text, test.want) {
			t.Errorf("%s %s: got %d %s, want %s", test.method, test.path, status, text, test.want)
		}
	}
}

func TestCheckAndReplaces(t *testing.T) {
	t.Parallel()
	types := open(t, t.TempDir()).ResourceTypes()
	for _, test := range []struct {
		kind       string
		properties object
		want       string
	}{
		{"RecordSet", object{"Name": object{"Ref": "D"}, "Type": "A", "HostedZoneName": "x.", "AliasTarget": object{"DNSName": object{"Fn::GetAtt": []any{"D", "X"}}, "HostedZoneId": "Z"}, "Comment": "x"}, ""},
		{"RecordSet", object{"Name": "x"}, "required key [Type]"}, {"RecordSet", object{"Name": "x", "Type": "Q"}, "not a valid enum value"},
		{"RecordSet", object{"Name": "x", "Type": "A", "CidrRoutingConfig": object{}}, "does not model"},
		{"RecordSetGroup", object{"RecordSets": []any{object{"Name": "x", "Type": "A", "Weight": 256.0}}}, "not less or equal"},
		{"RecordSetGroup", object{"RecordSets": []any{object{"Name": "x", "Type": "A", "HostedZoneId": "Z"}}}, "does not model"},
		{"HostedZone", object{"Name": "x.example", "VPCs": []any{}}, "does not model"}, {"HostedZone", object{}, "required key [Name]"},
	} {
		if got := strings.Join(types["AWS::Route53::"+test.kind].Check(test.properties), "; "); (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s %v: got %q, want %q", test.kind, test.properties, got, test.want)
		}
	}
	for kind, want := range map[string][]string{"HostedZone": {"Name"}, "RecordSet": {"HostedZoneId", "HostedZoneName", "Name"}, "RecordSetGroup": {"HostedZoneId", "HostedZoneName"}} {
		var got []string
		for _, name := range []string{"AliasTarget", "HostedZoneConfig", "HostedZoneId", "HostedZoneName", "Name", "TTL", "Type"} {
			if types["AWS::Route53::"+kind].Replaces(object{}, object{name: "x"}) {
				got = append(got, name)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
	}
}

// Only what its policy names may be looked at.
func TestNeeds(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	for path, want := range map[string]string{
		"hostedzone": "route53:ListHostedZones *", "hostedzonesbyname": "route53:ListHostedZonesByName *",
		"hostedzone/Z1/rrset": "route53:ListResourceRecordSets arn:aws:route53:::hostedzone/Z1", "hostedzone/Z1": "route53:GetHostedZone arn:aws:route53:::hostedzone/Z1",
	} {
		needs, ok := w.Needs(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/2013-04-01/"+path, nil), wire.Identity{Account: account})
		if !ok || len(needs) != 1 || needs[0].Action+" "+needs[0].Resource != want {
			t.Errorf("%s: got %v %t, want %s", path, needs, ok, want)
		}
	}
}
