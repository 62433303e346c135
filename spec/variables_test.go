// SPDX-License-Identifier: MIT

package spec_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/spec"
)

// resolvedJSON reads a value of a function's environment, or of its raw resource
// R, as JSON; or what is said.
func resolvedJSON(t *testing.T, dir, place, written string, options spec.Options) string {
	t.Helper()
	text := "serviceName: orders\nfunctions:\n  hello:\n    handler: ./h.Hello\n"
	if place == "environment" {
		text += "    environment:\n      VALUE: " + written + "\n"
	}
	text += "resources:\n  Table: {Type: AWS::DynamoDB::Table}\n  region: {Type: AWS::SNS::Topic}\n"
	if place == "resource" {
		text += "  R:\n    Type: AWS::SNS::Topic\n    Properties:\n      Value: " + written + "\n"
	}
	s, problems := spec.Parse(filepath.Join(dir, "sparta.yaml"), []byte(text), options)
	if len(problems) > 0 {
		return render(problems)
	}
	value := s.Functions[0].Environment["VALUE"]
	if place == "resource" {
		value = s.Resources["R"].(map[string]any)["Properties"].(map[string]any)["Value"]
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(b.String())
}

func TestVariables(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "text.txt"), []byte("\n  some text \n"))
	write(t, filepath.Join(dir, "bom.txt"), []byte("\uFEFFtext"))
	write(t, filepath.Join(dir, "deep.yaml"), []byte("a: &a {b: {c: 012, d: yes}}\ne: *a\n"))
	write(t, filepath.Join(dir, "deep.json"), []byte(`{"a": {"b": "${region}"}}`))
	options := parseOptions("-e dev\nLEVEL=debug\nEMPTY=\nTRICKY=${region}-$${x}\nSIZE=256\n")
	const sm = "{{resolve:secretsmanager:"
	tests := []struct{ place, written, want string }{
		{"environment", `${environment}`, `"dev"`},
		{"environment", `a ${environment} b ${environment}`, `"a dev b dev"`},
		{"environment", `${env:LEVEL}`, `"debug"`},
		{"environment", `"${ env: LEVEL }"`, `"debug"`},
		{"environment", `${env:EMPTY, x}`, `""`},
		{"environment", `${env:NONE, x y}`, `"x y"`},
		{"environment", `${env:NONE,}`, `""`},
		{"environment", `${env:NONE, a, b}`, `"a, b"`},
		{"environment", `${env:TRICKY}`, `"${region}-$${x}"`}, // values are not resolved again
		{"environment", `${env:SIZE}`, `"256"`},
		{"environment", `"${env:SIZE}"`, `"256"`},
		{"environment", `${file:./text.txt}`, `"some text"`},
		{"environment", `${file:text.txt}!`, `"some text!"`},
		{"environment", `${file:./bom.txt}`, `"text"`},
		{"environment", `${file:./deep.yaml:e.b.c}`, `"012"`},
		{"environment", `${file:./deep.json:a.b}`, `"${region}"`},
		{"environment", `$${environment}`, `"${environment}"`},
		{"environment", `$$ and $ {x} and $`, `"$$ and $ {x} and $"`},
		{"environment", `${ssm:/orders/level}`, `"{{resolve:ssm:/orders/level}}"`},
		{"environment", `${ssm:level:3}`, `"{{resolve:ssm:level:3}}"`},
		{"environment", `x-${secret:orders/db}`, `"x-` + sm + `orders/db:SecretString}}"`},
		{"environment", `${secret:orders/db:password}`, `"` + sm + `orders/db:SecretString:password}}"`},
		{"environment", `${secret:arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf:password}`, `"` + sm + `arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf:SecretString:password}}"`},
		{"environment", `${region}`, `{"Ref":"AWS::Region"}`},
		{"environment", `${account}`, `{"Ref":"AWS::AccountId"}`},
		{"environment", `x-${region}-${environment}`, `{"Fn::Sub":"x-${AWS::Region}-dev"}`},
		{"environment", `${account} $${Table} ${env:TRICKY}`, `{"Fn::Sub":"${AWS::AccountId} ${!Table} ${!region}-$${!x}"}`},
		{"environment", `!Sub "${Table}-${environment}"`, `{"Fn::Sub":"${Table}-dev"}`},
		{"environment", `!Sub "${account}-${AWS::Region}-${!environment}"`, `{"Fn::Sub":"${AWS::AccountId}-${AWS::Region}-${!environment}"}`},
		{"environment", `!Sub "${region}"`, `{"Fn::Sub":"${region}"}`}, // there is such a resource
		{"environment", `!Sub ["${account}", {account: x}]`, `{"Fn::Sub":["${account}",{"account":"x"}]}`},
		{"environment", `!Sub ["${a}", {a: "${environment}"}]`, `{"Fn::Sub":["${a}",{"a":"dev"}]}`},
		{"environment", `!Sub "${env:TRICKY}"`, `{"Fn::Sub":"${!region}-$${!x}"}`},
		{"environment", `!Sub "${ssm:/a}"`, `{"Fn::Sub":"{{resolve:ssm:/a}}"}`},
		{"environment", `!Join ["", [a, "${environment}"]]`, `{"Fn::Join":["",["a","dev"]]}`},
		{"resource", `${env:SIZE}`, `256`}, // as if it were written there
		{"resource", `"${env:SIZE}"`, `"256"`},
		{"resource", `${env:NONE, true}`, `true`},
		{"resource", `${env:NONE, 007}`, `"007"`},
		{"resource", `${env:NONE, null}`, `"null"`},
		{"resource", `a/${aws:username}`, `"a/${aws:username}"`}, // a variable of IAM
		{"resource", `${account}/${aws:username}`, `{"Fn::Sub":"${AWS::AccountId}/${!aws:username}"}`},
		{"resource", `echo ${HOME} ${Region} ${1}`, `"echo ${HOME} ${Region} ${1}"`},
		{"resource", `open ${`, `"open ${"`},
		{"resource", `{deep: ["${region}"]}`, `{"deep":[{"Ref":"AWS::Region"}]}`},
	}
	for _, tt := range tests {
		t.Run(tt.place+" "+tt.written, func(t *testing.T) {
			t.Parallel()
			if got := resolvedJSON(t, dir, tt.place, tt.written, options); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestVariablesHaveKinds: a value that is a variable alone is read as if it were
// written in the file.
func TestVariablesHaveKinds(t *testing.T) {
	t.Parallel()
	options := parseOptions("MEMORY=512\nTIMEOUT=1m\nDAYS=30\nPUBLIC=true\nACCOUNT=012345678901\n-e prod\n")
	s, problems := spec.Parse("sparta.yaml", []byte(`serviceName: orders-${environment}
functions:
  hello:
    handler: ./h.Hello
    memory: ${env:MEMORY}
    timeout: ${env:TIMEOUT}
    logs:
      retention: ${env:DAYS, 7}
    url: ${env:PUBLIC}
environments: {prod: {functions: {hello: {logs: null}}}}
accounts: {prod: "${env:ACCOUNT}"}
`), options)
	if len(problems) > 0 {
		t.Fatal(render(problems))
	}
	f := s.Functions[0]
	if s.Name != "orders-prod" || f.MemoryMB != 512 || f.Timeout.Minutes() != 1 || f.Logs.RetentionDays != 14 || f.URL == nil {
		t.Errorf("got %q and %+v", s.Name, f)
	}
	if diff := cmp.Diff([]string{"012345678901"}, s.Accounts); diff != "" {
		t.Errorf("accounts (-want +got):\n%s", diff)
	}
}

// TestValuesFromOutsideAreNotShown: no message has a value of the environment or
// of a file, whatever is wrong with it.
func TestValuesFromOutsideAreNotShown(t *testing.T) {
	t.Parallel()
	const word = "Tr0ub4dor" // which a language may take for a word of its own
	const secret = word + "-and-3-Horses"
	dir := t.TempDir()
	write(t, filepath.Join(dir, "key.txt"), []byte(secret))
	options := parseOptions("KEY=" + secret + "\n")
	for _, variable := range []string{"${env:KEY}", "${file:./key.txt}", "x${env:KEY}"} {
		for _, line := range []string{
			"serviceName: \"V\"", "description: \"V\"\nfunctions: {a: {handler: \"V\"}}",
			"functions: {a: {handler: ./h.A, memory: \"V\"}}", "functions: {a: {handler: ./h.A, timeout: \"V\"}}",
			"functions: {a: {handler: ./h.A, runtime: \"V\"}}", "functions: {a: {handler: ./h.A, architecture: \"V\"}}",
			"functions: {a: {handler: ./h.A, role: \"V !\"}}", "functions: {a: {handler: ./h.A, url: \"V\"}}",
			"functions: {a: {handler: ./h.A, url: {auth: \"V\"}}}", "functions: {a: {handler: ./h.A, url: {cors: {origins: [\"V\"]}}}}",
			"functions: {a: {handler: ./h.A, permissions: [{allow: \"V\", on: \"V\"}]}}", "functions: {a: {handler: ./h.A, tags: {x: \"V;\"}}}",
			"functions: {a: {handler: ./h.A, logs: {retention: \"V\"}}}", "site: {dir: \"V\"}", "site: {dir: ., index: \"V\", error: \"../V\"}",
			"site: {dir: ., cache: [{glob: \"V[\", cacheControl: \"V\"}]}", "decorators: [{name: \"V\", exec: [\"./V\"]}]",
			"resources: {\"R\": {Type: \"V\", DependsOn: \"V\"}}", "resources: {R: {Type: \"A::B\", Condition: \"V\", Properties: {A: !Ref \"V\"}}}",
			"resources: {R: {Type: \"A::B\", Properties: {A: !Sub \"${V\", B: !GetAtt \"V\", C: !If [\"V\", a, b]}}}",
			"accounts: {dev: \"V\"}", "outputs: {O: !Ref \"V\"}",
			"functions: {a: {handler: ./h.A, events: [iot: \"SELECT a V\"]}}", "functions: {a: {handler: ./h.A, events: [iot: \"SELECT V(a) AS b\"]}}",
		} {
			text := strings.ReplaceAll(line, "V", variable)
			if !strings.HasPrefix(line, "serviceName") {
				text = "serviceName: orders\n" + text
			}
			_, problems := spec.Parse(filepath.Join(dir, "sparta.yaml"), []byte(text+"\n"), options)
			for _, p := range problems {
				if strings.Contains(p.Message+p.Hint+p.Source, word) {
					t.Errorf("%s: %s, hint %s", text, p, p.Hint)
				}
			}
		}
	}
}

// TestOverlay: maps merge, null takes away, all else replaces.
func TestOverlay(t *testing.T) {
	t.Parallel()
	const text = `serviceName: orders
defaults: {memory: 256, environment: {LEVEL: info, HOME_OF: "${environment}"}}
functions:
  a: {handler: ./h.A, permissions: [{allow: s3:GetObject, on: "*"}], url: {auth: iam}}
  b: {handler: ./h.B}
resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties: {BillingMode: PAY_PER_REQUEST, Name: !Sub "x${AWS::Region}"}
environments:
  dev:
  prod:
    serviceName: orders-live
    defaults: {memory: 1024, environment: {LEVEL: warn}}
    functions:
      a: {permissions: null, role: live, url: null}
      c: {handler: ./h.C, environment: {LEVEL: null}}
    resources:
      Table: {Properties: {BillingMode: null, Name: !Ref AWS::StackName, Tags: [x]}}
accounts: {prod: [123456789012, "210987654321"]}
`
	read := func(environment string) *spec.Service {
		s, problems := spec.Parse("sparta.yaml", []byte(text), spec.Options{Environment: environment})
		if environment == "prod" {
			if got := render(problems); strings.Count(got, "\n") > 4 || !strings.Contains(got, "environments.prod.functions.c.environment.LEVEL: has no value") {
				t.Errorf("null in what the overlay adds: %s", got)
			}
		}
		return s
	}
	dev, prod := read(""), read("prod")
	if dev.Environment != "dev" || prod.Environment != "prod" || dev.Name != "orders" || prod.Name != "orders-live" {
		t.Errorf("environments %s, %s of %s, %s", dev.Environment, prod.Environment, dev.Name, prod.Name)
	}
	if dev.Accounts != nil || !slices.Equal(prod.Accounts, []string{"123456789012", "210987654321"}) {
		t.Errorf("accounts %v, %v", dev.Accounts, prod.Accounts)
	}
	if len(dev.Functions) != 2 || len(prod.Functions) != 3 {
		t.Fatalf("%d and %d functions", len(dev.Functions), len(prod.Functions))
	}
	a := prod.Functions[0]
	want := map[string]any{"LEVEL": "warn", "HOME_OF": "prod"}
	if diff := cmp.Diff(want, a.Environment); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	if a.Role != "live" || a.Permissions != nil || a.URL != nil || a.MemoryMB != 1024 {
		t.Errorf("got %+v", a)
	}
	if f := dev.Functions[0]; f.Role != nil || len(f.Permissions) != 1 || f.URL == nil || f.MemoryMB != 256 {
		t.Errorf("got %+v", f)
	}
	properties := prod.Resources["Table"].(map[string]any)["Properties"]
	wantProperties := map[string]any{"Name": map[string]any{"Ref": "AWS::StackName"}, "Tags": []any{"x"}}
	if diff := cmp.Diff(any(wantProperties), properties); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
	if got := prod.Position("functions", "a", "role").Line; got != 16 {
		t.Errorf("the role stands in line %d, want that of the overlay", got)
	}
	if got := prod.Position("functions", "b", "handler").Line; got != 5 {
		t.Errorf("the handler stands in line %d", got)
	}
}
