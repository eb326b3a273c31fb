-- Data dictionary: every table and every column of Rejoinder's database.
--
-- This text runs on PostgreSQL and on SQLite, because:
--   * ids are UUIDv7 made in Go, so they sort by time. SQLite keeps a UUID as 16 bytes, too; the zero UUID
--     stands for none. Ids of accounts and of audit entries are text
--   * times are UTC, made in Go, to the microsecond; SQLite keeps them as microseconds since 1970
--   * there is no SERIAL, no DEFAULT now(), no enum and no array; a CHECK lists the allowed words
--   * JSONB columns are read with ->> and never hashed (PostgreSQL reformats them)
--   * WITHOUT ROWID is a comment on PostgreSQL: on SQLite, such a table is stored in its primary key
-- Composite keys start with the most selective column, so no query plan, even one made before there are
-- statistics, uses the site alone.
-- Rows that belong to a comment reference it and repeat its site, article and commenter without foreign key:
-- the comment has checked them, and checking them again would make all writers wait for the row of the site.
-- Rows that are always written in a transaction that inserts or locks their comment (submissions, decisions,
-- imported_comments, comment_search) have no foreign key to it: on PostgreSQL, checking it takes a tenth of the
-- time of the insert. "rejoinder verify" finds such rows without a comment.
-- The search index (comment_search) differs between the engines, so package db creates it.
-- A fresh database gets this file and the stamp of the newest migration; an older one gets the migrations in
-- db/migrations. A test checks that both give the same schema on both engines.

-- One row for each applied migration. Migrate writes it; a checksum that differs reveals a changed file.
CREATE TABLE schema_migrations (
    version     INTEGER     NOT NULL PRIMARY KEY,  -- the number in the migration's file name
    name        TEXT        NOT NULL,              -- the rest of the file name, for people
    checksum    TEXT        NOT NULL,              -- SHA-256 of the file, hexadecimal
    applied_at  TIMESTAMPTZ NOT NULL
);

-- A site is one publication: a newspaper, a blog, a documentation site. Admins and the command line write it.
CREATE TABLE sites (
    id          UUID        NOT NULL PRIMARY KEY,
    slug        TEXT        NOT NULL UNIQUE,       -- its name in URLs: lower-case letters, digits, hyphens
    name        TEXT        NOT NULL,              -- its display name
    locale      TEXT        NOT NULL,              -- BCP 47 language tag of the site
    origins     JSONB       NOT NULL,              -- array of "https://host[:port]": pages that may embed and
                                                   -- send
    settings    JSONB       NOT NULL,              -- moderation.SiteSettings
    version     INTEGER     NOT NULL,              -- increases with every change of this row: optimistic lock
    created_at  TIMESTAMPTZ NOT NULL
);

-- An article is one page that has a thread, identified by site and key. Written by an admin who registers it,
-- or by the first comment.
CREATE TABLE articles (
    id                UUID        NOT NULL PRIMARY KEY,
    site_id           UUID        NOT NULL REFERENCES sites (id),
    article_key       TEXT        NOT NULL,        -- a CMS id or the canonical URL; any UTF-8 up to 512 bytes
    url               TEXT        NOT NULL,        -- URL of the page; may be empty
    title             TEXT        NOT NULL,        -- may be empty
    tags              JSONB       NOT NULL,        -- array of strings set by an admin; a fact for rules
    closed            BOOLEAN     NOT NULL,        -- closed by hand
    close_after_days  INTEGER,                     -- days after publication; NULL: site's setting, 0: never
    mode              TEXT        NOT NULL DEFAULT '', -- at_once, hold_first or hold_all; '': the site's rules decide
    schedule          JSONB       NOT NULL DEFAULT '{}', -- opening hours and end of a mode (schedule.Schedule)
    pinned_id         UUID,                        -- the comment on top of the thread; NULL: none. It may be gone
    published_at      TIMESTAMPTZ NOT NULL,        -- publication time; time of registration if unknown
    registered        BOOLEAN     NOT NULL,        -- by an admin. Otherwise a reader's request named it, and
                                                   -- title and URL are shown only once a comment is approved
    approved_count    INTEGER     NOT NULL CHECK (approved_count >= 0), -- approved comments of this article
    version           BIGINT      NOT NULL,        -- increases with every public change of the thread
    created_at        TIMESTAMPTZ NOT NULL,
    UNIQUE (site_id, article_key)
);

-- A site's articles, newest first.
CREATE INDEX articles_newest ON articles (site_id, created_at, id);

-- A further key of an article, for pages that moved. Admins write it. A key is an article's own or an alias,
-- never both; an alias always names the article, never another alias.
CREATE TABLE article_aliases (
    site_id     UUID        NOT NULL REFERENCES sites (id),
    alias_key   TEXT        NOT NULL,              -- any UTF-8 up to 512 bytes, like articles.article_key
    article_id  UUID        NOT NULL REFERENCES articles (id),
    created_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (site_id, alias_key)
);

CREATE INDEX article_aliases_article ON article_aliases (article_id);
CREATE INDEX article_aliases_newest ON article_aliases (site_id, created_at, alias_key);

-- A commenter is the writer of comments on one site, identified by the keyed index of the email. There are no
-- reader accounts. Submissions write it.
CREATE TABLE commenters (
    id                UUID        NOT NULL PRIMARY KEY,
    site_id           UUID        NOT NULL REFERENCES sites (id),
    email_index       BYTEA,                       -- HMAC of the canonical email; NULL: imported without email
    email_sealed      BYTEA,                       -- AES-GCM of the email, bound to this row's id; likewise
    name              TEXT        NOT NULL,        -- the name used last
    -- comments of this commenter by status
    pending_count     INTEGER     NOT NULL CHECK (pending_count >= 0),
    approved_count    INTEGER     NOT NULL CHECK (approved_count >= 0),
    rejected_count    INTEGER     NOT NULL CHECK (rejected_count >= 0),
    spam_count        INTEGER     NOT NULL CHECK (spam_count >= 0),
    confirmed_at      TIMESTAMPTZ,                 -- when the email was verified; NULL: never
    first_seen_at     TIMESTAMPTZ NOT NULL,
    last_seen_at      TIMESTAMPTZ NOT NULL,
    UNIQUE (email_index, site_id)
);

