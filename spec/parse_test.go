// SPDX-License-Identifier: MIT

package spec_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/spec"
)

// mustParse parses text that has no fault and no warning.
func mustParse(t testing.TB, path, text string) *spec.Service {
	t.Helper()
	s, problems := spec.Parse(path, []byte(text), spec.Options{})
	if len(problems) > 0 {
		t.Fatalf("parse:\n%s", render(problems))
	}
	return s
}

const whole = `# everything at once
serviceName: orders
description: Takes orders
defaults:
  memory: 256
  timeout: 1m30s
  environment: {LEVEL: info, STAGE_NAME: test}
  logs: {retention: 30}
  tags: {team: orders}
functions:
  hello-world:
    handler: ./handlers.Hello
    description: Greets
    environment:
      LEVEL: debug
      TABLE: !Ref Table
    permissions:
      - allow: [dynamodb:GetItem, dynamodb:PutItem]
        on: [!GetAtt Table.Arn, !Sub "${Table.Arn}/index/*"]
      - {allow: s3:GetObject, on: "*", when: {StringEquals: {aws:RequestedRegion: [!Ref AWS::Region, eu-west-1]}, Bool: {aws:SecureTransport: true}}}
    url:
      auth: iam
      cors: {origins: [https://example.com], methods: [GET], headers: [x-a], exposeHeaders: [etag], credentials: true, maxAge: 1h}
    tags: {tier: 1}
  api:
    handler: example.com/orders/api.Serve
    runtime: provided.al2023
    architecture: amd64
    memory: 512MB
    timeout: 20
    role: orders-role
    logs: {retention: never}
    url: {mode: stream}
site:
  dir: web
  error: error.html
  cache:
    - {glob: "*.css", cacheControl: no-cache}
customResources:
  Seed:
    handler: ./setup.Seed
    properties: {Rows: 12, Table: !Ref Table, Exact: 1.50, Deep: [{A: true}]}
    environment: {A1: 1}
    permissions: [{allow: dynamodb:PutItem, on: !GetAtt Table.Arn}]
decorators:
  - {name: tables, handler: ./decorators.AddTables, timeout: 2m}
  - {name: tag, exec: [cat, -n, 5]}
  - {name: meta, patch: {Metadata: {Team: orders, Gone: null}, Conditions: {IsProd: !Equals [a, b]}}}
resources:
  Table:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    Properties: {KeySchema: [{AttributeName: id, KeyType: HASH}]}
outputs:
  TableName: !Ref Table
  Region: {value: !Ref AWS::Region, description: Where, export: !Sub "${AWS::StackName}-region"}
  Version: 1.0
`

