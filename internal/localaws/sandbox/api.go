// SPDX-License-Identifier: MIT

package sandbox

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// payloadLimit is the size of the largest result in bytes: 6 MB and what Lambda
// allows on top of it.
const payloadLimit = 6<<20 + 100

// headerLimit leaves room for the X-Ray cause header, which repeats the error
// message and may have 1 MiB.
const headerLimit = 4 << 20

// state is where a runtime stands, in the words of the Runtime API.
type state string

const (
	started  state = "Started"
	ready    state = "Ready"
	running  state = "Running"
	answered state = "ResponseSent"
)

// runtimeAPI serves the Runtime API 2018-06-01 to one process.
type runtimeAPI struct {
	address    string // host:port
	ready      chan struct{}
	readyAt    time.Time  // valid once ready is closed
	initFailed chan reply // capacity 1
	next       chan *event
	closed     chan struct{}
	function   registration

	server  *http.Server
	serving sync.WaitGroup

	mu         sync.Mutex // guards what follows
	state      state
	event      *event          // the one in work while running
	extensions map[string]bool // by identifier
}

// serveRuntimeAPI listens on a free loopback port.
func serveRuntimeAPI(config Config) (*runtimeAPI, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("serve the runtime API: %w", err)
	}
	a := &runtimeAPI{
		address:    listener.Addr().String(),
		ready:      make(chan struct{}),
		initFailed: make(chan reply, 1),
		next:       make(chan *event),
		closed:     make(chan struct{}),
		function:   registrationOf(config),
		state:      started,
		extensions: map[string]bool{},
	}
	a.server = &http.Server{Handler: a.routes(), MaxHeaderBytes: headerLimit}
	a.serving.Go(func() { _ = a.server.Serve(listener) })
	return a, nil
}

func (a *runtimeAPI) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ping", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("pong")) })
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", a.serveNext)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", a.serveResponse)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", a.serveError)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", a.serveInitError)
	mux.HandleFunc("POST /2020-01-01/extension/register", a.serveRegister)
	mux.HandleFunc("GET /2020-01-01/extension/event/next", a.serveExtensionNext)
	mux.HandleFunc("PUT /2020-08-15/logs", unsupported("Logs"))
	mux.HandleFunc("PUT /2022-07-01/telemetry", unsupported("Telemetry"))
	return mux
}

// close ends the server and every waiting request.
func (a *runtimeAPI) close() {
	a.mu.Lock()
	select {
	case <-a.closed:
	default:
		close(a.closed)
	}
	a.mu.Unlock()
	_ = a.server.Close()
	a.serving.Wait()
}

// unsupported answers as Lambda's own emulator does for APIs it does not have.
func unsupported(api string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusAccepted, failure{api + ".NotSupported", api + " API is not supported"})
	}
}

// accepted is the answer to a result or error that was taken.
func accepted(w http.ResponseWriter) {
	answer(w, http.StatusAccepted, struct {
		Status string `json:"status"`
	}{"OK"})
}

// forbidden is the answer to a call that is not due.
func forbidden(w http.ResponseWriter, from, to state) {
	message := fmt.Sprintf("Transition from %s to %s is not allowed.", from, to)
	answer(w, http.StatusForbidden, failure{"InvalidStateTransition", message})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", jsonType)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
