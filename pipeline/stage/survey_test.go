// SPDX-License-Identifier: MIT

package stage

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/pipeline"
)

func TestSurvey(t *testing.T) {
	t.Parallel()
	session := sessionAt(endpoint(t), homeAccount, homeRegion)
	s := &Survey{Project: projectOf(service(t, ordersYAML)), Session: pipeline.Known(session)}
	none, err := s.Run(t.Context())
	if err != nil || none.Exists() || none.Name != fakeName {
		t.Errorf("no stack: got %+v, %v", none, err)
	}
	made := makeStack(t, session, fakeName, `{"Resources":{"Files":{"Type":"AWS::S3::Bucket"}},"Outputs":{
		"SpartaLive":{"Value":"template:abc bucket:b orders/1.zip"},"Motto":{"Value":"hello","Description":"What we say"}}}`)
	got, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := Stack{
		Name: fakeName, ID: made.ID, Status: "CREATE_COMPLETE", Reason: got.Reason,
		Outputs: []Output{{Name: "Motto", Value: "hello", Description: "What we say"}},
		Live:    Live{Template: "abc", Bucket: "b", Keys: []string{"orders/1.zip"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("stack (-want +got):\n%s", diff)
	}
}

func TestSurveyNotPermitted(t *testing.T) {
	t.Parallel()
	f := newFakeCloudFormation(t, "CREATE_COMPLETE")
	f.faults["DescribeStacks"] = []fault{{403, "AccessDenied", "not you"}}
	s := &Survey{Project: projectOf(service(t, ordersYAML)), Session: pipeline.Known(f.session())}
	_, err := s.Run(t.Context())
	wantError(t, err, `describe stack "orders": AccessDenied: not you`)
}
