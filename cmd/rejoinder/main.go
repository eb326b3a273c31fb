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

// Exit codes, as every command keeps them.
const (
	exitDone    = 0
	exitFailed  = 1
	exitMisused = 2
)

// misuse is a fault in how a command was called or configured.
type misuse struct{ err error }

func (m misuse) Error() string { return m.err.Error() }
func (m misuse) Unwrap() error { return m.err }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	uuid.EnableRandPool() // an id for each request should not cost a system call
	os.Exit(run(ctx, console{in: os.Stdin, out: os.Stdout, errs: os.Stderr, getenv: os.Getenv}, os.Args[1:]))
}

// console is where a command reads and writes.
type console struct {
	in     io.Reader
	out    io.Writer
	errs   io.Writer
	getenv func(string) string
}

// run carries one command out and returns its exit code.
func run(ctx context.Context, con console, args []string) int {
	root := rootCommand(con)
	root.SetArgs(args)
	root.SetIn(con.in)
	root.SetOut(con.out)
	root.SetErr(con.errs)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	fmt.Fprintf(con.errs, "rejoinder: %v\n", err)
	var m misuse
	if errors.As(err, &m) {
		return exitMisused
	}
	return exitFailed
}

func rootCommand(con console) *cobra.Command {
	root := &cobra.Command{
		Use:           "rejoinder",
		Short:         "The comment backend that publications run themselves",
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
	root.AddCommand(serveCommand(con), pingCommand(con), migrateCommand(con), verifyCommand(con), siteCommand(con), moderatorCommand(con),
		rulesCommand(con), decisionsCommand(con), keysCommand(con), backupCommand(con), settingsTopic())
	hideSettings(root)
	return root
}

// group is a command that only holds others.
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
		return misuse{fmt.Errorf("%s takes %s, not %d (see %s --help)",
			cmd.Name(), locale.Plural(n, "argument"), len(args), cmd.CommandPath())}
	}
}

// version is what the build recorded of the source it was made from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
