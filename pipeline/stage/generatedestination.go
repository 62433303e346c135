// SPDX-License-Identifier: MIT

package stage

import (
	"cmp"
	"time"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

// latest is the version that callers use who name no alias.
const latest = "$LATEST"

// addEventConfig adds what becomes of a function's asynchronous events.
func (m *marshaller) addEventConfig(f spec.Function, needs *rights) {
	if f.DeadLetter != nil {
		m.allowSend(*f.DeadLetter, needs)
	}
	if !f.Asynchronous() {
		return
	}
	properties := map[string]any{"FunctionName": cfn.Ref(spec.FunctionID(f.Name)), "Qualifier": cmp.Or(f.Alias, latest)}
	if f.Retries != spec.DefaultRetries {
		properties["MaximumRetryAttempts"] = f.Retries
	}
	if f.MaxEventAge != spec.DefaultMaxEventAge {
		properties["MaximumEventAgeInSeconds"] = int(f.MaxEventAge / time.Second)
	}
	if to := f.Destinations; to != nil {
		where := map[string]any{}
		for name, s := range map[string]*spec.Source{"OnSuccess": to.OnSuccess, "OnFailure": to.OnFailure} {
			if s != nil {
				where[name] = map[string]any{"Destination": m.destination(*s)}
			}
		}
		properties["DestinationConfig"] = where
		for _, s := range []*spec.Source{to.OnSuccess, to.OnFailure} {
			if s != nil {
				m.allowSend(*s, needs)
			}
		}
	}
	config := m.add(spec.EventConfigID(f.Name), "AWS::Lambda::EventInvokeConfig", properties, m.origin("functions", f.Name))
	if f.Alias != "" {
		config.DependsOn = []string{spec.AliasID(f.Name)}
	}
}

// destination is the ARN of where events are sent.
func (m *marshaller) destination(s spec.Source) any {
	if s.Function != "" {
		return target(m.function(s.Function))
	}
	return s.ARN
}

// allowSend lets a role send to a queue, topic, event bus, bucket or function,
// and to nothing else. A function of the service is named as text: two
// functions may be each other's destination, and their roles must not need the
// functions, which need the roles.
func (m *marshaller) allowSend(s spec.Source, needs *rights) {
	switch s.Service {
	case "sqs":
		needs.allow(s.ARN, "sqs:SendMessage")
	case "sns":
		needs.allow(s.ARN, "sns:Publish")
	case "events":
		needs.allow(s.ARN, "events:PutEvents")
	case "s3":
		needs.allow(s.ARN, "s3:ListBucket")
		needs.allow(within(s.ARN, "/*"), "s3:PutObject")
	case "lambda":
		if s.Function == "" {
			needs.allow(s.ARN, "lambda:InvokeFunction")
			return
		}
		arn := "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:" + spec.FunctionName(m.service.Name, s.Function)
		if alias := m.function(s.Function).Alias; alias != "" {
			arn += ":" + alias
		}
		needs.allow(cfn.Sub(arn), "lambda:InvokeFunction")
	}
}

// within is an ARN with more text behind it.
func within(arn any, rest string) any {
	switch v := arn.(type) {
	case string:
		return v + rest
	case map[string]any:
		if list, ok := v["Fn::GetAtt"].([]any); ok && len(list) == 2 {
			id, _ := list[0].(string)
			attribute, ok := list[1].(string)
			if ok {
				return cfn.Sub("${" + id + "." + attribute + "}" + rest)
			}
		}
		if text, ok := v["Fn::Sub"].(string); ok {
			return cfn.Sub(text + rest)
		}
	}
	return map[string]any{"Fn::Join": []any{"", []any{arn, rest}}}
}

// deadLetter is what the function's DeadLetterConfig says, nil for none.
func deadLetter(f spec.Function) any {
	if f.DeadLetter == nil {
		return nil
	}
	return map[string]any{"TargetArn": f.DeadLetter.ARN}
}
