// SPDX-License-Identifier: MIT

package dynamodb

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// maxRequest is how large a request may be ("Quotas in Amazon DynamoDB").
const maxRequest = 16 << 20

// The prefixes of the header X-Amz-Target.
const (
	tableTarget  = "DynamoDB_20120810."
	streamTarget = "DynamoDBStreams_20120810."
)

// call says who asks.
type call struct {
	ctx   context.Context
	scope arn.Scope
}

// handler answers one action.
type handler func(s *Service, c call, body []byte) (any, error)

// action makes a handler of a method with typed input and output. A member
// that the input does not have is refused by name.
func action[In, Out any](name string, f func(*Service, call, In) (Out, error)) handler {
	return func(s *Service, c call, body []byte) (any, error) {
		var in In
		if err := decode(name, body, &in); err != nil {
			return nil, err
		}
		return f(s, c, in)
	}
}

func decode(name string, body []byte, in any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	err := d.Decode(in)
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*wire.Error](err); ok {
		return e
	}
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		text := "parameter " + field + " of " + name
		if instead := successor(strings.Trim(field, `"`)); instead != "" {
			text += ": use " + instead
		}
		return unmodelled(text)
	}
	return wire.Errorf(http.StatusBadRequest, "SerializationException", "%v", err)
}

// successor returns the parameter that has replaced a legacy one, or "".
func successor(legacy string) string {
	switch legacy {
	case "AttributesToGet":
		return "ProjectionExpression"
	case "AttributeUpdates":
		return "UpdateExpression"
	case "Expected":
		return "ConditionExpression"
	case "KeyConditions":
		return "KeyConditionExpression"
	case "QueryFilter", "ScanFilter":
		return "FilterExpression"
	case "ConditionalOperator":
		return "the operators AND and OR of expressions"
	}
	return ""
}

func actions() map[string]handler {
	all := map[string]handler{
		"CreateTable":               action("CreateTable", (*Service).createTable),
		"DescribeTable":             action("DescribeTable", (*Service).describeTable),
		"UpdateTable":               action("UpdateTable", (*Service).updateTable),
		"DeleteTable":               action("DeleteTable", (*Service).deleteTable),
		"ListTables":                action("ListTables", (*Service).listTables),
		"DescribeTimeToLive":        action("DescribeTimeToLive", (*Service).describeTTL),
		"UpdateTimeToLive":          action("UpdateTimeToLive", (*Service).updateTTL),
		"TagResource":               action("TagResource", (*Service).tagResource),
		"UntagResource":             action("UntagResource", (*Service).untagResource),
		"ListTagsOfResource":        action("ListTagsOfResource", (*Service).listTags),
		"DescribeContinuousBackups": action("DescribeContinuousBackups", (*Service).describeBackups),
		"UpdateContinuousBackups":   action("UpdateContinuousBackups", (*Service).updateBackups),
		"DescribeLimits":            action("DescribeLimits", (*Service).describeLimits),
		"DescribeEndpoints":         action("DescribeEndpoints", (*Service).describeEndpoints),
		"PutItem":                   action("PutItem", (*Service).putItem),
		"GetItem":                   action("GetItem", (*Service).getItem),
		"UpdateItem":                action("UpdateItem", (*Service).updateItem),
		"DeleteItem":                action("DeleteItem", (*Service).deleteItem),
		"Query":                     action("Query", (*Service).query),
		"Scan":                      action("Scan", (*Service).scan),
		"BatchGetItem":              action("BatchGetItem", (*Service).batchGet),
		"BatchWriteItem":            action("BatchWriteItem", (*Service).batchWrite),
		"TransactWriteItems":        action("TransactWriteItems", (*Service).transactWrite),
		"TransactGetItems":          action("TransactGetItems", (*Service).transactGet),
	}
	out := map[string]handler{}
	for name, handle := range all {
		out[tableTarget+name] = handle
	}
	maps.Copy(out, streamActions())
	return out
}

// none is the answer of actions that say nothing.
type none struct{}

// ServeAPI answers one request of the awsJson1.0 protocol, of DynamoDB and of
// its streams.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	out, err := s.answer(w, r, id)
	if err != nil {
		write(w, status(err), failure(err))
		return
	}
	if _, silent := out.(none); silent {
		write(w, http.StatusOK, nil)
		return
	}
	write(w, http.StatusOK, out)
}

func (s *Service) answer(w http.ResponseWriter, r *http.Request, id wire.Identity) (any, error) {
	target := r.Header.Get("X-Amz-Target")
	handle := s.actions[target]
	if handle == nil {
		_, name, _ := strings.Cut(target, ".")
		return nil, wire.Errorf(http.StatusBadRequest, "UnknownOperationException", "the embedded AWS does not model operation %q of DynamoDB", name)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		return nil, wire.Errorf(http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "%v", err)
	}
	scope := arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}
	return handle(s, call{r.Context(), scope}, body)
}

// write answers with JSON and its checksum, which the SDKs compare.
func write(w http.ResponseWriter, status int, out any) {
	var body []byte
	if out != nil {
		var err error
		if body, err = json.Marshal(out); err != nil {
			status, body = http.StatusInternalServerError, []byte(`{"__type":"InternalServerError","message":"the answer cannot be encoded"}`)
		}
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Header().Set("X-Amzn-Requestid", wire.RequestID())
	w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10))
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // an error means that the client is gone
}

func asError(err error) *wire.Error {
	if e, ok := errors.AsType[*wire.Error](err); ok {
		return e
	}
	return wire.Errorf(http.StatusInternalServerError, "InternalServerError", "%v", err)
}

func status(err error) int { return asError(err).HTTPStatus() }

// failure returns the body of an error. Its type has the namespace of the part
// of AWS that finds such errors.
func failure(err error) map[string]any {
	e := asError(err)
	namespace := "com.amazonaws.dynamodb.v20120810#"
	switch e.Code {
	case "ValidationException":
		namespace = "com.amazon.coral.validate#"
	case "SerializationException", "UnknownOperationException", "AccessDeniedException":
		namespace = "com.amazon.coral.service#"
	}
	body := map[string]any{"__type": namespace + e.Code, "message": e.Message}
	if e.Code == "TransactionCanceledException" {
		body = map[string]any{"__type": namespace + e.Code, "Message": e.Message}
	}
	if f, ok := errors.AsType[*fault](err); ok {
		maps.Copy(body, f.more)
	}
	return body
}
