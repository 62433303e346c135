// SPDX-License-Identifier: MIT

// Package stream counts clicks as they come.
package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/rs/zerolog"
)

// client is made with the first event and used for all.
var client = sync.OnceValues(func() (*dynamodb.Client, error) {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		return nil, fmt.Errorf("load AWS configuration: %w", err)
	}
	return dynamodb.NewFromConfig(cfg), nil
})

// Count adds the clicks of a batch to the table that the environment variable
// PAGES names. It reads the whole batch before it writes, so that a batch with
// a record that is no click changes nothing.
func Count(ctx context.Context, batch events.KinesisEvent) error {
	api, err := client()
	if err != nil {
		return err
	}
	clicks := map[string]int{}
	for _, record := range batch.Records {
		var click struct {
			Page string `json:"page"`
		}
		if err := json.Unmarshal(record.Kinesis.Data, &click); err != nil {
			return fmt.Errorf("read record %s: %w", record.Kinesis.SequenceNumber, err)
		}
		if click.Page == "" {
			return errors.New("a click on no page")
		}
		clicks[click.Page]++
	}
	table, add := os.Getenv("PAGES"), "ADD clicks :n"
	for page, n := range clicks {
		if _, err := api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: &table, UpdateExpression: &add,
			Key:                       map[string]types.AttributeValue{"page": &types.AttributeValueMemberS{Value: page}},
			ExpressionAttributeValues: map[string]types.AttributeValue{":n": &types.AttributeValueMemberN{Value: strconv.Itoa(n)}},
		}); err != nil {
			return fmt.Errorf("count clicks of page %q: %w", page, err)
		}
	}
	return nil
}

// popular is from how many clicks on a page is.
const popular = 3

// Celebrate notes when the clicks of a page reach what makes it popular.
func Celebrate(_ context.Context, batch events.DynamoDBEvent) error {
	log := zerolog.New(os.Stdout)
	for _, record := range batch.Records {
		before, now := clicks(record.Change.OldImage), clicks(record.Change.NewImage)
		if page := record.Change.Keys["page"]; before < popular && now >= popular {
			log.Info().Str("page", page.String()).Int64("clicks", now).Msg("page is popular")
		}
	}
	return nil
}

// clicks is the count of an image, 0 for none.
func clicks(image map[string]events.DynamoDBAttributeValue) int64 {
	value, ok := image["clicks"]
	if !ok {
		return 0
	}
	n, err := value.Integer()
	if err != nil {
		return 0
	}
	return n
}
