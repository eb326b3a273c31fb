-- Rejoinder's database, as a data dictionary: every table and every column, and why it is there.
--
-- This one text runs on PostgreSQL and on SQLite. What keeps it portable:
--   * ids are UUIDv7 text made in Go, so that they sort by time; times are UTC, made in Go, microseconds
--   * no SERIAL, no DEFAULT now(), no enum types, no arrays: a CHECK names the allowed words
--   * JSONB columns are read with ->> and are never hashed (PostgreSQL reformats them)
-- Keys begin with what says most, so that no plan, not even one made before there were statistics, goes by the site alone.
-- What belongs to a comment refers to that, and repeats its site, article and writer without referring to them again: they were
-- checked with the comment, and to check them for each row would have every writer wait for the row of the same site.
-- One thing is not the same on both, and so not here: comment_search, by which comments are found by their words
-- (db/searchindex.go).
-- A fresh database gets this file and is stamped with the newest migration; an older one gets the
-- migrations in db/migrations. A test proves that both ways end in the same shape on both engines.

-- One row for each migration this database has. Checksums make a changed migration stand out.
CREATE TABLE schema_migrations (
    version     INTEGER     NOT NULL PRIMARY KEY,  -- the number in the migration's file name
    name        TEXT        NOT NULL,              -- the rest of the file name, for people
    checksum    TEXT        NOT NULL,              -- SHA-256 of the file, hexadecimal
    applied_at  TIMESTAMPTZ NOT NULL
);

-- A site is one publication: a newspaper, a blog, a documentation site.
CREATE TABLE sites (
    id          TEXT        NOT NULL PRIMARY KEY,
    slug        TEXT        NOT NULL UNIQUE,       -- its name in addresses: lower-case letters, digits, hyphens
    name        TEXT        NOT NULL,              -- its name for people
    locale      TEXT        NOT NULL,              -- BCP 47 language tag of the site
    origins     JSONB       NOT NULL,              -- array of "https://host[:port]": pages that may embed and send
    settings    JSONB       NOT NULL,              -- moderation.SiteSettings: closing, editing, depth
    version     INTEGER     NOT NULL,              -- grows with every change of this row: a change names the one it read
    created_at  TIMESTAMPTZ NOT NULL
);

-- An article is one page that has a thread. It is known by its site and its key.
CREATE TABLE articles (
    id                TEXT        NOT NULL PRIMARY KEY,
    site_id           TEXT        NOT NULL REFERENCES sites (id),
    article_key       TEXT        NOT NULL,        -- a CMS id or the canonical URL; any UTF-8 up to 512 bytes
    url               TEXT        NOT NULL,        -- where the page is; may be empty
    title             TEXT        NOT NULL,        -- may be empty
    tags              JSONB       NOT NULL,        -- array of strings, as an admin gave them: what rules know the article by
    closed            BOOLEAN     NOT NULL,        -- an editor closed it by hand
    close_after_days  INTEGER,                     -- days after publication; NULL: the site's setting, 0: never
    published_at      TIMESTAMPTZ NOT NULL,        -- publication time; the time of registration when unknown
    registered        BOOLEAN     NOT NULL,        -- by an admin; else a reader's request named it, and its title and URL show
                                                   -- only once a comment was approved
    approved_count    INTEGER     NOT NULL CHECK (approved_count >= 0), -- comments of this article with status approved
    version           BIGINT      NOT NULL,        -- grows with every change of what the public thread shows
    created_at        TIMESTAMPTZ NOT NULL,
    UNIQUE (site_id, article_key)
);

-- A site's articles, newest first.
CREATE INDEX articles_newest ON articles (site_id, created_at, id);

-- A further key under which an article is found, for pages that moved. A key is an article's own or an alias, never both,
-- and an alias always names the article itself.
CREATE TABLE article_aliases (
    site_id     TEXT        NOT NULL REFERENCES sites (id),
    alias_key   TEXT        NOT NULL,              -- any UTF-8 up to 512 bytes, like articles.article_key
    article_id  TEXT        NOT NULL REFERENCES articles (id),
    created_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (site_id, alias_key)
);

CREATE INDEX article_aliases_article ON article_aliases (article_id);
CREATE INDEX article_aliases_newest ON article_aliases (site_id, created_at, alias_key);

