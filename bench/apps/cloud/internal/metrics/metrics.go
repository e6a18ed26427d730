// Package metrics tells Prometheus how the program is doing.
package metrics

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"example.com/cloud/internal/inventory"
)

// Counter gives the number of resources of each kind, and how many of them are not healthy.
type Counter interface {
	Count() (total, unhealthy map[inventory.Kind]int)
}

// Metrics is a registry of its own.
type Metrics struct {
	registry  *prometheus.Registry
	snapshots *prometheus.CounterVec
	seconds   prometheus.Histogram
}

// New gives metrics about what c counts.
func New(c Counter) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		snapshots: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cloud_snapshots_total", Help: "Snapshots, by result.",
		}, []string{"result"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "cloud_snapshot_seconds", Help: "Time that a snapshot took.", Buckets: prometheus.ExponentialBuckets(0.01, 4, 6),
		}),
	}
	m.registry.MustRegister(m.snapshots, m.seconds, resources{c}, collectors.NewGoCollector())
	return m
}

// Snapshot notes the end of a snapshot.
func (m *Metrics) Snapshot(took time.Duration, err error) {
	result := "ok"
	if err != nil {
		result = "failed"
	}
	m.snapshots.WithLabelValues(result).Inc()
	m.seconds.Observe(took.Seconds())
}

// Handler serves the metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}

var (
	totalDesc     = prometheus.NewDesc("cloud_resources", "Resources, by kind.", []string{"kind"}, nil)
	unhealthyDesc = prometheus.NewDesc("cloud_resources_unhealthy", "Resources that are not ready, by kind.", []string{"kind"}, nil)
)

// resources is a prometheus.Collector.
type resources struct{ Counter }

func (resources) Describe(ch chan<- *prometheus.Desc) {
	ch <- totalDesc
	ch <- unhealthyDesc
}

func (r resources) Collect(ch chan<- prometheus.Metric) {
	total, unhealthy := r.Count()
	for kind, n := range total {
		ch <- prometheus.MustNewConstMetric(totalDesc, prometheus.GaugeValue, float64(n), string(kind))
		ch <- prometheus.MustNewConstMetric(unhealthyDesc, prometheus.GaugeValue, float64(unhealthy[kind]), string(kind))
	}
}
