// SPDX-License-Identifier: MIT

package scheduler_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// The clock of a synctest bubble begins at midnight UTC of 2000-01-01.
func TestWhen(t *testing.T) {
	t.Parallel()
	midnight := float64(946684800)
	for _, test := range []struct {
		name string
		in   object
		want []string // within the first 20 minutes
	}{
		{"rate", plan("rate(5 minutes)", nil), []string{"00:00:00", "00:05:00", "00:10:00", "00:15:00", "00:20:00"}},
		{"rate of one", plan("rate(1 hours)", nil), []string{"00:00:00"}},
		{"rate with a start", plan("rate(10 minutes)", object{"StartDate": midnight + 120}), []string{"00:02:00", "00:12:00"}},
		{"rate with an end", plan("rate(5 minutes)", object{"EndDate": midnight + 600}), []string{"00:00:00", "00:05:00", "00:10:00"}},
		{"cron", plan("cron(7 0 * * ? *)", nil), []string{"00:07:00"}},
		{"cron with a start", plan("cron(0/4 * * * ? *)", object{"StartDate": midnight + 480}), []string{"00:08:00", "00:12:00", "00:16:00", "00:20:00"}},
		{"cron in Tokyo", plan("cron(3 9 * * ? *)", object{"ScheduleExpressionTimezone": "Asia/Tokyo"}), []string{"00:03:00"}},
		{"once", plan("at(2000-01-01T00:11:00)", nil), []string{"00:11:00"}},
		{"once in New York", plan("at(1999-12-31T19:13:00)", object{"ScheduleExpressionTimezone": "America/New_York"}), []string{"00:13:00"}},
		{"once, past", plan("at(1999-12-31T00:00:00)", nil), nil},
		{"disabled", plan("rate(1 minutes)", object{"State": "DISABLED"}), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := open(t, t.TempDir())
				w.ok(t, http.MethodPost, "/schedules/s", test.in)
				if _, at := w.after(20 * time.Minute); !slices.Equal(at, test.want) {
					t.Errorf("got %v, want %v", at, test.want)
				}
			})
		})
	}
}

func TestFlexibleWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		w.ok(t, http.MethodPost, "/schedules/s", plan("at(2000-01-01T00:10:00)", object{"FlexibleTimeWindow": object{"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5}}))
		got, at := w.after(20 * time.Minute)
		if len(at) != 1 || at[0] < "00:10:00" || at[0] >= "00:15:00" || !strings.Contains(string(got[0].Body), `"time":"2000-01-01T00:10:00Z"`) {
			t.Errorf("got %v %+v", at, got)
		}
	})
}

func TestInput(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		w.ok(t, http.MethodPost, "/schedules/plain", plan("at(2000-01-01T00:01:00)", nil))
		got, _ := w.after(time.Minute)
		var event object
		if err := json.Unmarshal(got[0].Body, &event); err != nil {
			t.Fatal(err)
		}
		if event["id"] == "" {
			t.Error("the event has no id")
		}
		delete(event, "id")
		arn := here.Regional("scheduler", "schedule/default/plain")
		want := object{"version": "0", "detail-type": "Scheduled Event", "source": "aws.scheduler", "account": account, "time": "2000-01-01T00:01:00Z",
			"region": "us-east-1", "resources": []any{arn}, "detail": "{}"}
		if diff := cmp.Diff(want, event); diff != "" || got[0].Principal != "" || got[0].Target != function {
			t.Error(diff, got[0])
		}
		w.refused(t, http.MethodPost, "/schedules/text", plan("rate(1 minute)", object{"Target": aim(object{"Input": "text"})}), "ValidationException", "Invalid JSON")
	})
}

func TestContextAttributes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		w.ok(t, http.MethodPost, "/schedules/given", plan("at(2000-01-01T00:02:00)", object{"Target": aim(object{
			"Input": `{"arn":"<aws.scheduler.schedule-arn>","at":"<aws.scheduler.scheduled-time>","id":"<aws.scheduler.execution-id>","n":"<aws.scheduler.attempt-number>"}`,
		})}))
		got, _ := w.after(2 * time.Minute)
		var in map[string]string
		if err := json.Unmarshal(got[0].Body, &in); err != nil {
			t.Fatal(err)
		}
		if in["arn"] != here.Regional("scheduler", "schedule/default/given") || in["at"] != "2000-01-01T00:02:00Z" || len(in["id"]) != 16 || in["n"] != "1" {
			t.Errorf("got %v", in)
		}
	})
}

