// SPDX-License-Identifier: MIT

// Provider is the program that Sparta generates for the built-in custom
// resources of a service.
package main

import (
	"github.com/sparta-up/sparta/customresource"
	"github.com/sparta-up/sparta/customresource/notification"
	"github.com/sparta-up/sparta/customresource/receipt"
)

func main() {
	customresource.Main(customresource.Handlers{
		"activeReceiptRuleSet": receipt.New,
		"bucketNotifications":  notification.New,
	})
}
