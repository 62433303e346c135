// SPDX-License-Identifier: MIT

// Package mail receives mail.
package mail

import (
	"context"
	"fmt"
	"io"
	"net/mail"
	"os"
	"sync"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/rs/zerolog"
)

// prefix is where SES puts mails in the bucket, as sparta.yaml says.
const prefix = "in/"

// client is made with the first event and used for all.
var client = sync.OnceValues(func() (*s3.Client, error) {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		return nil, fmt.Errorf("load AWS configuration: %w", err)
	}
	return s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = os.Getenv("AWS_ENDPOINT_URL") != "" }), nil
})

// Receive reads each mail of the event from the bucket that the environment
// variable MAILS names, and notes from whom it is and how long.
func Receive(ctx context.Context, e events.SimpleEmailEvent) error {
	api, err := client()
	if err != nil {
		return err
	}
	log := zerolog.New(os.Stdout)
	bucket := os.Getenv("MAILS")
	for _, record := range e.Records {
		key := prefix + record.SES.Mail.MessageID
		object, err := api.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
		if err != nil {
			return fmt.Errorf("get object %q: %w", key, err)
		}
		length, err := bodyLength(object.Body)
		if err != nil {
			return fmt.Errorf("read mail %q: %w", key, err)
		}
		log.Info().Str("from", record.SES.Mail.Source).Str("subject", record.SES.Mail.CommonHeaders.Subject).
			Int64("bytes", length).Msg("received mail")
	}
	return nil
}

// bodyLength reads a mail, closes it and returns the length of its body in
// bytes.
func bodyLength(text io.ReadCloser) (int64, error) {
	defer text.Close()
	message, err := mail.ReadMessage(text)
	if err != nil {
		return 0, err
	}
	return io.Copy(io.Discard, message.Body)
}