-- A commenter is whoever wrote, per site, known by the keyed index of the email. There are no reader accounts.
CREATE TABLE commenters (
    id                TEXT        NOT NULL PRIMARY KEY,
    site_id           TEXT        NOT NULL REFERENCES sites (id),
    email_index       BYTEA       NOT NULL,        -- HMAC of the canonical email: finds it, tells nothing
    email_sealed      BYTEA       NOT NULL,        -- AES-GCM of the email, bound to this row's id
    name              TEXT        NOT NULL,        -- the name used last
    pending_count     INTEGER     NOT NULL CHECK (pending_count >= 0),  -- comments of this commenter by status
    approved_count    INTEGER     NOT NULL CHECK (approved_count >= 0),
    rejected_count    INTEGER     NOT NULL CHECK (rejected_count >= 0),
    spam_count        INTEGER     NOT NULL CHECK (spam_count >= 0),
    confirmed_at      TIMESTAMPTZ,                 -- when the address was proved to be theirs; NULL: never
    first_seen_at     TIMESTAMPTZ NOT NULL,
    last_seen_at      TIMESTAMPTZ NOT NULL,
    UNIQUE (email_index, site_id)
);

-- A comment is one contribution, whatever its status. Only 'approved' is ever public.
-- Its text in the writer's own words is in submissions (the row with the same revision).
CREATE TABLE comments (
    id                TEXT        NOT NULL PRIMARY KEY,
    site_id           TEXT        NOT NULL REFERENCES sites (id),
    article_id        TEXT        NOT NULL REFERENCES articles (id),
    commenter_id      TEXT        NOT NULL REFERENCES commenters (id),
    parent_id         TEXT        REFERENCES comments (id),   -- the comment it replies to; NULL: a root
    root_id           TEXT        NOT NULL,        -- the root of its branch; its own id for a root
    depth             INTEGER     NOT NULL,        -- 0 for a root, parent's + 1 for a reply
    version           INTEGER     NOT NULL,        -- grows with every change; decisions must name the one they saw
    revision          INTEGER     NOT NULL,        -- grows with every edit of the text; names the submission
    status            TEXT        NOT NULL CHECK (status IN ('pending', 'approved', 'rejected', 'spam', 'deleted')),
    author_name       TEXT        NOT NULL,
    author_url        TEXT        NOT NULL,        -- may be empty
    body_html         TEXT        NOT NULL,        -- only ever written by our Markdown renderer; '' once deleted
    public_reason     TEXT        NOT NULL,        -- what the commenter is told of the last decision; may be empty
    score             DOUBLE PRECISION NOT NULL,   -- the last verdict's score
    risk              DOUBLE PRECISION NOT NULL,   -- in which order to look at it (moderation.Risk)
    language          TEXT        NOT NULL,        -- of the present text, as guessed; '' when it does not show
    cluster           TEXT        NOT NULL,        -- id of the first of those that say nearly the same within a day of each other
    browser_id        TEXT        NOT NULL,        -- which remembered browser sent it (not secret); '' for none
    visible_replies   INTEGER     NOT NULL CHECK (visible_replies >= 0), -- approved comments anywhere below this one
    up_votes          INTEGER     NOT NULL CHECK (up_votes >= 0),     -- readers' votes for it
    down_votes        INTEGER     NOT NULL CHECK (down_votes >= 0),   -- and against it
    rank              DOUBLE PRECISION NOT NULL,   -- the least share of votes for it that is likely (moderation.Rank)
    open_reports      INTEGER     NOT NULL CHECK (open_reports >= 0), -- reports that no moderator has answered by a decision
    staff             BOOLEAN     NOT NULL,        -- a signed-in moderator wrote it as such; nobody gets this by typing an email
    created_at        TIMESTAMPTZ NOT NULL,
    edited_at         TIMESTAMPTZ                  -- the last edit of the text; NULL: never
);

-- The public thread reads roots, in the order of writing or of votes, and what is below them, in the order of writing.
CREATE INDEX comments_thread_roots ON comments (article_id, created_at, id)
    WHERE parent_id IS NULL AND (status = 'approved' OR visible_replies > 0);
CREATE INDEX comments_thread_best ON comments (article_id, rank, created_at, id)
    WHERE parent_id IS NULL AND (status = 'approved' OR visible_replies > 0);
CREATE INDEX comments_thread_replies ON comments (root_id, created_at, id)
    WHERE parent_id IS NOT NULL AND (status = 'approved' OR visible_replies > 0);
