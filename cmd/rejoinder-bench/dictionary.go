package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"rejoinder/cmd/rejoinder-bench/wordlists"
	"rejoinder/moderation/text/dictionary"
)

// dictionaryFilePerm is the mode of a file that is committed.
const dictionaryFilePerm = 0o644

func dictionaryCommand(std stdio) *cobra.Command {
	var sources, lists, out string
	build := &cobra.Command{
		Use:   "build-dictionary",
		Short: "Make the embedded dictionary from word lists",
		Long: "Make the embedded dictionary from word lists. docs/dictionary.md says how to fetch them. The same lists give the\n" +
			"same bytes. Words of the shipped lists of offensive words are left out.",
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error { return buildDictionary(std, sources, lists, out) },
	}
	build.Flags().StringVar(&sources, "sources", "", "folder with the word lists")
	build.Flags().StringVar(&lists, "lists", "moderation/rules/lists", "folder with the lists of offensive words")
	build.Flags().StringVar(&out, "out", "moderation/text/dictionary/words.bin", "file to write")
	return build
}

func buildDictionary(std stdio, sources, lists, out string) error {
	if sources == "" {
		return usageError{fmt.Errorf("--sources is missing (see docs/dictionary.md)")}
	}
	words, err := wordlists.Build(sources, lists)
	if err != nil {
		return fmt.Errorf("build dictionary: %w", err)
	}
	data, err := dictionary.Encode(words)
	if err != nil {
		return fmt.Errorf("build dictionary: %w", err)
	}
	if err := os.WriteFile(out, data, dictionaryFilePerm); err != nil {
		return fmt.Errorf("write dictionary: %w", err)
	}
	for _, line := range wordlists.Count(words) {
		fmt.Fprintln(std.out, line)
	}
	fmt.Fprintf(std.out, "%d words, %d bytes\n", len(words), len(data))
	return nil
}
