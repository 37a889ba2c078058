// Cni reads CNI files and calls CNI plugins by the libraries that a client of Nomad has for it, in the way of such a client.
// What is asked comes as JSON on standard input, the answer as JSON on standard output.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	gocni "github.com/containerd/go-cni"
	"github.com/containernetworking/cni/libcni"
)

type request struct {
	ConfigDir string `json:"configDir"`
	// Path has several folders with colons between them.
	Path  string              `json:"path"`
	Name  string              `json:"name"`
	ID    string              `json:"id"`
	Netns string              `json:"netns"`
	Args  [][2]string         `json:"args"`
	Ports []gocni.PortMapping `json:"ports"`
}

type status struct {
	InterfaceName string
	Address       string
	AddressIPv6   string `json:",omitempty"`
	DNS           *dns   `json:",omitempty"`
}

type dns struct {
	Servers, Searches, Options []string
}

func main() {
	if len(os.Args) != 2 {
		fail(errors.New("usage: cni networks|setup|check|remove"))
	}
	var asked request
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		fail(err)
	}
	answer, err := run(os.Args[1], asked)
	if err != nil {
		fail(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func run(command string, asked request) (any, error) {
	if command == "networks" {
		return networks(asked.ConfigDir)
	}
	conf, err := find(asked.ConfigDir, asked.Name)
	if err != nil {
		return nil, fmt.Errorf("failed to load CNI config: %v", err)
	}
	cni, err := gocni.New(
		gocni.WithPluginDir(filepath.SplitList(asked.Path)),
		gocni.WithInterfacePrefix("eth"),
	)
	if err != nil {
		return nil, err
	}
	if err := cni.Load(gocni.WithConfListBytes(conf)); err != nil {
		return nil, err
	}
	ports := gocni.WithCapabilityPortMap(asked.Ports)
	ctx := context.Background()
	switch command {
	case "setup":
		options := []gocni.NamespaceOpts{ports}
		for _, arg := range asked.Args {
			options = append(options, gocni.WithArgs(arg[0], arg[1]))
		}
		result, err := cni.Setup(ctx, asked.ID, asked.Netns, options...)
		if err != nil {
			return nil, err
		}
		return read(result)
	case "check":
		return struct{}{}, cni.Check(ctx, asked.ID, asked.Netns, ports)
	case "remove":
		return struct{}{}, cni.Remove(ctx, asked.ID, asked.Netns, ports)
	}
	return nil, fmt.Errorf("unknown command %q", command)
}

var endings = []string{".conf", ".conflist", ".json"}

// load reads one file: its name, and its bytes.
func load(file string) (string, []byte, error) {
	if strings.HasSuffix(file, ".conflist") {
		list, err := libcni.ConfListFromFile(file)
		if err != nil {
			return "", nil, fmt.Errorf("failed to load CNI config list file %s: %v", file, err)
		}
		return list.Name, list.Bytes, nil
	}
	conf, err := libcni.ConfFromFile(file)
	if err != nil {
		return "", nil, fmt.Errorf("failed to load CNI config file %s: %v", file, err)
	}
	return conf.Network.Name, conf.Bytes, nil
}

// networks names those of the folder once each; none where there is no folder.
func networks(folder string) ([]string, error) {
	names := []string{}
	if _, err := os.Stat(folder); os.IsNotExist(err) {
		return names, nil
	}
	files, err := libcni.ConfFiles(folder, endings)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		name, _, err := load(file)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, nil
}

// find stops at the first file of that name, or at one before it that cannot be read.
func find(folder, wanted string) ([]byte, error) {
	files, err := libcni.ConfFiles(folder, endings)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no CNI network config found in %s", folder)
	}
	sort.Strings(files)
	for _, file := range files {
		name, bytes, err := load(file)
		if err != nil {
			return nil, err
		}
		if name == wanted {
			return bytes, nil
		}
	}
	return nil, fmt.Errorf("CNI network config not found for name %q", wanted)
}

// read takes the first interface inside the namespace that has an address, else the first that has one.
func read(result *gocni.Result) (*status, error) {
	names := make([]string, 0, len(result.Interfaces))
	for name := range result.Interfaces {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, inside := range []bool{true, false} {
		for _, name := range names {
			found := result.Interfaces[name]
			if len(found.IPConfigs) == 0 || (inside && found.Sandbox == "") {
				continue
			}
			return statusOf(name, found, result), nil
		}
	}
	return nil, errors.New("failed to configure network: no interface with an address")
}

func statusOf(name string, found *gocni.Config, result *gocni.Result) *status {
	is := &status{InterfaceName: name}
	for _, config := range found.IPConfigs {
		switch {
		case config.IP.To4() != nil && is.Address == "":
			is.Address = config.IP.String()
		case config.IP.To4() == nil && is.AddressIPv6 == "":
			is.AddressIPv6 = config.IP.String()
		}
	}
	if is.Address == "" {
		is.Address = is.AddressIPv6
	}
	for _, one := range result.DNS {
		if len(one.Nameservers) > 0 {
			is.DNS = &dns{one.Nameservers, one.Search, one.Options}
			break
		}
	}
	return is
}