func TestParseWhole(t *testing.T) {
	t.Parallel()
	dir := newSite(t)
	got := mustParse(t, filepath.Join(dir, "sparta.yaml"), whole)
	arn := map[string]any{"Fn::GetAtt": []any{"Table", "Arn"}}
	ref := func(id string) map[string]any { return map[string]any{"Ref": id} }
	want := &spec.Service{
		File: filepath.Join(dir, "sparta.yaml"), Dir: dir,
		Environment: "dev", Environments: []string{"dev"}, Name: "orders", Description: "Takes orders",
		Functions: []spec.Function{{
			Name: "api", Handler: "example.com/orders/api.Serve", Retries: 2, MaxEventAge: 6 * time.Hour, Runtime: "provided.al2023", Architecture: "x86_64",
			MemoryMB: 512, Timeout: 20 * time.Second, Role: "orders-role",
			Environment: map[string]any{"LEVEL": "info", "STAGE_NAME": "test"},
			Tags:        map[string]string{"team": "orders"},
			URL:         &spec.FunctionURL{Auth: "NONE", Stream: true}, Logs: spec.Logs{Format: "Text"},
			EphemeralStorageMB: 512, RecursiveLoop: "Terminate",
		}, {
			Name: "hello-world", Handler: "./handlers.Hello", Retries: 2, MaxEventAge: 6 * time.Hour, Description: "Greets", Runtime: "nodejs24.x", Architecture: "arm64",
			MemoryMB: 256, Timeout: 90 * time.Second, Logs: spec.Logs{RetentionDays: 30, Format: "Text"},
			EphemeralStorageMB: 512, RecursiveLoop: "Terminate",
			Environment: map[string]any{"LEVEL": "debug", "STAGE_NAME": "test", "TABLE": ref("Table")},
			Tags:        map[string]string{"team": "orders", "tier": "1"},
			Permissions: []spec.Permission{{
				Allow: []string{"dynamodb:GetItem", "dynamodb:PutItem"},
				On:    []any{arn, map[string]any{"Fn::Sub": "${Table.Arn}/index/*"}},
			}, {
				Allow: []string{"s3:GetObject"}, On: []any{"*"},
				When: map[string]any{
					"StringEquals": map[string]any{"aws:RequestedRegion": []any{ref("AWS::Region"), "eu-west-1"}},
					"Bool":         map[string]any{"aws:SecureTransport": "true"},
				},
			}},
			URL: &spec.FunctionURL{Auth: "AWS_IAM", CORS: &spec.CORS{
				AllowOrigins: []string{"https://example.com"}, AllowMethods: []string{"GET"}, AllowHeaders: []string{"x-a"},
				ExposeHeaders: []string{"etag"}, AllowCredentials: true, MaxAge: time.Hour,
			}},
		}},
		Site: &spec.Site{
			Dir: filepath.Join(dir, "web"), Hosting: "website", Index: "index.html", Error: "error.html",
			Cache: []spec.CacheRule{{Glob: "*.css", CacheControl: "no-cache"}},
		},
		Decorators: []spec.Decorator{
			{Name: "tables", Handler: "./decorators.AddTables", Timeout: 2 * time.Minute},
			{Name: "tag", Exec: []string{"cat", "-n", "5"}, Timeout: time.Minute},
			{Name: "meta", Timeout: time.Minute, Patch: map[string]any{
				"Metadata":   map[string]any{"Team": "orders", "Gone": nil},
				"Conditions": map[string]any{"IsProd": map[string]any{"Fn::Equals": []any{"a", "b"}}},
			}},
		},
		CustomResources: []spec.CustomResource{{
			Name: "Seed", Handler: "./setup.Seed", MemoryMB: 256, Timeout: 2 * time.Minute,
			Properties: map[string]any{
				"Rows": json.Number("12"), "Table": ref("Table"), "Exact": json.Number("1.50"),
				"Deep": []any{map[string]any{"A": true}},
			},
			Environment: map[string]any{"A1": "1"},
			Permissions: []spec.Permission{{Allow: []string{"dynamodb:PutItem"}, On: []any{arn}}},
		}},
		Resources: map[string]any{"Table": map[string]any{
			"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain",
			"Properties": map[string]any{"KeySchema": []any{map[string]any{"AttributeName": "id", "KeyType": "HASH"}}},
		}},
		Outputs: map[string]any{
			"TableName": map[string]any{"Value": ref("Table")},
			"Region": map[string]any{
				"Value": ref("AWS::Region"), "Description": "Where",
				"Export": map[string]any{"Name": map[string]any{"Fn::Sub": "${AWS::StackName}-region"}},
			},
			"Version": map[string]any{"Value": "1.0"},
		},
	}
	if diff := cmp.Diff(want, got, ignorePositions()); diff != "" {
		t.Errorf("service (-want +got):\n%s", diff)
	}
	if !got.Functions[1].Shim() || got.Functions[0].Shim() {
		t.Error("only the function with a NodeJS runtime has the shim")
	}
}

