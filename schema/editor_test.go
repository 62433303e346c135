// SPDX-License-Identifier: MIT

package schema_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xeipuuv/gojsonschema"

	"github.com/sparta-up/sparta/schema"
)

// TestEditorTakesMore: what the reader of sparta.yaml takes, editors take.
func TestEditorTakesMore(t *testing.T) {
	t.Parallel()
	var root, strict map[string]any
	if err := json.Unmarshal(schema.Editor(), &root); err != nil {
		t.Fatal(err)
	}
	strict = decode(t)
	loader := gojsonschema.NewSchemaLoader()
	loader.Validate, loader.AutoDetect = true, true
	if _, err := loader.Compile(gojsonschema.NewGoLoader(root)); err != nil {
		t.Fatalf("no draft-07 schema: %v", err)
	}
	definitions := maps.Clone(root["definitions"].(map[string]any))
	delete(definitions, "overlay") // which takes long, and only environments refer to
	checked := 0
	walk(strict, "", func(place string, s map[string]any) {
		examples, _ := s["examples"].([]any)
		at := follow(t, strict, root, place)
		if len(examples) == 0 || at == nil {
			return
		}
		around := definitions
		if strings.Contains(place, "environments") {
			around = root["definitions"].(map[string]any)
		}
		compiled, err := gojsonschema.NewSchema(gojsonschema.NewGoLoader(map[string]any{
			"definitions": around, "allOf": []any{at},
		}))
		if err != nil {
			t.Fatalf("%s: %v", place, err)
		}
		for _, example := range examples {
			checked++
			result, err := compiled.Validate(gojsonschema.NewGoLoader(example))
			if err != nil || !result.Valid() {
				t.Errorf("%s: %v does not fit: %v %v", place, example, err, result.Errors())
			}
		}
	})
	if checked < 70 {
		t.Errorf("checked %d examples: does the walk see them all?", checked)
	}
}

// follow finds the place of walk in another schema. What stood behind else
// stands before it for editors. Definitions of maps are where they are used, and
// so nil.
func follow(t *testing.T, strict, s map[string]any, place string) map[string]any {
	t.Helper()
	for name := range strings.SplitSeq(strings.TrimPrefix(strings.ReplaceAll(place, "/else/", "/"), "/"), "/") {
		if name == "" {
			break
		}
		next, ok := s[name].(map[string]any)
		if definition, found := strict["definitions"].(map[string]any)[name].(map[string]any); !ok && found && definition["type"] == "object" {
			return nil
		}
		if !ok {
			t.Fatalf("editors have no %s", place)
		}
		s = next
	}
	return s
}

// TestTagsNeedSetting: the setting is what keeps tags from being underlined, so
// that what sparta init writes is needed.
func TestTagsNeedSetting(t *testing.T) {
	t.Parallel()
	s, root := startYAMLServer(t, editorSettings([]string{}))
	_, found := s.open(t, filepath.Join(root, "sparta.yaml"), modeline+"serviceName: x\noutputs: {A: !Ref B}\n")
	if len(found) != 1 || found[0].Message != "Unresolved tag: !Ref" {
		t.Errorf("got %v, want !Ref unresolved", found)
	}
}

