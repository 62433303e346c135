// SPDX-License-Identifier: MIT

package stage

import (
	"cmp"
	"context"

	"github.com/sparta-up/sparta/pipeline"
)

// Artifacts are the objects that a template names.
type Artifacts struct {
	Bucket Bucket
	Code   Code
	Assets Object // zero without a site
}

func (a Artifacts) keys() []string {
	var keys []string
	for _, o := range a.Code.objects() {
		keys = append(keys, o.Key)
	}
	if a.Assets.Key != "" {
		keys = append(keys, a.Assets.Key)
	}
	return keys
}

// NameArtifacts says where the archives would be uploaded to: keys follow from
// content, so that nothing has to be there.
type NameArtifacts struct {
	Project  pipeline.Result[Project]
	Session  pipeline.Result[Session]
	Archives pipeline.Result[Archives]
	Assets   pipeline.Result[Archive]
	Name     string // the user's own bucket; empty: ArtifactBucket
}

// Title returns the words of the box.
func (*NameArtifacts) Title() string { return "Name Artifacts" }

// Run names the objects.
func (n *NameArtifacts) Run(context.Context) (Artifacts, error) {
	session, service := n.Session.Get(), n.Project.Get().Service.Name
	bucket := Bucket{Name: cmp.Or(n.Name, ArtifactBucket(session.Account, session.Region)), session: session}
	named := Artifacts{Bucket: bucket, Code: Code{App: map[string]Object{}}}
	archives := n.Archives.Get()
	for arch, a := range archives.App {
		named.Code.App[arch] = Object{Bucket: bucket.Name, Key: artifactKey(service, a.Digest, "zip")}
	}
	if archives.Provider != nil {
		named.Code.Provider = Object{Bucket: bucket.Name, Key: artifactKey(service, archives.Provider.Digest, "zip")}
	}
	if assets := n.Assets.Get(); assets.Digest != "" {
		named.Assets = Object{Bucket: bucket.Name, Key: artifactKey(service, assets.Digest, "site.zip")}
	}
	return named, nil
}
