// SPDX-License-Identifier: MIT

// Package guestbook keeps visitors' entries as objects in a bucket.
package guestbook

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// The guestbook shows its newest entries only, and takes short ones only.
const (
	maxShown = 50
	maxEntry = 2 << 10 // bytes
)

// Entry is one line in the book.
type Entry struct {
	Name string    `json:"name"`
	Text string    `json:"text"`
	Time time.Time `json:"time"` // UTC
}

// New returns the service's HTTP handler: GET / lists the newest entries, POST
// / adds one. It is called once, when Lambda starts the program. The bucket's
// name is in the environment variable BUCKET.
func New() (http.Handler, error) {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		return nil, err
	}
	b := &book{
		bucket: os.Getenv("BUCKET"),
		client: s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil }),
		now:    time.Now,
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", b.list)
	mux.HandleFunc("POST /{$}", b.add)
	return mux, nil
}

type book struct {
	bucket string
	client *s3.Client
	now    func() time.Time
}

func (b *book) add(w http.ResponseWriter, r *http.Request) {
	var e Entry
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxEntry)).Decode(&e); err != nil {
		http.Error(w, fmt.Sprintf("read entry: %v", err), http.StatusBadRequest)
		return
	}
	e.Name, e.Text, e.Time = strings.TrimSpace(e.Name), strings.TrimSpace(e.Text), b.now().UTC()
	if e.Text == "" {
		http.Error(w, "an entry needs a text", http.StatusUnprocessableEntity)
		return
	}
	e.Name = cmp.Or(e.Name, "somebody")
	body, err := json.Marshal(e)
	if err == nil {
		_, err = b.client.PutObject(r.Context(), &s3.PutObjectInput{
			Bucket: &b.bucket, Key: aws.String(e.key()), Body: strings.NewReader(string(body)),
			ContentType: aws.String("application/json"),
		})
	}
	if err != nil {
		http.Error(w, fmt.Sprintf("keep entry: %v", err), http.StatusBadGateway)
		return
	}
	answer(w, http.StatusCreated, e)
}

// key sorts newer entries first, since S3 lists keys in order.
func (e Entry) key() string { return fmt.Sprintf("entries/%019d.json", 1<<62-e.Time.UnixNano()) }

func (b *book) list(w http.ResponseWriter, r *http.Request) {
	listed, err := b.client.ListObjectsV2(r.Context(), &s3.ListObjectsV2Input{
		Bucket: &b.bucket, Prefix: aws.String("entries/"), MaxKeys: aws.Int32(maxShown),
	})
	if err != nil {
		http.Error(w, fmt.Sprintf("list entries: %v", err), http.StatusBadGateway)
		return
	}
	entries := []Entry{}
	for _, object := range listed.Contents {
		e, err := b.read(r.Context(), object.Key)
		if err != nil {
			http.Error(w, fmt.Sprintf("read entry: %v", err), http.StatusBadGateway)
			return
		}
		entries = append(entries, e)
	}
	slices.SortStableFunc(entries, func(x, y Entry) int { return y.Time.Compare(x.Time) })
	answer(w, http.StatusOK, entries)
}

func (b *book) read(ctx context.Context, key *string) (Entry, error) {
	object, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.bucket, Key: key})
	if err != nil {
		return Entry{}, err
	}
	defer object.Body.Close()
	body, err := io.ReadAll(io.LimitReader(object.Body, 2*maxEntry))
	if err != nil {
		return Entry{}, err
	}
	var e Entry
	return e, json.Unmarshal(body, &e)
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // an error means that the visitor is gone
}
