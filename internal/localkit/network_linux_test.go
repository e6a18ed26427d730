package localkit_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/acme/xbuild/internal/localkit"
)

// TestOwnNetwork holds that a daemon with a network of its own, and its steps, reach the registry and nothing else that
// listens on this machine. Where no network namespace can be made, the kit says so.
func TestOwnNetwork(t *testing.T) {
	needKit(t)
	registry, err := localkit.NewRegistry(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer registry.Close()
	outside, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer outside.Close()
	possible := networkNamespaces()
	if possible != nil {
		t.Logf("NOT SHOWN: that networks are apart, since there can be none: %v", possible)
	}
	seen := map[string]bool{network(t, os.Getpid()): true}
	for _, own := range []bool{false, true, true} {
		k := start(t, localkit.Options{Registry: registry, OwnNetwork: own})
		if want := own && possible == nil; k.OwnNetwork() != want {
			t.Fatalf("asked for a network of its own: %t; it has one: %t, want %t", own, k.OwnNetwork(), want)
		}
		if ns := network(t, k.PID()); seen[ns] == k.OwnNetwork() {
			t.Errorf("a network of its own: %t, but the daemon is in %s of %v", k.OwnNetwork(), ns, seen)
		} else {
			seen[ns] = true
		}
		pushProgram(t, k, "dial", "dial")
		dial := func(addr string) error {
			dir := folder(t, map[string]string{"Dockerfile": fmt.Sprintf("FROM acme/dial\nRUN [\"/dial\", %q]\n", addr)})
			_, err := k.Build(t.Context(), "acme/dialed:1", dir)
			return err
		}
		if err := dial(registry.Host()); err != nil {
			t.Errorf("a network of its own: %t, the registry can't be reached: %v", k.OwnNetwork(), err)
		}
		err := dial(outside.Addr().String())
		if refused := err != nil && strings.Contains(err.Error(), "connection refused"); refused != k.OwnNetwork() {
			t.Errorf("a network of its own: %t, dialing this machine: %v", k.OwnNetwork(), err)
		}
	}
}

// networkNamespaces says why a process can't have a network namespace of its own here; nil when it can.
func networkNamespaces() error {
	cmd := exec.Command("true")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	return cmd.Run()
}

// network names the network namespace of a process.
func network(t *testing.T, pid int) string {
	t.Helper()
	name, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", pid))
	if err != nil {
		t.Fatal(err)
	}
	return name
}
