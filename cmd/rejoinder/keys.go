package main

import (
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"rejoinder/auth"
	"rejoinder/privacy"
)

func keysCommand(std stdio) *cobra.Command {
	rotate := &cobra.Command{
		Use:   "rotate",
		Short: "Create new keys and keep the old ones for reading; restart the server afterwards",
		Args:  noArguments,
		RunE:  withKeys(std, rotateKeys),
	}
	addFlags(rotate.Flags())
	list := &cobra.Command{
		Use:   "list",
		Short: "List the keys with their ages, and which of them encrypt and sign new data",
		Args:  noArguments,
		RunE:  withKeys(std, listKeys),
	}
	addFlags(list.Flags())
	return group("keys", "Administer the keys that encrypt emails and sign access tokens", list, rotate)
}

// allKeys are the keys in a data directory.
type allKeys struct {
	dir     string
	privacy *privacy.Keyring
	tokens  *auth.KeyRing
}

// withKeys returns a command that opens the configured keys without a database.
func withKeys(std stdio, work func(out io.Writer, k allKeys) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, _ []string) error {
		config, err := loadConfig(cmd.Flags(), std)
		if err != nil {
			return err
		}
		keys, err := privacy.Load(config.DataDir, time.Now)
		if err != nil {
			return fmt.Errorf("open keys: %w", err)
		}
		lines := newLogBuffer(os.Stderr)
		defer lines.Flush() // a logging failure cannot be reported
		ring, err := openKeyRing(config, config.logger(lines))
		if err != nil {
			return err
		}
		return work(std.out, allKeys{dir: config.DataDir, privacy: keys, tokens: ring})
	}
}

// listKeys lists the keys without their secrets.
func listKeys(out io.Writer, k allKeys) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "for\tid\tmade\tdays old\t")
	for _, key := range k.privacy.KeyInfo() {
		primary := ""
		if key.Primary {
			primary = "primary"
		}
		fmt.Fprintf(table, "%s\t%d\t%s\t%d\t%s\n", key.Set, key.ID, key.Created.Format(time.RFC3339),
			daysSince(key.Created), primary)
	}
	made := k.tokens.SigningKeySince()
	fmt.Fprintf(table, "access tokens\t-\t%s\t%d\tprimary\n", made.UTC().Format(time.RFC3339), daysSince(made))
	return table.Flush()
}

func daysSince(at time.Time) int { return int(time.Since(at).Hours() / 24) }

func rotateKeys(out io.Writer, k allKeys) error {
	if err := k.privacy.Rotate(); err != nil {
		return fmt.Errorf("rotate privacy keys: %w", err)
	}
	if _, err := k.tokens.Rotate(); err != nil {
		return fmt.Errorf("rotate token keys: %w", err)
	}
	fmt.Fprintf(out, "Made new keys in %s. Back the folder up, and restart the server.\n", k.dir)
	return nil
}
