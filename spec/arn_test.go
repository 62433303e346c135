// SPDX-License-Identifier: MIT

package spec

import (
	"strings"
	"testing"
)

// FuzzARN: every text is judged, and what is named wrong is a part of it.
func FuzzARN(f *testing.F) {
	for _, seed := range []string{
		"arn:aws:sqs:eu-west-1:123456789012:jobs.fifo", "arn:aws-cn:sqs:cn-north-1:123456789012:jobs", "arn:aws:sqs:::", "arn:", "arn:aws:s3:::b",
		"arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:a${b}.fifo", "arn:aws:sqs:${X}", "arn:aws:kinesis:eu-west-1:123456789012:str${x}", "${", "*:*:*:*:*:*",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, written string) {
		holed := withHoles(written)
		for _, k := range []sourceKind{queueKind(), bucketKind(), streamKind(), tableKind(), listenerKind(), logGroupKind()} {
			for _, wild := range []bool{false, true} {
				k.wild = wild
				part, value, why := arnFault(holed, k)
				if (part == "") != (why == "") || !wild && value != "" && !strings.Contains(holed, value) {
					t.Errorf("%q as %s: %q %q %q", written, k.what, part, value, why)
				}
			}
		}
	})
}

// TestFeedIs: resources of policies that are the queue, and some that are not.
func TestFeedIs(t *testing.T) {
	t.Parallel()
	own := feed{service: "sqs", source: Source{ID: "Jobs", ARN: queueKind().arn("Jobs")}, text: "arn:" + hole + ":sqs:" + hole + ":" + hole + ":jobs"}
	other := feed{service: "sqs", source: Source{ARN: "arn:aws:sqs:eu-west-1:123456789012:jobs"}, text: "arn:aws:sqs:eu-west-1:123456789012:jobs"}
	sub := func(text string) any { return map[string]any{"Fn::Sub": text} }
	for _, test := range []struct {
		on         any
		own, other bool
	}{
		{"*", true, true},
		{map[string]any{"Ref": "Jobs"}, true, false},
		{map[string]any{"Fn::GetAtt": []any{"Jobs", "Arn"}}, true, false},
		{map[string]any{"Fn::GetAtt": []any{"Jobs2", "Arn"}}, false, false},
		{sub("${Jobs.Arn}"), true, false},
		{sub("${Jobs2.Arn}"), false, false},
		{sub("arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:jobs"), true, true},
		{sub("arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${Name}"), true, true},
		{"arn:aws:sqs:eu-west-1:123456789012:jobs", true, true},
		{"arn:aws:sqs:*:*:j*s", true, true},
		{"arn:aws:sqs:us-east-1:123456789012:jobs", true, false},
		{"arn:aws:sns:*:*:*", false, false},
		{"arn:aws:sqs:*:*:jobs-*", false, false},
		{map[string]any{"Fn::ImportValue": "jobs"}, false, false},
	} {
		if got := own.is(test.on); got != test.own {
			t.Errorf("own: %v: got %v", test.on, got)
		}
		if got := other.is(test.on); got != test.other {
			t.Errorf("other: %v: got %v", test.on, got)
		}
	}
}

func TestStarred(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pattern, text string
		want          bool
	}{
		{"*", "", true}, {"*", "a", true}, {"a", "a", true}, {"a", "ab", false}, {"a*", "ab", true}, {"*b", "ab", true}, {"a*c", "abc", true},
		{"a*b*c", "aXbYc", true}, {"a*b*c", "acb", false}, {"send*", "sendmessage", true}, {"*a*a", "a", false}, {"", "", true}, {"", "a", false},
	} {
		if got := starred(test.pattern, test.text); got != test.want {
			t.Errorf("%q, %q: got %v", test.pattern, test.text, got)
		}
	}
}
