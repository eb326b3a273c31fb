package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// Exit codes, the same as those of the rejoinder command.
const (
	exitDone    = 0
	exitFailed  = 1
	exitMisused = 2
)

// usageError is a mistake in the command line.
type usageError struct{ error }

// stdio holds a command's output streams.
type stdio struct{ out, errs io.Writer }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, stdio{out: os.Stdout, errs: os.Stderr}, os.Args[1:])
	stop()
	os.Exit(code)
}

// run executes one command and returns its exit code.
func run(ctx context.Context, std stdio, args []string) int {
	root := rootCommand(std)
	root.SetArgs(args)
	root.SetOut(std.out)
	root.SetErr(std.errs)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	fmt.Fprintf(std.errs, "rejoinder-bench: %v\n", err)
	if errors.As(err, new(usageError)) {
		return exitMisused
	}
	return exitFailed
}

func rootCommand(std stdio) *cobra.Command {
	root := &cobra.Command{
		Use:   "rejoinder-bench",
		Short: "Measure Rejoinder on this machine",
		Long: "Measure Rejoinder on this machine. Each benchmark fills temporary databases, starts the server as a separate\n" +
			"process and drives it. Run nothing else meanwhile. PostgreSQL is a private server that is removed at the end,\n" +
			"unless --database names one.",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArguments,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w (see %s --help)", err, cmd.CommandPath())}
	})
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(allCommand(std), readCommand(std), writeCommand(std), queueCommand(std), scaleCommand(std), soakCommand(std),
		anatomyCommand(std), outsideCommand(std), bareCommand(std), generateCommand(std), trainHostilityCommand(std),
		dictionaryCommand(std), clusterCommand(std))
	return root
}

func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usageError{fmt.Errorf("unknown command or argument %q (see %s --help)", args[0], cmd.CommandPath())}
}

// allCommand runs the other benchmarks in short form.
func allCommand(std stdio) *cobra.Command {
	var o options
	all := &cobra.Command{
		Use:   "all",
		Short: "Measure reads, writes and a short queue in less than five minutes",
		Long: "Run the benchmarks read, write and queue one after the other, with a queue of 20,000 among 60,000 comments.\n" +
			"Needs wrk (Debian: apt-get install wrk) in PATH.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			return errors.Join(readBench{o}.run(ctx, std), writeBench{o}.run(ctx, std),
				queueBench{options: o, pending: 20_000, comments: 60_000}.run(ctx, std))
		},
	}
	o.addFlags(all.Flags(), 2*time.Second)
	return all
}

func readCommand(std stdio) *cobra.Command {
	var bench readBench
	read := &cobra.Command{
		Use:   "read",
		Short: "Measure how fast threads are served, against bare gin",
		Long: "Measure how fast threads are served, against a bare gin server that sends the same bytes. Both are driven with wrk\n" +
			"(Debian: apt-get install wrk), which must be in PATH.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return bench.run(cmd.Context(), std) },
	}
	bench.addDatabase(read.Flags())
	bench.addFlags(read.Flags(), 3*time.Second)
	return read
}

func writeCommand(std stdio) *cobra.Command {
	var bench writeBench
	write := &cobra.Command{
		Use:   "write",
		Short: "Measure how fast submissions are judged and stored, against bare gin with one INSERT",
		Long: "Measure how fast submissions are judged by the shipped ruleset and stored; each is durable before it is answered.\n" +
			"The baseline is a bare gin server that writes one row per request to the same engine.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return bench.run(cmd.Context(), std) },
	}
	bench.addDatabase(write.Flags())
	bench.addFlags(write.Flags(), 5*time.Second)
	return write
}

func queueCommand(std stdio) *cobra.Command {
	var bench queueBench
	queue := &cobra.Command{
		Use:   "queue",
		Short: "Measure how fast a long queue is listed, claimed, counted and decided",
		Long: "Measure how fast a long queue is listed, claimed, counted and decided through the API. Ten million comments take\n" +
			"about 20 GB and, on two processors, an hour.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return bench.run(cmd.Context(), std) },
	}
	queue.Flags().IntVar(&bench.comments, "comments", 10_000_000, "number of comments; at most 1,000,000 on SQLite")
	queue.Flags().IntVar(&bench.pending, "pending", 1_000_000, "how many of them are pending; at most 100,000 on SQLite")
	bench.addDatabase(queue.Flags())
	bench.addFlags(queue.Flags(), 5*time.Second)
	return queue
}

func scaleCommand(std stdio) *cobra.Command {
	var bench scaleBench
	scale := &cobra.Command{
		Use:   "scale",
		Short: "Compare ten million comments with ten thousand",
		Long: "Measure threads, submissions, the queue, search and a backtest of 30 days with a few comments, then with many.\n" +
			"There is an article for every 100 comments and a commenter for every 10; one comment in ten is pending. Ten million\n" +
			"comments take about 25 GB on each engine and, on two processors, half an hour to write.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return bench.run(cmd.Context(), std) },
	}
	scale.Flags().IntVar(&bench.large, "comments", 10_000_000, "number of comments in the large database")
	scale.Flags().IntVar(&bench.small, "small", 10_000, "number of comments in the small database")
	scale.Flags().StringVar(&bench.only, "only", "", "sqlite or postgres: measure only this engine")
	bench.addDatabase(scale.Flags())
	bench.addFlags(scale.Flags(), 5*time.Second)
	return scale
}

func soakCommand(std stdio) *cobra.Command {
	var bench soakBench
	soak := &cobra.Command{
		Use:   "soak",
		Short: "Run a mixed load for an hour and fail if the server grows",
		Long: "Run a mixed load of submissions, threads, live streams and decisions for half an hour on each engine. Fails if memory\n" +
			"or goroutines grow by more than a tenth from the second quarter of the run to the last, or if a counter in the\n" +
			"database differs from its rows at the end.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return bench.run(cmd.Context(), std) },
	}
	bench.addDatabase(soak.Flags())
	bench.addFlags(soak.Flags(), 30*time.Minute)
	return soak
}
