package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"rejoinder/auth"
	"rejoinder/moderation"
)

// serverKeys creates the administration of server keys.
func (a *app) serverKeys() (*auth.ServerKeys, error) {
	return auth.NewServerKeys(auth.ServerKeysConfig{
		Store: a.db.ForServerKeys(), Log: a.log, Now: time.Now, Random: rand.Reader,
	})
}

func keyCommand(std stdio) *cobra.Command {
	return group("key", "Administer server keys, with which programs such as a CMS use the API",
		addKeyCommand(std), listServerKeysCommand(std), rotateKeyCommand(std), revokeKeyCommand(std))
}

// newKey is the flags of `key add`.
type newKey struct {
	name      string
	scopes    []string
	sites     []string
	days      int
	perMinute int
}

func addKeyCommand(std stdio) *cobra.Command {
	var n newKey
	add := &cobra.Command{
		Use:     "add",
		Short:   "Add a server key and print its secret, which is not shown again",
		Example: "  rejoinder key add --site gazette --scope articles --name cms",
		Args:    noArguments,
		RunE:    withExisting(std, func(cmd *cobra.Command, a *app) error { return n.add(cmd, std, a) }),
	}
	addFlags(add.Flags())
	add.Flags().StringVar(&n.name, "name", "", "name under which the key's actions are logged")
	add.Flags().StringSliceVar(&n.scopes, "scope", nil,
		"what the key may do: "+auth.Alternatives(auth.Scopes())+"; may be repeated")
	add.Flags().StringArrayVar(&n.sites, "site", nil,
		"slug of a site that it may use; may be repeated (default: all sites)")
	add.Flags().IntVar(&n.days, "days", 365, "days until it expires; 0: never")
	add.Flags().IntVar(&n.perMinute, "per-minute", auth.DefaultKeyRate, "maximum number of requests per minute")
	return add
}

func (n newKey) add(cmd *cobra.Command, std stdio, a *app) error {
	if n.days < 0 || n.days > moderation.MaxDays {
		return usageError{fmt.Errorf("--days: must be a number from 0 to %d", moderation.MaxDays)}
	}
	if n.perMinute < 1 {
		n.perMinute = -1 // 0 would stand for the default
	}
	key := auth.NewServerKey{Name: n.name, PerMinute: n.perMinute}
	if n.days > 0 {
		key.ExpiresAt = time.Now().AddDate(0, 0, n.days)
	}
	for _, scope := range n.scopes {
		key.Scopes = append(key.Scopes, auth.Permission(scope))
	}
	var err error
	if key.SiteIDs, err = a.siteIDs(cmd.Context(), n.sites); err != nil {
		return err
	}
	keys, err := a.serverKeys()
	if err != nil {
		return err
	}
	added, secret, err := keys.Add(cmd.Context(), auth.Identity{}, key)
	if err != nil {
		return explain(err)
	}
	fmt.Fprintf(std.out, "Added key %s.\nSecret, which is not shown again: %s\n", added.Name, secret)
	return nil
}

func listServerKeysCommand(std stdio) *cobra.Command {
	list := &cobra.Command{
		Use:   "list",
		Short: "List all server keys, the newest first",
		Args:  noArguments,
		RunE:  withExisting(std, func(cmd *cobra.Command, a *app) error { return listServerKeys(cmd, std, a) }),
	}
	addFlags(list.Flags())
	return list
}

func listServerKeys(cmd *cobra.Command, std stdio, a *app) error {
	keys, err := a.serverKeys()
	if err != nil {
		return err
	}
	all, err := keys.List(cmd.Context(), auth.Identity{})
	if err != nil {
		return err
	}
	slugs, err := a.slugs(cmd.Context())
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tSECRET\tSCOPES\tSITES\tSTATUS\tEXPIRES\tLAST USED\tID")
	for _, k := range all {
		scopes := make([]string, len(k.Scopes))
		for i, scope := range k.Scopes {
			scopes[i] = string(scope)
		}
		fmt.Fprintf(table, "%s\t%s…\t%s\t%s\t%s\t%s\t%s\t%s\n", k.Name, k.Hint, strings.Join(scopes, ","),
			siteList(k.SiteIDs, slugs), k.Status(time.Now()), dateOrNever(k.ExpiresAt), dateOrNever(k.LastUsedAt), k.ID)
	}
	return table.Flush()
}