-- An article's newest comments, for feeds and the queue; a site's come from comments_queue.
CREATE INDEX comments_latest ON comments (article_id, status, created_at, id);
-- What moderators wrote, which no ruleset judged: backtests leave it out.
CREATE INDEX comments_staff ON comments (id) WHERE staff;
-- The queue: every status has its list, by age and by risk.
CREATE INDEX comments_queue ON comments (site_id, status, created_at, id);
CREATE INDEX comments_risk ON comments (site_id, status, risk, id);
-- The record of a commenter, and of one of their browsers.
CREATE INDEX comments_commenter ON comments (commenter_id, browser_id, status);
-- The queue in one language, and the texts that are nearly the same.
CREATE INDEX comments_language ON comments (site_id, status, language, created_at, id);
CREATE INDEX comments_cluster ON comments (cluster, status, created_at, id);
-- What stands below one comment (foreign key, withdrawal).
CREATE INDEX comments_parent ON comments (parent_id) WHERE parent_id IS NOT NULL;
-- What readers complained about and no moderator has answered yet.
CREATE INDEX comments_reported ON comments (site_id, status, created_at, id) WHERE open_reports > 0;
-- Deleted comments whose text is still there for moderators to examine, until the janitor comes.
CREATE INDEX comments_to_erase ON comments (id) WHERE status = 'deleted' AND author_name <> '';

-- How many comments each site has: the sum over its shards, which spread the writes. A shard alone says nothing, and may
-- be negative.
CREATE TABLE status_counts (
    site_id   TEXT    NOT NULL REFERENCES sites (id),
    shard     INTEGER NOT NULL,        -- by a hash of the comment's id
    pending   INTEGER NOT NULL,        -- comments by status
    approved  INTEGER NOT NULL,
    rejected  INTEGER NOT NULL,
    spam      INTEGER NOT NULL,
    deleted   INTEGER NOT NULL,
    reported  INTEGER NOT NULL,        -- comments with open reports, whatever their status
    appealed  INTEGER NOT NULL,        -- comments with an appeal that nobody has decided on
    PRIMARY KEY (site_id, shard)
);

-- By what else than age and risk a pending comment is found: one row for each rule that hit its present text, and for each
-- host that text and writer link to. The rows go when the comment is pending no more.
CREATE TABLE pending_rules (
    site_id     TEXT        NOT NULL,
    rule        TEXT        NOT NULL,              -- its id in the ruleset
    created_at  TIMESTAMPTZ NOT NULL,              -- the comment's
    comment_id  TEXT        NOT NULL REFERENCES comments (id),
    PRIMARY KEY (site_id, rule, created_at, comment_id)
);

CREATE INDEX pending_rules_comment ON pending_rules (comment_id);

CREATE TABLE pending_hosts (
    site_id     TEXT        NOT NULL,
    host        TEXT        NOT NULL,              -- lower-case ASCII
    created_at  TIMESTAMPTZ NOT NULL,              -- the comment's
    comment_id  TEXT        NOT NULL REFERENCES comments (id),
    PRIMARY KEY (site_id, host, created_at, comment_id)
);

CREATE INDEX pending_hosts_comment ON pending_hosts (comment_id);

-- A version of a site's ruleset. Immutable once saved.
CREATE TABLE rulesets (
    id          TEXT        NOT NULL PRIMARY KEY,
    site_id     TEXT        NOT NULL REFERENCES sites (id),
    version     INTEGER     NOT NULL,              -- 1, 2, 3 … per site
    source      TEXT        NOT NULL,              -- the YAML document, as it was written
    checksum    TEXT        NOT NULL,              -- SHA-256 of source, hexadecimal
    note        TEXT        NOT NULL,              -- why, in the words of who saved it; may be empty
    created_by  TEXT        NOT NULL,              -- moderator id; '' for the command line and the shipped default
    created_at  TIMESTAMPTZ NOT NULL,
    base        TEXT        NOT NULL DEFAULT '',   -- the document that source extends, as it was when this was saved
    UNIQUE (site_id, version)
);

-- Which version judges now: exactly one per site. Activation replaces the row, so the swap is atomic.
CREATE TABLE active_rulesets (
    site_id       TEXT        NOT NULL PRIMARY KEY REFERENCES sites (id),
    ruleset_id    TEXT        NOT NULL REFERENCES rulesets (id),
    activated_by  TEXT        NOT NULL,            -- moderator id; '' for the command line and the shipped default
    activated_at  TIMESTAMPTZ NOT NULL
);

