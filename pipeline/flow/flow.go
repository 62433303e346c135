// SPDX-License-Identifier: MIT

// Package flow holds the flowcharts: one file for each command, which only
// wires boxes.
package flow

import (
	"context"
	"io/fs"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/sparta-up/sparta/pipeline/stage"
	"github.com/sparta-up/sparta/spec"
)

// Settings is what a command's user, machine and terminal decide. The zero
// value is enough to draw a chart.
type Settings struct {
	File    string                                        // path of sparta.yaml
	Spec    spec.Options                                  // the environment to read it for
	Config  func(ctx context.Context) (aws.Config, error) // the AWS to talk to
	Local   bool                                          // it is the embedded one
	Bucket  string                                        // artifact bucket; empty: the account's own
	Toolkit fs.FS                                         // sources of Sparta's public packages
	Cache   string                                        // directory for what can be made again
	Environ []string                                      // of the Go tool and of external decorators
	Confirm stage.Confirm                                 // asks before data is lost
	Follow  func(stage.Event)                             // told of stack events; may be nil
	Detach  <-chan struct{}                               // closed to leave a stack that is moving
	Pace    stage.Pace                                    // of polling
	Token   string                                        // unique to this run; letters, digits and hyphens
}
