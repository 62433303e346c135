// SPDX-License-Identifier: MIT

// Package notes keeps notes behind an HTTP API.
package notes

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// maxNote is how long a note may be, in bytes.
const maxNote = 10_000

// Notes returns the handler of all routes. The notes are items of the table
// that the environment variable NOTES names.
func Notes() (http.Handler, error) {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		return nil, fmt.Errorf("load AWS configuration: %w", err)
	}
	s := store{dynamodb.NewFromConfig(cfg), os.Getenv("NOTES")}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /notes", s.list)
	mux.HandleFunc("GET /notes/{id}", s.get)
	mux.HandleFunc("PUT /notes/{id}", s.put)
	mux.HandleFunc("DELETE /notes/{id}", s.remove)
	return mux, nil
}

// store is the table of notes.
type store struct {
	api   *dynamodb.Client
	table string
}

func key(r *http.Request) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: r.PathValue("id")}}
}

func text(item map[string]types.AttributeValue, name string) string {
	value, _ := item[name].(*types.AttributeValueMemberS)
	if value == nil {
		return ""
	}
	return value.Value
}

func (s store) list(w http.ResponseWriter, r *http.Request) {
	out, err := s.api.Scan(r.Context(), &dynamodb.ScanInput{TableName: &s.table})
	if err != nil {
		fail(w, err)
		return
	}
	notes := map[string]string{}
	for _, item := range out.Items {
		notes[text(item, "id")] = text(item, "text")
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(notes) // the client is gone
}

func (s store) get(w http.ResponseWriter, r *http.Request) {
	out, err := s.api.GetItem(r.Context(), &dynamodb.GetItemInput{TableName: &s.table, Key: key(r)})
	switch {
	case err != nil:
		fail(w, err)
	case out.Item == nil:
		http.Error(w, "there is no such note", http.StatusNotFound)
	default:
		fmt.Fprintln(w, text(out.Item, "text"))
	}
}

func (s store) put(w http.ResponseWriter, r *http.Request) {
	note, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxNote))
	if err != nil || len(note) == 0 {
		http.Error(w, fmt.Sprintf("send a note of 1 to %d bytes", maxNote), http.StatusBadRequest)
		return
	}
	item := key(r)
	item["text"] = &types.AttributeValueMemberS{Value: string(note)}
	if _, err := s.api.PutItem(r.Context(), &dynamodb.PutItemInput{TableName: &s.table, Item: item}); err != nil {
		fail(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s store) remove(w http.ResponseWriter, r *http.Request) {
	if _, err := s.api.DeleteItem(r.Context(), &dynamodb.DeleteItemInput{TableName: &s.table, Key: key(r)}); err != nil {
		fail(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func fail(w http.ResponseWriter, err error) {
	fmt.Fprintln(os.Stderr, err)
	http.Error(w, "the notes can't be reached", http.StatusServiceUnavailable)
}
