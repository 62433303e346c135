// SPDX-License-Identifier: MIT

package schema_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/schema"
)

// TestHover points at every key of a file that has them all, and wants the
// text of the schema.
func TestHover(t *testing.T) {
	t.Parallel()
	s, root := startYAMLServer(t, editorSettings(schema.Tags()))
	d, found := s.open(t, filepath.Join(root, "sparta.yaml"), modeline+everything)
	for _, f := range found {
		t.Errorf("underlined in a right file: %q: %s", d.covered(f.Range), f.Message)
	}
	strict, count := decode(t), 0
	var ask func(at map[string]any, lines []string, first, indent int)
	ask = func(at map[string]any, lines []string, first, indent int) {
		for i, line := range lines {
			key, _, isKey := strings.Cut(strings.TrimLeft(line, " -"), ":")
			if column := strings.Index(line, key); isKey && column == indent {
				sub := member(strict, at, key)
				if text, ok := sub["description"].(string); ok {
					count++
					got := strings.ReplaceAll(d.hover(t, position{first + i, column + 1}), `\*`, "*")
					if !strings.HasPrefix(got, text) {
						t.Errorf("%s in line %d: hover %q, want %q", key, first+i+1, got, text)
					}
					if value, ok := sub["default"]; ok && !strings.Contains(got, "Default: `") {
						t.Errorf("%s: hover %q does not tell the default %v", key, got, value)
					}
				}
				end := i + 1
				for end < len(lines) && (strings.HasPrefix(lines[end], strings.Repeat(" ", indent+1))) {
					end++
				}
				if deeper := end > i+1; deeper && sub != nil {
					ask(sub, lines[i+1:end], first+i+1, indentOf(lines[i+1]))
				}
			}
		}
	}
	ask(strict, strings.Split(everything, "\n"), 1, 0)
	if count < 60 {
		t.Errorf("asked about %d keys", count)
	}
}

// indentOf returns the column of a line's key.
func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " -")) }

// member returns the schema of a key in a map, or in the maps of a list.
func member(root, at map[string]any, key string) map[string]any {
	resolve := func(s any) map[string]any {
		sub, _ := s.(map[string]any)
		if ref, ok := sub["$ref"].(string); ok {
			sub, _ = root["definitions"].(map[string]any)[strings.TrimPrefix(ref, "#/definitions/")].(map[string]any)
		}
		return sub
	}
	at = resolve(at)
	if items := resolve(at["items"]); items["properties"] != nil {
		at = items
	}
	if other := resolve(at["else"]); other["properties"] != nil {
		at = other
	}
	properties, _ := at["properties"].(map[string]any)
	if sub := resolve(properties[key]); sub != nil {
		return sub
	}
	return resolve(at["additionalProperties"])
}

// everything has every key of the schema once, and every tag.
const everything = `serviceName: everything
description: All of it
defaults:
  runtime: nodejs24.x
  architecture: arm64
  memory: 256
  timeout: 10s
  environment:
    LEVEL: debug
  logs:
    retention: 30
  tags:
    team: orders
functions:
  one:
    handler: ./handlers.One
    runtime: provided.al2023
    architecture: x86_64
    memory: 512MB
    timeout: 20
    environment:
      TABLE: !Ref Table
      ARN: !GetAtt Table.Arn
      LIST: !GetAtt [Table, Arn]
      TEXT: !Sub "${Table}-x"
      VARS: !Sub ["${A}-x", {A: !Ref Table}]
      JOIN: !Join ["-", [a, !Ref Table]]
      PICK: !Select [0, !Split [",", "a,b"]]
      BLOCKS: !Select [0, !Cidr ["10.0.0.0/16", 2, 8]]
      MAPPED: !FindInMap [M, a, b]
      EITHER: !If [IsProd, a, !Ref "AWS::NoValue"]
      SHARED: !ImportValue shared-name
      ZONE: !Select [0, !GetAZs ""]
      ENCODED: !Base64 text
      JSON: !ToJsonString {a: 1}
      COUNT: !Length [1, 2]
    permissions:
      - allow: [dynamodb:GetItem, dynamodb:PutItem]
        on: !GetAtt Table.Arn
        when:
          StringEquals:
            aws:RequestedRegion: !Ref AWS::Region
      - allow: s3:GetObject
        on: [!Sub "${Bucket.Arn}/*", !Join ["", [!GetAtt Bucket.Arn, "/*"]], arn:aws:s3:::books/*]
      - {allow: s3:PutObject, on: !GetAtt [Bucket, Arn]}
      - {allow: s3:PutObject, on: !Join ["", [!GetAtt Bucket.Arn, "/*"]]}
      - {allow: s3:PutObject, on: !Sub ["${B}/*", {B: !GetAtt Bucket.Arn}]}
      - {allow: s3:PutObject, on: !ImportValue shared-bucket}
    logs:
      retention: never
    tags:
      team: orders
    description: The first
    url:
      auth: iam
      mode: stream
      cors:
        origins: ["https://example.com"]
        methods: [GET]
        headers: [content-type]
        exposeHeaders: [etag]
        credentials: true
        maxAge: 10m
  two:
    handler: ./handlers.Two
    role: !GetAtt Role.Arn
    url: true
  three:
    handler: ./handlers.Three
    role: !Sub "arn:aws:iam::${AWS::AccountId}:role/x"
site:
  dir: ./site
  index: home.html
  error: error.html
  cache:
    - glob: assets/*
      cacheControl: no-cache
decorators:
  - name: tables
    handler: ./decorators.AddTables
    timeout: 2m
  - name: tag
    exec: [python3, tools/tag.py]
  - name: patch
    patch: {Metadata: {Team: orders}}
customResources:
  Seed:
    handler: ./setup.SeedTable
    properties:
      Rows: 12
      Table: !Ref Table
    environment:
      LEVEL: debug
    permissions: []
    memory: 512
    timeout: 5m
resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
    DependsOn: [Queue]
    Condition: IsProd
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    CreationPolicy: {ResourceSignal: {Count: 1}}
    UpdatePolicy: {EnableVersionUpgrade: true}
    Metadata: {Yes: !Or [!Condition A, !And [!Equals [a, b], !Not [!Condition B]]]}
  Queue:
    Type: AWS::SQS::Queue
    Properties: !Transform {Name: AWS::Include, Parameters: {Location: s3://x/y}}
outputs:
  Region: !Ref AWS::Region
  Table:
    value: !GetAtt Table.Arn
    description: The table
    export: !Sub "${AWS::StackName}-table"
  Long: {Ref: Table}
  Joined: !Join [":", [a, b]]
`
