// SPDX-License-Identifier: MIT

package shim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
)

// reportInitError tells the Runtime API at host:port that the init phase failed,
// so that callers of the function see why.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-initerror
func reportInitError(address, errorType, message string) error {
	body, err := json.Marshal(messages.InvokeResponse_Error{Type: errorType, Message: message})
	if err != nil {
		return fmt.Errorf("describe init error: %w", err)
	}
	url := "http://" + address + "/2018-06-01/runtime/init/error"
	req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("report init error: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Lambda-Runtime-Function-Error-Type", errorType)
	// The Runtime API is on the loopback interface; a proxy never leads there.
	client := http.Client{Transport: &http.Transport{Proxy: nil}, Timeout: 5 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("report init error: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusAccepted {
		return fmt.Errorf("report init error: the runtime API answered %s", resp.Status)
	}
	return nil
}
