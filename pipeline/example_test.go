// SPDX-License-Identifier: MIT

package pipeline_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/sparta-up/sparta/pipeline"
)

type Fetch struct{ Name string }

func (f *Fetch) Run(context.Context) (string, error) { return "hello " + f.Name, nil }

type Shout struct{ Text pipeline.Result[string] }

func (s *Shout) Run(context.Context) (string, error) { return strings.ToUpper(s.Text.Get()), nil }

func (s *Shout) Title() string { return "Say it louder" }

func Example() {
	p := pipeline.New("greet")
	text := pipeline.Add(p, "fetch", &Fetch{Name: "gopher"})
	loud := pipeline.Add(p, "shout", &Shout{Text: text})
	if _, err := p.Run(context.Background(), pipeline.Options{}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(loud.Get())
	p.WriteMermaid(os.Stdout)
	// Output:
	// HELLO GOPHER
	// graph TD
	//   fetch[fetch]
	//   shout[Say it louder]
	//
	//   fetch-->shout
}