-- A submission is the act of sending or editing a comment, with the facts known at that moment, frozen.
-- It is what rules are backtested on, and what velocity and duplicates are counted on.
CREATE TABLE submissions (
    id                TEXT        NOT NULL PRIMARY KEY,
    site_id           TEXT        NOT NULL,
    article_id        TEXT        NOT NULL,
    commenter_id      TEXT        NOT NULL,
    comment_id        TEXT        NOT NULL REFERENCES comments (id),
    revision          INTEGER     NOT NULL,        -- 1 for the first text, then one more for each edit
    author_name       TEXT        NOT NULL,
    author_url        TEXT        NOT NULL,
    body              TEXT        NOT NULL,        -- Markdown as the reader wrote it; '' once deleted
    fingerprint       BYTEA       NOT NULL,        -- SHA-256 of the folded letters and digits: finds copies
    facts             JSONB       NOT NULL,        -- rules.Facts as frozen on arrival; no email, no address
    verdict           JSONB       NOT NULL,        -- rules.Verdict: action, score, every hit
    ruleset_id        TEXT        NOT NULL REFERENCES rulesets (id),
    address_index     BYTEA,                       -- HMAC of the client address; NULL once past its retention
    address_prefix    TEXT,                        -- its /24 or /48; NULL once past its retention
    created_at        TIMESTAMPTZ NOT NULL,
    UNIQUE (comment_id, revision)
);

-- A site's submissions in the order of arrival: backtests, and what rules did each day.
CREATE INDEX submissions_site ON submissions (site_id, created_at, id);
CREATE INDEX submissions_commenter ON submissions (commenter_id, created_at);
CREATE INDEX submissions_article ON submissions (article_id, created_at);
CREATE INDEX submissions_address ON submissions (site_id, address_index, created_at) WHERE address_index IS NOT NULL;
CREATE INDEX submissions_fingerprint ON submissions (site_id, fingerprint, created_at);
CREATE INDEX submissions_retention ON submissions (created_at) WHERE address_index IS NOT NULL;

-- Summaries of the words of submissions, by which those that are nearly the same find each other: they have a quarter in
-- common. Kept for a day, and no longer than the text. No word can be read out of one.
CREATE TABLE sketches (
    comment_id  TEXT        NOT NULL REFERENCES comments (id),
    revision    INTEGER     NOT NULL,              -- the submission's
    site_id     TEXT        NOT NULL,
    band_1      BIGINT      NOT NULL,              -- a hash of the first quarter of the sketch
    band_2      BIGINT      NOT NULL,              -- and of the others
    band_3      BIGINT      NOT NULL,
    band_4      BIGINT      NOT NULL,
    sketch      BYTEA       NOT NULL,              -- text.Sketch: 16 numbers of 16 bits
    created_at  TIMESTAMPTZ NOT NULL,              -- that of the submission
    PRIMARY KEY (comment_id, revision)
);

CREATE INDEX sketches_band_1 ON sketches (site_id, band_1, created_at);
CREATE INDEX sketches_band_2 ON sketches (site_id, band_2, created_at);
CREATE INDEX sketches_band_3 ON sketches (site_id, band_3, created_at);
CREATE INDEX sketches_band_4 ON sketches (site_id, band_4, created_at);
CREATE INDEX sketches_age ON sketches (created_at);

-- A decision says what became of a comment, and by whom. Append-only: undo is a new row.
CREATE TABLE decisions (
    id             TEXT        NOT NULL PRIMARY KEY,
    site_id        TEXT        NOT NULL,
    comment_id     TEXT        NOT NULL REFERENCES comments (id),
    commenter_id   TEXT        NOT NULL,           -- who wrote the comment
    version        INTEGER     NOT NULL,           -- the comment's version that this decision produced
    action         TEXT        NOT NULL CHECK (action IN ('approve', 'hold', 'reject', 'spam', 'delete')),
    from_status    TEXT        NOT NULL,           -- '' for a comment's first decision
    to_status      TEXT        NOT NULL,
    actor          TEXT        NOT NULL CHECK (actor IN ('ruleset', 'moderator', 'commenter', 'readers')),
    moderator_id   TEXT        NOT NULL,           -- '' unless the actor is a moderator
    ruleset_id     TEXT        NOT NULL,           -- '' unless the actor is the ruleset
    submission_id  TEXT        NOT NULL,           -- which text was judged
    reason         TEXT        NOT NULL,           -- what the commenter may be told; may be empty
    note           TEXT        NOT NULL,           -- for moderators only; may be empty
    reason_code    TEXT        NOT NULL,           -- one of the site's reason codes; '' for none
    undoes         TEXT        NOT NULL,           -- the decision that this one takes back; '' for none
    bulk_id        TEXT        NOT NULL,           -- shared by all decisions of one action on many comments; '' for a single one
    created_at     TIMESTAMPTZ NOT NULL,
    UNIQUE (comment_id, version)
);

