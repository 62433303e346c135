// SPDX-License-Identifier: MIT

package notification

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/sparta-up/sparta/customresource"
)

// Properties are the properties of the resource in the template.
type Properties struct {
	Bucket        string     // name of a bucket in the region of the stack
	Owner         string     // account id that must own it; empty: the stack's
	Notifications []Listener // at least one
}

// Listener is a function that a bucket notifies.
type Listener struct {
	Function string   // ARN, may have a version or an alias; must let S3 in before
	Events   []string // such as s3:ObjectCreated:*
	Filter   KeyFilter
}

// KeyFilter narrows the objects to those whose keys begin and end so.
type KeyFilter struct {
	Prefix string // empty: any
	Suffix string // empty: any
}

func decode(r customresource.Request) (Properties, error) {
	var p Properties
	if err := r.Decode(&p); err != nil {
		return p, err
	}
	return p, p.check()
}

func (p Properties) check() error {
	switch {
	case p.Bucket == "" || len(p.Notifications) == 0:
		return errors.New("properties: Bucket and Notifications are needed")
	case strings.ContainsAny(p.Bucket, ":/"):
		return fmt.Errorf("properties: Bucket: %q is not the name of a bucket", p.Bucket)
	}
	for i, l := range p.Notifications {
		if !strings.HasPrefix(l.Function, "arn:") || len(l.Events) == 0 {
			return fmt.Errorf("properties: Notifications: %d: Function, an ARN, and Events are needed", i)
		}
	}
	return nil
}

// entries returns what stands in the bucket's configuration, with ids that begin
// with prefix.
func (p Properties) entries(prefix string) []types.LambdaFunctionConfiguration {
	var out []types.LambdaFunctionConfiguration
	for i, l := range p.Notifications {
		e := types.LambdaFunctionConfiguration{Id: aws.String(prefix + "/" + strconv.Itoa(i+1)), LambdaFunctionArn: &l.Function}
		for _, event := range l.Events {
			e.Events = append(e.Events, types.Event(event))
		}
		var rules []types.FilterRule
		if l.Filter.Prefix != "" {
			rules = append(rules, types.FilterRule{Name: types.FilterRuleNamePrefix, Value: &l.Filter.Prefix})
		}
		if l.Filter.Suffix != "" {
			rules = append(rules, types.FilterRule{Name: types.FilterRuleNameSuffix, Value: &l.Filter.Suffix})
		}
		if rules != nil {
			e.Filter = &types.NotificationConfigurationFilter{Key: &types.S3KeyFilter{FilterRules: rules}}
		}
		out = append(out, e)
	}
	return out
}

// maxOwnPrefix leaves room for a number in the 255 characters of an id.
const maxOwnPrefix = 240

// ownPrefix returns what the ids of a resource's entries begin with: it depends
// on the stack and the logical id alone, so that what a failed operation left is
// found again.
func ownPrefix(r customresource.Request) string {
	name := "sparta:" + cmp.Or(r.StackName(), r.StackID) + "/" + r.LogicalID
	if len(name) <= maxOwnPrefix {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return "sparta:" + hex.EncodeToString(sum[:16])
}

// ownedBy reports whether an id is that prefix with a number.
func ownedBy(prefix, id string) bool {
	number, ok := strings.CutPrefix(id, prefix+"/")
	_, err := strconv.Atoi(number)
	return ok && err == nil
}

// sameEntries reports whether two lists have the same entries in any order.
func sameEntries(a, b []types.LambdaFunctionConfiguration) bool {
	texts := func(list []types.LambdaFunctionConfiguration) []string {
		var out []string
		for _, e := range list {
			var events []string
			for _, event := range e.Events {
				events = append(events, string(event))
			}
			slices.Sort(events)
			prefix, suffix := affixes(e.Filter)
			out = append(out, fmt.Sprintf("%q", []string{aws.ToString(e.Id), aws.ToString(e.LambdaFunctionArn), strings.Join(events, " "), prefix, suffix}))
		}
		slices.Sort(out)
		return out
	}
	return slices.Equal(texts(a), texts(b))
}

// affixes returns what a filter asks keys to begin and end with.
func affixes(f *types.NotificationConfigurationFilter) (prefix, suffix string) {
	if f == nil || f.Key == nil {
		return "", ""
	}
	for _, rule := range f.Key.FilterRules {
		if strings.EqualFold(string(rule.Name), "prefix") {
			prefix = aws.ToString(rule.Value)
		} else {
			suffix = aws.ToString(rule.Value)
		}
	}
	return prefix, suffix
}
