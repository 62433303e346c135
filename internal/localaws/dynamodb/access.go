// SPDX-License-Identifier: MIT

package dynamodb

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// needs says which permissions the operations take ("Actions, resources, and
// condition keys for Amazon DynamoDB", Service Authorization Reference). There
// are no actions for transactions: each of their parts takes its own.
func (s *Service) needs() access.Table {
	named, tagged, stream := access.On(tableNamed), access.On(access.ARNIn("ResourceArn")), access.On(access.ARNIn("StreamArn"))
	rules := map[string]access.Rule{
		"ListTables": access.On(access.Any), "DescribeLimits": access.On(access.Any), "DescribeEndpoints": access.On(access.Any),
		"TagResource": tagged, "UntagResource": tagged, "ListTagsOfResource": tagged,
		"PutItem": s.leading("Item"), "GetItem": s.leading("Key"), "UpdateItem": s.leading("Key"), "DeleteItem": s.leading("Key"),
		"Query": s.querying, "Scan": access.On(scanned),
		"BatchGetItem": s.batch("Keys"), "BatchWriteItem": s.batch(""),
		"TransactWriteItems": s.transacting, "TransactGetItems": s.transacting,
		"ListStreams": access.On(streamsNamed), "DescribeStream": stream, "GetShardIterator": stream, "GetRecords": access.On(iterated),
	}
	for target := range actions() {
		_, name, _ := strings.Cut(target, ".")
		if rules[name] == nil {
			rules[name] = named
		}
	}
	return access.Table{Prefix: "dynamodb", Rules: rules}
}

var tableNamed = access.Regional("dynamodb", "table/*", "TableName")

// tableARN returns the ARN of a table that is named or given by its ARN.
func tableARN(scope arn.Scope, name string) string {
	if _, ok := arn.Parse(name); ok {
		return name
	}
	return scope.Regional("dynamodb", "table/"+name)
}

// scanned is the table of a request, or the index that it names.
func scanned(in *access.Input) []string {
	on := tableNamed(in)
	if index := in.Text("IndexName"); index != "" && len(on) > 0 {
		return []string{on[0] + "/index/" + index}
	}
	return on
}

// streamsNamed are the streams of a table, or all.
func streamsNamed(in *access.Input) []string {
	name := in.Text("TableName")
	if name == "" {
		name = "*"
	}
	return []string{tableARN(in.Scope, name) + "/stream/*"}
}

func iterated(in *access.Input) []string {
	i, err := parseIterator(in.Text("ShardIterator"))
	if err != nil {
		return nil
	}
	return []string{i.Stream}
}

// partitionKey returns the name of the attribute that is a table's partition
// key, "" if there is no such table.
func (s *Service) partitionKey(scope arn.Scope, name string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	t, err := s.find(scope, name, false)
	if err != nil {
		return ""
	}
	return names(t.KeySchema)[0]
}

// need is a permission on a table, with the partition keys of the items that it
// is about: dynamodb:LeadingKeys.
func (s *Service) need(in *access.Input, action, table string, items ...any) access.Need {
	n := access.Need{Action: "dynamodb:" + action, Resource: tableARN(in.Scope, table)}
	key := s.partitionKey(in.Scope, table)
	var leading []string
	for _, item := range items {
		members, _ := item.(map[string]any)
		if text, ok := scalar(members[key]); ok {
			leading = append(leading, text)
		}
	}
	if leading != nil {
		n.Lists = map[string][]string{"dynamodb:leadingkeys": leading}
	}
	return n
}

// scalar returns the text of an attribute value such as {"S": "x"}.
func scalar(v any) (string, bool) {
	typed, _ := v.(map[string]any)
	for _, kind := range []string{"S", "N", "B"} {
		if text, ok := typed[kind].(string); ok {
			return text, true
		}
	}
	return "", false
}

// leading needs the action of the operation on a table, for the item in a
// member.
func (s *Service) leading(member string) access.Rule {
	return func(in *access.Input) []access.Need {
		return []access.Need{s.need(in, in.Operation, in.Text("TableName"), in.Member(member))}
	}
}

// equality is a part of a key condition such as #k = :v.
var equality = regexp.MustCompile(`([#\w.-]+)\s*=\s*(:\w+)`)

func (s *Service) querying(in *access.Input) []access.Need {
	aliases, _ := in.Member("ExpressionAttributeNames").(map[string]any)
	values, _ := in.Member("ExpressionAttributeValues").(map[string]any)
	item := map[string]any{}
	for _, part := range equality.FindAllStringSubmatch(in.Text("KeyConditionExpression"), -1) {
		name := part[1]
		if alias, ok := aliases[name].(string); ok {
			name = alias
		}
		item[name] = values[part[2]]
	}
	n := s.need(in, "Query", in.Text("TableName"), item)
	n.Resource = scanned(in)[0]
	return []access.Need{n}
}

// batch needs the action of the operation on each table; keys is the member
// that lists the keys of a table, "" for the requests of BatchWriteItem.
func (s *Service) batch(keys string) access.Rule {
	return func(in *access.Input) []access.Need {
		tables, _ := in.Member("RequestItems").(map[string]any)
		var needs []access.Need
		for _, name := range slices.Sorted(maps.Keys(tables)) {
			list, _ := tables[name].([]any)
			if members, ok := tables[name].(map[string]any); ok && keys != "" {
				list, _ = members[keys].([]any)
			}
			needs = append(needs, s.need(in, in.Operation, name, written(list)...))
		}
		return needs
	}
}

// written returns the items and keys in the requests of BatchWriteItem, and keys
// as they are.
func written(list []any) []any {
	var items []any
	for _, one := range list {
		request, _ := one.(map[string]any)
		put, _ := request["PutRequest"].(map[string]any)
		remove, _ := request["DeleteRequest"].(map[string]any)
		switch {
		case put != nil:
			items = append(items, put["Item"])
		case remove != nil:
			items = append(items, remove["Key"])
		default:
			items = append(items, one)
		}
	}
	return items
}

// transacting needs the action of each part of a transaction.
func (s *Service) transacting(in *access.Input) []access.Need {
	parts := []struct{ member, action, item string }{
		{"Put", "PutItem", "Item"}, {"Update", "UpdateItem", "Key"}, {"Delete", "DeleteItem", "Key"}, {"ConditionCheck", "ConditionCheckItem", "Key"}, {"Get", "GetItem", "Key"},
	}
	var needs []access.Need
	for _, one := range in.Members("TransactItems") {
		for _, part := range parts {
			if members, ok := one[part.member].(map[string]any); ok {
				name, _ := members["TableName"].(string)
				needs = append(needs, s.need(in, part.action, name, members[part.item]))
			}
		}
	}
	return needs
}

// Needs returns the permissions that a request needs.
func (s *Service) Needs(r *http.Request, id wire.Identity) ([]access.Need, bool) {
	return s.table.Needs(r, arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}), true
}

// Refuse answers a caller who may not do what the request asks for.
func (s *Service) Refuse(w http.ResponseWriter, r *http.Request, _ wire.Identity, err error) {
	err = access.Fault(r, err)
	write(w, status(err), failure(err))
}
