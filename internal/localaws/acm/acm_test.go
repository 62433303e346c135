// SPDX-License-Identifier: MIT

package acm_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/acm"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/store"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const account = "111111111111"

var here = arn.Scope{Partition: "aws", Account: account, Region: "us-east-1"}

// object is a JSON object.
type object = map[string]any

// world is a Certificate Manager.
type world struct {
	*acm.Service
	store *store.Store
}

func open(t *testing.T, dir string) world {
	t.Helper()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := acm.New(service.Env{Default: here, Store: st, Now: func() time.Time { return time.Unix(1_800_000_000, 0) }, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	return world{s, st}
}

// call sends a request in a region and returns the answer.
func (w world) call(t *testing.T, region, operation string, in object) (int, object) {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(string(body)))
	r.Header.Set("X-Amz-Target", "CertificateManager."+operation)
	answer := httptest.NewRecorder()
	w.ServeAPI(answer, r, wire.Identity{Account: account, Region: region, Service: "acm"})
	out := object{}
	if err := json.Unmarshal(answer.Body.Bytes(), &out); err != nil {
		t.Fatalf("%s: %v", answer.Body, err)
	}
	return answer.Code, out
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir)
	want := object{"DomainName": "example.com", "SubjectAlternativeNames": []string{"*.example.com", "example.com"}, "ValidationMethod": "DNS", "IdempotencyToken": "x", "Tags": []any{object{"Key": "a", "Value": "1"}}}
	_, made := w.call(t, "us-east-1", "RequestCertificate", want)
	name, _ := made["CertificateArn"].(string)
	if !strings.HasPrefix(name, "arn:aws:acm:us-east-1:"+account+":certificate/") {
		t.Fatalf("got %v", made)
	}
	if _, again := w.call(t, "us-east-1", "RequestCertificate", want); again["CertificateArn"] != name {
		t.Errorf("the same token: got %v, want %s", again, name)
	}
	if _, other := w.call(t, "eu-west-1", "RequestCertificate", want); other["CertificateArn"] == name {
		t.Error("another region has the same certificate")
	}
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	w = open(t, dir)
	w.UsedBy(func(string) []string { return nil })
	_, out := w.call(t, "us-east-1", "DescribeCertificate", object{"CertificateArn": name})
	detail, _ := out["Certificate"].(object)
	if detail["Status"] != "ISSUED" || detail["DomainName"] != "example.com" || detail["CreatedAt"] != 1.8e9 || len(detail["DomainValidationOptions"].([]any)) != 2 {
		t.Errorf("got %v", detail)
	}
	if diff := cmp.Diff([]any{"example.com", "*.example.com"}, detail["SubjectAlternativeNames"]); diff != "" {
		t.Error(diff)
	}
	if _, out := w.call(t, "us-east-1", "ListTagsForCertificate", object{"CertificateArn": name}); !cmp.Equal(out["Tags"], []any{object{"Key": "a", "Value": "1"}}) {
		t.Errorf("tags: got %v", out)
	}
	if _, out := w.call(t, "us-east-1", "DeleteCertificate", object{"CertificateArn": name}); len(out) != 0 {
		t.Errorf("delete: got %v", out)
	}
	if status, out := w.call(t, "us-east-1", "DescribeCertificate", object{"CertificateArn": name}); status != 400 || out["__type"] != "ResourceNotFoundException" {
		t.Errorf("after the deletion: got %d %v", status, out)
	}
}

