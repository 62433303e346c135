// SPDX-License-Identifier: MIT

package notification

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/sparta-up/sparta/customresource/internal/client"
)

// The two ways in which a bucket is not there.
var (
	errBucketGone      = errors.New("there is no such bucket")
	errBucketElsewhere = errors.New("it is in another region")
)

// errUntouched marks the failure of an operation that wrote nothing.
var errUntouched = errors.New("the bucket was not touched")

// untouchedError is an error before anything was written.
type untouchedError struct{ cause error }

func (e *untouchedError) Error() string { return e.cause.Error() }

func (e *untouchedError) Unwrap() []error { return []error{errUntouched, e.cause} }

// place explains an error of S3 that comes of where or whose the bucket is. S3
// names the region of a bucket in the answer to a request that went to another
// region; a bucket of another account than expected it refuses like one that the
// caller may not use.
func (t notified) place(err error) error {
	if err == nil {
		return nil
	}
	if fault, ok := errors.AsType[*awshttp.ResponseError](err); ok && fault.Response != nil {
		region := fault.Response.Header.Get("X-Amz-Bucket-Region")
		if region != "" && t.region != "" && region != t.region {
			return fmt.Errorf("%w: S3 notifies functions of the bucket's own region, %s, but these are in %s", errBucketElsewhere, region, t.region)
		}
	}
	switch {
	case client.HasCode(err, "NoSuchBucket"):
		return errBucketGone
	case client.HasCode(err, "AccessDenied") || client.HasStatus(err, 403):
		owner := "this account"
		if t.owner != "" {
			owner = "account " + t.owner
		}
		return fmt.Errorf("it is not of %s, or its policy or the provider's role does not allow it: %w", owner, err)
	}
	return err
}

// explain says what is behind the two reasons for which S3 refuses a
// configuration as a whole.
func (t notified) explain(err error, next *types.NotificationConfiguration, own []types.LambdaFunctionConfiguration) error {
	fault := err.Error()
	switch {
	case strings.Contains(fault, "overlap") || strings.Contains(fault, "ambiguously defined"):
		if others := t.overlapping(next, own); len(others) > 0 {
			return fmt.Errorf("%w: it has %s for events and keys that are wanted here, too; give the notifications prefixes or suffixes that exclude each other", err, strings.Join(others, ", "))
		}
		return fmt.Errorf("%w: two of the notifications are for the same events of the same keys", err)
	case strings.Contains(fault, "validate the following destination"):
		return fmt.Errorf("%w: S3 checks that the functions exist and let it in, and so it does with the destinations of others in this bucket", err)
	}
	return err
}

// overlapping returns the entries of others that are told of what the resource's
// entries are told of.
func (t notified) overlapping(c *types.NotificationConfiguration, own []types.LambdaFunctionConfiguration) []string {
	mine := entriesOf(&types.NotificationConfiguration{LambdaFunctionConfigurations: own})
	var out []string
	for _, other := range entriesOf(c) {
		if _, ours := startOf(t.prefix, other.id); !ours && slices.ContainsFunc(mine, other.overlaps) {
			out = append(out, fmt.Sprintf("%q (%s)", other.id, other.destination))
		}
	}
	return out
}

func (e entry) overlaps(other entry) bool {
	within := func(has func(string, string) bool, a, b string) bool { return has(a, b) || has(b, a) }
	return within(strings.HasPrefix, e.prefix, other.prefix) && within(strings.HasSuffix, e.suffix, other.suffix) &&
		slices.ContainsFunc(e.events, func(a types.Event) bool {
			return slices.ContainsFunc(other.events, func(b types.Event) bool { return includes(a, b) || includes(b, a) })
		})
}

// includes reports whether an event such as s3:ObjectCreated:* includes another.
func includes(family, event types.Event) bool {
	start, all := strings.CutSuffix(string(family), "*")
	return family == event || all && strings.HasPrefix(string(event), start)
}
