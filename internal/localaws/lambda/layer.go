// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// layer is a layer with its versions; guarded by Service.mu.
type layer struct {
	Scope    arn.Scope
	Name     string
	Next     int             // number of the version that is published next
	Versions []*layerVersion // oldest first
}

type layerVersion struct {
	Number        int
	Description   string   `json:",omitempty"`
	License       string   `json:",omitempty"`
	Runtimes      []string `json:",omitempty"`
	Architectures []string `json:",omitempty"`
	Created       string   // as the API shows it
	CodeSHA256    string   // of the zip, base64
	CodeSize      int64    // of the zip, bytes
}

// layerUse is a layer version that a function has; the function keeps its
// content when the layer version is deleted.
type layerUse struct {
	ARN        string
	CodeSHA256 string
	CodeSize   int64
}

// layersDocument is the name of the store's document that holds the layers.
const layersDocument = "layers"

func layerARN(scope arn.Scope, name string) string { return scope.Regional("lambda", "layer:"+name) }

func (l *layer) arn() string { return layerARN(l.Scope, l.Name) }

func (l *layer) versionARN(v *layerVersion) string { return l.arn() + ":" + strconv.Itoa(v.Number) }

func (l *layer) version(number string) *layerVersion {
	i := slices.IndexFunc(l.Versions, func(v *layerVersion) bool { return strconv.Itoa(v.Number) == number })
	if i < 0 {
		return nil
	}
	return l.Versions[i]
}

// layerPattern matches the name or ARN of a layer, with or without a version.
var layerPattern = lazy.MustCompile(`^(?:arn:[a-zA-Z0-9-]+:lambda:([a-z0-9-]+):(\d{12}):layer:)?([a-zA-Z0-9-_]{1,140})(?::([0-9]+))?$`)

// parseLayer reads the name or ARN of a layer in a scope. A layer of another
// region or account is refused by name.
func parseLayer(scope arn.Scope, text string) (name, version string, err error) {
	m := layerPattern.FindStringSubmatch(text)
	switch {
	case m == nil:
		return "", "", invalidMember(text, "layerName", "Member must satisfy regular expression pattern: "+
			`(arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\d{12}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+`)
	case m[2] != "" && m[2] != scope.Account:
		return "", "", unmodelled("the layer " + text + " of account " + m[2] + ": publish its zip as a layer of your own, or leave it out with an overlay for the local environment")
	case m[1] != "" && m[1] != scope.Region:
		return "", "", invalidValue("Layers from '%s' are not reachable in this region ('%s'): %s", m[1], scope.Region, text)
	}
	return m[3], m[4], nil
}

// findLayer returns a layer version; s.mu is held.
func (s *Service) findLayer(scope arn.Scope, name, version string) (*layer, *layerVersion, error) {
	l := s.layers[layerARN(scope, name)]
	if l == nil || l.version(version) == nil {
		return nil, nil, notFound("The resource you requested does not exist.")
	}
	return l, l.version(version), nil
}

type layerContent struct {
	S3Bucket, S3Key, S3ObjectVersion string
	ZipFile                          []byte
}

type publishLayerInput struct {
	Description, LicenseInfo                    string
	Content                                     layerContent
	CompatibleRuntimes, CompatibleArchitectures []string
}

const maxLicense = 512

func (s *Service) publishLayerVersion(ctx context.Context, c call, in publishLayerInput) (any, error) {
	name, version, err := parseLayer(c.scope, c.path("LayerName"))
	switch {
	case err != nil:
		return nil, err
	case version != "":
		return nil, invalidMember(c.path("LayerName"), "layerName", "Member must be the name of a layer")
	case len(in.Description) > 256:
		return nil, invalidMember(in.Description, "description", "Member must have length less than or equal to 256")
	case len(in.LicenseInfo) > maxLicense:
		return nil, invalidMember(in.LicenseInfo, "licenseInfo", "Member must have length less than or equal to 512")
	}
	for _, a := range in.CompatibleArchitectures {
		if a != "x86_64" && a != "arm64" {
			return nil, invalidMember(a, "compatibleArchitectures", "Member must satisfy enum value set: [x86_64, arm64]")
		}
	}
	got, err := s.fetch(ctx, c.scope, codeInput{
		ZipFile: in.Content.ZipFile, S3Bucket: in.Content.S3Bucket, S3Key: in.Content.S3Key, S3ObjectVersion: in.Content.S3ObjectVersion})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.layers[layerARN(c.scope, name)]
	if l == nil {
		l = &layer{Scope: c.scope, Name: name, Next: 1}
		s.layers[l.arn()] = l
	}
	v := &layerVersion{
		Number: l.Next, Description: in.Description, License: in.LicenseInfo, Runtimes: in.CompatibleRuntimes, Architectures: in.CompatibleArchitectures,
		Created: s.env.Now().UTC().Format("2006-01-02T15:04:05.000-0700"), CodeSHA256: got.sha256, CodeSize: got.size,
	}
	l.Next++
	l.Versions = append(l.Versions, v)
	s.layersChanged()
	return s.layerOutput(l, v), nil
}

