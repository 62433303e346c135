// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/sparta-up/sparta/internal/gobuild"
	"github.com/sparta-up/sparta/pipeline"
	"github.com/sparta-up/sparta/spec"
)

// The programs that Compile makes.
const (
	appProgram       = "app"        // every function of the service
	providerProgram  = "provider"   // custom resources
	decoratorProgram = "decorators" // runs on this machine
)

// Binaries holds the paths of what was compiled.
type Binaries struct {
	App        map[string]string // by Lambda architecture
	Provider   string            // empty if the service has no custom resource
	Decorators string            // empty if no decorator is a Go symbol
}

// Compile cross compiles the service: one program for each architecture with
// all its functions, and the programs for custom resources and decorators
// where there are any. Each target platform is one run of the Go tool.
type Compile struct {
	Project pipeline.Result[Project]
	Session pipeline.Result[Session]
	Roles   pipeline.Result[Roles]
	Toolkit fs.FS  // the sources of Sparta's public packages
	Cache   string // directory
	Environ []string
}

// Title returns the words of the box.
func (*Compile) Title() string { return "Cross Compile App for AWS Linux" }

// Skip leaves the stage out for a service without any Go code.
func (c *Compile) Skip() string {
	project := c.Project.Get()
	if len(project.Symbols) == 0 && len(usedBuiltins(project.Service)) == 0 {
		return "no Go code"
	}
	return ""
}

// Run builds all programs, those for different platforms at the same time.
func (c *Compile) Run(ctx context.Context) (Binaries, error) {
	project, session := c.Project.Get(), c.Session.Get()
	module, err := c.module(project)
	if err != nil {
		return Binaries{}, err
	}
	builder := gobuild.Builder{Module: module, Cache: c.Cache, Toolkit: c.Toolkit, Environ: c.Environ}
	plan := buildPlan(project, session)
	binaries := Binaries{App: map[string]string{}}
	var (
		mu   sync.Mutex
		wg   sync.WaitGroup
		errs []error
	)
	for target, programs := range plan {
		wg.Go(func() {
			built, err := builder.Build(ctx, target, programs)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				errs = append(errs, err)
				return
			}
			for _, b := range built {
				binaries.add(b, project.Service, session)
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return Binaries{}, context.Cause(ctx)
	}
	if len(errs) > 0 {
		return Binaries{}, errors.Join(errs[:1]...) // the same code fails alike for every platform
	}
	return binaries, nil
}

// module returns the user's module. A service of nothing but a site has none;
// its custom resource is built in an empty one.
func (c *Compile) module(p Project) (*gobuild.Module, error) {
	if p.Module != nil {
		return p.Module, nil
	}
	dir := filepath.Join(c.Cache, "empty")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module sparta.invalid/empty\n\ngo 1.26\n"), 0o644); err != nil {
		return nil, err
	}
	return gobuild.OpenModule(dir)
}

// buildPlan returns what to compile for each platform.
func buildPlan(p Project, session Session) map[gobuild.Target][]gobuild.Program {
	plan := map[gobuild.Target][]gobuild.Program{}
	add := func(t gobuild.Target, program gobuild.Program) {
		if len(program.Entries)+len(program.Builtins) > 0 {
			plan[t] = append(plan[t], program)
		}
	}
	app := gobuild.Program{Name: appProgram, Use: gobuild.Function}
	for _, f := range p.Service.Functions {
		app.Entries = append(app.Entries, gobuild.Entry{ID: f.Name, Symbol: p.Symbols["functions."+f.Name]})
	}
	targets := map[gobuild.Target]bool{}
	for _, arch := range architectures(p.Service) {
		if target := session.Target(arch); !targets[target] {
			targets[target] = true
			add(target, app)
		}
	}
	provider := gobuild.Program{Name: providerProgram, Use: gobuild.CustomResource}
	for _, r := range p.Service.CustomResources {
		provider.Entries = append(provider.Entries, gobuild.Entry{ID: r.Name, Symbol: p.Symbols["customResources."+r.Name]})
	}
	for _, b := range usedBuiltins(p.Service) {
		provider.Builtins = append(provider.Builtins, gobuild.Builtin{ID: b.handler, Package: b.source})
	}
	add(session.Target(providerArchitecture), provider)
	host := gobuild.Program{Name: decoratorProgram, Use: gobuild.Decorator}
	for _, d := range p.Service.Decorators {
		if d.Handler != "" {
			host.Entries = append(host.Entries, gobuild.Entry{ID: d.Name, Symbol: p.Symbols["decorators."+d.Name]})
		}
	}
	add(Host(), host)
	return plan
}

// architectures returns the Lambda architectures of the service's functions,
// sorted.
func architectures(s *spec.Service) []string {
	var all []string
	for _, f := range s.Functions {
		all = append(all, f.Architecture)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (b *Binaries) add(built gobuild.Binary, s *spec.Service, session Session) {
	switch built.Program {
	case appProgram:
		for _, arch := range architectures(s) {
			if session.Target(arch) == built.Target {
				b.App[arch] = built.Path
			}
		}
	case providerProgram:
		b.Provider = built.Path
	case decoratorProgram:
		b.Decorators = built.Path
	}
}
