// SPDX-License-Identifier: MIT

// Package bucket counts the words of texts in a bucket.
package bucket

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// client is made with the first event and used for all.
var client = sync.OnceValues(func() (*s3.Client, error) {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		return nil, fmt.Errorf("load AWS configuration: %w", err)
	}
	return s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = os.Getenv("AWS_ENDPOINT_URL") != "" }), nil
})

// Count writes, for each text of the event, the number of its words into the
// bucket that the environment variable COUNTS names.
func Count(ctx context.Context, e events.S3Event) error {
	api, err := client()
	if err != nil {
		return err
	}
	for _, record := range e.Records {
		bucket, key := record.S3.Bucket.Name, record.S3.Object.URLDecodedKey
		text, err := api.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
		if err != nil {
			return fmt.Errorf("get object %q: %w", key, err)
		}
		words, err := countWords(text.Body)
		if err != nil {
			return fmt.Errorf("read object %q: %w", key, err)
		}
		counts, name := os.Getenv("COUNTS"), key+".count"
		if _, err := api.PutObject(ctx, &s3.PutObjectInput{
			Bucket: &counts, Key: &name, Body: strings.NewReader(fmt.Sprintln(words)),
		}); err != nil {
			return fmt.Errorf("put object %q: %w", name, err)
		}
	}
	return nil
}

// countWords counts the words of a text, closes it and keeps one of them in
// memory at a time.
func countWords(text io.ReadCloser) (int, error) {
	defer text.Close()
	words := 0
	scanner := bufio.NewScanner(text)
	scanner.Split(bufio.ScanWords)
	for scanner.Scan() {
		words++
	}
	return words, scanner.Err()
}
