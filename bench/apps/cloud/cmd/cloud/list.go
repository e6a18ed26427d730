package main

import (
	"github.com/spf13/cobra"

	"example.com/cloud/internal/config"
	"example.com/cloud/internal/inventory"
	"example.com/cloud/internal/report"
)

func listCommand(path *string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Print the newest snapshot",
		Args:  cobra.NoArgs,
	}
	format := cmd.Flags().StringP("output", "o", string(report.Table), "table, json or yaml")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := config.Load(*path)
		if err != nil {
			return err
		}
		s, err := latest(cmd, c, c.Cluster)
		if err != nil {
			return err
		}
		return report.Resources(cmd.OutOrStdout(), report.Format(*format), s)
	}
	return cmd
}

func diffCommand(path *string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "diff CLUSTER",
		Short: "Print what another cluster has that differs from this one",
		Args:  cobra.ExactArgs(1),
	}
	format := cmd.Flags().StringP("output", "o", string(report.Table), "table, json or yaml")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := config.Load(*path)
		if err != nil {
			return err
		}
		ours, err := latest(cmd, c, c.Cluster)
		if err != nil {
			return err
		}
		theirs, err := latest(cmd, c, args[0])
		if err != nil {
			return err
		}
		return report.Changes(cmd.OutOrStdout(), report.Format(*format), inventory.Diff(ours, theirs))
	}
	return cmd
}

func latest(cmd *cobra.Command, c config.Config, cluster string) (inventory.Snapshot, error) {
	clients, err := connect(cmd.Context(), c)
	if err != nil {
		return inventory.Snapshot{}, err
	}
	return clients.bucket.Latest(cmd.Context(), cluster)
}
