// SPDX-License-Identifier: MIT

package cfn_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/internal/diag"
)

// role has a list inside of a list, which several decorators add to.
func role() *cfn.Resource {
	return &cfn.Resource{Type: "AWS::IAM::Role", Properties: map[string]any{"Policies": []any{map[string]any{
		"PolicyName": "own", "PolicyDocument": map[string]any{"Statement": []any{map[string]any{"Action": "logs:PutLogEvents"}}},
	}}}}
}

func service(t *testing.T) cfn.Document {
	t.Helper()
	d := cfn.Document{}
	err := errors.Join(
		d.Add("HelloRole", role(), yamlOrigin("functions.hello", 5)),
		d.Add("HelloFunction", &cfn.Resource{Type: "AWS::Lambda::Function", Properties: map[string]any{
			"MemorySize": 128, "Role": cfn.GetAtt("HelloRole", "Arn"), "Layers": []any{"a", "b", "c"},
		}}, yamlOrigin("functions.hello", 5)),
		d.Add("Table", &cfn.Resource{Type: "AWS::DynamoDB::Table", Properties: map[string]any{"BillingMode": "PROVISIONED"}}, yamlOrigin("resources.Table", 40)),
		d.AddOutput("Url", &cfn.Output{Value: "x"}, yamlOrigin("outputs.Url", 60)),
	)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func decorator(name string) cfn.Origin { return cfn.Origin{By: fmt.Sprintf("decorator %q", name)} }

// edit is a decorator as a function on the template.
type edit func(t *cfn.Template)

func statements(t *cfn.Template) *[]any {
	policy := t.Resources["HelloRole"].Properties["Policies"].([]any)[0].(map[string]any)
	document := policy["PolicyDocument"].(map[string]any)
	list := document["Statement"].([]any)
	document["Statement"] = list
	return &list
}

func setStatements(t *cfn.Template, list ...any) {
	policy := t.Resources["HelloRole"].Properties["Policies"].([]any)[0].(map[string]any)
	policy["PolicyDocument"].(map[string]any)["Statement"] = list
}

func allow(action string) edit {
	return func(t *cfn.Template) { setStatements(t, append(*statements(t), map[string]any{"Action": action})...) }
}

func allowFirst(action string) edit {
	return func(t *cfn.Template) {
		setStatements(t, append([]any{map[string]any{"Action": action}}, *statements(t)...)...)
	}
}

func set(id, key string, v any) edit {
	return func(t *cfn.Template) { t.Resources[id].Properties[key] = v }
}

func remove(id string) edit { return func(t *cfn.Template) { delete(t.Resources, id) } }

func add(id, typ string) edit {
	return func(t *cfn.Template) {
		t.Resources[id] = &cfn.Resource{Type: typ, Properties: map[string]any{"Name": "n"}}
	}
}

func TestApply(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		edits []edit // of decorators one, two, three
		want  string // of the last one's error; empty: none
	}{
		{"nothing", []edit{func(*cfn.Template) {}}, ""},
		{"add", []edit{add("Topic", "AWS::SNS::Topic")}, ""},
		{"change what sparta.yaml made", []edit{set("Table", "BillingMode", "PAY_PER_REQUEST")}, ""},
		{"same value twice", []edit{set("Table", "BillingMode", "PAY_PER_REQUEST"), set("Table", "BillingMode", "PAY_PER_REQUEST")}, ""},
		{"different properties", []edit{set("Table", "A", 1), set("Table", "B", 1), set("Table", "BillingMode", "x")}, ""},
		{"add to another's resource", []edit{add("Topic", "AWS::SNS::Topic"), set("Topic", "Other", 1)}, ""},
		{"append to one list", []edit{allow("a"), allow("b"), allow("c")}, ""},
		{"prepend to one list", []edit{allowFirst("a"), allowFirst("b"), allow("c")}, ""},
		{"remove an element and append", []edit{set("HelloFunction", "Layers", []any{"a", "c"}), set("HelloFunction", "Layers", []any{"a", "c", "d"})}, ""},
		{"number in another spelling", []edit{set("HelloFunction", "MemorySize", 512), set("HelloFunction", "MemorySize", json.Number("512.0"))}, ""},
		{"resource id twice with another type", []edit{add("Topic", "AWS::SNS::Topic"), add("Topic", "AWS::SQS::Queue")},
			`resource "Topic" (AWS::SNS::Topic, then AWS::SQS::Queue) is made by both decorator "one" and decorator "two"`},
		{"type of sparta.yaml's resource", []edit{add("Table", "AWS::S3::Bucket")},
			`resource "Table" (AWS::DynamoDB::Table, then AWS::S3::Bucket) is made by both resources.Table (sparta.yaml:40:3) and decorator "one"`},
		{"one value, two decorators", []edit{set("Table", "BillingMode", "A"), set("Table", "BillingMode", "B")},
			`Resources.Table.Properties.BillingMode is written by both decorator "one" and decorator "two"`},
		{"value of another's resource", []edit{add("Topic", "AWS::SNS::Topic"), set("Topic", "Name", "m")},
			`Resources.Topic.Properties.Name is written by both decorator "one" and decorator "two"`},
		{"remove another's resource", []edit{add("Topic", "AWS::SNS::Topic"), remove("Topic")},
			`Resources.Topic is written by both decorator "one" and decorator "two"`},
		{"remove a resource with another's value", []edit{set("Table", "A", 1), remove("Table")},
			`Resources.Table is written by both decorator "one" and decorator "two"`},
		{"add again what another removed", []edit{remove("Table"), add("Table", "AWS::DynamoDB::Table")},
			`Resources.Table is written by both decorator "one" and decorator "two"`},
		{"change another's list element", []edit{allow("a"), func(t *cfn.Template) {
			(*statements(t))[1].(map[string]any)["Action"] = "b"
		}}, `Resources.HelloRole.Properties.Policies.0.PolicyDocument.Statement.1.Action is written by both decorator "one" and decorator "two"`},
		{"drop another's list element", []edit{allowFirst("a"), func(t *cfn.Template) { setStatements(t, (*statements(t))[1]) }},
			`Resources.HelloRole.Properties.Policies.0.PolicyDocument.Statement.0 is written by both decorator "one" and decorator "two"`},
		{"third against first", []edit{set("Table", "BillingMode", "A"), set("Table", "C", "x"), set("Table", "BillingMode", "B")},
			`Resources.Table.Properties.BillingMode is written by both decorator "one" and decorator "three"`},
		{"replace an object by text", []edit{set("Table", "Tags", map[string]any{"a": 1}), set("Table", "Tags", "x")},
			`Resources.Table.Properties.Tags is written by both decorator "one" and decorator "two"`},
		{"intrinsics are whole values", []edit{set("Table", "BillingMode", cfn.Ref("HelloRole")), set("Table", "BillingMode", cfn.Sub("x"))},
			`Resources.Table.Properties.BillingMode is written by both decorator "one" and decorator "two"`},
		{"output", []edit{func(t *cfn.Template) { t.Outputs["Url"].Value = "y" }, func(t *cfn.Template) { t.Outputs["Url"].Value = "z" }},
			`Outputs.Url.Value is written by both decorator "one" and decorator "two"`},
		{"removed what is referred to", []edit{remove("HelloRole")},
			`decorator "one": sparta.yaml:5:3: Resources.HelloFunction.Properties.Role.Fn::GetAtt: resource "HelloRole": not in the template [SP0409]`},
		{"bad name", []edit{add("my-topic", "AWS::SNS::Topic")},
			`decorator "one": Resources.my-topic: logical id "my-topic": only 1 to 255 letters and digits are allowed (written by decorator "one") [SP0409]`},
		{"what JSON cannot say", []edit{set("Table", "X", func() {})}, `decorator "one": Resources: Table: Properties: X: func() is no JSON value: json: unsupported type: func()`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := service(t)
			var err error
			for i, change := range test.edits {
				if err != nil {
					t.Fatalf("decorator %d: %v", i, err)
				}
				before := string(d.Template.JSON())
				edited := d.Template.Clone()
				change(edited)
				var next cfn.Document
				next, err = cfn.Apply(d, decorator([]string{"one", "two", "three"}[i]), edited)
				if after := string(d.Template.JSON()); after != before {
					t.Errorf("the document given has changed: %s", after)
				}
				if err == nil {
					if diff := cmp.Diff(string(edited.JSON()), string(next.Template.JSON())); diff != "" {
						t.Errorf("template (-edited +got):\n%s", diff)
					}
					d = next
				}
			}
			if got := fmt.Sprint(err); got != test.want && (test.want != "" || err != nil) {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if clash, ok := errors.AsType[*cfn.ClashError](err); ok && clash.Hint() == "" {
				t.Error("no hint")
			}
		})
	}
}

