// SPDX-License-Identifier: MIT

package iotsql

import (
	"slices"
	"strings"
)

// call is a function with its arguments.
type call struct {
	name      string // in lower case
	arguments []expression
	function  function // zero if it is not evaluated
}

// function evaluates a call. What it is not made for gives undefined.
type function struct {
	least, most int // arguments; most -1: any number
	apply       func(s *scope, a []any) any
}

func (e call) value(s *scope) any {
	f := e.function
	if f.apply == nil || len(e.arguments) < f.least || f.most >= 0 && len(e.arguments) > f.most {
		return undefined{}
	}
	if e.name == "encode" { // of the payload itself it takes the bytes
		if _, all := e.arguments[0].(payload); all {
			return encodeBytes(s.Payload, e.arguments[1].value(s))
		}
	}
	arguments := make([]any, len(e.arguments))
	for i, argument := range e.arguments {
		arguments[i] = argument.value(s)
	}
	return f.apply(s, arguments)
}

// functionNamed returns a function, the zero one if it is not evaluated.
func functionNamed(name string) function {
	for _, table := range []func(string) (function, bool){messageFunction, textFunction, numberFunction, valueFunction, timeFunction} {
		if f, ok := table(name); ok {
			return f
		}
	}
	return function{}
}

// elsewhere are the functions of AWS IoT that Evaluate does not have: those that
// call other services, and those whose formats are not modelled.
func elsewhere() []string {
	return []string{
		"aws_lambda", "get_dynamodb", "get_registry_data", "get_secret", "get_thing_shadow", "get_user_properties", "machinelearning_predict",
		"md2", "time_to_epoch",
	}
}

// Functions returns the names of all functions of AWS IoT SQL, sorted. Source:
// "Functions", https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-functions.html
func Functions() []string {
	names := append(elsewhere(), evaluated()...)
	slices.Sort(names)
	return names
}

// Evaluated reports whether Statement.Evaluate has the function of a call; else
// its value is undefined. Of decode it does not have the form for Protocol
// Buffers, which takes more arguments.
func (c Call) Evaluated() bool {
	return slices.Contains(evaluated(), c.Name) && (c.Name != "decode" || c.Arguments <= 2)
}

// Known reports whether AWS IoT has the function of a call.
func (c Call) Known() bool { return slices.Contains(Functions(), c.Name) }

func evaluated() []string {
	return strings.Fields(`abs accountid acos asin atan atan2 bitand bitor bitxor bitnot cast ceil chr clientid concat cos cosh decode encode endswith
		exp floor get get_mqtt_property get_or_default indexof isnull isundefined length ln log lower lpad ltrim md5 mod nanvl newuuid numbytes parse_time
		power principal rand regexp_matches regexp_replace regexp_substr remainder replace round rpad rtrim sha1 sha224 sha256 sha384 sha512 sign
		sin sinh sourceip sql_version sqrt startswith substring tan tanh timestamp topic traceid transform trim trunc upper`)
}

// messageFunction are the functions that tell of the message and the rule.
func messageFunction(name string) (function, bool) {
	f, ok := map[string]function{
		"accountid":         {0, 0, func(s *scope, _ []any) any { return s.Account }},
		"clientid":          {0, 0, func(s *scope, _ []any) any { return orNA(s.ClientID) }},
		"newuuid":           {0, 0, func(*scope, []any) any { return newUUID() }},
		"principal":         {0, 0, func(s *scope, _ []any) any { return orUndefined(s.Principal) }},
		"sourceip":          {0, 0, func(s *scope, _ []any) any { return orUndefined(s.SourceIP) }},
		"sql_version":       {0, 0, func(s *scope, _ []any) any { return string(s.version) }},
		"timestamp":         {0, 0, func(s *scope, _ []any) any { return whole(s.Time.UnixMilli()) }},
		"topic":             {0, 1, topic},
		"traceid":           {0, 0, func(s *scope, _ []any) any { return orUndefined(s.TraceID) }},
		"get_mqtt_property": {1, 1, mqttProperty},
	}[name]
	return f, ok
}

func orNA(text string) any {
	if text == "" {
		return "n/a"
	}
	return text
}

func orUndefined(text string) any {
	if text == "" {
		return undefined{}
	}
	return text
}

func topic(s *scope, a []any) any {
	if len(a) == 0 {
		return s.Topic
	}
	n, ok := toNumber(a[0])
	levels := strings.Split(s.Topic, "/")
	if i := n64(n, ok); i >= 1 && i <= int64(len(levels)) {
		return levels[i-1]
	}
	return undefined{}
}

// n64 is the number without its decimal places, -1 if it is none.
func n64(n number, ok bool) int64 {
	if !ok {
		return -1
	}
	return n.int64()
}

func mqttProperty(s *scope, a []any) any {
	name, _ := toText(a[0])
	if value, there := s.Properties[name]; there && slices.Contains(PropertyNames(), name) {
		return value
	}
	return undefined{}
}

// PropertyNames are the headers of MQTT 5 that get_mqtt_property knows.
func PropertyNames() []string {
	return []string{"content_type", "correlation_data", "format_indicator", "response_topic"}
}
