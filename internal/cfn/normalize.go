// SPDX-License-Identifier: MIT

package cfn

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"unicode/utf8"
)

// maxDepth is how deep a template may nest, counted in objects and lists.
const maxDepth = 100

// Normalize returns v as a tree of JSON values: nil, bool, string, int,
// float64, json.Number, []any and map[string]any. Other Go values, such as
// []string or a struct, become what encoding/json makes of them. The result
// shares nothing with v. It fails on what JSON cannot say: a function, a
// channel, NaN, text that is not UTF-8, a number that is none, and nesting
// deeper than 100.
func Normalize(v any) (any, error) { return normalize(v, 0) }

func normalize(v any, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d", maxDepth)
	}
	switch v := v.(type) {
	case nil, bool, int:
		return v, nil
	case string:
		if !utf8.ValidString(v) {
			return nil, fmt.Errorf("%q is not UTF-8", v)
		}
		return v, nil
	case json.Number:
		return v, checkNumber(v)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%v is no JSON number", v)
		}
		return v, nil
	case []any:
		return normalizeList(v, depth)
	case map[string]any:
		return normalizeMap(v, depth)
	}
	return normalizeOther(v, depth)
}

func normalizeList(v []any, depth int) (any, error) {
	out := make([]any, len(v))
	for i, item := range v {
		n, err := normalize(item, depth+1)
		if err != nil {
			return nil, fmt.Errorf("%d: %w", i, err)
		}
		out[i] = n
	}
	return out, nil
}

func normalizeMap(v map[string]any, depth int) (any, error) {
	out := make(map[string]any, len(v))
	for key, item := range v {
		if !utf8.ValidString(key) {
			return nil, fmt.Errorf("%q is not UTF-8", key)
		}
		n, err := normalize(item, depth+1)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		out[key] = n
	}
	return out, nil
}

func normalizeOther(v any, depth int) (any, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("%T is no JSON value: %w", v, err)
	}
	tree, err := decode(data)
	if err != nil {
		return nil, err
	}
	return normalize(tree, depth)
}

// decode reads one JSON value with its numbers as written.
func decode(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text after the value")
	}
	return v, nil
}

func checkNumber(n json.Number) error {
	if n == "" || n[0] != '-' && (n[0] < '0' || n[0] > '9') || !json.Valid([]byte(n)) {
		return fmt.Errorf("%q is no JSON number", string(n))
	}
	return nil
}

// isNormal reports whether v is in normal form already.
func isNormal(v any, depth int) bool {
	if depth > maxDepth {
		return false
	}
	switch v := v.(type) {
	case nil, bool, int:
		return true
	case string:
		return utf8.ValidString(v)
	case json.Number:
		return checkNumber(v) == nil
	case float64:
		return !math.IsNaN(v) && !math.IsInf(v, 0)
	case []any:
		for _, item := range v {
			if !isNormal(item, depth+1) {
				return false
			}
		}
		return true
	case map[string]any:
		for key, item := range v {
			if !utf8.ValidString(key) || !isNormal(item, depth+1) {
				return false
			}
		}
		return true
	}
	return false
}

// normalForm is v itself if it is in normal form, else that.
func normalForm(v any) (any, error) {
	if isNormal(v, 0) {
		return v, nil
	}
	return Normalize(v)
}

// normalizeObject is normalForm for a section: nil stays nil.
func normalizeObject(m map[string]any) (map[string]any, error) {
	if m == nil || isNormal(m, 0) {
		return m, nil
	}
	v, err := normalizeMap(m, 0)
	if err != nil {
		return nil, err
	}
	return v.(map[string]any), nil
}

// Normalize replaces values of r that are not in normal form by that; see
// [Normalize].
func (r *Resource) Normalize() error {
	for name, section := range map[string]*map[string]any{
		"Properties": &r.Properties, "CreationPolicy": &r.CreationPolicy,
		"UpdatePolicy": &r.UpdatePolicy, "Metadata": &r.Metadata,
	} {
		n, err := normalizeObject(*section)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		*section = n
	}
	return nil
}

// Normalize replaces values of o that are not in normal form by that; see
// [Normalize].
func (o *Output) Normalize() error {
	value, err := normalForm(o.Value)
	if err != nil {
		return fmt.Errorf("Value: %w", err)
	}
	export, err := normalForm(o.Export)
	if err != nil {
		return fmt.Errorf("Export: %w", err)
	}
	o.Value, o.Export = value, export
	return nil
}
