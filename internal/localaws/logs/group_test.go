// SPDX-License-Identifier: MIT

package logs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/google/go-cmp/cmp"
)

func (w *world) createGroup(t testing.TB, name string) {
	t.Helper()
	if _, err := w.client.CreateLogGroup(t.Context(), &sdk.CreateLogGroupInput{LogGroupName: &name, Tags: map[string]string{"a": "1"}}); err != nil {
		t.Fatal(err)
	}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir(), start)
	w.createGroup(t, "/aws/lambda/hello")
	w.createGroup(t, "/other")
	_, err := w.client.CreateLogGroup(t.Context(), &sdk.CreateLogGroupInput{LogGroupName: aws.String("/other")})
	wantError(t, err, "ResourceAlreadyExistsException", "The specified log group already exists")
	_, err = w.client.CreateLogGroup(t.Context(), &sdk.CreateLogGroupInput{LogGroupName: aws.String("a b")})
	wantError(t, err, "InvalidParameterException", "at 'logGroupName'")
	_, err = w.client.CreateLogGroup(t.Context(), &sdk.CreateLogGroupInput{LogGroupName: aws.String("k"), KmsKeyId: aws.String("key")})
	wantError(t, err, "InvalidParameterException", `does not model parameter "kmsKeyId" of CreateLogGroup`)
	_, err = w.client.CreateLogGroup(t.Context(), &sdk.CreateLogGroupInput{LogGroupName: aws.String("c"), LogGroupClass: "RARE"})
	wantError(t, err, "InvalidParameterException", "at 'logGroupClass'")

	retain := func(days int32) error {
		_, err := w.client.PutRetentionPolicy(t.Context(), &sdk.PutRetentionPolicyInput{LogGroupName: aws.String("/other"), RetentionInDays: &days})
		return err
	}
	wantError(t, retain(15), "InvalidParameterException", "Value '15' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [1, 3, 5")
	if err := retain(14); err != nil {
		t.Fatal(err)
	}
	out, err := w.client.DescribeLogGroups(t.Context(), &sdk.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("/o")})
	if err != nil || len(out.LogGroups) != 1 {
		t.Fatalf("got %+v, %v", out, err)
	}
	g := out.LogGroups[0]
	if aws.ToInt32(g.RetentionInDays) != 14 || aws.ToString(g.Arn) != "arn:aws:logs:us-east-1:000000000000:log-group:/other:*" ||
		aws.ToInt64(g.CreationTime) != start.UnixMilli() || g.LogGroupClass != types.LogGroupClassStandard {
		t.Errorf("group %+v", g)
	}
	if _, err := w.client.DeleteRetentionPolicy(t.Context(), &sdk.DeleteRetentionPolicyInput{LogGroupName: aws.String("/other")}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.client.DeleteLogGroup(t.Context(), &sdk.DeleteLogGroupInput{LogGroupName: aws.String("/other")}); err != nil {
		t.Fatal(err)
	}
	_, err = w.client.DeleteLogGroup(t.Context(), &sdk.DeleteLogGroupInput{LogGroupName: aws.String("/other")})
	wantError(t, err, "ResourceNotFoundException", "The specified log group does not exist.")
	wantError(t, retain(14), "ResourceNotFoundException", "log group")
}

func TestGroupPages(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir(), start)
	for i := range 60 {
		w.createGroup(t, fmt.Sprintf("g%02d", i))
	}
	var names []string
	pages := sdk.NewDescribeLogGroupsPaginator(w.client, &sdk.DescribeLogGroupsInput{Limit: aws.Int32(25)})
	for pages.HasMorePages() {
		out, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range out.LogGroups {
			names = append(names, aws.ToString(g.LogGroupName))
		}
	}
	if len(names) != 60 || names[0] != "g00" || names[59] != "g59" {
		t.Errorf("got %d: %v", len(names), names)
	}
	_, err := w.client.DescribeLogGroups(t.Context(), &sdk.DescribeLogGroupsInput{NextToken: aws.String("x")})
	wantError(t, err, "InvalidParameterException", "nextToken")
}

