// Runc runs the real runc after taking out of a container's description the capabilities that this machine cannot
// give. `docker run --privileged` asks for all there are and fails as a whole when the bounding set lacks one, as it
// does where the lab itself runs in a restricted container or virtual machine.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// Capabilities by number (capabilities(7)); the kernel's bounding set is a mask of these.
var capabilities = []string{
	"CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
	"LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
	"SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
	"SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
	"MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
	"CHECKPOINT_RESTORE",
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "seamless runc:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	missing, err := missingCapabilities()
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		if bundle, given := option(args, "--bundle", "-b"); given || contains(args, "create") || contains(args, "run") {
			if err := rewrite(filepath.Join(bundle, "config.json"), missing, "process"); err != nil {
				return err
			}
		}
		if process, given := option(args, "--process", "-p"); given && contains(args, "exec") {
			if err := rewrite(process, missing); err != nil {
				return err
			}
		}
	}
	runc, err := exec.LookPath("runc")
	if err != nil {
		return err
	}
	return syscall.Exec(runc, append([]string{"runc"}, args...), os.Environ())
}

// missingCapabilities are those that the bounding set of this process lacks.
func missingCapabilities() (map[string]bool, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return nil, err
	}
	var bounding uint64
	for _, line := range strings.Split(string(status), "\n") {
		if value, found := strings.CutPrefix(line, "CapBnd:"); found {
			if _, err := fmt.Sscanf(strings.TrimSpace(value), "%x", &bounding); err != nil {
				return nil, fmt.Errorf("CapBnd in /proc/self/status: %w", err)
			}
		}
	}
	missing := map[string]bool{}
	for number, name := range capabilities {
		if bounding>>number&1 == 0 {
			missing["CAP_"+name] = true
		}
	}
	return missing, nil
}

// rewrite takes the missing capabilities out of the process description found at path in a JSON file.
func rewrite(file string, missing map[string]bool, path ...string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var document map[string]any
	decoder := json.NewDecoder(bytes.NewReader(text))
	// Limits go up to 2^64-1, which a float would not keep.
	decoder.UseNumber()
	if err := decoder.Decode(&document); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	process := document
	for _, key := range path {
		inner, found := process[key].(map[string]any)
		if !found {
			return nil
		}
		process = inner
	}
	sets, found := process["capabilities"].(map[string]any)
	if !found {
		return nil
	}
	for set, value := range sets {
		names, isList := value.([]any)
		if !isList {
			continue
		}
		kept := []any{}
		for _, name := range names {
			if text, isText := name.(string); !isText || !missing[text] {
				kept = append(kept, name)
			}
		}
		sets[set] = kept
	}
	text, err = json.Marshal(document)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

func option(args []string, names ...string) (string, bool) {
	for index, arg := range args {
		for _, name := range names {
			if value, found := strings.CutPrefix(arg, name+"="); found {
				return value, true
			}
			if arg == name && index+1 < len(args) {
				return args[index+1], true
			}
		}
	}
	return "", false
}

func contains(args []string, word string) bool {
	for _, arg := range args {
		if arg == word {
			return true
		}
	}
	return false
}