func TestTargets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		for name, target := range map[string]object{
			"fifo": {"Arn": here.Regional("sqs", "q.fifo"), "RoleArn": role, "Input": "text", "SqsParameters": object{"MessageGroupId": "g"}},
			"bus":  {"Arn": here.Regional("events", "event-bus/default"), "RoleArn": role, "EventBridgeParameters": object{"DetailType": "Tick", "Source": "my.clock"}},
		} {
			w.ok(t, http.MethodPost, "/schedules/"+name, plan("at(2000-01-01T00:01:00)", object{"Target": target}))
		}
		got, _ := w.after(time.Minute)
		slices.SortFunc(got, func(a, b delivery.Message) int { return strings.Compare(a.Target, b.Target) })
		if len(got) != 2 || got[0].EventSource != "my.clock" || got[0].DetailType != "Tick" || string(got[0].Body) != "{}" || got[0].Account != account {
			t.Fatalf("got %+v", got)
		}
		if got[1].Group != "g" || got[1].Deduplication == "" || string(got[1].Body) != "text" {
			t.Errorf("got %+v", got[1])
		}
	})
}

func TestDeadLetters(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		fail    error
		code    string
		retries string
	}{
		{"denied", wire.Errorf(404, "ResourceNotFoundException", "no function"), "ResourceNotFoundException", "0"},
		{"busy", wire.Errorf(429, "TooManyRequestsException", "busy"), "TooManyRequestsException", "2"},
		{"odd", errors.New("odd"), "InternalServerException", "2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := open(t, t.TempDir())
				w.inbox.fail = test.fail
				w.ok(t, http.MethodPost, "/schedules/s", plan("at(2000-01-01T00:01:00)", object{"Target": aim(object{
					"DeadLetterConfig": object{"Arn": dead}, "RetryPolicy": object{"MaximumRetryAttempts": 2}})}))
				got, _ := w.after(2 * time.Minute)
				if len(got) != 1 || got[0].Target != dead || got[0].Principal != "" {
					t.Fatalf("got %+v", got)
				}
				a := got[0].Attributes
				if a["ERROR_CODE"].StringValue != test.code || a["RETRY_ATTEMPTS"].StringValue != test.retries || a["SCHEDULED_TIME"].StringValue != "2000-01-01T00:01:00Z" {
					t.Errorf("got %+v", a)
				}
			})
		})
	}
}

func TestAfterCompletion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		w.ok(t, http.MethodPost, "/schedules/once", plan("at(2000-01-01T00:01:00)", object{"ActionAfterCompletion": "DELETE"}))
		w.ok(t, http.MethodPost, "/schedules/kept", plan("at(2000-01-01T00:01:00)", nil))
		w.ok(t, http.MethodPost, "/schedules/ends", plan("rate(1 minutes)", object{"ActionAfterCompletion": "DELETE", "EndDate": 946684800 + 150}))
		got, _ := w.after(10 * time.Minute)
		if len(got) != 5 {
			t.Errorf("got %d", len(got))
		}
		w.refused(t, http.MethodGet, "/schedules/once", nil, "ResourceNotFoundException", "once")
		w.refused(t, http.MethodGet, "/schedules/ends", nil, "ResourceNotFoundException", "ends")
		w.ok(t, http.MethodGet, "/schedules/kept", nil)
	})
}

