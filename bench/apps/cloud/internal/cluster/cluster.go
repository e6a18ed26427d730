// Package cluster watches a Kubernetes cluster.
package cluster

import (
	"context"
	"fmt"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"

	"example.com/cloud/internal/inventory"
)

// resync is how often the watcher tells everything again.
const resync = 10 * time.Minute

// Sink takes what the watcher sees.
type Sink interface {
	Put(inventory.Resource) bool
	Delete(inventory.ID) bool
}

// Client connects to the cluster of a kubeconfig file, or of the pod when that is "".
func Client(kubeconfig string) (kubernetes.Interface, error) {
	c, err := restConfig(kubeconfig)
	if err != nil {
		return nil, err
	}
	return kubernetes.NewForConfig(c)
}

func restConfig(kubeconfig string) (*rest.Config, error) {
	if kubeconfig == "" {
		return rest.InClusterConfig()
	}
	return clientcmd.BuildConfigFromFlags("", kubeconfig)
}

// Watch tells sink about the deployments and nodes that selector matches until ctx ends. It calls synced
// once all that there is was told.
func Watch(ctx context.Context, client kubernetes.Interface, selector string, sink Sink, synced func()) error {
	factory := informers.NewSharedInformerFactoryWithOptions(client, resync,
		informers.WithTweakListOptions(func(o *metav1.ListOptions) { o.LabelSelector = selector }))
	for _, informer := range []cache.SharedIndexInformer{
		factory.Apps().V1().Deployments().Informer(),
		factory.Core().V1().Nodes().Informer(),
	} {
		if _, err := informer.AddEventHandler(handler{sink}); err != nil {
			return err
		}
	}
	factory.Start(ctx.Done())
	defer factory.Shutdown()
	for kind, ok := range factory.WaitForCacheSync(ctx.Done()) {
		if !ok {
			return fmt.Errorf("no list of %s: %w", kind, context.Cause(ctx))
		}
	}
	synced()
	<-ctx.Done()
	return nil
}

// handler is a cache.ResourceEventHandler.
type handler struct{ sink Sink }

func (h handler) OnAdd(obj any, _ bool) { h.put(obj) }
func (h handler) OnUpdate(_, obj any)   { h.put(obj) }

func (h handler) OnDelete(obj any) {
	if last, ok := obj.(cache.DeletedFinalStateUnknown); ok {
		obj = last.Obj
	}
	if r, ok := resource(obj); ok {
		h.sink.Delete(r.ID)
	}
}

func (h handler) put(obj any) {
	if r, ok := resource(obj); ok {
		h.sink.Put(r)
	}
}

// resource gives the inventory's view of a Kubernetes object; false for kinds that it does not know.
func resource(obj any) (inventory.Resource, bool) {
	switch o := obj.(type) {
	case *appsv1.Deployment:
		return deployment(o), true
	case *corev1.Node:
		return node(o), true
	}
	return inventory.Resource{}, false
}

func deployment(d *appsv1.Deployment) inventory.Resource {
	var images []string
	for _, c := range d.Spec.Template.Spec.Containers {
		images = append(images, c.Image)
	}
	slices.Sort(images)
	want := int32(1)
	if d.Spec.Replicas != nil {
		want = *d.Spec.Replicas
	}
	return inventory.Resource{
		ID:     inventory.ID{Kind: inventory.Deployment, Namespace: d.Namespace, Name: d.Name},
		Images: slices.Compact(images),
		Ready:  d.Status.ReadyReplicas,
		Want:   want,
		Labels: d.Labels,
	}
}

func node(n *corev1.Node) inventory.Resource {
	r := inventory.Resource{ID: inventory.ID{Kind: inventory.Node, Name: n.Name}, Want: 1, Labels: n.Labels}
	if n.Spec.Unschedulable {
		r.Want = 0
	}
	for _, c := range n.Status.Conditions {
		if c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue {
			r.Ready = 1
		}
	}
	return r
}
