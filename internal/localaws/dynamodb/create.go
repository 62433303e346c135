// SPDX-License-Identifier: MIT

package dynamodb

import (
	"regexp"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// createInput is what CreateTable is given, and what AWS::DynamoDB::Table comes
// to.
type createInput struct {
	TableName                 *string
	AttributeDefinitions      []attributeDefinition
	KeySchema                 []keyElement
	BillingMode               string
	ProvisionedThroughput     *throughputInput
	GlobalSecondaryIndexes    []indexInput
	LocalSecondaryIndexes     []indexInput
	StreamSpecification       *streamInput
	SSESpecification          *encryptionInput
	DeletionProtectionEnabled bool
	TableClass                string
	Tags                      []tag
}

type throughputInput struct{ ReadCapacityUnits, WriteCapacityUnits *int64 }

type indexInput struct {
	IndexName             string
	KeySchema             []keyElement
	Projection            *projection
	ProvisionedThroughput *throughputInput
}

type streamInput struct {
	StreamEnabled  *bool
	StreamViewType string
}

type encryptionInput struct {
	Enabled        bool
	SSEType        string
	KMSMasterKeyID string `json:"KMSMasterKeyId"`
}

type tag struct{ Key, Value string }

var namePattern = regexp.MustCompile(`^[a-zA-Z0-9_.-]+$`)

const namePatternText = "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"

// checkName notes what is wrong with the name of a table or index.
func (c *constraints) checkName(name, member string) {
	if name == "" {
		c.length("''", 0, member, 3, 255)
		return
	}
	if !namePattern.MatchString(name) {
		c.fail(quote(name), member, namePatternText)
	}
	c.length(quote(name), len(name), member, 3, 255)
}

// tableName returns the name of a table of the scope, which may be given as its
// ARN.
func tableName(scope arn.Scope, name string) (string, error) {
	a, ok := arn.Parse(name)
	if !ok {
		return name, nil
	}
	plain, isTable := strings.CutPrefix(a.Resource, "table/")
	switch {
	case !isTable || a.Service != "dynamodb":
		return "", invalid("Invalid TableArn: %s", name)
	case a.Account != scope.Account || a.Region != scope.Region:
		return "", wire.Errorf(400, "AccessDeniedException", "the embedded AWS does not model tables of other accounts and regions: %s", name)
	}
	return plain, nil
}

type tableOutput struct{ TableDescription description }

func (s *Service) createTable(c call, in createInput) (tableOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.create(c.scope, in)
	if err != nil {
		return tableOutput{}, err
	}
	return tableOutput{s.describe(t).inState("CREATING")}, nil
}

// create makes a table; s.mu is held.
func (s *Service) create(scope arn.Scope, in createInput) (*table, error) {
	if in.TableName == nil {
		return nil, invalid("The parameter 'TableName' is required but was not present in the request")
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	d, err := s.definition(scope, in)
	if err != nil {
		return nil, err
	}
	if s.tables[keyOf(scope, d.Name)] != nil {
		return nil, inUse("Table already exists: %s", d.Name)
	}
	r := record{Table: d}
	if d.StreamView != "" {
		d.StreamLabel = label(d.Created, "")
		r.Stream = d.open(d.Created)
	}
	if err := s.commit(r); err != nil {
		return nil, err
	}
	return s.byID[d.ID], nil
}

func (s *Service) definition(scope arn.Scope, in createInput) (*definition, error) {
	now := s.env.Now()
	d := &definition{
		ID: wire.RequestID(), Scope: scope, Name: *in.TableName, Created: now, KeySchema: in.KeySchema, Attributes: in.AttributeDefinitions,
		OnDemand: in.BillingMode == "PAY_PER_REQUEST", Throughput: in.ProvisionedThroughput.units(), Protected: in.DeletionProtectionEnabled,
		Class: in.TableClass, Tags: map[string]string{},
	}
	if d.OnDemand {
		d.OnDemandSince = now
	}
	for _, x := range in.GlobalSecondaryIndexes {
		d.Globals = append(d.Globals, x.definition())
	}
	for _, x := range in.LocalSecondaryIndexes {
		d.Locals = append(d.Locals, x.definition())
	}
	view, err := in.StreamSpecification.view()
	if err != nil {
		return nil, err
	}
	d.StreamView = view
	if err := d.encrypt(in.SSESpecification); err != nil {
		return nil, err
	}
	return d, d.tag(in.Tags)
}

func (x indexInput) definition() indexDefinition {
	d := indexDefinition{Name: x.IndexName, KeySchema: x.KeySchema, Throughput: x.ProvisionedThroughput.units()}
	if x.Projection != nil {
		d.Projection = *x.Projection
	}
	return d
}

func (t *throughputInput) units() throughput {
	if t == nil {
		return throughput{}
	}
	return throughput{*t.ReadCapacityUnits, *t.WriteCapacityUnits}
}

// view returns the view of the stream that is asked for, or "" for none.
func (in *streamInput) view() (string, error) {
	switch {
	case in == nil:
		return "", nil
	case in.StreamEnabled == nil:
		return "", invalid("1 validation error detected: Value null at 'streamSpecification.streamEnabled' failed to satisfy constraint: Member must not be null")
	case !*in.StreamEnabled && in.StreamViewType != "":
		return "", invalidParameter("StreamViewType must not be specified when StreamEnabled is false")
	case !*in.StreamEnabled:
		return "", nil
	case in.StreamViewType == "":
		return "", invalidParameter("StreamViewType must be specified when StreamEnabled is true")
	}
	return in.StreamViewType, nil
}

// encrypt notes by which key a table would be encrypted.
func (d *definition) encrypt(in *encryptionInput) error {
	if in == nil {
		return nil
	}
	if !in.Enabled && (in.SSEType != "" || in.KMSMasterKeyID != "") {
		return invalidParameter("SSEType and KMSMasterKeyId must not be specified when SSE is disabled")
	}
	d.Encrypted, d.Key = in.Enabled, ""
	switch id := in.KMSMasterKeyID; {
	case !in.Enabled:
	case id == "":
		d.Key = d.Scope.Regional("kms", "alias/aws/dynamodb")
	case strings.HasPrefix(id, "arn:"):
		d.Key = id
	case strings.HasPrefix(id, "alias/"):
		d.Key = d.Scope.Regional("kms", id)
	default:
		d.Key = d.Scope.Regional("kms", "key/"+id)
	}
	return nil
}

// defined reports whether the attributes of a schema are defined.
func (in createInput) defined(schema []keyElement) error {
	var defined []string
	for _, a := range in.AttributeDefinitions {
		defined = append(defined, a.AttributeName)
	}
	keys := names(schema)
	if len(keys) > len(defined) {
		return invalid("Invalid KeySchema: Some index key attribute have no definition")
	}
	if slices.ContainsFunc(keys, func(key string) bool { return !slices.Contains(defined, key) }) {
		return invalidParameter("Some index key attributes are not defined in AttributeDefinitions. Keys: [%s], AttributeDefinitions: [%s]",
			strings.Join(keys, ", "), strings.Join(defined, ", "))
	}
	return nil
}
