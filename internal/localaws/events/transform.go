// SPDX-License-Identifier: MIT

package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/eventpattern"
)

// transformer makes the input of a target from values of the event ("Amazon
// EventBridge input transformation").
type transformer struct {
	InputPathsMap map[string]string `json:",omitempty"`
	InputTemplate string
}

var (
	variable     = regexp.MustCompile(`<[A-Za-z0-9_.-]+>`)
	variableName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
)

// reserved are the variables that every template may use.
func reserved() []string {
	return []string{
		"aws.events.rule-arn", "aws.events.rule-name", "aws.events.event.ingestion-time", "aws.events.event", "aws.events.event.json",
	}
}

// maxVariables is how many values a transformer may take from the event.
const maxVariables = 100

func (t *transformer) check() error {
	if t.InputTemplate == "" {
		return errors.New("InputTemplate must not be empty")
	}
	if len(t.InputPathsMap) > maxVariables {
		return fmt.Errorf("InputPathsMap has more than %d entries", maxVariables)
	}
	for name, text := range t.InputPathsMap {
		if !variableName.MatchString(name) || strings.HasPrefix(strings.ToUpper(name), "AWS") {
			return fmt.Errorf("the variable name %q is not valid", name)
		}
		if _, err := parsePath(text); err != nil {
			return fmt.Errorf("InputPathsMap %q: %w", name, err)
		}
	}
	for _, m := range variable.FindAllString(t.InputTemplate, -1) {
		name := m[1 : len(m)-1]
		if _, given := t.InputPathsMap[name]; !given && !slices.Contains(reserved(), name) {
			return fmt.Errorf("InputTemplate for target contains placeholder %s which is not defined in InputPathsMap", m)
		}
	}
	return nil
}

// occasion is what a target's input is made from.
type occasion struct {
	rule  *rule
	event []byte // JSON
	at    time.Time
}

// input returns what a target gets.
func (t target) input(o occasion) ([]byte, error) {
	switch {
	case t.Input != "":
		return []byte(t.Input), nil
	case t.InputPath == "" && t.InputTransformer == nil:
		return o.event, nil
	}
	v, err := eventpattern.Decode(o.event)
	if err != nil {
		return nil, err
	}
	if t.InputTransformer != nil {
		return t.InputTransformer.apply(o, v)
	}
	p, err := parsePath(t.InputPath)
	if err != nil {
		return nil, err
	}
	found, ok := p.find(v)
	if !ok {
		return nil, fmt.Errorf("the event has nothing at %s", t.InputPath)
	}
	return encode(found)
}

// apply fills the template. A variable inside a JSON string becomes part of the
// string, one outside becomes a value; one that the event does not have becomes
// an empty text.
func (t *transformer) apply(o occasion, event any) ([]byte, error) {
	values, err := t.values(o, event)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	quoted := false
	template := t.InputTemplate
	for template != "" {
		if at := variable.FindStringIndex(template); at != nil && at[0] == 0 {
			text, err := render(values[template[1:at[1]-1]], quoted)
			if err != nil {
				return nil, err
			}
			b.Write(text)
			template = template[at[1]:]
			continue
		}
		switch c := template[0]; {
		case c == '\\' && quoted && len(template) > 1:
			b.WriteString(template[:2])
			template = template[2:]
			continue
		case c == '"':
			quoted = !quoted
		}
		b.WriteByte(template[0])
		template = template[1:]
	}
	if !json.Valid(b.Bytes()) { // text that is not JSON is sent as a JSON string
		return encode(b.String())
	}
	return b.Bytes(), nil
}

// values returns the values of all variables.
func (t *transformer) values(o occasion, event any) (map[string]any, error) {
	values := map[string]any{
		"aws.events.rule-arn": o.rule.arn(), "aws.events.rule-name": o.rule.Name, "aws.events.event.json": event,
		"aws.events.event.ingestion-time": o.at.UTC().Format(timeFormat),
	}
	if members, ok := event.(map[string]any); ok {
		bare := map[string]any{} // without the detail, as AWS says
		for name, v := range members {
			if name != "detail" {
				bare[name] = v
			}
		}
		values["aws.events.event"] = bare
	}
	for name, text := range t.InputPathsMap {
		p, err := parsePath(text)
		if err != nil {
			return nil, err
		}
		if v, ok := p.find(event); ok {
			values[name] = v
		}
	}
	return values, nil
}

// render writes a value into a template.
func render(v any, quoted bool) ([]byte, error) {
	if v == nil {
		v = ""
	}
	if !quoted {
		return encode(v)
	}
	text, ok := v.(string)
	if !ok {
		data, err := encode(v)
		if err != nil {
			return nil, err
		}
		text = string(data)
	}
	data, err := encode(text)
	if err != nil {
		return nil, err
	}
	return data[1 : len(data)-1], nil
}

// encode writes JSON without escaping <, > and &.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
