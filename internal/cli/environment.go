// SPDX-License-Identifier: MIT

package cli

import (
	"strings"

	"github.com/sparta-up/sparta/spec"
)

// environmentFlag chooses the environment of the service, for every command.
type environmentFlag struct {
	Environment string `short:"e" help:"Environment of the service, a key under environments." placeholder:"NAME"`
}

// specOptions are how the service's file is to be read.
func (s *session) specOptions() spec.Options {
	return spec.Options{Environment: s.flags.Environment, Getenv: s.process.lookup}
}

// lookup returns a variable of the process's environment and whether it is set.
func (p Process) lookup(name string) (string, bool) {
	for _, entry := range p.Environ {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value, true
		}
	}
	return "", false
}

// tellEnvironment puts the environment into the result of a service that has
// several.
func (s *session) tellEnvironment(service *spec.Service) {
	if len(service.Environments) < 2 {
		return
	}
	s.tell("environment", service.Environment)
}
