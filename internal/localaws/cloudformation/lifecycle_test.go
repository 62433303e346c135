// SPDX-License-Identifier: MIT

package cloudformation_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

func TestCreate(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		var tags map[string]string
		w.cloud.on(func(_ context.Context, verb, id string, r resource.Request) error {
			if verb+id == "createB" {
				tags = r.Tags
			}
			return nil
		})
		st := w.create("app", `{"Description":"hi","Resources":{
			"B":`+thing(`"Of":{"Ref":"A"},"Arn":{"Fn::GetAtt":["A","Arn"]}`)+`,
			"A":`+thing(`"Value":"x"`)+`},
			"Outputs":{"Sum":{"Description":"of all","Value":{"Fn::Sub":"${A}/${B.Nested.Port}"},"Export":{"Name":"sum"}}}}`,
			func(in *sdk.CreateStackInput) {
				in.ClientRequestToken = aws.String("token-1")
				in.Tags = []types.Tag{{Key: aws.String("team"), Value: aws.String("blue")}}
			})
		want := []string{
			"app CREATE_IN_PROGRESS User Initiated",
			"A CREATE_IN_PROGRESS",
			"A CREATE_IN_PROGRESS Resource creation Initiated",
			"A CREATE_COMPLETE",
			"B CREATE_IN_PROGRESS",
			"B CREATE_IN_PROGRESS Resource creation Initiated",
			"B CREATE_COMPLETE",
			"app CREATE_COMPLETE",
		}
		if diff := cmp.Diff(want, w.history("app")); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		if got, want := aws.ToString(st.Outputs[0].OutputValue), "a-1/5432"; got != want {
			t.Errorf("output: got %q, want %q", got, want)
		}
		if diff := cmp.Diff(map[string]any{"Of": "a-1", "Arn": "arn:aws:fake:eu-west-1:123456789012:a-1"}, w.cloud.live["b-2"]); diff != "" {
			t.Errorf("properties of B (-want +got):\n%s", diff)
		}
		wantTags := map[string]string{
			"team": "blue", "aws:cloudformation:stack-name": "app", "aws:cloudformation:stack-id": *st.StackId, "aws:cloudformation:logical-id": "B",
		}
		if diff := cmp.Diff(wantTags, tags); diff != "" {
			t.Errorf("tags (-want +got):\n%s", diff)
		}
		seen := map[string]bool{}
		for _, e := range w.events("app") {
			if seen[*e.EventId] {
				t.Errorf("event id %s is used twice", *e.EventId)
			}
			seen[*e.EventId] = true
			if aws.ToString(e.ClientRequestToken) != "token-1" || aws.ToString(e.OperationId) != aws.ToString(st.LastOperations[0].OperationId) {
				t.Errorf("event %s: token %v, operation %v", *e.EventId, e.ClientRequestToken, e.OperationId)
			}
		}
		if aws.ToString(st.Description) != "hi" || len(st.Tags) != 1 || st.CreationTime == nil || st.LastUpdatedTime != nil {
			t.Errorf("stack: %+v", st)
		}
	})
}

