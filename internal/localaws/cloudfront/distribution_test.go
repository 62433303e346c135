// SPDX-License-Identifier: MIT

package cloudfront_test

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

func TestDistributionType(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", "")
	s.put("index.html", "home")
	s.put("other.html", "other")
	kind := s.typeOf(distributionType)
	id, domain := s.distribution.PhysicalID, s.distribution.Attributes["DomainName"].(string)
	if len(id) != 14 || id[0] != 'E' || !strings.HasSuffix(domain, ".cloudfront.net") || s.distribution.Attributes["Id"] != id {
		t.Errorf("got %+v", s.distribution)
	}
	if got := s.Address("see https://" + domain + "/a and " + domain); got != "see "+s.base+"/a and "+domain {
		t.Errorf("got %q", got)
	}
	s.exchange(exchange{url: s.base + "/", status: 200, want: "home"})
	other := strings.Replace(s.config("", ""), `"DefaultRootObject": "index.html"`, `"DefaultRootObject": "other.html"`, 1)
	if diff := cmp.Diff(s.distribution, s.mustUpdate(distributionType, s.distribution, other)); diff != "" {
		t.Errorf("an update (-want +got):\n%s", diff)
	}
	s.exchange(exchange{url: s.base + "/", status: 200, want: "other"})
	s.exchange(exchange{url: s.base + "/index.html", status: 200, want: "home", header: map[string]string{"X-Cache": "Hit"}})

	s.mustUpdate(distributionType, s.distribution, strings.Replace(other, `"Enabled": true`, `"Enabled": false`, 1))
	if _, err := http.Get(s.base); err == nil {
		t.Error("a distribution that is not enabled answers")
	}
	s.mustUpdate(distributionType, s.distribution, other)
	s.exchange(exchange{url: s.base + "/", status: 200, want: "other"})

	if err := s.typeOf(controlType).Delete(t.Context(), s.control, s.request(controlType, "Access", controlText)); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("delete of an access control in use: got %v", err)
	}
	if kind.Replaces(properties(t, other), nil) {
		t.Error("a distribution is never replaced")
	}
	for range 2 { // what is gone is no error
		if err := kind.Delete(t.Context(), s.distribution, s.request(distributionType, "D", other)); err != nil {
			t.Error(err)
		}
		if err := s.typeOf(controlType).Delete(t.Context(), s.control, s.request(controlType, "Access", controlText)); err != nil {
			t.Error(err)
		}
	}
	if _, err := http.Get(s.base); err == nil {
		t.Error("a distribution that is deleted answers")
	}
	if _, err := kind.Update(t.Context(), s.distribution, s.request(distributionType, "D", other)); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("update of what is gone: got %v", err)
	}
}

func TestControlType(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	first := w.mustCreate(controlType, "A", controlText)
	if _, err := w.create(controlType, "B", controlText); err == nil || !strings.Contains(err.Error(), "already exists") {
		t.Errorf("a second one of the name: got %v", err)
	}
	renamed := strings.Replace(controlText, `"site"`, `"other"`, 1)
	if diff := cmp.Diff(first, w.mustUpdate(controlType, first, renamed)); diff != "" || first.Attributes["Id"] != first.PhysicalID {
		t.Errorf("an update (-want +got):\n%s", diff)
	}
	w.mustCreate(controlType, "B", controlText)
	if _, err := w.typeOf(controlType).Update(t.Context(), resource.Instance{PhysicalID: "ENONE"}, w.request(controlType, "C", controlText)); err == nil {
		t.Error("update of what is not there")
	}
}

