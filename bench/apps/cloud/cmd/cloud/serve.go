package main

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/time/rate"
	"k8s.io/klog/v2"

	"example.com/cloud/internal/bucket"
	"example.com/cloud/internal/cluster"
	"example.com/cloud/internal/config"
	"example.com/cloud/internal/health"
	"example.com/cloud/internal/inventory"
	"example.com/cloud/internal/metrics"
	"example.com/cloud/internal/queue"
	"example.com/cloud/internal/retry"
	"example.com/cloud/internal/server"
	"example.com/cloud/internal/store"
)

func serveCommand(path *string) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Watch the cluster, keep snapshots and serve the present state",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := config.Load(*path)
			if err != nil {
				return err
			}
			return serve(cmd.Context(), c)
		},
	}
}

// serve runs until ctx ends or a part of it fails.
func serve(ctx context.Context, c config.Config) error {
	clients, err := connect(ctx, c)
	if err != nil {
		return err
	}
	kube, err := cluster.Client(c.Kubeconfig)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return err
	}
	state := health.NewState(version)
	present := store.New(c.Cluster)
	recorder := &recorder{
		present: present,
		metrics: metrics.New(present),
		bucket:  clients.bucket,
		queue:   clients.queue,
		retry:   retry.Policy{Steps: 5, First: time.Second, Limit: rate.NewLimiter(10, 10)},
	}
	handler := server.Handler(present, clients.token, state, recorder.metrics.Handler())
	synced := make(chan struct{})
	return together(ctx,
		func(ctx context.Context) error {
			return cluster.Watch(ctx, kube, c.Selector, present, func() { state.SetReady(); close(synced) })
		},
		func(ctx context.Context) error { return server.Serve(ctx, l, handler) },
		func(ctx context.Context) error { return recorder.run(ctx, synced, c.Interval.Duration) },
	)
}

// together runs all parts until the first one returns, ends the others, and gives all errors.
func together(ctx context.Context, parts ...func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error)
	for _, part := range parts {
		go func() { done <- part(ctx) }()
	}
	var errs []error
	for range parts {
		errs = append(errs, <-done)
		cancel()
	}
	return errors.Join(errs...)
}

// recorder takes snapshots.
type recorder struct {
	present *store.Store
	metrics *metrics.Metrics
	bucket  *bucket.Bucket
	queue   *queue.Queue // nil announces nothing
	retry   retry.Policy

	last     inventory.Snapshot
	revision uint64
}

// run takes a snapshot at every interval in which something changed, beginning when synced is closed.
// A snapshot that fails is taken again at the next.
func (r *recorder) run(ctx context.Context, synced <-chan struct{}, interval time.Duration) error {
	log := klog.FromContext(ctx)
	select {
	case <-ctx.Done():
		return nil
	case <-synced:
	}
	last, err := r.bucket.Latest(ctx, r.present.Snapshot(time.Now()).Cluster)
	if err != nil && !errors.Is(err, bucket.ErrNone) {
		return err
	}
	r.last = last
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		start := time.Now()
		if revision := r.present.Revision(); revision != r.revision {
			err := r.record(ctx, start)
			r.metrics.Snapshot(time.Since(start), err)
			if err != nil {
				log.Error(err, "snapshot failed")
			} else {
				r.revision = revision
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// record writes a snapshot and announces what changed since the last.
func (r *recorder) record(ctx context.Context, now time.Time) error {
	s := r.present.Snapshot(now)
	err := r.retry.Do(ctx, func(ctx context.Context) error {
		_, err := r.bucket.Put(ctx, s)
		return err
	})
	if err != nil {
		return err
	}
	changes := inventory.Diff(r.last, s)
	if r.queue != nil && len(changes) > 0 {
		err := r.retry.Do(ctx, func(ctx context.Context) error { return r.queue.Announce(ctx, s.Cluster, changes) })
		if err != nil {
			return err
		}
	}
	r.last = s
	return nil
}