// A reference that is open before a decorator is no fault of the decorator:
// a later one may add what it names.
func TestApplyToADocumentWithProblems(t *testing.T) {
	t.Parallel()
	d := service(t)
	d.Template.Resources["Table"].Properties["Topic"] = cfn.Ref("Topic")
	edited := d.Template.Clone()
	edited.Resources["Table"].Properties["A"] = 1
	d, err := cfn.Apply(d, decorator("one"), edited)
	if err != nil || len(d.Check()) != 1 {
		t.Fatalf("got %v, problems %v", err, d.Check())
	}
	edited = d.Template.Clone()
	add("Topic", "AWS::SNS::Topic")(edited)
	if d, err = cfn.Apply(d, decorator("two"), edited); err != nil || len(d.Check()) != 0 {
		t.Errorf("got %v, problems %v", err, d.Check())
	}
}

func TestApplyKeepsOrigins(t *testing.T) {
	t.Parallel()
	d := service(t)
	edited := d.Template.Clone()
	add("Topic", "AWS::SNS::Topic")(edited)
	set("HelloFunction", "MemorySize", 512)(edited)
	allowFirst("x")(edited)
	remove("Table")(edited)
	edited.Conditions = map[string]any{"C": cfn.Equals("a", "b")}
	d, err := cfn.Apply(d, decorator("one"), edited)
	if err != nil {
		t.Fatal(err)
	}
	hello, one := yamlOrigin("functions.hello", 5), decorator("one")
	tests := []struct {
		path string
		want cfn.Origin
	}{
		{"Resources.Topic", one}, {"Resources.Topic.Properties.Name", one},
		{"Resources.HelloFunction", hello}, {"Resources.HelloFunction.Properties.Role", hello},
		{"Resources.HelloFunction.Properties.MemorySize", one},
		{"Resources.HelloRole.Properties.Policies.0.PolicyDocument.Statement.0.Action", one},
		{"Resources.HelloRole.Properties.Policies.0.PolicyDocument.Statement.1.Action", hello},
		{"Outputs.Url.Value", yamlOrigin("outputs.Url", 60)}, {"Conditions.C", one},
	}
	for _, test := range tests {
		if got, ok := d.Writer(strings.Split(test.path, ".")...); !ok || got != test.want {
			t.Errorf("%s: got %v, want %v", test.path, got, test.want)
		}
	}
	if o, ok := d.Origin("Topic"); !ok || o != one {
		t.Errorf("origin of Topic: got %v", o)
	}
	if _, ok := d.Origin("Table"); ok {
		t.Error("Table still has an origin")
	}
}