func dateOrNever(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("2006-01-02 15:04")
}

// selectedKey is the flags that select one key.
type selectedKey struct{ name, id string }

func (s *selectedKey) addTo(cmd *cobra.Command) {
	addFlags(cmd.Flags())
	cmd.Flags().StringVar(&s.name, "name", "", "the key's name")
	cmd.Flags().StringVar(&s.id, "id", "", "the key's ID, if several have the name")
}

// find returns the key that the flags select. Of several with one name, revoked ones do not count.
func (s *selectedKey) find(cmd *cobra.Command, keys *auth.ServerKeys) (auth.ServerKey, error) {
	if (s.name == "") == (s.id == "") {
		return auth.ServerKey{}, usageError{errors.New("name the key with --name or --id")}
	}
	all, err := keys.List(cmd.Context(), auth.Identity{})
	if err != nil {
		return auth.ServerKey{}, err
	}
	all = slices.DeleteFunc(all, func(k auth.ServerKey) bool {
		return s.id != "" && k.ID != s.id || s.name != "" && k.Name != s.name
	})
	revoked := func(k auth.ServerKey) bool { return !k.RevokedAt.IsZero() }
	if open := slices.DeleteFunc(slices.Clone(all), revoked); len(open) > 0 {
		all = open
	}
	switch len(all) {
	case 0:
		return auth.ServerKey{}, errors.New("there is no such key; rejoinder key list names them all")
	case 1:
		return all[0], nil
	}
	return auth.ServerKey{}, fmt.Errorf("%d keys have the name %q; choose one with --id (see rejoinder key list)", len(all), s.name)
}

func rotateKeyCommand(std stdio) *cobra.Command {
	var which selectedKey
	var overlap time.Duration
	rotate := &cobra.Command{
		Use:     "rotate",
		Short:   "Give a server key a new secret and print it; the old one stays valid for a while",
		Example: "  rejoinder key rotate --name cms --overlap 24h",
		Args:    noArguments,
		RunE: withExisting(std, func(cmd *cobra.Command, a *app) error {
			keys, err := a.serverKeys()
			if err != nil {
				return err
			}
			key, err := which.find(cmd, keys)
			if err != nil {
				return err
			}
			key, secret, err := keys.Rotate(cmd.Context(), auth.Identity{}, key.ID, overlap)
			if errors.Is(err, auth.ErrKeyInactive) {
				return fmt.Errorf("key %s was revoked or has expired: add a new one", key.Name)
			}
			if err != nil {
				return explain(err)
			}
			fmt.Fprintf(std.out, "Rotated key %s.\nSecret, which is not shown again: %s\n", key.Name, secret)
			if !key.PreviousUntil.IsZero() {
				fmt.Fprintf(std.out, "The old secret is valid until %s (UTC).\n", dateOrNever(key.PreviousUntil))
			}
			return nil
		}),
	}
	which.addTo(rotate)
	rotate.Flags().DurationVar(&overlap, "overlap", 24*time.Hour, "how long the old secret stays valid, at most 720h")
	return rotate
}

func revokeKeyCommand(std stdio) *cobra.Command {
	var which selectedKey
	revoke := &cobra.Command{
		Use:     "revoke",
		Short:   "Revoke a server key with all its secrets at once",
		Example: "  rejoinder key revoke --name cms",
		Args:    noArguments,
		RunE: withExisting(std, func(cmd *cobra.Command, a *app) error {
			keys, err := a.serverKeys()
			if err != nil {
				return err
			}
			key, err := which.find(cmd, keys)
			if err != nil {
				return err
			}
			if key, err = keys.Revoke(cmd.Context(), auth.Identity{}, key.ID); err != nil {
				return err
			}
			fmt.Fprintf(std.out, "Revoked key %s. Running servers refuse it within %s.\n", key.Name, auth.PrincipalCacheAge)
			return nil
		}),
	}
	which.addTo(revoke)
	return revoke
}
