package cluster

import (
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"

	"example.com/cloud/internal/store"
)

func TestHandler(t *testing.T) {
	s := store.New("west")
	h := handler{s}
	replicas := int32(3)
	api := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "api"},
		Spec: appsv1.DeploymentSpec{Replicas: &replicas, Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
			Containers: []corev1.Container{{Image: "proxy:2"}, {Image: "api:1"}, {Image: "proxy:2"}},
		}}},
		Status: appsv1.DeploymentStatus{ReadyReplicas: 2},
	}
	h.OnAdd(api, true)
	h.OnAdd(&corev1.Pod{}, true)
	r := deployment(api)
	got, ok := s.Get(r.ID)
	if !ok || got.Healthy() || !slices.Equal(got.Images, []string{"api:1", "proxy:2"}) {
		t.Errorf("got %+v, %v", got, ok)
	}
	h.OnDelete(cache.DeletedFinalStateUnknown{Obj: api})
	if _, ok := s.Get(r.ID); ok {
		t.Error("it is still there")
	}
}

func TestNode(t *testing.T) {
	n := &corev1.Node{Status: corev1.NodeStatus{Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionFalse}}}}
	if node(n).Healthy() {
		t.Error("a node that is not ready is healthy")
	}
	n.Spec.Unschedulable = true
	if !node(n).Healthy() {
		t.Error("a node that is not wanted is not healthy")
	}
}
