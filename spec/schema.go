package spec

import (
	"bytes"
	_ "embed"
)

//go:embed schema.json
var schema []byte

// Schema gives the JSON Schema of a spec, draft 2020-12, for editors. It accepts every
// spec that [Parse] does, and refuses most that Parse refuses: a schema can't tell what
// depends on several values.
func Schema() []byte { return bytes.Clone(schema) }