-- All decisions of one bulk, in the order of ids.
CREATE INDEX decisions_bulk ON decisions (bulk_id, id) WHERE bulk_id <> '';
CREATE INDEX decisions_site ON decisions (site_id, created_at, id);
-- The log of what people did, and of one reason.
CREATE INDEX decisions_actors ON decisions (site_id, actor, created_at, id) WHERE actor <> 'ruleset';
CREATE INDEX decisions_reasons ON decisions (site_id, reason_code, created_at, id) WHERE reason_code <> '';
-- What counts against a commenter, the latest first.
CREATE INDEX decisions_negative ON decisions (commenter_id, created_at) WHERE to_status IN ('rejected', 'spam');
-- What moderators said of texts, for the site's classifier to learn.
CREATE INDEX decisions_people ON decisions (site_id, created_at, id) WHERE actor = 'moderator' AND to_status <> 'deleted';

-- What was decided in each hour (UTC), added up by a worker an hour behind; it could be added up again from decisions. What was undone
-- does not count, nor does a moderator's own answer, which nobody judged.
CREATE TABLE decision_hours (
    site_id       TEXT        NOT NULL REFERENCES sites (id),
    hour          TIMESTAMPTZ NOT NULL,            -- its first moment
    actor         TEXT        NOT NULL,            -- as in decisions
    moderator_id  TEXT        NOT NULL,            -- '' unless the actor is a moderator
    arrival       BOOLEAN     NOT NULL,            -- the first decision on a comment: one comment came
    to_status     TEXT        NOT NULL,
    reason_code   TEXT        NOT NULL,            -- '' for none
    decisions     BIGINT      NOT NULL,            -- how many
    PRIMARY KEY (site_id, hour, actor, moderator_id, arrival, to_status, reason_code)
);

-- How long comments waited for the moderators' decisions of each hour, likewise.
CREATE TABLE decision_waits (
    site_id    TEXT        NOT NULL REFERENCES sites (id),
    hour       TIMESTAMPTZ NOT NULL,               -- its first moment
    bucket     INTEGER     NOT NULL,               -- moderation.WaitBucket: eight to each doubling of seconds
    decisions  BIGINT      NOT NULL,               -- how many
    PRIMARY KEY (site_id, hour, bucket)
);

-- Up to when decisions have been added up for a site.
CREATE TABLE decision_hour_progress (
    site_id     TEXT        NOT NULL PRIMARY KEY REFERENCES sites (id),
    tallied_at  TIMESTAMPTZ NOT NULL               -- a full hour
);

-- What a site's classifier has learned from the decisions of its moderators, and up to which of them.
CREATE TABLE classifiers (
    site_id     TEXT        NOT NULL PRIMARY KEY REFERENCES sites (id),
    version     INTEGER     NOT NULL,              -- 1, 2, 3 … : grows with each batch that is learned
    model       BYTEA       NOT NULL,              -- classify.Model as it encodes itself: weights under hashes, no text
    learned_at  TIMESTAMPTZ NOT NULL,              -- the last decision that was learned: its time, and
    learned_id  TEXT        NOT NULL,              -- its id
    updated_at  TIMESTAMPTZ NOT NULL
);

-- What each rule did, by the day (UTC) on which the submission came. A worker counts it from submissions and decisions,
-- a little behind them; it could be counted again from there.
CREATE TABLE rule_days (
    site_id            TEXT        NOT NULL REFERENCES sites (id),
    rule               TEXT        NOT NULL,       -- its id in the rulesets
    day                TEXT        NOT NULL,       -- as 2026-03-02
    hits               BIGINT      NOT NULL,       -- while it was enforced
    acted              BIGINT      NOT NULL,       -- of those, how many got what the rule asked for
    upheld             BIGINT      NOT NULL,       -- of those hits, how many a moderator then agreed with
    overturned         BIGINT      NOT NULL,       -- … and how many a moderator decided otherwise
    shadow_hits        BIGINT      NOT NULL,       -- the same while it was in shadow
    shadow_upheld      BIGINT      NOT NULL,
    shadow_overturned  BIGINT      NOT NULL,
    last_at            TIMESTAMPTZ NOT NULL,       -- its last hit of that day
    PRIMARY KEY (site_id, rule, day)
);

-- How far rule_days has been counted for a site.
CREATE TABLE rule_day_progress (
    site_id         TEXT        NOT NULL PRIMARY KEY REFERENCES sites (id),
    submissions_at  TIMESTAMPTZ NOT NULL,          -- the last submission that was counted; its id may be ''
    submissions_id  TEXT        NOT NULL,
    decisions_at    TIMESTAMPTZ NOT NULL,          -- the last decision that was counted; its id may be ''
    decisions_id    TEXT        NOT NULL
);

-- Since when each rule of a site's active version has been judging, over all versions in a row that had it and did not
-- switch it off. It tells a rule that is new from one that never fires.
CREATE TABLE rule_starts (
    site_id     TEXT        NOT NULL REFERENCES sites (id),
    rule        TEXT        NOT NULL,              -- its id in the rulesets
    started_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (site_id, rule)
);

