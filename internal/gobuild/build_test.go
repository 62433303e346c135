// SPDX-License-Identifier: MIT

package gobuild_test

import (
	"testing"

	"github.com/sparta-up/sparta/internal/gobuild"
)

// formsApp has a handler of every form, in every kind of place.
var formsApp = map[string]string{
	"go.mod": appMod,
	"handlers/handlers.go": `package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/rs/zerolog"
	"github.com/sparta-up/sparta/shim"
)

func Responder(event *json.RawMessage, ctx *shim.LambdaContext, w http.ResponseWriter, logger *zerolog.Logger) {
	fmt.Fprint(w, "responder")
}

type responder func(*json.RawMessage, *shim.LambdaContext, http.ResponseWriter, *zerolog.Logger)

var NamedResponder responder = Responder

func Event() (string, error) { return "event", nil }

var EventVar = func() (string, error) { return "event var", nil }

func EventContext(context.Context) error { return nil }

func Web(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "web") }

type web func(http.ResponseWriter, *http.Request)

var NamedWeb web = Web

type server struct{ text string }

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, s.text) }

var Value = &server{"value"}

var Func = http.HandlerFunc(Web)

func Make() http.Handler { return &server{"make"} }

func MakeErr() (http.Handler, error) { return &server{"make err"}, nil }

func MakeConcrete() *server { return &server{"make concrete"} }

func MakeConcreteErr() (*server, error) { return nil, errors.Join() }

func MakeMux() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("/", &server{"make mux"})
	return mux
}
`,
	"internal/in/in.go":               "package in\n\nfunc Inner() (string, error) { return \"inner\", nil }\n",
	"a/internal/b/b.go":               "package b\n\nfunc Deep() (string, error) { return \"deep\", nil }\n",
	"a/internal/b/internal/c/c.go":    "package c\n\nfunc Deeper() (string, error) { return \"deeper\", nil }\n",
	"main.go":                         "package main\n\nimport _ \"embed\"\n\n//go:embed text.txt\nvar text string\n\nfunc main() { panic(\"main ran\") }\n\nfunc hello() (string, error) { return text, nil }\n\nfunc Hello() (string, error) { return text + \"!\", nil }\n",
	"text.txt":                        "embedded",
	"main_test.go":                    "package main\n\nimport \"testing\"\n\nfunc TestX(t *testing.T) {}\n",
	"tool.go":                         "//go:build ignore\n\npackage main\n\nfunc main() {}\n",
	"cmd/other/main.go":               "//go:debug panicnil=1\n\n// Package main is another program.\npackage main\n\nimport \"fmt\"\n\ntype T struct{}\n\nfunc init() { fmt.Print(\"init \") }\n\nfunc main() { panic(\"main ran\") }\n\nfunc other() (string, error) { return fmt.Sprintf(\"%T\", T{}), nil }\n",
	"x/cmd/internal/prog/main/run.go": "package main\n\nfunc main() { panic(\"main ran\") }\n\nfunc buried() (string, error) { return \"buried\", nil }\n",
}

func TestBuildRunsEveryForm(t *testing.T) {
	t.Parallel()
	m := open(t, tree(t, formsApp))
	tests := []struct{ handler, want string }{
		{"./handlers.Responder", "responder"},
		{"./handlers.NamedResponder", "responder"},
		{"./handlers.Event", "event"},
		{"./handlers.EventVar", "event var"},
		{"./handlers.EventContext", ""},
		{"./handlers.Web", "web"},
		{"./handlers.NamedWeb", "web"},
		{"./handlers.Value", "value"},
		{"./handlers.Func", "web"},
		{"./handlers.Make", "make"},
		{"./handlers.MakeErr", "make err"},
		{"./handlers.MakeConcrete", "make concrete"},
		{"example.com/app/handlers.MakeConcreteErr", ""},
		{"./handlers.MakeMux", "make mux"},
		{"./internal/in.Inner", "inner"},
		{"./a/internal/b.Deep", "deep"},
		{"./a/internal/b/internal/c.Deeper", "deeper"},
		{".hello", "embedded"},
		{"./.Hello", "embedded!"},
		{"./cmd/other.other", "other.T"},
		{"./x/cmd/internal/prog/main.buried", "buried"},
	}
	var handlers []string
	for _, test := range tests {
		handlers = append(handlers, test.handler)
	}
	before := snapshot(t, m.Root)
	list := entries(t, m, gobuild.Function, handlers...)
	binary := build(t, builder(t, m), host, app(list))[0]
	if after := snapshot(t, m.Root); after != before {
		t.Errorf("the user's tree was changed:\n%s\nwas\n%s", after, before)
	}
	for i, test := range tests {
		if list[i].ID == "EventContext" || list[i].ID == "MakeConcreteErr" {
			continue // compile only: they need an argument, or return nothing to serve
		}
		t.Run(test.handler, func(t *testing.T) {
			// The other program's init runs whichever entry is called.
			if got, want := invoke(t, binary, list[i].ID), "init "+test.want; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}
