// Package config reads the settings of the program.
package config

import (
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/yaml"
)

// Config is the content of the settings file.
type Config struct {
	// Cluster names the cluster in keys and messages.
	Cluster string `json:"cluster"`

	// Kubeconfig is a file; "" is the service account of the pod.
	Kubeconfig string `json:"kubeconfig,omitempty"`

	// Selector limits what is watched, in the notation of kubectl. "" is everything.
	Selector string `json:"selector,omitempty"`

	Bucket    Bucket          `json:"bucket"`
	Queue     string          `json:"queue,omitempty"`     // URL; "" announces nothing
	TokenFrom string          `json:"tokenFrom,omitempty"` // name of a secret; "" serves everybody
	Listen    string          `json:"listen,omitempty"`
	Interval  metav1.Duration `json:"interval,omitempty"` // between two snapshots
}

// Bucket is where snapshots go.
type Bucket struct {
	Name   string `json:"name"`
	Prefix string `json:"prefix,omitempty"`
	Region string `json:"region,omitempty"`
}

// Load reads and checks the file at path.
func Load(path string) (Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Config{}, err
	}
	c, err := Parse(data)
	if err != nil {
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// Parse reads and checks data, which is YAML. Unknown keys are errors.
func Parse(data []byte) (Config, error) {
	c := Config{
		Listen:   ":8080",
		Interval: metav1.Duration{Duration: time.Minute},
	}
	if err := yaml.UnmarshalStrict(data, &c); err != nil {
		return Config{}, err
	}
	return c, c.check()
}

func (c Config) check() error {
	var errs []error
	if c.Cluster == "" {
		errs = append(errs, errors.New("cluster is missing"))
	}
	if c.Bucket.Name == "" {
		errs = append(errs, errors.New("bucket.name is missing"))
	}
	if _, err := labels.Parse(c.Selector); err != nil {
		errs = append(errs, fmt.Errorf("selector: %w", err))
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		errs = append(errs, fmt.Errorf("listen: %w", err))
	}
	if c.Interval.Duration < time.Second {
		errs = append(errs, fmt.Errorf("interval: %s is below a second", c.Interval.Duration))
	}
	return errors.Join(errs...)
}
