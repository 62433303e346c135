// SPDX-License-Identifier: MIT

package spec

import "time"

// DefaultEnvironment is the environment of a command that chooses none. It is
// there in every service, with or without an overlay of its own.
const DefaultEnvironment = "dev"

// Options say for whom a sparta.yaml is read. The zero value is the default
// environment on a machine without environment variables.
type Options struct {
	Environment string                           // key under environments; empty: DefaultEnvironment
	Getenv      func(name string) (string, bool) // looks ${env:X} up, as os.LookupEnv does; nil: none is set
	Now         time.Time                        // when schedules lie in the past; zero: the present
}

// now is when the file is read.
func (o Options) now() time.Time {
	if o.Now.IsZero() {
		return time.Now()
	}
	return o.Now
}

// environment is the environment that is chosen.
func (o Options) environment() string { return or(o.Environment, DefaultEnvironment) }

// lookup is the value of an environment variable.
func (o Options) lookup(name string) (string, bool) {
	if o.Getenv == nil {
		return "", false
	}
	return o.Getenv(name)
}
