package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/moderation"
)

func migrateCommand(std stdio) *cobra.Command {
	var check bool
	migrate := withApp(std, func(*cobra.Command, *app) error {
		fmt.Fprintln(std.out, "The database has this program's schema.")
		return nil
	})
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Migrate the database to this program's schema",
		Long: "Migrate the database to this program's schema. Every command that opens the database does this, too, even serve.\n" +
			"--check changes nothing; its exit code is 1 if migrations are pending.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, args []string) error {
			if check {
				return checkMigrations(cmd, std)
			}
			return migrate(cmd, args)
		},
	}
	addFlags(cmd.Flags())
	cmd.Flags().BoolVar(&check, "check", false, "only report whether migrations are pending")
	return cmd
}

// checkMigrations opens only the database: it neither needs nor creates keys.
func checkMigrations(cmd *cobra.Command, std stdio) error {
	config, err := loadConfig(cmd.Flags(), std)
	if err != nil {
		return err
	}
	if err := requireDatabase(config); err != nil {
		return err
	}
	database, err := db.Open(cmd.Context(), config.DatabaseURL, db.Options{
		Now: time.Now, AllowReadOnly: true, NoPreparedStatements: config.NoPreparedStmt,
	})
	if err != nil {
		return err
	}
	pending, err := database.NeedsMigration(cmd.Context())
	if err == nil && pending {
		err = errors.New("the database does not have this program's schema yet; run \"rejoinder migrate\"")
	}
	if err = errors.Join(err, database.Close()); err != nil {
		return err
	}
	fmt.Fprintln(std.out, "The database has this program's schema.")
	return nil
}

func verifyCommand(std stdio) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Compare every counter in the database with the rows that it counts",
		Long: "Compare every counter in the database with the rows that it counts. They differ only if another program\n" +
			"wrote to the database. This reads whole tables, which takes a while on a large database.",
		Args: noArguments,
		RunE: withExisting(std, func(cmd *cobra.Command, a *app) error {
			wrong, err := a.db.Miscounts(cmd.Context())
			if err != nil {
				return err
			}
			for _, m := range wrong {
				fmt.Fprintln(std.out, m)
			}
			if len(wrong) > 0 {
				return fmt.Errorf("wrong counters: %d", len(wrong))
			}
			fmt.Fprintln(std.out, "Every counter equals its rows.")
			return nil
		}),
	}
	addFlags(cmd.Flags())
	return cmd
}

// explain turns field faults into a usage error with one line per flag.
func explain(err error) error {
	var invalid *moderation.Invalid
	var faults auth.Invalid
	var lines []string
	switch {
	case errors.As(err, &invalid):
		for _, f := range invalid.Fields {
			lines = append(lines, flagOf(f.Pointer)+": "+f.Detail)
		}
	case errors.As(err, &faults):
		for _, f := range faults {
			if f.Field == "password" { // no flag holds it
				lines = append(lines, "the password "+f.Reason)
				continue
			}
			lines = append(lines, flagOf(f.Field)+" "+f.Reason)
		}
	default:
		return err
	}
	return usageError{errors.New(strings.Join(lines, "\n           "))}
}

// flagOf returns the flag of a field: --origin for /origins/0, --votes for /settings/votes.
func flagOf(pointer string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(pointer, "/"), "settings/"), "/")
	switch name {
	case "origins":
		name = "origin"
	case "scopes", "sites", "sends", "labels":
		name = strings.TrimSuffix(name, "s")
	case "secret":
		name = "secret-stdin or --secret-in-file"
	case "expires_at":
		name = "days or --expires"
	case "key":
		name = "public-keys or --url"
	case "held_words":
		name = "hold-word"
	case "rejected_words":
		name = "reject-word"
	}
	return "--" + strings.ReplaceAll(name, "_", "-")
}

// firstLine reads up to the first line break. Passwords have at most a few hundred bytes.
func firstLine(r io.Reader) (string, error) {
	raw, err := io.ReadAll(io.LimitReader(r, 4<<10))
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(raw), "\n")
	return strings.TrimSuffix(line, "\r"), nil
}
