package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"rejoinder/auth"
	"rejoinder/handlers/locale"
)

// newModerator is the flags of `moderator add`.
type newModerator struct {
	email, name, role string
	language          string
	sites             []string
	passwordStdin     bool
	generate          bool
}

func moderatorCommand(std stdio) *cobra.Command {
	return group(
		"moderator",
		"Administer moderators",
		addModeratorCommand(std),
		listModeratorsCommand(std),
		changeModeratorCommand(std),
		accountCommand(std, account{
			use:   "disable",
			short: "Disable an account: end its sessions and refuse sign-ins",
			do:    disableModerator(true),
		}),
		accountCommand(std,
			account{use: "enable", short: "Let a disabled moderator sign in again", do: disableModerator(false)}),
		accountCommand(std, account{use: "reset-password", do: resetPassword,
			short: "Print a new password, which must be changed at the next sign-in, and end all sessions"}),
		accountCommand(std, account{use: "unlock", do: unlockModerator,
			short: "Clear a moderator's failed sign-ins, so the next attempt is not delayed"}),
		accountCommand(std, account{use: "reset-second-factor", do: resetSecondFactor,
			short: "Turn off the second factor of a moderator who has lost it"}),
		languageCommand(std),
		accountCommand(std, account{use: "unlink", do: unlinkModerator,
			short: "Unlink an account from its identity provider, and end all its sessions"}),
	)
}

func addModeratorCommand(std stdio) *cobra.Command {
	var n newModerator
	add := &cobra.Command{
		Use:     "add",
		Short:   "Add a moderator; the password is read from standard input, or generated",
		Example: "  rejoinder moderator add --email eve@gazette.example --name Eve --role admin --password-stdin < password.txt",
		Args:    noArguments,
		RunE: withApp(std, func(cmd *cobra.Command, a *app) error {
			return n.add(cmd, std, a)
		}),
	}
	addFlags(add.Flags())
	add.Flags().StringVar(&n.email, "email", "", "email to sign in with")
	add.Flags().StringVar(&n.name, "name", "", "name under which decisions are logged")
	add.Flags().StringVar(&n.role, "role", string(auth.RoleModerator), auth.Alternatives(auth.Roles()))
	add.Flags().StringArrayVar(&n.sites, "site", nil, "slug of a site to work on; may be repeated (default: all sites)")
	add.Flags().StringVar(&n.language, "language", "", languageUsage)
	add.Flags().BoolVar(&n.passwordStdin, "password-stdin", false,
		"read the password from the first line of standard input")
	add.Flags().BoolVar(&n.generate, "generate-password", false,
		"generate and print a password, which must be changed at the first sign-in")
	return add
}

func (n newModerator) add(cmd *cobra.Command, std stdio, a *app) error {
	password, err := n.password(std)
	if err != nil {
		return err
	}
	if err := checkLanguage(n.language); err != nil {
		return err
	}
	siteIDs, err := a.siteIDs(cmd.Context(), n.sites)
	if err != nil {
		return err
	}
	accounts, err := a.accounts(a.config.publicURL(a.config.Addr))
	if err != nil {
		return err
	}
	m, err := accounts.Register(cmd.Context(), auth.NewModerator{
		Email:              n.email,
		Name:               n.name,
		Role:               auth.Role(n.role),
		SiteIDs:            siteIDs,
		Language:           n.language,
		Password:           password,
		MustChangePassword: n.generate,
	})
	if err != nil {
		return explain(err)
	}
	fmt.Fprintf(std.out, "Added %s %s.\n", m.Role, m.Name)
	if n.generate {
		fmt.Fprintf(std.out, "Password, to be changed at the first sign-in: %s\n", password)
	}
	return nil
}

const languageUsage = "language of the console and of mail, such as de; empty: as the browser asks"

// checkLanguage refuses languages that the console does not have.
func checkLanguage(tag string) error {
	if tag != "" && !locale.Has(tag) {
		return usageError{fmt.Errorf("--language must be one of %s", strings.Join(locale.Tags(), ", "))}
	}
	return nil
}

// siteIDs returns the ids of sites. Its error names a slug that does not exist.
func (a *app) siteIDs(ctx context.Context, slugs []string) ([]string, error) {
	var ids []string
	for _, slug := range slugs {
		site, err := a.namedSite(ctx, "site", slug)
		if err != nil {
			return nil, err
		}
		ids = append(ids, site.ID)
	}
	return ids, nil
}

