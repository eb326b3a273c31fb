package db

import (
	"rejoinder/auth"
	"rejoinder/moderation"
	"rejoinder/moderation/archive"
	"rejoinder/moderation/external"
	"rejoinder/moderation/imports"
	"rejoinder/moderation/queue"
	"rejoinder/moderation/readers"
	"rejoinder/moderation/retention"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/stats"
	"rejoinder/notify"
	"rejoinder/notify/webhook"
)

// Use cases that need one entity take its store.
var (
	_ moderation.JanitorStore    = (*JanitorStore)(nil)
	_ moderation.ClassifierStore = (*ClassifierStore)(nil)
	_ rulebook.BacktestStore     = (*HistoryStore)(nil)
	_ rulebook.EffectStore       = (*HistoryStore)(nil)
	_ rulebook.DraftStore        = (*RulesetStore)(nil)
	_ external.Store             = (*ExternalStore)(nil)
)

// The others take several stores as one value. The return statements check that nothing is missing.

// ForIntake returns the storage of moderation.Intake.
func (d *DB) ForIntake() moderation.IntakeStore {
	return struct {
		*SiteStore
		*SubmissionStore
		*CommentStore
		*CommenterStore
	}{d.Sites, d.Submissions, d.Comments, d.Commenters}
}

// ForEditor returns the storage of moderation.Editor.
func (d *DB) ForEditor() moderation.EditStore {
	return struct {
		*SiteStore
		*ArticleStore
		*SubmissionStore
		*CommentStore
		*CommenterStore
		*DecisionStore
		*AppealStore
	}{d.Sites, d.Articles, d.Submissions, d.Comments, d.Commenters, d.Decisions, d.Appeals}
}

// ForAuthors returns the storage of moderation.AuthorService.
func (d *DB) ForAuthors() moderation.AuthorStore {
	return struct {
		*SiteStore
		*ArticleStore
		*CommentStore
		*CommenterStore
		*DecisionStore
		*AppealStore
	}{d.Sites, d.Articles, d.Comments, d.Commenters, d.Decisions, d.Appeals}
}

// ForThreads returns the storage of moderation.Threads.
func (d *DB) ForThreads() moderation.ThreadStore {
	return struct {
		*SiteStore
		*ArticleStore
		*ThreadStore
		*CommentStore
	}{d.Sites, d.Articles, d.Threads, d.Comments}
}

// ForReaders returns the storage of readers.Readers.
func (d *DB) ForReaders() readers.Store {
	return struct {
		*SiteStore
		*CommentStore
		*CommenterStore
		*SignedReaderStore
	}{d.Sites, d.Comments, d.Commenters, d.SignedReaders}
}

// ForVotes returns the storage of moderation.Votes.
func (d *DB) ForVotes() moderation.VoteStore {
	return struct {
		*SiteStore
		*CommentStore
		*VoteStore
	}{d.Sites, d.Comments, d.Votes}
}

// ForRetention returns the storage of retention.Sweeper.
func (d *DB) ForRetention() retention.Store {
	return struct {
		*SiteStore
		*RetentionStore
		*AuditStore
	}{d.Sites, d.Retention, d.Audit}
}

// ForReports returns the storage of moderation.Reports.
func (d *DB) ForReports() moderation.ReportStore {
	return struct {
		*SiteStore
		*CommentStore
		*ReportStore
	}{d.Sites, d.Comments, d.Reports}
}

// ForSites returns the storage of moderation.Sites.
func (d *DB) ForSites() moderation.SitesStore {
	return struct {
		*SiteStore
		*ArticleStore
	}{d.Sites, d.Articles}
}

// ForLearner returns the storage of moderation.Learner.
func (d *DB) ForLearner() moderation.LearnerStore {
	return struct {
		*SiteStore
		*ClassifierStore
	}{d.Sites, d.Classifiers}
}

// ForAuditLog returns the storage of moderation.AuditLog.
func (d *DB) ForAuditLog() moderation.AuditStore {
	return struct {
		*SiteStore
		*AuditStore
	}{d.Sites, d.Audit}
}

// ForQueue returns the storage of queue.Queue.
func (d *DB) ForQueue() queue.Store {
	return struct {
		*SiteStore
		*ArticleStore
		*QueueStore
		*ClaimStore
		*DecisionStore
		*ReportStore
		*AppealStore
		*NoteStore
		*HighlightStore
		*BlockStore
		*SubmissionStore
		*HistoryStore
		*CommenterStore
		*ModeratorStore
		*AuditStore
	}{
		d.Sites, d.Articles, d.Queue, d.Claims, d.Decisions, d.Reports, d.Appeals, d.Notes, d.Highlights,
		d.Blocks, d.Submissions, d.History, d.Commenters, d.Moderators, d.Audit,
	}
}

// ForDecisionLog returns the storage of queue.DecisionLog.
func (d *DB) ForDecisionLog() queue.DecisionStore {
	return struct {
		*SiteStore
		*DecisionStore
	}{d.Sites, d.Decisions}
}