type layerOutput struct {
	Content *layerContentOutput `json:",omitempty"`
	layerSummary
	LayerArn string
}

type layerContentOutput struct {
	Location, CodeSha256 string
	CodeSize             int64
}

// layerSummary is a version in a list.
type layerSummary struct {
	LayerVersionArn         string
	Version                 int
	Description             string
	CreatedDate             string
	CompatibleRuntimes      []string `json:",omitempty"`
	LicenseInfo             string   `json:",omitempty"`
	CompatibleArchitectures []string `json:",omitempty"`
}

func (l *layer) summary(v *layerVersion) layerSummary {
	return layerSummary{l.versionARN(v), v.Number, v.Description, v.Created, v.Runtimes, v.License, v.Architectures}
}

func (s *Service) layerOutput(l *layer, v *layerVersion) layerOutput {
	return layerOutput{&layerContentOutput{s.location(v.CodeSHA256), v.CodeSHA256, v.CodeSize}, l.summary(v), l.arn()}
}

func (s *Service) getLayerVersion(_ context.Context, c call, _ none) (any, error) {
	name, _, err := parseLayer(c.scope, c.path("LayerName"))
	if err != nil {
		return nil, err
	}
	return s.showLayer(c.scope, name, c.path("VersionNumber"))
}

func (s *Service) showLayer(scope arn.Scope, name, version string) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, v, err := s.findLayer(scope, name, version)
	if err != nil {
		return nil, err
	}
	return s.layerOutput(l, v), nil
}

type listLayersOutput struct {
	Layers     []layerItem
	NextMarker string `json:",omitempty"`
}

type layerItem struct {
	LayerName, LayerArn   string
	LatestMatchingVersion layerSummary
}

// fits reports whether a version matches what a list asks for.
func (v *layerVersion) fits(c call) bool {
	runtime, architecture := c.query.Get("CompatibleRuntime"), c.query.Get("CompatibleArchitecture")
	return (runtime == "" || slices.Contains(v.Runtimes, runtime)) && (architecture == "" || slices.Contains(v.Architectures, architecture))
}

// listLayers answers ListLayers, and GetLayerVersionByArn, which has the same
// path.
func (s *Service) listLayers(_ context.Context, c call, _ none) (any, error) {
	if c.query.Get("find") == "LayerVersion" {
		name, version, err := parseLayer(c.scope, c.query.Get("Arn"))
		if err != nil {
			return nil, err
		}
		return s.showLayer(c.scope, name, version)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []layerItem{}
	for _, key := range slices.Sorted(maps.Keys(s.layers)) {
		l := s.layers[key]
		if l.Scope != c.scope {
			continue
		}
		for _, v := range slices.Backward(l.Versions) {
			if v.fits(c) {
				list = append(list, layerItem{l.Name, l.arn(), l.summary(v)})
				break
			}
		}
	}
	list, next, err := page(list, c.query)
	return listLayersOutput{list, next}, err
}

type listLayerVersionsOutput struct {
	LayerVersions []layerSummary
	NextMarker    string `json:",omitempty"`
}

func (s *Service) listLayerVersions(_ context.Context, c call, _ none) (any, error) {
	name, _, err := parseLayer(c.scope, c.path("LayerName"))
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []layerSummary{}
	if l := s.layers[layerARN(c.scope, name)]; l != nil {
		for _, v := range slices.Backward(l.Versions) {
			if v.fits(c) {
				list = append(list, l.summary(v))
			}
		}
	}
	list, next, err := page(list, c.query)
	return listLayerVersionsOutput{list, next}, err
}

// deleteLayerVersion removes a version. One that is not there is no error, and
// functions that have it keep it.
func (s *Service) deleteLayerVersion(_ context.Context, c call, _ none) (any, error) {
	name, _, err := parseLayer(c.scope, c.path("LayerName"))
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.layers[layerARN(c.scope, name)]; l != nil {
		l.Versions = slices.DeleteFunc(slices.Clone(l.Versions), func(v *layerVersion) bool { return strconv.Itoa(v.Number) == c.path("VersionNumber") })
		s.layersChanged()
	}
	return nil, nil
}

// refuseLayerPolicy answers the operations on who may use a layer.
func (s *Service) refuseLayerPolicy(w http.ResponseWriter, _ *http.Request) {
	wire.WriteJSONError(w, unmodelled("permissions of layers: functions use the layers of their own account only"))
}
