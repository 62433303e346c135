// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// deadline is the key of the time at which a script has to give up.
type deadline struct{}

// deadlineOf returns when the scripts of a test have to give up: in time to say
// what they waited for.
func deadlineOf(t *testing.T) time.Time {
	if end, limited := t.Deadline(); limited {
		return end.Add(-20 * time.Second)
	}
	return time.Now().Add(time.Hour)
}

// patience is how long a script may wait for anything. It compiles, and on a busy
// machine with an empty cache that takes minutes: only the test's end limits it.
func patience(ts *testscript.TestScript) time.Duration {
	return time.Until(ts.Value(deadline{}).(time.Time))
}

// exits is "exits CODE PROGRAM ARG...": the program must end with that code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		got = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code: got %d, want %d", got, want)
	}
}

// object is "object KEY=PATTERN...": standard output must be one JSON object
// and nothing else, with values that match. Keys are dotted, list indexes from
// 0; with "!" the object must not have any of the keys.
func object(ts *testscript.TestScript, neg bool, args []string) {
	decoder := json.NewDecoder(strings.NewReader(ts.ReadFile("stdout")))
	var root map[string]any
	ts.Check(decoder.Decode(&root))
	if _, err := decoder.Token(); err != io.EOF {
		ts.Fatalf("there is more than one object on standard output")
	}
	for _, arg := range args {
		key, pattern, _ := strings.Cut(arg, "=")
		value, found := lookUp(root, strings.Split(key, "."))
		switch {
		case neg && found:
			ts.Fatalf("%s: got %s, want none", key, value)
		case neg:
		case !found:
			ts.Fatalf("%s: the object has none", key)
		case !regexp.MustCompile(pattern).MatchString(value):
			ts.Fatalf("%s: got %s, want a match of %q", key, value, pattern)
		}
	}
}

// spans matches how long a stage took, in the line about it.
var spans = regexp.MustCompile(`^(\w+ +(?:failed after |stopped after )?)[0-9.]+ (?:ms|s)$`)

// timeless is "timeless": standard error, with "T" for how long each stage
// took, becomes standard output.
func timeless(ts *testscript.TestScript, _ bool, _ []string) {
	for line := range strings.Lines(ts.ReadFile("stderr")) {
		_, err := fmt.Fprintln(ts.Stdout(), spans.ReplaceAllString(strings.TrimSuffix(line, "\n"), "${1}T"))
		ts.Check(err)
	}
}

func lookUp(value any, path []string) (string, bool) {
	if len(path) == 0 {
		if text, ok := value.(string); ok {
			return text, true
		}
		text, err := json.Marshal(value)
		return string(text), err == nil
	}
	switch value := value.(type) {
	case map[string]any:
		if inner, ok := value[path[0]]; ok {
			return lookUp(inner, path[1:])
		}
	case []any:
		if i, err := strconv.Atoi(path[0]); err == nil && i < len(value) {
			return lookUp(value[i], path[1:])
		}
	}
	return "", false
}

// capture is "capture VARIABLE PATTERN": the variable becomes what the group of
// the pattern matches in standard output.
func capture(ts *testscript.TestScript, _ bool, args []string) {
	match := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(match) < 2 {
		ts.Fatalf("no match of %q in standard output", args[1])
	}
	ts.Setenv(args[0], match[1])
}

// get is "get URL": the answer becomes standard output. With "!" the request
// must fail.
func get(ts *testscript.TestScript, neg bool, args []string) {
	body, err := fetch(args[0])
	if neg {
		if err == nil {
			ts.Fatalf("%s answers: %s", args[0], body)
		}
		return
	}
	ts.Check(err)
	_, err = ts.Stdout().Write(body)
	ts.Check(err)
}

func fetch(url string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, bytes.TrimSpace(body))
	}
	return body, err
}
