// SPDX-License-Identifier: MIT

package decorator_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/decorator"
)

const service = `{"Resources": {
	"HelloWorldFunction": {"Type": "AWS::Lambda::Function", "Properties": {"Role": {"Fn::GetAtt": ["HelloWorldRole", "Arn"]}}},
	"HelloWorldRole": {"Type": "AWS::IAM::Role", "Properties": {"Policies": [{"PolicyName": "own", "PolicyDocument": {"Statement": {"Action": "a"}}}]}},
	"BareFunction": {"Type": "AWS::Lambda::Function"},
	"BareRole": {"Type": "AWS::IAM::Role"},
	"StaticFunction": {"Type": "AWS::Lambda::Function", "Properties": {"Environment": "odd"}},
	"OddFunction": {"Type": "AWS::SNS::Topic"}
}, "Outputs": {"Url": {"Value": "u"}}}`

// decorate runs one decorator on the service and returns what it wrote.
func decorate(t *testing.T, f func(*decorator.Template) error) (string, error) {
	t.Helper()
	var out bytes.Buffer
	functions := decorator.Functions{"f": func(_ context.Context, t *decorator.Template) error { return f(t) }}
	err := functions.Run(t.Context(), "f", strings.NewReader(service), &out)
	return strings.Join(strings.Fields(out.String()), ""), err
}

