package gen

import (
	"github.com/acme/xbuild/spec"
	"github.com/spf13/cobra"
)

func schemaCommand() *cobra.Command {
	var out output
	cmd := &cobra.Command{
		Use:   "schema",
		Short: "Write the JSON Schema of the spec, for editors",
		Long: `Write the JSON Schema of the spec, for editors. The YAML language server takes it by a line in the spec:

  # yaml-language-server: $schema=xbuild.schema.json`,
		Example: `  gen schema -o xbuild.schema.json`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return out.write(cmd, spec.Schema())
		},
	}
	out.options(cmd)
	return cmd
}