-- A reader's vote on an approved comment: at most one for each reader, known by the client address.
CREATE TABLE votes (
    comment_id  TEXT        NOT NULL REFERENCES comments (id),
    voter       BYTEA,                             -- HMAC of the client address; NULL once past its retention
    value       INTEGER     NOT NULL CHECK (value IN (-1, 1)),
    created_at  TIMESTAMPTZ NOT NULL,
    UNIQUE (comment_id, voter)
);

CREATE INDEX votes_retention ON votes (created_at) WHERE voter IS NOT NULL;

-- A reader's complaint about an approved comment: at most one for each reader, known by the client address.
CREATE TABLE reports (
    id           TEXT        NOT NULL PRIMARY KEY,
    comment_id   TEXT        NOT NULL REFERENCES comments (id),
    reporter     BYTEA,                            -- HMAC of the client address; NULL once past its retention
    reason       TEXT        NOT NULL CHECK (reason IN ('offensive', 'spam', 'personal', 'off-topic', 'other')),
    note         TEXT        NOT NULL,             -- in the reader's words, for moderators; may be empty; '' once the comment is erased
    created_at   TIMESTAMPTZ NOT NULL,
    resolved_at  TIMESTAMPTZ,                      -- when a decision answered it; NULL: it is open
    decision_id  TEXT        NOT NULL,             -- that decision; '' while it is open
    UNIQUE (comment_id, reporter)
);

CREATE INDEX reports_open ON reports (comment_id) WHERE resolved_at IS NULL;
CREATE INDEX reports_retention ON reports (created_at) WHERE reporter IS NOT NULL;

-- What the writer of a rejected comment said against the rejection: once for each comment.
CREATE TABLE appeals (
    comment_id    TEXT        NOT NULL PRIMARY KEY REFERENCES comments (id),
    body          TEXT        NOT NULL,            -- in the writer's words, for moderators; '' once the comment is erased
    moderator_id  TEXT        NOT NULL,            -- who rejected the comment, and so should not be the one to answer; '' for the ruleset
    created_at    TIMESTAMPTZ NOT NULL,
    resolved_at   TIMESTAMPTZ,                     -- when a decision answered it; NULL: it is open
    outcome       TEXT        NOT NULL CHECK (outcome IN ('', 'pending', 'approved', 'rejected', 'spam', 'deleted')) -- '' while it is open
);

-- Appeals that wait for a moderator.
CREATE INDEX appeals_open ON appeals (comment_id) WHERE resolved_at IS NULL;
CREATE INDEX appeals_newest ON appeals (created_at);

-- An Idempotency-Key that a client sent, so that a repeated request gets the first answer again.
CREATE TABLE idempotency_keys (
    site_id       TEXT        NOT NULL,
    key_hash      BYTEA       NOT NULL,            -- SHA-256 of the key
    request_hash  BYTEA       NOT NULL,            -- keyed hash of what was sent: the same key with other content is refused
    comment_id    TEXT        NOT NULL REFERENCES comments (id),
    created_at    TIMESTAMPTZ NOT NULL,            -- kept for 24 hours
    PRIMARY KEY (key_hash, site_id)
);

CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

-- A moderator is a person with a login.
CREATE TABLE moderators (
    id             TEXT        NOT NULL PRIMARY KEY,
    email_index    BYTEA       NOT NULL UNIQUE,    -- HMAC of the canonical email
    email_sealed   BYTEA       NOT NULL,           -- AES-GCM of the email, bound to this row's id
    name           TEXT        NOT NULL,
    role           TEXT        NOT NULL CHECK (role IN ('admin', 'moderator')),
    password_hash  TEXT        NOT NULL,           -- argon2id in PHC form; '' until an invitation is accepted
    must_change_password BOOLEAN NOT NULL,         -- somebody else made the password: nothing else is allowed before it is changed
    disabled_at    TIMESTAMPTZ,                    -- NULL: may sign in
    created_at     TIMESTAMPTZ NOT NULL
);

-- Which sites a moderator works on. No row at all means: every site.
CREATE TABLE moderator_sites (
    moderator_id  TEXT NOT NULL REFERENCES moderators (id),
    site_id       TEXT NOT NULL REFERENCES sites (id),
    PRIMARY KEY (moderator_id, site_id)
);

-- A link by which a moderator sets a password, once: an invitation, or a reset made by an admin.
CREATE TABLE account_links (
    moderator_id  TEXT        NOT NULL PRIMARY KEY REFERENCES moderators (id),
    kind          TEXT        NOT NULL CHECK (kind IN ('invitation', 'password_reset')),
    secret_hash   BYTEA       NOT NULL UNIQUE,     -- SHA-256 of the secret: the secret itself is never stored
    created_at    TIMESTAMPTZ NOT NULL,
    expires_at    TIMESTAMPTZ NOT NULL
);

