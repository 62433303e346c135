// SPDX-License-Identifier: MIT

package dynamodb

import (
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
	"github.com/sparta-up/sparta/internal/localaws/dynamodb/expression"
)

// maxPage is how many bytes of items one call reads.
const maxPage = 1 << 20

// pageInput is what Query and Scan have in common.
type pageInput struct {
	wanted
	TableName            *string
	IndexName            *string
	Select               string
	Limit                *int64
	ConsistentRead       bool
	ExclusiveStartKey    rawItem
	FilterExpression     *string
	ProjectionExpression *string
	substitutes
}

type pageOutput struct {
	Items            *[]attribute.Item `json:",omitempty"` // nil if only counted
	Count            int
	ScannedCount     int
	LastEvaluatedKey attribute.Item  `json:",omitempty"`
	ConsumedCapacity *capacityOutput `json:",omitempty"`
}

func (in pageInput) check() error {
	if err := checkTable(in.TableName); err != nil {
		return err
	}
	var c constraints
	if in.IndexName != nil {
		c.checkName(*in.IndexName, "indexName")
	}
	c.enum(in.Select, "select", "SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES")
	c.wanted(in.wanted)
	return c.err()
}

// checkSelect checks that Select fits the other parameters.
func (in pageInput) checkSelect() error {
	switch projected := in.ProjectionExpression != nil; {
	case projected && in.Select != "" && in.Select != "SPECIFIC_ATTRIBUTES":
		what := in.Select
		if what == "COUNT" {
			what = "only the Count"
		}
		return invalid("Cannot specify the ProjectionExpression when choosing to get %s", what)
	case !projected && in.Select == "SPECIFIC_ATTRIBUTES":
		return invalid("Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
	case in.Select == "ALL_PROJECTED_ATTRIBUTES" && in.IndexName == nil:
		return invalid("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
	}
	return nil
}

// span is the places between which a page is read: from the first up to, and
// without, the second; "" is no limit.
type span struct {
	from, to string
	reverse  bool
	after    string // the place of ExclusiveStartKey, or ""
}

// walk visits the items of a span in order.
func (src *source) walk(sp span, visit func(item attribute.Item) bool) {
	if sp.reverse {
		step := func(place string, item attribute.Item) bool {
			switch {
			case place < sp.from:
				return false
			case sp.to != "" && place >= sp.to, sp.after != "" && place >= sp.after:
				return true
			}
			return visit(item)
		}
		switch first := min(orMax(sp.to), orMax(sp.after)); {
		case first == noLimit:
			src.tree.Reverse(step)
		default:
			src.tree.Descend(first, step)
		}
		return
	}
	src.tree.Ascend(max(sp.from, sp.after), func(place string, item attribute.Item) bool {
		switch {
		case sp.to != "" && place >= sp.to:
			return false
		case sp.after != "" && place <= sp.after:
			return true
		}
		return visit(item)
	})
}

// noLimit is above all places: they begin with a hash and a key.
var noLimit = strings.Repeat("\xff", 16)

func orMax(place string) string {
	if place == "" {
		return noLimit
	}
	return place
}

// page reads one page of a span.
func (src *source) page(in pageInput, sp span) pageOutput {
	out := pageOutput{}
	items := []attribute.Item{}
	size, fetched := 0, 0
	var last attribute.Item
	full := func() bool { return size >= maxPage || in.Limit != nil && int64(out.ScannedCount) >= *in.Limit }
	src.walk(sp, func(item attribute.Item) bool {
		if full() {
			return false
		}
		view := item
		if src.index != nil {
			view = src.table.project(*src.index, item)
		}
		out.ScannedCount++
		size += view.Size()
		last = item
		if src.fetch {
			view = item
			fetched += item.Size()
		}
		if src.filter.Holds(view) {
			out.Count++
			items = append(items, src.projection.Of(view))
		}
		return true
	})
	if last != nil && full() {
		out.LastEvaluatedKey = attribute.Item{}
		for _, name := range src.keyNames() {
			out.LastEvaluatedKey[name] = last[name]
		}
	}
	if in.Select != "COUNT" {
		out.Items = &items
	}
	out.ConsumedCapacity = src.used(size, fetched, in.ConsistentRead).output(*in.TableName, in.wanted, plain)
	return out
}

// used returns what a page costs that has read some bytes.
func (src *source) used(size, fetched int, consistent bool) consumed {
	n := readUnits(size, consistent)
	if src.index == nil {
		return consumed{table: n}
	}
	var c consumed
	c.addIndex(src.local, src.index.Name, n)
	if fetched > 0 {
		c.table = readUnits(fetched, consistent)
	}
	return c
}

// expressions reads the filter and the projection of a page.
func (in pageInput) expressions(scope *expression.Scope) (filter *expression.Condition, p *expression.Projection, err error) {
	if in.FilterExpression != nil {
		if filter, err = scope.Condition("FilterExpression", *in.FilterExpression); err != nil {
			return nil, nil, err
		}
	}
	if in.ProjectionExpression != nil {
		if p, err = scope.Projection(*in.ProjectionExpression); err != nil {
			return nil, nil, err
		}
	}
	return filter, p, scope.Unused()
}
