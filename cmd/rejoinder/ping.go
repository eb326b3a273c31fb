package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// pingTime is how long to wait for a server's response, longer than its own database check.
const pingTime = 5 * time.Second

func pingCommand(std stdio) *cobra.Command {
	var ready bool
	command := &cobra.Command{
		Use:   "ping",
		Short: "Check that the server on this machine responds",
		Long: "Check that the server that runs on this machine or in this container, with the same settings, responds. The container\n" +
			"image uses this as its health check.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := loadConfig(cmd.Flags(), std)
			if err != nil {
				return err
			}
			path := "/healthz"
			if ready {
				path = "/readyz"
			}
			if err := ping(cmd.Context(), localURL(config.Addr)+path); err != nil {
				return err
			}
			fmt.Fprintln(std.out, "ok")
			return nil
		},
	}
	addFlags(command.Flags())
	command.Flags().BoolVar(&ready, "ready", false, "also check that its database responds and accepts writes")
	return command
}

// ping returns nil if the URL responds with status 200.
func ping(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, pingTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("ping: %w", err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // no proxy for this machine
	answer, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("no server responds: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	said, err := io.ReadAll(io.LimitReader(answer.Body, 1<<10))
	if err != nil {
		return fmt.Errorf("%s responds with %s: %w", url, answer.Status, err)
	}
	return fmt.Errorf("%s responds with %s: %s", url, answer.Status, strings.TrimSpace(string(said)))
}