func TestGroupTags(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir(), start)
	w.createGroup(t, "g")
	arn := aws.String(here.Regional("logs", "log-group:g"))
	if _, err := w.client.TagResource(t.Context(), &sdk.TagResourceInput{ResourceArn: arn, Tags: map[string]string{"b": "2"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.client.UntagResource(t.Context(), &sdk.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"a"}}); err != nil {
		t.Fatal(err)
	}
	out, err := w.client.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceArn: arn})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"b": "2"}, out.Tags); diff != "" {
		t.Error(diff)
	}
}

func TestDeletionProtection(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir(), start)
	name := aws.String("g")
	if _, err := w.client.CreateLogGroup(t.Context(), &sdk.CreateLogGroupInput{LogGroupName: name, DeletionProtectionEnabled: aws.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	_, err := w.client.DeleteLogGroup(t.Context(), &sdk.DeleteLogGroupInput{LogGroupName: name})
	wantError(t, err, "ValidationException", "deletion protection")
	if _, err := w.client.PutLogGroupDeletionProtection(t.Context(), &sdk.PutLogGroupDeletionProtectionInput{
		LogGroupIdentifier: name, DeletionProtectionEnabled: aws.Bool(false),
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.client.DeleteLogGroup(t.Context(), &sdk.DeleteLogGroupInput{LogGroupName: name}); err != nil {
		t.Error(err)
	}
}

func TestUnknownOperation(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir(), start)
	_, err := w.client.StartQuery(t.Context(), &sdk.StartQueryInput{
		QueryString: aws.String("fields @message"), StartTime: aws.Int64(1), EndTime: aws.Int64(2), LogGroupName: aws.String("g"),
	})
	wantError(t, err, "UnknownOperationException", `does not model operation "StartQuery" of CloudWatch Logs`)
}

func TestStreams(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir(), start)
	w.createGroup(t, "g")
	for _, name := range []string{"b", "a"} {
		if _, err := w.client.CreateLogStream(t.Context(), &sdk.CreateLogStreamInput{LogGroupName: aws.String("g"), LogStreamName: &name}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.client.CreateLogStream(t.Context(), &sdk.CreateLogStreamInput{LogGroupName: aws.String("g"), LogStreamName: aws.String("a")})
	wantError(t, err, "ResourceAlreadyExistsException", "The specified log stream already exists")
	_, err = w.client.CreateLogStream(t.Context(), &sdk.CreateLogStreamInput{LogGroupName: aws.String("g"), LogStreamName: aws.String("a:b")})
	wantError(t, err, "InvalidParameterException", "logStreamName")
	w.put(t, "g", "b", start, "x")
	w.put(t, "g", "a", start.Add(-1), "y")
	describe := func(in *sdk.DescribeLogStreamsInput) string {
		t.Helper()
		in.LogGroupName = aws.String("g")
		out, err := w.client.DescribeLogStreams(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, st := range out.LogStreams {
			names = append(names, aws.ToString(st.LogStreamName))
		}
		return strings.Join(names, " ")
	}
	for _, test := range []struct {
		in   sdk.DescribeLogStreamsInput
		want string
	}{
		{sdk.DescribeLogStreamsInput{}, "a b"},
		{sdk.DescribeLogStreamsInput{Descending: aws.Bool(true)}, "b a"},
		{sdk.DescribeLogStreamsInput{OrderBy: types.OrderByLastEventTime, Descending: aws.Bool(true), Limit: aws.Int32(1)}, "b"},
		{sdk.DescribeLogStreamsInput{LogStreamNamePrefix: aws.String("b")}, "b"},
	} {
		if got := describe(&test.in); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
	if _, err := w.client.DeleteLogStream(t.Context(), &sdk.DeleteLogStreamInput{LogGroupName: aws.String("g"), LogStreamName: aws.String("a")}); err != nil {
		t.Fatal(err)
	}
	_, err = w.client.DeleteLogStream(t.Context(), &sdk.DeleteLogStreamInput{LogGroupName: aws.String("g"), LogStreamName: aws.String("a")})
	wantError(t, err, "ResourceNotFoundException", "The specified log stream does not exist.")
}
