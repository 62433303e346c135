// SPDX-License-Identifier: MIT

package msk_test

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/msk"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/store"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const account = "000000000000"

var here = arn.Scope{Partition: "aws", Account: account, Region: "us-east-1"}

// object is a JSON object.
type object = map[string]any

// world is MSK with its state.
type world struct {
	*msk.Service
	store   *store.Store
	notices []string
}

func open(t testing.TB, dir string) *world {
	t.Helper()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{store: st}
	w.Service, err = msk.New(service.Env{Default: here, Store: st, Now: time.Now, Log: zerolog.Nop()}, func(text string) { w.notices = append(w.notices, text) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.close(t) })
	return w
}

func (w *world) close(t testing.TB) {
	t.Helper()
	if err := errors.Join(w.Close(t.Context()), w.store.Close()); err != nil {
		t.Error(err)
	}
}

// properties are those of a cluster, with changes.
func properties(changes object) object {
	out := object{
		"ClusterName": "main", "KafkaVersion": "3.9.x", "NumberOfBrokerNodes": "4",
		"BrokerNodeGroupInfo": object{
			"ClientSubnets": []any{"subnet-1", "subnet-2"}, "InstanceType": "kafka.m7g.large", "SecurityGroups": []any{"sg-1"},
			"StorageInfo": object{"EBSStorageInfo": object{"VolumeSize": 100}},
		},
	}
	maps.Copy(out, changes)
	return out
}

// serverless are the properties of a serverless cluster.
func serverless() object {
	return object{
		"ClusterName": "small", "ClientAuthentication": object{"Sasl": object{"Iam": object{"Enabled": "true"}}},
		"VpcConfigs": []any{object{"SubnetIds": []any{"subnet-1"}, "SecurityGroups": []any{"sg-1"}}},
	}
}

func (w *world) create(t testing.TB, kind string, p object) resource.Instance {
	t.Helper()
	model := w.ResourceTypes()[kind]
	if faults := model.Check(p); faults != nil {
		t.Fatal(faults)
	}
	made, err := model.Create(t.Context(), resource.Request{Scope: here, Properties: p, Tags: map[string]string{"stack": "s"}})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// get asks the API; path may have %s for an ARN.
func (w *world) call(t testing.TB, method, path, on string, in object) (out object, failure string) {
	t.Helper()
	body := ""
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		body = string(data)
	}
	rec := httptest.NewRecorder()
	r := httptest.NewRequest(method, strings.Replace(path, "%s", url.PathEscape(on), 1), strings.NewReader(body))
	w.ServeAPI(rec, r, wire.Identity{Account: account, Region: here.Region, Service: "kafka"})
	if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil {
		t.Fatalf("%s %s: %v\n%s", method, path, err, rec.Body)
	}
	if rec.Code != http.StatusOK {
		return nil, out["__type"].(string) + ": " + out["message"].(string)
	}
	return out, ""
}

func (w *world) get(t testing.TB, path, on string) object {
	t.Helper()
	out, failure := w.call(t, http.MethodGet, path, on, nil)
	if failure != "" {
		t.Fatalf("%s: %s", path, failure)
	}
	return out
}
