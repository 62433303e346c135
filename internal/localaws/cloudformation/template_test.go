// SPDX-License-Identifier: MIT

package cloudformation

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

func scopeOfTests() arn.Scope {
	return arn.Scope{Partition: "aws", Account: "123456789012", Region: "eu-west-1"}
}

// TestResolve: what each function makes of its argument.
func TestResolve(t *testing.T) {
	t.Parallel()
	const frame = `{"Parameters":{"P":{"Type":"String","Default":"p"},"N":{"Type":"Number","Default":7},"L":{"Type":"CommaDelimitedList","Default":"x, y,z"}},
		"Mappings":{"M":{"k":{"a":"one","l":["1","2"]},"eu-west-1":{"a":"two"}}},
		"Conditions":{"Yes":{"Fn::Equals":["a","a"]},"No":{"Fn::Not":[{"Condition":"Yes"}]},
			"Both":{"Fn::And":[{"Condition":"Yes"},{"Condition":"No"}]},"Either":{"Fn::Or":[{"Condition":"No"},{"Condition":"Yes"}]},"Neither":{"Fn::Or":[{"Condition":"No"},{"Condition":"No"}]}},
		"Resources":{"R":{"Type":"AWS::Fake::Thing"},"Off":{"Type":"AWS::Fake::Thing","Condition":"No"},
			"X":{"Type":"AWS::Fake::Thing","Properties":{"V":VALUE}}}}`
	for _, c := range []struct{ name, value, want string }{
		{"scalar", `[1, 1.50, true, "s"]`, `[1,1.5,true,"s"]`},
		{"ref to parameter", `{"Ref":"P"}`, `"p"`},
		{"ref to number", `{"Ref":"N"}`, `"7"`},
		{"ref to list", `{"Ref":"L"}`, `["x","y","z"]`},
		{"ref to resource", `{"Ref":"R"}`, `"r-id"`},
		{"pseudo", `[{"Ref":"AWS::AccountId"},{"Ref":"AWS::Region"},{"Ref":"AWS::Partition"},{"Ref":"AWS::URLSuffix"},{"Ref":"AWS::StackName"},{"Ref":"AWS::NotificationARNs"}]`,
			`["123456789012","eu-west-1","aws","amazonaws.com","app",[]]`},
		{"no value", `{"a":{"Ref":"AWS::NoValue"},"b":[{"Ref":"AWS::NoValue"},1]}`, `{"b":[1]}`},
		{"getatt", `[{"Fn::GetAtt":["R","Arn"]},{"Fn::GetAtt":"R.Arn"},{"Fn::GetAtt":["R","Deep.Port"]},{"Fn::GetAtt":["R","Deep","Port"]},{"Fn::GetAtt":["R",{"Ref":"P"}]}]`,
			`["r-arn","r-arn",1,1,"by parameter"]`},
		{"sub", `[{"Fn::Sub":"${P}-${R}-${R.Arn}-${!P}-${AWS::Region}"},{"Fn::Sub":["${V}${P}",{"V":{"Ref":"N"}}]},{"Fn::Sub":"plain $ {P}"}]`,
			`["p-r-id-r-arn-${P}-eu-west-1","7p","plain $ {P}"]`},
		{"join", `{"Fn::Join":["-",["a",{"Ref":"P"},1,true]]}`, `"a-p-1-true"`},
		{"join a list", `{"Fn::Join":[",",{"Ref":"L"}]}`, `"x,y,z"`},
		{"join numbers as written", `{"Fn::Join":["-",[1.10,2.0]]}`, `"1.10-2.0"`},
		{"select", `[{"Fn::Select":[1,["a","b"]]},{"Fn::Select":["0",{"Ref":"L"}]}]`, `["b","x"]`},
		{"split", `{"Fn::Select":[2,{"Fn::Split":["/",{"Fn::Sub":"a/${P}/c"}]}]}`, `"c"`},
		{"find in map", `[{"Fn::FindInMap":["M","k","l"]},{"Fn::FindInMap":["M",{"Ref":"AWS::Region"},"a"]}]`, `[["1","2"],"two"]`},
		{"base64", `{"Fn::Base64":{"Ref":"P"}}`, `"cA=="`},
		{"zones", `[{"Fn::GetAZs":""},{"Fn::GetAZs":"us-east-1"}]`, `[["eu-west-1a","eu-west-1b","eu-west-1c"],["us-east-1a","us-east-1b","us-east-1c"]]`},
		{"if", `[{"Fn::If":["Yes",1,2]},{"Fn::If":["No",1,{"Ref":"P"}]},{"Fn::If":["No",1,{"Ref":"AWS::NoValue"}]}]`, `[1,"p"]`},
		{"if skips the other branch", `{"Fn::If":["No",{"Ref":"Off"},"x"]}`, `"x"`},
		{"and, or", `[{"Fn::If":["Both",1,0]},{"Fn::If":["Either",1,0]},{"Fn::If":["Neither",1,0]}]`, `[0,1,0]`},
		{"cidr", `[{"Fn::Cidr":["10.0.0.0/16",2]},{"Fn::Cidr":["10.0.0.0/24","3","5"]},{"Fn::Cidr":["2001:db8::/56",2,64]}]`,
			`[["10.0.0.0/24","10.0.1.0/24"],["10.0.0.0/27","10.0.0.32/27","10.0.0.64/27"],["2001:db8::/64","2001:db8:0:1::/64"]]`},
		{"import", `{"Fn::ImportValue":{"Fn::Sub":"${P}-export"}}`, `"from p-export"`},
		{"a condition key is no function", `{"Condition":{"StringEquals":{"a":"b"}}}`, `{"Condition":{"StringEquals":{"a":"b"}}}`},
		{"markup stays", `"<a&b>"`, `"<a&b>"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m, err := modelOf(strings.Replace(frame, "VALUE", c.value, 1))
			if err != nil {
				t.Fatal(err)
			}
			properties, err := fullResolver(m).properties(m.resources["X"])
			if err != nil {
				t.Fatal(err)
			}
			if got := compactJSON(properties["V"]); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func modelOf(body string) (*model, error) {
	t, err := parse(body)
	if err != nil {
		return nil, err
	}
	values, err := t.parameterValues(nil, nil)
	if err != nil {
		return nil, err
	}
	return newParsedModel(t, scopeOfTests(), "stack-id", "app", revision{Template: body, Parameters: values})
}

func fullResolver(m *model) *resolver {
	r := m.resolver
	st := &stack{Resources: map[string]*record{"R": {LogicalID: "R", PhysicalID: "r-id", Status: "CREATE_COMPLETE", Attributes: map[string]any{
		"Arn": "r-arn", "p": "by parameter", "Deep": map[string]any{"Port": json.Number("1")},
	}}}}
	r.ref = st.refOf
	r.attribute = st.attributeOf
	r.imported = func(name string) (any, error) { return "from " + name, nil }
	return &r
}

// TestBadTemplates: what is wrong with a template, in the words of AWS.
func TestBadTemplates(t *testing.T) {
	t.Parallel()
	resource := func(value string) string {
		return `{"Parameters":{"P":{"Type":"String","Default":"p"}},"Conditions":{"C":{"Fn::Equals":["a","b"]}},"Resources":{"A":{"Type":"AWS::Fake::Thing","Properties":{"V":` + value + `}},"Off":{"Type":"AWS::Fake::Thing","Condition":"C"}}}`
	}
	for _, c := range []struct{ name, body, want string }{
		{"empty", " \n", "Template format error: the template is empty."},
		{"JSON", "{\n \"a\": }", "Template format error: JSON not well-formed. (line 2, column 7)"},
		{"JSON, more", `{"Resources":{}} x`, "Template format error: JSON not well-formed."},
		{"YAML", "a: [", "Template format error: YAML not well-formed."},
		{"YAML documents", "a: 1\n---\nb: 2", "more than one document"},
		{"YAML duplicate", "a: 1\na: 2", "duplicate key"},
		{"YAML list", "- a", "Template format error: unsupported structure."},
		{"YAML tag", "a: !Foo b", "YAML tag !Foo is not supported (line 1)"},
		{"no resources", `{"Resources":{}}`, "Template format error: At least one Resources member must be defined."},
		{"version", `{"AWSTemplateFormatVersion":"2020","Resources":{}}`, "is not a supported value for AWSTemplateFormatVersion."},
		{"section", `{"Foo":1,"Bar":2,"Resources":{}}`, "Invalid template property or properties [Bar, Foo]"},
		{"transform", `{"Transform":"AWS::Serverless-2016-10-31","Resources":{}}`, "the embedded AWS does not model the template section Transform"},
		{"rules", `{"Rules":{},"Resources":{}}`, "the embedded AWS does not model the template section Rules"},
		{"no type", `{"Resources":{"A":{}}}`, "Template format error: [/Resources/A] Every Resources object must contain a Type member."},
		{"type", `{"Resources":{"A":{"Type":"Foo::Bar"},"B":{"Type":"X"}}}`, "Template format error: Unrecognized resource types: [Foo::Bar, X]"},
		{"logical id", `{"Resources":{"a-b":{"Type":"AWS::Fake::Thing"}}}`, "Template format error: Resource name 'a-b' is non alphanumeric."},
		{"attribute", `{"Resources":{"A":{"Type":"AWS::Fake::Thing","Foo":1}}}`, "Invalid template resource property 'Foo'"},
		{"creation policy", `{"Resources":{"A":{"Type":"AWS::Fake::Thing","CreationPolicy":{}}}}`, "the embedded AWS does not model the resource attribute CreationPolicy (resource A)"},
		{"update policy of another type", `{"Resources":{"A":{"Type":"AWS::Fake::Thing","UpdatePolicy":{"CodeDeployLambdaAliasUpdate":{}}}}}`, "the embedded AWS does not model the update policy CodeDeployLambdaAliasUpdate of AWS::Fake::Thing (resource A)"},
		{"another update policy", `{"Resources":{"A":{"Type":"AWS::Lambda::Alias","UpdatePolicy":{"UseOnlineResharding":true}}}}`, "the embedded AWS does not model the update policy UseOnlineResharding of AWS::Lambda::Alias (resource A)"},
		{"update policy", `{"Resources":{"A":{"Type":"AWS::Lambda::Alias","UpdatePolicy":{"CodeDeployLambdaAliasUpdate":{"ApplicationName":"a"}}}}}`, "[/Resources/A/UpdatePolicy/CodeDeployLambdaAliasUpdate] member DeploymentGroupName is missing"},
		{"update policy, more", `{"Resources":{"A":{"Type":"AWS::Lambda::Alias","UpdatePolicy":{"CodeDeployLambdaAliasUpdate":{"ApplicationName":"a","Hook":"h"}}}}}`, "unknown member Hook"},
		{"update policy, reference", `{"Resources":{"A":{"Type":"AWS::Lambda::Alias","UpdatePolicy":{"CodeDeployLambdaAliasUpdate":{"ApplicationName":{"Ref":"Z"},"DeploymentGroupName":"g"}}}}}`, "Unresolved resource dependencies [Z]"},
		{"snapshot", `{"Resources":{"A":{"Type":"AWS::Fake::Thing","DeletionPolicy":"Snapshot"}}}`, "does not support deletion policy Snapshot"},
		{"policy", `{"Resources":{"A":{"Type":"AWS::Fake::Thing","UpdateReplacePolicy":"RetainExceptOnCreate"}}}`, "unrecognized UpdateReplacePolicy RetainExceptOnCreate"},
		{"null", resource(`null`), "[/Resources/A/Properties/V] 'null' values are not allowed in templates"},
		{"null inside", resource(`[null]`), "'null' values are not allowed in templates"},
		{"unresolved", resource(`[{"Ref":"Z"},{"Fn::Sub":"${Y.Arn}"},{"Fn::GetAtt":["W","Arn"]}]`), "Template format error: Unresolved resource dependencies [W, Y, Z] in the Resources block of the template"},
		{"unresolved by condition", resource(`{"Ref":"Off"}`), "Template format error: Unresolved resource dependencies [Off] in the Resources block of the template"},
		{"unresolved output", `{"Resources":{"A":{"Type":"AWS::Fake::Thing"}},"Outputs":{"O":{"Value":{"Ref":"Z"}}}}`, "Unresolved resource dependencies [Z] in the Outputs block of the template"},
		{"output by condition", `{"Conditions":{"C":{"Fn::Or":[{"Fn::Equals":["a","b"]},{"Fn::And":[{"Fn::Equals":["a","a"]},{"Fn::Equals":["a","c"]}]}]}},"Resources":{"A":{"Type":"AWS::Fake::Thing"},"Off":{"Type":"AWS::Fake::Thing","Condition":"C"}},"Outputs":{"O":{"Value":{"Fn::GetAtt":["Off","Arn"]}}}}`,
			"Unresolved resource dependencies [Off] in the Outputs block of the template"},
		{"depends on", `{"Resources":{"A":{"Type":"AWS::Fake::Thing","DependsOn":["Z"]}}}`, "Unresolved resource dependencies [Z]"},
		{"itself", resource(`{"Ref":"A"}`), "Circular dependency between resources: [A]"},
		{"cycle", `{"Resources":{"A":{"Type":"AWS::Fake::Thing","DependsOn":"B"},"B":{"Type":"AWS::Fake::Thing","Properties":{"V":{"Ref":"C"}}},"C":{"Type":"AWS::Fake::Thing","DependsOn":"A"},"D":{"Type":"AWS::Fake::Thing"}}}`,
			"Circular dependency between resources: [A, B, C]"},
		{"condition", resource(`{"Fn::If":["Z",1,2]}`), "Template format error: Unresolved condition dependency Z in the Conditions block of the template"},
		{"conditions in a circle", `{"Conditions":{"A":{"Fn::Not":[{"Condition":"B"}]},"B":{"Condition":"A"}},"Resources":{"A":{"Type":"AWS::Fake::Thing"}}}`, "Circular dependency between conditions: [A, B, A]"},
		{"condition on a resource", `{"Conditions":{"X":{"Fn::Equals":[{"Ref":"A"},"b"]}},"Resources":{"A":{"Type":"AWS::Fake::Thing"}}}`, "conditions cannot refer to resources"},
		{"and", `{"Conditions":{"X":{"Fn::And":[{"Condition":"X"}]}},"Resources":{"A":{"Type":"AWS::Fake::Thing"}}}`, "at least 2 and at most 10 boolean parameters"},
		{"function", resource(`{"Fn::Length":[1]}`), "the embedded AWS does not model the intrinsic function Fn::Length"},
		{"macro", resource(`{"Fn::Transform":{"Name":"x"}}`), "the embedded AWS does not model the intrinsic function Fn::Transform"},
		{"dynamic reference", resource(`"{{resolve:ssm:/x}}"`), "the embedded AWS does not resolve dynamic references: {{resolve:ssm:/x}}"},
		{"dynamic reference in sub", resource(`{"Fn::Sub":"{{resolve:ssm:${P}}}"}`), "the embedded AWS does not resolve dynamic references"},
		{"ref", resource(`{"Ref":1}`), "Template format error: All Ref values must be strings."},
		{"getatt", resource(`{"Fn::GetAtt":["A"]}`), "every Fn::GetAtt object requires two non-empty parameters"},
		{"sub", resource(`{"Fn::Sub":"${P"}`), "variable names in Fn::Sub syntax must contain only alphanumeric"},
		{"sub variable", resource(`{"Fn::Sub":"${P-x}"}`), "variable names in Fn::Sub syntax must contain only alphanumeric"},
		{"sub list", resource(`{"Fn::Sub":"${AWS::NotificationARNs}"}`), "the value of ${AWS::NotificationARNs} in Fn::Sub must be a string"},
		{"join", resource(`{"Fn::Join":["a"]}`), "every Fn::Join object requires two parameters"},
		{"select", resource(`{"Fn::Select":[2,["a"]]}`), "Template error: Fn::Select cannot select nonexistent value at index 2"},
		{"map", resource(`{"Fn::FindInMap":["M","k","a"]}`), "Mapping named 'M' is not present"},
		{"cidr", resource(`{"Fn::Cidr":["10.0.0.0/24",300]}`), "count must be between 1 and 256"},
		{"cidr, too small", resource(`{"Fn::Cidr":["10.0.0.0/24",2,8]}`), "does not hold 2 blocks"},
		{"equals outside", resource(`{"Fn::Equals":["a","b"]}`), "Fn::Equals can only be used in the Conditions section"},
		{"parameter type", `{"Parameters":{"P":{"Type":"AWS::SSM::Parameter::Value<String>"}},"Resources":{"A":{"Type":"AWS::Fake::Thing"}}}`, "the embedded AWS does not model the parameter type AWS::SSM::Parameter::Value<String> (parameter P)"},
		{"parameter attribute", `{"Parameters":{"P":{"Type":"String","Foo":1}},"Resources":{"A":{"Type":"AWS::Fake::Thing"}}}`, "Invalid template parameter property 'Foo'"},
		{"output", `{"Resources":{"A":{"Type":"AWS::Fake::Thing"}},"Outputs":{"O":{}}}`, "Output O is malformed"},
		{"output attribute", `{"Resources":{"A":{"Type":"AWS::Fake::Thing"}},"Outputs":{"O":{"Value":1,"Foo":1}}}`, "Invalid template output property 'Foo'"},
		{"deep", resource(strings.Repeat("[", 200) + `1` + strings.Repeat("]", 200)), "nested more than 100 levels deep"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m, err := modelOf(c.body)
			if err == nil {
				_, err = fullResolver(m).properties(m.resources["A"])
			}
			if err == nil || !strings.Contains(message(err), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// TestYAML: a YAML template means the same as its JSON form.
func TestYAML(t *testing.T) {
	t.Parallel()
	got, err := decode(`
AWSTemplateFormatVersion: 2010-09-09
Parameters: &p
  Size: {Type: Number, Default: 010}
Copy: *p
Resources:
  A:
    Type: AWS::Fake::Thing
    Properties:
      On: yes
      True: true
      N: [1, 1.50, 0x10, 1_000, 2012-10-17, ~]
      R: !Ref Size
      G: !GetAtt A.Nested.Port
      L: !GetAtt [A, Arn]
      S: !Sub "${A}-x"
      T: !Sub ["${v}", {v: !Ref A}]
      J: !Join [",", !Split ["/", !Select [0, !GetAZs ""]]]
      I: !If [C, !Base64 x, !Ref "AWS::NoValue"]
      C: !Not [!Condition C]
      Text: |
        line
`)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"AWSTemplateFormatVersion":"2010-09-09","Copy":{"Size":{"Default":8,"Type":"Number"}},"Parameters":{"Size":{"Default":8,"Type":"Number"}},"Resources":{"A":{"Properties":{` +
		`"C":{"Fn::Not":[{"Condition":"C"}]},"G":{"Fn::GetAtt":["A","Nested.Port"]},"I":{"Fn::If":["C",{"Fn::Base64":"x"},{"Ref":"AWS::NoValue"}]},` +
		`"J":{"Fn::Join":[",",{"Fn::Split":["/",{"Fn::Select":[0,{"Fn::GetAZs":""}]}]}]},"L":{"Fn::GetAtt":["A","Arn"]},` +
		`"N":[1,1.50,16,1000,"2012-10-17",null],"On":"yes","R":{"Ref":"Size"},"S":{"Fn::Sub":"${A}-x"},"T":{"Fn::Sub":["${v}",{"v":{"Ref":"A"}}]},"Text":"line\n","True":true},"Type":"AWS::Fake::Thing"}}}`
	if diff := cmp.Diff(want, compactJSON(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"
	if _, err := decode(bomb); err == nil {
		t.Error("a billion laughs are decoded")
	}
}

// TestParameters: which values a parameter takes.
func TestParameters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, declaration, value, want string }{
		{"allowed", `"Type":"String","AllowedValues":["a","b"]`, "c", "Parameter 'P' must be one of AllowedValues"},
		{"allowed, fine", `"Type":"String","AllowedValues":["a","b"]`, "b", ""},
		{"pattern", `"Type":"String","AllowedPattern":"[a-z]+"`, "a1", "Parameter 'P' must match pattern [a-z]+"},
		{"constraint", `"Type":"String","AllowedPattern":"[a-z]+","ConstraintDescription":"letters only"`, "1", "Parameter 'P' failed to satisfy constraint: letters only"},
		{"short", `"Type":"String","MinLength":2`, "a", "Parameter 'P' must contain at least 2 characters"},
		{"long", `"Type":"String","MaxLength":"2"`, "abc", "Parameter 'P' must contain at most 2 characters"},
		{"number", `"Type":"Number"`, "x", "Parameter 'P' must be a number"},
		{"small", `"Type":"Number","MinValue":2`, "1", "Parameter 'P' must be a number not less than 2"},
		{"big", `"Type":"Number","MaxValue":2`, "3", "Parameter 'P' must be a number not greater than 2"},
		{"numbers", `"Type":"List<Number>"`, "1, 2,x", "Parameter 'P' must be a number"},
		{"numbers, fine", `"Type":"List<Number>"`, "1, 2", ""},
		{"list", `"Type":"CommaDelimitedList","AllowedValues":["a"]`, "a,b", "Parameter 'P' must be one of AllowedValues"},
		{"huge", `"Type":"String"`, strings.Repeat("x", 4097), "Parameter 'P' must be at most 4096 bytes long"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tpl, err := parse(`{"Parameters":{"P":{` + c.declaration + `}},"Resources":{"A":{"Type":"AWS::Fake::Thing"}}}`)
			if err != nil {
				t.Fatal(err)
			}
			_, err = tpl.parameterValues(map[string]given{"P": {value: c.value}}, nil)
			got := ""
			if err != nil {
				got = message(err)
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestParameterSources(t *testing.T) {
	t.Parallel()
	tpl, err := parse(`{"Parameters":{"A":{"Type":"String"},"B":{"Type":"String"},"C":{"Type":"String","Default":"c"}},"Resources":{"X":{"Type":"AWS::Fake::Thing"}}}`)
	if err != nil {
		t.Fatal(err)
	}
	_, err = tpl.parameterValues(nil, nil)
	if got, want := message(err), "Parameters: [A, B] must have values"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	_, err = tpl.parameterValues(map[string]given{"A": {usePrevious: true}}, nil)
	if err == nil || !strings.Contains(message(err), "usePreviousValue") {
		t.Errorf("got %v", err)
	}
	got, err := tpl.parameterValues(map[string]given{"A": {usePrevious: true}, "B": {value: ""}}, map[string]string{"A": "before", "C": "before"})
	if diff := cmp.Diff(map[string]string{"A": "before", "B": "", "C": "c"}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestObjectOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ address, bucket, key string }{
		{"https://b.s3.amazonaws.com/dir/t.json", "b", "dir/t.json"},
		{"https://b.s3.eu-west-1.amazonaws.com/t.json", "b", "t.json"},
		{"https://my.dotted.bucket.s3.eu-west-1.amazonaws.com/t.json", "my.dotted.bucket", "t.json"},
		{"https://b.s3-eu-west-1.amazonaws.com/t.json", "b", "t.json"},
		{"https://b.s3.dualstack.eu-west-1.amazonaws.com/t.json", "b", "t.json"},
		{"https://s3.amazonaws.com/b/dir/t.json", "b", "dir/t.json"},
		{"https://s3.eu-west-1.amazonaws.com/b/t.json", "b", "t.json"},
		{"https://s3-eu-west-1.amazonaws.com/b/a%20b.json", "b", "a b.json"},
		{"http://127.0.0.1:4566/b/t.json", "b", "t.json"},
		{"http://localhost:4566/b/t.json", "b", "t.json"},
		{"http://b.localhost:4566/t.json", "b", "t.json"},
		{"http://b.s3.amazonaws.com/t.json", "", ""},
		{"https://example.org/b/t.json", "", ""},
		{"http://127.0.0.1:1/b/t.json", "", ""},
		{"https://b.s3.amazonaws.com/", "", ""},
		{"https://s3.amazonaws.com/b", "", ""},
		{"https://b.s3.amazonaws.com/t.json?versionId=1", "", ""},
		{"https://b.s3.amazonaws.com.evil.org/t.json", "", ""},
		{"file:///etc/passwd", "", ""},
		{"::", "", ""},
	} {
		bucket, key, ok := objectOf(c.address, "http://127.0.0.1:4566")
		if ok != (c.bucket != "") || ok && (bucket != c.bucket || key != c.key) {
			t.Errorf("%s: got %q %q %v, want %q %q", c.address, bucket, key, ok, c.bucket, c.key)
		}
	}
}

func TestDefaultName(t *testing.T) {
	t.Parallel()
	const suffix = "ABCDEFGHIJKL"
	for _, c := range []struct {
		stack, logical string
		limit          int
		want           string
	}{
		{"app", "Role", 64, "app-Role-ABCDEFGHIJKL"},
		{"a-long-stack-name", "ALongLogicalId", 40, "a-long-stack--ALongLogicalI-ABCDEFGHIJKL"},
		{strings.Repeat("s", 60), strings.Repeat("l", 60), 64, strings.Repeat("s", 25) + "-" + strings.Repeat("l", 25) + "-" + suffix},
		{"app", "Role", 8, "ABCDEFGH"},
		{"app", "Role", 0, ""},
	} {
		got := defaultName(c.stack, c.logical, suffix, c.limit)
		if got != c.want || len(got) > c.limit {
			t.Errorf("%s %s %d: got %q (%d), want %q", c.stack, c.logical, c.limit, got, len(got), c.want)
		}
	}
}

func FuzzTemplate(f *testing.F) {
	f.Add(`{"Resources":{"A":{"Type":"AWS::Fake::Thing","Properties":{"V":{"Fn::Sub":"${AWS::Region}"}}}}}`)
	f.Add("Conditions: {C: !Equals [a, !Ref P]}\nParameters: {P: {Type: String, Default: x}}\nResources:\n  A:\n    Type: AWS::Fake::Thing\n    Properties: {V: !If [C, !Ref B, !GetAtt B.Arn], W: !Cidr [10.0.0.0/8, 3, 8]}\n  B: {Type: Custom::X}\nOutputs: {O: {Value: !Join ['', [!Ref B]]}}")
	f.Add(`{"Mappings":{"M":{"a":{"b":["x"]}}},"Resources":{"A":{"Type":"AWS::Fake::Thing","Properties":{"V":{"Fn::Select":[0,{"Fn::FindInMap":["M","a","b"]}]},"W":{"Fn::Split":[",","a"]}}}}}`)
	f.Fuzz(func(t *testing.T, body string) {
		m, err := modelOf(body)
		if err != nil {
			return
		}
		for _, id := range m.order {
			for _, r := range []*resolver{&m.resolver, fullResolver(m)} {
				properties, err := r.properties(m.resources[id])
				if err == nil {
					replaceUnknown(properties, func(raw any) any { return raw })
				}
			}
		}
		_, _ = m.outputs(fullResolver(m))
	})
}

func FuzzSub(f *testing.F) {
	f.Add("${A}-${!B}-${C.D}")
	f.Add("${")
	f.Add("$${}}")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := pieces(text)
		if err != nil {
			return
		}
		rest := text
		for _, p := range list {
			if p.name {
				if !isVariable(p.text) {
					t.Fatalf("%q: odd name %q", text, p.text)
				}
				continue
			}
			if !strings.HasPrefix(p.text, "${") && !strings.Contains(rest, p.text) {
				t.Fatalf("%q: literal %q is not in the text", text, p.text)
			}
		}
	})
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"Status":"SUCCESS","PhysicalResourceId":"x","RequestId":"r","StackId":"s","LogicalResourceId":"l","Data":{"a":1}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		a := readAnswer(body, expectation{"s", "r", "l"})
		if a.failure() == nil && (a.PhysicalResourceID == "" || a.Status != "SUCCESS" || a.RequestID != "r") {
			t.Fatalf("%q is taken as success", body)
		}
		a.instance()
	})
}
