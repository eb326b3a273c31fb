package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"rejoinder/moderation"
	"rejoinder/notify/webhook"
)

func webhookCommand(std stdio) *cobra.Command {
	return group("webhook", "Administer the webhooks of a site", addWebhookCommand(std), listWebhooksCommand(std),
		actWebhookCommand(std, "test", "Send a test to a webhook, and print the result", testWebhook),
		actWebhookCommand(std, "resume", "Resume a paused webhook", resumeWebhook),
		actWebhookCommand(std, "remove", "Remove a webhook with its secret and its log", removeWebhook))
}

// commandHooks are the use cases of webhooks for commands.
func (a *app) commandHooks() *webhook.Hooks { return a.webhooks(a.config.publicURL(a.config.Addr)) }

func addWebhookCommand(std stdio) *cobra.Command {
	var n webhook.NewWebhook
	var site, kind string
	var events []string
	add := &cobra.Command{
		Use:     "add",
		Short:   "Add a webhook and print its secret, which is not shown again",
		Example: "  rejoinder webhook add --site gazette --name Archive --url https://archive.example/hook --events comment.approved",
		Args:    noArguments,
		RunE: withApp(std, func(cmd *cobra.Command, a *app) error {
			n.Type = webhook.Type(kind)
			for _, e := range events {
				n.Events = append(n.Events, webhook.EventType(e))
			}
			w, secret, err := a.commandHooks().Add(cmd.Context(), moderation.Viewer{}, site, n)
			if err != nil {
				return a.explainWebhook(cmd.Context(), site, err)
			}
			fmt.Fprintf(std.out, "Added webhook %s (%s).\n", w.ID, w.Name)
			if secret != "" {
				fmt.Fprintf(std.out, "Secret, which is not shown again: %s\n", secret)
			}
			return nil
		}),
	}
	addFlags(add.Flags())
	add.Flags().StringVar(&site, "site", "", "slug of the site")
	add.Flags().StringVar(&n.Name, "name", "", "name of the webhook")
	add.Flags().StringVar(&kind, "type", string(webhook.Standard), "standard, slack, discord, mattermost or telegram")
	add.Flags().StringVar(&n.URL, "url", "", "URL to send to")
	add.Flags().StringVar(&n.Chat, "chat", "", "for telegram: ID of the chat")
	add.Flags().StringArrayVar(&events, "events", nil, "type of an event, such as comment.held; may be repeated")
	add.Flags().BoolVar(&n.Email, "email", false, "also send the emails of commenters")
	add.Flags().IntVar(&n.Depth, "depth", 0, "number of waiting comments above which queue.depth is sent")
	return add
}

// explainWebhook turns the errors of use cases into those of commands.
func (a *app) explainWebhook(ctx context.Context, site string, err error) error {
	switch {
	case errors.Is(err, moderation.ErrSiteUnknown):
		return a.noSite(ctx, site)
	case errors.Is(err, moderation.ErrNotFound):
		return fmt.Errorf("the site %s has no such webhook: see \"rejoinder webhook list --site %s\"", site, site)
	}
	return explain(err)
}

func listWebhooksCommand(std stdio) *cobra.Command {
	var site string
	list := &cobra.Command{
		Use:   "list",
		Short: "List the webhooks of a site",
		Args:  noArguments,
		RunE: withExisting(std, func(cmd *cobra.Command, a *app) error {
			_, all, err := a.commandHooks().List(cmd.Context(), moderation.Viewer{}, site)
			if err != nil {
				return a.explainWebhook(cmd.Context(), site, err)
			}
			table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "ID\tNAME\tTYPE\tHOST\tSTATE\tFAILURES\tEVENTS")
			for _, w := range all {
				events := make([]string, len(w.Events))
				for i, e := range w.Events {
					events[i] = string(e)
				}
				fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%d\t%s\n", w.ID, w.Name, w.Type, w.Host, w.State, w.Failures,
					strings.Join(events, " "))
			}
			return table.Flush()
		}),
	}
	addFlags(list.Flags())
	list.Flags().StringVar(&site, "site", "", "slug of the site")
	return list
}

// webhookAct is what a command does to one webhook. It returns what to print.
type webhookAct func(ctx context.Context, hooks *webhook.Hooks, of webhook.Ref) (string, error)

func actWebhookCommand(std stdio, use, short string, act webhookAct) *cobra.Command {
	var of webhook.Ref
	command := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  noArguments,
		RunE: withApp(std, func(cmd *cobra.Command, a *app) error {
			if !moderation.ValidID(of.ID) {
				return usageError{errors.New("--id must be the ID of a webhook, as \"rejoinder webhook list\" prints it")}
			}
			text, err := act(cmd.Context(), a.commandHooks(), of)
			if err != nil {
				return a.explainWebhook(cmd.Context(), of.Site, err)
			}
			_, err = fmt.Fprintln(std.out, text)
			return err
		}),
	}
	addFlags(command.Flags())
	command.Flags().StringVar(&of.Site, "site", "", "slug of the site")
	command.Flags().StringVar(&of.ID, "id", "", "ID of the webhook")
	return command
}

func testWebhook(ctx context.Context, hooks *webhook.Hooks, of webhook.Ref) (string, error) {
	d, err := hooks.Test(ctx, moderation.Viewer{}, of)
	if err == nil && d.Error != "" {
		err = fmt.Errorf("the test failed: %s", d.Error)
	}
	return "The server accepted the test.", err
}

func resumeWebhook(ctx context.Context, hooks *webhook.Hooks, of webhook.Ref) (string, error) {
	w, err := hooks.Resume(ctx, moderation.Viewer{}, of)
	return "The webhook " + w.Name + " is active again.", err
}

func removeWebhook(ctx context.Context, hooks *webhook.Hooks, of webhook.Ref) (string, error) {
	return "The webhook has been removed.", hooks.Remove(ctx, moderation.Viewer{}, of)
}
