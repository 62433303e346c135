// SPDX-License-Identifier: MIT

package localaws

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"runtime/debug"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// internalPrefix begins the paths that are no part of any AWS API.
const internalPrefix = "/_sparta/"

// router gives each request to the service that its signature names.
type router struct {
	env      service.Env
	services *services
}

func newRouter(env service.Env, s *services) http.Handler { return router{env: env, services: s} }

// ServeHTTP guards against web pages that make a browser call the loopback
// address, under a name of their own (DNS rebinding) or across sites, and then
// routes.
func (t router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer t.recover(w, r)
	id := wire.Identify(r, t.env.Default.Account, t.env.Default.Region)
	switch {
	case isForeign(r):
		http.Error(w, "the embedded AWS does not answer requests that a web page of another site makes", http.StatusForbidden)
	case t.services.gateways.domains.ServeHost(w, r): // answered: nothing but an API has such a name
	case !mayServe(r.Host):
		http.Error(w, "the embedded AWS answers to 127.0.0.1, localhost, the names of AWS and domain names of APIs only", http.StatusForbidden)
	case strings.HasPrefix(r.URL.Path, internalPrefix):
		t.internal(w, r)
	case t.services.gateways.serveHost(w, r): // answered
	case id.Anonymous:
		t.anonymous(w, r, id)
	default:
		t.api(w, r, id)
	}
}

// recover turns a panic into an internal failure of that one request.
func (t router) recover(w http.ResponseWriter, r *http.Request) {
	cause := recover()
	if cause == nil || cause == http.ErrAbortHandler {
		return
	}
	t.env.Log.Error().Interface("panic", cause).Str("method", r.Method).Str("path", r.URL.Path).Bytes("stack", debug.Stack()).Msg("answer request")
	wire.WriteUnknown(w, r, wire.Errorf(http.StatusInternalServerError, "InternalFailure", "internal error: %v", cause))
}

// mayServe reports whether a Host header is this machine or a name of AWS, as
// in virtual-hosted S3 requests that a resolver sends here.
func mayServe(host string) bool {
	name, _, _ := strings.Cut(strings.ToLower(host), ":")
	return door.IsLocal(host) || strings.HasSuffix(name, ".amazonaws.com") || strings.HasSuffix(name, ".amazonaws.com.cn")
}

// isForeign reports whether a browser sends the request for a page of another
// site that could change something or read the answer: the query of a URL is
// enough to act as any account. Pages of this machine, such as those of a
// development server on localhost, may.
func isForeign(r *http.Request) bool {
	if r.Header.Get("Sec-Fetch-Site") != "cross-site" {
		return false
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return r.Method != http.MethodGet && r.Method != http.MethodHead // links and images, which the page cannot read
	}
	from, err := url.Parse(origin)
	return err != nil || !door.IsLocal(from.Host)
}

// anonymous lets user pools answer their users, and S3 everything else that
// bears no signature; the calls of the query protocol, which are sent to "/", need
// one.
func (t router) anonymous(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	if t.services.pools.ServeUser(w, r, id) {
		return
	}
	if r.Method == http.MethodPost && r.URL.Path == "/" {
		wire.WriteUnknown(w, r, wire.Errorf(http.StatusForbidden, "MissingAuthenticationToken", "Missing Authentication Token"))
		return
	}
	t.services.byName["s3"].ServeAPI(w, r, id)
}

func (t router) api(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	answering, ok := t.services.byName[id.Service]
	if !ok {
		wire.WriteUnknown(w, r, wire.Errorf(http.StatusBadRequest, "UnknownService", "the embedded AWS does not model %s", id.Service))
		return
	}
	t.env.Log.Debug().Str("service", id.Service).Str("method", r.Method).Str("path", r.URL.Path).Str("account", id.Account).Str("region", id.Region).Msg("received request")
	if err := t.authorize(answering, r, id); err != nil {
		t.refuse(answering, w, r, id, err)
		return
	}
	answering.ServeAPI(w, r, id)
}

// internal answers /_sparta/health and gives /_sparta/<service>/ to the service.
func (t router) internal(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == healthPath {
		wire.WriteJSON(w, http.StatusOK, server{Endpoint: t.env.Endpoint(), PID: os.Getpid()})
		return
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, internalPrefix), "/")
	if answering, ok := t.services.byName[name].(interface {
		ServeInternal(w http.ResponseWriter, r *http.Request)
	}); ok {
		answering.ServeInternal(w, r)
		return
	}
	http.Error(w, fmt.Sprintf("nothing is served at %s", r.URL.Path), http.StatusNotFound)
}