func (n newModerator) password(std stdio) (string, error) {
	switch {
	case n.passwordStdin && n.generate:
		return "", usageError{errors.New("--password-stdin and --generate-password exclude each other")}
	case n.generate:
		return auth.GeneratePassword(rand.Reader)
	case !n.passwordStdin:
		return "", usageError{
			errors.New("use --password-stdin and write the password to standard input (arguments can be read by others), " +
				"or --generate-password"),
		}
	}
	password, err := firstLine(std.in)
	if err != nil {
		return "", fmt.Errorf("read password: %w", err)
	}
	return password, nil
}

func listModeratorsCommand(std stdio) *cobra.Command {
	list := &cobra.Command{
		Use:   "list",
		Short: "List all moderators with their emails",
		Args:  noArguments,
		RunE:  withExisting(std, func(cmd *cobra.Command, a *app) error { return listModerators(cmd, std, a) }),
	}
	addFlags(list.Flags())
	return list
}

func listModerators(cmd *cobra.Command, std stdio, a *app) error {
	accounts, err := a.accounts(a.config.publicURL(a.config.Addr))
	if err != nil {
		return err
	}
	all, err := accounts.Accounts(cmd.Context(), auth.Identity{})
	if err != nil {
		return err
	}
	slugs, err := a.slugs(cmd.Context())
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "EMAIL\tNAME\tROLE\tSITES\tLANGUAGE\tSTATUS\tSECOND FACTOR")
	for _, m := range all {
		email, err := accounts.Email(m.Moderator)
		if err != nil {
			return fmt.Errorf("read the email of moderator %s: %w", m.ID, err)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", email, m.Name, m.Role, siteList(m.SiteIDs, slugs),
			cmp.Or(m.Language, "browser"), m.Status(), onOff(m.SecondFactor))
	}
	return table.Flush()
}

func siteList(ids []string, slugs map[string]string) string {
	if len(ids) == 0 {
		return "all"
	}
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = slugs[id]
	}
	return strings.Join(names, ",")
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// account is a command on one moderator, identified by email.
type account struct {
	use, short string
	prepare    func(cmd *cobra.Command, a *app) error // nil: nothing
	do         func(cmd *cobra.Command, accounts *auth.Service, m auth.Moderator) (done string, err error)
}

func accountCommand(std stdio, c account) *cobra.Command {
	var email string
	cmd := &cobra.Command{
		Use:     c.use,
		Short:   c.short,
		Example: "  rejoinder moderator " + c.use + " --email eve@gazette.example",
		Args:    noArguments,
		RunE: withExisting(std, func(cmd *cobra.Command, a *app) error {
			if email == "" {
				return usageError{errors.New("--email is required")}
			}
			if c.prepare != nil {
				if err := c.prepare(cmd, a); err != nil {
					return err
				}
			}
			accounts, err := a.accounts(a.config.publicURL(a.config.Addr))
			if err != nil {
				return err
			}
			m, err := accounts.ModeratorWithEmail(cmd.Context(), email)
			if errors.Is(err, auth.ErrUnknownModerator) {
				return errors.New("there is no moderator with that email")
			}
			if err != nil {
				return err
			}
			done, err := c.do(cmd, accounts, m)
			if err == nil {
				fmt.Fprintln(std.out, done)
			}
			return err
		}),
	}
	addFlags(cmd.Flags())
	cmd.Flags().StringVar(&email, "email", "", "email with which the moderator signs in")
	return cmd
}

func languageCommand(std stdio) *cobra.Command {
	var tag string
	cmd := accountCommand(std, account{
		use:   "language",
		short: "Set the language of a moderator's console and mail",
		do: func(cmd *cobra.Command, accounts *auth.Service, m auth.Moderator) (string, error) {
			if err := checkLanguage(tag); err != nil {
				return "", err
			}
			done := fmt.Sprintf("%s's console is in the language of the browser.", m.Name)
			if tag != "" {
				done = fmt.Sprintf("%s's console and mail are in %s (%s).", m.Name, tag, locale.Find(tag, "").Name)
			}
			return done, accounts.ChooseLocale(cmd.Context(), m.ID, auth.LocaleChoice{Language: &tag})
		},
	})
	cmd.Example += " --language de"
	cmd.Flags().StringVar(&tag, "language", "", languageUsage)
	return cmd
}

