// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"errors"
	"sync"

	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/pipeline"
)

// Code says where the code of each function kind lies.
type Code struct {
	App      map[string]Object // by Lambda architecture
	Provider Object            // zero if the service has no custom resource
}

func (c Code) objects() []Object {
	var all []Object
	for _, arch := range sortedKeys(c.App) {
		all = append(all, c.App[arch])
	}
	if c.Provider.Key != "" {
		all = append(all, c.Provider)
	}
	return all
}

// Upload brings the archives into the artifact bucket. What the stack runs from
// already is there and costs no call.
type Upload struct {
	Project  pipeline.Result[Project]
	Archives pipeline.Result[Archives]
	Bucket   pipeline.Result[Bucket]
	Stack    pipeline.Result[Stack]
}

// Title returns the words of the box.
func (*Upload) Title() string { return "Upload Archive to S3" }

// Skip leaves the stage out for a service without any Go code.
func (u *Upload) Skip() string {
	if a := u.Archives.Get(); len(a.App) == 0 && a.Provider == nil {
		return "no Go code"
	}
	return ""
}

// Run uploads all archives at the same time. When one fails, those that this
// run created are deleted again.
func (u *Upload) Run(ctx context.Context) (Code, error) {
	archives := u.Archives.Get()
	code := Code{App: map[string]Object{}}
	var (
		mu   sync.Mutex
		wg   sync.WaitGroup
		errs []error
	)
	upload := func(a Archive, keep func(Object)) {
		wg.Go(func() {
			object, err := u.one(ctx, a)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				errs = append(errs, err)
				return
			}
			keep(object)
		})
	}
	for arch, a := range archives.App {
		upload(a, func(o Object) { code.App[arch] = o })
	}
	if archives.Provider != nil {
		upload(*archives.Provider, func(o Object) { code.Provider = o })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return Code{}, errors.Join(err, u.Undo(context.WithoutCancel(ctx), code))
	}
	return code, nil
}

func (u *Upload) one(ctx context.Context, a Archive) (Object, error) {
	bucket := u.Bucket.Get()
	key := artifactKey(u.Project.Get().Service.Name, a.Digest, "zip")
	if u.Stack.Get().Live.has(bucket.Name, key) {
		zerolog.Ctx(ctx).Debug().Str("key", key).Msg("object is live already")
		return Object{Bucket: bucket.Name, Key: key}, nil
	}
	return bucket.putFile(ctx, key, "application/zip", a.Path)
}

// Undo deletes the objects that this run created.
func (u *Upload) Undo(ctx context.Context, code Code) error {
	return u.Bucket.Get().remove(ctx, code.objects()...)
}

// artifactKey returns the key of an object that is named by its content.
func artifactKey(service, digest, extension string) string {
	return service + "/" + digest + "." + extension
}
