// SPDX-License-Identifier: MIT

package gateway

import (
	"errors"
	"io"
)

// maxBody is the size of a request to an API, in bytes ("Amazon API Gateway
// quotas").
const maxBody = 10 << 20

// ErrTooLarge says that a request is larger than API Gateway takes it.
var ErrTooLarge = errors.New("the request is too large")

// ReadBody reads the body of a request to an API, or returns ErrTooLarge.
func ReadBody(r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxBody+1))
	if err == nil && len(body) > maxBody {
		return nil, ErrTooLarge
	}
	return body, err
}
