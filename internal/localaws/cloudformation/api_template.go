// SPDX-License-Identifier: MIT

package cloudformation

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

func (s *Service) getTemplate(_ context.Context, scope arn.Scope, f form) (any, error) {
	switch f.text("TemplateStage") {
	case "", "Original", "Processed": // without transforms both are the same
	default:
		return nil, invalidf("1 validation error detected: Value '%s' at 'templateStage' failed to satisfy constraint: Member must satisfy enum value set: [Original, Processed]", f.text("TemplateStage"))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var result struct {
		Body   string   `xml:"TemplateBody"`
		Stages []string `xml:"StagesAvailable>member"`
	}
	result.Stages = []string{"Original", "Processed"}
	if f.text("ChangeSetName") != "" {
		_, c, err := s.changeSetOf(scope, f)
		if err != nil {
			return nil, err
		}
		result.Body = c.Target.Template
		return result, nil
	}
	st, err := s.find(scope, f.text("StackName"))
	if err != nil {
		return nil, err
	}
	result.Body = st.Current.Template
	return result, nil
}

type summaryXML struct {
	Parameters         []declarationXML `xml:"Parameters>member"`
	Description        string           `xml:"Description,omitempty"`
	Capabilities       []string         `xml:"Capabilities>member"`
	CapabilitiesReason string           `xml:"CapabilitiesReason,omitempty"`
	ResourceTypes      []string         `xml:"ResourceTypes>member"`
	Version            string           `xml:"Version,omitempty"`
	Metadata           string           `xml:"Metadata,omitempty"`
}

type declarationXML struct {
	Key           string   `xml:"ParameterKey"`
	DefaultValue  *string  `xml:"DefaultValue"`
	ParameterType string   `xml:"ParameterType,omitempty"`
	NoEcho        bool     `xml:"NoEcho"`
	Description   string   `xml:"Description,omitempty"`
	AllowedValues []string `xml:"ParameterConstraints>AllowedValues>member"`
}

func (t *template) summary() summaryXML {
	x := summaryXML{Description: t.description, Version: t.version, Parameters: t.declarations()}
	if t.metadata != nil {
		x.Metadata = compactJSON(t.metadata)
	}
	types := map[string]bool{}
	for _, d := range t.resources {
		types[d.typeName] = true
	}
	x.ResourceTypes = slices.Sorted(maps.Keys(types))
	if capability, needing := t.capabilities(); capability != "" {
		x.Capabilities = []string{capability}
		x.CapabilitiesReason = "The following resource(s) require capabilities: [" + strings.Join(needing, ", ") + "]"
	}
	return x
}

func (t *template) declarations() []declarationXML {
	var list []declarationXML
	for _, name := range sortedKeys(t.parameters) {
		p := t.parameters[name]
		list = append(list, declarationXML{name, p.fallback, p.typeName, p.noEcho, p.description, p.allowed})
	}
	return list
}

func (s *Service) getTemplateSummary(ctx context.Context, scope arn.Scope, f form) (any, error) {
	body := ""
	var err error
	if f.text("StackName") != "" {
		if f.text("TemplateBody") != "" || f.text("TemplateURL") != "" {
			return nil, invalidf("Only one of StackName, TemplateBody and TemplateURL may be specified.")
		}
		body, err = s.previousTemplate(scope, f.text("StackName"))
	} else {
		body, err = s.body(ctx, scope, f, "")
	}
	if err != nil {
		return nil, err
	}
	t, err := parse(body)
	if err != nil {
		return nil, err
	}
	return t.summary(), nil
}

func (s *Service) validateTemplate(ctx context.Context, scope arn.Scope, f form) (any, error) {
	body, err := s.body(ctx, scope, f, "")
	if err != nil {
		return nil, err
	}
	t, err := parse(body)
	if err != nil {
		return nil, err
	}
	x := t.summary()
	for i := range x.Parameters { // ValidateTemplate tells neither types nor constraints
		x.Parameters[i].ParameterType, x.Parameters[i].AllowedValues = "", nil
	}
	x.ResourceTypes, x.Version, x.Metadata = nil, "", ""
	return x, nil
}