-- What a moderator's authenticator app shares with this installation, so that signing in takes a code (RFC 6238).
CREATE TABLE second_factors (
    moderator_id   TEXT        NOT NULL PRIMARY KEY REFERENCES moderators (id),
    secret_sealed  BYTEA       NOT NULL,           -- AES-GCM of the secret, bound to this row
    last_step      BIGINT      NOT NULL,           -- the last period of 30 s whose code was used: no code is good twice
    created_at     TIMESTAMPTZ NOT NULL,
    confirmed_at   TIMESTAMPTZ                     -- NULL: enrolled, but no code was shown yet, and signing in takes none
);

-- Codes that get a moderator in without the app, each once. A used one is deleted.
CREATE TABLE recovery_codes (
    moderator_id  TEXT  NOT NULL REFERENCES moderators (id),
    code_hash     BYTEA NOT NULL,                  -- SHA-256; the code has 80 random bits
    PRIMARY KEY (moderator_id, code_hash)
);

-- A session is one sign-in that goes on until it is ended, or not renewed in time.
CREATE TABLE sessions (
    id            TEXT        NOT NULL PRIMARY KEY, -- named in access tokens; the family of the refresh tokens
    moderator_id  TEXT        NOT NULL REFERENCES moderators (id),
    client        TEXT        NOT NULL,            -- browser and system in words, as 'Firefox on Linux'; may be empty
    created_at    TIMESTAMPTZ NOT NULL,
    last_used_at  TIMESTAMPTZ NOT NULL,            -- when it was renewed last
    expires_at    TIMESTAMPTZ NOT NULL,            -- of its newest refresh token
    ended_at      TIMESTAMPTZ,                     -- NULL: still active
    device_id     TEXT                             -- NULL or a deleted one: unknown device
);

CREATE INDEX sessions_moderator ON sessions (moderator_id, last_used_at);
-- Ended sessions whose access tokens may still live: every node knows these.
CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX sessions_age ON sessions (expires_at);

-- A browser that a moderator signed in on before. Strangers' wrong passwords do not delay it.
CREATE TABLE devices (
    id            TEXT        NOT NULL PRIMARY KEY, -- stored in a sealed cookie of that browser
    moderator_id  TEXT        NOT NULL REFERENCES moderators (id),
    created_at    TIMESTAMPTZ NOT NULL,
    last_used_at  TIMESTAMPTZ NOT NULL             -- the last sign-in on the device
);

CREATE INDEX devices_moderator ON devices (moderator_id);
CREATE INDEX devices_age ON devices (last_used_at);