func TestCreateRollsBack(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		w.cloud.on(func(ctx context.Context, verb, id string, _ resource.Request) error {
			switch verb + " " + id {
			case "create Bad":
				time.Sleep(time.Second)
				return errors.New("no room left")
			case "create Slow":
				select {
				case <-ctx.Done():
					return ctx.Err()
				case <-time.After(time.Hour):
				}
			}
			return nil
		})
		st := w.create("app", templateOf("Base", thing(``), "Bad", thing(`"Of":{"Ref":"Base"}`), "Slow", thing(`"Of":{"Ref":"Base"}`), "Never", thing(`"Of":{"Ref":"Slow"}`)))
		if st.StackStatus != types.StackStatusRollbackComplete {
			t.Errorf("status %s", st.StackStatus)
		}
		want := []string{
			"app CREATE_IN_PROGRESS User Initiated",
			"Base CREATE_IN_PROGRESS",
			"Base CREATE_IN_PROGRESS Resource creation Initiated",
			"Base CREATE_COMPLETE",
			"Bad CREATE_IN_PROGRESS",
			"Slow CREATE_IN_PROGRESS",
			"Bad CREATE_FAILED no room left",
			"Slow CREATE_FAILED Resource creation cancelled",
			"app ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [Bad, Slow]. Rollback requested by user.",
			"Bad DELETE_COMPLETE",
			"Slow DELETE_COMPLETE",
			"Base DELETE_IN_PROGRESS",
			"Base DELETE_COMPLETE",
			"app ROLLBACK_COMPLETE",
		}
		got := w.history("app")
		if i := slices.Index(got, "Slow CREATE_IN_PROGRESS"); i >= 0 && i < slices.Index(got, "Bad CREATE_IN_PROGRESS") {
			got[i], got[i+1] = got[i+1], got[i] // siblings begin in any order
		}
		if i := slices.Index(got, "Slow DELETE_COMPLETE"); i >= 0 && i < slices.Index(got, "Bad DELETE_COMPLETE") {
			got[i], got[i+1] = got[i+1], got[i]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		if left := w.cloud.left(); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
		operations := map[string]bool{}
		for _, e := range w.events("app") {
			operations[aws.ToString(e.OperationId)] = true
		}
		if len(operations) != 2 {
			t.Errorf("a failed creation and its rollback are two operations, got %d", len(operations))
		}
	})
}

func TestOnFailure(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		option func(*sdk.CreateStackInput)
		status types.StackStatus
		left   []string
	}{
		{"delete", func(in *sdk.CreateStackInput) { in.OnFailure = types.OnFailureDelete }, types.StackStatusDeleteComplete, nil},
		{"do nothing", func(in *sdk.CreateStackInput) { in.OnFailure = types.OnFailureDoNothing }, types.StackStatusCreateFailed, []string{"a-1", "c-2"}},
		{"disable rollback", func(in *sdk.CreateStackInput) { in.DisableRollback = aws.Bool(true) }, types.StackStatusCreateFailed, []string{"a-1", "c-2"}},
		{"roll back", func(in *sdk.CreateStackInput) { in.OnFailure = types.OnFailureRollback }, types.StackStatusRollbackComplete, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, w *world) {
				w.cloud.failOn("create B")
				st := w.create("app", templateOf("A", thing(``), "B", thing(`"Of":{"Ref":"A"}`), "C", thing(`"Of":{"Ref":"A"}`)), c.option)
				if st.StackStatus != c.status {
					t.Errorf("status: got %s, want %s", st.StackStatus, c.status)
				}
				if diff := cmp.Diff(c.left, w.cloud.left()); diff != "" {
					t.Errorf("left (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		w.create("app", templateOf("A", thing(`"Name":"one"`), "B", thing(`"Of":{"Ref":"A"}`), "C", thing(`"Value":"1"`), "D", thing(``), "E", thing(``)))
		w.cloud.taken()
		before := len(w.history("app"))
		st := w.update("app", templateOf("A", thing(`"Name":"two"`), "B", thing(`"Of":{"Ref":"A"}`), "C", thing(`"Value":"1"`), "E", thing(``), "F", thing(`"Of":{"Ref":"B"}`)))
		if st.StackStatus != types.StackStatusUpdateComplete || st.LastUpdatedTime == nil {
			t.Errorf("status %s, updated %v", st.StackStatus, st.LastUpdatedTime)
		}
		want := []string{
			"app UPDATE_IN_PROGRESS User Initiated",
			"A UPDATE_IN_PROGRESS Requested update requires the creation of a new physical resource; hence creating one.",
			"A UPDATE_IN_PROGRESS Resource creation Initiated",
			"A UPDATE_COMPLETE",
			"B UPDATE_IN_PROGRESS",
			"B UPDATE_COMPLETE",
			"F CREATE_IN_PROGRESS",
			"F CREATE_IN_PROGRESS Resource creation Initiated",
			"F CREATE_COMPLETE",
			"app UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
		}
		got := w.history("app")[before:]
		if diff := cmp.Diff(want, got[:len(want)]); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		cleanup := slices.Sorted(slices.Values(got[len(want):]))
		if diff := cmp.Diff([]string{"A DELETE_COMPLETE", "A DELETE_IN_PROGRESS", "D DELETE_COMPLETE", "D DELETE_IN_PROGRESS", "app UPDATE_COMPLETE"}, cleanup); diff != "" {
			t.Errorf("cleanup (-want +got):\n%s", diff)
		}
		log := w.cloud.taken()
		if len(log) != 5 || log[0] != "create A" || log[1] != "update B" || log[2] != "create F" {
			t.Errorf("work: %v", log)
		}
		if got := strings.Join(w.cloud.left(), " "); strings.Contains(got, "d-") || !strings.Contains(got, "a-6") {
			t.Errorf("left: %s", got)
		}
	})
}

func TestUpdateRollsBack(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		first := templateOf("A", thing(`"Name":"one"`), "B", thing(`"Value":"1","Of":{"Ref":"A"}`), "Gone", thing(``))
		w.create("app", first)
		live := w.cloud.left()
		before := len(w.history("app"))
		w.cloud.on(func(_ context.Context, verb, id string, r resource.Request) error {
			if verb+id == "updateBad" || verb+id == "createBad" {
				return errors.New("no")
			}
			return nil
		})
		st := w.update("app", templateOf("A", thing(`"Name":"two"`), "B", thing(`"Value":"2","Of":{"Ref":"A"}`), "New", thing(`"Of":{"Ref":"B"}`), "Bad", thing(`"Of":{"Ref":"New"}`)))
		if st.StackStatus != types.StackStatusUpdateRollbackComplete {
			t.Fatalf("status %s", st.StackStatus)
		}
		if diff := cmp.Diff(live, w.cloud.left()); diff != "" {
			t.Errorf("resources after the rollback (-want +got):\n%s", diff)
		}
		if got, want := w.cloud.live["b-"+physical(w, "B")]["Of"], any("a-"+physical(w, "A")); got != want {
			t.Errorf("B refers to %v, want %v", got, want)
		}
		got := w.history("app")[before:]
		for _, want := range []string{
			"Bad CREATE_FAILED no",
			"app UPDATE_ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [Bad].",
			"A UPDATE_IN_PROGRESS", "A UPDATE_COMPLETE", "B UPDATE_COMPLETE",
			"app UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
			"New DELETE_COMPLETE", "Bad DELETE_COMPLETE", "A DELETE_COMPLETE",
			"app UPDATE_ROLLBACK_COMPLETE",
		} {
			if !slices.Contains(got, want) {
				t.Errorf("no event %q in\n%s", want, strings.Join(got, "\n"))
			}
		}
		body, err := w.client.GetTemplate(t.Context(), &sdk.GetTemplateInput{StackName: aws.String("app")})
		if err != nil || aws.ToString(body.TemplateBody) != first {
			t.Errorf("template after the rollback: %v, %v", aws.ToString(body.TemplateBody), err)
		}
		w.cloud.on(nil)
		if st := w.update("app", templateOf("A", thing(`"Name":"three"`))); st.StackStatus != types.StackStatusUpdateComplete {
			t.Errorf("update after the rollback: %s", st.StackStatus)
		}
	})
}

