// SPDX-License-Identifier: MIT

package localaws_test

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	"github.com/aws/aws-sdk-go-v2/service/ses/types"
)

// mailTemplate stores mail in a bucket and then asks a function; what is for
// nobody else goes to a queue by way of a topic.
const mailTemplate = `{"Resources":{
	"Role":{"Type":"AWS::IAM::Role","Properties":{"AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}}},
	"F":{"Type":"AWS::Lambda::Function","Properties":{"Runtime":"provided.al2023","Handler":"recorder","Role":{"Fn::GetAtt":["Role","Arn"]},"Timeout":20,
		"Environment":{"Variables":{"RECORD":"@record@"}},"Code":{"S3Bucket":"code","S3Key":"recorder.zip"}}},
	"Allow":{"Type":"AWS::Lambda::Permission","Properties":{"FunctionName":{"Ref":"F"},"Action":"lambda:InvokeFunction","Principal":"ses.amazonaws.com",
		"SourceAccount":{"Ref":"AWS::AccountId"},"SourceArn":{"Fn::Sub":"arn:aws:ses:${AWS::Region}:${AWS::AccountId}:receipt-rule-set/${Set}:receipt-rule/*"}}},
	"Mail":{"Type":"AWS::S3::Bucket"},
	"MailPolicy":{"Type":"AWS::S3::BucketPolicy","Properties":{"Bucket":{"Ref":"Mail"},"PolicyDocument":{"Version":"2012-10-17","Statement":[{
		"Effect":"Allow","Principal":{"Service":"ses.amazonaws.com"},"Action":"s3:PutObject","Resource":{"Fn::Sub":"${Mail.Arn}/*"},
		"Condition":{"StringEquals":{"AWS:SourceAccount":{"Ref":"AWS::AccountId"}}}}]}}},
	"Queue":{"Type":"AWS::SQS::Queue"},
	"QueuePolicy":{"Type":"AWS::SQS::QueuePolicy","Properties":{"Queues":[{"Ref":"Queue"}],"PolicyDocument":{"Version":"2012-10-17","Statement":[{
		"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":{"Fn::GetAtt":["Queue","Arn"]},"Condition":{"ArnEquals":{"aws:SourceArn":{"Ref":"Topic"}}}}]}}},
	"Topic":{"Type":"AWS::SNS::Topic","Properties":{"Subscription":[{"Protocol":"sqs","Endpoint":{"Fn::GetAtt":["Queue","Arn"]}}]}},
	"Set":{"Type":"AWS::SES::ReceiptRuleSet"},
	"Domain":{"Type":"AWS::SES::EmailIdentity","Properties":{"EmailIdentity":"example.com"}},
	"Help":{"Type":"AWS::SES::ReceiptRule","DependsOn":["Allow","MailPolicy"],"Properties":{"RuleSetName":{"Ref":"Set"},"Rule":{"Name":"help","Enabled":true,"ScanEnabled":true,
		"Recipients":["help@example.com"],"Actions":[
			{"S3Action":{"BucketName":{"Ref":"Mail"},"ObjectKeyPrefix":"inbox"}},
			{"LambdaAction":{"FunctionArn":{"Fn::GetAtt":["F","Arn"]},"InvocationType":"Event"}},
			{"StopAction":{"Scope":"RuleSet"}}]}}},
	"Rest":{"Type":"AWS::SES::ReceiptRule","Properties":{"RuleSetName":{"Ref":"Set"},"After":{"Ref":"Help"},"Rule":{"Enabled":true,"Actions":[
		{"SNSAction":{"TopicArn":{"Ref":"Topic"}}}]}}}},
	"Outputs":{"Set":{"Value":{"Ref":"Set"}},"Bucket":{"Value":{"Ref":"Mail"}},"Queue":{"Value":{"Ref":"Queue"}}}}`

