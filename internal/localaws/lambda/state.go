// SPDX-License-Identifier: MIT

package lambda

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

// function is a Lambda function as it is kept. All but what the pointers lead
// to is guarded by Service.mu; settings never change once they are published
// here, so they may be read without it.
type function struct {
	Scope    arn.Scope
	Name     string
	Latest   *settings
	Versions []*settings // published ones, oldest first
	Next     int         // number of the version that is published next
	Aliases  map[string]*alias
	URLs     map[string]*functionURL // by qualifier; "" stands for $LATEST, as in the next two
	Policies map[string]*policyDocument
	Events   map[string]*eventConfig
	Reserved *int // reserved concurrency; nil: none
	// Provisioned is the provisioned concurrency, by version number or alias.
	Provisioned map[string]*provision `json:",omitempty"`
	Tags        map[string]string
	// RecursiveLoop says what becomes of loops: Allow, or Terminate, which "" means
	// as well.
	RecursiveLoop string `json:",omitempty"`
}

// settings are the code and configuration of one version of a function.
type settings struct {
	Version        string // $LATEST or a number
	Description    string
	Runtime        string
	Handler        string
	Role           string
	MemoryMB       int
	TimeoutSeconds int
	TmpMB          int
	Variables      map[string]string // nil: none were given
	Architecture   string
	Tracing        string
	KMSKeyARN      string
	Logging        logging
	DeadLetter     string     // ARN of a queue or topic; empty: none
	Layers         []layerUse `json:",omitempty"`
	CodeSHA256     string     // of the zip, base64
	CodeSize       int64      // of the zip, bytes
	RevisionID     string
	Modified       string // as the API shows it
}

// logging says where and how a function logs.
type logging struct {
	Format      string // Text or JSON
	Application string // lowest level of the function's own lines; JSON only
	System      string // lowest level of Lambda's lines; JSON only
	Group       string
}

type alias struct {
	Name, Version, Description, RevisionID string
	Weights                                map[string]float64 `json:",omitempty"` // as in routing
}

// functionKey identifies a function.
type functionKey struct{ account, region, name string }

func keyOf(scope arn.Scope, name string) functionKey {
	return functionKey{scope.Account, scope.Region, name}
}

func (f *function) key() functionKey { return keyOf(f.Scope, f.Name) }

// arn returns the ARN of the function, qualified unless qualifier is empty.
func (f *function) arn(qualifier string) string {
	resource := "function:" + f.Name
	if qualifier != "" {
		resource += ":" + qualifier
	}
	return f.Scope.Regional("lambda", resource)
}

// version returns the settings that a qualifier stands for: nothing, $LATEST, a
// version or an alias. It returns nil if there is no such version or alias.
func (f *function) version(qualifier string) *settings {
	if qualifier == "" || qualifier == "$LATEST" {
		return f.Latest
	}
	if a := f.Aliases[qualifier]; a != nil {
		return f.version(a.Version)
	}
	i := slices.IndexFunc(f.Versions, func(v *settings) bool { return v.Version == qualifier })
	if i < 0 {
		return nil
	}
	return f.Versions[i]
}

// uses reports whether v is what some version of the function is made of.
func (f *function) uses(v *settings) bool { return f.Latest == v || slices.Contains(f.Versions, v) }

// newest returns the last published version, or $LATEST if there is none.
func (f *function) newest() *settings {
	if len(f.Versions) == 0 {
		return f.Latest
	}
	return f.Versions[len(f.Versions)-1]
}

// publish makes a version of what is in $LATEST.
func (f *function) publish(description, revision string) *settings {
	v := *f.Latest
	f.Next = max(f.Next, 1)
	v.Version, v.RevisionID = strconv.Itoa(f.Next), revision
	if description != "" {
		v.Description = description
	}
	f.Next++
	f.Versions = append(f.Versions, &v)
	return &v
}

func (s *Service) load() error {
	var kept []*function
	if err := s.env.Store.Load(document, &kept); err != nil {
		return err
	}
	for _, f := range kept {
		s.functions[f.key()] = f
	}
	s.env.Store.Register(document, s.snapshot)
	return nil
}

func (s *Service) snapshot() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := make([]*function, 0, len(s.functions))
	for _, f := range s.functions {
		kept = append(kept, f)
	}
	return json.Marshal(kept)
}

// changed has the functions written; s.mu may be held.
func (s *Service) changed() { s.env.Store.Changed(document) }

// usedCode returns the hashes of the code that some version of a function or a layer is made of.
func (s *Service) usedCode() map[string]bool {
	used := map[string]bool{}
	for _, f := range s.functions {
		for _, v := range append([]*settings{f.Latest}, f.Versions...) {
			for _, hash := range append(v.layerHashes(), v.CodeSHA256) {
				used[hash] = true
			}
		}
	}
	for _, l := range s.layers {
		for _, v := range l.Versions {
			used[v.CodeSHA256] = true
		}
	}
	return used
}
