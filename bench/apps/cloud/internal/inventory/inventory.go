// Package inventory is the model of what runs in a cluster.
package inventory

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Kind is the kind of a resource.
type Kind string

const (
	Deployment Kind = "Deployment"
	Node       Kind = "Node"
)

// ID names a resource within a cluster.
type ID struct {
	Kind      Kind   `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
}

// String is kind/namespace/name, without the namespace where there is none.
func (id ID) String() string {
	if id.Namespace == "" {
		return string(id.Kind) + "/" + id.Name
	}
	return string(id.Kind) + "/" + id.Namespace + "/" + id.Name
}

// Compare orders by kind, namespace and name.
func (id ID) Compare(other ID) int {
	return cmp.Or(
		cmp.Compare(id.Kind, other.Kind),
		cmp.Compare(id.Namespace, other.Namespace),
		cmp.Compare(id.Name, other.Name),
	)
}

// Resource is one thing that runs.
type Resource struct {
	ID
	Images []string          `json:"images,omitempty"` // sorted
	Ready  int32             `json:"ready"`
	Want   int32             `json:"want"`
	Labels map[string]string `json:"labels,omitempty"`
}

// Healthy reports whether all that is wanted is ready.
func (r Resource) Healthy() bool { return r.Ready >= r.Want }

// Equal reports whether r and other say the same.
func (r Resource) Equal(other Resource) bool {
	return r.ID == other.ID && r.Ready == other.Ready && r.Want == other.Want &&
		slices.Equal(r.Images, other.Images) && maps.Equal(r.Labels, other.Labels)
}

// Snapshot is a cluster at one time. Its resources are in the order of their IDs.
type Snapshot struct {
	Cluster   string     `json:"cluster"`
	Taken     time.Time  `json:"taken"`
	Resources []Resource `json:"resources"`
}