-- A comment is one contribution, whatever its status. Only 'approved' is public. Its Markdown is in
-- submissions (the row with the same revision), unless it is plain text. Submissions, edits, decisions, votes
-- and reports write it.
CREATE TABLE comments (
    id                UUID        NOT NULL PRIMARY KEY,
    site_id           UUID        NOT NULL REFERENCES sites (id),
    article_id        UUID        NOT NULL REFERENCES articles (id),
    commenter_id      UUID        NOT NULL REFERENCES commenters (id),
    parent_id         UUID        REFERENCES comments (id),   -- the comment it replies to; NULL: a root
    root_id           UUID,                        -- the root of its branch; NULL for a root
    depth             INTEGER     NOT NULL,        -- 0 for a root, parent's + 1 for a reply
    version           INTEGER     NOT NULL,        -- increases with every change: optimistic lock
    revision          INTEGER     NOT NULL,        -- increases with every edit; identifies the submission
    status            TEXT        NOT NULL CHECK (status IN ('pending', 'approved', 'rejected', 'spam', 'deleted')),
    author_name       TEXT        NOT NULL,
    author_url        TEXT        NOT NULL,        -- may be empty
    body_html         TEXT        NOT NULL,        -- written only by text.Render; '' once erased
    public_reason     TEXT        NOT NULL,        -- told to the writer about the last decision; may be empty
    score             DOUBLE PRECISION NOT NULL,   -- the last verdict's score
    risk              DOUBLE PRECISION NOT NULL,   -- sort key of the queue (moderation.Risk)
    language          TEXT        NOT NULL,        -- guessed from the current text; '' if unknown
    cluster           UUID,                        -- id of the first comment of a series of near duplicates,
                                                   -- each within a day of another; NULL: its own
    browser_id        TEXT        NOT NULL,        -- the remembered browser (not secret), or 'reader:' and the id of
                                                   -- the signed-in reader; '' for none
    -- approved comments at any depth below
    visible_replies   INTEGER     NOT NULL CHECK (visible_replies >= 0),
    up_votes          INTEGER     NOT NULL CHECK (up_votes >= 0),     -- readers' votes for it
    down_votes        INTEGER     NOT NULL CHECK (down_votes >= 0),   -- readers' votes against it
    rank              DOUBLE PRECISION NOT NULL,   -- key of the order "best" (moderation.Comment.BestKey)
    -- reports that no moderator has decided on
    open_reports      INTEGER     NOT NULL CHECK (open_reports >= 0),
    staff             BOOLEAN     NOT NULL,        -- a staff reply, written by a signed-in moderator
    featured          BOOLEAN     NOT NULL DEFAULT FALSE, -- recommended by a moderator
    badges            TEXT        NOT NULL DEFAULT '', -- of a signed-in reader, as the site said, with spaces between
    avatar_url        TEXT        NOT NULL DEFAULT '', -- likewise; '' for none
    created_at        TIMESTAMPTZ NOT NULL,
    edited_at         TIMESTAMPTZ                  -- the last edit of the text; NULL: never
);

-- The public thread: roots by time or by votes, and the replies below them by time.
CREATE INDEX comments_thread_roots ON comments (article_id, created_at, id)
    WHERE parent_id IS NULL AND (status = 'approved' OR visible_replies > 0);
CREATE INDEX comments_thread_best ON comments (article_id, rank, created_at, id)
    WHERE parent_id IS NULL AND (status = 'approved' OR visible_replies > 0);
CREATE INDEX comments_thread_replies ON comments (root_id, created_at, id)
    WHERE parent_id IS NOT NULL AND (status = 'approved' OR visible_replies > 0);
-- An article's newest comments, for feeds and the queue; those of a site come from comments_queue.
CREATE INDEX comments_latest ON comments (article_id, status, created_at, id);
-- Staff replies, which no ruleset judged: backtests skip them.
CREATE INDEX comments_staff ON comments (id) WHERE staff;
-- The queue: the list of each status, by age and by risk.
CREATE INDEX comments_queue ON comments (site_id, status, created_at, id);
CREATE INDEX comments_risk ON comments (site_id, status, risk, id);
-- The record of a commenter, and of one of their browsers.
CREATE INDEX comments_commenter ON comments (commenter_id, browser_id, status);
-- The comments of a signed-in reader, newest first.
CREATE INDEX comments_reader ON comments (browser_id, created_at, id) WHERE browser_id LIKE 'reader:%';
-- The queue in one language, and the other comments of a cluster.
CREATE INDEX comments_language ON comments (site_id, status, language, created_at, id) WHERE language <> '';
CREATE INDEX comments_cluster ON comments (cluster) WHERE cluster IS NOT NULL;
-- The direct replies of a comment (foreign key, withdrawal).
CREATE INDEX comments_parent ON comments (parent_id) WHERE parent_id IS NOT NULL;
-- Comments with open reports.
CREATE INDEX comments_reported ON comments (site_id, created_at, id) WHERE open_reports > 0;
-- The same, most reports first.
CREATE INDEX comments_most_reported ON comments (site_id, open_reports, id) WHERE open_reports > 0;
-- Deleted comments whose text the janitor has yet to erase.
CREATE INDEX comments_to_erase ON comments (id) WHERE status = 'deleted' AND author_name <> '';

-- How many comments each site has. There is no row before its first comment.
CREATE TABLE status_counts (
    site_id   UUID    NOT NULL PRIMARY KEY REFERENCES sites (id),
    pending   INTEGER NOT NULL,        -- comments by status
    approved  INTEGER NOT NULL,
    rejected  INTEGER NOT NULL,
    spam      INTEGER NOT NULL,
    deleted   INTEGER NOT NULL,
    reported  INTEGER NOT NULL,        -- comments with open reports, whatever their status
    appealed  INTEGER NOT NULL        -- comments with an appeal that nobody has decided on
);

-- Filters of the queue besides age and risk: one row for each rule that hit the current text of a pending
-- comment, and one for each host that its text or writer links to. Written with the comment's status; deleted
-- once it is no longer pending.
CREATE TABLE pending_rules (
    rule_key    BIGINT      NOT NULL,              -- as in pending_rule_names
    created_at  TIMESTAMPTZ NOT NULL,              -- the comment's
    comment_id  UUID        NOT NULL REFERENCES comments (id),
    PRIMARY KEY (rule_key, created_at, comment_id)
) /* WITHOUT ROWID */;

CREATE INDEX pending_rules_comment ON pending_rules (comment_id);

-- The rules that ever hit a pending comment. Many rows name them, so they have short keys.
CREATE TABLE pending_rule_names (
    rule_key  BIGINT  NOT NULL PRIMARY KEY,        -- hash of the site and the rule
    site_id   UUID    NOT NULL,
    rule      TEXT    NOT NULL                     -- its id in the ruleset
);

CREATE INDEX pending_rule_names_site ON pending_rule_names (site_id, rule);

CREATE TABLE pending_hosts (
    site_id     UUID        NOT NULL,
    host        TEXT        NOT NULL,              -- lower-case ASCII
    created_at  TIMESTAMPTZ NOT NULL,              -- the comment's
    comment_id  UUID        NOT NULL REFERENCES comments (id),
    PRIMARY KEY (site_id, host, created_at, comment_id)
) /* WITHOUT ROWID */;

CREATE INDEX pending_hosts_comment ON pending_hosts (comment_id);

-- A version of a site's ruleset. Immutable once an admin or the command line has saved it.
CREATE TABLE rulesets (
    id          UUID        NOT NULL PRIMARY KEY,
    site_id     UUID        NOT NULL REFERENCES sites (id),
    version     INTEGER     NOT NULL,              -- 1, 2, 3 … per site
    source      TEXT        NOT NULL,              -- the YAML document as written
    checksum    TEXT        NOT NULL,              -- SHA-256 of source, hexadecimal
    note        TEXT        NOT NULL,              -- reason for the change; may be empty
    created_by  TEXT        NOT NULL,              -- moderator id; '' for command line and shipped default
    created_at  TIMESTAMPTZ NOT NULL,
    base        TEXT        NOT NULL DEFAULT '',   -- the document that source extends, as it was then; '' for
                                                   -- none
    UNIQUE (site_id, version)
);

-- The active version: exactly one per site. Activation replaces the row, so the switch is atomic.
CREATE TABLE active_rulesets (
    site_id       UUID        NOT NULL PRIMARY KEY REFERENCES sites (id),
    ruleset_id    UUID        NOT NULL REFERENCES rulesets (id),
    activated_by  TEXT        NOT NULL,            -- moderator id; '' for command line and shipped default
    activated_at  TIMESTAMPTZ NOT NULL
);

