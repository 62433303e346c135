// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// functionURL is the configuration of a function URL. It never changes once it
// is kept: a change replaces it.
type functionURL struct {
	ID         string // 32 characters, as in the host name on AWS
	Port       int
	AuthType   string // NONE or AWS_IAM
	InvokeMode string // BUFFERED or RESPONSE_STREAM
	CORS       *cors  // nil without CORS
	Created    time.Time
	Modified   time.Time
}

// urlInput is what a caller says of a function URL. It serves the API and
// AWS::Lambda::Url alike.
type urlInput struct {
	AuthType   string
	InvokeMode string
	Cors       *cors
}

func (in urlInput) check() error {
	if in.AuthType != "NONE" && in.AuthType != "AWS_IAM" {
		return invalidMember(in.AuthType, "authType", "Member must satisfy enum value set: [NONE, AWS_IAM]")
	}
	if in.InvokeMode != "BUFFERED" && in.InvokeMode != "RESPONSE_STREAM" {
		return invalidMember(in.InvokeMode, "invokeMode", "Member must satisfy enum value set: [BUFFERED, RESPONSE_STREAM]")
	}
	return in.Cors.check()
}

type urlOutput struct {
	FunctionUrl, FunctionArn, AuthType string
	Cors                               *cors `json:",omitempty"`
	CreationTime                       string
	LastModifiedTime                   string `json:",omitempty"`
	InvokeMode                         string
}

func (f *function) urlOutput(u *functionURL, qualifier string) urlOutput {
	const form = "2006-01-02T15:04:05.000000Z"
	return urlOutput{
		FunctionUrl: door.URL(u.Port), FunctionArn: f.arn(qualifier), AuthType: u.AuthType, Cors: u.CORS,
		InvokeMode: u.InvokeMode, CreationTime: u.Created.UTC().Format(form), LastModifiedTime: u.Modified.UTC().Format(form),
	}
}

func doorName(key functionKey, qualifier string) string {
	return strings.Join([]string{"lambda", key.account, key.region, key.name, qualifier}, "/")
}

func (s *Service) createURL(_ context.Context, c call, in urlInput) (any, error) {
	if in.InvokeMode == "" {
		in.InvokeMode = "BUFFERED"
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	qualifier := plain(c.function.qualifier)
	if c.function.qualifier == "$LATEST" || allDigits.MatchString(qualifier) {
		return nil, invalidMember(c.function.qualifier, "qualifier", "Member must satisfy regular expression pattern: ((?!^\\d+$)^[0-9a-zA-Z-_]+$)")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, _, err := s.find(c.scope, c.function)
	if err != nil {
		return nil, err
	}
	if f.URLs[qualifier] != nil {
		return nil, conflict("Failed to create function url config for [functionArn = %s]. Error message:  FunctionUrlConfig exists for this Lambda function", f.arn(qualifier))
	}
	now := s.env.Now()
	u := &functionURL{
		ID: strings.ReplaceAll(wire.RequestID(), "-", ""), AuthType: in.AuthType, InvokeMode: in.InvokeMode, CORS: in.Cors,
		Created: now, Modified: now,
	}
	u.Port, err = s.env.Doors.Open(doorName(f.key(), qualifier), 0, s.visitor(f.Scope, f.Name, qualifier))
	if err != nil {
		return nil, fmt.Errorf("open function URL of %s: %w", f.Name, err)
	}
	if f.URLs == nil {
		f.URLs = map[string]*functionURL{}
	}
	f.URLs[qualifier] = u
	s.changed()
	return f.urlOutput(u, qualifier), nil
}

// url returns the function URL that c names; s.mu is held.
func (s *Service) url(c call) (*function, *functionURL, error) {
	f, err := s.lookup(c.scope, c.function)
	if err != nil {
		return nil, nil, err
	}
	u := f.URLs[plain(c.function.qualifier)]
	if u == nil {
		return nil, nil, notFound("The resource you requested does not exist.")
	}
	return f, u, nil
}

func (s *Service) getURL(_ context.Context, c call, _ none) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, u, err := s.url(c)
	if err != nil {
		return nil, err
	}
	return f.urlOutput(u, plain(c.function.qualifier)), nil
}

func (s *Service) updateURL(_ context.Context, c call, in urlInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, u, err := s.url(c)
	if err != nil {
		return nil, err
	}
	if in.AuthType == "" {
		in.AuthType = u.AuthType
	}
	if in.InvokeMode == "" {
		in.InvokeMode = u.InvokeMode
	}
	if in.Cors == nil {
		in.Cors = u.CORS
	}
	return s.configureURL(f, u, plain(c.function.qualifier), in)
}

// replaceURL gives a function URL another configuration as a whole.
func (s *Service) replaceURL(c call, in urlInput) (urlOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, u, err := s.url(c)
	if err != nil {
		return urlOutput{}, err
	}
	return s.configureURL(f, u, plain(c.function.qualifier), in)
}

// configureURL keeps the configuration in for the URL u; s.mu is held.
func (s *Service) configureURL(f *function, u *functionURL, qualifier string, in urlInput) (urlOutput, error) {
	if err := in.check(); err != nil {
		return urlOutput{}, err
	}
	next := *u
	next.AuthType, next.InvokeMode, next.CORS, next.Modified = in.AuthType, in.InvokeMode, in.Cors, s.env.Now()
	f.URLs[qualifier] = &next
	s.changed()
	return f.urlOutput(&next, qualifier), nil
}

func (s *Service) deleteURL(_ context.Context, c call, _ none) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, _, err := s.url(c)
	if err != nil {
		return nil, err
	}
	qualifier := plain(c.function.qualifier)
	delete(f.URLs, qualifier)
	s.env.Doors.Close(doorName(f.key(), qualifier))
	s.changed()
	return nil, nil
}

type listURLsOutput struct {
	FunctionUrlConfigs []urlOutput
	NextMarker         string `json:",omitempty"`
}

func (s *Service) listURLs(_ context.Context, c call, _ none) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.lookup(c.scope, c.function)
	if err != nil {
		return nil, err
	}
	list := []urlOutput{}
	for _, qualifier := range slices.Sorted(maps.Keys(f.URLs)) {
		list = append(list, f.urlOutput(f.URLs[qualifier], qualifier))
	}
	list, next, err := page(list, c.query)
	return listURLsOutput{list, next}, err
}

// openDoors opens the doors of all function URLs, on the ports they had if these
// are free.
func (s *Service) openDoors() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, f := range s.functions {
		for qualifier, u := range f.URLs {
			port, err := s.env.Doors.Open(doorName(key, qualifier), u.Port, s.visitor(f.Scope, f.Name, qualifier))
			if err != nil {
				return fmt.Errorf("open function URL of %s: %w", f.Name, err)
			}
			if port == u.Port {
				continue
			}
			s.notice(door.Moved("function "+f.Name, u.Port, port))
			next := *u
			next.Port = port
			f.URLs[qualifier] = &next
			s.changed()
		}
	}
	return nil
}

func (s *Service) closeDoors() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, f := range s.functions {
		for qualifier := range f.URLs {
			s.env.Doors.Close(doorName(key, qualifier))
		}
	}
}
