// SPDX-License-Identifier: MIT

package dynamodb

import (
	"errors"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// reason says why an action of a transaction was refused.
type reason struct {
	Code    string
	Message string         `json:",omitempty"`
	Item    attribute.Item `json:",omitempty"`
}

type reasons []reason

// add notes what became of an action. It returns the errors that are none of
// the request.
func (r *reasons) add(err error) error {
	if err == nil {
		*r = append(*r, reason{Code: "None"})
		return nil
	}
	e, ok := errors.AsType[*wire.Error](err)
	if !ok {
		return err
	}
	code := map[string]string{"ConditionalCheckFailedException": "ConditionalCheckFailed", "ValidationException": "ValidationError"}[e.Code]
	if code == "" {
		return err
	}
	next := reason{Code: code, Message: e.Message}
	if f, ok := errors.AsType[*fault](err); ok {
		next.Item, _ = f.more["Item"].(attribute.Item)
	}
	*r = append(*r, next)
	return nil
}

// err returns the error of the whole transaction, or nil if all is well.
func (r reasons) err() error {
	var codes []string
	for _, reason := range r {
		codes = append(codes, reason.Code)
	}
	if !slices.ContainsFunc(codes, func(code string) bool { return code != "None" }) {
		return nil
	}
	e := wire.Errorf(400, "TransactionCanceledException", "Transaction cancelled, please refer cancellation reasons for specific reasons [%s]", strings.Join(codes, ", "))
	return &fault{e, map[string]any{"CancellationReasons": []reason(r)}}
}
