// SPDX-License-Identifier: MIT

package localaws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// serverFile tells other processes who serves a directory.
const serverFile = "server.json"

// healthPath answers who serves.
const healthPath = "/_sparta/health"

// server is the content of serverFile and of the answer to healthPath.
type server struct {
	Endpoint string `json:"endpoint"`
	PID      int    `json:"pid"`
}

func writeServer(dir string, s server) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	// Written aside and renamed: others may read it at any moment.
	path := filepath.Join(dir, serverFile)
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func removeServer(dir string) error {
	err := os.Remove(filepath.Join(dir, serverFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

func readServer(dir string) (server, error) {
	var s server
	data, err := os.ReadFile(filepath.Join(dir, serverFile))
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(data, &s)
}

// attach finds the process that serves dir. What the file says may be left from
// an earlier one whose port someone else has now, so the answer must come from
// the very process.
func attach(ctx context.Context, dir string) (endpoint string, err error) {
	said, err := readServer(dir)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, said.Endpoint+healthPath, nil)
	if err != nil {
		return "", err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // no proxy
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 4<<10))
	if err != nil {
		return "", err
	}
	var answered server
	if err := json.Unmarshal(body, &answered); err != nil {
		return "", fmt.Errorf("ask %s who it is: %w", said.Endpoint, err)
	}
	if answered != said {
		return "", errors.New("another process answers at " + said.Endpoint)
	}
	return said.Endpoint, nil
}