func TestDelete(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		w.create("app", templateOf("A", thing(``), "B", thing(`"Of":{"Ref":"A"}`), "C", thing(`"Of":{"Ref":"B"}`), "X", thing(``)))
		w.cloud.failOn("delete b-" + physical(w, "B"))
		st := w.remove("app")
		if st.StackStatus != types.StackStatusDeleteFailed || aws.ToString(st.StackStatusReason) != "The following resource(s) failed to delete: [B]. " {
			t.Fatalf("got %s %q", st.StackStatus, aws.ToString(st.StackStatusReason))
		}
		if left := w.cloud.left(); len(left) != 2 { // A is needed by B
			t.Errorf("left %v", left)
		}
		id := *st.StackId
		if st := w.remove("app", func(in *sdk.DeleteStackInput) { in.RetainResources = []string{"B"} }); st.StackStatus != types.StackStatusDeleteComplete {
			t.Errorf("got %s", st.StackStatus)
		}
		if left := w.cloud.left(); len(left) != 1 || !strings.HasPrefix(left[0], "b-") {
			t.Errorf("left %v", left)
		}
		_, err := w.client.DescribeStacks(t.Context(), &sdk.DescribeStacksInput{StackName: aws.String("app")})
		if got, want := failure(t, err), "ValidationError: Stack with id app does not exist"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if st := w.stack(id); st.DeletionTime == nil {
			t.Error("a deleted stack has no deletion time")
		}
		if _, err := w.client.DeleteStack(t.Context(), &sdk.DeleteStackInput{StackName: aws.String("app")}); err != nil {
			t.Errorf("delete again: %v", err)
		}
		if st := w.create("app", templateOf("A", thing(``))); *st.StackId == id {
			t.Error("a new stack has the id of the deleted one")
		}
	})
}

