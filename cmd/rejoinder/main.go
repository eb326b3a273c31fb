package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"rejoinder/handlers/locale"
)

// Exit codes of every command.
const (
	exitDone    = 0
	exitFailed  = 1
	exitMisused = 2
)

// usageError is an error in a command's arguments or configuration.
type usageError struct{ err error }

func (m usageError) Error() string { return m.err.Error() }
func (m usageError) Unwrap() error { return m.err }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	uuid.EnableRandPool() // avoids a system call per request for its ID
	code := run(ctx, stdio{in: os.Stdin, out: os.Stdout, errs: os.Stderr, getenv: os.Getenv,
		environ: os.Environ()}, os.Args[1:])
	stop()
	os.Exit(code)
}

// stdio is the standard streams of a command.
type stdio struct {
	in     io.Reader
	out    io.Writer
	errs   io.Writer
	getenv func(string) string
	// environ is the environment, NAME=VALUE.
	environ []string
}

// run executes a command and returns its exit code.
func run(ctx context.Context, std stdio, args []string) int {
	root := rootCommand(std)
	root.SetArgs(args)
	root.SetIn(std.in)
	root.SetOut(std.out)
	root.SetErr(std.errs)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	fmt.Fprintf(std.errs, "rejoinder: %v\n", err)
	var m usageError
	if errors.As(err, &m) {
		return exitMisused
	}
	return exitFailed
}

func rootCommand(std stdio) *cobra.Command {
	root := &cobra.Command{
		Use:           "rejoinder",
		Short:         "A self-hosted comment backend for publications",
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cmd.Help()
		},
	}
	root.SetFlagErrorFunc(refusedFlag)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(serveCommand(std), pingCommand(std), migrateCommand(std), verifyCommand(std),
		siteCommand(std), moderatorCommand(std), rulesCommand(std), decisionsCommand(std), keyCommand(std), keysCommand(std),
		backupCommand(std), importCommand(std), exportSiteCommand(std), subjectCommand(std),
		mailCommand(std), webhookCommand(std), outsideClassifierCommand(std),
		demoCommand(std), settingsTopic())
	hideSettings(root)
	return root
}

// group returns a command that only contains subcommands.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	parent := &cobra.Command{Use: use, Short: short, Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	parent.AddCommand(commands...)
	return parent
}

// exactly requires n arguments.
func exactly(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == n {
			return nil
		}
		return usageError{
			fmt.Errorf("%s takes %s, not %d (see %s --help)", cmd.Name(), locale.Plural(n, "argument"),
				len(args), cmd.CommandPath()),
		}
	}
}

// version returns the source version recorded by the build.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
