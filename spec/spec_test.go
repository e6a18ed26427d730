package spec_test

import (
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/acme/xbuild/spec"
)

var ignorePlaces cmp.Option = cmpopts.IgnoreUnexported(spec.Spec{})
