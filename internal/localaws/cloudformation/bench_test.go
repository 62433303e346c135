// SPDX-License-Identifier: MIT

package cloudformation_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/cloudformation"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/store"
)

// BenchmarkCreate500 creates and deletes a stack of 500 resources that cost
// nothing themselves: what it measures is the engine.
func BenchmarkCreate500(b *testing.B) {
	w := &world{dir: b.TempDir(), cloud: newCloud()}
	w.deps.Types = map[string]resource.Type{"AWS::Fake::Thing": w.cloud}
	kept, err := store.Open(w.dir)
	if err != nil {
		b.Fatal(err)
	}
	w.service, err = cloudformation.New(service.Env{
		Default: arn.Scope{Partition: "aws", Account: account, Region: region}, Store: kept,
		Endpoint: func() string { return endpoint }, Log: zerolog.Nop(),
	}, w.deps)
	if err != nil {
		b.Fatal(err)
	}
	client := clientFor(w.handler(), region, "test")
	template := largeTemplate(500)
	wait := func(id, want string) {
		for {
			out, err := client.DescribeStacks(context.Background(), &sdk.DescribeStacksInput{StackName: &id})
			if err != nil {
				b.Fatal(err)
			}
			if status := string(out.Stacks[0].StackStatus); status == want {
				return
			} else if !strings.HasSuffix(status, "_IN_PROGRESS") {
				b.Fatal(status)
			}
			time.Sleep(time.Millisecond)
		}
	}
	for b.Loop() {
		out, err := client.CreateStack(b.Context(), &sdk.CreateStackInput{StackName: aws.String("large"), TemplateBody: &template})
		if err != nil {
			b.Fatal(err)
		}
		wait(*out.StackId, "CREATE_COMPLETE")
		b.StopTimer()
		if _, err := client.DeleteStack(b.Context(), &sdk.DeleteStackInput{StackName: aws.String("large")}); err != nil {
			b.Fatal(err)
		}
		wait(*out.StackId, "DELETE_COMPLETE")
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/stack")
	if err := w.service.Close(context.Background()); err != nil {
		b.Fatal(err)
	}
}
