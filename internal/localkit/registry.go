package localkit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Registry is an image registry in this process, without TLS, on a port of 127.0.0.1. A repository is
// named without the host: "acme/base:1".
type Registry struct {
	host   string
	blobs  *blobs
	meter  meter
	server *http.Server // serves further listeners too, which their owners close
	stop   func() error
	close  sync.Once
}

// NewRegistry starts an empty registry that keeps its blobs in dir, which it creates. It listens where the last
// registry of dir did, if that port is free.
func NewRegistry(dir string) (*Registry, error) {
	content := filepath.Join(dir, "blobs")
	if err := os.RemoveAll(content); err != nil { // of the last one, whose manifests were in memory
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	record := filepath.Join(dir, "address")
	const anyPort = "127.0.0.1:0"
	last, err := os.ReadFile(record)
	if err != nil {
		last = []byte(anyPort)
	}
	listener, err := net.Listen("tcp", strings.TrimSpace(string(last)))
	if err != nil {
		listener, err = net.Listen("tcp", anyPort)
	}
	if err != nil {
		return nil, err
	}
	host := listener.Addr().String()
	if err := os.WriteFile(record, []byte(host+"\n"), 0o644); err != nil {
		listener.Close()
		return nil, err
	}
	r := &Registry{host: host, blobs: &blobs{dir: content}}
	silent := log.New(io.Discard, "", 0)
	r.server = &http.Server{
		ErrorLog: silent,
		Handler: r.meter.measure(registry.New(registry.WithBlobHandler(r.blobs), registry.Logger(silent),
			registry.WithReferrersSupport(true))),
	}
	r.stop = func() error {
		err := r.server.Close()
		listener.Close() // the server has it only once Serve runs
		return err
	}
	go r.server.Serve(listener)
	return r, nil
}

// Host is the "127.0.0.1:port" that the registry listens on.
func (r *Registry) Host() string { return r.host }

// Close stops the registry.
func (r *Registry) Close() error {
	var err error
	r.close.Do(func() { err = r.stop() })
	return err
}

// Ref is the full reference of a repository of this registry, with the tag or digest it came with.
func (r *Registry) Ref(repo string) string { return r.host + "/" + repo }

func (r *Registry) parse(repo string) (name.Reference, error) {
	return name.ParseReference(r.Ref(repo), name.Insecure)
}

// Push stores an image or an index, with all it refers to, under repo, and gives repo@digest.
func (r *Registry) Push(ctx context.Context, repo string, t remote.Taggable) (string, error) {
	ref, err := r.parse(repo)
	if err != nil {
		return "", err
	}
	p, err := remote.NewPusher(remote.WithContext(ctx))
	if err != nil {
		return "", err
	}
	if err := p.Push(ctx, ref, t); err != nil {
		return "", fmt.Errorf("push %s: %w", ref, err)
	}
	digest, err := r.Digest(ctx, repo)
	if err != nil {
		return "", err
	}
	return ref.Context().RepositoryStr() + "@" + digest, nil
}

// Index reads the image index at repo.
func (r *Registry) Index(ctx context.Context, repo string) (v1.ImageIndex, error) {
	ref, err := r.parse(repo)
	if err != nil {
		return nil, err
	}
	return remote.Index(ref, remote.WithContext(ctx))
}

// Digest is that of the image or index at repo.
func (r *Registry) Digest(ctx context.Context, repo string) (string, error) {
	ref, err := r.parse(repo)
	if err != nil {
		return "", err
	}
	desc, err := remote.Head(ref, remote.WithContext(ctx))
	if err != nil {
		return "", err
	}
	return desc.Digest.String(), nil
}

// Image reads the image at repo; of an index, the image of platform. It is lazy: layers are read when asked for.
func (r *Registry) Image(ctx context.Context, repo string, platform v1.Platform) (v1.Image, error) {
	ref, err := r.parse(repo)
	if err != nil {
		return nil, err
	}
	return remote.Image(ref, remote.WithContext(ctx), remote.WithPlatform(platform))
}

// blobs is a folder of files <algorithm>/<hex>, as in an OCI layout, and more such folders to read.
// A blob appears under its name complete.
type blobs struct {
	dir string

	mu   sync.Mutex
	more []string // read, never written
}

// also serves the blobs of another folder too.
func (b *blobs) also(dir string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.more = append(b.more, dir)
}

func (b *blobs) open(h v1.Hash) (*os.File, error) {
	b.mu.Lock()
	dirs := append([]string{b.dir}, b.more...)
	b.mu.Unlock()
	for _, dir := range dirs {
		f, err := os.Open(filepath.Join(dir, h.Algorithm, h.Hex))
		if !errors.Is(err, fs.ErrNotExist) {
			return f, err
		}
	}
	return nil, registry.ErrNotFound
}

func (b *blobs) Get(_ context.Context, _ string, h v1.Hash) (io.ReadCloser, error) {
	return b.open(h)
}

func (b *blobs) Stat(_ context.Context, _ string, h v1.Hash) (int64, error) {
	f, err := b.open(h)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (b *blobs) Put(_ context.Context, _ string, h v1.Hash, content io.ReadCloser) (err error) {
	defer content.Close()
	dir := filepath.Join(b.dir, h.Algorithm)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "upload-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	if _, err := io.Copy(f, content); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), filepath.Join(dir, h.Hex))
}
