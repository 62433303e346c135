// SPDX-License-Identifier: MIT

package localaws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/store"
)

// owner is what the process that serves holds.
type owner struct {
	endpoint string
	dir      string
	lock     *flock.Flock
	store    *store.Store
	doors    *door.Set
	services *services
	server   *http.Server
	served   chan struct{} // closed when the server has ended

	closing sync.Once
	err     error // of closing
}

// address is the state document that remembers the port.
type address struct{ Port int }

const addressDocument = "address"

// serve opens the services and answers for them. It takes over the lock if
// there is no error.
func serve(o Options, lock *flock.Flock) (own *owner, err error) {
	own = &owner{dir: o.Dir, lock: lock, doors: &door.Set{}, served: make(chan struct{})}
	if own.store, err = store.Open(o.Dir); err != nil {
		return nil, err
	}
	listener, err := own.listen()
	if err != nil {
		return nil, err
	}
	env := service.Env{
		Default: arn.Scope{Partition: "aws", Account: o.Account, Region: o.Region},
		Store:   own.store, Doors: own.doors, Now: time.Now, Endpoint: func() string { return own.endpoint }, Log: o.Log,
		Access: access.NewGuard(time.Now),
	}
	if own.services, err = open(env, o); err != nil {
		return nil, errors.Join(err, listener.Close(), own.doors.Shutdown(context.Background()), own.store.Close())
	}
	own.server = &http.Server{Handler: newRouter(env, own.services), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(own.served)
		_ = own.server.Serve(listener) // ends when the server is closed
	}()
	if err := writeServer(o.Dir, server{Endpoint: own.endpoint, PID: os.Getpid()}); err != nil {
		return nil, errors.Join(err, own.close(context.Background()))
	}
	return own, nil
}

// listen takes the port that the directory had before, or any free one.
func (own *owner) listen() (net.Listener, error) {
	var last address
	if err := own.store.Load(addressDocument, &last); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", last.Port))
	if err != nil && last.Port != 0 {
		listener, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, err
	}
	port := listener.Addr().(*net.TCPAddr).Port
	own.endpoint = fmt.Sprintf("http://127.0.0.1:%d", port)
	own.store.Register(addressDocument, func() ([]byte, error) { return json.Marshal(address{port}) })
	own.store.Changed(addressDocument)
	return listener, nil
}

// close ends things in the order of who needs whom: CloudFormation finishes its
// operations while functions still answer, functions end before the server that
// they call, and the state is written last.
func (own *owner) close(ctx context.Context) error {
	own.closing.Do(func() {
		errs := []error{own.services.close(ctx), own.doors.Shutdown(ctx)}
		if err := own.server.Shutdown(ctx); err != nil {
			errs = append(errs, err, own.server.Close())
		}
		<-own.served
		errs = append(errs, own.store.Close(), removeServer(own.dir), own.lock.Unlock())
		if err := errors.Join(errs...); err != nil {
			own.err = fmt.Errorf("close embedded AWS: %w", err)
		}
	})
	return own.err
}