func TestMail(t *testing.T) {
	t.Parallel()
	r := rehearse(t, mailTemplate)
	client := ses.NewFromConfig(config(r.endpoint))
	if _, err := client.SetActiveReceiptRuleSet(t.Context(), &ses.SetActiveReceiptRuleSetInput{RuleSetName: aws.String(r.outputs["Set"])}); err != nil {
		t.Fatal(err)
	}
	send := func(subject string, to ...string) {
		t.Helper()
		content := func(text string) *types.Content { return &types.Content{Data: &text, Charset: aws.String("UTF-8")} }
		if _, err := client.SendEmail(t.Context(), &ses.SendEmailInput{
			Source: aws.String("jane@example.com"), Destination: &types.Destination{ToAddresses: to},
			Message: &types.Message{Subject: content(subject), Body: &types.Body{Text: content("the body")}},
		}); err != nil {
			t.Fatal(err)
		}
	}
	send("to help", "help@example.com")
	var event events.SimpleEmailEvent
	r.event(t, &event, "to help")
	mail := event.Records[0].SES.Mail
	if mail.Source != "jane@example.com" || event.Records[0].SES.Receipt.Action.InvocationType != "Event" {
		t.Errorf("got %+v", event)
	}
	object, err := s3Client(r.endpoint).GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String(r.outputs["Bucket"]), Key: aws.String("inbox/" + mail.MessageID)})
	if err != nil {
		t.Fatal(err)
	}
	defer object.Body.Close()
	if body, err := io.ReadAll(object.Body); err != nil || !strings.Contains(string(body), "Subject: to help\r\n") || !strings.HasSuffix(string(body), "\r\n\r\nthe body") {
		t.Errorf("the bucket has %s, %v", body, err)
	}

	send("to the rest", "somebody@example.com", "out@other.example")
	var published struct{ Message string }
	if err := json.Unmarshal([]byte(r.letter(t, r.outputs["Queue"])), &published); err != nil {
		t.Fatal(err)
	}
	var told struct {
		Content string
		Receipt events.SimpleEmailReceipt
	}
	if err := json.Unmarshal([]byte(published.Message), &told); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(told.Content, "Subject: to the rest") || strings.Join(told.Receipt.Recipients, " ") != "somebody@example.com" {
		t.Errorf("got %+v", told)
	}
}

func TestCommandLineMailToFunction(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	function, _ := c.withFunction(t)
	c.must(t, "", "ses", "create-receipt-rule-set", "--rule-set-name", "main")
	rule := `{"Name":"r","Enabled":true,"Recipients":["example.com"],"Actions":[{"LambdaAction":{"FunctionArn":"` + function + `"}}]}`
	c.mustNot(t, "Could not invoke Lambda function", "ses", "create-receipt-rule", "--rule-set-name", "main", "--rule", rule)
	c.must(t, "Sid", "lambda", "add-permission", "--function-name", "recorder", "--statement-id", "s", "--action", "lambda:InvokeFunction",
		"--principal", "ses.amazonaws.com", "--source-account", account)
	c.must(t, "", "ses", "create-receipt-rule", "--rule-set-name", "main", "--rule", rule)
	c.must(t, `"InvocationType": "Event"`, "ses", "describe-receipt-rule", "--rule-set-name", "main", "--rule-name", "r")
	c.must(t, "", "ses", "set-active-receipt-rule-set", "--rule-set-name", "main")
	c.must(t, `"Name": "main"`, "ses", "describe-active-receipt-rule-set")
	c.must(t, "MessageId", "ses", "send-email", "--from", "jane@outside.example", "--to", "me@example.com", "--subject", "by command", "--text", "hello")
	c.recorded(t, "by command")
	c.mustNot(t, "MessageRejected", "ses", "send-email", "--from", "jane@outside.example", "--to", "out@other.example", "--subject", "s", "--text", "hello")
	c.must(t, "", "ses", "verify-email-identity", "--email-address", "jane@outside.example")
	c.must(t, `"VerificationStatus": "Success"`, "ses", "get-identity-verification-attributes", "--identities", "jane@outside.example")
	c.must(t, "MessageId", "ses", "send-email", "--from", "jane@outside.example", "--to", "out@other.example", "--subject", "s", "--text", "hello")
	c.mustNot(t, "CannotDelete", "ses", "delete-receipt-rule-set", "--rule-set-name", "main")
	c.must(t, "", "ses", "set-active-receipt-rule-set")
	c.must(t, "", "ses", "delete-receipt-rule-set", "--rule-set-name", "main")
	c.mustNot(t, "does not model the SES action GetSendQuota", "ses", "get-send-quota")
}
