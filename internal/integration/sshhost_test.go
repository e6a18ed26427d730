package integration

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// sshKey is a new key.
func sshKey(t *testing.T) (ed25519.PrivateKey, ssh.Signer) {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	return key, signer
}

// serveSSH serves the repositories of h over SSH to who has the key, and gives the port.
func (h *gitHost) serveSSH(t *testing.T, allowed ssh.PublicKey) string {
	t.Helper()
	config := &ssh.ServerConfig{PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if string(key.Marshal()) != string(allowed.Marshal()) {
			return nil, errors.New("no such key")
		}
		return nil, nil
	}}
	_, own := sshKey(t)
	config.AddHostKey(own)
	l, err := net.Listen("tcp", net.JoinHostPort(h.ip, "0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go h.serveConn(c, config)
		}
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func (h *gitHost) serveConn(c net.Conn, config *ssh.ServerConfig) {
	defer c.Close()
	_, channels, requests, err := ssh.NewServerConn(c, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for ch := range channels {
		channel, requests, err := ch.Accept()
		if err != nil {
			return
		}
		go h.serveSession(channel, requests)
	}
}

// serveSession runs git-upload-pack and nothing else.
func (h *gitHost) serveSession(channel ssh.Channel, requests <-chan *ssh.Request) {
	defer channel.Close()
	for r := range requests {
		if r.Type != "exec" {
			r.Reply(r.Type == "env", nil)
			continue
		}
		var command struct{ Line string }
		if err := ssh.Unmarshal(r.Payload, &command); err != nil {
			return
		}
		repo, ok := strings.CutPrefix(command.Line, "git-upload-pack ")
		r.Reply(ok, nil)
		if !ok {
			return
		}
		cmd := exec.Command("git", "upload-pack", filepath.Join(h.repos, filepath.Clean("/"+strings.Trim(repo, "'"))))
		cmd.Stdout, cmd.Stderr = channel, channel.Stderr()
		in, err := cmd.StdinPipe()
		if err != nil {
			return
		}
		go func() { io.Copy(in, channel); in.Close() }()
		status := struct{ Code uint32 }{}
		if cmd.Run() != nil {
			status.Code = 1
		}
		channel.SendRequest("exit-status", false, ssh.Marshal(status))
		return
	}
}

// sshAgent serves an agent with the key, and gives its socket.
func sshAgent(t *testing.T, key ed25519.PrivateKey) string {
	t.Helper()
	ring := agent.NewKeyring()
	if err := ring.Add(agent.AddedKey{PrivateKey: key}); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(t.TempDir(), "agent.sock")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { agent.ServeAgent(ring, c); c.Close() }()
		}
	}()
	return socket
}