-- A refresh token renews a sign-in once. Use after use means theft: the whole family is revoked.
CREATE TABLE refresh_tokens (
    id            TEXT        NOT NULL PRIMARY KEY,
    moderator_id  TEXT        NOT NULL REFERENCES moderators (id),
    family_id     TEXT        NOT NULL REFERENCES sessions (id), -- all tokens that descend from one sign-in
    secret_hash   BYTEA       NOT NULL UNIQUE,     -- SHA-256 of the token: the token itself is never stored
    predecessor_id TEXT,                           -- the token that it follows; NULL for the first
    sealed        BYTEA,                           -- this token, under a key that only the predecessor gives; NULL for the first, and once
                                                   -- nobody may ask for it again
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

-- Attempts to sign in that were looked at, kept for 90 days.
CREATE TABLE sign_ins (
    id             TEXT        NOT NULL PRIMARY KEY,
    moderator_id   TEXT        REFERENCES moderators (id), -- NULL: no moderator has the email that was typed
    outcome        TEXT        NOT NULL CHECK (outcome IN ('sign_in', 'sign_in_failed', 'second_factor_failed', 'locked_out')),
    client         TEXT        NOT NULL,           -- browser and system in words; may be empty
    address_index  BYTEA,                          -- HMAC of the client address; NULL once past its retention
    created_at     TIMESTAMPTZ NOT NULL
);

CREATE INDEX sign_ins_newest ON sign_ins (created_at, id);
CREATE INDEX sign_ins_moderator ON sign_ins (moderator_id, created_at);
CREATE INDEX sign_ins_address ON sign_ins (created_at) WHERE address_index IS NOT NULL;
-- Whether a moderator signed in from an address lately is asked before each password is checked.
CREATE INDEX sign_ins_known ON sign_ins (moderator_id, address_index, created_at) WHERE outcome = 'sign_in';

-- A moderator's hold on a comment, so that no two judge the same one. It ends by itself; nobody keeps a record of it.
CREATE TABLE claims (
    comment_id    TEXT        NOT NULL PRIMARY KEY REFERENCES comments (id),
    site_id       TEXT        NOT NULL REFERENCES sites (id),
    moderator_id  TEXT        NOT NULL REFERENCES moderators (id),
    expires_at    TIMESTAMPTZ NOT NULL,
    tab           TEXT        NOT NULL DEFAULT '', -- tab of the console that claimed it last; '' for none
    tab_seq       BIGINT      NOT NULL DEFAULT 0   -- the sequence number of that request
);

CREATE INDEX claims_moderator ON claims (moderator_id, expires_at);

-- Tabs of the console in which moderators claim comments. Requests are numbered per tab, so that a claim that
-- arrives after its page was left has no effect.
CREATE TABLE claim_tabs (
    moderator_id  TEXT        NOT NULL REFERENCES moderators (id),
    tab           TEXT        NOT NULL,
    left_seq      BIGINT      NOT NULL,             -- lower numbers come from pages that were left
    seen_at       TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (moderator_id, tab)
);

CREATE INDEX claim_tabs_age ON claim_tabs (seen_at);

-- A block is what moderators have against somebody or something that keeps coming back. Every submission that it fits carries it in
-- its facts, and the ruleset says what follows. What it fits is found by a keyed index, so that this table tells neither emails
-- nor networks.
CREATE TABLE blocks (
    id           TEXT        NOT NULL PRIMARY KEY,
    site_id      TEXT        NOT NULL REFERENCES sites (id),
    kind         TEXT        NOT NULL CHECK (kind IN ('email', 'domain', 'name', 'host', 'prefix')),
    value_index  BYTEA       NOT NULL,             -- HMAC of kind and value
    shown        TEXT        NOT NULL,             -- the value for people: a domain, a name, a host; of an email or a prefix, the name of
                                                   -- who sent that comment, if any. Names are '' once it is erased
    action       TEXT        NOT NULL CHECK (action IN ('hold', 'reject', 'spam')),
    note         TEXT        NOT NULL,             -- why, for moderators; may be empty; '' once that comment is erased
    comment_id   TEXT        REFERENCES comments (id), -- which comment it was made from; NULL: none
    created_by   TEXT        NOT NULL REFERENCES moderators (id),
    created_at   TIMESTAMPTZ NOT NULL,
    expires_at   TIMESTAMPTZ                       -- NULL: until it is removed
);

CREATE INDEX blocks_value ON blocks (site_id, value_index);
CREATE INDEX blocks_newest ON blocks (site_id, created_at, id);
CREATE INDEX blocks_expiry ON blocks (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX blocks_comment ON blocks (comment_id) WHERE comment_id IS NOT NULL;

-- What moderators tell each other of a comment, or of its commenter. Append-only, save that an erasure empties it.
CREATE TABLE notes (
    id            TEXT        NOT NULL PRIMARY KEY,
    comment_id    TEXT        NOT NULL REFERENCES comments (id), -- where it was written, whatever it is about
    commenter_id  TEXT        NOT NULL REFERENCES commenters (id),
    about         TEXT        NOT NULL CHECK (about IN ('comment', 'commenter')),
    moderator_id  TEXT        NOT NULL REFERENCES moderators (id), -- who wrote it
    body          TEXT        NOT NULL,            -- '' once what it is about is erased
    created_at    TIMESTAMPTZ NOT NULL
);

CREATE INDEX notes_comment ON notes (comment_id, created_at, id);
CREATE INDEX notes_commenter ON notes (commenter_id, about, created_at, id);

-- What moderators did that is no decision but must be accounted for. Append-only.
CREATE TABLE audit_entries (
    id            TEXT        NOT NULL PRIMARY KEY,
    moderator_id  TEXT        REFERENCES moderators (id), -- NULL: the command line
    action        TEXT        NOT NULL,            -- 'reveal_email', 'activate_ruleset', 'change_site', 'change_article', 'disable_moderator', …
    site_id       TEXT        REFERENCES sites (id), -- NULL: it is about an account
    subject_id    TEXT        NOT NULL,            -- the id of the comment, ruleset, article, moderator that it is about
    reason        TEXT        NOT NULL,            -- given by the moderator; may be empty
    created_at    TIMESTAMPTZ NOT NULL
);

CREATE INDEX audit_entries_site ON audit_entries (site_id, created_at, id);
CREATE INDEX audit_entries_subject ON audit_entries (subject_id) WHERE reason <> '';
CREATE INDEX audit_entries_newest ON audit_entries (created_at, id);
