// SPDX-License-Identifier: MIT

package cloudformation

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

// Retries of resources that are not ready yet.
const (
	firstDelay = 20 * time.Millisecond
	lastDelay  = 5 * time.Second
	patience   = time.Minute
)

// perform calls a resource type, again and again while it says that the failure
// passes by itself. A panic of the type is an error of this resource.
func perform(ctx context.Context, call func(context.Context) (resource.Instance, error)) (resource.Instance, error) {
	waited := time.Duration(0)
	for delay := firstDelay; ; delay = min(2*delay, lastDelay) {
		instance, err := guarded(ctx, call)
		if !errors.Is(err, resource.ErrRetry) || instance.PhysicalID != "" || waited >= patience {
			return instance, err
		}
		select {
		case <-ctx.Done():
			return instance, err
		case <-time.After(delay):
			waited += delay
		}
	}
}

func guarded(ctx context.Context, call func(context.Context) (resource.Instance, error)) (instance resource.Instance, err error) {
	defer func() {
		if p := recover(); p != nil {
			zerolog.Ctx(ctx).Error().Interface("panic", p).Bytes("stack", debug.Stack()).Msg("resource type panicked")
			err = fmt.Errorf("internal error: %v", p)
		}
	}()
	return call(ctx)
}

// request makes the request for one resource. It is called with s.mu held, and
// the result is used without.
func (st *stack) request(logicalID, typeName string, properties, old map[string]any, tags map[string]string) resource.Request {
	all := maps.Clone(tags)
	if all == nil {
		all = map[string]string{}
	}
	all["aws:cloudformation:stack-name"] = st.Name
	all["aws:cloudformation:stack-id"] = st.ID
	all["aws:cloudformation:logical-id"] = logicalID
	suffix, stackName := randomSuffix(), st.Name
	request := resource.Request{
		Scope: st.Scope, StackID: st.ID, StackName: st.Name, LogicalID: logicalID, Type: typeName,
		Properties: plain(properties).(map[string]any), Tags: all,
		DefaultName: func(limit int) string { return defaultName(stackName, logicalID, suffix, limit) },
	}
	if old != nil {
		request.OldProperties = plain(old).(map[string]any)
	}
	return request
}

// instance returns what a resource type is told of an existing resource.
func (r *record) instance() resource.Instance {
	return resource.Instance{PhysicalID: r.PhysicalID, Attributes: maps.Clone(r.Attributes)}
}

// suffixLength is the length of the random part of generated names.
const suffixLength = 12

// randomSuffix returns the random part of a generated name.
func randomSuffix() string { return strings.ToUpper(rand.Text())[:suffixLength] }

// defaultName joins stack, logical id and suffix within limit characters, as
// CloudFormation names resources that have no name of their own. Where the
// limit is short, the logical id gives way first, down to half of the room.
func defaultName(stackName, logicalID, suffix string, limit int) string {
	room := limit - len(suffix) - 2
	if room < 2 {
		return suffix[:max(0, min(limit, len(suffix)))]
	}
	if len(stackName)+len(logicalID) > room {
		logicalID = logicalID[:min(len(logicalID), max(room-len(stackName), room/2))]
		stackName = stackName[:min(len(stackName), room-len(logicalID))]
	}
	return stackName + "-" + logicalID + "-" + suffix
}

// tagged reports whether resources of a type take the tags of their stack: its
// model finds nothing new to object to once the property Tags is there.
func tagged(t resource.Type, properties map[string]any) bool {
	if hasKey(properties, "Tags") {
		return true
	}
	before := len(t.Check(properties))
	with := maps.Clone(properties)
	if with == nil {
		with = map[string]any{}
	}
	for _, tags := range []any{[]any{}, map[string]any{}} {
		with["Tags"] = tags
		if len(t.Check(with)) <= before {
			return true
		}
	}
	return false
}
