package main

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

// list prints the manifests of an index, and of images the compressed size.
func list(out io.Writer, ref string, index v1.ImageIndex) error {
	manifest, err := index.IndexManifest()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s  %s\n", ref, manifest.MediaType)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, m := range manifest.Manifests {
		if of := m.Annotations["vnd.docker.reference.digest"]; of != "" {
			fmt.Fprintf(w, "  provenance\t%s\tof %.19s…\n", m.Digest, of)
			continue
		}
		img, err := index.Image(m.Digest)
		if err != nil {
			return err
		}
		size, err := compressed(img)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "  %s\t%s\t%.2f MB\n", m.Platform, m.Digest, float64(size)/1e6)
	}
	return w.Flush()
}

// compressed is the number of bytes that a pull transfers.
func compressed(img v1.Image) (int64, error) {
	m, err := img.Manifest()
	if err != nil {
		return 0, err
	}
	size := m.Config.Size
	for _, l := range m.Layers {
		size += l.Size
	}
	return size, nil
}

// answer runs the program of img as a process of this machine, gets / from it and prints what it says.
func answer(ctx context.Context, out io.Writer, img v1.Image) (err error) {
	if runtime.GOOS != "linux" {
		fmt.Fprintf(out, "the images are for Linux: not run on %s\n", runtime.GOOS)
		return nil
	}
	config, err := img.ConfigFile()
	if err != nil {
		return err
	}
	command := append(config.Config.Entrypoint, config.Config.Cmd...)
	if len(command) == 0 {
		return errors.New("the image has no entrypoint")
	}
	dir, err := os.MkdirTemp("", "xbuild-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, path.Base(command[0]))
	if err := extract(img, command[0], program); err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, program, command[1:]...)
	cmd.Dir = dir
	cmd.Env = append(config.Config.Env, "PORT="+port)
	cmd.Stderr = os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	url := "http://127.0.0.1:" + port + "/"
	fmt.Fprintf(out, "\n$ PORT=%s %s\n", port, strings.Join(command, " "))
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		cmd.Wait() // it is signalled: its status says nothing
		close(ended)
	}()
	defer func() {
		cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			cmd.Process.Kill()
			<-ended
		}
	}()
	body, err := get(ctx, url, ended)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "$ curl %s\n%s\n", url, strings.TrimSpace(body))
	return nil
}

// extract writes the file name of an image to dest, as a program.
func extract(img v1.Image, name, dest string) error {
	files := mutate.Extract(img)
	defer files.Close()
	for r := tar.NewReader(files); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("no file %s in the image", name)
		}
		if err != nil {
			return err
		}
		if path.Clean("/"+h.Name) != path.Clean("/"+name) {
			continue
		}
		f, err := os.OpenFile(dest, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o755)
		if err != nil {
			return err
		}
		if _, err := io.Copy(f, r); err != nil {
			f.Close()
			return err
		}
		return f.Close()
	}
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// get waits up to ten seconds for url to answer, or for its server to end.
func get(ctx context.Context, url string, ended <-chan struct{}) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return "", err
		}
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err == nil && resp.StatusCode != http.StatusOK {
				err = fmt.Errorf("GET %s: %s: %s", url, resp.Status, body)
			}
			return string(body), err
		}
		select {
		case <-ended:
			return "", errors.New("the program ended before it answered")
		case <-ctx.Done():
			return "", err
		case <-time.After(20 * time.Millisecond):
		}
	}
}
