// SPDX-License-Identifier: MIT

package flow

import (
	"github.com/sparta-up/sparta/pipeline"
	"github.com/sparta-up/sparta/pipeline/stage"
)

// Diff is the flowchart of `sparta diff`.
type Diff struct {
	*pipeline.Pipeline
	Project pipeline.Result[stage.Project]
	Stack   pipeline.Result[stage.Stack]
	Changes pipeline.Result[[]stage.Change]
}

// NewDiff wires the flowchart: up without what changes anything.
func NewDiff(s Settings) Diff {
	p := pipeline.New("diff")

	project := pipeline.Add(p, "read", &stage.Read{File: s.File, Options: s.Spec, Local: s.Local})
	session := pipeline.Add(p, "connect", &stage.Connect{Project: project, Config: s.Config, Local: s.Local})
	stack := pipeline.Add(p, "survey", &stage.Survey{Project: project, Session: session})

	roles := pipeline.Add(p, "verifyRoles", &stage.VerifyRoles{Project: project, Session: session})
	binaries := pipeline.Add(p, "compile", &stage.Compile{
		Project: project, Session: session, Roles: roles, Toolkit: s.Toolkit, Cache: s.Cache, Environ: s.Environ,
	})
	archives := pipeline.Add(p, "package", &stage.Package{Project: project, Binaries: binaries, Cache: s.Cache})
	siteZip := pipeline.Add(p, "packageAssets", &stage.PackageAssets{Project: project, Roles: roles, Cache: s.Cache})
	artifacts := pipeline.Add(p, "nameArtifacts", &stage.NameArtifacts{
		Project: project, Session: session, Archives: archives, Assets: siteZip, Name: s.Bucket,
	})

	marshalled := pipeline.Add(p, "generate", &stage.Generate{
		Project: project, Roles: roles,
		Code:   pipeline.Map(artifacts, func(a stage.Artifacts) stage.Code { return a.Code }),
		Assets: pipeline.Map(artifacts, func(a stage.Artifacts) stage.Object { return a.Assets }),
	})
	document := pipeline.Add(p, "decorate", &stage.Decorate{
		Project: project, Document: marshalled, Binaries: binaries, Environ: s.Environ,
	})
	changes := pipeline.Add(p, "preview", &stage.Preview{
		Project: project, Session: session, Stack: stack, Document: document, Artifacts: artifacts, Pace: s.Pace, Token: s.Token,
	})
	return Diff{Pipeline: p, Project: project, Stack: stack, Changes: changes}
}