// Whatever two decorators do to lists, adding never clashes, and the writer of
// each element is the one who added it.
func TestApplyToListsAtRandom(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		d := cfn.Document{}
		owner := map[string]string{}
		var items []any
		for i := range random.IntN(6) {
			items = append(items, fmt.Sprint("own", i))
		}
		if err := d.Add("T", &cfn.Resource{Type: "A::B::C", Properties: map[string]any{"L": items}}, yamlOrigin("resources.T", 1)); err != nil {
			t.Fatal(err)
		}
		for round, name := range []string{"one", "two", "three"} {
			edited := d.Template.Clone()
			list := edited.Resources["T"].Properties["L"].([]any)
			for i := range random.IntN(5) {
				text, at := fmt.Sprint(name, round, i), random.IntN(len(list)+1)
				list = append(list[:at:at], append([]any{text}, list[at:]...)...)
				owner[text] = name
			}
			edited.Resources["T"].Properties["L"] = list
			var err error
			if d, err = cfn.Apply(d, decorator(name), edited); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		for i, item := range d.Template.Resources["T"].Properties["L"].([]any) {
			want := yamlOrigin("resources.T", 1)
			if name := owner[item.(string)]; name != "" {
				want = decorator(name)
			}
			if got, _ := d.Writer("Resources", "T", "Properties", "L", fmt.Sprint(i)); got != want {
				t.Errorf("%v: got %v, want %v", item, got, want)
			}
		}
	}
}

