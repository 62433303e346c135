// SPDX-License-Identifier: MIT

package diag_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/diag"
)

func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func sample() diag.List {
	return diag.List{{
		Position: diag.Position{File: filepath.Join("svc", "sparta.yaml"), Line: 3, Column: 5}, Path: "functions.a.memory",
		Code: diag.BelowMinimum, Message: "64 is below 128 MB", Source: "    memory: 64", Width: 10,
	}, {
		Position: diag.Position{File: "sparta.yaml"}, Code: diag.EmptyFile, Message: "is empty", Hint: "begin with <serviceName>",
	}, {
		Position: diag.Position{File: "sparta.yaml", Line: 9, Column: 1}, Severity: diag.Warning, Message: "no code",
	}, {
		Position: diag.Position{File: "sparta.yaml", Line: 4, Column: 5}, Code: diag.BelowMinimum, Message: "0 is below 1 s",
	}, {
		Message: "nowhere",
	}}
}

// TestSARIF holds a log against what section 3 of the standard requires, and its
// contents against what was reported.
func TestSARIF(t *testing.T) {
	t.Parallel()
	for name, problems := range map[string]diag.List{"some": sample(), "none": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := diag.SARIF(problems, "v1.2.3")
			if err != nil {
				t.Fatal(err)
			}
			var log map[string]any
			if err := json.Unmarshal(data, &log); err != nil {
				t.Fatal(err)
			}
			if log["version"] != "2.1.0" { // 3.13.2
				t.Errorf("version is %v", log["version"])
			}
			run := log["runs"].([]any)[0].(map[string]any) // 3.13.4
			driver := run["tool"].(map[string]any)["driver"].(map[string]any)
			if driver["name"] != "sparta" || driver["version"] != "v1.2.3" { // 3.19.8
				t.Errorf("driver is %v", driver)
			}
			rules := driver["rules"].([]any)
			results := run["results"].([]any) // 3.14.23: there, though empty
			if len(results) != len(problems) {
				t.Fatalf("%d results of %d problems", len(results), len(problems))
			}
			seen := map[string]bool{}
			for _, r := range rules {
				id := r.(map[string]any)["id"].(string) // 3.49.3
				if seen[id] {
					t.Errorf("rule %s stands twice", id)
				}
				seen[id] = true
			}
			for i, r := range results {
				checkResult(t, r.(map[string]any), problems[i], rules)
			}
		})
	}
}

func checkResult(t *testing.T, result map[string]any, p diag.Problem, rules []any) {
	t.Helper()
	if text := result["message"].(map[string]any)["text"].(string); text == "" { // 3.27.11, 3.11.8
		t.Errorf("%v: no message", p)
	}
	if result["level"] != p.Severity.String() { // 3.27.10: error, warning, note, none
		t.Errorf("%v: level %v", p, result["level"])
	}
	if p.Code != "" {
		index := int(result["ruleIndex"].(float64)) // 3.27.6
		if id := rules[index].(map[string]any)["id"]; id != result["ruleId"] || id != string(p.Code) {
			t.Errorf("%v: rule %v at %d is %v", p, result["ruleId"], index, id)
		}
	}
	locations, _ := result["locations"].([]any)
	if p.Position.IsZero() {
		if locations != nil {
			t.Errorf("%v: locations %v", p, locations)
		}
		return
	}
	physical := locations[0].(map[string]any)["physicalLocation"].(map[string]any)
	uri := physical["artifactLocation"].(map[string]any)["uri"] // 3.4.3: slashes
	if uri != filepath.ToSlash(p.Position.File) {
		t.Errorf("%v: uri %v", p, uri)
	}
	region, _ := physical["region"].(map[string]any)
	if (region != nil) != (p.Position.Line > 0) {
		t.Fatalf("%v: region %v", p, region)
	}
	if region == nil {
		return
	}
	if region["startLine"] != float64(p.Position.Line) || region["startColumn"] != float64(p.Position.Column) {
		t.Errorf("%v: region %v", p, region)
	}
	if end, ok := region["endColumn"]; ok != (p.Width > 0) || ok && end != float64(p.Position.Column+p.Width) { // 3.30.8: after the last
		t.Errorf("%v: region %v", p, region)
	}
}

func TestProblemString(t *testing.T) {
	t.Parallel()
	var got []string
	for _, p := range sample() {
		got = append(got, filepath.ToSlash(p.String()))
	}
	want := []string{
		"svc/sparta.yaml:3:5: functions.a.memory: 64 is below 128 MB [SP0203]",
		"sparta.yaml: is empty [SP0005]",
		"sparta.yaml:9:1: warning: no code",
		"sparta.yaml:4:5: 0 is below 1 s [SP0203]",
		"nowhere",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("strings (-want +got):\n%s", diff)
	}
}