func TestScheduleAPI(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		w := open(t, dir)
		arn := here.Regional("scheduler", "schedule/jobs/s")
		w.ok(t, http.MethodPost, "/schedule-groups/jobs", object{"Tags": []object{{"Key": "a", "Value": "1"}}})
		in := plan("rate(1 hours)", object{"GroupName": "jobs", "Description": "d", "ClientToken": "t1", "StartDate": 946684860})
		if out := w.ok(t, http.MethodPost, "/schedules/s", in); out["ScheduleArn"] != arn {
			t.Errorf("got %v", out)
		}
		w.ok(t, http.MethodPost, "/schedules/s", in) // the same call
		in["ClientToken"] = "t2"
		w.refused(t, http.MethodPost, "/schedules/s", in, "ConflictException", "already exists")
		if err := w.store.Flush(); err != nil {
			t.Fatal(err)
		}
		w = open(t, dir)
		got := w.ok(t, http.MethodGet, "/schedules/s?groupName=jobs", nil)
		want := object{"ActionAfterCompletion": "NONE", "Arn": arn, "CreationDate": 946684800.0, "Description": "d", "FlexibleTimeWindow": object{"Mode": "OFF"},
			"GroupName": "jobs", "LastModificationDate": 946684800.0, "Name": "s", "ScheduleExpression": "rate(1 hours)", "ScheduleExpressionTimezone": "UTC",
			"StartDate": 946684860.0, "State": "ENABLED", "Target": object{"Arn": function, "RoleArn": role, "RetryPolicy": object{"MaximumEventAgeInSeconds": 86400.0, "MaximumRetryAttempts": 185.0}}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if _, at := w.after(90 * time.Minute); !slices.Equal(at, []string{"00:01:00", "01:01:00"}) {
			t.Errorf("after the restart at %v", at)
		}
		w.ok(t, http.MethodPut, "/schedules/s", plan("cron(0 3 * * ? *)", object{"GroupName": "jobs"}))
		if got := w.ok(t, http.MethodGet, "/schedules/s?groupName=jobs", nil); got["Description"] != nil || got["CreationDate"] != 946684800.0 || got["LastModificationDate"] != 946690200.0 {
			t.Errorf("got %v", got)
		}
		if _, at := w.after(2 * time.Hour); !slices.Equal(at, []string{"03:00:00"}) {
			t.Errorf("after the update at %v", at)
		}
		w.ok(t, http.MethodPost, "/schedules/other", plan("rate(1 day)", object{"State": "DISABLED"}))
		for query, names := range map[string][]string{"": {"other", "s"}, "?ScheduleGroup=jobs": {"s"}, "?State=DISABLED": {"other"}, "?NamePrefix=o": {"other"}} {
			var list []string
			for _, item := range w.ok(t, http.MethodGet, "/schedules"+query, nil)["Schedules"].([]any) {
				list = append(list, item.(object)["Name"].(string))
			}
			if !slices.Equal(list, names) {
				t.Errorf("%q: got %v", query, list)
			}
		}
		if page := w.ok(t, http.MethodGet, "/schedules?MaxResults=1", nil); page["NextToken"] != "1" {
			t.Errorf("got %v", page)
		}
		w.refused(t, http.MethodDelete, "/schedules/s", nil, "ResourceNotFoundException", "s does not exist")
		w.refused(t, http.MethodPut, "/schedules/none", plan("rate(1 day)", nil), "ResourceNotFoundException", "")
		w.ok(t, http.MethodDelete, "/schedules/other?clientToken=x", nil)
		w.ok(t, http.MethodDelete, "/schedule-groups/jobs", nil)
		w.refused(t, http.MethodGet, "/schedules/s?groupName=jobs", nil, "ResourceNotFoundException", "")
		w.refused(t, http.MethodPatch, "/schedules/s", nil, "UnknownOperationException", "PATCH /schedules/s")
		w.refused(t, http.MethodGet, "/schedules?Colour=red", nil, "ValidationException", `does not model parameter "Colour" of ListSchedules`)
	})
}

