package localkit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"text/template"
	"time"

	"github.com/moby/buildkit/client"
)

const (
	stopGrace    = 10 * time.Second // between asking a process to end and killing it
	startTimeout = 60 * time.Second

	// maxSocket is the longest path of a unix socket: sockaddr_un has 108 bytes, one of them zero.
	maxSocket = 107
)

func daemonConfig() *template.Template {
	return template.Must(template.New("buildkitd.toml").Parse(`root = "{{.Root}}"
[grpc]
  address = ["unix://{{.Socket}}"]
[otel]
  socketPath = "{{.Traces}}"
[worker.oci]
  enabled = true
  binary = "{{.Runtime}}"
  networkMode = "host"
  gc = true
[[worker.oci.gcpolicy]]
  all = true
  maxUsedSpace = "20GB"
[worker.containerd]
  enabled = false
[registry."docker.io"]
  mirrors = ["{{.Registry}}"]
[registry."{{.Registry}}"]
  http = true
`))
}

// startDaemon starts buildkitd and waits until it answers.
func (k *Kit) startDaemon(ctx context.Context, program, runtime string, ownNetwork bool) error {
	socket, err := k.socket()
	if err != nil {
		return err
	}
	config := filepath.Join(k.state, "buildkitd.toml")
	var b bytes.Buffer
	err = daemonConfig().Execute(&b, struct{ Root, Socket, Traces, Runtime, Registry string }{
		filepath.Join(k.state, "root"), socket, filepath.Join(filepath.Dir(socket), "traces.sock"), runtime, k.Registry.Host(),
	})
	if err != nil {
		return err
	}
	if err := os.WriteFile(config, b.Bytes(), 0o644); err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(k.state, "buildkitd.log"))
	if err != nil {
		return err
	}
	defer log.Close()

	cmd := exec.Command(program, "--config", config)
	cmd.Stdout, cmd.Stderr = log, log
	start := cmd.Start
	if ownNetwork {
		start = func() error { return k.startApart(cmd) }
	}
	ended, err := startContained(cmd, start)
	if err != nil {
		return fmt.Errorf("buildkitd: %w", err)
	}
	d := &daemon{process: cmd.Process, ended: make(chan struct{})}
	go func() {
		d.err = <-ended
		close(d.ended)
	}()
	k.undo = append(k.undo, d.stop)
	k.pid = cmd.Process.Pid
	k.addr = "unix://" + socket
	if err := d.ready(ctx, k.addr); err != nil {
		if ctx.Err() != nil {
			return err
		}
		said, _ := os.ReadFile(log.Name()) // best effort: it only explains err
		if reason := afterPrefix(said, "buildkitd: "); reason != "" {
			err = errors.New(reason)
		}
		return fmt.Errorf("buildkitd: %w%s", err, lastLines(stackFrame().ReplaceAll(said, nil), 10))
	}
	return nil
}

// startApart starts cmd in a network namespace of its own, in which the registry listens too. The goroutine is locked to its thread.
func (k *Kit) startApart(cmd *exec.Cmd) error {
	leave, err := enterNetwork()
	if err != nil {
		fmt.Fprintf(k.log, "the daemon shares this machine's network: %v\n", err)
		return cmd.Start()
	}
	defer leave()
	listener, err := net.Listen("tcp", k.Registry.Host())
	if err != nil {
		return err
	}
	k.undo = append(k.undo, func() error {
		listener.Close() // a registry that was closed has closed it
		return nil
	})
	go k.Registry.server.Serve(listener)
	k.ownNetwork = true
	return cmd.Start()
}

// stackFrame matches two lines, a function and its position, of the stack traces that buildkitd ends with.
func stackFrame() *regexp.Regexp { return regexp.MustCompile(`(?m)^[^\t\n]+\n\t.+\.(go|s):\d+\n`) }

// socket is the path to listen on: in the state unless that is too long a path.
func (k *Kit) socket() (string, error) {
	path := filepath.Join(k.state, "buildkitd.sock")
	if len(path) <= maxSocket {
		return path, nil
	}
	dir, err := os.MkdirTemp("", "xbuild-")
	if err != nil {
		return "", err
	}
	k.undo = append(k.undo, func() error { return os.RemoveAll(dir) })
	return filepath.Join(dir, "buildkitd.sock"), nil
}

type daemon struct {
	process *os.Process
	ended   chan struct{} // closed when the process is gone
	err     error         // of the process; read after ended
}

// ready returns when the daemon answers at addr.
func (d *daemon) ready(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout, fmt.Errorf("no answer in %s", startTimeout))
	defer cancel()
	c, err := client.New(ctx, addr)
	if err != nil {
		return err
	}
	defer c.Close()
	for {
		attempt, done := context.WithTimeout(ctx, time.Second)
		_, err := c.ListWorkers(attempt)
		done()
		if err == nil {
			return nil
		}
		select {
		case <-d.ended:
			return fmt.Errorf("it ended at once: %w", d.err)
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// stop asks the daemon to end, then kills it and every process of its steps.
func (d *daemon) stop() error {
	if err := d.process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-d.ended:
		return nil
	case <-time.After(stopGrace):
	}
	if err := d.process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-d.ended
	return nil
}
