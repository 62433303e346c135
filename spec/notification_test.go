// SPDX-License-Identifier: MIT

package spec_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/spec"
)

// TestNotificationsApart: a bucket has its notifications itself unless a
// function that it calls needs it.
func TestNotificationsApart(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, yaml string
		apart      map[string]bool // by bucket
	}{
		{"nothing in common", `
functions: {f: {handler: ./h.F, events: [s3: A]}}
resources: {A: {Type: "AWS::S3::Bucket"}}`, map[string]bool{"A": false}},
		{"a variable", `
functions: {f: {handler: ./h.F, environment: {AA: !Ref A}, events: [s3: A]}}
resources: {A: {Type: "AWS::S3::Bucket"}}`, map[string]bool{"A": true}},
		{"a variable of all functions", `
defaults: {environment: {AA: !Sub "s3://${A}/"}}
functions: {f: {handler: ./h.F, events: [s3: A]}}
resources: {A: {Type: "AWS::S3::Bucket"}}`, map[string]bool{"A": true}},
		{"a permission", `
functions: {f: {handler: ./h.F, permissions: [{allow: ["s3:GetObject"], on: !Sub "${A.Arn}/*"}], events: [s3: A]}}
resources: {A: {Type: "AWS::S3::Bucket"}}`, map[string]bool{"A": true}},
		{"a permission by intent", `
functions: {f: {handler: ./h.F, permissions: [read: A], events: [s3: A]}}
resources: {A: {Type: "AWS::S3::Bucket"}}`, map[string]bool{"A": true}},
		{"a permission by name", `
functions: {f: {handler: ./h.F, permissions: [{allow: ["s3:GetObject"], on: "arn:aws:s3:::a/*"}], events: [s3: A]}}
resources: {A: {Type: "AWS::S3::Bucket", Properties: {BucketName: a}}}`, map[string]bool{"A": false}},
		{"through another resource", `
functions: {f: {handler: ./h.F, environment: {TT: !Ref T}, events: [s3: A]}}
resources: {A: {Type: "AWS::S3::Bucket"}, T: {Type: "AWS::SSM::Parameter", Properties: {Type: String, Value: !Ref A}}}`, map[string]bool{"A": true}},
		{"one of its functions", `
functions:
  f: {handler: ./h.F, environment: {AA: !Ref A}, events: [s3: {bucket: A, prefix: f/}]}
  g: {handler: ./h.G, events: [s3: {bucket: A, prefix: g/}]}
resources: {A: {Type: "AWS::S3::Bucket"}}`, map[string]bool{"A": true}},
		{"another function", `
functions:
  f: {handler: ./h.F, environment: {AA: !Ref A}}
  g: {handler: ./h.G, events: [s3: A]}
resources: {A: {Type: "AWS::S3::Bucket"}}`, map[string]bool{"A": false}},
		{"two buckets that need each other's function", `
functions:
  f: {handler: ./h.F, environment: {BB: !Ref B}, events: [s3: A]}
  g: {handler: ./h.G, environment: {AA: !Ref A}, events: [s3: B]}
resources: {A: {Type: "AWS::S3::Bucket"}, B: {Type: "AWS::S3::Bucket"}}`, map[string]bool{"A": false, "B": true}},
		{"records that are given up", `
functions: {f: {handler: ./h.F, events: [{s3: {bucket: A, prefix: in/}}, {kinesis: {stream: S, onFailure: A}}]}}
resources: {A: {Type: "AWS::S3::Bucket"}, S: {Type: "AWS::Kinesis::Stream"}}`, map[string]bool{"A": true}},
		{"events that failed", `
functions: {f: {handler: ./h.F, destinations: {onFailure: A}, events: [s3: {bucket: A, prefix: in/}]}}
resources: {A: {Type: "AWS::S3::Bucket"}}`, map[string]bool{"A": true}},
		{"a static role", `
functions: {f: {handler: ./h.F, role: auditor, events: [s3: A]}}
resources: {A: {Type: "AWS::S3::Bucket"}}`, map[string]bool{"A": false}},
		{"notifications that are no plain list", `
functions: {f: {handler: ./h.F, events: [s3: A]}}
resources: {A: {Type: "AWS::S3::Bucket", Properties: {NotificationConfiguration: !If [On, {}, !Ref "AWS::NoValue"]}}}
decorators: [{name: d, patch: {Conditions: {On: !Equals [a, a]}}}]`, map[string]bool{"A": true}},
		{"a bucket that a decorator adds", `
functions: {f: {handler: ./h.F, events: [s3: A]}}
decorators: [{name: d, patch: {Resources: {A: {Type: "AWS::S3::Bucket"}}}}]`, map[string]bool{"A": true}},
		{"buckets that exist already", `
functions: {f: {handler: ./h.F, events: [{s3: "arn:aws:s3:::a"}, {s3: !ImportValue a}]}}`, map[string]bool{"": true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, problems := spec.Parse("sparta.yaml", []byte("serviceName: orders"+tt.yaml), spec.Options{})
			if problems.Err() != nil {
				t.Fatal(problems.Err())
			}
			got := map[string]bool{}
			for _, b := range s.NotifiedBuckets() {
				got[b.Bucket.ID] = b.Apart
				for _, r := range b.Rules {
					if r.Apart != b.Apart {
						t.Errorf("%s: a rule of its own mind", b.Bucket.ID)
					}
				}
			}
			if diff := cmp.Diff(tt.apart, got); diff != "" {
				t.Errorf("apart (-want +got):\n%s", diff)
			}
		})
	}
}