func TestGroups(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		made := w.ok(t, http.MethodPost, "/schedule-groups/jobs", object{"ClientToken": "x", "Tags": []object{{"Key": "a", "Value": "1"}}})
		arn := here.Regional("scheduler", "schedule-group/jobs")
		if made["ScheduleGroupArn"] != arn {
			t.Errorf("got %v", made)
		}
		path := "/tags/" + strings.NewReplacer("/", "%2F", ":", "%3A").Replace(arn)
		w.ok(t, http.MethodPost, path, object{"Tags": []object{{"Key": "b", "Value": "2"}}})
		w.ok(t, http.MethodDelete, path+"?TagKeys=a", nil)
		if got := w.ok(t, http.MethodGet, path, nil)["Tags"]; !cmp.Equal(got, []any{object{"Key": "b", "Value": "2"}}) {
			t.Errorf("got %v", got)
		}
		if got := w.ok(t, http.MethodGet, "/schedule-groups/jobs", nil); got["State"] != "ACTIVE" || got["Arn"] != arn {
			t.Errorf("got %v", got)
		}
		if got := w.ok(t, http.MethodGet, "/schedule-groups", nil)["ScheduleGroups"].([]any); len(got) != 2 {
			t.Errorf("got %v", got)
		}
		w.refused(t, http.MethodPost, "/schedule-groups/jobs", nil, "ConflictException", "jobs")
		w.refused(t, http.MethodPost, "/schedule-groups/a+b", nil, "ValidationException", "a+b")
		w.refused(t, http.MethodDelete, "/schedule-groups/default", nil, "ValidationException", "default")
		w.refused(t, http.MethodGet, "/schedule-groups/none", nil, "ResourceNotFoundException", "none")
	})
}

func TestRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		bus, fifo := here.Regional("events", "event-bus/default"), here.Regional("sqs", "q.fifo")
		for _, test := range []struct {
			in   object
			want string
		}{
			{plan("every day", nil), "Invalid Schedule Expression every day"},
			{plan("rate(1 day)", object{"ScheduleExpressionTimezone": "Mars/Olympus"}), "Mars/Olympus"},
			{plan("rate(1 day)", object{"ScheduleExpressionTimezone": "Local"}), "time zone"},
			{plan("rate(1 day)", object{"State": "ON"}), "ENABLED"},
			{plan("rate(1 day)", object{"ActionAfterCompletion": "STOP"}), "NONE"},
			{plan("rate(1 day)", object{"FlexibleTimeWindow": object{}}), "flexibleTimeWindow.mode"},
			{plan("rate(1 day)", object{"FlexibleTimeWindow": object{"Mode": "OFF", "MaximumWindowInMinutes": 1}}), "must be null"},
			{plan("rate(1 day)", object{"FlexibleTimeWindow": object{"Mode": "FLEXIBLE"}}), "between 1 and 1440"},
			{plan("rate(1 day)", object{"StartDate": 2e9, "EndDate": 1.9e9}), "EndDate must come after"},
			{plan("rate(1 day)", object{"EndDate": 1e8}), "in the future"},
			{plan("rate(1 day)", object{"KmsKeyArn": "x"}), `does not model parameter "KmsKeyArn" of CreateSchedule`},
			{plan("rate(1 day)", object{"Target": aim(object{"Arn": "f"})}), "correct format"},
			{plan("rate(1 day)", object{"Target": aim(object{"Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage"})}), "universal targets"},
			{plan("rate(1 day)", object{"Target": aim(object{"Arn": here.Regional("states", "stateMachine:m")})}), "does not model the target"},
			{plan("rate(1 day)", object{"Target": aim(object{"RoleArn": "role"})}), "RoleArn"},
			{plan("rate(1 day)", object{"Target": aim(object{"RoleArn": "arn:aws:iam::111111111111:role/good"})}), "RoleArn"},
			{plan("rate(1 day)", object{"Target": aim(object{"RoleArn": "arn:aws:iam::000000000000:role/bad"})}), "must allow AWS EventBridge Scheduler to assume the role"},
			{plan("rate(1 day)", object{"Target": aim(object{"Arn": bus})}), "EventBridgeParameters"},
			{plan("rate(1 day)", object{"Target": aim(object{"Arn": bus, "EventBridgeParameters": object{"DetailType": "d", "Source": "aws.x"}})}), "aws."},
			{plan("rate(1 day)", object{"Target": aim(object{"Arn": fifo})}), "MessageGroupId"},
			{plan("rate(1 day)", object{"Target": aim(object{"SqsParameters": object{"MessageGroupId": "g"}})}), "for queues only"},
			{plan("rate(1 day)", object{"Target": aim(object{"RetryPolicy": object{"MaximumRetryAttempts": 186}})}), "185"},
			{plan("rate(1 day)", object{"Target": aim(object{"RetryPolicy": object{"MaximumEventAgeInSeconds": 1}})}), "86400"},
			{plan("rate(1 day)", object{"Target": aim(object{"DeadLetterConfig": object{"Arn": fifo}})}), "standard queue"},
		} {
			w.refused(t, http.MethodPost, "/schedules/s", test.in, "ValidationException", test.want)
		}
		w.refused(t, http.MethodPost, "/schedules/a+b", plan("rate(1 day)", nil), "ValidationException", "a+b")
		w.refused(t, http.MethodPost, "/schedules/s", plan("rate(1 day)", object{"GroupName": "none"}), "ResourceNotFoundException", "Schedule group none")
	})
}

