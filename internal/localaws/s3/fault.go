// SPDX-License-Identifier: MIT

package s3

import (
	"encoding/xml"
	"errors"
	"net/http"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// The faults come with the codes, statuses and texts of the S3 API reference,
// "Error responses".

func noSuchBucket() error {
	return wire.Errorf(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist")
}

func noSuchKey() error {
	return wire.Errorf(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
}

func noSuchUpload() error {
	return wire.Errorf(http.StatusNotFound, "NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.")
}

func accessDenied() error {
	return wire.Errorf(http.StatusForbidden, "AccessDenied", "Access Denied")
}

func preconditionFailed() error {
	return wire.Errorf(http.StatusPreconditionFailed, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
}

func malformedXML() error {
	return wire.Errorf(http.StatusBadRequest, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
}

func invalidArgument(format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, "InvalidArgument", format, args...)
}

func invalidRequest(format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, "InvalidRequest", format, args...)
}

// notModelled refuses what S3 has and the embedded AWS has not.
func notModelled(what string) error {
	return wire.Errorf(http.StatusNotImplemented, "NotImplemented", "the embedded AWS does not model %s", what)
}

// faultBody is the XML of an error.
type faultBody struct {
	XMLName    xml.Name `xml:"Error"`
	Code       string
	Message    string
	BucketName string `xml:",omitempty"`
	Key        string `xml:",omitempty"`
	Region     string `xml:",omitempty"`
	RequestID  string `xml:"RequestId"`
	HostID     string `xml:"HostId"`
}

// fail answers with an error. Errors without a code are ours or the disk's.
func (r *request) fail(err error) {
	e, ok := errors.AsType[*wire.Error](err)
	if !ok {
		e = &wire.Error{Status: http.StatusInternalServerError, Code: "InternalError", Message: err.Error()}
	}
	if r.Method == http.MethodHead || e.HTTPStatus() == http.StatusNotModified {
		r.w.WriteHeader(e.HTTPStatus())
		return
	}
	body := faultBody{
		Code: e.Code, Message: e.Message, BucketName: r.bucket, Key: r.key,
		RequestID: r.w.Header().Get(headerRequestID), HostID: r.w.Header().Get(headerHostID),
	}
	if e.Code == "PermanentRedirect" {
		body.Region = r.w.Header().Get(headerBucketRegion)
	}
	r.w.Header().Del("Content-Length")
	r.w.Header().Del("ETag")
	r.xml(e.HTTPStatus(), body)
}

// xml answers with a document.
func (r *request) xml(status int, body any) {
	r.w.Header().Set("Content-Type", "application/xml")
	r.w.WriteHeader(status)
	_, _ = r.w.Write([]byte(xml.Header)) // an error means that the client is gone
	_ = xml.NewEncoder(r.w).Encode(body)
}

// empty answers without a body.
func (r *request) empty(status int) error {
	r.w.WriteHeader(status)
	return nil
}
