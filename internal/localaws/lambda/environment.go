// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/sandbox"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// environment is one execution environment with its /tmp and its log stream.
type environment struct {
	key       functionKey
	settings  *settings
	journal   *journal
	temp      string
	runner    runner
	release   func()    // ends the credentials; may be nil
	idleSince time.Time // guarded by pool.mu, as is the next
	ahead     bool      // started ahead, and to be kept: provisioned concurrency

	closing sync.Once
	failure error // of close
}

// start makes an environment for a version of a function, of an initialization
// type, and waits for its init phase. One whose init phase failed is returned
// as well: the next event begins it again, or fails for the same reason.
func (s *Service) start(ctx context.Context, scope arn.Scope, name string, v *settings, initialization string) (*environment, sandbox.Init, error) {
	if s.deps.Node == "" && strings.HasPrefix(v.Runtime, "nodejs") {
		s.noNode.Do(func() { s.notice("node is not installed: functions run without the NodeJS shim") })
	}
	if v.KMSKeyARN != "" {
		s.noKMS.Do(func() {
			s.notice("KMS keys of functions have no effect here: variables are not encrypted, and whether a role may use the key is not checked")
		})
	}
	opt, err := s.code.opt(v.layerHashes())
	if err != nil {
		return nil, sandbox.Init{}, err
	}
	if opt != "" {
		s.noOpt.Do(func() {
			s.notice("layers lie in a directory of their own, since there is no /opt here: PATH, LD_LIBRARY_PATH and NODE_PATH of the functions lead to it")
		})
	}
	temp, err := os.MkdirTemp(s.pool.temp, "")
	if err != nil {
		return nil, sandbox.Init{}, err
	}
	stream := streamName(s.env.Now(), name, v)
	e := &environment{key: keyOf(scope, name), settings: v, temp: temp, journal: s.journal(scope, name, stream, v)}
	e.journal.initialization = initialization
	keys := Credentials{scope.Account, "local", "local"} // the embedded AWS takes the key for the account
	if s.deps.Credentials != nil {
		keys, e.release = s.deps.Credentials(v.Role, (&function{Scope: scope, Name: name}).arn(""), name)
	}
	e.journal.initStart(runtimeVersion(scope, v.Runtime))
	e.runner, err = s.pool.launch(sandbox.Config{
		Dir: s.code.task(v.CodeSHA256), Opt: opt, Temp: temp, Runtime: v.Runtime, Handler: v.Handler, Node: s.deps.Node,
		Environ: s.environ(scope, name, stream, v, initialization, keys), Output: e.journal.line,
	})
	if err == nil {
		err = s.pool.adopt(e)
	}
	var init sandbox.Init
	if err == nil {
		init, err = e.runner.Init(ctx)
	}
	if err != nil {
		s.pool.drop(e)
		return nil, init, errors.Join(fmt.Errorf("start execution environment of %s: %w", name, err), e.close())
	}
	e.journal.initDone(init)
	return e, init, nil
}

// close kills the environment's processes and removes its /tmp.
func (e *environment) close() error {
	e.closing.Do(func() {
		if e.runner != nil {
			e.failure = e.runner.Close()
		}
		if e.release != nil {
			e.release()
		}
		e.failure = errors.Join(e.failure, os.RemoveAll(e.temp))
	})
	return e.failure
}

// streamName returns a new stream's name: yyyy/mm/dd/[version]id, with the
// function's name where several functions may share a log group.
func streamName(now time.Time, name string, v *settings) string {
	if v.Logging.Group == "/aws/lambda/"+name {
		name = ""
	}
	id := strings.ReplaceAll(wire.RequestID(), "-", "")
	return fmt.Sprintf("%s/%s[%s]%s", now.UTC().Format("2006/01/02"), name, v.Version, id)
}

// environ returns the environment variables of a function ("Defined runtime
// environment variables", Lambda Developer Guide; the sandbox adds the rest),
// with credentials and an endpoint that lead the AWS SDK to the embedded AWS.
func (s *Service) environ(scope arn.Scope, name, stream string, v *settings, initialization string, keys Credentials) []string {
	set := map[string]string{
		"AWS_ENDPOINT_URL": strings.TrimSuffix(s.env.Endpoint(), "/"),
		"LANG":             "en_US.UTF-8",
		"TZ":               ":UTC",
	}
	maps.Copy(set, v.Variables)
	maps.Copy(set, map[string]string{
		"AWS_ACCESS_KEY_ID":               keys.AccessKeyID,
		"AWS_DEFAULT_REGION":              scope.Region,
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(v.MemoryMB),
		"AWS_LAMBDA_FUNCTION_NAME":        name,
		"AWS_LAMBDA_FUNCTION_VERSION":     v.Version,
		"AWS_LAMBDA_INITIALIZATION_TYPE":  initialization,
		"AWS_LAMBDA_LOG_FORMAT":           v.Logging.Format,
		"AWS_LAMBDA_LOG_GROUP_NAME":       v.Logging.Group,
		"AWS_LAMBDA_LOG_STREAM_NAME":      stream,
		"AWS_REGION":                      scope.Region,
		"AWS_SECRET_ACCESS_KEY":           keys.SecretAccessKey,
		"AWS_SESSION_TOKEN":               keys.SessionToken,
	})
	if v.Logging.Format == "JSON" {
		set["AWS_LAMBDA_LOG_LEVEL"] = v.Logging.Application
	}
	if strings.HasPrefix(v.Runtime, "nodejs") {
		set["AWS_EXECUTION_ENV"] = "AWS_Lambda_" + v.Runtime
	}
	list := make([]string, 0, len(set))
	for variable, value := range set {
		list = append(list, variable+"="+value)
	}
	slices.Sort(list)
	return list
}

// runtimeVersion returns an ARN in the form of those that name a version of a
// managed runtime.
func runtimeVersion(scope arn.Scope, runtime string) string {
	return strings.Join([]string{"arn", scope.Partition, "lambda", scope.Region, "", "runtime", runtime + "-embedded"}, ":")
}
