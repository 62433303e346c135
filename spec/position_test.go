// SPDX-License-Identifier: MIT

package spec_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/spec"
)

const located = `serviceName: orders
functions:
  hello:
    handler: ./handlers.Hello
    permissions:
      - allow: s3:GetObject
        on: [!GetAtt Bucket.Arn, !Join ["/", [!GetAtt Bucket.Arn, "*"]]]
resources:
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "x-${AWS::Region}"}}
`

func TestPosition(t *testing.T) {
	t.Parallel()
	s := mustParse(t, "dir/sparta.yaml", located)
	tests := []struct {
		path string
		want string
	}{
		{"", "1:1"},
		{"serviceName", "1:1"},
		{"functions", "2:1"},
		{"functions hello", "3:3"},
		{"functions hello handler", "4:5"},
		{"functions hello memory", "3:3"}, // nearest around it
		{"functions hello memory deeper", "3:3"},
		{"functions other handler", "2:1"},
		{"site dir", "1:1"},
		{"functions hello permissions 0", "6:9"},
		{"functions hello permissions 0 on", "7:9"},
		{"functions hello permissions 0 on 0", "7:14"},
		{"functions hello permissions 0 on 1 1 0", "7:47"}, // through !Join
		{"functions hello permissions 7", "5:5"},
		{"functions hello permissions x", "5:5"},
		{"resources Bucket Properties BucketName", "9:48"},
	}
	for _, tt := range tests {
		if got, want := s.Position(strings.Fields(tt.path)...).String(), "dir/sparta.yaml:"+tt.want; got != want {
			t.Errorf("Position(%s) is %s, want %s", tt.path, got, want)
		}
	}
}

func TestProblem(t *testing.T) {
	t.Parallel()
	s := mustParse(t, "sparta.yaml", located)
	got := s.Problem(diag.HandlerSymbol, "there is no symbol Hello", "did you mean `Helo`?", "functions", "hello", "handler")
	want := diag.Problem{
		Position: diag.Position{File: "sparta.yaml", Line: 4, Column: 5},
		Path:     "functions.hello.handler", Code: diag.HandlerSymbol, Message: "there is no symbol Hello", Hint: "did you mean `Helo`?",
		Source: "    handler: ./handlers.Hello", Width: len("handler: ./handlers.Hello"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problem (-want +got):\n%s", diff)
	}
}

func TestServiceWithoutFile(t *testing.T) {
	t.Parallel()
	s := &spec.Service{File: "sparta.yaml"}
	if got := s.Position("functions", "hello"); got != (diag.Position{File: "sparta.yaml"}) {
		t.Errorf("position is %v, want the file alone", got)
	}
	if got := s.Problem("SP9999", "m", "h", "a", "b").String(); got != "sparta.yaml: a.b: m [SP9999]" {
		t.Errorf("problem is %q", got)
	}
}

func TestExcerpt(t *testing.T) {
	t.Parallel()
	s := mustParse(t, "sparta.yaml", located)
	problems := diag.List{
		{Position: diag.Position{File: "sparta.yaml", Line: 4, Column: 5}},
		{Position: diag.Position{File: "sparta.yaml", Line: 400}},
		{Position: diag.Position{File: "handler.go", Line: 4}},
	}
	s.Excerpt(problems)
	(&spec.Service{File: "sparta.yaml"}).Excerpt(problems[1:])
	got := []string{problems[0].Source, problems[1].Source, problems[2].Source}
	if diff := cmp.Diff([]string{"    handler: ./handlers.Hello", "", ""}, got); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}
}

func TestLogicalID(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"hello": "Hello", "hello-world": "HelloWorld", "hello_world": "HelloWorld", "helloWorld": "HelloWorld",
		"a--b_": "AB", "v2-api": "V2Api", "X": "X", "a-1": "A1", "": "",
	} {
		if got := spec.LogicalID(name); got != want {
			t.Errorf("LogicalID(%q) is %q, want %q", name, got, want)
		}
	}
}

func TestGeneratedIDs(t *testing.T) {
	t.Parallel()
	dir := newSite(t)
	s := mustParse(t, dir+"/sparta.yaml", `serviceName: orders
functions:
  hello-world: {handler: ./h.A, url: true}
  fixed: {handler: ./h.B, role: orders-role, url: {auth: iam}}
site: {dir: web}
customResources:
  Seed: {handler: ./s.A}
  Other: {handler: ./s.B, role: orders-role}
`)
	want := []string{
		"HelloWorldFunction", "HelloWorldLogGroup", "HelloWorldRole", "HelloWorldUrl", "HelloWorldUrlPermission", "HelloWorldUrlInvokePermission",
		"FixedFunction", "FixedLogGroup", "FixedUrl",
		"SiteBucket", "SiteBucketPolicy", "SiteContent", "SiteProviderFunction", "SiteProviderRole", "SiteProviderLogGroup",
		"SeedProviderFunction", "SeedProviderRole", "SeedProviderLogGroup",
		"OtherProviderFunction", "OtherProviderLogGroup",
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, s.GeneratedIDs()); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
	if got := (&spec.Service{}).GeneratedIDs(); len(got) != 0 {
		t.Errorf("an empty service generates %v", got)
	}
}

// TestOrderDoesNotMatter: functions in another order are the same service.
func TestOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	a := mustParse(t, "sparta.yaml", "serviceName: orders\nfunctions:\n  a: {handler: ./h.A}\n  b: {handler: ./h.B}\n")
	b := mustParse(t, "sparta.yaml", "functions:\n  b: {handler: ./h.B}\n  a: {handler: ./h.A}\nserviceName: orders\n")
	if diff := cmp.Diff(a, b, ignorePositions()); diff != "" {
		t.Errorf("services differ:\n%s", diff)
	}
}

func TestGeneratedIDsResolve(t *testing.T) {
	t.Parallel()
	dir := newSite(t)
	mustParse(t, dir+"/sparta.yaml", `serviceName: orders
functions:
  hello: {handler: ./h.A, url: true, environment: {BUCKET: !Ref SiteBucket}}
site: {dir: web}
customResources:
  Seed: {handler: ./s.A, properties: {Role: !GetAtt HelloRole.Arn}}
resources:
  Queue: {Type: AWS::SQS::Queue, DependsOn: [SiteContent, Seed]}
outputs:
  Url: !GetAtt HelloUrl.FunctionUrl
  Seeded: !GetAtt Seed.Rows
  Text: !Sub "${HelloFunction.Arn} ${Queue} ${AWS::AccountId} ${!Queue2} $ {x} ${SeedProviderFunction}"
`)
}
