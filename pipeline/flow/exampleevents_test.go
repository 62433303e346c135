// SPDX-License-Identifier: MIT

package flow_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	sestypes "github.com/aws/aws-sdk-go-v2/service/ses/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/sparta-up/sparta/internal/awsclient"
	"github.com/sparta-up/sparta/pipeline/stage"
)

// example brings an example up, with node if it is there.
func example(t *testing.T, name string) (*world, stage.Outcome) {
	t.Helper()
	w := local(t, "../../examples/"+name+"/sparta.yaml")
	w.Confirm = agree
	return w, w.mustUp(stage.Created)
}

func (w *world) config() aws.Config { return awsclient.Local(w.endpoint, account, region) }

// eventually asks until what it asks for is there.
func eventually(t *testing.T, what string, there func() (bool, error)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		ok, err := there()
		switch {
		case ok:
			return
		case ctx.Err() != nil:
			t.Fatalf("%s: not there: %v", what, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// logged waits for a line in a function's log.
func (w *world) logged(group, text string) {
	w.t.Helper()
	api := cloudwatchlogs.NewFromConfig(w.config())
	eventually(w.t, fmt.Sprintf("%q in %s", text, group), func() (bool, error) {
		out, err := api.FilterLogEvents(w.t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group})
		if err != nil {
			return false, err
		}
		for _, event := range out.Events {
			if strings.Contains(*event.Message, text) {
				return true, nil
			}
		}
		return false, nil
	})
}

func TestExampleQueue(t *testing.T) {
	t.Parallel()
	w, outcome := example(t, "queue")
	address := output(t, outcome, "OrderUrl")
	for body, want := range map[string]int{
		`{"item": "shield", "count": 2}`: http.StatusAccepted, `{"item": "spear"}`: http.StatusAccepted, `{}`: http.StatusBadRequest,
	} {
		response, err := http.Post(address, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: got %d, want %d", body, response.StatusCode, want)
		}
	}
	w.logged("/sparta/QueueSparta/work", "order done")
	w.logged("/sparta/QueueSparta/work", "order of 0 spear: nothing to do")
	queue := output(t, outcome, "Failed")
	if testing.Short() {
		return // the message comes back after 18 s
	}
	eventually(t, "the order that failed", func() (bool, error) {
		out, err := sqs.NewFromConfig(w.config()).ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &queue})
		return err == nil && len(out.Messages) == 1 && strings.Contains(*out.Messages[0].Body, "spear"), err
	})
	w.takeDown()
}

func TestExampleBucket(t *testing.T) {
	t.Parallel()
	w, outcome := example(t, "bucket")
	texts, counts := output(t, outcome, "Texts"), output(t, outcome, "Counts")
	for key, text := range map[string]string{"grüße/one two.txt": "come and take them\n", "ignored.md": "nobody counts"} {
		if _, err := w.clients().S3.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &texts, Key: &key, Body: strings.NewReader(text)}); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the count", func() (bool, error) {
		out, err := w.clients().S3.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &counts, Key: aws.String("grüße/one two.txt.count")})
		if err != nil {
			return false, err
		}
		defer out.Body.Close()
		count, err := io.ReadAll(out.Body)
		return string(count) == "4\n", err
	})
	list, err := w.clients().S3.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &counts})
	if err != nil || len(list.Contents) != 1 {
		t.Errorf("got %v, %v, want the count of one text", list, err)
	}
	w.takeDown()
}

func TestExampleStream(t *testing.T) {
	t.Parallel()
	w, outcome := example(t, "stream")
	stream, table := output(t, outcome, "Clicks"), output(t, outcome, "Pages")
	for _, page := range []string{"home", "about", "home", "home"} {
		if _, err := kinesis.NewFromConfig(w.config()).PutRecord(t.Context(), &kinesis.PutRecordInput{
			StreamName: &stream, PartitionKey: &page, Data: fmt.Appendf(nil, `{"page": %q}`, page),
		}); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "three clicks on home", func() (bool, error) {
		out, err := dynamodb.NewFromConfig(w.config()).GetItem(t.Context(), &dynamodb.GetItemInput{
			TableName: &table, Key: map[string]types.AttributeValue{"page": &types.AttributeValueMemberS{Value: "home"}},
		})
		if err != nil {
			return false, err
		}
		clicks, _ := out.Item["clicks"].(*types.AttributeValueMemberN)
		return clicks != nil && clicks.Value == "3", nil
	})
	w.logged("/sparta/StreamSparta/celebrate", "page is popular")
	w.takeDown()
}

