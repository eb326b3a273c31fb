package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rejoinder/auth"
	"rejoinder/demo"
	"rejoinder/handlers/locale"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
	"rejoinder/moderation/rulebook"
	"rejoinder/web"
)

// demoEmail is the email that signs in to the demo. Its domain is reserved (RFC 2606).
const demoEmail = "moderator@demo.example"

// demoPasswordFile stores the demo's password, so that a later start can print it again.
const demoPasswordFile = "demo-password"

// demoSignIn is the sign-in data of the demo.
type demoSignIn struct {
	email    string
	password string
}

// demoMode is the value of the flag --demo.
type demoMode string

// Modes of the demo.
const (
	noDemo    demoMode = "off"
	emptyDemo demoMode = "empty" // no comments
	fullDemo  demoMode = "full"
)

// String implements pflag.Value.
func (m *demoMode) String() string { return string(*m) }

// Type implements pflag.Value.
func (m *demoMode) Type() string { return "mode" }

// Set implements pflag.Value.
func (m *demoMode) Set(value string) error {
	switch mode := demoMode(value); mode {
	case noDemo, emptyDemo, fullDemo:
		*m = mode
		return nil
	}
	return errors.New("must be full, empty or off")
}

// prepareDemo creates the demo's moderator, site and content unless they exist. empty leaves the content out.
func (a *app) prepareDemo(
	ctx context.Context, publicURL string, accounts *auth.Service, empty bool,
) (*demoSignIn, error) {
	password, err := a.demoPassword()
	if err != nil {
		return nil, err
	}
	_, err = accounts.Register(ctx, auth.NewModerator{
		Email: demoEmail, Name: "Demo moderator", Role: auth.RoleAdmin, Password: password,
	})
	if errors.Is(err, auth.ErrModeratorExists) {
		err = accounts.SetPassword(ctx, demoEmail, password) // the file may be newer than the moderator
	}
	if err != nil {
		return nil, err
	}
	moderator, err := accounts.ModeratorWithEmail(ctx, demoEmail)
	if err != nil {
		return nil, err
	}
	options := demo.Options{PublicURL: publicURL, ModeratorID: moderator.ID, Empty: empty}
	if err := demo.Prepare(ctx, a.demoServices(demo.NewClock(time.Now(), demoSeed)), options); err != nil {
		return nil, err
	}
	return &demoSignIn{email: demoEmail, password: password}, nil
}

// demoSeed makes the random parts of the demo's IDs. They need not be secret.
var demoSeed = [32]byte([]byte("The best is below the fold. Demo"))

// demoServices wires the use cases with the demo's clock, without rate limits.
func (a *app) demoServices(clock *demo.Clock) demo.Services {
	unlimited := moderation.NewRateLimiter(0, clock.Now)
	signed := a.readers()
	signed.Now, signed.NewID = clock.Now, clock.NewID
	intake := &moderation.Intake{
		Store: a.db.ForIntake(), Judges: rulebook.New(a.db.ForRulebook(), clock.Now, clock.NewID), Keys: a.keys,
		Readers: signed,
		Log:     a.log, Now: clock.Now, NewID: clock.NewID, Limiter: unlimited, SiteLimiter: unlimited,
	}
	return demo.Services{
		Clock:  clock,
		Sites:  &moderation.Sites{Store: a.db.ForSites(), Now: clock.Now, NewID: clock.NewID},
		Intake: intake,
		Editor: &moderation.Editor{Intake: intake, Store: a.db.ForEditor()},
		Author: &moderation.AuthorService{Store: a.db.ForAuthors(), Keys: a.keys, Limiter: unlimited,
			Now: clock.Now, NewID: clock.NewID},
		Votes: &moderation.Votes{Store: a.db.ForVotes(), Keys: a.keys, Limiter: unlimited, Now: clock.Now, Log: a.log},
		Reports: &moderation.Reports{Store: a.db.ForReports(), Keys: a.keys, Limiter: unlimited,
			Now: clock.Now, NewID: clock.NewID},
		Queue:   &queue.Queue{Store: a.db.ForQueue(), Keys: a.keys, Now: clock.Now, NewID: clock.NewID},
		Readers: signed,
		Keys:    a.keys,
	}
}

// demoPassword reads the stored password, or generates one.
func (a *app) demoPassword() (string, error) {
	path := filepath.Join(a.config.DataDir, demoPasswordFile)
	raw, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(raw)), nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("read demo password: %w", err)
	}
	password, err := auth.GeneratePassword(rand.Reader)
	if err != nil {
		return "", fmt.Errorf("make demo password: %w", err)
	}
	if err := os.WriteFile(path, []byte(password+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep demo password: %w", err)
	}
	return password, nil
}

func demoCommand(std stdio) *cobra.Command {
	remove := &cobra.Command{
		Use:   "remove",
		Short: "Remove the demo's site with its articles, comments and decisions",
		Long: "Remove the demo's site with its articles, comments and decisions, and the accounts of moderators who\n" +
			"work on no other site. Other sites stay as they are. \"rejoinder serve --demo\" makes the demo again.",
		Args: noArguments,
		RunE: withExisting(std, func(cmd *cobra.Command, a *app) error { return removeDemo(cmd, std, a) }),
	}
	addFlags(remove.Flags())
	return group("demo", "Remove the demo that \"serve --demo\" made", remove)
}

func removeDemo(cmd *cobra.Command, std stdio, a *app) error {
	removed, err := a.sites().RemoveDemo(cmd.Context(), moderation.Viewer{}, web.DemoSite)
	var invalid *moderation.Invalid
	switch {
	case errors.Is(err, moderation.ErrSiteUnknown):
		return errors.New("there is no demo")
	case errors.Is(err, moderation.ErrForbidden):
		return fmt.Errorf("the site %q was not made by \"rejoinder serve --demo\"", web.DemoSite)
	case errors.As(err, &invalid):
		return errors.New(invalid.Fields[0].Detail)
	case err != nil:
		return err
	}
	fmt.Fprintf(std.out, "Removed the demo: %s, %s and %s.\n", locale.Plural(removed.Articles, "article"),
		locale.Plural(removed.Comments, "comment"), locale.Plural(removed.Decisions, "decision"))
	if removed.Accounts > 0 {
		fmt.Fprintf(std.out, "Removed %s of moderators who worked on no other site.\n",
			locale.Plural(removed.Accounts, "account"))
	}
	accounts, err := a.accounts(a.config.publicURL(a.config.Addr))
	if err != nil {
		return err
	}
	m, err := accounts.ModeratorWithEmail(cmd.Context(), demoEmail)
	if errors.Is(err, auth.ErrUnknownModerator) || err == nil && !m.Active() {
		return nil
	}
	if err == nil {
		fmt.Fprintf(std.out, "%s can still sign in. Disable the account once there is another admin:\n"+
			"  rejoinder moderator disable --email %s\n", m.Name, demoEmail)
	}
	return err
}