-- A submission is the act of sending or editing a comment, with its facts and verdict frozen. Backtests
-- replay it; velocity and copies are counted on it. Submissions and edits write it; only an erasure or the
-- janitor empties columns.
CREATE TABLE submissions (
    id                UUID        NOT NULL,        -- decisions and calls name it, with its comment
    site_id           UUID        NOT NULL,
    article_id        UUID        NOT NULL,
    commenter_id      UUID        NOT NULL,
    comment_id        UUID        NOT NULL,
    revision          INTEGER     NOT NULL,        -- 1 for the first text, plus 1 for each edit
    author_name       TEXT        NOT NULL,
    author_url        TEXT        NOT NULL,
    body              TEXT,                        -- Markdown as the reader wrote it; '' once erased. NULL: plain
                                                   -- text, as in comments.body_html (db/submission_body.go)
    fingerprint       BYTEA       NOT NULL,        -- of the folded letters and digits, to find copies of the
                                                   -- last day; '' once erased, and for older imported texts
    facts             BYTEA       NOT NULL,        -- rules.Facts, frozen, without email and address: JSON, as
                                                   -- compressed by db/types_frozen.go; {} once erased
    verdict           BYTEA       NOT NULL,        -- rules.Verdict: action, score, every hit; likewise
    ruleset_id        UUID        NOT NULL REFERENCES rulesets (id),
    address_index     BYTEA,                       -- HMAC of the client address; NULL once past its retention
    address_prefix    TEXT,                        -- its /24 or /48; NULL once past its retention
    created_at        TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (comment_id, revision)
);

-- A site's submissions in order of arrival: backtests and rule health.
CREATE INDEX submissions_site ON submissions (site_id, created_at);
CREATE INDEX submissions_commenter ON submissions (commenter_id, created_at);
CREATE INDEX submissions_article ON submissions (article_id, created_at);
CREATE INDEX submissions_address ON submissions (address_index, created_at) WHERE address_index IS NOT NULL;
CREATE INDEX submissions_fingerprint ON submissions (fingerprint, created_at);
CREATE INDEX submissions_retention ON submissions (created_at) WHERE address_index IS NOT NULL;

-- MinHash sketches of submissions, for finding near duplicates: these share at least one band. Written with
-- the submission; deleted after a day, or with the text. No word can be recovered from a sketch.
CREATE TABLE sketches (
    band_1      BIGINT      NOT NULL,              -- high 32 bits: hash of the site and the first quarter of
                                                   -- the sketch; low: the submission's time in seconds since 1970
    band_2      BIGINT      NOT NULL,              -- the same with the other quarters
    band_3      BIGINT      NOT NULL,
    band_4      BIGINT      NOT NULL,
    revision    INTEGER     NOT NULL,              -- the submission's
    comment_id  UUID        NOT NULL REFERENCES comments (id),
    sketch      BYTEA       NOT NULL,              -- text.Sketch: 16 numbers of 16 bits
    PRIMARY KEY (comment_id, revision)
);

CREATE INDEX sketches_band_1 ON sketches (band_1);
CREATE INDEX sketches_band_2 ON sketches (band_2);
CREATE INDEX sketches_band_3 ON sketches (band_3);
CREATE INDEX sketches_band_4 ON sketches (band_4);

-- A decision is a status change of a comment and its author. Append-only: an undo is a new row. Only an
-- erasure changes reason and note, if they quote what is erased.
CREATE TABLE decisions (
    id             UUID        NOT NULL PRIMARY KEY,
    site_id        UUID        NOT NULL,
    comment_id     UUID        NOT NULL,
    commenter_id   UUID,                           -- the comment's writer, if to_status is 'rejected' or 'spam'
    version        INTEGER     NOT NULL,           -- the comment's version that this decision produced
    action         TEXT        NOT NULL CHECK (action IN ('approve', 'hold', 'reject', 'spam', 'delete')),
    from_status    TEXT        NOT NULL,           -- '' for a comment's first decision
    to_status      TEXT        NOT NULL,
    actor          TEXT        NOT NULL CHECK (actor IN ('ruleset', 'moderator', 'commenter', 'readers', 'import', 'retention')),
    moderator_id   TEXT        NOT NULL,           -- '' unless the actor is a moderator
    ruleset_id     UUID        NOT NULL,           -- zero unless the actor is the ruleset
    submission_id  UUID        NOT NULL,           -- the text that was judged
    reason         TEXT        NOT NULL,           -- what the writer may be told; may be empty
    note           TEXT        NOT NULL,           -- for moderators only; may be empty
    reason_code    TEXT        NOT NULL,           -- one of the site's reason codes; '' for none
    undoes         UUID,                           -- the decision that this one undoes; NULL for none
    bulk_id        TEXT        NOT NULL,           -- shared by all decisions of one bulk; '' for none
    created_at     TIMESTAMPTZ NOT NULL,
    UNIQUE (comment_id, version)
);

-- All decisions of one bulk, by id.
CREATE INDEX decisions_bulk ON decisions (bulk_id, id) WHERE bulk_id <> '';
CREATE INDEX decisions_site ON decisions (site_id, created_at);
-- The log of people's decisions, and the log by reason code.
CREATE INDEX decisions_actors ON decisions (site_id, actor, created_at, id) WHERE actor <> 'ruleset';
CREATE INDEX decisions_reasons ON decisions (site_id, reason_code, created_at) WHERE reason_code <> '';
-- A commenter's rejections and spam, newest first.
CREATE INDEX decisions_negative ON decisions (commenter_id, created_at) WHERE to_status IN ('rejected', 'spam');
-- Moderators' decisions, which the classifier learns.
CREATE INDEX decisions_people ON decisions (site_id, created_at, id) WHERE actor = 'moderator' AND to_status <> 'deleted';

-- Rollup of decisions by hour (UTC), written by a worker one hour later; it can be recomputed from decisions.
-- Undone decisions and staff replies do not count.
CREATE TABLE decision_hours (
    site_id       UUID        NOT NULL REFERENCES sites (id),
    hour          TIMESTAMPTZ NOT NULL,            -- start of the hour
    actor         TEXT        NOT NULL,            -- as in decisions
    moderator_id  TEXT        NOT NULL,            -- '' unless the actor is a moderator
    arrival       BOOLEAN     NOT NULL,            -- the first decision on a comment
    to_status     TEXT        NOT NULL,
    reason_code   TEXT        NOT NULL,            -- '' for none
    decisions     BIGINT      NOT NULL,            -- number of decisions
    PRIMARY KEY (site_id, hour, actor, moderator_id, arrival, to_status, reason_code)
);

-- Rollup of how long comments waited for the moderators' decisions of each hour, written by the same worker.
CREATE TABLE decision_waits (
    site_id    UUID        NOT NULL REFERENCES sites (id),
    hour       TIMESTAMPTZ NOT NULL,               -- start of the hour
    bucket     INTEGER     NOT NULL,               -- stats.WaitBucket: eight for each doubling of seconds
    decisions  BIGINT      NOT NULL,               -- number of decisions
    PRIMARY KEY (site_id, hour, bucket)
);

-- How far the rollup of decisions is for each site.
CREATE TABLE decision_hour_progress (
    site_id     UUID        NOT NULL PRIMARY KEY REFERENCES sites (id),
    tallied_at  TIMESTAMPTZ NOT NULL               -- start of the first hour that is not included
);

-- A site's classifier, trained on moderators' decisions, and its cursor. A worker writes both together.
CREATE TABLE classifiers (
    site_id     UUID        NOT NULL PRIMARY KEY REFERENCES sites (id),
    version     INTEGER     NOT NULL,              -- 1, 2, 3 …: one for each learned batch
    model       BYTEA       NOT NULL,              -- encoded classify.Model: weights and examples by hash, no text
    learned_at  TIMESTAMPTZ NOT NULL,              -- cursor: time of the last learned decision
    learned_id  UUID        NOT NULL,              -- and its id
    updated_at  TIMESTAMPTZ NOT NULL
);

