package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"rejoinder/moderation"
	"rejoinder/moderation/external"
)

func outsideClassifierCommand(std stdio) *cobra.Command {
	return group("classifier", "Administer outside classifiers, whose scores rules can test",
		addClassifierCommand(std), listClassifiersCommand(std), changeClassifierCommand(std),
		actClassifierCommand(std, classifierAct{use: "show", short: "Show a classifier's settings and calls",
			do: showClassifier}),
		testClassifierCommand(std),
		actClassifierCommand(std, classifierAct{use: "pause", short: "Stop calling a classifier", do: switchClassifier(false)}),
		actClassifierCommand(std, classifierAct{use: "resume", short: "Call a paused classifier again", do: switchClassifier(true)}),
		actClassifierCommand(std, classifierAct{use: "remove", short: "Remove a classifier with its secret and its counts",
			do: removeClassifier}))
}

// classifierFlags are the settings of a classifier as flags.
type classifierFlags struct {
	r                external.Request
	protocol, onLate string
	sends            []string
	secretStdin      bool
}

// Values of `--send`.
const (
	sendName      = "name"
	sendURL       = "url"
	sendPseudonym = "pseudonym"
	sendAddress   = "address-prefix"
	sendNothing   = "none"
)

func (f *classifierFlags) add(flags *pflag.FlagSet) {
	d := external.DefaultSettings()
	flags.StringVar(&f.r.Name, "name", "", "name by which rules use it: external.NAME.score")
	flags.StringVar(&f.protocol, "protocol", string(d.Protocol), "signed, akismet, openai or perspective")
	flags.StringVar(&f.r.URL, "url", "", "URL of the server; for Akismet https://rest.akismet.com/1.1")
	flags.StringArrayVar(&f.r.Sites, "site", nil, "slug of a site that uses it; may be repeated; replaces all earlier ones")
	flags.BoolVar(&f.r.AllSites, "all-sites", false, "all sites use it, including future ones")
	flags.StringSliceVar(&f.sends, "send", nil, "data to send besides the text: "+
		strings.Join([]string{sendName, sendURL, sendPseudonym, sendAddress}, ", ")+"; may be repeated; "+sendNothing+": only the text")
	flags.IntVar(&f.r.TimeoutMS, "timeout-ms", d.TimeoutMS, "time limit of a call in milliseconds; submissions wait for it")
	flags.IntVar(&f.r.Concurrency, "concurrency", d.Concurrency, "maximum number of concurrent calls of each server process")
	flags.IntVar(&f.r.DailyBudget, "daily-budget", 0, "maximum number of calls per day (UTC); 0: no limit")
	flags.IntVar(&f.r.CacheMinutes, "cache-minutes", d.CacheMinutes, "minutes for which the score of a text is cached; 0: no cache")
	flags.StringVar(&f.onLate, "on-late", string(d.OnLate), "if it does not respond in time, judge the comment without it, or hold it: judge or hold")
	flags.BoolVar(&f.r.Feedback, "feedback", false, "for akismet: report moderators' decisions to it")
	flags.BoolVar(&f.r.SecretInFile, "secret-in-file", false,
		"read the secret from the file "+external.SecretsFolder+"/NAME in the data folder, and send it to the host of the URL")
	flags.BoolVar(&f.secretStdin, "secret-stdin", false, "read the secret from the first line of standard input, and store it sealed")
	flags.StringVar(&f.r.Blog, "blog", "", "for akismet: URL of the site")
	flags.StringVar(&f.r.Model, "model", "", "for openai: name of the model")
	flags.StringArrayVar(&f.r.Labels, "label", nil, "category or attribute that counts; may be repeated; replaces all earlier ones")
}

