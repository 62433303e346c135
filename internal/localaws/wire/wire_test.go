// SPDX-License-Identifier: MIT

package wire_test

import (
	"encoding/xml"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

func TestIdentify(t *testing.T) {
	t.Parallel()
	const scope = "/20261123/eu-west-1/"
	header := func(key, service string) string {
		return "AWS4-HMAC-SHA256 Credential=" + key + scope + service + "/aws4_request, SignedHeaders=host, Signature=0"
	}
	anonymous := wire.Identity{Account: "000000000000", Region: "us-east-1", Anonymous: true}
	for name, test := range map[string]struct {
		header, query string
		want          wire.Identity
	}{
		"unsigned":                  {"", "", anonymous},
		"any key":                   {header("AKIAX", "iam"), "", wire.Identity{"AKIAX", "000000000000", "eu-west-1", "iam", false}},
		"account":                   {header("111111111111", "s3"), "", wire.Identity{"111111111111", "111111111111", "eu-west-1", "s3", false}},
		"thirteen digits":           {header("1111111111111", "s3"), "", wire.Identity{"1111111111111", "000000000000", "eu-west-1", "s3", false}},
		"temporary":                 {header(wire.TemporaryKey("222222222222", "ABCDEFG2"), "s3"), "", wire.Identity{"ASIA222222222222ABCDEFG2", "222222222222", "eu-west-1", "s3", false}},
		"key with slashes":          {header("a/b", "s3"), "", wire.Identity{"a/b", "000000000000", "eu-west-1", "s3", false}},
		"presigned":                 {"", "X-Amz-Credential=111111111111%2F20261123%2Feu-west-1%2Fs3%2Faws4_request", wire.Identity{"111111111111", "111111111111", "eu-west-1", "s3", false}},
		"presigned for IAM":         {"", "X-Amz-Credential=111111111111%2F20261123%2Feu-west-1%2Fiam%2Faws4_request", anonymous},
		"presigned by version 2":    {"", "AWSAccessKeyId=111111111111&Signature=x&Expires=1", wire.Identity{"111111111111", "111111111111", "", "s3", false}},
		"header wins":               {header("AKIAX", "iam"), "X-Amz-Credential=111111111111%2F20261123%2Feu-west-1%2Fs3%2Faws4_request", wire.Identity{"AKIAX", "000000000000", "eu-west-1", "iam", false}},
		"another scheme":            {"Bearer x", "", anonymous},
		"a scope that is too short": {"AWS4-HMAC-SHA256 Credential=AKIAX/s3/aws4_request", "", anonymous},
	} {
		r := httptest.NewRequest(http.MethodGet, "/?"+test.query, nil)
		if test.header != "" {
			r.Header.Set("Authorization", test.header)
		}
		if diff := cmp.Diff(test.want, wire.Identify(r, "000000000000", "us-east-1")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestWriteQuery(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	wire.WriteQuery(w, "https://example.com/", "GetThing", struct {
		Names []string `xml:"Names>member"`
	}{[]string{"a", "<b>"}})
	var got struct {
		XMLName   xml.Name
		Names     []string `xml:"GetThingResult>Names>member"`
		RequestID string   `xml:"ResponseMetadata>RequestId"`
	}
	if err := xml.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.XMLName.Local != "GetThingResponse" || got.XMLName.Space != "https://example.com/" || !cmp.Equal(got.Names, []string{"a", "<b>"}) || got.RequestID != w.Header().Get("X-Amzn-Requestid") {
		t.Errorf("got %+v", got)
	}
	w = httptest.NewRecorder()
	wire.WriteQuery(w, "https://example.com/", "DropThing", nil)
	if strings.Contains(w.Body.String(), "DropThingResult") {
		t.Errorf("got %s", w.Body)
	}
}

func TestErrorsInEachProtocol(t *testing.T) {
	t.Parallel()
	given := wire.Errorf(http.StatusConflict, "Taken", "%q is taken", "x")
	for name, test := range map[string]struct {
		write  func(w http.ResponseWriter)
		status int
		want   []string
	}{
		"query":          {func(w http.ResponseWriter) { wire.WriteQueryError(w, "https://n/", given) }, 409, []string{`<ErrorResponse xmlns="https://n/">`, "<Type>Sender</Type>", "<Code>Taken</Code>", "is taken"}},
		"query, other":   {func(w http.ResponseWriter) { wire.WriteQueryError(w, "https://n/", errors.New("disk full")) }, 500, []string{"<Type>Receiver</Type>", "InternalFailure", "disk full"}},
		"JSON":           {func(w http.ResponseWriter) { wire.WriteJSONError(w, given) }, 409, []string{`"__type":"Taken"`, `"message":"\"x\" is taken"`}},
		"status of none": {func(w http.ResponseWriter) { wire.WriteJSONError(w, &wire.Error{Code: "C"}) }, 400, []string{`"C"`}},
		"unknown, JSON": {func(w http.ResponseWriter) {
			wire.WriteUnknown(w, httptest.NewRequest(http.MethodGet, "/", nil), given)
		}, 409, []string{`"__type":"Taken"`}},
		"unknown, CBOR": {func(w http.ResponseWriter) { wire.WriteUnknown(w, withHeader("Smithy-Protocol", "rpc-v2-cbor"), given) }, 409, []string{"\xa2\x79\x00\x06__type\x79\x00\x05Taken\x79\x00\x07message\x79\x00\x0c\"x\" is taken"}},
		"unknown, forms": {func(w http.ResponseWriter) {
			wire.WriteUnknown(w, withHeader("Content-Type", "application/x-www-form-urlencoded"), given)
		}, 409, []string{"<Code>Taken</Code>"}},
		"wrapped": {func(w http.ResponseWriter) { wire.WriteJSONError(w, wire.FromService("S3", given)) }, 409, []string{`"__type":"Taken"`}},
	} {
		w := httptest.NewRecorder()
		test.write(w)
		if w.Code != test.status {
			t.Errorf("%s: got status %d, want %d", name, w.Code, test.status)
		}
		for _, want := range test.want {
			if !strings.Contains(w.Body.String(), want) && !strings.Contains(strings.ReplaceAll(w.Body.String(), "&#34;", `"`), want) {
				t.Errorf("%s: got %s, want %s", name, w.Body, want)
			}
		}
	}
}

func withHeader(name, value string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.Header.Set(name, value)
	return r
}

func TestFromService(t *testing.T) {
	t.Parallel()
	if err := wire.FromService("S3", nil); err != nil {
		t.Errorf("got %v, want nil", err)
	}
	plain := errors.New("plain")
	if err := wire.FromService("S3", plain); err != plain {
		t.Errorf("got %v", err)
	}
	err := wire.FromService("S3", wire.Errorf(http.StatusConflict, "BucketNotEmpty", "Not empty"))
	if !regexp.MustCompile(`^Not empty \(Service: S3, Status Code: 409, Request ID: [0-9a-f-]{36}\)$`).MatchString(err.Error()) {
		t.Errorf("got %s", err)
	}
	//lint:ignore SA4000 twice is what is tested
	if err.Error() != err.Error() {
		t.Error("the request id must stay")
	}
	if e, ok := errors.AsType[*wire.Error](err); !ok || e.Code != "BucketNotEmpty" {
		t.Errorf("the code is lost: %v", err)
	}
}

func TestQueryForm(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("Action=X&Names.member.1=a%20b"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	form, err := wire.QueryForm(r)
	if err != nil || form.Get("Action") != "X" || form.Get("Names.member.1") != "a b" {
		t.Errorf("got %v, error %v", form, err)
	}
	r = httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Repeat("x", 5<<20)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if _, err := wire.QueryForm(r); err == nil || !strings.Contains(err.Error(), "MalformedQueryString") {
		t.Errorf("got %v", err)
	}
}
