package demo

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// player plays a script.
type player struct {
	Services
	script   week
	site     moderation.Site
	desk     moderation.Viewer
	comments map[string]played // by their name in the script
	tokens   map[string]string // of remembered browsers, by person
	articles map[string]moderation.ArticleRef
	voters   int // that have voted so far
}

// played is a comment that was written.
type played struct {
	id       string
	receipt  string // empty for a moderator's reply
	by       string
	decision string // the last one made in the script
}

func newPlayer(s Services, script week, site moderation.Site, moderatorID string) *player {
	return &player{
		Services: s, script: script, site: site, desk: moderation.Viewer{ModeratorID: moderatorID},
		comments: map[string]played{}, tokens: map[string]string{}, articles: map[string]moderation.ArticleRef{},
	}
}

// play registers the articles and plays all steps of the week that ends at a time. Then the site is complete.
func (p *player) play(ctx context.Context, end time.Time, publicURL string) error {
	for _, a := range p.script.Articles {
		p.Clock.set(end.Add(-time.Duration(a.Published)))
		ref := moderation.ArticleRef{Key: a.Key, Title: a.Title, URL: publicURL + a.Path}
		_, err := p.Sites.Register(ctx, moderation.Viewer{}, p.site.Slug, moderation.NewArticle{ArticleRef: ref})
		if err != nil {
			return err
		}
		p.articles[a.Key] = ref
	}
	for i, s := range p.script.Steps {
		p.Clock.set(end.Add(-time.Duration(s.At)))
		if err := p.step(ctx, s); err != nil {
			return fmt.Errorf("step %d of week.yaml: %w", i+1, err)
		}
	}
	p.Clock.set(end)
	if err := p.Votes.Publish(ctx); err != nil {
		return err
	}
	complete := func(settings moderation.SiteSettings) moderation.SiteSettings {
		settings.Demo = moderation.DemoComplete
		return settings
	}
	_, err := p.Sites.Change(ctx, moderation.Viewer{}, p.site.Slug, moderation.SiteChange{Settings: complete})
	return err
}

func (p *player) step(ctx context.Context, s step) error {
	switch {
	case s.Submit != nil:
		return p.submit(ctx, *s.Submit)
	case s.Edit != nil:
		return p.edit(ctx, *s.Edit)
	case s.Vote != nil:
		return p.vote(ctx, *s.Vote)
	case s.Report != nil:
		return p.report(ctx, *s.Report)
	case s.Appeal != nil:
		return p.appeal(ctx, *s.Appeal)
	case s.Approve != "":
		return p.decide(ctx, decide{Comment: s.Approve, Action: moderation.ActionApprove})
	case s.Decide != nil:
		return p.decide(ctx, *s.Decide)
	case s.Undo != "":
		return p.undo(ctx, s.Undo)
	case s.Reply != nil:
		return p.reply(ctx, *s.Reply)
	case s.Note != nil:
		return p.note(ctx, *s.Note)
	}
	return fmt.Errorf("nothing happens %s before the end", time.Duration(s.At))
}

// typingSpeed is how many characters a reader types in a second, unless the script says how long it took.
const typingSpeed = 4

func (p *player) submit(ctx context.Context, s submit) error {
	who, ok := p.script.People[s.By]
	if !ok {
		return fmt.Errorf("unknown person %q", s.By)
	}
	typed := s.Typed
	if typed == 0 {
		typed = 10*time.Second + time.Duration(utf8.RuneCountInString(s.Text)/typingSpeed)*time.Second
	}
	form := moderation.FormEvidence{Kind: moderation.FormHTML,
		Token: moderation.FormToken(p.Keys, p.site.ID, p.Clock.Now().Add(-typed))}
	if s.Trapped {
		form.Honeypot = who.Name
	}
	token := ""
	if who.SignedIn {
		var err error
		if token, err = p.Readers.DemoToken(ctx, p.site.Slug); err != nil {
			return err
		}
	}
	result, err := p.Intake.Submit(ctx, moderation.Submission{
		Identity: token,
		SiteSlug: p.site.Slug, Article: p.articles[s.On], ParentID: p.comments[s.ReplyTo].id,
		AuthorName: who.Name, AuthorEmail: who.Email, Body: s.Text, Address: who.Address, Form: form,
		Remember: who.Remembered, CommenterToken: p.tokens[s.By], Origin: p.site.Origins[0],
	})
	if err != nil {
		return err
	}
	p.comments[s.Comment] = played{id: result.Comment.ID, receipt: result.Receipt, by: s.By}
	if result.CommenterToken != "" {
		p.tokens[s.By] = result.CommenterToken
	}
	return nil
}

func (p *player) edit(ctx context.Context, e edit) error {
	c := p.comments[e.Comment]
	_, err := p.Editor.Edit(ctx, moderation.Edit{CommentID: c.id, Receipt: c.receipt, Body: e.Text,
		Kind: moderation.FormHTML, Address: p.script.People[c.by].Address})
	return err
}

// vote lets readers vote, each from a network of their own.
func (p *player) vote(ctx context.Context, v vote) error {
	for range v.Up {
		p.voters++
		address := netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 0, 0, byte(p.voters >> 8), byte(p.voters), 15: 1})
		_, err := p.Votes.Vote(ctx, moderation.Vote{CommentID: p.comments[v.Comment].id, Value: 1, Address: address})
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *player) report(ctx context.Context, r report) error {
	return p.Reports.Report(ctx, moderation.ReportRequest{CommentID: p.comments[r.Comment].id, Reason: r.Reason,
		Note: r.Note, Address: p.script.People[r.By].Address})
}

func (p *player) appeal(ctx context.Context, a appeal) error {
	c := p.comments[a.Comment]
	_, err := p.Author.Appeal(ctx, moderation.AppealRequest{CommentID: c.id, Receipt: c.receipt, Body: a.Text,
		Address: p.script.People[c.by].Address})
	return err
}

// decide makes a decision, unless the comment has its status already.
func (p *player) decide(ctx context.Context, d decide) error {
	c := p.comments[d.Comment]
	now, err := p.Queue.Case(ctx, p.desk, c.id)
	if err != nil {
		return err
	}
	if to, _ := d.Action.Target(); to == now.Comment.Status {
		return nil
	}
	result, err := p.Queue.Decide(ctx, p.desk, queue.DecisionRequest{CommentID: c.id, Action: d.Action,
		Version: now.Comment.Version, Code: d.Code, Reason: d.Reason, Note: d.Note})
	if err != nil {
		return err
	}
	c.decision = result.DecisionID
	p.comments[d.Comment] = c
	return nil
}

func (p *player) note(ctx context.Context, n noteText) error {
	note := queue.NewNote{About: n.About, Body: n.Text}
	_, err := p.Queue.AddNote(ctx, p.desk, p.comments[n.Comment].id, note)
	return err
}

func (p *player) undo(ctx context.Context, comment string) error {
	_, err := p.Queue.Undo(ctx, p.desk, p.comments[comment].decision)
	return err
}

func (p *player) reply(ctx context.Context, r reply) error {
	comment, err := p.Queue.Reply(ctx, p.desk, queue.StaffReply{ParentID: p.comments[r.To].id,
		Body: strings.TrimSpace(r.Text)})
	if err != nil {
		return err
	}
	p.comments[r.Comment] = played{id: comment.ID}
	return nil
}