-- A classifier outside of this program. Its server is asked about submissions (moderation/external).
CREATE TABLE external_classifiers (
    id             UUID        NOT NULL PRIMARY KEY,
    name           TEXT        NOT NULL UNIQUE,    -- in rules: external.<name>.score
    settings       JSONB       NOT NULL,           -- external.Settings, and secret_host: where the secret of the file may be sent
    secret_sealed  BYTEA,                          -- sealed with the id; NULL: none, or in a file
    version        INTEGER     NOT NULL,
    created_at     TIMESTAMPTZ NOT NULL,
    updated_at     TIMESTAMPTZ NOT NULL
);

-- The sites that a classifier is asked about, unless its settings name all.
CREATE TABLE external_sites (
    classifier_id  UUID        NOT NULL REFERENCES external_classifiers (id),
    site_id        UUID        NOT NULL REFERENCES sites (id),
    PRIMARY KEY (classifier_id, site_id)
);

-- Cursor in the log of decisions: up to it, moderators' decisions were compared with a classifier's answers.
CREATE TABLE external_progress (
    classifier_id  UUID        NOT NULL REFERENCES external_classifiers (id),
    site_id        UUID        NOT NULL REFERENCES sites (id),
    decided_at     TIMESTAMPTZ NOT NULL,           -- time of the last decision
    decision_id    UUID        NOT NULL,           -- and its id
    PRIMARY KEY (classifier_id, site_id)
);

-- A call that waits: for the answer to a held submission, or to tell a classifier what a moderator decided. It has
-- no text: that is read when its turn comes. It is removed when it is done, or 30 days after it was given up.
CREATE TABLE external_calls (
    id             UUID        NOT NULL PRIMARY KEY,
    classifier_id  UUID        NOT NULL REFERENCES external_classifiers (id),
    site_id        UUID        NOT NULL,
    comment_id     UUID        NOT NULL REFERENCES comments (id),
    submission_id  UUID        NOT NULL,
    kind           TEXT        NOT NULL CHECK (kind IN ('judge', 'spam', 'ham')),
    failed         BOOLEAN     NOT NULL,           -- given up; an admin can repeat it
    tries          INTEGER     NOT NULL,           -- including one that is under way
    due_at         TIMESTAMPTZ NOT NULL,           -- next try. A worker that claims the call sets it to the end of
                                                   -- its claim
    error          TEXT        NOT NULL,           -- of the last try; '' for none
    created_at     TIMESTAMPTZ NOT NULL,
    UNIQUE (submission_id, classifier_id, kind)
);

CREATE INDEX external_calls_due ON external_calls (due_at, id);
CREATE INDEX external_calls_comment ON external_calls (comment_id);

-- Outcomes of the calls to a classifier by day (UTC), added up by all nodes every few seconds, and how often
-- moderators agreed with it.
CREATE TABLE external_days (
    classifier_id  UUID        NOT NULL REFERENCES external_classifiers (id),
    day            TEXT        NOT NULL,           -- as 2026-03-02
    sent           BIGINT      NOT NULL,           -- requests; the daily budget counts these
    answered       BIGINT      NOT NULL,           -- of these
    late           BIGINT      NOT NULL,           -- of these: no answer within the time limit
    failed         BIGINT      NOT NULL,           -- of these: no connection, or an invalid answer
    skipped        BIGINT      NOT NULL,           -- not sent: breaker, concurrency or budget
    cached         BIGINT      NOT NULL,           -- not sent: the answer was known
    micros         BIGINT      NOT NULL,           -- time of the answered ones in microseconds, together
    max_micros     BIGINT      NOT NULL,           -- of the slowest
    agreed         BIGINT      NOT NULL,           -- moderators decided as it had said
    disagreed      BIGINT      NOT NULL,
    PRIMARY KEY (classifier_id, day)
);

-- Rollup of each rule's hits by the day (UTC) of the submission, written by a worker two minutes later; it
-- can be recomputed from submissions and decisions.
CREATE TABLE rule_days (
    site_id            UUID        NOT NULL REFERENCES sites (id),
    rule               TEXT        NOT NULL,       -- its id in the rulesets
    day                TEXT        NOT NULL,       -- as 2026-03-02
    hits               BIGINT      NOT NULL,       -- hits while it was enforced
    acted              BIGINT      NOT NULL,       -- of these: the verdict was the rule's action
    upheld             BIGINT      NOT NULL,       -- of the hits: a moderator agreed
    overturned         BIGINT      NOT NULL,       -- of the hits: a moderator decided otherwise
    shadow_hits        BIGINT      NOT NULL,       -- the same while in shadow mode
    shadow_upheld      BIGINT      NOT NULL,
    shadow_overturned  BIGINT      NOT NULL,
    last_at            TIMESTAMPTZ NOT NULL,       -- last hit of that day
    PRIMARY KEY (site_id, rule, day)
);

-- The cursors of the rollup rule_days for each site.
CREATE TABLE rule_day_progress (
    site_id         UUID        NOT NULL PRIMARY KEY REFERENCES sites (id),
    submissions_at  TIMESTAMPTZ NOT NULL,          -- last counted submission; its id may be zero
    submissions_id  UUID        NOT NULL,
    decisions_at    TIMESTAMPTZ NOT NULL,          -- last counted decision; its id may be zero
    decisions_id    UUID        NOT NULL
);

-- When each rule of the active version started, counting all consecutive versions that had it and did not
-- switch it off. Distinguishes a new rule from one that never fires. Written on activation.
CREATE TABLE rule_starts (
    site_id     UUID        NOT NULL REFERENCES sites (id),
    rule        TEXT        NOT NULL,              -- its id in the rulesets
    started_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (site_id, rule)
);

-- A reader's vote on an approved comment: at most one per client address. Readers write it.
CREATE TABLE votes (
    comment_id  UUID        NOT NULL REFERENCES comments (id),
    voter       BYTEA,                             -- HMAC of the client address; NULL once past its retention
    value       INTEGER     NOT NULL CHECK (value IN (-1, 1)),
    created_at  TIMESTAMPTZ NOT NULL,
    UNIQUE (comment_id, voter)
);

CREATE INDEX votes_retention ON votes (created_at) WHERE voter IS NOT NULL;

-- A reader's complaint about an approved comment: at most one per client address. Readers write it; a
-- moderator's decision closes it.
CREATE TABLE reports (
    id           UUID        NOT NULL PRIMARY KEY,
    comment_id   UUID        NOT NULL REFERENCES comments (id),
    reporter     BYTEA,                            -- HMAC of the client address; NULL once past its retention
    reason       TEXT        NOT NULL CHECK (reason IN ('offensive', 'spam', 'personal', 'off-topic', 'other')),
    note         TEXT        NOT NULL,             -- the reader's words, for moderators; may be empty; ''
                                                   -- once the comment is erased
    created_at   TIMESTAMPTZ NOT NULL,
    resolved_at  TIMESTAMPTZ,                      -- when a decision closed it; NULL: open
    decision_id  UUID        NOT NULL,             -- that decision; zero while open
    UNIQUE (comment_id, reporter)
);

CREATE INDEX reports_open ON reports (comment_id) WHERE resolved_at IS NULL;
CREATE INDEX reports_retention ON reports (created_at) WHERE reporter IS NOT NULL;

