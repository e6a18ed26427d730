package localkit_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/acme/xbuild/internal/localkit"
)

// owner names the variable that makes the test binary a program which starts a kit, says where
// its state is, and waits for a signal.
const owner = "XBUILD_TEST_KIT_OWNER"

func TestMain(m *testing.M) {
	if os.Getenv(owner) == "" {
		os.Exit(m.Run())
	}
	if err := own(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func own() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	k, err := localkit.Start(ctx, localkit.Options{Log: os.Stderr})
	if err != nil {
		return err
	}
	defer k.Close()
	fmt.Println(k.State())
	<-ctx.Done()
	return k.Close()
}

func TestSignalToOwner(t *testing.T) {
	needKit(t)
	start(t, localkit.Options{}).Close() // skips where no kit can be
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL} {
		t.Run(s.String(), func(t *testing.T) {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), owner+"=1")
			cmd.Stderr = testLog{t}
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			line, err := bufio.NewReader(out).ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			state := strings.TrimSpace(line)
			if len(running(t, state)) == 0 {
				t.Fatalf("no process of %s", state)
			}
			if err := cmd.Process.Signal(s); err != nil {
				t.Fatal(err)
			}
			err = cmd.Wait()
			if s == syscall.SIGKILL {
				eventually(t, "the daemon is gone", func() bool { return len(running(t, state)) == 0 })
				return
			}
			if err != nil {
				t.Errorf("owner: %v", err)
			}
			gone(t, state)
			if _, err := os.Stat(state); !os.IsNotExist(err) {
				t.Errorf("state %s is left", state)
			}
		})
	}
}