// ForRulebook returns the storage of rulebook.Rulebook.
func (d *DB) ForRulebook() rulebook.Store {
	return struct {
		*SiteStore
		*RulesetStore
	}{d.Sites, d.Rulesets}
}

// ForRerun returns the storage of rulebook.Rerun.
func (d *DB) ForRerun() rulebook.RerunStore {
	return struct {
		*SiteStore
		*HistoryStore
		*DecisionStore
	}{d.Sites, d.History, d.Decisions}
}

// ForExternal returns the storage of external.Admin.
func (d *DB) ForExternal() external.AdminStore {
	return struct {
		*SiteStore
		*ExternalStore
	}{d.Sites, d.External}
}

// ForExternalWorker returns the storage of external.Worker.
func (d *DB) ForExternalWorker() external.WorkerStore {
	return struct {
		*SiteStore
		*CommentStore
		*ExternalStore
	}{d.Sites, d.Comments, d.External}
}

// ForLateJudge returns the storage of rulebook.LateJudge.
func (d *DB) ForLateJudge() rulebook.LateJudgeStore {
	return struct {
		*SiteStore
		*HistoryStore
		*ExternalStore
	}{d.Sites, d.History, d.External}
}

// ForRuleHealth returns the storage of rulebook.Health.
func (d *DB) ForRuleHealth() rulebook.HealthStore {
	return struct {
		*RulesetStore
		*RuleDayStore
	}{d.Rulesets, d.RuleDays}
}

// ForRuleCounter returns the storage of rulebook.Counter.
func (d *DB) ForRuleCounter() rulebook.CounterStore {
	return struct {
		*SiteStore
		*RuleDayStore
	}{d.Sites, d.RuleDays}
}

// ForStats returns the storage of stats.Stats.
func (d *DB) ForStats() stats.Store {
	return struct {
		*SiteStore
		*QueueStore
		*RollupStore
	}{d.Sites, d.Queue, d.Rollups}
}

// ForNotifications returns the storage of package notify.
func (d *DB) ForNotifications() notify.Store {
	return struct {
		*SiteStore
		*ArticleStore
		*CommentStore
		*CommenterStore
		*DecisionStore
		*OutboxStore
		*ReaderMailStore
		*ModeratorMailStore
		*WebhookStore
	}{d.Sites, d.Articles, d.Comments, d.Commenters, d.Decisions, d.Outbox, d.ReaderMail, d.ModeratorMail, d.Webhooks}
}

// WebhookStorage is the storage of package webhook.
type WebhookStorage interface {
	webhook.Store
	webhook.PlannerStore
	webhook.ComposerStore
	webhook.WorkerStore
}

// ForWebhooks returns the storage of package webhook.
func (d *DB) ForWebhooks() WebhookStorage {
	return struct {
		*SiteStore
		*ArticleStore
		*CommentStore
		*CommenterStore
		*DecisionStore
		*AppealStore
		*RulesetStore
		*OutboxStore
		*WebhookStore
	}{d.Sites, d.Articles, d.Comments, d.Commenters, d.Decisions, d.Appeals, d.Rulesets, d.Outbox, d.Webhooks}
}

// ForRollups returns the storage of stats.RollupWorker.
func (d *DB) ForRollups() stats.RollupStore {
	return struct {
		*SiteStore
		*RollupStore
	}{d.Sites, d.Rollups}
}

// ForImports returns the storage of imports.Importer.
func (d *DB) ForImports() imports.Store {
	return struct {
		*SiteStore
		*ImportStore
	}{d.Sites, d.Imports}
}

// ForImportLog returns the storage of imports.Log.
func (d *DB) ForImportLog() imports.UndoStore { return d.ForImports() }

// ForExport returns the storage of archive.Exporter.
func (d *DB) ForExport() archive.ExportStore {
	return struct {
		*SiteStore
		*ArticleStore
		*ArchiveStore
		*AuditStore
	}{d.Sites, d.Articles, d.Archive, d.Audit}
}

// ForSubjects returns the storage of archive.Subjects.
func (d *DB) ForSubjects() archive.SubjectStore {
	return struct {
		*SiteStore
		*ArticleStore
		*CommentStore
		*CommenterStore
		*ArchiveStore
		*AuditStore
	}{d.Sites, d.Articles, d.Comments, d.Commenters, d.Archive, d.Audit}
}

// ForRestore returns the storage of archive.Restorer.
func (d *DB) ForRestore() archive.RestoreStore {
	return struct {
		*SiteStore
		*ImportStore
		*ArchiveStore
	}{d.Sites, d.Imports, d.Archive}
}

// ForServerKeys returns the storage of auth.ServerKeys.
func (d *DB) ForServerKeys() auth.KeyStore { return d.ServerKeys }

// ForAuth returns the storage of auth.Service.
func (d *DB) ForAuth() auth.Store {
	return struct {
		*SiteStore
		*ModeratorStore
		*SessionStore
		*SecondFactorStore
		*LoginFailureStore
		*FederationStore
	}{d.Sites, d.Moderators, d.Sessions, d.SecondFactors, d.LoginFailures, d.Federation}
}
