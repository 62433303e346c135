// SPDX-License-Identifier: MIT

// Package msk is the Amazon MSK of the embedded AWS: clusters and their topics,
// the part of the API that shows them, and the CloudFormation types
// AWS::MSK::Cluster, AWS::MSK::ServerlessCluster and AWS::MSK::Topic. Event source
// mappings of Lambda read the topics.
//
// Whatever number of brokers a cluster has, one answers for it, on 127.0.0.1, and
// takes whoever asks: it has neither TLS nor SASL, and the strings of
// GetBootstrapBrokers for all ways to sign in name the same address. Mappings are
// held to the rights that IAM demands of them; other clients are not. Topics come
// into being when a client that asks for it names them. Records and committed
// offsets are kept; topics' settings are Kafka's defaults.
//
// Networks, instance types, storage, encryption, versions, monitoring and logs are
// kept and shown, but have no effect. Clusters are made by CloudFormation only.
// Configurations, SCRAM secrets, replicators and VPC connections are not modelled.
package msk

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/kafka"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// document is the name of the store's document that holds the clusters, and of the
// directory of their brokers.
const document = "msk"

// Service is Amazon MSK. Its methods may be called concurrently.
type Service struct {
	env    service.Env
	notice func(text string)
	api    *wire.REST
	needs  access.Routes

	mu       sync.Mutex
	clusters map[string]*cluster // by ARN
}

// New opens the clusters that env.Store keeps, with their brokers. notice tells
// the user where a broker listens; it may be nil.
func New(env service.Env, notice func(text string)) (*Service, error) {
	if notice == nil {
		notice = func(string) {}
	}
	s := &Service{env: env, notice: notice, clusters: map[string]*cluster{}}
	s.api, s.needs = s.operations(), needs()
	var kept []*cluster
	if err := env.Store.Load(document, &kept); err != nil {
		return nil, fmt.Errorf("open msk: %w", err)
	}
	for _, c := range kept {
		s.clusters[c.arn()] = c
		if err := s.start(c); err != nil {
			env.Log.Warn().Err(err).Str("cluster", c.Name).Msg("open broker of kept cluster") // its use says so, too
		}
	}
	env.Store.Register(document, s.snapshot)
	return s, s.sweep()
}

func (s *Service) snapshot() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := make([]*cluster, 0, len(s.clusters))
	for _, c := range s.clusters {
		kept = append(kept, c)
	}
	return json.Marshal(kept)
}

func (s *Service) changed() { s.env.Store.Changed(document) }

// Close ends the brokers.
func (s *Service) Close(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.clusters {
		c.stop()
	}
	return nil
}

// sweep removes the files of clusters that are in no document.
func (s *Service) sweep() error {
	if len(s.clusters) == 0 {
		return nil // who has no cluster needs no directory either
	}
	root, err := s.env.Store.Dir(document)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, c := range s.clusters {
		known[c.ID] = true
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !known[entry.Name()] {
			if err := os.RemoveAll(filepath.Join(root, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// start opens the broker of a cluster; s.mu is held, or nobody knows s yet.
func (s *Service) start(c *cluster) error {
	if c.broker != nil {
		return nil
	}
	root, err := s.env.Store.Dir(document)
	if err != nil {
		return err
	}
	broker, err := kafka.OpenBroker(kafka.BrokerOptions{Dir: filepath.Join(root, c.ID), ClusterID: c.ID, Port: c.Port, Log: s.env.Log})
	if err != nil {
		return err
	}
	c.broker = broker
	if port := broker.Port(); port != c.Port {
		c.Port = port
		s.changed()
		s.notice(fmt.Sprintf("the broker of MSK cluster %s listens at %s, without TLS and SASL", c.Name, broker.Address()))
	}
	return nil
}

// find returns a cluster with its broker; s.mu is held.
func (s *Service) find(clusterARN string) (*cluster, error) {
	c := s.clusters[clusterARN]
	if c == nil {
		return nil, notFound("The specified cluster does not exist.")
	}
	return c, s.start(c)
}

// Cluster returns what reading a cluster takes to know. If it does not exist, the
// error is a *wire.Error with the code NotFoundException.
func (s *Service) Cluster(clusterARN string) (kafka.Cluster, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.find(clusterARN)
	if err != nil {
		return kafka.Cluster{}, err
	}
	return kafka.Cluster{Servers: []string{c.broker.Address()}, Serverless: c.Serverless != nil, IAM: c.onlyIAM(), Secret: c.onlySecrets()}, nil
}

func notFound(format string, args ...any) error {
	return wire.Errorf(http.StatusNotFound, "NotFoundException", format, args...)
}

func badRequest(format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, "BadRequestException", format, args...)
}

func conflict(format string, args ...any) error {
	return wire.Errorf(http.StatusConflict, "ConflictException", format, args...)
}
