// SPDX-License-Identifier: MIT

package flow

import (
	"github.com/sparta-up/sparta/pipeline"
	"github.com/sparta-up/sparta/pipeline/stage"
)

// Up is the flowchart of `sparta up`.
type Up struct {
	*pipeline.Pipeline
	Project pipeline.Result[stage.Project]
	Session pipeline.Result[stage.Session]
	Outcome pipeline.Result[stage.Outcome]
}

// NewUp wires the flowchart.
func NewUp(s Settings) Up {
	p := pipeline.New("up")

	project := pipeline.Add(p, "read", &stage.Read{File: s.File, Options: s.Spec, Local: s.Local})
	session := pipeline.Add(p, "connect", &stage.Connect{Project: project, Config: s.Config, Local: s.Local})
	stack := pipeline.Add(p, "survey", &stage.Survey{Project: project, Session: session})
	bucket := pipeline.Add(p, "ensureBucket", &stage.EnsureBucket{Session: session, Stack: stack, Name: s.Bucket})

	roles := pipeline.Add(p, "verifyRoles", &stage.VerifyRoles{Project: project, Session: session})
	binaries := pipeline.Add(p, "compile", &stage.Compile{
		Project: project, Session: session, Roles: roles, Toolkit: s.Toolkit, Cache: s.Cache, Environ: s.Environ,
	})
	archives := pipeline.Add(p, "package", &stage.Package{Project: project, Binaries: binaries, Cache: s.Cache})
	code := pipeline.Add(p, "upload", &stage.Upload{Project: project, Archives: archives, Bucket: bucket, Stack: stack})

	siteZip := pipeline.Add(p, "packageAssets", &stage.PackageAssets{Project: project, Roles: roles, Cache: s.Cache})
	assets := pipeline.Add(p, "uploadAssets", &stage.UploadAssets{Project: project, Assets: siteZip, Bucket: bucket, Stack: stack})

	marshalled := pipeline.Add(p, "generate", &stage.Generate{
		Project: project, Roles: roles, Code: code, Assets: assets,
	})
	document := pipeline.Add(p, "decorate", &stage.Decorate{
		Project: project, Document: marshalled, Binaries: binaries, Environ: s.Environ,
	})
	template := pipeline.Add(p, "uploadTemplate", &stage.UploadTemplate{
		Project: project, Document: document, Code: code, Assets: assets, Bucket: bucket, Stack: stack,
	})
	operation := pipeline.Add(p, "converge", &stage.Converge{
		Project: project, Session: session, Stack: stack, Template: template,
		Confirm: s.Confirm, Follow: s.Follow, Pace: s.Pace, Token: s.Token,
	})
	outcome := pipeline.Add(p, "wait", &stage.Wait{
		Project: project, Session: session, Template: template, Operation: operation,
		Follow: s.Follow, Detach: s.Detach, Pace: s.Pace,
	})
	return Up{Pipeline: p, Project: project, Session: session, Outcome: outcome}
}
