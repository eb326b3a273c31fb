package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"rejoinder/privacy"
)

func keysCommand(con console) *cobra.Command {
	rotate := &cobra.Command{
		Use:   "rotate",
		Short: "Make new keys for emails, indexes and access tokens; old ones stay readable. Restart the server afterwards",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return rotateKeys(cmd, con)
		},
	}
	addFlags(rotate.Flags())
	return group("keys", "Administer keys", rotate)
}

func rotateKeys(cmd *cobra.Command, con console) error {
	config, err := loadConfig(cmd.Flags(), con.getenv)
	if err != nil {
		return err
	}
	keys, err := privacy.Load(config.DataDir, time.Now)
	if err != nil {
		return fmt.Errorf("open keys: %w", err)
	}
	lines := newLogBuffer(os.Stderr)
	defer lines.Flush() // what can't be logged has nowhere to be reported
	ring, err := openKeyRing(config, config.logger(lines))
	if err != nil {
		return err
	}
	if err := keys.Rotate(); err != nil {
		return fmt.Errorf("rotate privacy keys: %w", err)
	}
	if _, err := ring.Rotate(); err != nil {
		return fmt.Errorf("rotate token keys: %w", err)
	}
	fmt.Fprintf(con.out, "Made new keys in %s. Back the folder up, and restart the server.\n", config.DataDir)
	return nil
}
