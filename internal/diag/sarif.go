// SPDX-License-Identifier: MIT

package diag

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
)

// The shapes of a SARIF log, as far as it is used. Source: "Static Analysis
// Results Interchange Format (SARIF) Version 2.1.0", OASIS standard.
type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool struct {
		Driver sarifDriver `json:"driver"`
	} `json:"tool"`
	ColumnKind string        `json:"columnKind"`
	Results    []sarifResult `json:"results"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	Version        string      `json:"version,omitempty"`
	InformationURI string      `json:"informationUri"`
	Rules          []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID               Code      `json:"id"`
	ShortDescription sarifText `json:"shortDescription"`
	FullDescription  sarifText `json:"fullDescription"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID    Code            `json:"ruleId,omitempty"`
	RuleIndex *int            `json:"ruleIndex,omitempty"`
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations,omitempty"`
}

type sarifLocation struct {
	Physical struct {
		Artifact struct {
			URI string `json:"uri"`
		} `json:"artifactLocation"`
		Region *sarifRegion `json:"region,omitempty"`
	} `json:"physicalLocation"`
	Logical []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifRegion struct {
	StartLine   int        `json:"startLine"`
	StartColumn int        `json:"startColumn,omitempty"`
	EndColumn   int        `json:"endColumn,omitempty"`
	Snippet     *sarifText `json:"snippet,omitempty"`
}

type sarifLogical struct {
	Name string `json:"fullyQualifiedName"`
}

// SARIF returns the problems as a SARIF 2.1.0 log of Sparta in some version,
// for tools that collect the results of checks. Columns are counted in Unicode
// code points. The hint is part of the message.
func SARIF(problems List, version string) ([]byte, error) {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{
		Name: "sparta", Version: version, InformationURI: "https://github.com/sparta-up/sparta", Rules: []sarifRule{},
	}
	for _, x := range Explanations() {
		if slices.ContainsFunc(problems, func(p Problem) bool { return p.Code == x.Code }) {
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{x.Code, sarifText{x.Title}, sarifText{x.Text}})
		}
	}
	for _, p := range problems {
		result := newSARIFResult(p)
		if i := slices.IndexFunc(run.Tool.Driver.Rules, func(r sarifRule) bool { return r.ID == p.Code }); i >= 0 {
			result.RuleIndex = new(i)
		}
		run.Results = append(run.Results, result)
	}
	log := sarifLog{
		Schema:  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		Version: "2.1.0", Runs: []sarifRun{run},
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(log); err != nil {
		return nil, fmt.Errorf("encode SARIF: %w", err)
	}
	return b.Bytes(), nil
}

func newSARIFResult(p Problem) sarifResult {
	message := p.Message
	if p.Path != "" {
		message = p.Path + ": " + message
	}
	if p.Hint != "" {
		message += ". Hint: " + p.Hint
	}
	result := sarifResult{RuleID: p.Code, Level: p.Severity.String(), Message: sarifText{message}}
	if p.Position.IsZero() {
		return result
	}
	var at sarifLocation
	at.Physical.Artifact.URI = filepath.ToSlash(p.Position.File)
	if p.Position.Line > 0 {
		region := &sarifRegion{StartLine: p.Position.Line, StartColumn: p.Position.Column}
		if p.Width > 0 && p.Position.Column > 0 {
			region.EndColumn = p.Position.Column + p.Width
		}
		if p.Source != "" {
			region.Snippet = &sarifText{p.Source}
		}
		at.Physical.Region = region
	}
	if p.Path != "" {
		at.Logical = []sarifLogical{{p.Path}}
	}
	result.Locations = []sarifLocation{at}
	return result
}
