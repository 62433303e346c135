// SPDX-License-Identifier: MIT

package script

import (
	"strings"

	"github.com/dop251/goja"
)

// unmodelled are the names that cloudfront-js-2.0 has and this engine has not
// ("JavaScript runtime 2.0 features for CloudFront Functions", Amazon CloudFront
// Developer Guide).
var unmodelled = [...]string{"require", "Buffer", "atob", "btoa", "TextEncoder", "TextDecoder"}

// furnish gives an engine what functions find there: console.log, and errors
// for what is not modelled. eval is not there, as on AWS.
func furnish(vm *goja.Runtime, lines *[]string) {
	global := vm.GlobalObject()
	_ = global.Delete("eval") // can be deleted, as the language says
	console := vm.NewObject()
	_ = console.Set("log", func(call goja.FunctionCall) goja.Value {
		var words []string
		for _, argument := range call.Arguments {
			words = append(words, argument.String())
		}
		*lines = append(*lines, strings.Join(words, " "))
		return goja.Undefined()
	})
	_ = global.Set("console", console) // fails for frozen objects only
	for _, name := range unmodelled {
		_ = global.DefineAccessorProperty(name, vm.ToValue(func(goja.FunctionCall) goja.Value {
			panic(vm.NewGoError(unmodelledError(name)))
		}), nil, goja.FLAG_TRUE, goja.FLAG_FALSE)
	}
}

// unmodelledError names what a function uses that is not modelled.
type unmodelledError string

func (e unmodelledError) Error() string {
	return "the embedded AWS does not model " + string(e) + " in CloudFront Functions"
}
