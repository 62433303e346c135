// SPDX-License-Identifier: MIT

package spec_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/sparta-up/sparta/spec"
)

func printed(t *testing.T, s *spec.Service) string {
	t.Helper()
	var b strings.Builder
	if err := s.WriteResolved(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWriteResolved(t *testing.T) {
	t.Parallel()
	s, problems := spec.Parse("sparta.yaml", []byte(`serviceName: orders-${environment}
functions:
  hello:
    handler: ./h.Hello
    memory: ${env:MEMORY, 512}
    environment:
      WHERE: "in ${region} at $${x}"
      ARN: !Sub "${Table.Arn}/${environment}"
      ZIP: "01234"
      PASSWORD: ${secret:db}
      DB_PASSWORD: k3Vx9QpZw71L
      API_TOKEN: ${env:TOKEN}
      LEVEL: ${env:LEVEL}
    permissions: [{allow: dynamodb:GetItem, on: [!GetAtt Table.Arn]}]
resources:
  Table: {Type: AWS::DynamoDB::Table, Properties: {Policy: "a/${aws:username}", At: 2012-10-17, On: yes, N: 1.50}}
outputs:
  Join: !Join [",", [a, !Ref Table]]
  Map: !Sub ["${x} ${account}", {x: !Ref AWS::Region}]
environments: {prod: {functions: {hello: {timeout: 10s}}}}
accounts: {prod: "012345678901"}
`), parseOptions("-e prod\nTOKEN=f83hF9d02kLqPzX\nLEVEL=info\n"))
	if len(problems.Errors()) > 0 {
		t.Fatal(render(problems))
	}
	const want = `# sparta.yaml in environment prod
serviceName: orders-prod
functions:
  hello:
    handler: ./h.Hello
    memory: 512
    environment:
      WHERE: !Sub in ${AWS::Region} at ${!x}
      ARN: !Sub ${Table.Arn}/prod
      ZIP: "01234"
      PASSWORD: '{{resolve:secretsmanager:db:SecretString}}'
      DB_PASSWORD: '********'
      API_TOKEN: ${env:TOKEN}
      LEVEL: info
    permissions:
      - allow: dynamodb:GetItem
        on:
          - !GetAtt Table.Arn
    timeout: 10s
resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      Policy: a/$${aws:username}
      At: "2012-10-17"
      On: "yes"
      N: 1.50
outputs:
  Join: !Join
    - ','
    - - a
      - !Ref Table
  Map: !Sub
    - ${x} ${AWS::AccountId}
    - x: !Ref AWS::Region
accounts:
  prod: "012345678901"
`
	if diff := cmp.Diff(want, printed(t, s)); diff != "" {
		t.Errorf("printed (-want +got):\n%s", diff)
	}
	if err := (&spec.Service{File: "sparta.yaml"}).WriteResolved(&strings.Builder{}); err == nil {
		t.Error("a service without a file was printed")
	}
}

// TestResolvedReadsTheSame: what is printed is a sparta.yaml of the same
// service.
func TestResolvedReadsTheSame(t *testing.T) {
	t.Parallel()
	dir := newSite(t)
	texts := map[string]string{"whole": whole, "located": located, "large": string(large(3))}
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range archives {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			if f.Name == "sparta.yaml" {
				texts[path] = string(f.Data)
			}
		}
	}
	count := 0
	for name, text := range texts {
		path := filepath.Join(dir, "sparta.yaml")
		first, problems := spec.Parse(path, []byte(text), spec.Options{})
		if len(problems) > 0 || first == nil {
			continue
		}
		count++
		again, problems := spec.Parse(path, []byte(printed(t, first)), spec.Options{})
		if len(problems) > 0 {
			t.Errorf("%s: the printed file:\n%s\n%s", name, printed(t, first), render(problems))
			continue
		}
		if diff := cmp.Diff(first, again, ignorePositions(), cmpopts.IgnoreFields(spec.Service{}, "Environments")); diff != "" {
			t.Errorf("%s (-file +printed):\n%s", name, diff)
		}
	}
	if count < 5 {
		t.Errorf("compared %d files: are there no good ones left?", count)
	}
}
