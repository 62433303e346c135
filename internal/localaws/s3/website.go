// SPDX-License-Identifier: MIT

package s3

import (
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// website is the website configuration of a bucket.
type website struct {
	XMLName  xml.Name      `xml:"WebsiteConfiguration" json:"-"`
	Index    *indexDoc     `xml:"IndexDocument,omitempty"`
	Error    *errorDoc     `xml:"ErrorDocument,omitempty"`
	Redirect *redirectAll  `xml:"RedirectAllRequestsTo,omitempty"`
	Rules    *routingRules `xml:"RoutingRules,omitempty" json:"-"`
}

type indexDoc struct{ Suffix string }

type errorDoc struct{ Key string }

type redirectAll struct {
	HostName string
	Protocol string `xml:",omitempty"`
}

type routingRules struct {
	Rules []struct{} `xml:"RoutingRule"`
}

func getWebsite(b *bucket) (any, error) {
	if b.Website == nil {
		return nil, missing("NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration")
	}
	return *b.Website, nil
}

func putWebsite(b *bucket, body []byte) error {
	var in website
	if xml.Unmarshal(body, &in) != nil {
		return malformedXML()
	}
	if in.Rules != nil {
		return notModelled("routing rules of websites")
	}
	return b.setWebsite(in)
}

func (b *bucket) setWebsite(in website) error {
	switch {
	case in.Redirect != nil && (in.Index != nil || in.Error != nil):
		return malformedXML()
	case in.Redirect != nil && in.Redirect.HostName == "":
		return malformedXML()
	case in.Redirect != nil:
	case in.Index == nil:
		return invalidArgument("A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty")
	case in.Index.Suffix == "" || strings.Contains(in.Index.Suffix, "/"):
		return invalidArgument("The IndexDocument Suffix is not well formed")
	case in.Error != nil && in.Error.Key == "":
		return invalidArgument("The ErrorDocument Key is not well formed")
	}
	b.Website = &in
	return nil
}

func doorName(bucket string) string { return "s3/website/" + bucket }

// openDoor serves the website of a bucket, on the port it had before if that is
// free. The caller holds the lock or is New.
func (s *Service) openDoor(b *bucket) error {
	name := b.Name
	port, err := s.env.Doors.Open(doorName(name), b.Port, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.serveWebsite(w, r, name)
	}))
	if err != nil {
		return err
	}
	if port != b.Port {
		b.Port = port
		s.changed()
	}
	return nil
}

// websiteURL is the address of the door, without a final slash as GetAtt
// WebsiteURL has it; "" without a website.
func (b *bucket) websiteURL() string {
	if b.Website == nil {
		return ""
	}
	return strings.TrimSuffix(door.URL(b.Port), "/")
}

// serveWebsite answers like a website endpoint; from the S3 User Guide,
// "Configuring an index document" and "Configuring a custom error document".
func (s *Service) serveWebsite(w http.ResponseWriter, r *http.Request, name string) {
	call := &request{Request: r, w: w, bucket: name, key: strings.TrimPrefix(r.URL.Path, "/"), query: url.Values{}}
	call.id.Anonymous = true
	s.mu.RLock()
	var site website
	if b := s.buckets[name]; b != nil && b.Website != nil {
		site = *b.Website
	}
	s.mu.RUnlock()
	s.allowOrigin(call)
	switch {
	case r.Method == http.MethodOptions:
		if err := s.preflight(call); err != nil {
			s.failWebsite(call, site, err)
		}
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		s.failWebsite(call, site, wire.Errorf(http.StatusMethodNotAllowed, "MethodNotAllowed", "The specified method is not allowed against this resource."))
	case site.Redirect != nil:
		redirectTo(w, http.StatusMovedPermanently, site.Redirect.target(r.URL))
	case site.Index != nil:
		if err := s.servePage(call, site.Index.Suffix); err != nil {
			s.failWebsite(call, site, err)
		}
	default: // removed a moment ago
		s.failWebsite(call, site, wire.Errorf(http.StatusNotFound, "NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"))
	}
}

func (to redirectAll) target(u *url.URL) string {
	protocol := to.Protocol
	if protocol == "" {
		protocol = "http"
	}
	return protocol + "://" + to.HostName + u.RequestURI()
}

// redirectTo answers with a redirect whose location is sent as it is.
func redirectTo(w http.ResponseWriter, status int, location string) {
	w.Header().Set("Location", location)
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(status)
}

// servePage sends the object of the path, the index document of a directory, or
// a redirect to a directory that was asked for without its slash.
func (s *Service) servePage(r *request, index string) error {
	asked := r.key
	if asked == "" || strings.HasSuffix(asked, "/") {
		r.key += index
	}
	o, f, err := s.openPublic(r)
	if code(err) == "NoSuchKey" && r.key == asked {
		r.key = asked + "/" + index
		_, f, missing := s.openPublic(r)
		r.key = asked
		if missing == nil {
			_ = f.Close()
			redirectTo(r.w, http.StatusFound, (&url.URL{Path: "/" + asked + "/"}).EscapedPath())
			return nil
		}
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if location := o.Headers["X-Amz-Website-Redirect-Location"]; location != "" {
		redirectTo(r.w, http.StatusMovedPermanently, location)
		return nil
	}
	return r.send(o, f)
}

// openPublic opens an object that the bucket's policy lets everybody read.
func (s *Service) openPublic(r *request) (*object, *os.File, error) {
	s.mu.RLock()
	b, err := s.lookup(r)
	if err == nil {
		err = b.admitAnonymous("s3:GetObject", r.key)
	}
	s.mu.RUnlock()
	if err != nil {
		return nil, nil, err
	}
	return s.openObject(r)
}

// failWebsite answers with the error document if there is one, else with a page
// like that of S3.
func (s *Service) failWebsite(r *request, site website, err error) {
	e, ok := errors.AsType[*wire.Error](err)
	if !ok {
		e = &wire.Error{Status: http.StatusInternalServerError, Code: "InternalError", Message: err.Error()}
	}
	status := e.HTTPStatus()
	if status == http.StatusNotModified {
		r.w.WriteHeader(status)
		return
	}
	asked, note := r.key, ""
	if site.Error != nil && status < http.StatusInternalServerError {
		r.key = site.Error.Key
		o, f, err := s.openPublic(r)
		if err == nil {
			defer f.Close()
			o.describe(r.w.Header())
			r.w.Header().Set("Content-Length", strconv.FormatInt(o.Size, 10))
			r.w.WriteHeader(status)
			if r.Method != http.MethodHead {
				_, _ = io.Copy(r.w, f) // an error means that the client is gone
			}
			return
		}
		note = fmt.Sprintf("<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n<ul><li>Code: %s</li><li>Key: %s</li></ul>\n", code(err), html.EscapeString(site.Error.Key))
	}
	title := fmt.Sprintf("%d %s", status, http.StatusText(status))
	r.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	r.w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return
	}
	_, _ = fmt.Fprintf(r.w, "<html>\n<head><title>%s</title></head>\n<body>\n<h1>%s</h1>\n<ul>\n<li>Code: %s</li>\n<li>Message: %s</li>\n<li>Key: %s</li>\n</ul>\n%s<hr/>\n</body>\n</html>\n",
		title, title, e.Code, html.EscapeString(e.Message), html.EscapeString(asked), note)
}
