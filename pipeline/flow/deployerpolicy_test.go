// SPDX-License-Identifier: MIT

package flow_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/sparta-up/sparta/pipeline"
)

// as makes the requests of a world those of an identity.
func (c *traffic) as(t *testing.T, w *world, who identity) {
	t.Helper()
	w.Config = func(ctx context.Context) (aws.Config, error) {
		cfg, err := who.config(ctx)
		cfg.HTTPClient = c
		return cfg, err
	}
}

// options of a run that nobody looks at.
func (w *world) options() pipeline.Options { return pipeline.Options{} }

// putInto puts an object into a bucket of the service.
func (w *world) putInto(logicalID string) {
	w.t.Helper()
	clients := w.clients()
	out, err := clients.CloudFormation.ListStackResources(w.t.Context(), &cloudformation.ListStackResourcesInput{StackName: aws.String("Plain")})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range out.StackResourceSummaries {
		if *r.LogicalResourceId == logicalID {
			_, err = clients.S3.PutObject(w.t.Context(), &s3.PutObjectInput{Bucket: r.PhysicalResourceId, Key: aws.String("a"), Body: strings.NewReader("a")})
		}
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// reduced is a policy that lacks something.
type reduced struct {
	name     string
	policy   document
	action   string
	resource any
}

// listOf is an element of a policy, which may be one text or several.
func listOf(v any) []string {
	if text, ok := v.(string); ok {
		return []string{text}
	}
	list, _ := v.([]any)
	var all []string
	for _, item := range list {
		all = append(all, fmt.Sprint(item))
	}
	return all
}

// withoutOne returns the policies that lack one action of one statement.
func withoutOne(d document, wanted func(action string) bool) []reduced {
	var all []reduced
	for i, s := range d.Statement {
		for _, action := range listOf(s["Action"]) {
			if !wanted(action) {
				continue
			}
			less := document{d.Version, slices.Clone(d.Statement)}
			rest := slices.DeleteFunc(listOf(s["Action"]), func(a string) bool { return a == action })
			if len(rest) == 0 {
				less.Statement = slices.Delete(less.Statement, i, i+1)
			} else {
				less.Statement[i] = maps.Clone(s)
				less.Statement[i]["Action"] = rest
			}
			name := strings.ReplaceAll(fmt.Sprintf("%d %s", i, action), "/", " ")
			all = append(all, reduced{name, less, action, s["Resource"]})
		}
	}
	return all
}

// withoutStatement returns the policies that lack one statement.
func withoutStatement(d document) []reduced {
	var all []reduced
	for i, s := range d.Statement {
		less := document{d.Version, slices.Delete(slices.Clone(d.Statement), i, i+1)}
		text, _ := json.Marshal(s["Resource"])
		all = append(all, reduced{fmt.Sprintf("%d %s on %s", i, listOf(s["Action"])[0], text), less, listOf(s["Action"])[0], s["Resource"]})
	}
	return all
}