func TestShortForms(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		`!Ref Q`:                           `{"Ref":"Q"}`,
		`!Ref "AWS::Region"`:               `{"Ref":"AWS::Region"}`,
		`!GetAtt Q.Arn`:                    `{"Fn::GetAtt":["Q","Arn"]}`,
		`!GetAtt Q.Outputs.Name`:           `{"Fn::GetAtt":["Q","Outputs.Name"]}`,
		`!GetAtt [Q, Arn]`:                 `{"Fn::GetAtt":["Q","Arn"]}`,
		`{"Fn::GetAtt": Q.Arn}`:            `{"Fn::GetAtt":["Q","Arn"]}`,
		`{"Fn::GetAtt": [Q, Arn]}`:         `{"Fn::GetAtt":["Q","Arn"]}`,
		`!Sub "${Q}-x"`:                    `{"Fn::Sub":"${Q}-x"}`,
		`!Sub 12`:                          `{"Fn::Sub":"12"}`,
		`!Sub ["${v}", {v: !Ref Q}]`:       `{"Fn::Sub":["${v}",{"v":{"Ref":"Q"}}]}`,
		`!Join [",", [a, !Sub "${Q}"]]`:    `{"Fn::Join":[",",["a",{"Fn::Sub":"${Q}"}]]}`,
		`!Select [0, !GetAZs ""]`:          `{"Fn::Select":[0,{"Fn::GetAZs":""}]}`,
		`!Select ["1", [a, b]]`:            `{"Fn::Select":["1",["a","b"]]}`,
		`!Split [",", "a,b"]`:              `{"Fn::Split":[",","a,b"]}`,
		`!FindInMap [M, !Ref Q, c]`:        `{"Fn::FindInMap":["M",{"Ref":"Q"},"c"]}`,
		`!If [C, a, !Ref AWS::NoValue]`:    `{"Fn::If":["C","a",{"Ref":"AWS::NoValue"}]}`,
		`!ImportValue other`:               `{"Fn::ImportValue":"other"}`,
		`!ImportValue {"Fn::Sub": "${Q}"}`: `{"Fn::ImportValue":{"Fn::Sub":"${Q}"}}`,
		`!Base64 text`:                     `{"Fn::Base64":"text"}`,
		`!Base64 {Ref: Q}`:                 `{"Fn::Base64":{"Ref":"Q"}}`,
		`!Cidr [10.0.0.0/16, 2, 8]`:        `{"Fn::Cidr":["10.0.0.0/16",2,8]}`,
		`!GetAZs {Ref: "AWS::Region"}`:     `{"Fn::GetAZs":{"Ref":"AWS::Region"}}`,
		`!Transform {Name: AWS::Include, Parameters: {Location: s3://b/k}}`: `{"Fn::Transform":{"Name":"AWS::Include","Parameters":{"Location":"s3://b/k"}}}`,
		`!Length [a, b]`:                      `{"Fn::Length":["a","b"]}`,
		`!ToJsonString {a: b}`:                `{"Fn::ToJsonString":{"a":"b"}}`,
		"|\n        two\n        lines":       `"two\nlines\n"`,
		"!Sub |\n        ${Q}\n":              `{"Fn::Sub":"${Q}\n"}`,
		`{Condition: {StringEquals: {a: b}}}`: `{"Condition":{"StringEquals":{"a":"b"}}}`,
	} {
		t.Run(written, func(t *testing.T) {
			t.Parallel()
			// a decorator could add what is not there, so that references are free
			s := mustParse(t, "sparta.yaml", "serviceName: orders\nresources:\n  Q: {Type: AWS::SQS::Queue}\n  R:\n    Type: AWS::SQS::Queue\n    Properties:\n      A: "+written+
				"\ndecorators:\n  - {name: d, handler: ./d.D}\n")
			got, err := json.Marshal(s.Resources["R"].(map[string]any)["Properties"].(map[string]any)["A"])
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestConditionFunctionsInPatch(t *testing.T) {
	t.Parallel()
	s := mustParse(t, "sparta.yaml", `serviceName: orders
decorators:
  - name: conditions
    patch:
      Conditions:
        A: !And [!Equals [a, b], !Not [!Condition B]]
        B: !Or [!Condition A, !Equals [c, d]]
`)
	got, err := json.Marshal(s.Decorators[0].Patch)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"Conditions":{"A":{"Fn::And":[{"Fn::Equals":["a","b"]},{"Fn::Not":[{"Condition":"B"}]}]},` +
		`"B":{"Fn::Or":[{"Condition":"A"},{"Fn::Equals":["c","d"]}]}}}`
	if string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestScalars: variables are as they are written; the same in a resource has
// the type that YAML gives it, and nothing is lost.
func TestScalars(t *testing.T) {
	t.Parallel()
	tests := []struct {
		written, variable string
		raw               any
	}{
		{`012`, "012", "012"},
		{`012345678901`, "012345678901", "012345678901"},
		{`123456789012`, "123456789012", json.Number("123456789012")},
		{`1.0`, "1.0", json.Number("1.0")},
		{`1.10`, "1.10", json.Number("1.10")},
		{`-5`, "-5", json.Number("-5")},
		{`+5`, "+5", json.Number("5")},
		{`.5`, ".5", json.Number("0.5")},
		{`5.`, "5.", json.Number("5")},
		{`1e3`, "1e3", json.Number("1000")},
		{`1e-999999999`, "1e-999999999", json.Number("0")},
		{`1e999999999`, "1e999999999", "1e999999999"},
		{`0x1F`, "0x1F", json.Number("31")},
		{`0o17`, "0o17", json.Number("15")},
		{`1_000`, "1_000", json.Number("1000")},
		{`18446744073709551616`, "18446744073709551616", json.Number("18446744073709551616")},
		{`.inf`, ".inf", ".inf"},
		{`.nan`, ".nan", ".nan"},
		{`true`, "true", true},
		{`True`, "True", true},
		{`FALSE`, "FALSE", false},
		{`yes`, "yes", "yes"},
		{`on`, "on", "on"},
		{`"yes"`, "yes", "yes"},
		{`"12"`, "12", "12"},
		{`!!str 12`, "12", "12"},
		{`2012-10-17`, "2012-10-17", "2012-10-17"},
		{`2026-01-02T03:04:05Z`, "2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"},
		{`12:30:45`, "12:30:45", "12:30:45"},
		{`"a\tb"`, "a\tb", "a\tb"},
		{`'it''s'`, "it's", "it's"},
		{`grüße`, "grüße", "grüße"},
		{`""`, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.written, func(t *testing.T) {
			t.Parallel()
			s := mustParse(t, "sparta.yaml", "serviceName: orders\nfunctions:\n  f:\n    handler: ./h.F\n    environment: {VALUE: "+tt.written+
				"}\nresources:\n  Q:\n    Type: AWS::SQS::Queue\n    Properties: {A: "+tt.written+"}\n")
			if got := s.Functions[0].Environment["VALUE"]; got != tt.variable {
				t.Errorf("variable is %#v, want %#v", got, tt.variable)
			}
			if got := s.Resources["Q"].(map[string]any)["Properties"].(map[string]any)["A"]; got != tt.raw {
				t.Errorf("property is %#v, want %#v", got, tt.raw)
			}
		})
	}
}

func TestAnchorsAndMergeKeys(t *testing.T) {
	t.Parallel()
	s := mustParse(t, "sparta.yaml", `serviceName: orders
functions:
  a: &a
    handler: &handler ./h.A
    memory: 256
    environment: &env {LEVEL: info, NAME: first}
  b:
    <<: *a
    handler: ./h.B
    environment: {<<: *env, LEVEL: debug}
  c:
    <<: [{memory: 512}, *a]
  d: *a
  e: {handler: *handler}
  f: {<<: {<<: *a, timeout: 9}, handler: ./h.F}
`)
	type brief struct {
		Handler string
		Memory  int
		Timeout time.Duration
		Level   any
	}
	got := map[string]brief{}
	for _, f := range s.Functions {
		got[f.Name] = brief{f.Handler, f.MemoryMB, f.Timeout, f.Environment["LEVEL"]}
	}
	want := map[string]brief{
		"a": {"./h.A", 256, 3 * time.Second, "info"},
		"b": {"./h.B", 256, 3 * time.Second, "debug"},
		"c": {"./h.A", 512, 3 * time.Second, "info"},
		"d": {"./h.A", 256, 3 * time.Second, "info"},
		"e": {"./h.A", 128, 3 * time.Second, nil},
		"f": {"./h.F", 256, 9 * time.Second, "info"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("functions (-want +got):\n%s", diff)
	}
	if got, want := s.Position("functions", "b", "memory").String(), "sparta.yaml:5:5"; got != want {
		t.Errorf("what comes by a merge key stands at %s, want %s: its anchor", got, want)
	}
	if got, want := s.Position("functions", "d").String(), "sparta.yaml:13:3"; got != want {
		t.Errorf("an alias stands at %s, want %s", got, want)
	}
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	const text = "serviceName: orders\nfunctions:\n  hello:\n    handler: ./h.A\n    memory: 64\n"
	const said = "functions.hello.memory: 64 is below 128 MB"
	tests := []struct {
		name, text, want string
	}{
		{"byte order mark", "\uFEFF" + text, "sparta.yaml:5:5: " + said},
		{"fault after a byte order mark", "\uFEFFservicename: orders", "sparta.yaml:1:1: servicename: unknown key"},
		{"CRLF", strings.ReplaceAll(text, "\n", "\r\n"), "sparta.yaml:5:5: " + said},
		{"CR", strings.ReplaceAll(text, "\n", "\r"), "sparta.yaml:5:5: " + said},
		{"line separator in a comment", "# a\u2028" + text, "sparta.yaml:6:5: " + said},
		{"next line", "# a\u0085" + text, "sparta.yaml:6:5: " + said},
		{"wide characters count one each", "serviceName: orders\nfunctions: {\"größe\": {handler: ./h.A}}", "sparta.yaml:2:13: functions.größe: the name must"},
		{"after wide characters", "serviceName: orders\nfunctions: {hello: {description: \"größe 世界\", handler: ./h.A, memory: 64}}", "sparta.yaml:2:62: " + said},
		{"bad byte", "serviceName: orders\ndescription: a\xffb\n", "sparta.yaml:2:15: byte 0xff is not UTF-8 text"},
		{"bad byte after wide characters", "serviceName: orders\ndescription: grü\xc3(\n", "sparta.yaml:2:17: byte 0xc3 is not UTF-8 text"},
		{"UTF-16 with a mark", "\xff\xfes\x00e\x00", "sparta.yaml:1:1: is UTF-16 text, not UTF-8"},
		{"UTF-16 without a mark", "s\x00e\x00r\x00", "sparta.yaml:1:1: is UTF-16 text, not UTF-8"},
		{"NUL", "serviceName: or\x00ders\n", "sparta.yaml:1:16: control character U+0000"},
		{"a second byte order mark", "serviceName: orders\n\uFEFFdescription: x\n", "sparta.yaml:2:1: control character U+FEFF"},
		{"too long", strings.Repeat("# comment\n", 1<<20), "sparta.yaml: is longer than 1 MB"},
		{"binary", "\x7fELF\x02\x01", "sparta.yaml:1:1: control character U+007F"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, problems := spec.Parse("sparta.yaml", []byte(tt.text), spec.Options{})
			if len(problems) == 0 || !strings.HasPrefix(problems[0].String(), tt.want) {
				t.Errorf("got %v, want %s", problems, tt.want)
			}
			for _, p := range problems {
				if strings.ContainsAny(p.Source, "\r\n") {
					t.Errorf("source line %q holds a line break", p.Source)
				}
			}
		})
	}
}

func TestReadFaults(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "service", "sparta.yaml"), []byte("serviceName: orders\n"))
	write(t, filepath.Join(dir, "large.yaml"), make([]byte, 11<<20))
	tests := []struct{ name, path, message, hint string }{
		{"no file", "none.yaml", "there is no such file", "--file"},
		{"no file in a file", "large.yaml/sparta.yaml", "", ""},
		{"directory", ".", "is a directory", "name the file"},
		{"directory with the file", "service", "is a directory", "did you mean `" + filepath.Join(dir, "service", "sparta.yaml")},
		{"too large", "large.yaml", "is longer than 1 MB", "settings, not data"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(dir, tt.path)
			s, problems := spec.Read(path, spec.Options{})
			if s != nil || len(problems) != 1 {
				t.Fatalf("got %v, %v; want no service and one problem", s, problems)
			}
			p := problems[0]
			if p.Position.File != path || p.Severity != diag.Error {
				t.Errorf("problem is at %v, want %s", p.Position, path)
			}
			if !strings.Contains(p.Message, tt.message) || !strings.Contains(p.Hint, tt.hint) || p.Message == "" {
				t.Errorf("got %q, hint %q; want %q, hint %q", p.Message, p.Hint, tt.message, tt.hint)
			}
		})
	}
}