func TestPatch(t *testing.T) {
	t.Parallel()
	const before = `{"Resources":{"T":{"Type":"A::B::C","Properties":{"a":{"b":1,"c":[1,2]},"r":{"Ref":"X"}}},"U":{"Type":"A::B::C"}}}`
	tests := []struct{ name, patch, want string }{
		{"merge", `{"Resources":{"T":{"Properties":{"a":{"d":2},"n":3}}}}`, `{"T":{"Properties":{"a":{"b":1,"c":[1,2],"d":2},"n":3,"r":{"Ref":"X"}},"Type":"A::B::C"},"U":{"Type":"A::B::C"}}`},
		{"delete", `{"Resources":{"U":null,"T":{"Properties":{"a":{"b":null},"no":null}}}}`, `{"T":{"Properties":{"a":{"c":[1,2]},"r":{"Ref":"X"}},"Type":"A::B::C"}}`},
		{"lists are replaced", `{"Resources":{"T":{"Properties":{"a":{"c":[3]}}}}}`, `{"T":{"Properties":{"a":{"b":1,"c":[3]},"r":{"Ref":"X"}},"Type":"A::B::C"},"U":{"Type":"A::B::C"}}`},
		{"nulls in a new object are dropped", `{"Resources":{"T":{"Properties":{"a":null,"z":{"y":null,"x":1}}}}}`, `{"T":{"Properties":{"r":{"Ref":"X"},"z":{"x":1}},"Type":"A::B::C"},"U":{"Type":"A::B::C"}}`},
		{"intrinsics are replaced, not merged", `{"Resources":{"T":{"Properties":{"a":{"Fn::Sub":"s"},"r":{"Fn::GetAtt":["X","Arn"]}}}}}`, `{"T":{"Properties":{"a":{"Fn::Sub":"s"},"r":{"Fn::GetAtt":["X","Arn"]}},"Type":"A::B::C"},"U":{"Type":"A::B::C"}}`},
		{"object for an intrinsic", `{"Resources":{"T":{"Properties":{"r":{"k":1}}}}}`, `{"T":{"Properties":{"a":{"b":1,"c":[1,2]},"r":{"k":1}},"Type":"A::B::C"},"U":{"Type":"A::B::C"}}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var patch map[string]any
			if err := json.Unmarshal([]byte(test.patch), &patch); err != nil {
				t.Fatal(err)
			}
			template := parse(t, before)
			original := string(template.JSON())
			got, err := cfn.Patch(template, patch)
			if err != nil {
				t.Fatal(err)
			}
			want := `{"AWSTemplateFormatVersion":"2010-09-09","Resources":` + test.want + `}`
			if diff := cmp.Diff(want, string(got.JSON())); diff != "" {
				t.Errorf("patched (-want +got):\n%s", diff)
			}
			if string(template.JSON()) != original {
				t.Error("the original has changed")
			}
		})
	}
	_, err := cfn.Patch(parse(t, before), map[string]any{"Resources": map[string]any{"T": map[string]any{"Propertis": 1}}})
	if fault, ok := errors.AsType[*diag.Fault](err); !ok || fault.Problems[0].Hint != "did you mean Properties?" {
		t.Errorf("got %v", err)
	}
}
