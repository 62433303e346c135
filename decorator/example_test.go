// SPDX-License-Identifier: MIT

package decorator_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/sparta-up/sparta/decorator"
)

// A decorator that gives the function hello a table: the table itself, its name
// in an environment variable, and the permission to read from it.
func Example() {
	addTable := func(ctx context.Context, t *decorator.Template) error {
		err := t.Add("Table", decorator.Resource{
			Type: "AWS::DynamoDB::Table",
			Properties: decorator.Properties{
				"BillingMode":          "PAY_PER_REQUEST",
				"AttributeDefinitions": []decorator.Properties{{"AttributeName": "id", "AttributeType": "S"}},
				"KeySchema":            []decorator.Properties{{"AttributeName": "id", "KeyType": "HASH"}},
			},
		})
		if err != nil {
			return err
		}
		if err := t.Environment("hello", "TABLE", decorator.Ref("Table")); err != nil {
			return err
		}
		return t.Allow("hello", []string{"dynamodb:GetItem"}, decorator.GetAtt("Table", "Arn"))
	}

	// Sparta generates this; the functions are those of sparta.yaml.
	functions := decorator.Functions{"table": addTable}
	template := strings.NewReader(`{"Resources": {
		"HelloFunction": {"Type": "AWS::Lambda::Function"},
		"HelloRole": {"Type": "AWS::IAM::Role"}
	}}`)
	if err := functions.Run(context.Background(), "table", template, os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {
	//   "AWSTemplateFormatVersion": "2010-09-09",
	//   "Resources": {
	//     "HelloFunction": {
	//       "Properties": {
	//         "Environment": {
	//           "Variables": {
	//             "TABLE": {
	//               "Ref": "Table"
	//             }
	//           }
	//         }
	//       },
	//       "Type": "AWS::Lambda::Function"
	//     },
	//     "HelloRole": {
	//       "Properties": {
	//         "Policies": [
	//           {
	//             "PolicyDocument": {
	//               "Statement": [
	//                 {
	//                   "Action": [
	//                     "dynamodb:GetItem"
	//                   ],
	//                   "Effect": "Allow",
	//                   "Resource": [
	//                     {
	//                       "Fn::GetAtt": [
	//                         "Table",
	//                         "Arn"
	//                       ]
	//                     }
	//                   ]
	//                 }
	//               ],
	//               "Version": "2012-10-17"
	//             },
	//             "PolicyName": "decorators"
	//           }
	//         ]
	//       },
	//       "Type": "AWS::IAM::Role"
	//     },
	//     "Table": {
	//       "Properties": {
	//         "AttributeDefinitions": [
	//           {
	//             "AttributeName": "id",
	//             "AttributeType": "S"
	//           }
	//         ],
	//         "BillingMode": "PAY_PER_REQUEST",
	//         "KeySchema": [
	//           {
	//             "AttributeName": "id",
	//             "KeyType": "HASH"
	//           }
	//         ]
	//       },
	//       "Type": "AWS::DynamoDB::Table"
	//     }
	//   }
	// }
}

// Resources that Sparta has made can be found by type and edited in place.
func ExampleTemplate_ResourcesOfType() {
	functions := decorator.Functions{"tracing": func(ctx context.Context, t *decorator.Template) error {
		for id, r := range t.ResourcesOfType("AWS::Lambda::Function") {
			fmt.Println(id)
			r.Properties["TracingConfig"] = decorator.Properties{"Mode": "Active"}
		}
		return nil
	}}
	template := strings.NewReader(`{"Resources": {"B": {"Type": "AWS::Lambda::Function"}, "A": {"Type": "AWS::Lambda::Function"}, "C": {"Type": "AWS::SNS::Topic"}}}`)
	if err := functions.Run(context.Background(), "tracing", template, new(strings.Builder)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// A
	// B
}