-- A writer's objection to the rejection of a comment, once per comment. The writer creates it; a decision
-- closes it.
CREATE TABLE appeals (
    comment_id    UUID        NOT NULL PRIMARY KEY REFERENCES comments (id),
    body          TEXT        NOT NULL,            -- the writer's words, for moderators; '' once the comment
                                                   -- is erased
    moderator_id  TEXT        NOT NULL,            -- who rejected the comment, and should not decide; '' for
                                                   -- the ruleset
    created_at    TIMESTAMPTZ NOT NULL,
    resolved_at   TIMESTAMPTZ,                     -- when a decision closed it; NULL: open
    -- '' while it is open
    outcome       TEXT        NOT NULL CHECK (outcome IN ('', 'pending', 'approved', 'rejected', 'spam', 'deleted'))
);

-- Open appeals.
CREATE INDEX appeals_open ON appeals (comment_id) WHERE resolved_at IS NULL;
CREATE INDEX appeals_newest ON appeals (created_at);

-- The Idempotency-Key of a submission, so that a repeated request gets the first response again.
CREATE TABLE idempotency_keys (
    site_id       UUID        NOT NULL,
    key_hash      BYTEA       NOT NULL,            -- SHA-256 of the key
    request_hash  BYTEA       NOT NULL,            -- keyed hash of the request: the same key with other
                                                   -- content is rejected
    comment_id    UUID        NOT NULL REFERENCES comments (id),
    created_at    TIMESTAMPTZ NOT NULL,            -- kept for 24 hours
    PRIMARY KEY (key_hash, site_id)
);

CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

-- A moderator is a person with a login. Admins and the command line create it.
CREATE TABLE moderators (
    id             TEXT        NOT NULL PRIMARY KEY,
    email_index    BYTEA       NOT NULL UNIQUE,    -- HMAC of the canonical email
    email_sealed   BYTEA       NOT NULL,           -- AES-GCM of the email, bound to this row's id
    name           TEXT        NOT NULL,
    role           TEXT        NOT NULL CHECK (role IN ('admin', 'moderator', 'rules', 'writer', 'viewer', 'key')),
                                                   -- auth.Role, or the account of a server key
    password_hash  TEXT        NOT NULL,           -- argon2id in PHC form; '' until an invitation is accepted
    must_change_password BOOLEAN NOT NULL,         -- somebody else set the password: it must be changed
                                                   -- before anything else
    language       TEXT        NOT NULL,           -- BCP 47 tag for the console and mail; '': as the browser
                                                   -- asks, and mail in English
    time_zone      TEXT        NOT NULL,           -- IANA name for times and mail; '': that of the sites
    disabled_at    TIMESTAMPTZ,                    -- NULL: may sign in
    created_at     TIMESTAMPTZ NOT NULL
);

-- The sites that a moderator works on. No row means every site.
CREATE TABLE moderator_sites (
    moderator_id  TEXT NOT NULL REFERENCES moderators (id),
    site_id       UUID NOT NULL REFERENCES sites (id),
    PRIMARY KEY (moderator_id, site_id)
);

-- The authors of an article: accounts of the site's staff. Those with the role writer see and answer comments on these
-- articles only. Admins and server keys write it.
CREATE TABLE article_authors (
    article_id    UUID NOT NULL REFERENCES articles (id),
    moderator_id  TEXT NOT NULL REFERENCES moderators (id),
    PRIMARY KEY (moderator_id, article_id)
);

CREATE INDEX article_authors_article ON article_authors (article_id);

-- A key with which a program uses the API, such as a CMS. Admins and the command line write it. A revoked key stays,
-- because logs name it.
CREATE TABLE server_keys (
    id              TEXT        NOT NULL PRIMARY KEY REFERENCES moderators (id), -- its account: its acts are recorded
                                                   -- under that id, and moderator_sites has its sites
    name            TEXT        NOT NULL,
    scopes          JSONB       NOT NULL,          -- array of auth.Permission
    per_minute      INTEGER     NOT NULL,          -- maximum number of requests
    hint            TEXT        NOT NULL,          -- first characters of the secret
    secret_hash     BYTEA       NOT NULL UNIQUE,   -- SHA-256 of the secret, which is not stored
    previous_hash   BYTEA       UNIQUE,            -- of the secret before the last rotation; NULL: none
    previous_until  TIMESTAMPTZ,                   -- until when that is valid
    created_by      TEXT        NOT NULL,          -- moderator id; '' for the command line
    created_at      TIMESTAMPTZ NOT NULL,
    rotated_at      TIMESTAMPTZ,                   -- NULL: never
    expires_at      TIMESTAMPTZ,                   -- NULL: never
    revoked_at      TIMESTAMPTZ,                   -- NULL: not revoked
    last_used_at    TIMESTAMPTZ                    -- written once a minute at most; NULL: never
);

-- A link with which a moderator sets a password, once: an invitation, or a reset made by an admin.
CREATE TABLE account_links (
    moderator_id  TEXT        NOT NULL PRIMARY KEY REFERENCES moderators (id),
    kind          TEXT        NOT NULL CHECK (kind IN ('invitation', 'password_reset')),
    secret_hash   BYTEA       NOT NULL UNIQUE,     -- SHA-256 of the secret, which is not stored
    created_at    TIMESTAMPTZ NOT NULL,
    expires_at    TIMESTAMPTZ NOT NULL
);

-- Links with which the first admin is created, printed by servers without any moderator. The table is empty once
-- there is a moderator.
CREATE TABLE setup_links (
    secret_hash  BYTEA       NOT NULL PRIMARY KEY,  -- SHA-256 of the secret, which is not stored
    expires_at   TIMESTAMPTZ NOT NULL
);

-- The secret shared with a moderator's authenticator app (TOTP, RFC 6238).
CREATE TABLE second_factors (
    moderator_id   TEXT        NOT NULL PRIMARY KEY REFERENCES moderators (id),
    secret_sealed  BYTEA       NOT NULL,           -- AES-GCM of the secret, bound to this row
    last_step      BIGINT      NOT NULL,           -- 30-second period of the last used code: no code works
                                                   -- twice
    created_at     TIMESTAMPTZ NOT NULL,
    confirmed_at   TIMESTAMPTZ                     -- NULL: not confirmed by a code yet; signing in takes none
);

-- Recovery codes, which replace the app once each. A used one is deleted.
CREATE TABLE recovery_codes (
    moderator_id  TEXT  NOT NULL REFERENCES moderators (id),
    code_hash     BYTEA NOT NULL,                  -- SHA-256; the code has 80 random bits
    PRIMARY KEY (moderator_id, code_hash)
);

-- A session is one sign-in, until it is ended or expires.
CREATE TABLE sessions (
    id            TEXT        NOT NULL PRIMARY KEY, -- named in access tokens; the family of the refresh
                                                    -- tokens
    moderator_id  TEXT        NOT NULL REFERENCES moderators (id),
    client        TEXT        NOT NULL,            -- browser and system, such as 'Firefox on Linux'; may be
                                                   -- empty
    created_at    TIMESTAMPTZ NOT NULL,
    last_used_at  TIMESTAMPTZ NOT NULL,            -- last renewal
    expires_at    TIMESTAMPTZ NOT NULL,            -- of its newest refresh token
    ended_at      TIMESTAMPTZ,                     -- NULL: still active
    device_id     TEXT                             -- NULL or deleted: unknown device
);

CREATE INDEX sessions_moderator ON sessions (moderator_id, last_used_at);
-- Ended sessions, of which every node caches those whose access tokens are still valid.
CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX sessions_age ON sessions (expires_at);

-- A browser that a moderator signed in on before. Failed sign-ins of strangers do not delay it.
CREATE TABLE devices (
    id            TEXT        NOT NULL PRIMARY KEY, -- stored in a sealed cookie of that browser
    moderator_id  TEXT        NOT NULL REFERENCES moderators (id),
    created_at    TIMESTAMPTZ NOT NULL,
    last_used_at  TIMESTAMPTZ NOT NULL             -- the last sign-in on the device
);

