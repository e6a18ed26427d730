package ident

import "testing"

func TestNew(t *testing.T) {
	a, b := New("order"), New("order")
	if a == b || !Valid("order", a) || !Valid("order", b) {
		t.Errorf("got %s and %s", a, b)
	}
	for _, name := range []string{"", "order", "order-1", "parcel" + a[len("order"):]} {
		if Valid("order", name) {
			t.Errorf("%q is valid", name)
		}
	}
}
