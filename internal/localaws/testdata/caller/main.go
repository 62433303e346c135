// SPDX-License-Identifier: MIT

// Caller is a function that makes one call of AWS with the unmodified SDK and
// the credentials of its role, and returns what came of it.
package main

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	items "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	service "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// request says what to call; on is the name of a bucket, function or role.
type request struct{ Call, On, Key, From string }

// result is what came of a call: what it gave, or the error's code and text.
type result struct{ Gave, Code, Message string }

func main() { lambda.Start(handle) }

func handle(ctx context.Context, in request) (result, error) {
	if in.Call == "" { // the event of a source
		return result{}, nil
	}
	if in.Call == "credentials" {
		return result{Gave: strings.Join([]string{os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN")}, " ")}, nil
	}
	c, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return result{}, err
	}
	gave, err := call(ctx, c, in)
	if err == nil {
		return result{Gave: gave}, nil
	}
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return result{}, err
	}
	return result{Code: api.ErrorCode(), Message: api.ErrorMessage()}, nil
}

func call(ctx context.Context, c aws.Config, in request) (string, error) {
	storage := s3.NewFromConfig(c, func(o *s3.Options) { o.UsePathStyle = true })
	switch in.Call {
	case "GetCallerIdentity":
		out, err := sts.NewFromConfig(c).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		if err != nil {
			return "", err
		}
		return *out.Arn, nil
	case "AssumeRole":
		out, err := sts.NewFromConfig(c).AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &in.On, RoleSessionName: aws.String("again")})
		if err != nil {
			return "", err
		}
		return *out.AssumedRoleUser.Arn, nil
	case "GetSessionToken":
		_, err := sts.NewFromConfig(c).GetSessionToken(ctx, &sts.GetSessionTokenInput{})
		return "", err
	case "GetRole":
		_, err := iam.NewFromConfig(c).GetRole(ctx, &iam.GetRoleInput{RoleName: &in.On})
		return "", err
	case "Invoke":
		_, err := service.NewFromConfig(c).Invoke(ctx, &service.InvokeInput{FunctionName: &in.On, InvocationType: "DryRun"})
		return "", err
	case "PutItem":
		_, err := dynamodb.NewFromConfig(c).PutItem(ctx, &dynamodb.PutItemInput{TableName: &in.On, Item: map[string]items.AttributeValue{"pk": &items.AttributeValueMemberS{Value: in.Key}}})
		return "", err
	case "GetObject":
		_, err := storage.GetObject(ctx, &s3.GetObjectInput{Bucket: &in.On, Key: &in.Key})
		return "", err
	case "HeadObject":
		_, err := storage.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &in.On, Key: &in.Key})
		return "", err
	case "PutObject":
		_, err := storage.PutObject(ctx, &s3.PutObjectInput{Bucket: &in.On, Key: &in.Key, Body: strings.NewReader("x")})
		return "", err
	case "CopyObject":
		_, err := storage.CopyObject(ctx, &s3.CopyObjectInput{Bucket: &in.On, Key: &in.Key, CopySource: &in.From})
		return "", err
	case "ListObjectsV2":
		_, err := storage.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &in.On, Prefix: &in.Key})
		return "", err
	case "DeleteObjects":
		return deleteObjects(ctx, storage, in)
	}
	return "", errors.New("no such call")
}

// deleteObjects returns the keys that were deleted and those that were not.
func deleteObjects(ctx context.Context, storage *s3.Client, in request) (string, error) {
	list := types.Delete{}
	for key := range strings.SplitSeq(in.Key, " ") {
		list.Objects = append(list.Objects, types.ObjectIdentifier{Key: &key})
	}
	out, err := storage.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &in.On, Delete: &list})
	if err != nil {
		return "", err
	}
	var gave []string
	for _, o := range out.Deleted {
		gave = append(gave, *o.Key)
	}
	for _, o := range out.Errors {
		gave = append(gave, *o.Key+" "+*o.Code+" "+*o.Message)
	}
	return strings.Join(gave, "\n"), nil
}