CREATE INDEX devices_moderator ON devices (moderator_id);
CREATE INDEX devices_age ON devices (last_used_at);

-- A moderator's identity at an identity provider (OpenID Connect). A moderator with one signs in there, not with a
-- password.
CREATE TABLE federated_identities (
    id            TEXT        NOT NULL PRIMARY KEY,
    moderator_id  TEXT        NOT NULL UNIQUE REFERENCES moderators (id),
    provider      TEXT        NOT NULL,            -- its name in the configuration at the last sign-in
    issuer        TEXT        NOT NULL,            -- issuer and subject identify the person
    subject       TEXT        NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    last_used_at  TIMESTAMPTZ NOT NULL,            -- the last sign-in
    confirmed_at  TIMESTAMPTZ,                     -- when the provider last confirmed the access; NULL: it has refused
                                                   -- it since
    UNIQUE (issuer, subject)
);

-- A session that was started at an identity provider, until it ends. The provider is asked every few minutes
-- whether the moderator still has access.
CREATE TABLE federated_sessions (
    session_id         TEXT        NOT NULL PRIMARY KEY REFERENCES sessions (id),
    identity_id        TEXT        NOT NULL REFERENCES federated_identities (id),
    moderator_id       TEXT        NOT NULL REFERENCES moderators (id),
    provider           TEXT        NOT NULL,       -- its name in the configuration
    provider_session   TEXT        NOT NULL,       -- the provider's session id ("sid"); '' for none
    credential_sealed  BYTEA       NOT NULL,       -- AES-GCM of the provider's refresh token, bound to this row
    checked_at         TIMESTAMPTZ NOT NULL,       -- when the provider last confirmed the access
    next_check_at      TIMESTAMPTZ NOT NULL
);

CREATE INDEX federated_sessions_due ON federated_sessions (next_check_at);
CREATE INDEX federated_sessions_identity ON federated_sessions (identity_id);
CREATE INDEX federated_sessions_moderator ON federated_sessions (moderator_id);

-- A refresh token renews a session once. A second use after ten seconds means theft and revokes the whole
-- family.
CREATE TABLE refresh_tokens (
    id            TEXT        NOT NULL PRIMARY KEY,
    moderator_id  TEXT        NOT NULL REFERENCES moderators (id),
    family_id     TEXT        NOT NULL REFERENCES sessions (id), -- all tokens of one sign-in
    secret_hash   BYTEA       NOT NULL UNIQUE,     -- SHA-256 of the token, which is not stored
    predecessor_id TEXT,                           -- the token that it replaced; NULL for the first
    sealed        BYTEA,                           -- this token, encrypted with a key derived from the
                                                   -- predecessor; NULL for the first, and after the grace
                                                   -- period
    created_at    TIMESTAMPTZ NOT NULL,
    expires_at    TIMESTAMPTZ NOT NULL,
    used_at       TIMESTAMPTZ,                     -- NULL: not used yet
    revoked_at    TIMESTAMPTZ                      -- NULL: not revoked
);

CREATE INDEX refresh_tokens_family ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_age ON refresh_tokens (expires_at);

-- Consecutive failed sign-ins, for each account, device, client address and network. They delay further
-- attempts.
CREATE TABLE login_failures (
    attempt_key    BYTEA       NOT NULL PRIMARY KEY, -- what is counted (auth/throttle.go)
    failures       INTEGER     NOT NULL,
    blocked_until  TIMESTAMPTZ,                    -- NULL: not blocked
    last_at        TIMESTAMPTZ NOT NULL
);

-- The log of sign-in attempts, kept for 90 days.
CREATE TABLE sign_ins (
    id             TEXT        NOT NULL PRIMARY KEY,
    moderator_id   TEXT        REFERENCES moderators (id), -- NULL: no moderator has that email
    outcome        TEXT        NOT NULL CHECK (outcome IN ('sign_in', 'sign_in_failed', 'second_factor_failed', 'locked_out')),
    client         TEXT        NOT NULL,           -- browser and system; may be empty
    address_index  BYTEA,                          -- HMAC of the client address; NULL once past its retention
    created_at     TIMESTAMPTZ NOT NULL
);

CREATE INDEX sign_ins_newest ON sign_ins (created_at, id);
CREATE INDEX sign_ins_moderator ON sign_ins (moderator_id, created_at);
CREATE INDEX sign_ins_address ON sign_ins (created_at) WHERE address_index IS NOT NULL;
-- Looks up, before each password check, whether the moderator has signed in from an address.
CREATE INDEX sign_ins_known ON sign_ins (moderator_id, address_index, created_at) WHERE outcome = 'sign_in';

-- A moderator's temporary reservation of a pending comment. It expires, and no log records it.
CREATE TABLE claims (
    comment_id    UUID        NOT NULL PRIMARY KEY REFERENCES comments (id),
    site_id       UUID        NOT NULL REFERENCES sites (id),
    moderator_id  TEXT        NOT NULL REFERENCES moderators (id),
    expires_at    TIMESTAMPTZ NOT NULL,
    tab           TEXT        NOT NULL DEFAULT '', -- tab of the console that claimed it last; '' for none
    tab_seq       BIGINT      NOT NULL DEFAULT 0   -- the sequence number of that request
);

CREATE INDEX claims_moderator ON claims (moderator_id, expires_at);

-- Tabs of the console in which moderators claim comments. Requests are numbered per tab, so a claim that
-- arrives after its page was left has no effect.
CREATE TABLE claim_tabs (
    moderator_id  TEXT        NOT NULL REFERENCES moderators (id),
    tab           TEXT        NOT NULL,
    left_seq      BIGINT      NOT NULL,             -- lower numbers are from pages that were left
    seen_at       TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (moderator_id, tab)
);

CREATE INDEX claim_tabs_age ON claim_tabs (seen_at);

-- A block is a moderator's entry against an email, a domain, a name, a link's host or a network. It is a fact
-- of every submission that it matches; the ruleset decides what follows. It is found by a keyed index, so
-- this table reveals neither emails nor networks.
CREATE TABLE blocks (
    id           UUID        NOT NULL PRIMARY KEY,
    site_id      UUID        NOT NULL REFERENCES sites (id),
    kind         TEXT        NOT NULL CHECK (kind IN ('email', 'domain', 'name', 'host', 'prefix')),
    value_index  BYTEA       NOT NULL,             -- HMAC of kind and value
    shown        TEXT        NOT NULL,             -- display value: the domain, name or host; for an email or
                                                   -- a prefix, the name on that comment, if any. Names are ''
                                                   -- once it is erased
    action       TEXT        NOT NULL CHECK (action IN ('hold', 'reject', 'spam')),
    note         TEXT        NOT NULL,             -- reason, for moderators; may be empty; '' once that
                                                   -- comment is erased
    comment_id   UUID        REFERENCES comments (id), -- the comment it was made from; NULL: none
    created_by   TEXT        NOT NULL REFERENCES moderators (id),
    created_at   TIMESTAMPTZ NOT NULL,
    expires_at   TIMESTAMPTZ                       -- NULL: until it is removed
);