func TestTemplateEdits(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		edit func(*decorator.Template) error
		want string // part of the template, without white space
	}{
		{"add", func(t *decorator.Template) error {
			type tag struct{ Key, Value string }
			return t.Add("Table", decorator.Resource{Type: "AWS::DynamoDB::Table", Properties: decorator.Properties{
				"Tags": []tag{{"a", "<b>"}}, "Name": decorator.Sub("${AWS::StackName}-t"),
			}})
		}, `"Table":{"Properties":{"Name":{"Fn::Sub":"${AWS::StackName}-t"},"Tags":[{"Key":"a","Value":"<b>"}]},"Type":"AWS::DynamoDB::Table"}`},
		{"environment", func(t *decorator.Template) error {
			return t.Environment("hello-world", "TABLE", decorator.Ref("Table"))
		}, `"HelloWorldFunction":{"Properties":{"Environment":{"Variables":{"TABLE":{"Ref":"Table"}}},"Role":`},
		{"allow", func(t *decorator.Template) error {
			return t.Allow("hello-world", []string{"s3:GetObject"}, decorator.GetAtt("B", "Arn"), "arn:x")
		}, `"PolicyDocument":{"Statement":[{"Action":"a"},{"Action":["s3:GetObject"],"Effect":"Allow","Resource":[{"Fn::GetAtt":["B","Arn"]},"arn:x"]}]}`},
		{"allow with a bare role", func(t *decorator.Template) error { return t.Allow("bare", []string{"x:y"}, "*") },
			`"BareRole":{"Properties":{"Policies":[{"PolicyDocument":{"Statement":[{"Action":["x:y"],"Effect":"Allow","Resource":["*"]}],"Version":"2012-10-17"},"PolicyName":"decorators"}]}`},
		{"environment of another Go type", func(t *decorator.Template) error {
			r, err := t.Function("bare")
			if err != nil {
				return err
			}
			r.Properties["Environment"] = map[string]map[string]string{"Variables": {"A": "a"}}
			return t.Environment("bare", "B", "b")
		}, `"Environment":{"Variables":{"A":"a","B":"b"}}`},
		{"edit", func(t *decorator.Template) error {
			r, err := t.Function("bare")
			if err == nil {
				r.Properties["Layers"] = []string{"l"}
			}
			return err
		}, `"BareFunction":{"Properties":{"Layers":["l"]},"Type"`},
		{"output", func(t *decorator.Template) error {
			o, _ := t.Output("Url")
			o.Description = "d"
			return t.SetOutput("New", decorator.Output{Value: decorator.If("C", 1, decorator.Ref(decorator.NoValue))})
		}, `"Outputs":{"New":{"Value":{"Fn::If":["C",1,{"Ref":"AWS::NoValue"}]}},"Url":{"Description":"d","Value":"u"}}`},
		{"remove", func(t *decorator.Template) error { return t.Remove("OddFunction") }, `"HelloWorldRole"`},
		{"sections", func(t *decorator.Template) error {
			if err := t.SetCondition("C", decorator.Or(decorator.Condition("D"), decorator.Not(decorator.Equals("a", "b")))); err != nil {
				return err
			}
			if err := t.SetMapping("M", map[string]decorator.Properties{"a": {"b": "c"}}); err != nil {
				return err
			}
			return t.SetParameter("P", decorator.Properties{"Type": "String", "Default": "x"})
		}, `"Conditions":{"C":{"Fn::Or":[{"Condition":"D"},{"Fn::Not":[{"Fn::Equals":["a","b"]}]}]}},"Mappings":{"M":{"a":{"b":"c"}}},"Outputs":{"Url":{"Value":"u"}},"Parameters":{"P":{"Default":"x","Type":"String"}}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := decorate(t, test.edit)
			if err != nil || !strings.Contains(got, test.want) {
				t.Errorf("got %v\n%s\nwant %s", err, got, test.want)
			}
		})
	}
}

func TestTemplateRefuses(t *testing.T) {
	t.Parallel()
	bucket := decorator.Resource{Type: "AWS::S3::Bucket"}
	tests := []struct {
		name string
		edit func(*decorator.Template) error
		want string
	}{
		{"taken", func(t *decorator.Template) error { return t.Add("BareRole", bucket) }, `add resource "BareRole": the template has one of this name`},
		{"name", func(t *decorator.Template) error { return t.Add("my-bucket", bucket) }, `add resource "my-bucket": '-' is no letter or digit`},
		{"no name", func(t *decorator.Template) error { return t.Add("", bucket) }, `0 characters, 1 to 255 are allowed`},
		{"no type", func(t *decorator.Template) error { return t.Add("B", decorator.Resource{}) }, `add resource "B": no Type given`},
		{"no JSON", func(t *decorator.Template) error {
			return t.Add("B", decorator.Resource{Type: "x", Properties: decorator.Properties{"a": make(chan int)}})
		}, `add resource "B": Properties: a: chan int is no JSON value`},
		{"no JSON, found when written", func(t *decorator.Template) error {
			r, err := t.Function("bare")
			if err == nil {
				r.Properties["x"] = func() {}
			}
			return err
		}, `decorator "f": write template: Resources: BareFunction: Properties: x: func() is no JSON value`},
		{"missing", func(t *decorator.Template) error { _, err := t.Resource("BareRoel"); return err }, `resource "BareRoel": not in the template, did you mean BareRole?`},
		{"missing function", func(t *decorator.Template) error { return t.Environment("hallo-world", "A", "b") },
			`set environment variable A: function "hallo-world": resource "HalloWorldFunction": not in the template, did you mean HelloWorldFunction?`},
		{"no function", func(t *decorator.Template) error { _, err := t.Function("odd"); return err }, `function "odd": resource OddFunction is a AWS::SNS::Topic`},
		{"odd environment", func(t *decorator.Template) error { return t.Environment("static", "A", "b") }, `set environment variable A of function "static": Environment is no object`},
		{"static role", func(t *decorator.Template) error { return t.Allow("static", []string{"a:b"}, "*") }, `allow a:b: function "static" has a static role, which is not changed`},
		{"allow nothing", func(t *decorator.Template) error { return t.Allow("bare", nil) }, `needs at least one action and one resource`},
		{"output", func(t *decorator.Template) error { return t.SetOutput("O", decorator.Output{}) }, `set output "O": no Value given`},
		{"output's name", func(t *decorator.Template) error { return t.SetOutput("O_1", decorator.Output{Value: 1}) }, `set output "O_1": '_' is no letter or digit`},
		{"parameter", func(t *decorator.Template) error {
			return t.SetParameter("P", decorator.Properties{"Type": "String"})
		}, `set parameter "P": needs Type and Default`},
		{"remove", func(t *decorator.Template) error { return t.Remove("Nothing") }, `remove: resource "Nothing": not in the template`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := decorate(t, test.edit)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
			if got != "" {
				t.Errorf("wrote %s", got)
			}
		})
	}
}

func TestResourcesOfType(t *testing.T) {
	t.Parallel()
	_, err := decorate(t, func(template *decorator.Template) error {
		var ids []string
		for id, r := range template.ResourcesOfType("AWS::Lambda::Function") {
			r.Properties["Seen"] = true
			ids = append(ids, id)
			if err := template.Add(id+"Twin", decorator.Resource{Type: "AWS::Lambda::Function"}); err != nil {
				return err
			}
		}
		if diff := cmp.Diff([]string{"BareFunction", "HelloWorldFunction", "StaticFunction"}, ids); diff != "" {
			return fmt.Errorf("ids (-want +got):\n%s", diff)
		}
		count := 0
		for range template.Resources() {
			if count++; count == 2 {
				break
			}
		}
		if !template.Has("BareFunctionTwin") || template.Has("Nothing") {
			return fmt.Errorf("wrong resources")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestLogicalID(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"hello": "HelloFunction", "hello-world": "HelloWorldFunction", "a_b--c9": "ABC9Function", "helloWorld": "HelloWorldFunction",
	} {
		if got := decorator.LogicalID(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}
