// SPDX-License-Identifier: MIT

package stage

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

// complete adds to a template what depends on all of it, decorators included.
// The document has a template of its own.
func complete(d cfn.Document, s *spec.Service) (cfn.Document, error) {
	d, err := nameDeployment(d)
	if err != nil {
		return cfn.Document{}, err
	}
	completeManifest(d.Template)
	for _, f := range s.Functions {
		if f.Alias == "" {
			continue
		}
		var err error
		if d, err = nameVersion(d, f.Name); err != nil {
			return cfn.Document{}, err
		}
	}
	return d, nil
}

// nameVersion gives the version of a function a logical id that changes with
// the function: CloudFormation publishes one version for each logical id.
func nameVersion(d cfn.Document, function string) (cfn.Document, error) {
	r := d.Template.Resources[spec.FunctionID(function)]
	if r == nil {
		return d, nil // a decorator took it away
	}
	versioned := maps.Clone(r.Properties)
	// Of these a version has none of its own: with another version of the same
	// content, PublishVersion makes none and CloudFormation fails.
	for _, name := range []string{"RecursiveLoop", "ReservedConcurrentExecutions", "Tags"} {
		delete(versioned, name)
	}
	id := spec.VersionID(function)
	return d.Rename(id, id+contentHash(versioned))
}

// contentHash is a part of a logical id that stands for the content of values.
func contentHash(values ...any) string {
	data, err := json.Marshal(values)
	if err != nil {
		panic(fmt.Sprintf("values of a template: %v", err)) // values of JSON always have a form
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:6])
}
