// SPDX-License-Identifier: MIT

package codecommit

import (
	"net/http"
	"strconv"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// protocol is that of the API; the limit is the 20 MB that the files of a commit
// may have, in base64.
func protocol() wire.JSON {
	return wire.JSON{
		Service: "CodeCommit", Target: "CodeCommit_20150413.", Limit: 28 << 20, TooLarge: "FolderContentSizeLimitExceededException", Invalid: "ValidationException",
	}
}

// action makes an action of a method that is called with s.mu held.
func action[In, Out any](f func(*Service, caller, In) (Out, error)) wire.Action[*Service, caller] {
	return wire.Method(func(s *Service, c caller, in In) (Out, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		return f(s, c, in)
	})
}

// actions are the modelled actions. Their methods are called with s.mu held.
func actions() wire.Actions[*Service, caller] {
	return wire.Actions[*Service, caller]{
		"CreateRepository":            action((*Service).createRepository),
		"GetRepository":               action((*Service).getRepository),
		"BatchGetRepositories":        action((*Service).batchGetRepositories),
		"ListRepositories":            action((*Service).listRepositories),
		"DeleteRepository":            action((*Service).deleteRepository),
		"UpdateRepositoryDescription": action((*Service).updateDescription),
		"UpdateRepositoryName":        action((*Service).updateName),
		"UpdateDefaultBranch":         action((*Service).updateDefaultBranch),
		"CreateBranch":                action((*Service).createBranch),
		"GetBranch":                   action((*Service).getBranch),
		"ListBranches":                action((*Service).listBranches),
		"DeleteBranch":                action((*Service).deleteBranch),
		"CreateCommit":                action((*Service).createCommit),
		"GetCommit":                   action((*Service).getCommit),
		"BatchGetCommits":             action((*Service).batchGetCommits),
		"GetDifferences":              action((*Service).getDifferences),
		"PutFile":                     action((*Service).putFile),
		"DeleteFile":                  action((*Service).deleteFile),
		"GetFile":                     action((*Service).getFile),
		"GetFolder":                   action((*Service).getFolder),
		"GetBlob":                     action((*Service).getBlob),
		"TagResource":                 action((*Service).tagResource),
		"UntagResource":               action((*Service).untagResource),
		"ListTagsForResource":         action((*Service).listTags),
	}
}

// none is the answer of actions that say nothing.
type none struct{}

// ServeAPI answers one request of the awsJson1.1 protocol.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	userARN, _ := s.env.Access.Caller(id)
	s.actions.Serve(protocol(), s, caller{s.scopeOf(id), userARN}, w, r)
}

func (s *Service) scopeOf(id wire.Identity) arn.Scope {
	return arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}
}

// needs says which permissions the operations take ("Actions, resources, and
// condition keys for AWS CodeCommit", Service Authorization Reference).
func needs() access.Table {
	one := access.On(access.Regional("codecommit", "*", "repositoryName"))
	rules := map[string]access.Rule{
		"ListRepositories": access.On(access.Any), "BatchGetRepositories": batch,
		"TagResource": access.On(access.ARNIn("resourceArn")), "UntagResource": access.On(access.ARNIn("resourceArn")),
		"ListTagsForResource": access.On(access.ARNIn("resourceArn")), "UpdateRepositoryName": access.On(access.Regional("codecommit", "*", "oldName")),
	}
	for name := range actions() {
		if rules[name] == nil {
			rules[name] = one
		}
	}
	return access.Table{Prefix: "codecommit", Rules: rules}
}

// batch needs the action on each repository that is named.
func batch(in *access.Input) []access.Need {
	var needs []access.Need
	names, _ := in.Member("repositoryNames").([]any)
	for _, name := range names {
		text, _ := name.(string)
		needs = append(needs, access.Need{Action: "codecommit:BatchGetRepositories", Resource: in.Scope.Regional("codecommit", text)})
	}
	return needs
}

// Needs returns the permissions that a request needs.
func (s *Service) Needs(r *http.Request, id wire.Identity) ([]access.Need, bool) {
	return s.needs.Needs(r, s.scopeOf(id)), true
}

// page returns the part of a list behind a token, and the token of the next.
func page[T any](list []T, token string, size int) ([]T, string, error) {
	start := 0
	if token != "" {
		n, err := strconv.Atoi(token)
		if err != nil || n < 0 || n > len(list) {
			return nil, "", fail("InvalidContinuationToken", "The specified continuation token is not valid.")
		}
		start = n
	}
	end := min(start+size, len(list))
	if end == len(list) {
		return list[start:], "", nil
	}
	return list[start:end], strconv.Itoa(end), nil
}
