// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"errors"
	"path/filepath"
	"slices"

	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/internal/gobuild"
	"github.com/sparta-up/sparta/spec"
)

// Project is a sparta.yaml that has been checked together with the Go code it
// names.
type Project struct {
	Service  *spec.Service
	Module   *gobuild.Module           // nil if the service names no Go code
	Symbols  map[string]gobuild.Symbol // by path in sparta.yaml, such as functions.hello
	Warnings diag.List
}

// Read reads and checks sparta.yaml. It fails with a *diag.Fault that holds
// every fault of the file and of the handlers that it names.
type Read struct {
	File     string       // path of sparta.yaml
	Options  spec.Options // for whom it is read
	NoSource bool         // leave the Go code alone: the command works on what is deployed
	Local    bool         // functions run on this machine
}

// Title returns the words of the box.
func (*Read) Title() string { return "Read sparta.yaml" }

// Run reads the file and looks up every Go symbol in it.
func (r *Read) Run(ctx context.Context) (Project, error) {
	service, problems := spec.Read(r.File, r.Options)
	project := Project{Service: service, Symbols: map[string]gobuild.Symbol{}}
	if service != nil && !r.NoSource {
		problems.Add(project.findSymbols(ctx, r.Local)...)
		problems.Add(siteProblems(ctx, service, problems)...)
	}
	if err := problems.Err(); err != nil {
		return Project{}, err
	}
	problems.Sort()
	project.Warnings = problems
	return project, nil
}

// siteProblems returns what is wrong with the files of the site, unless it is
// known already that there is no such directory.
func siteProblems(ctx context.Context, service *spec.Service, known diag.List) diag.List {
	if service.Site == nil || slices.ContainsFunc(known, func(p diag.Problem) bool { return p.Path == "site.dir" }) {
		return nil
	}
	_, err := walkSite(ctx, service)
	if fault, ok := errors.AsType[*diag.Fault](err); ok {
		return fault.Problems
	}
	return nil // an interrupt, which the stages after this one tell
}

// symbolUse is one place in sparta.yaml that names a Go symbol.
type symbolUse struct {
	path    []string
	handler string
	use     gobuild.Use
}

func symbolUses(s *spec.Service) []symbolUse {
	uses := make([]symbolUse, 0, len(s.Functions)+len(s.CustomResources)+len(s.Decorators))
	for _, f := range s.Functions {
		uses = append(uses, symbolUse{[]string{"functions", f.Name}, f.Handler, gobuild.Function})
	}
	for _, c := range s.CustomResources {
		uses = append(uses, symbolUse{[]string{"customResources", c.Name}, c.Handler, gobuild.CustomResource})
	}
	for _, d := range s.Decorators {
		uses = append(uses, symbolUse{[]string{"decorators", d.Name}, d.Handler, gobuild.Decorator})
	}
	return uses
}

// findSymbols fills in Module and Symbols and returns what is wrong with the
// handlers. Handlers that sparta.yaml leaves out are the file's own fault.
func (p *Project) findSymbols(ctx context.Context, local bool) diag.List {
	var problems diag.List
	for _, u := range symbolUses(p.Service) {
		if u.handler == "" {
			continue
		}
		if p.Module == nil {
			module, err := gobuild.OpenModule(p.Service.Dir)
			if err != nil {
				return diag.List{p.handlerProblem(u, err)}
			}
			if local {
				module.Lambda = Host()
			}
			p.Module = module
		}
		symbol, err := p.Module.Find(ctx, u.handler, u.use)
		if err != nil {
			problems.Add(p.handlerProblem(u, err))
			continue
		}
		p.Symbols[u.key()] = symbol
	}
	problems.Add(p.misfits()...)
	return problems
}

func (u symbolUse) key() string { return u.path[0] + "." + u.path[1] }

func (p *Project) handlerProblem(u symbolUse, err error) diag.Problem {
	hint := ""
	if h, ok := errors.AsType[interface {
		error
		Hint() string
	}](err); ok {
		hint = h.Hint()
	}
	return p.Service.Problem(diag.HandlerSymbol, err.Error(), hint, p.yamlPath(u)...)
}

// yamlPath returns the path of a handler in the file. Decorators are a list
// there, so that their name becomes an index.
func (p *Project) yamlPath(u symbolUse) []string {
	if u.path[0] != "decorators" {
		return append(u.path, "handler")
	}
	for i, d := range p.Service.Decorators {
		if d.Name == u.path[1] {
			return []string{"decorators", itoa(i), "handler"}
		}
	}
	return u.path[:1]
}

// CacheDir returns the directory for what Sparta may rebuild at any time, below
// the user's cache directory or, where there is none, beside sparta.yaml.
func CacheDir(userCache, serviceDir string) string {
	if userCache != "" {
		return filepath.Join(userCache, "sparta")
	}
	return filepath.Join(serviceDir, ".sparta", "cache")
}
