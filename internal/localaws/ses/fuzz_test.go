// SPDX-License-Identifier: MIT

package ses_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/ses/types"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

func (w *world) post(form string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	rec := httptest.NewRecorder()
	w.ServeAPI(rec, r, wire.Identity{Account: account, Region: here.Region})
	return rec
}

// Whatever a client sends is answered, and never by a failure of ours.
func FuzzAPI(f *testing.F) {
	for _, form := range []string{
		"Action=CreateReceiptRule&RuleSetName=main&Rule.Name=a&Rule.Actions.member.1.S3Action.BucketName=b&Rule.Recipients.member.2=x@y.zz&Rule.Enabled=true",
		"Action=CreateReceiptRule&RuleSetName=main&Rule.Name=a&Rule.Actions.member.1=x&Rule.Actions.member.1.StopAction.Scope=RuleSet&Rule.Actions=",
		"Action=UpdateReceiptRule&RuleSetName=main&Rule.Name=r&Rule.Actions.member.1.LambdaAction.FunctionArn=" + functionARN,
		"Action=SetReceiptRulePosition&RuleSetName=main&RuleName=r&After=r",
		"Action=SendEmail&Source=a@b.cd&Destination.ToAddresses.member.1=x@y.zz&Message.Subject.Data=s&Message.Body.Text.Data=t&Message.Body.Html.Data=h",
		"Action=SendRawEmail&RawMessage.Data=RnJvbTogYUBiLmNkCgp4&Destinations.member.1=x@y.zz",
		"Action=ListIdentities&MaxItems=1&NextToken=7", "Action=SetActiveReceiptRuleSet",
	} {
		f.Add(form)
	}
	f.Fuzz(func(t *testing.T, form string) {
		w := open(t, t.TempDir())
		w.activate(t, rule("r", nil, toFunction(types.InvocationTypeEvent)))
		if rec := w.post(form); rec.Code >= 500 {
			t.Errorf("%s: %d %s", form, rec.Code, rec.Body)
		}
	})
}

// Any bytes that have a sender are received: the event is one, and the mail ends
// as it ended.
func FuzzReceive(f *testing.F) {
	for _, header := range []string{"Subject: a\r\n b\r\n", "To: a@b.cd, \"x\" <y@z.de>\nCc: :\n", "broken line\n", "\n", "X: \xff\r\n\tfolded\r\n", "Subject: =?utf-8?q?=ff?=\n", ": x\n"} {
		f.Add(header, "body\r\n")
	}
	f.Fuzz(func(t *testing.T, header, body string) {
		w := open(t, t.TempDir())
		r := rule("r", nil, toFunction(types.InvocationTypeEvent), types.ReceiptAction{SNSAction: &types.SNSAction{TopicArn: new(topicARN), Encoding: "Base64"}})
		w.activate(t, r)
		data := base64.StdEncoding.EncodeToString([]byte("From: a@b.cd\n" + header + "\n\n" + body))
		if rec := w.post("Action=SendRawEmail&Destinations.member.1=x@y.zz&RawMessage.Data=" + url.QueryEscape(data)); rec.Code != http.StatusOK {
			if rec.Code >= 500 {
				t.Errorf("%d %s", rec.Code, rec.Body)
			}
			return
		}
		w.settle(t)
		var event events.SimpleEmailEvent
		if len(w.sent) != 2 {
			t.Fatalf("got %d messages", len(w.sent))
		}
		if err := json.Unmarshal(w.sent[0].Body, &event); err != nil {
			t.Fatal(err)
		}
		var told struct{ Content []byte }
		if err := json.Unmarshal(w.sent[1].Body, &told); err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(string(told.Content), body) {
			t.Errorf("%q became %q", body, told.Content)
		}
	})
}
