// SPDX-License-Identifier: MIT

package sandbox

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"
)

// registration is what an extension learns about its function.
type registration struct {
	FunctionName    string `json:"functionName"`
	FunctionVersion string `json:"functionVersion"`
	Handler         string `json:"handler"`
}

func registrationOf(config Config) registration {
	r := registration{Handler: config.Handler}
	for _, variable := range config.Environ {
		switch name, value, _ := strings.Cut(variable, "="); name {
		case "AWS_LAMBDA_FUNCTION_NAME":
			r.FunctionName = value
		case "AWS_LAMBDA_FUNCTION_VERSION":
			r.FunctionVersion = value
		}
	}
	return r
}

const identifierHeader = "Lambda-Extension-Identifier"

// serveRegister registers an internal extension without events, the kind that
// functions register to be sent SIGTERM. Events are not modelled and refused.
func (a *runtimeAPI) serveRegister(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Events []string `json:"events"`
	}
	err := json.NewDecoder(r.Body).Decode(&body)
	switch {
	case r.Header.Get("Lambda-Extension-Name") == "":
		answer(w, http.StatusBadRequest, failure{"Extension.InvalidExtensionName", "Empty extension name"})
		return
	case err != nil:
		answer(w, http.StatusBadRequest, failure{"InvalidRequestFormat", err.Error()})
		return
	case len(body.Events) > 0:
		message := "extension events are not modelled: " + strings.Join(body.Events, ", ")
		answer(w, http.StatusForbidden, failure{"Extension.InvalidEventType", message})
		return
	}
	id := rand.Text()
	a.mu.Lock()
	a.extensions[id] = true
	a.mu.Unlock()
	w.Header().Set(identifierHeader, id)
	answer(w, http.StatusOK, a.function)
}

// serveExtensionNext holds the request for ever: there are no events.
func (a *runtimeAPI) serveExtensionNext(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	known := a.extensions[r.Header.Get(identifierHeader)]
	a.mu.Unlock()
	if !known {
		answer(w, http.StatusForbidden, failure{"Extension.UnknownExtensionIdentifier", "Unknown extension identifier"})
		return
	}
	select {
	case <-r.Context().Done():
	case <-a.closed:
	}
}

// extended reports whether the function registered an extension.
func (a *runtimeAPI) extended() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.extensions) > 0
}
