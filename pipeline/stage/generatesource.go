// SPDX-License-Identifier: MIT

package stage

import (
	"fmt"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

// state is how EventBridge writes whether something is enabled.
func state(enabled bool) string {
	if enabled {
		return "ENABLED"
	}
	return "DISABLED"
}

// setDelivery says in a target what becomes of events that it does not take.
func setDelivery(goal map[string]any, retries int, maxAge time.Duration, lost spec.Source) {
	if retries != spec.DefaultEventRetries || maxAge != spec.DefaultEventMaxAge {
		goal["RetryPolicy"] = map[string]any{"MaximumRetryAttempts": retries, "MaximumEventAgeInSeconds": int(maxAge / time.Second)}
	}
	if lost.ARN != nil {
		goal["DeadLetterConfig"] = map[string]any{"Arn": lost.ARN}
	}
}

// named is an ARN that ends with a name, which may be an intrinsic function,
// and what follows it.
func named(prefix string, name any, suffix string) any {
	if text, ok := name.(string); ok {
		return cfn.Sub(prefix + text + suffix)
	}
	return cfn.SubWith(prefix+"${Name}"+suffix, map[string]any{"Name": name})
}

// one is a list, or its only item.
func one(list []any) any {
	if len(list) == 1 {
		return list[0]
	}
	return list
}

// jsonText is a value as JSON text. An intrinsic function in it becomes the
// text that it gives, in quotes: that text must need no escapes, as ARNs and
// names do not.
func jsonText(v any) any {
	w := jsonWriter{values: map[string]any{}}
	w.value(v)
	switch {
	case !w.called:
		return strings.ReplaceAll(w.text.String(), "${!", "${")
	case len(w.values) == 0:
		return cfn.Sub(w.text.String())
	}
	return cfn.SubWith(w.text.String(), w.values)
}

// jsonWriter writes JSON as the text of Fn::Sub.
type jsonWriter struct {
	text   strings.Builder
	values map[string]any // of its variables
	called bool
}

func (w *jsonWriter) literal(v any) { w.text.WriteString(strings.ReplaceAll(compact(v), "${", "${!")) }

// call writes an intrinsic function as a variable; no logical id has a _.
func (w *jsonWriter) call(v map[string]any) {
	w.called = true
	name := fmt.Sprintf("Value_%d", len(w.values)+1)
	if id, ok := v["Ref"].(string); ok {
		name = id
	} else if list, ok := v["Fn::GetAtt"].([]any); ok && len(list) == 2 {
		name = fmt.Sprintf("%v.%v", list[0], list[1])
	} else {
		w.values[name] = v
	}
	w.text.WriteString(`"${` + name + `}"`)
}

func (w *jsonWriter) value(v any) {
	switch v := v.(type) {
	case map[string]any:
		if isCall(v) {
			w.call(v)
			return
		}
		w.text.WriteByte('{')
		for i, key := range sortedKeys(v) {
			if i > 0 {
				w.text.WriteByte(',')
			}
			w.literal(key)
			w.text.WriteByte(':')
			w.value(v[key])
		}
		w.text.WriteByte('}')
	case []any:
		w.text.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				w.text.WriteByte(',')
			}
			w.value(item)
		}
		w.text.WriteByte(']')
	default:
		w.literal(v)
	}
}

// isCall reports whether a map is a call of an intrinsic function.
func isCall(m map[string]any) bool {
	if len(m) != 1 {
		return false
	}
	for key := range m {
		if key == "Ref" || strings.HasPrefix(key, "Fn::") {
			return true
		}
	}
	return false
}