func request(properties object) resource.Request {
	return resource.Request{Scope: here, Properties: properties, Tags: map[string]string{"k": "v"}, DefaultName: func(int) string { return "stack-Schedule-ABC" }}
}

func TestScheduleType(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		schedules, groups := w.ResourceTypes()["AWS::Scheduler::Schedule"], w.ResourceTypes()["AWS::Scheduler::ScheduleGroup"]
		group, err := groups.Create(t.Context(), request(object{"Name": "jobs"}))
		if err != nil || group.PhysicalID != "jobs" || group.Attributes["Arn"] != here.Regional("scheduler", "schedule-group/jobs") {
			t.Fatal(group, err)
		}
		properties := object{"ScheduleExpression": "rate(10 minutes)", "GroupName": "jobs", "StartDate": "2000-01-01T00:05:00.000Z",
			"FlexibleTimeWindow": object{"Mode": "OFF"}, "Target": object{"Arn": function, "RoleArn": role, "Input": `{"a":1}`, "RetryPolicy": object{"MaximumRetryAttempts": "0"}}}
		if faults := schedules.Check(properties); faults != nil {
			t.Error(faults)
		}
		if faults := schedules.Check(object{"KmsKeyArn": "x"}); len(faults) != 4 {
			t.Error(faults)
		}
		made, err := schedules.Create(t.Context(), request(properties))
		want := resource.Instance{PhysicalID: "stack-Schedule-ABC", Attributes: object{"Arn": here.Regional("scheduler", "schedule/jobs/stack-Schedule-ABC")}}
		if diff := cmp.Diff(want, made); diff != "" || err != nil {
			t.Fatal(diff, err)
		}
		if _, at := w.after(20 * time.Minute); !slices.Equal(at, []string{"00:05:00", "00:15:00"}) {
			t.Errorf("at %v", at)
		}
		if _, err := schedules.Create(t.Context(), request(properties)); err == nil || !strings.Contains(err.Error(), "already exists") {
			t.Errorf("got %v", err)
		}
		next := object{"ScheduleExpression": "cron(30 0 * * ? *)", "GroupName": "jobs", "FlexibleTimeWindow": object{"Mode": "OFF"}, "Target": object{"Arn": function, "RoleArn": role}}
		if _, err := schedules.Update(t.Context(), made, request(next)); err != nil {
			t.Fatal(err)
		}
		if _, at := w.after(20 * time.Minute); !slices.Equal(at, []string{"00:30:00"}) {
			t.Errorf("at %v", at)
		}
		next["Target"] = object{"Arn": function, "RoleArn": role + "2"}
		if _, err := schedules.Update(t.Context(), made, request(next)); !errors.Is(err, resource.ErrRetry) || !strings.Contains(err.Error(), "(Service: Scheduler, Status Code: 400") {
			t.Errorf("got %v", err)
		}
		next["StartDate"] = "soon"
		if _, err := schedules.Update(t.Context(), made, request(next)); err == nil || !strings.Contains(err.Error(), "soon") {
			t.Errorf("got %v", err)
		}
		if !schedules.Replaces(properties, object{"Name": "x", "GroupName": "jobs"}) || !schedules.Replaces(properties, object{}) || schedules.Replaces(object{"GroupName": "default"}, object{}) {
			t.Error("replaces the wrong things")
		}
		if _, err := groups.Update(t.Context(), group, request(object{"Name": "jobs", "Tags": []any{object{"Key": "a", "Value": "b"}}})); err != nil {
			t.Error(err)
		}
		for range 2 {
			if err := schedules.Delete(t.Context(), made, request(nil)); err != nil {
				t.Error(err)
			}
			if err := groups.Delete(t.Context(), group, request(nil)); err != nil {
				t.Error(err)
			}
		}
	})
}