// apply changes what the given flags name.
func (f *classifierFlags) apply(flags *pflag.FlagSet, r *external.Request) {
	for name, set := range map[string]func(){
		"name":     func() { r.Name = f.r.Name },
		"protocol": func() { r.Protocol = external.Protocol(f.protocol) },
		"url":      func() { r.URL = f.r.URL },
		"site":     func() { r.Sites, r.AllSites = f.r.Sites, f.r.AllSites },
		"all-sites": func() {
			r.AllSites = f.r.AllSites
			if !flags.Changed("site") {
				r.Sites = nil
			}
		},
		"timeout-ms":     func() { r.TimeoutMS = f.r.TimeoutMS },
		"concurrency":    func() { r.Concurrency = f.r.Concurrency },
		"daily-budget":   func() { r.DailyBudget = f.r.DailyBudget },
		"cache-minutes":  func() { r.CacheMinutes = f.r.CacheMinutes },
		"on-late":        func() { r.OnLate = external.OnLate(f.onLate) },
		"feedback":       func() { r.Feedback = f.r.Feedback },
		"secret-in-file": func() { r.SecretInFile = f.r.SecretInFile },
		"blog":           func() { r.Blog = f.r.Blog },
		"model":          func() { r.Model = f.r.Model },
		"label":          func() { r.Labels = flagWords(f.r.Labels) },
		"send": func() {
			r.Sends = external.Sends{Name: slices.Contains(f.sends, sendName), URL: slices.Contains(f.sends, sendURL),
				Pseudonym: slices.Contains(f.sends, sendPseudonym), AddressPrefix: slices.Contains(f.sends, sendAddress)}
		},
	} {
		if flags.Changed(name) {
			set()
		}
	}
	if f.r.Secret != "" {
		r.Secret = f.r.Secret
		r.SecretInFile = f.r.SecretInFile
	}
}

// readSecret checks the values of --send and reads the secret from where the flags say.
func (f *classifierFlags) readSecret(std stdio, asker *external.Asker) (err error) {
	for _, sent := range f.sends {
		if !slices.Contains([]string{sendName, sendURL, sendPseudonym, sendAddress, sendNothing}, sent) {
			return usageError{fmt.Errorf("--send: must be name, url, pseudonym, address-prefix or none, not %q", sent)}
		}
	}
	switch {
	case f.secretStdin && f.r.SecretInFile:
		return usageError{errors.New("--secret-stdin and --secret-in-file exclude each other")}
	case f.secretStdin:
		if f.r.Secret, err = firstLine(std.in); err == nil && f.r.Secret == "" {
			err = usageError{errors.New("--secret-stdin: the first line of standard input is empty")}
		}
	case f.r.SecretInFile:
		if f.r.Secret, err = asker.FileSecret(f.r.Name); err != nil {
			err = usageError{fmt.Errorf("--secret-in-file: %w (%s/%s)", err, external.SecretsFolder, f.r.Name)}
		}
	}
	return err
}

func addClassifierCommand(std stdio) *cobra.Command {
	var f classifierFlags
	add := &cobra.Command{
		Use:   "add",
		Short: "Add a classifier; with the protocol signed, print its new secret once",
		Example: "  rejoinder classifier add --name toxicity --url https://model.example/score --site gazette\n" +
			"  rejoinder classifier add --name spam --protocol akismet --url https://rest.akismet.com/1.1 --all-sites \\\n" +
			"    --blog https://gazette.example --send address-prefix --secret-stdin < akismet-key.txt",
		Args: noArguments,
		RunE: withExisting(std, func(cmd *cobra.Command, a *app) error {
			admin := a.externals(a.log)
			if err := f.readSecret(std, admin.Asker); err != nil {
				return err
			}
			r := external.Request{Settings: external.DefaultSettings()}
			f.apply(cmd.Flags(), &r)
			added, secret, err := admin.Add(cmd.Context(), moderation.Viewer{}, r)
			if errors.Is(err, moderation.ErrExists) {
				return fmt.Errorf("there is a classifier %q already; change it with \"rejoinder classifier change\"", r.Name)
			}
			if err != nil {
				return explain(err)
			}
			fmt.Fprintf(std.out, "Added classifier %s.\n", added.Name)
			if secret != "" {
				fmt.Fprintf(std.out, "Secret, which is not shown again: %s\n", secret)
			}
			if !added.AllSites && len(added.SiteIDs) == 0 {
				fmt.Fprintln(std.out, "No site uses it yet: see --site and --all-sites of \"rejoinder classifier change\".")
			}
			return nil
		}),
	}
	addFlags(add.Flags())
	f.add(add.Flags())
	return add
}

