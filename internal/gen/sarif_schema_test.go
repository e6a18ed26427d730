//go:build sarif

package gen

import (
	"bytes"
	"os"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestSARIFSchema validates logs against a copy of the published schema, which SARIF_SCHEMA names: its
// licence keeps it out of this repository, so that is done by hand.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json
func TestSARIFSchema(t *testing.T) {
	data, err := os.ReadFile(os.Getenv("SARIF_SCHEMA"))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sarif.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	valid := func(data []byte) error {
		log, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			return err
		}
		return schema.Validate(log)
	}
	for name, f := range map[string]findings{"hostile": hostile(), "none": nil} {
		if err := valid(indented(sarif("v1", f))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if valid([]byte(`{"version": "2.1.0", "runs": [{"results": []}]}`)) == nil {
		t.Error("a run without a tool is valid")
	}
}
