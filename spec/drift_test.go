// SPDX-License-Identifier: MIT

package spec_test

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sparta-up/sparta/schema"
	"github.com/sparta-up/sparta/spec"
)

// tree is a schema or a document as plain JSON.
type tree = map[string]any

func schemaTree(t *testing.T) tree {
	t.Helper()
	var s tree
	if err := json.Unmarshal(schema.JSON, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func deref(root, s tree) tree {
	ref, ok := s["$ref"].(string)
	if !ok {
		return s
	}
	return root["definitions"].(tree)[strings.TrimPrefix(ref, "#/definitions/")].(tree)
}

// TestTypesFollowSchema walks the types and the schema together: a key of one
// that the other does not have is a drift.
func TestTypesFollowSchema(t *testing.T) {
	t.Parallel()
	root := schemaTree(t)
	compareType(t, root, "", reflect.TypeFor[spec.Service](), root)
}

func compareType(t *testing.T, root tree, place string, typ reflect.Type, s tree) {
	t.Helper()
	if other, ok := s["else"].(tree); ok {
		s = other
	}
	properties, _ := s["properties"].(tree)
	fields := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(typ) {
		if key := f.Tag.Get("key"); key != "" {
			fields[key] = f.Type
		}
	}
	for key := range properties {
		if place == "" && (key == "defaults" || key == "environments") {
			continue // goes into each function: TestDefaultsAreOfFunctions; or is merged: TestOverlay of the schema
		}
		if strings.HasSuffix(place, ".permissions") && slices.Contains(spec.Intents(), key) {
			continue // is written out as allow and on
		}
		if fields[key] == nil {
			t.Errorf("%s has %s.%s, which %s lacks", "service.schema.json", place, key, typ)
		}
	}
	for key, field := range fields {
		sub, ok := properties[key].(tree)
		if !ok {
			t.Errorf("%s has a field for %s.%s, which service.schema.json lacks", typ, place, key)
			continue
		}
		sub = deref(root, sub)
		for field.Kind() == reflect.Pointer {
			field = field.Elem()
		}
		if field.Kind() == reflect.Slice {
			field = field.Elem()
			inner, ok := sub["items"].(tree)
			if !ok {
				inner, ok = sub["additionalProperties"].(tree)
			}
			if !ok {
				t.Errorf("%s.%s: a list for a value that is none", place, key)
				continue
			}
			sub = deref(root, inner)
		}
		if field.Kind() == reflect.Struct {
			compareType(t, root, place+"."+key, field, sub)
		}
	}
}

func TestDefaultsAreOfFunctions(t *testing.T) {
	t.Parallel()
	root := schemaTree(t)
	defaults := root["properties"].(tree)["defaults"].(tree)["properties"].(tree)
	function := root["definitions"].(tree)["function"].(tree)["properties"].(tree)
	for key, s := range defaults {
		if diff := cmp.Diff(function[key], s); diff != "" {
			t.Errorf("defaults.%s differs from functions.*.%s:\n%s", key, key, diff)
		}
	}
}

// base is a service with something of everything that has names.
func base() tree {
	return tree{
		"serviceName":     "base",
		"functions":       tree{"k": tree{"handler": "./h.F"}, "other": tree{"handler": "./h.G"}, "authorize": tree{"handler": "./h.A"}, "check": tree{"handler": "./h.C"}, "web": tree{"handler": "./h.W", "timeout": 3, "events": []any{tree{"http": tree{"path": "/web"}}}}},
		"site":            tree{"dir": "./web"},
		"decorators":      []any{tree{"name": "d", "handler": "./d.D"}},
		"customResources": tree{"k": tree{"handler": "./s.C"}},
		"resources":       named(),
		"outputs":         tree{"k": tree{"value": "x"}},
	}
}

// named are the resources that the schema's examples name.
func named() tree {
	all := tree{}
	for id, kind := range map[string]string{
		"R": "AWS::SNS::Topic", "Client": "AWS::Cognito::UserPoolClient", "Subnet": "AWS::EC2::Subnet", "Jobs": "AWS::SQS::Queue", "Users": "AWS::Cognito::UserPool", "Key": "AWS::KMS::Key",
		"Listener": "AWS::ElasticLoadBalancingV2::Listener", "Code": "AWS::CodeCommit::Repository", "Log": "AWS::Logs::LogGroup",
		"Dead": "AWS::SQS::Queue", "Uploads": "AWS::S3::Bucket", "Orders": "AWS::SNS::Topic",
		"Clicks": "AWS::Kinesis::Stream", "Cluster": "AWS::MSK::Cluster", "Secret": "AWS::SecretsManager::Secret",
	} {
		all[id] = tree{"Type": kind}
	}
	all["Table"] = tree{"Type": "AWS::DynamoDB::Table", "Properties": tree{"StreamSpecification": tree{"StreamViewType": "KEYS_ONLY"}}}
	return all
}

func newSite(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"index.html", "home.html", "error.html", "web/index.html", "web/home.html", "web/error.html", "site/index.html"} {
		write(t, filepath.Join(dir, name), []byte("x"))
	}
	return dir
}

func parse(t *testing.T, dir string, document tree) (*spec.Service, string) {
	t.Helper()
	data, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	s, problems := spec.Parse(filepath.Join(dir, "sparta.yaml"), data, spec.Options{})
	return s, render(problems)
}

func ignorePositions() cmp.Option { return cmpopts.IgnoreUnexported(spec.Service{}) }

// key is a key of the schema with a place in a document.
type key struct {
	path   []string
	schema tree
	around tree // schema of the object that has the key
}

// keys lists every key that a document can have.
func keys(root tree) []key {
	var all []key
	var walk func(path []string, s tree)
	walk = func(path []string, s tree) {
		s = deref(root, s)
		object := s
		if other, ok := s["else"].(tree); ok {
			object = other
		}
		properties, _ := object["properties"].(tree)
		for _, name := range slices.Sorted(maps.Keys(properties)) {
			sub := deref(root, properties[name].(tree))
			inner := append(slices.Clone(path), name)
			all = append(all, key{inner, sub, object})
			walk(inner, sub)
		}
		if sub, ok := s["additionalProperties"].(tree); ok {
			name := "k"
			switch path[0] {
			case "environments":
				return // has the same keys: TestOverlay of the schema
			case "resources":
				name = "R"
			}
			walk(append(slices.Clone(path), name), sub)
		}
		if sub, ok := s["items"].(tree); ok {
			walk(append(slices.Clone(path), "0"), sub)
		}
	}
	walk(nil, root)
	return all
}

// set puts a value into a document, with the containers around it and what
// these require.
func set(root, document tree, path []string, value any) {
	var container any = document
	s := root
	for i, name := range path {
		last := i == len(path)-1
		if list, ok := container.([]any); ok {
			s = deref(root, s["items"].(tree))
			container = list[0]
			continue
		}
		object := container.(tree)
		s = inner(root, s, name)
		if last {
			object[name] = clone(value)
			return
		}
		if object[name] == nil || !isContainer(object[name]) {
			object[name] = minimal(root, s)
		}
		container = object[name]
	}
}

func inner(root, s tree, name string) tree {
	if other, ok := s["else"].(tree); ok {
		s = other
	}
	properties, _ := s["properties"].(tree)
	if sub, ok := properties[name].(tree); ok {
		return deref(root, sub)
	}
	return deref(root, s["additionalProperties"].(tree))
}

// minimal is a container with no more than the schema requires.
func minimal(root, s tree) any {
	if items, ok := s["items"].(tree); ok {
		return []any{minimal(root, deref(root, items))}
	}
	if other, ok := s["else"].(tree); ok {
		s = other
	}
	object := tree{}
	required, _ := s["required"].([]any)
	for _, name := range required {
		sub := deref(root, s["properties"].(tree)[name.(string)].(tree))
		object[name.(string)] = clone(sub["examples"].([]any)[0])
	}
	return object
}

// clone is a value that may be changed.
func clone(v any) any {
	switch v := v.(type) {
	case tree:
		copied := tree{}
		for key, value := range v {
			copied[key] = clone(value)
		}
		return copied
	case []any:
		copied := make([]any, len(v))
		for i, value := range v {
			copied[i] = clone(value)
		}
		return copied
	}
	return v
}

// prepare makes room for a value that excludes or needs another.
func prepare(document tree, path []string, value any) {
	prepareAPI(document, path)
	switch name := path[len(path)-1]; {
	case path[0] == "decorators" && (name == "exec" || name == "patch" || name == "use"):
		delete(document["decorators"].([]any)[0].(tree), "handler")
	case len(path) > 2 && path[0] == "decorators" && path[2] == "with":
		delete(document["decorators"].([]any)[0].(tree), "handler")
		document["decorators"].([]any)[0].(tree)["use"] = "alarms"
	case name == "credentials":
		around := document["api"]
		if path[0] == "functions" {
			around = document["functions"].(tree)["k"].(tree)["url"]
		}
		around.(tree)["cors"].(tree)["origins"] = []any{"https://example.com"}
	case len(path) >= 6 && path[2] == "events":
		prepareEvent(document["functions"].(tree)["k"].(tree)["events"].([]any)[0].(tree)[path[4]].(tree), path[4], path[5])
	case len(path) == 5 && path[2] == "permissions" && (name == "allow" || name == "on" || name == "when"):
		one := document[path[0]].(tree)["k"].(tree)["permissions"].([]any)[0].(tree)
		for key, value := range (tree{"allow": "sns:Publish", "on": "*"}) {
			if _, given := one[key]; !given && len(one) > 0 {
				one[key] = value
			}
		}
	case len(path) > 2 && path[2] == "fileSystem":
		document["functions"].(tree)["k"].(tree)["vpc"] = tree{"subnetIds": []any{"subnet-1"}, "securityGroupIds": []any{"sg-1"}}
	case (name == "level" || name == "systemLevel") && path[0] == "functions":
		document["functions"].(tree)["k"].(tree)["logs"].(tree)["format"] = "json"
	case name == "level" || name == "systemLevel":
		document["defaults"].(tree)["logs"].(tree)["format"] = "json"
	case value == "stream":
		document["functions"].(tree)["k"].(tree)["runtime"] = "provided.al2023"
	}
}

// prepareAPI makes an API of the type that a key is for, with routes that use
// what it has.
func prepareAPI(document tree, path []string) {
	name := path[len(path)-1]
	web := document["functions"].(tree)["web"].(tree)["events"].([]any)[0].(tree)["http"].(tree)
	if path[0] == "functions" && slices.Contains([]string{"scopes", "apiKey"}, name) {
		document["api"] = tree{}
		web = document["functions"].(tree)["k"].(tree)["events"].([]any)[0].(tree)["http"].(tree)
	}
	if path[0] == "api" && document["api"] == nil {
		document["api"] = tree{}
	}
	a, ok := document["api"].(tree)
	if !ok {
		return
	}
	switch {
	case name == "scopes":
		a["authorizers"] = tree{"k": tree{"jwt": tree{"issuer": "https://example.com", "audience": []any{"x"}}}}
		web["authorizer"] = "k"
	case len(path) > 1 && path[1] == "authorizers":
		web["authorizer"] = "k"
		if len(path) == 2 {
			web["authorizer"] = "members" // as the example names it
		}
		if name == "cognito" {
			a["type"] = "rest"
		}
		all, _ := a["authorizers"].(tree)
		if k, ok := all["k"].(tree); ok && k["jwt"] == nil && name != "function" && name != "cognito" {
			k["function"] = "k"
		}
	case slices.Contains([]string{"endpoint", "apiKeys", "usagePlans", "binaryMediaTypes", "account", "apiKey"}, name) || slices.Contains(path, "usagePlans"):
		a["type"] = "rest"
		if slices.Contains(path, "usagePlans") || name == "apiKey" {
			a["apiKeys"] = []any{"partner"}
		}
	}
}

// prepareEvent makes room for a key of a source of events.
func prepareEvent(source tree, kind, name string) {
	switch {
	case name == "startingAt":
		source["startingPosition"] = "timestamp"
	case name == "raw":
		source["queue"] = "Jobs"
	case name == "filterScope":
		source["filter"] = tree{"kind": []any{"order"}}
	case slices.Contains([]string{"msk", "kafka"}, kind) && slices.Contains([]string{"bisect", "retries", "maxAge", "partialFailures"}, name):
		source["pollers"] = tree{"min": 1}
	case name == "sourceArn" || name == "sourceAccount":
		source["principal"] = "config.amazonaws.com"
	case name == "orgId":
		source["principal"] = "*"
	case kind == "ses" && name == "after":
		source["ruleSet"] = "inbound"
	case kind == "cognito" && name == "version":
		source["trigger"] = "preTokenGeneration"
	case kind == "cognito" && name == "kmsKey":
		source["trigger"] = "customSmsSender"
	case name == "inputTransformer":
		t := source["inputTransformer"].(tree)
		if paths, _ := t["paths"].(tree); paths["id"] != nil {
			t["template"] = `"<id>"`
		}
	}
	if kind == "kafka" && name != "auth" && name != "vpc" {
		source["ca"] = "Secret"
	}
}

// TestEveryKeyHasEffect gives each key each of its examples: none is a fault,
// and each changes the Service.
func TestEveryKeyHasEffect(t *testing.T) {
	t.Parallel()
	dir := newSite(t)
	root := schemaTree(t)
	for _, k := range keys(root) {
		t.Run(strings.Join(k.path, "."), func(t *testing.T) {
			t.Parallel()
			for _, example := range k.schema["examples"].([]any) {
				without, with := base(), base()
				for _, d := range []tree{without, with} {
					if !isContainer(example) || len(k.path) > 2 {
						set(root, d, k.path, example)
					}
					prepare(d, k.path, example)
				}
				remove(without, k.path)
				set(root, with, k.path, example)
				before, _ := parse(t, dir, without)
				after, said := parse(t, dir, with)
				if said != "" {
					t.Fatalf("example %v: %s", example, said)
				}
				if cmp.Equal(before, after, ignorePositions()) {
					t.Errorf("example %v changes nothing", example)
				}
			}
		})
	}
}

func isContainer(v any) bool {
	switch v.(type) {
	case tree, []any:
		return true
	}
	return false
}

// remove takes a key out of a document.
func remove(document tree, path []string) {
	var container any = document
	for i, name := range path {
		if list, ok := container.([]any); ok {
			container = list[0]
			continue
		}
		object, ok := container.(tree)
		if !ok {
			return
		}
		if i == len(path)-1 {
			delete(object, name)
			return
		}
		container = object[name]
	}
}

// TestDefaults: a key left out is the same as its default in the schema.
func TestDefaults(t *testing.T) {
	t.Parallel()
	dir := newSite(t)
	root := schemaTree(t)
	count := 0
	for _, k := range keys(root) {
		value, ok := k.schema["default"]
		if !ok {
			continue
		}
		count++
		without, with := base(), base()
		set(root, without, k.path, value)
		prepare(without, k.path, value)
		remove(without, k.path)
		set(root, with, k.path, value)
		prepare(with, k.path, value)
		left, saidLeft := parse(t, dir, without)
		given, said := parse(t, dir, with)
		if said+saidLeft != "" {
			t.Errorf("%v: %s%s", k.path, saidLeft, said)
		}
		if diff := cmp.Diff(left, given, ignorePositions()); diff != "" {
			t.Errorf("%v: default %v (-left out +given):\n%s", k.path, value, diff)
		}
	}
	if count < 20 {
		t.Errorf("checked %d defaults: does the walk see them all?", count)
	}
}

// TestRequired: what the schema requires is missed, by name.
func TestRequired(t *testing.T) {
	t.Parallel()
	dir := newSite(t)
	root := schemaTree(t)
	count := 0
	for _, k := range keys(root) {
		required, _ := k.around["required"].([]any)
		name := k.path[len(k.path)-1]
		if !slices.Contains(required, any(name)) {
			continue
		}
		count++
		document := base()
		set(root, document, k.path, k.schema["examples"].([]any)[0])
		prepare(document, k.path, k.schema["examples"].([]any)[0])
		if _, said := parse(t, dir, document); said != "" {
			t.Errorf("%v given: %s", k.path, said)
		}
		remove(document, k.path)
		_, said := parse(t, dir, document)
		if !strings.Contains(said, "`"+name+"` is missing") && !strings.Contains(said, "empty map") {
			t.Errorf("%v left out: got %q", k.path, said)
		}
	}
	if count < 10 {
		t.Errorf("checked %d keys: does the walk see them all?", count)
	}
}
