// Client asks Nomad's HTTP API by the official client, for the tests of who stands in for Nomad. Each line of standard
// input is a question as JSON, each line of standard output its answer.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/hashicorp/nomad/api"
)

type question struct {
	Ask string          `json:"ask"`
	ID  string          `json:"id"`
	Job json.RawMessage `json:"job"`
	// Index is what a blocking query has seen; it waits for something newer.
	Index uint64 `json:"index"`
	// Wait is how long at most, in milliseconds.
	Wait  int  `json:"wait"`
	Purge bool `json:"purge"`
}

type answer struct {
	Value any    `json:"value,omitempty"`
	Index uint64 `json:"index,omitempty"`
	Error string `json:"error,omitempty"`
}

// The address, the token and the authority come by the environment that the client itself knows: NOMAD_ADDR,
// NOMAD_TOKEN, NOMAD_CACERT.
func main() {
	client, err := api.NewClient(api.DefaultConfig())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	out := json.NewEncoder(os.Stdout)
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<24)
	for in.Scan() {
		var one question
		said := answer{}
		if err := json.Unmarshal(in.Bytes(), &one); err != nil {
			said.Error = err.Error()
		} else if value, index, err := ask(client, one); err != nil {
			said.Error = err.Error()
		} else {
			said = answer{Value: value, Index: index}
		}
		if err := out.Encode(said); err != nil {
			os.Exit(1)
		}
	}
}

func read[T any](value T, meta *api.QueryMeta, err error) (any, uint64, error) {
	if err != nil {
		return nil, 0, err
	}
	return value, meta.LastIndex, nil
}

func ask(client *api.Client, one question) (any, uint64, error) {
	query := &api.QueryOptions{
		WaitIndex: one.Index,
		WaitTime:  time.Duration(one.Wait) * time.Millisecond,
	}
	switch one.Ask {
	case "leader":
		value, err := client.Status().Leader()
		return value, 0, err
	case "self":
		value, err := client.Agent().Self()
		return value, 0, err
	case "nodes":
		return read(client.Nodes().List(query))
	case "node":
		return read(client.Nodes().Info(one.ID, query))
	case "node allocations":
		return read(client.Nodes().Allocations(one.ID, query))
	case "jobs":
		return read(client.Jobs().List(query))
	case "job":
		return read(client.Jobs().Info(one.ID, query))
	case "job allocations":
		return read(client.Jobs().Allocations(one.ID, true, query))
	case "allocation":
		return read(client.Allocations().Info(one.ID, query))
	case "evaluation":
		return read(client.Evaluations().Info(one.ID, query))
	case "services":
		return read(client.Services().List(query))
	case "service":
		return read(client.Services().Get(one.ID, query))
	case "register":
		var job api.Job
		// A field that the client does not know is a mistake of who wrote the job.
		decoder := json.NewDecoder(bytes.NewReader(one.Job))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&job); err != nil {
			return nil, 0, err
		}
		value, meta, err := client.Jobs().Register(&job, nil)
		if err != nil {
			return nil, 0, err
		}
		return value, meta.LastIndex, nil
	case "deregister":
		value, meta, err := client.Jobs().Deregister(one.ID, one.Purge, nil)
		if err != nil {
			return nil, 0, err
		}
		return value, meta.LastIndex, nil
	}
	return nil, 0, fmt.Errorf("unknown question %q", one.Ask)
}
