// SPDX-License-Identifier: MIT

// Package queue takes orders at once and works them off one by one.
package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/rs/zerolog"
)

// Order returns the handler that puts orders into the queue which the
// environment variable JOBS names by its URL.
func Order() (http.Handler, error) {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		return nil, fmt.Errorf("load AWS configuration: %w", err)
	}
	client, queue := sqs.NewFromConfig(cfg), os.Getenv("JOBS")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var order order
		if err := json.NewDecoder(r.Body).Decode(&order); err != nil || order.Item == "" {
			http.Error(w, `send an order such as {"item": "shield", "count": 2}`, http.StatusBadRequest)
			return
		}
		text, err := json.Marshal(order)
		if err == nil {
			body := string(text)
			_, err = client.SendMessage(r.Context(), &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: &body})
		}
		if err != nil {
			http.Error(w, "the order could not be taken", http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprintf(w, "ordered %d of %s\n", order.Count, order.Item)
	}), nil
}

type order struct {
	Item  string `json:"item"`
	Count int    `json:"count"`
}

// Work works a batch of orders off and names the messages that failed.
func Work(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
	log := zerolog.New(os.Stdout)
	var failed events.SQSEventResponse
	for _, message := range batch.Records {
		if err := work(message.Body); err != nil {
			log.Error().Err(err).Str("message", message.MessageId).Msg("order failed")
			failed.BatchItemFailures = append(failed.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: message.MessageId})
			continue
		}
		log.Info().Str("message", message.MessageId).Msg("order done")
	}
	return failed, nil
}

func work(body string) error {
	var order order
	if err := json.Unmarshal([]byte(body), &order); err != nil {
		return fmt.Errorf("read order: %w", err)
	}
	if order.Count < 1 {
		return fmt.Errorf("order of %d %s: nothing to do", order.Count, order.Item)
	}
	return nil
}