// What is not modelled is refused by name before anything is made.
func TestCheck(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	const unmodelled = ": the embedded AWS does not model this property"
	for _, test := range []struct {
		kind, properties string
		want             []string
	}{
		{distributionType, `{}`, []string{"#: required key [DistributionConfig] not found"}},
		{distributionType, `{"DistributionConfig": {"Enabled": "yes"}}`, []string{
			"#/DistributionConfig: required key [DefaultCacheBehavior] not found", "#/DistributionConfig/Enabled: expected type: Boolean, found: String",
		}},
		{distributionType, `{"DistributionConfig": {"Enabled": true, "Aliases": ["a.example.com"], "WebACLId": "x", "Logging": {}, "OriginGroups": {"Quantity": 0},
			"Restrictions": {"GeoRestriction": {"RestrictionType": "whitelist", "Locations": ["DE"]}}, "ViewerCertificate": {"AcmCertificateArn": "a"},
			"DefaultCacheBehavior": {"TargetOriginId": "a", "ViewerProtocolPolicy": "http", "ForwardedValues": {}, "ResponseHeadersPolicyId": "x",
				"LambdaFunctionAssociations": [{}], "FunctionAssociations": [{"EventType": "origin-request", "FunctionARN": "a"}]}}}`, []string{
			"#/DistributionConfig/Aliases" + unmodelled,
			"#/DistributionConfig/DefaultCacheBehavior/ForwardedValues" + unmodelled,
			"#/DistributionConfig/DefaultCacheBehavior/FunctionAssociations/0/EventType: origin-request is not a valid enum value",
			"#/DistributionConfig/DefaultCacheBehavior/LambdaFunctionAssociations" + unmodelled,
			"#/DistributionConfig/DefaultCacheBehavior/ResponseHeadersPolicyId" + unmodelled,
			"#/DistributionConfig/DefaultCacheBehavior/ViewerProtocolPolicy: http is not a valid enum value",
			"#/DistributionConfig/Logging" + unmodelled,
			"#/DistributionConfig/OriginGroups" + unmodelled,
			"#/DistributionConfig/Restrictions/GeoRestriction/Locations" + unmodelled,
			"#/DistributionConfig/Restrictions/GeoRestriction/RestrictionType: the embedded AWS models none only",
			"#/DistributionConfig/ViewerCertificate/AcmCertificateArn" + unmodelled,
			"#/DistributionConfig/WebACLId" + unmodelled,
		}},
		{distributionType, `{"DistributionConfig": {"Enabled": true, "DefaultCacheBehavior": {"TargetOriginId": "a", "ViewerProtocolPolicy": "allow-all"}, "Aliases": [], "WebACLId": "",
			"ViewerCertificate": {"CloudFrontDefaultCertificate": true}, "CustomErrorResponses": [{"ErrorCode": 200, "ResponseCode": "404"}], "Comment": {"Ref": "C"}}}`, []string{
			"#/DistributionConfig/CustomErrorResponses/0/ErrorCode: 200 is not a valid enum value",
		}},
		{functionType, `{"Name": "a b", "FunctionCode": "x", "FunctionConfig": {"Comment": "", "Runtime": "cloudfront-js-1.0", "KeyValueStoreAssociations": [{"KeyValueStoreARN": "a"}]}}`, []string{
			"#/FunctionConfig/KeyValueStoreAssociations" + unmodelled,
			"#/FunctionConfig/Runtime: the embedded AWS models cloudfront-js-2.0 only",
			"#/Name: failed validation constraint for keyword [pattern]: ^[a-zA-Z0-9-_]{1,64}$",
		}},
		{controlType, `{"OriginAccessControlConfig": {"Name": "a", "OriginAccessControlOriginType": "lambda", "SigningBehavior": "no-override", "SigningProtocol": "sigv4"}}`, []string{
			"#/OriginAccessControlConfig/OriginAccessControlOriginType: the embedded AWS models s3 only",
			"#/OriginAccessControlConfig/SigningBehavior: the embedded AWS models always and never",
		}},
	} {
		if diff := cmp.Diff(test.want, w.typeOf(test.kind).Check(properties(t, test.properties))); diff != "" {
			t.Errorf("%s: faults (-want +got):\n%s", test.properties, diff)
		}
	}
}

