// SPDX-License-Identifier: MIT

package apigatewayv2

import (
	"maps"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
)

// editTags changes a copy of the tags of an API or a stage, whose ARN is
// arn:aws:apigateway:region::/apis/ID or .../apis/ID/stages/NAME, and keeps it.
func (s *Service) editTags(c gateway.Request, edit func(tags map[string]string)) error {
	resource := c.Path("resourceArn")
	a, ok := arn.Parse(resource)
	path, isAPI := strings.CutPrefix(a.Resource, "/apis/")
	if !ok || a.Service != "apigateway" || !isAPI {
		return gateway.BadRequest("Invalid resource ARN specified: %s. APIs and their stages have tags", resource)
	}
	id, rest, _ := strings.Cut(path, "/")
	if rest == "" {
		_, err := s.updateAPI(c.Scope, id, func(old apiSettings) (apiSettings, error) {
			old.Tags = cloned(old.Tags)
			edit(old.Tags)
			return old, nil
		})
		return err
	}
	name, ok := strings.CutPrefix(rest, "stages/")
	if !ok {
		return gateway.Unmodelled("tags of " + resource)
	}
	_, err := s.updateStage(c.Scope, id, name, func(old stageSettings) (stageSettings, error) {
		old.Tags = cloned(old.Tags)
		edit(old.Tags)
		return old, nil
	})
	return err
}

func cloned(tags map[string]string) map[string]string {
	if tags == nil {
		return map[string]string{}
	}
	return maps.Clone(tags)
}

// tagInput is a set of tags as the API shows and takes it.
type tagInput struct {
	Tags map[string]string `json:"tags"`
}

func (s *Service) serveGetTags(c gateway.Request) (any, error) {
	out := tagInput{Tags: map[string]string{}}
	err := s.editTags(c, func(tags map[string]string) { maps.Copy(out.Tags, tags) })
	return out, err
}

func (s *Service) serveTag(c gateway.Request) (any, error) {
	in, err := gateway.Decode(c, tagInput{})
	if err != nil {
		return nil, err
	}
	return struct{}{}, s.editTags(c, func(tags map[string]string) { maps.Copy(tags, in.Tags) })
}

func (s *Service) serveUntag(c gateway.Request) (any, error) {
	return nil, s.editTags(c, func(tags map[string]string) {
		for _, key := range c.Query["tagKeys"] {
			delete(tags, key)
		}
	})
}