CREATE INDEX blocks_value ON blocks (site_id, value_index);
CREATE INDEX blocks_newest ON blocks (site_id, created_at, id);
CREATE INDEX blocks_expiry ON blocks (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX blocks_comment ON blocks (comment_id) WHERE comment_id IS NOT NULL;

-- Moderators' notes about a comment or its commenter. Append-only, but an erasure empties them.
CREATE TABLE notes (
    id            UUID        NOT NULL PRIMARY KEY,
    comment_id    UUID        NOT NULL REFERENCES comments (id), -- where it was written, whatever its subject
    commenter_id  UUID        NOT NULL REFERENCES commenters (id),
    about         TEXT        NOT NULL CHECK (about IN ('comment', 'commenter')),
    moderator_id  TEXT        NOT NULL REFERENCES moderators (id), -- author
    body          TEXT        NOT NULL,            -- '' once its subject is erased
    created_at    TIMESTAMPTZ NOT NULL
);

CREATE INDEX notes_comment ON notes (comment_id, created_at, id);
CREATE INDEX notes_commenter ON notes (commenter_id, about, created_at, id);

-- Changes to a ruleset that are not saved as a version yet: one draft per moderator and site.
CREATE TABLE ruleset_drafts (
    site_id       UUID        NOT NULL REFERENCES sites (id),
    moderator_id  TEXT        NOT NULL REFERENCES moderators (id),
    from_version  INTEGER     NOT NULL,             -- the version that the draft was started from
    source        TEXT        NOT NULL,             -- may be invalid
    changed_at    TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (site_id, moderator_id)
);
CREATE INDEX ruleset_drafts_moderator ON ruleset_drafts (moderator_id);

-- Moderators' acts that are not decisions but must be accounted for. Append-only; an erasure empties a reason
-- that quotes erased text.
CREATE TABLE audit_entries (
    id            TEXT        NOT NULL PRIMARY KEY,
    moderator_id  TEXT        REFERENCES moderators (id), -- NULL: the command line or the server
    action        TEXT        NOT NULL,            -- 'reveal_email', 'activate_ruleset', 'change_site',
                                                   -- 'change_article', 'disable_moderator', …
    site_id       UUID        REFERENCES sites (id), -- NULL: about an account
    subject_id    TEXT        NOT NULL,            -- id of the comment, ruleset, article or moderator
    reason        TEXT        NOT NULL,            -- given by the moderator; may be empty
    created_at    TIMESTAMPTZ NOT NULL
);

CREATE INDEX audit_entries_site ON audit_entries (site_id, created_at, id);
CREATE INDEX audit_entries_subject ON audit_entries (subject_id) WHERE reason <> '';
CREATE INDEX audit_entries_newest ON audit_entries (created_at, id);

-- Notifications.

-- Events that people may have to be told about, written in the transaction of the change. The worker of a node
-- turns each row into messages and deletes it in the same transaction. Empty while nothing is sent.
CREATE TABLE outbox_events (
    id          UUID        NOT NULL PRIMARY KEY,  -- that of the decision, report or ruleset
    kind        TEXT        NOT NULL,              -- notify.EventKind: 'decision', 'edit', 'report' or 'ruleset'
    site_id     UUID        NOT NULL,
    comment_id  UUID        REFERENCES comments (id), -- NULL: about a ruleset
    created_at  TIMESTAMPTZ NOT NULL
);

CREATE INDEX outbox_events_comment ON outbox_events (comment_id);

-- A message to one recipient. It contains neither an address nor the text of a comment: these are read when its
-- turn comes. Done messages are kept for 30 days.
CREATE TABLE outbox (
    id            UUID        NOT NULL PRIMARY KEY,  -- in the Message-ID: the same on every try
    channel       TEXT        NOT NULL CHECK (channel IN ('mail', 'webhook')),
    kind          TEXT        NOT NULL,              -- notify.Kind, or webhook.EventType
    site_id       UUID,                              -- NULL: about a moderator's account
    commenter_id  UUID,                              -- the recipient, if it is a reader
    moderator_id  TEXT,                              -- the recipient, if it is a moderator
    comment_id    UUID,                              -- what it is about; NULL: no single comment
    webhook_id    UUID,                              -- the recipient, or what a mail is about; NULL: none
    payload       JSONB       NOT NULL,              -- notify.Payload
    dedupe        TEXT        UNIQUE,                -- no second message has the same; NULL: any number may
    state         TEXT        NOT NULL CHECK (state IN ('waiting', 'sent', 'dropped', 'failed')),
    tries         INTEGER     NOT NULL,              -- including one that is under way
    due_at        TIMESTAMPTZ NOT NULL,              -- next try. A worker that claims the message sets it to the end
                                                     -- of its claim
    error         TEXT        NOT NULL,              -- of the last try, or why it was dropped; '' for none
    created_at    TIMESTAMPTZ NOT NULL,
    done_at       TIMESTAMPTZ                        -- NULL: waiting
);

CREATE INDEX outbox_due ON outbox (due_at, id) WHERE state = 'waiting' AND channel = 'mail';
CREATE INDEX outbox_webhook_due ON outbox (webhook_id, due_at, id) WHERE state = 'waiting' AND channel = 'webhook';
CREATE INDEX outbox_webhook ON outbox (webhook_id, id) WHERE webhook_id IS NOT NULL;
CREATE INDEX outbox_newest ON outbox (created_at, id);
CREATE INDEX outbox_failed ON outbox (created_at, id) WHERE state = 'failed';
CREATE INDEX outbox_done ON outbox (done_at) WHERE done_at IS NOT NULL;
-- The messages of a reader: to count the latest ones, and to remove all with the reader.
CREATE INDEX outbox_reader ON outbox (commenter_id, done_at) WHERE commenter_id IS NOT NULL;

-- A reader's wish to get mail. Submissions and readers write it; nothing is sent before the commenter's
-- address is confirmed.
CREATE TABLE subscriptions (
    id            UUID        NOT NULL PRIMARY KEY,
    site_id       UUID        NOT NULL,
    article_id    UUID        NOT NULL,
    commenter_id  UUID        NOT NULL,
    comment_id    UUID        REFERENCES comments (id), -- fate of this comment and replies to it; NULL: all
                                                        -- comments of the article
    language      TEXT        NOT NULL,                 -- of the page with the form: that of the mails
    created_at    TIMESTAMPTZ NOT NULL,
    stopped_at    TIMESTAMPTZ,                          -- NULL: in force
    UNIQUE (comment_id)
);

CREATE INDEX subscriptions_reader ON subscriptions (commenter_id, created_at);
CREATE UNIQUE INDEX subscriptions_article ON subscriptions (article_id, commenter_id) WHERE comment_id IS NULL;

-- A reader's choices about mail, and the mails that asked for a confirmation. Missing until the first.
CREATE TABLE reader_mail (
    commenter_id   UUID        NOT NULL PRIMARY KEY REFERENCES commenters (id),
    site_id        UUID        NOT NULL,
    replies        TEXT        NOT NULL CHECK (replies IN ('at_once', 'hourly', 'daily', 'never')),
    outcomes       BOOLEAN     NOT NULL,           -- told when a comment is published or declined
    confirmations  INTEGER     NOT NULL,           -- confirmation mails since the last confirmation
    asked_at       TIMESTAMPTZ,                    -- the last confirmation mail; NULL: none
    stopped_at     TIMESTAMPTZ                     -- when the reader stopped this site's mail; NULL: never
);

CREATE INDEX reader_mail_site ON reader_mail (site_id);

-- Browsers of a commenter that sent a comment for which the address was confirmed. Only these count as confirmed
-- to rules: anyone can type a confirmed address.
CREATE TABLE confirmed_browsers (
    commenter_id  UUID        NOT NULL REFERENCES commenters (id),
    browser_id    TEXT        NOT NULL,            -- as in comments
    confirmed_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (commenter_id, browser_id)
);

-- Addresses that get no mail from any site of this server.
CREATE TABLE mail_stops (
    email_index  BYTEA       NOT NULL PRIMARY KEY, -- HMAC of the canonical email
    reason       TEXT        NOT NULL CHECK (reason IN ('reader', 'bounced')),
    created_at   TIMESTAMPTZ NOT NULL
);

-- Mails that anybody may request for an address: how many it got since its owner last used a link from one. Rows are
-- removed after 30 days.
CREATE TABLE mail_requests (
    email_index  BYTEA       NOT NULL,             -- HMAC of the canonical email
    kind         TEXT        NOT NULL,             -- notify.Kind
    requests     INTEGER     NOT NULL,
    asked_at     TIMESTAMPTZ NOT NULL,             -- the last one
    PRIMARY KEY (email_index, kind)
);

CREATE INDEX mail_requests_asked ON mail_requests (asked_at);

-- A moderator's choices about mail. Missing: urgent and security mail only.
CREATE TABLE moderator_mail (
    moderator_id  TEXT    NOT NULL PRIMARY KEY REFERENCES moderators (id),
    choices       JSONB   NOT NULL                 -- notify.ModeratorChoices
);

-- Signed-in readers, whom the publication's own server identifies.

-- A key with which a site's server signs the tokens of its readers. Admins and the command line write it. Several are
-- valid at once, so that keys can be replaced.
CREATE TABLE identity_keys (
    id          UUID        NOT NULL PRIMARY KEY,
    site_id     UUID        NOT NULL REFERENCES sites (id),
    name        TEXT        NOT NULL,              -- for people
    kind        TEXT        NOT NULL CHECK (kind IN ('secret', 'public', 'url')),
    sealed      BYTEA       NOT NULL,              -- AES-GCM of the secret, of public keys (PEM or JWK set) or of the
                                                   -- URL of a JWK set, bound to this row's id
    created_by  TEXT        NOT NULL,              -- moderator id; '' for the command line
    created_at  TIMESTAMPTZ NOT NULL,
    expires_at  TIMESTAMPTZ                        -- NULL: valid until it is removed
);

CREATE INDEX identity_keys_site ON identity_keys (site_id, created_at, id);

-- A reader as a publication's server knows them. Written before the first comment; deleted once nothing of theirs is
-- left, or a day after a comment that was refused. comments.browser_id refers to it.
CREATE TABLE signed_readers (
    id             UUID        NOT NULL PRIMARY KEY,
    site_id        UUID        NOT NULL REFERENCES sites (id),
    subject_index  BYTEA       NOT NULL,           -- HMAC of the reader's ID at the publication
    first_seen_at  TIMESTAMPTZ NOT NULL,           -- refused comments do not count
    UNIQUE (subject_index, site_id)
);

CREATE INDEX signed_readers_site ON signed_readers (site_id);

-- Webhooks.

-- An address to which events of a site are sent. Admins and the command line write it, and the worker that pauses it.
CREATE TABLE webhooks (
    id                 UUID        NOT NULL PRIMARY KEY,
    site_id            UUID        NOT NULL REFERENCES sites (id),
    name               TEXT        NOT NULL,       -- for admins
    type               TEXT        NOT NULL CHECK (type IN ('standard', 'slack', 'discord', 'mattermost', 'telegram')),
    host               TEXT        NOT NULL,       -- of the URL
    url_sealed         BYTEA       NOT NULL,       -- AES-GCM of the URL, bound to this row's id
    chat               TEXT        NOT NULL,       -- of Telegram; otherwise ''
    events             JSONB       NOT NULL,       -- array of webhook.EventType
    email              BOOLEAN     NOT NULL,       -- payloads contain the commenter's email
    depth              INTEGER     NOT NULL,       -- of the queue above which 'queue.depth' is sent; 0 without it
    deep               BOOLEAN     NOT NULL,       -- the event was sent: not again until the queue is shorter
    secret_sealed      BYTEA,                      -- AES-GCM of the secret that signs, likewise; NULL for chats
    old_secret_sealed  BYTEA,                      -- the secret before; NULL: none
    old_secret_until   TIMESTAMPTZ,                -- until when it signs, too; NULL: no longer
    state              TEXT        NOT NULL CHECK (state IN ('active', 'paused')),
    pause_reason       TEXT        NOT NULL,       -- webhook.PauseReason; '' while active
    failures           INTEGER     NOT NULL,       -- tries that failed since the last one that succeeded
    failing_since      TIMESTAMPTZ,                -- the first of them; NULL: none
    version            INTEGER     NOT NULL,       -- increases with every change by an admin: optimistic lock
    created_at         TIMESTAMPTZ NOT NULL
);

-- A request to a webhook and what came back. Written with the result of the try; deleted after 7 days, and with the
-- text of the comment.
CREATE TABLE webhook_attempts (
    id          UUID        NOT NULL PRIMARY KEY,
    message_id  UUID        NOT NULL,              -- of the outbox
    webhook_id  UUID        NOT NULL,
    site_id     UUID        NOT NULL,
    comment_id  UUID,                              -- NULL: about no single comment
    at          TIMESTAMPTZ NOT NULL,
    took        BIGINT      NOT NULL,              -- in microseconds
    status      INTEGER     NOT NULL,              -- of the response; 0: there was none
    error       TEXT        NOT NULL,              -- why it failed; '' if it succeeded
    exchange    BYTEA       NOT NULL               -- AES-GCM of webhook.Exchange, bound to this row's id
);

CREATE INDEX webhook_attempts_message ON webhook_attempts (message_id, id);
CREATE INDEX webhook_attempts_comment ON webhook_attempts (comment_id) WHERE comment_id IS NOT NULL;
CREATE INDEX webhook_attempts_at ON webhook_attempts (at);

-- Imports: comments that came from other systems.

-- An import is one run of reading a file of another system into a site. Admins and the command line write it.
CREATE TABLE imports (
    id          UUID        NOT NULL PRIMARY KEY,
    site_id     UUID        NOT NULL REFERENCES sites (id),
    format      TEXT        NOT NULL,              -- as wxr or disqus
    source      TEXT        NOT NULL,              -- whose ids the file has: part of imported_comments.source_key
    file_name   TEXT        NOT NULL,              -- without folder; may be empty
    status      TEXT        NOT NULL CHECK (status IN ('running', 'done', 'failed', 'undoing', 'undone')),
    report      JSONB       NOT NULL,              -- imports.Report: counts and problems, without texts
    learn       BOOLEAN     NOT NULL,              -- the site's classifier learns from its decisions
    learned_id  UUID        NOT NULL,              -- the last comment that it learned from; zero: none
    created_by  TEXT        NOT NULL,              -- moderator id; '' for the command line
    started_at  TIMESTAMPTZ NOT NULL,
    updated_at  TIMESTAMPTZ NOT NULL               -- the last batch that was committed
);

CREATE INDEX imports_site ON imports (site_id, started_at, id);

-- Where an imported comment came from. A comment with a source_key that is here is never imported again, even
-- after its text is erased. Written with the comment; deleted only if the import is undone.
CREATE TABLE imported_comments (
    comment_id  UUID        NOT NULL PRIMARY KEY,
    site_id     UUID        NOT NULL,
    import_id   UUID        NOT NULL,
    source_key  BYTEA       NOT NULL,              -- of source and the comment's id there (imports.SourceKey)
    UNIQUE (source_key, site_id)
);

CREATE INDEX imported_comments_import ON imported_comments (import_id, comment_id);

-- Votes that came with an imported comment, in sum. They count in comments.up_votes and down_votes.
CREATE TABLE imported_votes (
    comment_id  UUID        NOT NULL PRIMARY KEY REFERENCES comments (id),
    up          INTEGER     NOT NULL CHECK (up >= 0),
    down        INTEGER     NOT NULL CHECK (down >= 0)
);