func TestReadEndlessFile(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("no device files")
	}
	if _, problems := spec.Read("/dev/zero", spec.Options{}); len(problems) != 1 || !strings.Contains(problems[0].Message, "longer than") {
		t.Errorf("got %v, want one problem about the length", problems)
	}
}

func TestUnreadableFile(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" || os.Getuid() == 0 {
		t.Skip("permissions do not bind this user")
	}
	path := filepath.Join(t.TempDir(), "sparta.yaml")
	if err := os.WriteFile(path, nil, 0); err != nil {
		t.Fatal(err)
	}
	if _, problems := spec.Read(path, spec.Options{}); len(problems) != 1 || problems[0].Message != "permission denied" {
		t.Errorf("got %v, want permission denied", problems)
	}
}

func TestExecutableDecorator(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "tools", "tag.sh"), []byte("#!/bin/sh\n"))
	if err := os.Chmod(filepath.Join(dir, "tools", "tag.sh"), 0o755); err != nil {
		t.Fatal(err)
	}
	s := mustParse(t, filepath.Join(dir, "sparta.yaml"), "serviceName: orders\ndecorators:\n  - {name: tag, exec: [./tools/tag.sh, --fast]}\n")
	want := []string{"./tools/tag.sh", "--fast"}
	if diff := cmp.Diff(want, s.Decorators[0].Exec); diff != "" {
		t.Errorf("exec (-want +got):\n%s", diff)
	}
}

