// SPDX-License-Identifier: MIT

package archive

import (
	"context"
	"io"
)

// contextReader fails once its context is done. It is as short-lived as the call
// that it serves.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (c contextReader) Read(p []byte) (int, error) {
	if c.ctx.Err() != nil {
		return 0, context.Cause(c.ctx)
	}
	return c.r.Read(p)
}
