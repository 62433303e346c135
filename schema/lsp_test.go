// SPDX-License-Identifier: MIT

package schema_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"
)

// message is a JSON-RPC 2.0 message: a request, a response or a notification.
type message struct {
	ID     json.RawMessage `json:"id,omitempty"`
	Method string          `json:"method,omitempty"`
	Params json.RawMessage `json:"params,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  *struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

// server is a language server that speaks LSP 3.17 on its standard input and
// output.
type server struct {
	stdin    io.WriteCloser
	settings map[string]any // what it is told of its configuration, by section

	writing sync.Mutex

	mu       sync.Mutex
	next     int
	answers  map[string]chan message
	findings map[string]chan []diagnostic // by document
	gone     error                        // why nothing is read any more
}

// start runs the command as a language server until the test ends.
func start(t *testing.T, command *exec.Cmd, settings map[string]any) *server {
	t.Helper()
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.WaitDelay = 5 * time.Second
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	s := &server{stdin: stdin, settings: settings, answers: map[string]chan message{}, findings: map[string]chan []diagnostic{}}
	read := make(chan struct{})
	go func() {
		defer close(read)
		s.read(bufio.NewReader(stdout))
	}()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if _, err := s.call(ctx, "shutdown", nil); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := s.notify("exit", nil); err != nil {
			t.Errorf("exit: %v", err)
		}
		_ = stdin.Close()
		ended := time.AfterFunc(10*time.Second, func() { _ = command.Process.Kill() })
		<-read
		if err := command.Wait(); err != nil {
			t.Errorf("language server: %v", err)
		}
		ended.Stop()
	})
	return s
}

// read dispatches what the server writes until it ends.
func (s *server) read(r *bufio.Reader) {
	for {
		m, err := readMessage(r)
		if err != nil {
			s.end(err)
			return
		}
		switch {
		case m.Method == "":
			s.mu.Lock()
			answer := s.answers[string(m.ID)]
			delete(s.answers, string(m.ID))
			s.mu.Unlock()
			if answer != nil {
				answer <- m
			}
		case m.ID != nil:
			if err := s.write(map[string]any{"jsonrpc": "2.0", "id": m.ID, "result": s.reply(m)}); err != nil {
				s.end(err)
				return
			}
		case m.Method == "textDocument/publishDiagnostics":
			s.publish(m.Params)
		}
	}
}

func (s *server) end(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gone = fmt.Errorf("language server: %w", err)
	for id, answer := range s.answers {
		close(answer)
		delete(s.answers, id)
	}
}

// reply answers a request of the server: for its configuration, or to register
// a capability.
func (s *server) reply(m message) any {
	if m.Method != "workspace/configuration" {
		return nil
	}
	var params struct{ Items []struct{ Section string } }
	if err := json.Unmarshal(m.Params, &params); err != nil {
		return nil
	}
	values := make([]any, 0, len(params.Items))
	for _, item := range params.Items {
		values = append(values, s.settings[item.Section])
	}
	return values
}

func readMessage(r *bufio.Reader) (message, error) {
	var m message
	header, err := textproto.NewReader(r).ReadMIMEHeader()
	if err != nil {
		return m, err
	}
	length, err := strconv.Atoi(header.Get("Content-Length"))
	if err != nil || length < 0 || length > 64<<20 {
		return m, fmt.Errorf("message of length %q", header.Get("Content-Length"))
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(r, body); err != nil {
		return m, err
	}
	return m, json.Unmarshal(body, &m)
}

func (s *server) write(m any) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	_, err = fmt.Fprintf(s.stdin, "Content-Length: %d\r\n\r\n%s", len(body), body)
	return err
}

func (s *server) notify(method string, params any) error {
	return s.write(map[string]any{"jsonrpc": "2.0", "method": method, "params": params})
}

// call sends a request and returns the result.
func (s *server) call(ctx context.Context, method string, params any) (json.RawMessage, error) {
	answer := make(chan message, 1)
	s.mu.Lock()
	if s.gone != nil {
		defer s.mu.Unlock()
		return nil, s.gone
	}
	s.next++
	id := s.next
	s.answers[strconv.Itoa(id)] = answer
	s.mu.Unlock()
	if err := s.write(map[string]any{"jsonrpc": "2.0", "id": id, "method": method, "params": params}); err != nil {
		return nil, err
	}
	select {
	case m, ok := <-answer:
		switch {
		case !ok:
			return nil, errors.New("the language server has ended")
		case m.Error != nil:
			return nil, fmt.Errorf("%s: %s (%d)", method, m.Error.Message, m.Error.Code)
		}
		return m.Result, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("%s: %w", method, context.Cause(ctx))
	}
}