func TestExampleSchedule(t *testing.T) {
	t.Parallel()
	w, _ := example(t, "schedule")
	for range 5 { // until an update is quicker than its schedule
		at := time.Now().UTC().Add(3 * time.Second)
		w.Spec.Getenv = func(name string) (string, bool) {
			return "at(" + at.Format("2006-01-02T15:04:05") + ")", name == "REPORT"
		}
		if _, err := w.up(); err == nil {
			break
		}
		if time.Now().Before(at) {
			t.Fatal("up failed before the schedule was over")
		}
	}
	w.logged("/sparta/ScheduleSparta/report", "reported")
	if reply := w.invoke("report", `{"kind": "hourly"}`); !strings.Contains(string(reply.Payload), "there is no") {
		t.Errorf("got %s, %q", reply.Payload, reply.Error)
	}
	w.takeDown()
}

func TestExampleMail(t *testing.T) {
	t.Parallel()
	w, outcome := example(t, "mail")
	if _, err := ses.NewFromConfig(w.config()).SendEmail(t.Context(), &ses.SendEmailInput{
		Source: aws.String("gorgo@example.org"), Destination: &sestypes.Destination{ToAddresses: []string{"post@example.com"}},
		Message: &sestypes.Message{Subject: &sestypes.Content{Data: aws.String("Come home")}, Body: &sestypes.Body{Text: &sestypes.Content{Data: aws.String("with your shield")}}},
	}); err != nil {
		t.Fatal(err)
	}
	w.logged("/sparta/MailSparta/receive", `"subject":"Come home"`)
	bucket := output(t, outcome, "Mails")
	list, err := w.clients().S3.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: aws.String("in/")})
	if err != nil {
		t.Fatal(err)
	}
	for _, object := range list.Contents {
		if strings.HasPrefix(path.Base(*object.Key), "AMAZON_SES") {
			continue
		}
		out, err := w.clients().S3.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: object.Key})
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(out.Body); err != nil || !strings.Contains(string(text), "with your shield") {
			t.Errorf("got %s, %v", text, err)
		}
	}
	w.takeDown()
}

func TestExampleHTTP(t *testing.T) {
	t.Parallel()
	w, outcome := example(t, "http")
	address := output(t, outcome, "ApiUrl")
	for _, x := range []exchange{
		{method: "GET", path: "/notes/1", status: 404, body: "there is no such note"},
		{method: "PUT", path: "/notes/1", status: 401},
		{method: "PUT", path: "/notes/1", status: 403, headers: []string{"Authorization", "ephialtes"}},
	} {
		x.run(t, address)
	}
	put := func(method string, want int) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, address+"/notes/1", strings.NewReader("buy shields"))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "gorgo")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: got %d, want %d", method, response.StatusCode, want)
		}
	}
	put(http.MethodPut, http.StatusNoContent)
	for _, x := range []exchange{
		{method: "GET", path: "/notes/1", status: 200, body: "buy shields"},
		{method: "GET", path: "/notes", status: 200, body: `{"1":"buy shields"}`, want: []string{"Content-Type", "[application/json]"}},
		{method: "GET", path: "/notes", status: 200, headers: []string{"Origin", "https://notes.example.com"}, want: []string{allowed, "[https://notes.example.com]"}},
	} {
		x.run(t, address)
	}
	put(http.MethodDelete, http.StatusNoContent)
	exchange{method: "GET", path: "/notes/1", status: 404}.run(t, address)
	w.takeDown()
}