// What CloudFront says against a distribution.
func TestCreateRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", "")
	draft := s.mustCreate(functionType, "Draft", strings.Replace(functionText("draft", "function handler(e) { return e.request }"), `"AutoPublish": true`, `"AutoPublish": false`, 1))
	base := s.config("", "")
	s.mustCreate(distributionType, "Fine", base)
	change := func(old, new string) string { return strings.Replace(base, old, new, 1) }
	functions := func(arn string) string {
		return s.config("", fmt.Sprintf(`, "FunctionAssociations": [{"EventType": "viewer-request", "FunctionARN": %q}]`, arn))
	}
	for _, test := range []struct{ text, want string }{
		{change(`"TargetOriginId": "bucket"`, `"TargetOriginId": "none"`), "One or more of your origins or origin groups do not exist. (Service: CloudFront, Status Code: 404"},
		{change(`"DomainName": "pages.s3.eu-west-1.amazonaws.com"`, `"DomainName": "example.com"`), "is no bucket"},
		{change(s.control.PhysicalID, "ENONE"), "origin access control ENONE does not exist"},
		{change(`"OriginAccessIdentity": ""`, `"OriginAccessIdentity": "origin-access-identity/cloudfront/E1"`), "does not model origin access identities"},
		{change(`"S3OriginConfig": {"OriginAccessIdentity": ""}`, `"OriginPath": "/a"`), "Exactly one of"},
		{change(`"S3OriginConfig": {`, `"OriginPath": "a", "S3OriginConfig": {`), "OriginPath must begin with a slash"},
		{change(`"S3OriginConfig": {`, `"OriginCustomHeaders": [{"HeaderName": "X-Amz-Copy-Source", "HeaderValue": "pages/a"}], "S3OriginConfig": {`), "cannot be added"},
		{change(optimized, "60669652-455b-4ae9-85a4-c4c02393f86c"), "does not model the cache policy 60669652-455b-4ae9-85a4-c4c02393f86c"},
		{change(`"CachePolicyId": "`+optimized+`"`, `"Compress": true`), "CachePolicyId is required"},
		{change(`"CachePolicyId"`, `"OriginRequestPolicyId": "216adef6-5c7f-47e4-b989-5492eafa07d3", "CachePolicyId"`), "does not model the origin request policy"},
		{s.config("", `, "AllowedMethods": ["GET", "PUT"]`), "AllowedMethods must be"},
		{s.config("", `, "CachedMethods": ["GET"]`), "CachedMethods must be"},
		{functions("arn:aws:cloudfront::000000000000:function/none"), "function/none does not exist"},
		{functions(draft.PhysicalID), "is not published"},
		{s.config(`, "CustomErrorResponses": [{"ErrorCode": 404, "ResponsePagePath": "/e.html"}]`, ""), "must be given together"},
		{s.config(`, "CustomErrorResponses": [{"ErrorCode": 404}, {"ErrorCode": 404}]`, ""), "more than one custom error response"},
		{s.config(`, "CustomErrorResponses": [{"ErrorCode": 404, "ResponseCode": 200, "ResponsePagePath": "e.html"}]`, ""), "must begin with a slash"},
		{change(`"Origins": [`, `"Origins": [{"Id": "web", "DomainName": "example.com", "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"}}, `), "does not model the origin example.com"},
		{change(`"Origins": [`, `"Origins": [{"Id": "bucket", "DomainName": "127.0.0.1:1", "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"}}, `), "must be unique"},
	} {
		if _, err := s.create(distributionType, "D", test.text); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want %q of %s", err, test.want, test.text)
		}
	}
}

// A process that comes later serves the same distributions where they were.
func TestReopen(t *testing.T) {
	t.Parallel()
	s := newFunctionSite(t, `function handler(e) { return e.request.uri === "/f" ? {statusCode: 200, body: "function"} : e.request }`, "")
	dir, base := s.dir, s.base
	s.close()
	again := open(t, dir)
	again.exchange(exchange{url: base + "/", status: 200, want: "home"})
	again.exchange(exchange{url: base + "/f", status: 200, want: "function"})
	again.exchange(exchange{url: base + "/none", status: 404, want: "not here"})
	again.close()

	taken, err := net.Listen("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Skip("somebody else was faster")
	}
	defer taken.Close()
	third := open(t, dir)
	now := third.address(s.distribution)
	if now == base || len(third.notices) != 1 || !strings.Contains(third.notices[0], now) {
		t.Errorf("got %s and notices %q", now, third.notices)
	}
	third.exchange(exchange{url: now + "/", status: 200, want: "home"})
}
