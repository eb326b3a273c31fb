package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"rejoinder/db/dbtest"
	"rejoinder/handlers/bare"
)

// bareCommand runs the baseline server as a separate process, like the real one. Only the benchmarks call it.
func bareCommand(std stdio) *cobra.Command {
	var from, encoding, rows string
	cmd := &cobra.Command{
		Use:    "bare",
		Short:  "Serve one response of another server, or write rows, with gin alone",
		Hidden: true,
		Args:   noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			handler, err := bareHandler(cmd.Context(), from, encoding, rows)
			if err != nil {
				return err
			}
			return serveBare(cmd.Context(), std.out, handler)
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "URL of the response")
	cmd.Flags().StringVar(&encoding, "encoding", "br", "its content encoding")
	cmd.Flags().StringVar(&rows, "append", "", "database to write rows to, instead of serving a response")
	return cmd
}

// bareHandler sends the prepared response, or writes rows.
func bareHandler(ctx context.Context, from, encoding, rows string) (http.Handler, error) {
	if rows != "" {
		appender, err := dbtest.NewAppender(ctx, rows, submitters)
		if err != nil {
			return nil, err
		}
		return bare.Writer(appender.Append), nil
	}
	response, body, err := fetch(ctx, from, http.Header{"Accept-Encoding": {encoding}})
	if err != nil {
		return nil, err
	}
	return bare.Handler(bare.Page{
		Type: response.Header.Get("Content-Type"), Encoding: response.Header.Get("Content-Encoding"), Body: body,
	}), nil
}

// serveBare uses timeouts like the real server's, since setting deadlines has a cost.
func serveBare(ctx context.Context, out io.Writer, handler http.Handler) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 20 * time.Second,
		WriteTimeout: 45 * time.Second, IdleTimeout: 2 * time.Minute,
	}
	stop := context.AfterFunc(ctx, func() { server.Close() }) // makes Serve return
	defer stop()
	fmt.Fprintf(out, "Bare gin is ready at http://%s\n", listener.Addr())
	if err := server.Serve(listener); ctx.Err() == nil {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// fetch reads one response without decoding it, and requires status 200.
func fetch(ctx context.Context, url string, header http.Header) (*http.Response, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("fetch: %w", err)
	}
	request.Header = header
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, nil, fmt.Errorf("fetch: %w", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, nil, fmt.Errorf("fetch: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, nil, fmt.Errorf("fetch: %s returned %d: %.200s", url, response.StatusCode, body)
	}
	return response, body, nil
}