func TestPartialService(t *testing.T) {
	t.Parallel()
	s, problems := spec.Parse("sparta.yaml", []byte(`serviceName: not valid
functions:
  good: {handler: ./h.Good, memory: 1}
  bad: {handler: nothing}
  none: {}
  text: ./h.Text
customResources:
  Seed: {handler: ./s.Seed, timeout: 1h}
`), spec.Options{})
	if s == nil || len(problems.Errors()) != 6 {
		t.Fatalf("got %v and %d errors, want a service and 6 errors:\n%s", s, len(problems), render(problems))
	}
	var handlers []string
	for _, f := range s.Functions {
		handlers = append(handlers, f.Name+" "+f.Handler)
	}
	want := []string{"bad ", "good ./h.Good", "none "}
	if diff := cmp.Diff(want, handlers); diff != "" {
		t.Errorf("handlers (-want +got):\n%s", diff)
	}
	if s.Functions[1].MemoryMB != spec.DefaultMemoryMB {
		t.Errorf("memory that is refused is %d, want the default", s.Functions[1].MemoryMB)
	}
	if s.CustomResources[0].Handler != "./s.Seed" {
		t.Errorf("handler is %q", s.CustomResources[0].Handler)
	}
}

func TestRelativePathsStartAtTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "web", "dist", "index.html"), []byte("x"))
	write(t, filepath.Join(dir, "service", "sparta.yaml"), []byte("serviceName: orders\nsite: {dir: ../web/dist}\n"))
	s, problems := spec.Read(filepath.Join(dir, "service", "sparta.yaml"), spec.Options{})
	if len(problems) > 0 {
		t.Fatal(render(problems))
	}
	if want := filepath.Join(dir, "web", "dist"); s.Site.Dir != want {
		t.Errorf("site is in %s, want %s", s.Site.Dir, want)
	}
	if want := filepath.Join(dir, "service"); s.Dir != want {
		t.Errorf("service is in %s, want %s", s.Dir, want)
	}
}
