// SPDX-License-Identifier: MIT

package cloudwatch_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

const topic = "arn:aws:sns:us-east-1:" + account + ":pager"

// errorsAlarm is an alarm like those beside functions.
func errorsAlarm(name string) *sdk.PutMetricAlarmInput {
	return &sdk.PutMetricAlarmInput{
		AlarmName: &name, AlarmDescription: aws.String("too many"), MetricName: aws.String("Errors"), Namespace: aws.String("AWS/Lambda"),
		Dimensions: []types.Dimension{{Name: aws.String("FunctionName"), Value: aws.String("hello")}},
		Statistic:  types.StatisticSum, Period: aws.Int32(60), EvaluationPeriods: aws.Int32(2), DatapointsToAlarm: aws.Int32(1),
		Threshold: aws.Float64(1.5), ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold, AlarmActions: []string{topic},
		Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("tea")}},
	}
}

func (w *world) describe(t *testing.T, in *sdk.DescribeAlarmsInput) []types.MetricAlarm {
	t.Helper()
	out, err := w.client.DescribeAlarms(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return out.MetricAlarms
}

func wantError(t *testing.T, err error, code, text string) {
	t.Helper()
	e, ok := errors.AsType[smithy.APIError](err)
	if !ok || e.ErrorCode() != code || !strings.Contains(e.ErrorMessage(), text) {
		t.Errorf("got %v, want %s: ...%s...", err, code, text)
	}
}

func TestAlarms(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir)
	if _, err := w.client.PutMetricAlarm(t.Context(), errorsAlarm("hello-errors")); err != nil {
		t.Fatal(err)
	}
	got := w.describe(t, &sdk.DescribeAlarmsInput{AlarmNames: []string{"hello-errors", "other"}})
	if len(got) != 1 {
		t.Fatalf("got %d alarms", len(got))
	}
	a := got[0]
	if a.StateValue != types.StateValueInsufficientData || aws.ToFloat64(a.Threshold) != 1.5 || aws.ToInt32(a.DatapointsToAlarm) != 1 || !aws.ToBool(a.ActionsEnabled) ||
		aws.ToString(a.AlarmArn) != "arn:aws:cloudwatch:us-east-1:"+account+":alarm:hello-errors" || aws.ToString(a.Dimensions[0].Value) != "hello" ||
		time.Since(aws.ToTime(a.StateUpdatedTimestamp)).Abs() > time.Minute {
		t.Errorf("got %+v", a)
	}
	set := func(state types.StateValue) {
		t.Helper()
		_, err := w.client.SetAlarmState(t.Context(), &sdk.SetAlarmStateInput{AlarmName: aws.String("hello-errors"), StateValue: state, StateReason: aws.String("because")})
		if err != nil {
			t.Fatal(err)
		}
	}
	set(types.StateValueAlarm)
	set(types.StateValueAlarm) // no change: no further notification
	if state, there := w.AlarmState(here, "hello-errors"); state != "ALARM" || !there {
		t.Errorf("AlarmState gave %s, %v", state, there)
	}
	if got := w.describe(t, &sdk.DescribeAlarmsInput{StateValue: types.StateValueOk}); len(got) != 0 {
		t.Errorf("alarms that are OK: %+v", got)
	}
	tags, err := w.client.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceARN: a.AlarmArn})
	if err != nil || len(tags.Tags) != 1 || aws.ToString(tags.Tags[0].Value) != "tea" {
		t.Errorf("tags %+v, %v", tags, err)
	}
	w.close(t)
	if len(w.topics.got) != 1 || w.topics.got[0].Target != topic || w.topics.got[0].Subject != `ALARM: "hello-errors" in us-east-1` {
		t.Fatalf("notified %+v", w.topics.got)
	}
	var said struct{ NewStateValue, OldStateValue, NewStateReason, AlarmName, Region string }
	if err := json.Unmarshal(w.topics.got[0].Body, &said); err != nil || said.NewStateValue != "ALARM" || said.OldStateValue != "INSUFFICIENT_DATA" || said.NewStateReason != "because" {
		t.Errorf("notification %s: %v", w.topics.got[0].Body, err)
	}

	w = open(t, dir) // the state survives, also a new configuration
	again := errorsAlarm("hello-errors")
	again.Threshold = aws.Float64(3)
	if _, err := w.client.PutMetricAlarm(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	if got := w.describe(t, &sdk.DescribeAlarmsInput{AlarmNamePrefix: aws.String("hello")}); len(got) != 1 || got[0].StateValue != types.StateValueAlarm || *got[0].Threshold != 3 {
		t.Errorf("got %+v", got)
	}
	if _, err := w.client.DeleteAlarms(t.Context(), &sdk.DeleteAlarmsInput{AlarmNames: []string{"hello-errors"}}); err != nil {
		t.Fatal(err)
	}
	_, err = w.client.DeleteAlarms(t.Context(), &sdk.DeleteAlarmsInput{AlarmNames: []string{"hello-errors"}})
	wantError(t, err, "ResourceNotFound", "hello-errors")
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	for _, test := range []struct {
		name, code, text string
		edit             func(*sdk.PutMetricAlarmInput)
	}{
		{"action", "ValidationError", "does not model the alarm action arn:aws:ssm", func(in *sdk.PutMetricAlarmInput) { in.OKActions = []string{"arn:aws:ssm:us-east-1:1:x"} }},
		{"math", "ValidationError", `does not model parameter "Metrics"`, func(in *sdk.PutMetricAlarmInput) {
			in.Metrics = []types.MetricDataQuery{{Id: aws.String("m")}}
		}},
		{"both statistics", "InvalidParameterCombination", "Exactly one", func(in *sdk.PutMetricAlarmInput) { in.ExtendedStatistic = aws.String("p99") }},
		{"no threshold", "MissingParameter", "Threshold", func(in *sdk.PutMetricAlarmInput) { in.Threshold = nil }},
		{"more than there are", "ValidationError", "DatapointsToAlarm", func(in *sdk.PutMetricAlarmInput) { in.DatapointsToAlarm = aws.Int32(3) }},
	} {
		in := errorsAlarm("x")
		test.edit(in)
		_, err := w.client.PutMetricAlarm(t.Context(), in)
		t.Run(test.name, func(t *testing.T) { wantError(t, err, test.code, test.text) })
	}
	_, err := w.client.PutMetricData(t.Context(), &sdk.PutMetricDataInput{Namespace: aws.String("n")})
	wantError(t, err, "UnknownOperationException", `"PutMetricData" of CloudWatch: it has alarms`)
	_, err = w.client.SetAlarmState(t.Context(), &sdk.SetAlarmStateInput{AlarmName: aws.String("x"), StateValue: "SHOUTING", StateReason: aws.String("")})
	wantError(t, err, "ValidationError", "stateValue")
	_, err = w.client.SetAlarmState(t.Context(), &sdk.SetAlarmStateInput{AlarmName: aws.String("x"), StateValue: "OK", StateReason: aws.String("")})
	wantError(t, err, "ResourceNotFound", "x")
}