// TestServiceBelowWorkspace: in a repository of several services an editor's
// workspace is above the directory of sparta.yaml.
func TestServiceBelowWorkspace(t *testing.T) {
	t.Parallel()
	s, root := startYAMLServer(t, editorSettings(schema.Tags()))
	service := filepath.Join(root, "services", "orders")
	if err := os.MkdirAll(filepath.Join(service, ".sparta"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(root, ".sparta", "service.schema.json"), filepath.Join(service, ".sparta", "service.schema.json")); err != nil {
		t.Fatal(err)
	}
	d, found := s.open(t, filepath.Join(service, "sparta.yaml"), modeline+"serviceName: x\nfunction: {}\n")
	if len(found) != 1 || d.covered(found[0].Range) != "function" {
		t.Errorf("got %v, want function underlined", found)
	}
}

// TestFilesWithoutMistakes: no file that Sparta takes is underlined, be it an
// example or one that the templates are made from.
func TestFilesWithoutMistakes(t *testing.T) {
	t.Parallel()
	s, root := startYAMLServer(t, editorSettings(schema.Tags()))
	count := 0
	for _, pattern := range []string{"../examples/*/sparta.yaml", "../pipeline/stage/testdata/*/sparta.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			count++
			lines := slices.DeleteFunc(strings.SplitAfter(readFile(t, file), "\n"), func(line string) bool {
				return strings.Contains(line, "yaml-language-server:") // names another schema
			})
			d, found := s.open(t, filepath.Join(root, strconv.Itoa(count)+".yaml"), modeline+strings.Join(lines, ""))
			for _, f := range found {
				t.Errorf("%s: %q: %s", file, d.covered(f.Range), f.Message)
			}
		}
	}
	if count < 25 {
		t.Errorf("looked at %d files: are they where they were?", count)
	}
}

// TestTagsForAnyValue: wherever an intrinsic function may stand, each form of
// each that gives a value is no mistake.
func TestTagsForAnyValue(t *testing.T) {
	t.Parallel()
	s, root := startYAMLServer(t, editorSettings(schema.Tags()))
	const text = `serviceName: x
functions:
  a:
    handler: ./h.H
    kmsKey: TAG
    layers: [TAG]
    vpc: {subnetIds: TAG, securityGroupIds: [TAG]}
    fileSystem: {accessPoint: TAG, path: /mnt/a}
    rollout: {type: allAtOnce, alarms: [TAG]}
    deadLetter: TAG
    destinations: {onSuccess: TAG, onFailure: TAG}
    permissions:
      - {read: TAG}
      - {write: [TAG, TAG]}
      - {allow: s3:GetObject, on: TAG, when: {StringEquals: {a: TAG}}}
    events:
      - sqs: TAG
      - sqs: {queue: TAG}
      - s3: TAG
      - sns: {topic: TAG, deadLetter: TAG}
      - kinesis: TAG
      - dynamodb: TAG
      - msk: {cluster: TAG, topic: t, auth: {scram: TAG}}
      - kafka: {servers: [TAG], topic: t, vpc: {subnetIds: [TAG], securityGroupIds: [TAG]}}
      - schedule: {rate: rate(1 day), group: TAG, deadLetter: TAG, input: {a: TAG}}
      - eventBridge: {bus: TAG, pattern: {source: [TAG]}}
      - permission: {principal: TAG, sourceArn: TAG, sourceAccount: TAG}
      - logs: TAG
      - cognito: {pool: TAG, trigger: preSignUp, kmsKey: TAG}
      - alb: {listener: TAG, priority: 1, conditions: {path: /}}
      - codecommit: TAG
      - ses: {ruleSet: TAG, storage: TAG}
api:
  authorizers:
    members: {jwt: {issuer: TAG, audience: [TAG]}}
    users: {cognito: [TAG]}
  domain: {name: api.example.com, certificate: TAG, zone: TAG}
decorators:
  - {name: alarms, use: alarms, with: {topic: TAG}}
`
	for i, tag := range []string{
		"!Ref Jobs", "!GetAtt Jobs.Arn", "!GetAtt [Jobs, Arn]", "{Fn::GetAtt: [Jobs, Arn]}", `!Sub "${Jobs.Arn}/x"`, `!Sub ["${A}", {A: x}]`,
		"!ImportValue jobs", `!ImportValue {Fn::Sub: "${A}"}`, `!If [IsProd, !GetAtt Jobs.Arn, !Ref "AWS::NoValue"]`, `!Join ["", [a, !Ref B]]`,
		`!Select [0, !Split [",", x]]`, "!FindInMap [a, b, c]",
	} {
		d, found := s.open(t, filepath.Join(root, strconv.Itoa(i)+".yaml"), modeline+strings.ReplaceAll(text, "TAG", tag))
		for _, f := range found {
			t.Errorf("%s: %q in line %d: %s", tag, d.covered(f.Range), f.Range.Start.Line, f.Message)
		}
	}
}