func changeModeratorCommand(std stdio) *cobra.Command {
	var name, role, newEmail string
	var slugs, siteIDs []string
	cmd := accountCommand(std, account{
		use:   "change",
		short: "Change a moderator's email, name, role or sites",
		prepare: func(cmd *cobra.Command, a *app) (err error) {
			siteIDs, err = a.siteIDs(cmd.Context(), flagWords(slugs))
			return err
		},
		do: func(cmd *cobra.Command, accounts *auth.Service, m auth.Moderator) (string, error) {
			var c auth.AccountChange
			if cmd.Flags().Changed("new-email") {
				c.Email = &newEmail
			}
			if cmd.Flags().Changed("name") {
				c.Name = &name
			}
			if cmd.Flags().Changed("role") {
				c.Role = (*auth.Role)(&role)
			}
			if cmd.Flags().Changed("site") {
				c.SiteIDs = &siteIDs
			}
			if c == (auth.AccountChange{}) {
				return "", usageError{errors.New("say what to change: --new-email, --name, --role or --site")}
			}
			changed, err := accounts.ChangeAccount(cmd.Context(), auth.Identity{}, m.ID, c)
			if faults := (auth.Invalid)(nil); errors.As(err, &faults) {
				for i := range faults {
					if faults[i].Field == "email" {
						faults[i].Field = "new-email"
					}
				}
			}
			switch {
			case errors.Is(err, auth.ErrLastAdmin):
				return "", lastAdmin(m)
			case errors.Is(err, auth.ErrModeratorExists):
				return "", errors.New("--new-email: another moderator has this email")
			}
			return fmt.Sprintf("Changed %s %s.", changed.Role, changed.Name), explain(err)
		},
	})
	cmd.Example += " --role admin"
	cmd.Flags().StringVar(&newEmail, "new-email", "",
		"email to sign in with from now on; ends all sessions and revokes an open link")
	cmd.Flags().StringVar(&name, "name", "", "name under which decisions are logged")
	cmd.Flags().StringVar(&role, "role", "", auth.Alternatives(auth.Roles()))
	cmd.Flags().StringArrayVar(&slugs, "site", nil,
		"slug of a site to work on; may be repeated; replaces all earlier ones; '' for all sites")
	return cmd
}

// lastAdmin reports that nobody else could administer the server.
func lastAdmin(m auth.Moderator) error {
	return fmt.Errorf("%s is the last admin: make somebody else an admin first, with "+
		"\"rejoinder moderator change --role admin\"", m.Name)
}

func disableModerator(disabled bool) func(*cobra.Command, *auth.Service, auth.Moderator) (string, error) {
	return func(cmd *cobra.Command, accounts *auth.Service, m auth.Moderator) (string, error) {
		_, err := accounts.ChangeAccount(cmd.Context(), auth.Identity{}, m.ID, auth.AccountChange{Disabled: &disabled})
		if errors.Is(err, auth.ErrLastAdmin) {
			return "", lastAdmin(m)
		}
		if disabled {
			return fmt.Sprintf("Disabled %s. Running servers notice within %s.", m.Name, auth.PrincipalCacheAge), err
		}
		return fmt.Sprintf("Enabled %s.", m.Name), err
	}
}

func unlockModerator(cmd *cobra.Command, accounts *auth.Service, m auth.Moderator) (string, error) {
	err := accounts.Unlock(cmd.Context(), auth.Identity{}, m)
	return fmt.Sprintf(
		"Forgot the failed sign-ins of %s. Nobody has to wait now, but more failures make strangers wait again; "+
			"a browser that %s signed in on before never waits for those.",
		m.Name,
		m.Name,
	), err
}

func resetPassword(cmd *cobra.Command, accounts *auth.Service, m auth.Moderator) (string, error) {
	password, err := accounts.ResetPassword(cmd.Context(), m)
	return fmt.Sprintf("Password of %s, to be changed at the next sign-in: %s", m.Name, password), err
}

func unlinkModerator(cmd *cobra.Command, accounts *auth.Service, m auth.Moderator) (string, error) {
	err := accounts.Federation.UnlinkModerator(cmd.Context(), auth.Identity{}, m.ID)
	if errors.Is(err, auth.ErrNotLinked) {
		return "", fmt.Errorf("%s is not linked to an identity provider", m.Name)
	}
	next := "They sign in with their password now."
	if m.PasswordHash == "" {
		next = "They have no password: make one with \"rejoinder moderator reset-password\"."
	}
	return fmt.Sprintf("Unlinked %s. %s", m.Name, next), err
}

func resetSecondFactor(cmd *cobra.Command, accounts *auth.Service, m auth.Moderator) (string, error) {
	err := accounts.SecondFactors.Reset(cmd.Context(), auth.Identity{}, m.ID)
	if errors.Is(err, auth.ErrSecondFactorOff) {
		return "", fmt.Errorf("%s has no second factor", m.Name)
	}
	return fmt.Sprintf("Turned the second factor of %s off.", m.Name), err
}
