package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// generateCommand writes an export to import.
func generateCommand(_ stdio) *cobra.Command {
	var comments int
	var seed uint64
	var into string
	cmd := &cobra.Command{
		Use:   "generate --into FILE",
		Short: "Write an export as WordPress makes them, the same for the same seed",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			if into == "" {
				return usageError{fmt.Errorf("name the file with --into")}
			}
			return writeWXR(into, comments, seed)
		},
	}
	cmd.Flags().IntVar(&comments, "comments", 100_000, "how many comments")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "seed of the random texts")
	cmd.Flags().StringVar(&into, "into", "", "the file to write")
	return cmd
}