func TestListCertificates(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	for _, algorithm := range []string{"RSA_2048", "RSA_2048", "RSA_2048", "EC_prime256v1"} {
		w.call(t, "us-east-1", "RequestCertificate", object{"DomainName": "a.example", "KeyAlgorithm": algorithm})
	}
	list := func(in object) (n int, token string) {
		t.Helper()
		status, out := w.call(t, "us-east-1", "ListCertificates", in)
		found, ok := out["CertificateSummaryList"].([]any)
		if status != 200 || !ok {
			t.Fatalf("got %d %v", status, out)
		}
		token, _ = out["NextToken"].(string)
		return len(found), token
	}
	n, token := list(object{"MaxItems": 2})
	if rest, last := list(object{"NextToken": token}); n != 2 || rest != 1 || last != "" {
		t.Errorf("pages of %d and %d, then %q", n, rest, last)
	}
	for want, in := range map[int]object{0: {"CertificateStatuses": []string{"EXPIRED"}}, 1: {"Includes": object{"keyTypes": []string{"EC_prime256v1"}}}, 3: {"CertificateStatuses": []string{"ISSUED"}}} {
		if n, _ := list(in); n != want {
			t.Errorf("%v: got %d, want %d", in, n, want)
		}
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	used := ""
	w.UsedBy(func(name string) []string {
		if name == used {
			return []string{"arn:aws:apigateway:us-east-1::/domainnames/a.example"}
		}
		return nil
	})
	_, made := w.call(t, "us-east-1", "RequestCertificate", object{"DomainName": "a.example"})
	used = made["CertificateArn"].(string)
	for _, test := range []struct {
		operation string
		in        object
		code      string
	}{
		{"RequestCertificate", object{"DomainName": "a b"}, "ValidationException"},
		{"RequestCertificate", object{"DomainName": "a.example", "ValidationMethod": "FAX"}, "ValidationException"},
		{"RequestCertificate", object{"DomainName": "a.example", "KeyAlgorithm": "RSA_512"}, "ValidationException"},
		{"RequestCertificate", object{"DomainName": "a.example", "CertificateAuthorityArn": "x"}, "ValidationException"},
		{"RequestCertificate", object{"DomainName": "a.example", "DomainValidationOptions": []any{object{"DomainName": "b.example"}}}, "InvalidDomainValidationOptionsException"},
		{"DeleteCertificate", object{"CertificateArn": used}, "ResourceInUseException"},
		{"DeleteCertificate", object{"CertificateArn": used + "x"}, "ResourceNotFoundException"},
		{"DescribeCertificate", object{"CertificateArn": "x"}, "InvalidArnException"},
		{"ListCertificates", object{"NextToken": "x"}, "InvalidArgsException"},
		{"ImportCertificate", object{}, "UnknownOperationException"},
	} {
		if status, out := w.call(t, "us-east-1", test.operation, test.in); status != 400 || out["__type"] != test.code {
			t.Errorf("%s %v: got %d %v, want %s", test.operation, test.in, status, out, test.code)
		}
	}
}

func TestUsable(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	_, made := w.call(t, "us-east-1", "RequestCertificate", object{"DomainName": "a.example"})
	_, deleted := w.call(t, "us-east-1", "RequestCertificate", object{"DomainName": "b.example"})
	w.call(t, "us-east-1", "DeleteCertificate", deleted)
	for name, test := range map[string]struct {
		arn     string
		here    bool
		problem string
	}{
		"its own":         {made["CertificateArn"].(string), true, ""},
		"deleted":         {deleted["CertificateArn"].(string), false, "there is no certificate"},
		"on AWS":          {here.Regional("acm", "certificate/12345678-1234-1234-1234-123456789012"), false, ""},
		"another account": {"arn:aws:acm:us-east-1:222222222222:certificate/none", false, ""},
		"no certificate":  {here.Regional("acm", "authority/x"), false, "is not the ARN of a certificate"},
		"no ARN":          {"x", false, "is not the ARN of a certificate"},
	} {
		found, err := w.Usable(account, test.arn)
		if found != test.here || (err == nil) != (test.problem == "") || err != nil && !strings.Contains(err.Error(), test.problem) {
			t.Errorf("%s: got %t %v", name, found, err)
		}
	}
}

func TestResource(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	kind := w.ResourceTypes()["AWS::CertificateManager::Certificate"]
	for want, properties := range map[string]object{
		"":                                  {"DomainName": object{"Ref": "P"}, "ValidationMethod": "DNS", "DomainValidationOptions": []any{object{"DomainName": "a", "HostedZoneId": "Z1"}}},
		"required key [DomainName]":         {},
		"is not a valid enum value":         {"DomainName": "a", "KeyAlgorithm": "x"},
		"does not model":                    {"DomainName": "a", "CertificateAuthorityArn": "x"},
		"extraneous key [X] is not permitt": {"DomainName": "a", "X": "x"},
	} {
		if got := strings.Join(kind.Check(properties), "; "); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%v: got %q, want %q", properties, got, want)
		}
	}
	for name, want := range map[string]bool{"DomainName": true, "ValidationMethod": true, "SubjectAlternativeNames": true, "Tags": false, "CertificateTransparencyLoggingPreference": false} {
		if got := kind.Replaces(object{}, object{name: "x"}); got != want {
			t.Errorf("%s: replaces %t", name, got)
		}
	}
	request := func(properties object) resource.Request { return resource.Request{Scope: here, Properties: properties} }
	made, err := kind.Create(t.Context(), request(object{"DomainName": "a.example"})) // validated by mail
	if err != nil {
		t.Fatal(err)
	}
	if _, out := w.call(t, "us-east-1", "DescribeCertificate", object{"CertificateArn": made.PhysicalID}); !strings.Contains(string(mustJSON(t, out)), "hostmaster@a.example") {
		t.Errorf("got %v", out)
	}
	if _, err := kind.Update(t.Context(), made, request(object{"DomainName": "a.example", "Tags": []any{object{"Key": "k", "Value": "v"}}, "CertificateTransparencyLoggingPreference": "DISABLED"})); err != nil {
		t.Fatal(err)
	}
	if _, out := w.call(t, "us-east-1", "DescribeCertificate", object{"CertificateArn": made.PhysicalID}); !strings.Contains(string(mustJSON(t, out)), `"CertificateTransparencyLoggingPreference":"DISABLED"`) {
		t.Errorf("got %v", out)
	}
	for range 2 {
		if err := kind.Delete(t.Context(), made, request(object{"DomainName": "a.example"})); err != nil {
			t.Errorf("delete: %v", err)
		}
	}
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
