package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/privacy"
)

// backupName is the name of a backup's folder: its start time in UTC.
const backupName = "rejoinder-20060102T150405Z"

func backupCommand(std stdio) *cobra.Command {
	var into string
	cmd := &cobra.Command{
		Use:   "backup",
		Short: "Copy the database and the keys to a new folder, even while the server runs",
		Long: "Copy the database and the keys to a new folder below --into, even while the server runs. The copy is a\n" +
			"consistent snapshot. It contains the keys that decrypt every email in it: protect it as well as the server.\n\n" +
			"To restore on SQLite, put the files into an empty data folder. On PostgreSQL, pg_restore the archive into an\n" +
			"empty database and put the keys into the data folder. `rejoinder verify` then checks every counter.",
		Example: "  rejoinder backup --into /var/backups/rejoinder",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			folder, err := backUp(cmd, std, into)
			if err != nil {
				return err
			}
			fmt.Fprintf(std.out, "Backed up to %s.\n", folder)
			return nil
		},
	}
	addFlags(cmd.Flags())
	cmd.Flags().StringVar(&into, "into", "", "parent of the new folder; created if it does not exist")
	return cmd
}

// backUp writes a backup into a new folder and returns its path. It does not migrate the database, since
// backups are also made before upgrades.
func backUp(cmd *cobra.Command, std stdio, into string) (string, error) {
	if into == "" {
		return "", usageError{errors.New("name the parent folder of the backup with --into")}
	}
	config, err := loadConfig(cmd.Flags(), std)
	if err != nil {
		return "", err
	}
	if err := requireDatabase(config); err != nil {
		return "", err
	}
	if err := requireKeys(config); err != nil {
		return "", err
	}
	_, missing := os.Stat(into)
	if err := os.MkdirAll(into, 0o700); err != nil {
		return "", fmt.Errorf("back up: make the folder of --into: %w", err)
	}
	folder := filepath.Join(into, time.Now().UTC().Format(backupName))
	if err := os.Mkdir(folder, 0o700); err != nil {
		return "", fmt.Errorf("back up: %w", err)
	}
	if err := fillBackup(cmd.Context(), config, folder); err != nil {
		err = errors.Join(err, os.RemoveAll(folder))
		if errors.Is(missing, fs.ErrNotExist) {
			_ = os.Remove(into) // it may contain something by now
		}
		return "", err
	}
	return folder, nil
}

// fillBackup copies the database before the keys, so that the backup has every key that the copy needs.
func fillBackup(ctx context.Context, config Config, folder string) error {
	database, err := db.Open(ctx, config.DatabaseURL, db.Options{
		Now: time.Now, AllowReadOnly: true, NoPreparedStatements: config.NoPreparedStmt,
	})
	if err != nil {
		return err
	}
	name := "rejoinder.db"
	if database.Engine() == db.Postgres {
		name = "rejoinder.dump"
	}
	err = database.Backup(ctx, config.DatabaseURL, filepath.Join(folder, name))
	if err := errors.Join(err, database.Close()); err != nil {
		return err
	}
	for _, name := range []string{privacy.FileName, auth.KeyFileName} {
		if err := copyKeys(filepath.Join(config.DataDir, name), filepath.Join(folder, name)); err != nil {
			return fmt.Errorf("back up keys: %w", err)
		}
	}
	return nil
}

// copyKeys copies a key file, if it exists.
func copyKeys(from, to string) error {
	content, err := os.ReadFile(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	file, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Sync(), file.Close())
}