func changeClassifierCommand(std stdio) *cobra.Command {
	var f classifierFlags
	change := &cobra.Command{
		Use:   "change",
		Short: "Change settings of a classifier",
		Long: "Change the given settings of a classifier; the others stay as they are. If --url names another host, give the\n" +
			"secret again with --secret-stdin or --secret-in-file.",
		Example: "  rejoinder classifier change --name toxicity --timeout-ms 250 --daily-budget 10000",
		Args:    noArguments,
		RunE: withExisting(std, func(cmd *cobra.Command, a *app) error {
			admin := a.externals(a.log)
			found, err := findClassifier(cmd.Context(), admin, f.r.Name)
			if err != nil {
				return err
			}
			if err := f.readSecret(std, admin.Asker); err != nil {
				return err
			}
			_, err = admin.Change(cmd.Context(), moderation.Viewer{}, found.ID, 0, func(r *external.Request) {
				f.apply(cmd.Flags(), r)
			})
			if err != nil {
				return explain(err)
			}
			fmt.Fprintf(std.out, "Changed classifier %s.\n", found.Name)
			return nil
		}),
	}
	addFlags(change.Flags())
	f.add(change.Flags())
	return change
}

func findClassifier(ctx context.Context, admin *external.Admin, name string) (external.Health, error) {
	if err := admin.Asker.Reload(ctx); err != nil {
		return external.Health{}, err
	}
	all, err := admin.List(ctx, moderation.Viewer{})
	if err != nil {
		return external.Health{}, err
	}
	var known []string
	for _, one := range all {
		if one.Name == name {
			return one, nil
		}
		known = append(known, one.Name)
	}
	if name == "" {
		return external.Health{}, usageError{errors.New("name the classifier with --name")}
	}
	return external.Health{}, fmt.Errorf("there is no classifier %q%s (see \"rejoinder classifier list\")", name,
		didYouMean(name, known))
}

// chosenClassifier is the classifier that a command is about.
type chosenClassifier struct {
	external.Health
	app   *app
	admin *external.Admin
}

// classifierAct is a command on one classifier.
type classifierAct struct {
	use, short string
	do         func(ctx context.Context, out io.Writer, c chosenClassifier) error
	flags      func(*pflag.FlagSet) // besides --name; nil: none
}

func actClassifierCommand(std stdio, act classifierAct) *cobra.Command {
	var name string
	command := &cobra.Command{
		Use:   act.use,
		Short: act.short,
		Args:  noArguments,
		RunE: withExisting(std, func(cmd *cobra.Command, a *app) error {
			admin := a.externals(a.log)
			found, err := findClassifier(cmd.Context(), admin, name)
			if err != nil {
				return err
			}
			return act.do(cmd.Context(), std.out, chosenClassifier{found, a, admin})
		}),
	}
	addFlags(command.Flags())
	command.Flags().StringVar(&name, "name", "", "name of the classifier")
	if act.flags != nil {
		act.flags(command.Flags())
	}
	return command
}

func testClassifierCommand(std stdio) *cobra.Command {
	var text string
	return actClassifierCommand(std, classifierAct{
		use:   "test",
		short: "Send a text to a classifier, and print its score",
		flags: func(flags *pflag.FlagSet) {
			flags.StringVar(&text, "text", "A test from the command line.", "the text to send")
		},
		do: func(ctx context.Context, out io.Writer, c chosenClassifier) error {
			trial, err := c.admin.Try(ctx, moderation.Viewer{}, c.ID, text)
			if err != nil {
				return explain(err)
			}
			if err := c.admin.Asker.Reload(ctx); err != nil { // counts the call
				return err
			}
			if trial.Reason != "" {
				return fmt.Errorf("there is no score: %s", trial.Reason)
			}
			fmt.Fprintf(out, "Score %.3g", trial.Score)
			if trial.Label != "" {
				fmt.Fprintf(out, ", label %s", trial.Label)
			}
			fmt.Fprintf(out, ", after %s\n", trial.Took.Round(100*time.Microsecond))
			return nil
		},
	})
}

// switchClassifier returns the action that pauses or resumes a classifier.
func switchClassifier(on bool) func(context.Context, io.Writer, chosenClassifier) error {
	return func(ctx context.Context, out io.Writer, c chosenClassifier) error {
		_, err := c.admin.Change(ctx, moderation.Viewer{}, c.ID, 0, func(r *external.Request) { r.Enabled = on })
		if err != nil {
			return explain(err)
		}
		done := "Paused"
		if on {
			done = "Resumed"
		}
		fmt.Fprintf(out, "%s classifier %s.\n", done, c.Name)
		return nil
	}
}

func removeClassifier(ctx context.Context, out io.Writer, c chosenClassifier) error {
	if err := c.admin.Remove(ctx, moderation.Viewer{}, c.ID); err != nil {
		return err
	}
	fmt.Fprintf(out, "Removed classifier %s. Rules that name it find it not available.\n", c.Name)
	return nil
}
