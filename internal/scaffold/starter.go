// SPDX-License-Identifier: MIT

package scaffold

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// goVersion is the language version of a new module: what Sparta itself needs.
const goVersion = "1.26"

// goMod returns the go.mod of a new module. Its path is one that nobody owns.
func goMod(dir string) string {
	return fmt.Sprintf("module example.com/%s\n\ngo %s\n", strings.ToLower(stackName(filepath.Base(dir))), goVersion)
}

// makeStarter adds a handler and its test, in a package of their own.
func makeStarter(w *writer) (Function, error) {
	dir, err := freeDirectory(w.dir)
	if err != nil {
		return Function{}, err
	}
	for _, source := range []struct{ name, text string }{{"hello.go", starter}, {"hello_test.go", starterTest}} {
		if err := w.file(path.Join(dir, source.name), strings.ReplaceAll(source.text, "PACKAGE", dir)); err != nil {
			return Function{}, err
		}
	}
	w.tested = true
	return Function{Name: "hello", Handler: "./" + dir + ".Hello", URL: true}, nil
}

// freeDirectory returns the name of a directory below dir that is empty or not
// there.
func freeDirectory(dir string) (string, error) {
	for n := 1; ; n++ {
		name := "handlers"
		switch {
		case n == 2:
			name = "hello"
		case n > 2:
			name = fmt.Sprintf("hello%d", n)
		}
		entries, err := os.ReadDir(filepath.Join(dir, name))
		switch {
		case errors.Is(err, fs.ErrNotExist), err == nil && len(entries) == 0:
			return name, nil
		case err != nil && n > 9:
			return "", err
		}
	}
}

const starter = `// Package PACKAGE has the functions of the service.
package PACKAGE

import (
	"cmp"
	"fmt"
	"net/http"
)

// Hello greets whom the query names, as in /?name=Ada.
func Hello(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintf(w, "Hello, %s!\n", cmp.Or(r.URL.Query().Get("name"), "world"))
}
`

const starterTest = `package PACKAGE

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestHello(t *testing.T) {
	tests := []struct{ target, want string }{
		{"/", "Hello, world!\n"},
		{"/?name=Ada", "Hello, Ada!\n"},
	}
	for _, test := range tests {
		w := httptest.NewRecorder()
		Hello(w, httptest.NewRequest(http.MethodGet, test.target, nil))
		if got := w.Body.String(); w.Code != http.StatusOK || got != test.want {
			t.Errorf("%s: got %d %q, want %q", test.target, w.Code, got, test.want)
		}
	}
}
`
