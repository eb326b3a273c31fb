package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"rejoinder/db/dbtest"
	"rejoinder/handlers/bare"
)

func benchCommand(con console) *cobra.Command {
	var options benchRead
	read := &cobra.Command{
		Use:   "read",
		Short: "Measure how fast threads are read, beside the limit that gin alone sets",
		Long: "Measure how fast threads are read. It fills a temporary database, starts the server and a bare gin server as\n" +
			"processes of their own, and drives both with wrk (Debian: apt-get install wrk), which must be in PATH. Nothing else\n" +
			"should run on the machine meanwhile. PostgreSQL is the one named, or a private one that is removed at the end.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return options.run(cmd.Context(), con) },
	}
	options.addDatabase(read.Flags())
	options.addFlags(read.Flags(), 3*time.Second)
	return group("bench", "Measure this machine with this program",
		benchAllCommand(con), read, benchWriteCommand(con), benchQueueCommand(con), benchSoakCommand(con), bareCommand(con))
}

// benchAllCommand measures what the others do, in less time.
func benchAllCommand(con console) *cobra.Command {
	var options benchRun
	all := &cobra.Command{
		Use:   "all",
		Short: "Measure reading, writing and a short queue, in less than five minutes",
		Long: "Measure reading, writing and the queue, one after the other, as the other commands do; the queue is one of 20,000\n" +
			"among 60,000 comments. It needs wrk (Debian: apt-get install wrk) in PATH.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			return errors.Join(benchRead{options}.run(ctx, con), benchWrite{options}.run(ctx, con),
				benchQueue{benchRun: options, pending: 20_000, comments: 60_000}.run(ctx, con))
		},
	}
	options.addFlags(all.Flags(), 2*time.Second)
	return all
}

func benchQueueCommand(con console) *cobra.Command {
	var options benchQueue
	queue := &cobra.Command{
		Use:   "queue",
		Short: "Measure how fast a long queue is listed, claimed, counted and decided on",
		Long: "Measure how fast a long queue is listed, claimed, counted and decided on. It fills a temporary database of each\n" +
			"engine, starts the server on it as a process of its own, and has moderators work through the API. Nothing else\n" +
			"should run on the machine meanwhile. Ten million comments take about 20 GB and, on two processors, an hour.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return options.run(cmd.Context(), con) },
	}
	queue.Flags().IntVar(&options.comments, "comments", 10_000_000, "how many comments there are; on SQLite at most 1,000,000")
	queue.Flags().IntVar(&options.pending, "pending", 1_000_000, "how many of them wait; on SQLite at most 100,000")
	options.addDatabase(queue.Flags())
	options.addFlags(queue.Flags(), 5*time.Second)
	return queue
}

func benchWriteCommand(con console) *cobra.Command {
	var options benchWrite
	write := &cobra.Command{
		Use:   "write",
		Short: "Measure how fast submissions are judged and written, beside bare gin that only writes",
		Long: "Measure how fast submissions are judged by the shipped ruleset and written, each durable before it is answered. It\n" +
			"starts the server and a bare gin server that writes one row for each request, as processes of their own, on each\n" +
			"engine. Nothing else should run on the machine meanwhile.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return options.run(cmd.Context(), con) },
	}
	options.addDatabase(write.Flags())
	options.addFlags(write.Flags(), 5*time.Second)
	return write
}

// bareCommand is the limit server, a process of its own as the real one is. Only `bench read` calls it.
func bareCommand(con console) *cobra.Command {
	var from, encoding, rows string
	cmd := &cobra.Command{
		Use: "bare", Short: "Serve one answer of another server, or write rows, with gin alone", Hidden: true, Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			handler, err := bareHandler(cmd.Context(), from, encoding, rows)
			if err != nil {
				return err
			}
			return serveBare(cmd.Context(), con.out, handler)
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "URL of the answer")
	cmd.Flags().StringVar(&encoding, "encoding", "br", "its content coding")
	cmd.Flags().StringVar(&rows, "append", "", "database to write rows to, instead of serving an answer")
	return cmd
}

// bareHandler sends the answer at from, or writes rows.
func bareHandler(ctx context.Context, from, encoding, rows string) (http.Handler, error) {
	if rows != "" {
		appender, err := dbtest.NewAppender(ctx, rows, writers)
		if err != nil {
			return nil, err
		}
		return bare.Writer(appender.Append), nil
	}
	answer, body, err := fetch(ctx, from, http.Header{"Accept-Encoding": {encoding}})
	if err != nil {
		return nil, err
	}
	return bare.Handler(bare.Page{
		Type: answer.Header.Get("Content-Type"), Encoding: answer.Header.Get("Content-Encoding"), Body: body,
	}), nil
}

func serveBare(ctx context.Context, out io.Writer, handler http.Handler) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	config, err := loadConfig(defaultFlags(), func(string) string { return "" })
	if err != nil {
		return err
	}
	server := config.Limits.server(handler)
	stop := context.AfterFunc(ctx, func() { server.Close() }) // Serve says that it was closed
	defer stop()
	fmt.Fprintf(out, "Bare gin is ready at http://%s\n", listener.Addr())
	if err := server.Serve(listener); ctx.Err() == nil {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// fetch reads one answer, as it comes over the line, and requires it to be 200.
func fetch(ctx context.Context, url string, header http.Header) (*http.Response, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("fetch: %w", err)
	}
	request.Header = header
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, nil, fmt.Errorf("fetch: %w", err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, nil, fmt.Errorf("fetch: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return nil, nil, fmt.Errorf("fetch: %s answered %d: %.200s", url, answer.StatusCode, body)
	}
	return answer, body, nil
}
