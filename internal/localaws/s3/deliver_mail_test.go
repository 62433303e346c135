// SPDX-License-Identifier: MIT

package s3_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/sparta-up/sparta/internal/localaws/delivery"
)

// "Giving permissions to Amazon SES for email receiving", SES Developer Guide.
func TestDeliverMail(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	box, client := c.inbox(), c.bucket(t, "mail")
	notify(t, client, "mail", types.NotificationConfiguration{LambdaFunctionConfigurations: []types.LambdaFunctionConfiguration{toFunction("", nil, "s3:ObjectCreated:*")}})
	const rule = "arn:aws:ses:us-east-1:" + account + ":receipt-rule-set/main:receipt-rule/store"
	d := delivery.Message{Principal: "ses.amazonaws.com", Source: rule, Account: account, Target: "arn:aws:s3:::mail", Key: "in/1", Body: []byte("Subject: hi")}
	try := func(want string, d delivery.Message) {
		t.Helper()
		err := c.Deliver(t.Context(), d)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	policy := func(condition string) {
		t.Helper()
		_, err := client.PutBucketPolicy(t.Context(), &sdk.PutBucketPolicyInput{Bucket: aws.String("mail"), Policy: aws.String(fmt.Sprintf(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ses.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::mail/in/*","Condition":%s}]}`, condition))})
		if err != nil {
			t.Fatal(err)
		}
	}
	try("AccessDenied", d) // no policy
	policy(`{"StringEquals":{"AWS:SourceAccount":"222222222222"}}`)
	try("AccessDenied", d)
	policy(`{"StringEquals":{"AWS:SourceAccount":"` + account + `","AWS:SourceArn":"` + rule + `"}}`)
	try("", d)
	policy(`{"StringEquals":{"aws:Referer":"` + account + `"}}`)
	try("", d)
	elsewhere := d
	elsewhere.Key = "out/1"
	try("AccessDenied", elsewhere)
	elsewhere.Key, elsewhere.Target = "in/1", "arn:aws:s3:::none"
	try("NoSuchBucket", elsewhere)
	byRole := delivery.Message{Account: account, Target: "arn:aws:s3:::mail", Key: "role"}
	try("", byRole)
	byRole.Account = "222222222222"
	try("AccessDenied", byRole)
	if got := get(t, client, "mail", "in/1"); got != "Subject: hi" {
		t.Errorf("got %q", got)
	}
	if got := strings.Join(box.names(t), ", "); got != "ObjectCreated:Put in/1, ObjectCreated:Put in/1, ObjectCreated:Put role" {
		t.Errorf("the listener got %s", got)
	}
}
