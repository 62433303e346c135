// SPDX-License-Identifier: MIT

package lambda

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseReference(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text, qualifier string
		want            reference
		bad             bool
	}{
		{text: "hello", want: reference{name: "hello"}},
		{text: "hello", qualifier: "live", want: reference{name: "hello", qualifier: "live"}},
		{text: "hello:7", want: reference{name: "hello", qualifier: "7"}},
		{text: "hello:$LATEST", want: reference{name: "hello", qualifier: "$LATEST"}},
		{text: "hello:7", qualifier: "7", want: reference{name: "hello", qualifier: "7"}},
		{text: "hello:7", qualifier: "8", bad: true},
		{text: "123456789012:function:hello", want: reference{account: "123456789012", name: "hello"}},
		{text: "arn:aws:lambda:us-east-1:123456789012:function:hello:live",
			want: reference{region: "us-east-1", account: "123456789012", name: "hello", qualifier: "live"}},
		{text: "arn:aws-cn:lambda:cn-north-1:123456789012:function:hello", want: reference{region: "cn-north-1", account: "123456789012", name: "hello"}},
		{text: "arn:aws:s3:::bucket", bad: true},
		{text: "", bad: true}, {text: "a b", bad: true}, {text: "a:b:c", bad: true}, {text: "a/b", bad: true},
	} {
		t.Run(test.text+" "+test.qualifier, func(t *testing.T) {
			t.Parallel()
			got, err := parseReference(test.text, test.qualifier)
			if (err != nil) != test.bad {
				t.Fatalf("got error %v", err)
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(reference{})); diff != "" && !test.bad {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzParseReference(f *testing.F) {
	for _, seed := range []string{"hello", "hello:live", "arn:aws:lambda:us-east-1:123456789012:function:hello:$LATEST", "::"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := parseReference(text, "")
		if err != nil {
			return
		}
		if !functionName.MatchString(r.name) {
			t.Errorf("%q gave the name %q", text, r.name)
		}
		again, err := parseReference((&function{Scope: here, Name: r.name}).arn(r.qualifier), "")
		if err != nil || again.name != r.name || again.qualifier != r.qualifier {
			t.Errorf("%q gave %+v, whose ARN gives %+v, %v", text, r, again, err)
		}
	})
}
