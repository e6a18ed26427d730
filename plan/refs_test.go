package plan_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/acme/xbuild/plan"
)

// TestRefs holds that Refs gives every field that names a step, wherever it is in the step.
func TestRefs(t *testing.T) {
	for _, s := range []plan.Step{
		plan.Context{}, plan.Named{}, plan.Image{}, plan.HTTP{}, plan.System{}, plan.Narrow{}, plan.Prune{}, plan.Std{}, plan.Deps{}, plan.CC{},
		plan.Compile{}, plan.Link{}, plan.Own{}, plan.Tool{}, plan.Setcap{}, plan.Test{}, plan.Dist{Paths: []string{"README.md"}}, plan.Summary{}, plan.Layer{},
	} {
		v := reflect.New(reflect.TypeOf(s)).Elem()
		v.Set(reflect.ValueOf(s))
		n := number(v, 0)
		var want []plan.StepID
		for i := range n {
			want = append(want, plan.StepID(i))
		}
		if got := plan.Refs(v.Interface().(plan.Step)); !slices.Equal(got, want) {
			t.Errorf("%T refers to %v, want %v", s, got, want)
		}
	}
	if got := plan.Refs(plan.Compile{Source: 7, Toolchain: 3, Std: plan.NoStep, Deps: 3}); !slices.Equal(got, []plan.StepID{3, 7}) {
		t.Errorf("got %v", got)
	}
}

// number sets each StepID in v to the next number from n on, and gives the one after them.
func number(v reflect.Value, n int) int {
	switch {
	case v.Type() == reflect.TypeFor[plan.StepID]():
		v.SetInt(int64(n))
		return n + 1
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			n = number(v.Field(i), n)
		}
	case v.Kind() == reflect.Slice && v.CanSet():
		switch v.Type().Elem() {
		case reflect.TypeFor[plan.StepID](), reflect.TypeFor[plan.Outside](), reflect.TypeFor[plan.DistBinary]():
			v.Set(reflect.MakeSlice(v.Type(), 2, 2))
			for i := range 2 {
				n = number(v.Index(i), n)
			}
		}
	}
	return n
}