// physical returns the number in the physical id of a resource.
func physical(w *world, id string) string {
	for _, left := range w.cloud.left() {
		if number, ok := strings.CutPrefix(left, strings.ToLower(id)+"-"); ok {
			return number
		}
	}
	return ""
}

func TestForceDelete(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		w.create("app", templateOf("A", thing(``), "B", thing(``)))
		w.cloud.on(func(_ context.Context, verb, id string, _ resource.Request) error {
			if verb == "delete" && strings.HasPrefix(id, "b-") {
				return errors.New("no")
			}
			return nil
		})
		force := func(in *sdk.DeleteStackInput) { in.DeletionMode = types.DeletionModeForceDeleteStack }
		_, err := w.client.DeleteStack(t.Context(), &sdk.DeleteStackInput{StackName: aws.String("app"), DeletionMode: types.DeletionModeForceDeleteStack})
		if !strings.Contains(failure(t, err), "DELETE_FAILED state") {
			t.Errorf("got %v", err)
		}
		id := *w.remove("app").StackId
		if st := w.remove("app", force); st.StackStatus != types.StackStatusDeleteComplete {
			t.Errorf("got %s", st.StackStatus)
		}
		if h := w.history(id); !slices.Contains(h, "B DELETE_SKIPPED") {
			t.Errorf("events %v", h)
		}
	})
}

func TestDeleteDuringCreation(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		w.cloud.on(func(ctx context.Context, verb, id string, _ resource.Request) error {
			if verb+id == "createB" {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		})
		out, err := w.client.CreateStack(t.Context(), &sdk.CreateStackInput{
			StackName: aws.String("app"), TemplateBody: aws.String(templateOf("A", thing(``), "B", thing(`"Of":{"Ref":"A"}`))),
		})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if _, err := w.client.DeleteStack(t.Context(), &sdk.DeleteStackInput{StackName: aws.String("app")}); err != nil {
			t.Fatal(err)
		}
		if st := w.settled(*out.StackId); st.StackStatus != types.StackStatusDeleteComplete {
			t.Errorf("status %s", st.StackStatus)
		}
		if left := w.cloud.left(); len(left) > 0 {
			t.Errorf("left %v", left)
		}
		if got := w.history(*out.StackId); !slices.Contains(got, "B CREATE_FAILED Resource creation cancelled") {
			t.Errorf("events %v", got)
		}
	})
}

func TestRetryWhatIsNotReady(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		attempts := 0
		w.cloud.on(func(_ context.Context, verb, _ string, _ resource.Request) error {
			if verb == "create" {
				if attempts++; attempts < 8 {
					return errors.Join(errors.New("the role cannot be assumed"), resource.ErrRetry)
				}
			}
			return nil
		})
		if st := w.create("app", templateOf("A", thing(``))); st.StackStatus != types.StackStatusCreateComplete || attempts != 8 {
			t.Errorf("%s after %d attempts", st.StackStatus, attempts)
		}
		attempts = -1000
		started := time.Now()
		if st := w.create("never", templateOf("A", thing(``))); st.StackStatus != types.StackStatusRollbackComplete {
			t.Errorf("got %s", st.StackStatus)
		}
		if took := time.Since(started); took < time.Minute || took > 70*time.Second {
			t.Errorf("gave up after %s, want about a minute", took)
		}
	})
}

func TestPanicFailsTheResource(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		w.cloud.on(func(_ context.Context, verb, _ string, _ resource.Request) error {
			if verb == "create" {
				panic("oh dear")
			}
			return nil
		})
		st := w.create("app", templateOf("A", thing(``)))
		if h := w.history("app"); st.StackStatus != types.StackStatusRollbackComplete || !slices.Contains(h, "A CREATE_FAILED internal error: oh dear") {
			t.Errorf("%s, %v", st.StackStatus, h)
		}
	})
}