func TestPages(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	for _, name := range []string{"c", "a", "b"} {
		if _, err := w.client.PutMetricAlarm(t.Context(), errorsAlarm(name)); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	pages := sdk.NewDescribeAlarmsPaginator(w.client, &sdk.DescribeAlarmsInput{MaxRecords: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range page.MetricAlarms {
			names = append(names, *a.AlarmName)
		}
	}
	if diff := cmp.Diff([]string{"a", "b", "c"}, names); diff != "" {
		t.Error(diff)
	}
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	if out := w.aws(t, "cloudwatch", "put-metric-alarm", "--alarm-name", "x", "--metric-name", "Errors", "--namespace", "AWS/Lambda", "--statistic", "Sum",
		"--period", "60", "--evaluation-periods", "1", "--threshold", "1", "--comparison-operator", "GreaterThanThreshold", "--dimensions", "Name=FunctionName,Value=f"); out.Code != 0 {
		t.Fatal(out)
	}
	if out := w.aws(t, "cloudwatch", "set-alarm-state", "--alarm-name", "x", "--state-value", "ALARM", "--state-reason", "rehearsal"); out.Code != 0 {
		t.Fatal(out)
	}
	out := w.aws(t, "cloudwatch", "describe-alarms", "--alarm-names", "x")
	if out.Code != 0 || !strings.Contains(out.Text(), `"StateValue": "ALARM"`) || !strings.Contains(out.Text(), `"StateReason": "rehearsal"`) || !strings.Contains(out.Text(), `"Threshold": 1`) {
		t.Error(out)
	}
	if out := w.aws(t, "cloudwatch", "put-metric-data", "--namespace", "n", "--metric-name", "m", "--value", "1"); out.Code == 0 || !strings.Contains(out.Text(), "does not model") {
		t.Error(out)
	}
}

// The older protocols: AWS JSON, and query with its answers in XML.
func TestOlderProtocols(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	if _, err := w.client.PutMetricAlarm(t.Context(), errorsAlarm("x")); err != nil {
		t.Fatal(err)
	}
	send := func(body, contentType, target string) string {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.server.URL+"/", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20261123/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=0")
		r.Header.Set("Content-Type", contentType)
		if target != "" {
			r.Header.Set("X-Amz-Target", target)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.Status + " " + string(text)
	}
	query := func(form url.Values) string {
		form.Set("Version", "2010-08-01")
		return send(form.Encode(), "application/x-www-form-urlencoded", "")
	}
	put := url.Values{
		"Action": {"PutMetricAlarm"}, "AlarmName": {"old"}, "MetricName": {"Errors"}, "Namespace": {"N"}, "Statistic": {"Sum"}, "Period": {"60"},
		"EvaluationPeriods": {"1"}, "Threshold": {"2.5"}, "ComparisonOperator": {"LessThanThreshold"}, "ActionsEnabled": {"false"},
		"Dimensions.member.1.Name": {"a"}, "Dimensions.member.1.Value": {"b"}, "Dimensions.member.2.Name": {"c"}, "Dimensions.member.2.Value": {"d"},
	}
	if got := query(put); !strings.HasPrefix(got, "200") || !strings.Contains(got, "<PutMetricAlarmResponse") {
		t.Error(got)
	}
	got := query(url.Values{"Action": {"DescribeAlarms"}, "AlarmNames.member.1": {"old"}})
	for _, want := range []string{"<MetricAlarms><member>", "<Threshold>2.5</Threshold>", "<ActionsEnabled>false</ActionsEnabled>", "<Dimensions><member><Name>a</Name><Value>b</Value></member><member><Name>c</Name>"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	if got := query(url.Values{"Action": {"GetMetricData"}}); !strings.HasPrefix(got, "400") || !strings.Contains(got, "does not model") {
		t.Error(got)
	}
	if got := send(`{"AlarmNames":["x"]}`, "application/x-amz-json-1.0", "GraniteServiceVersion20100801.DescribeAlarms"); !strings.Contains(got, `"AlarmName":"x"`) || strings.Contains(got, `"old"`) {
		t.Error(got)
	}
	if got := send(`{`, "application/x-amz-json-1.0", "GraniteServiceVersion20100801.DescribeAlarms"); !strings.HasPrefix(got, "400") {
		t.Error(got)
	}
}

func TestAlarmType(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	kind := w.ResourceTypes()["AWS::CloudWatch::Alarm"]
	properties := func(text string) map[string]any {
		var v map[string]any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	r := resource.Request{Scope: here, DefaultName: func(int) string { return "stack-Alarm-1" }, Tags: map[string]string{"s": "t"}, Properties: properties(
		`{"MetricName":"Errors","Namespace":"AWS/Lambda","Statistic":"Sum","Period":"60","EvaluationPeriods":1,"Threshold":"0","ComparisonOperator":"GreaterThanThreshold"}`)}
	if faults := kind.Check(r.Properties); len(faults) != 0 {
		t.Errorf("faults %v", faults)
	}
	instance, err := kind.Create(t.Context(), r)
	if err != nil || instance.PhysicalID != "stack-Alarm-1" || instance.Attributes["Arn"] != "arn:aws:cloudwatch:us-east-1:"+account+":alarm:stack-Alarm-1" {
		t.Fatalf("got %+v, %v", instance, err)
	}
	if _, err := kind.Create(t.Context(), r); err == nil || !strings.Contains(err.Error(), "already exists") {
		t.Errorf("a second one: %v", err)
	}
	r.Properties["Threshold"] = 7
	if _, err := kind.Update(t.Context(), instance, r); err != nil {
		t.Fatal(err)
	}
	if got := w.describe(t, &sdk.DescribeAlarmsInput{}); len(got) != 1 || *got[0].Threshold != 7 || *got[0].Period != 60 {
		t.Errorf("got %+v", got)
	}
	want := []string{"#: required key [EvaluationPeriods] not found", "#/Metrics: the embedded AWS does not model this property"}
	if diff := cmp.Diff(want, kind.Check(properties(`{"ComparisonOperator":"LessThanThreshold","Metrics":[]}`))); diff != "" {
		t.Error(diff)
	}
	for range 2 {
		if err := kind.Delete(t.Context(), instance, r); err != nil {
			t.Fatal(err)
		}
	}
	if _, there := w.AlarmState(here, "stack-Alarm-1"); there {
		t.Error("the deleted alarm is still there")
	}
}
