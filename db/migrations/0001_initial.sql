-- The first schema. schema.sql says what each table and column is for.

CREATE TABLE schema_migrations (
    version     INTEGER     NOT NULL PRIMARY KEY,
    name        TEXT        NOT NULL,
    checksum    TEXT        NOT NULL,
    applied_at  TIMESTAMPTZ NOT NULL
);

CREATE TABLE sites (
    id          UUID        NOT NULL PRIMARY KEY,
    slug        TEXT        NOT NULL UNIQUE,
    name        TEXT        NOT NULL,
    locale      TEXT        NOT NULL,
    origins     JSONB       NOT NULL,
    settings    JSONB       NOT NULL,
    version     INTEGER     NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL
);

CREATE TABLE articles (
    id                UUID        NOT NULL PRIMARY KEY,
    site_id           UUID        NOT NULL REFERENCES sites (id),
    article_key       TEXT        NOT NULL,
    url               TEXT        NOT NULL,
    title             TEXT        NOT NULL,
    tags              JSONB       NOT NULL,
    closed            BOOLEAN     NOT NULL,
    close_after_days  INTEGER,
    mode              TEXT        NOT NULL DEFAULT '',
    schedule          JSONB       NOT NULL DEFAULT '{}',
    pinned_id         UUID,
    published_at      TIMESTAMPTZ NOT NULL,
    registered        BOOLEAN     NOT NULL,
    approved_count    INTEGER     NOT NULL CHECK (approved_count >= 0),
    version           BIGINT      NOT NULL,
    created_at        TIMESTAMPTZ NOT NULL,
    UNIQUE (site_id, article_key)
);
CREATE INDEX articles_newest ON articles (site_id, created_at, id);

CREATE TABLE article_aliases (
    site_id     UUID        NOT NULL REFERENCES sites (id),
    alias_key   TEXT        NOT NULL,
    article_id  UUID        NOT NULL REFERENCES articles (id),
    created_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (site_id, alias_key)
);
CREATE INDEX article_aliases_article ON article_aliases (article_id);
CREATE INDEX article_aliases_newest ON article_aliases (site_id, created_at, alias_key);

CREATE TABLE commenters (
    id                UUID        NOT NULL PRIMARY KEY,
    site_id           UUID        NOT NULL REFERENCES sites (id),
    email_index       BYTEA,
    email_sealed      BYTEA,
    name              TEXT        NOT NULL,
    pending_count     INTEGER     NOT NULL CHECK (pending_count >= 0),
    approved_count    INTEGER     NOT NULL CHECK (approved_count >= 0),
    rejected_count    INTEGER     NOT NULL CHECK (rejected_count >= 0),
    spam_count        INTEGER     NOT NULL CHECK (spam_count >= 0),
    confirmed_at      TIMESTAMPTZ,
    first_seen_at     TIMESTAMPTZ NOT NULL,
    last_seen_at      TIMESTAMPTZ NOT NULL,
    UNIQUE (email_index, site_id)
);

CREATE TABLE comments (
    id                UUID        NOT NULL PRIMARY KEY,
    site_id           UUID        NOT NULL REFERENCES sites (id),
    article_id        UUID        NOT NULL REFERENCES articles (id),
    commenter_id      UUID        NOT NULL REFERENCES commenters (id),
    parent_id         UUID        REFERENCES comments (id),
    root_id           UUID,
    depth             INTEGER     NOT NULL,
    version           INTEGER     NOT NULL,
    revision          INTEGER     NOT NULL,
    status            TEXT        NOT NULL CHECK (status IN ('pending', 'approved', 'rejected', 'spam', 'deleted')),
    author_name       TEXT        NOT NULL,
    author_url        TEXT        NOT NULL,
    body_html         TEXT        NOT NULL,
    public_reason     TEXT        NOT NULL,
    score             DOUBLE PRECISION NOT NULL,
    risk              DOUBLE PRECISION NOT NULL,
    language          TEXT        NOT NULL,
    cluster           UUID,
    browser_id        TEXT        NOT NULL,
    visible_replies   INTEGER     NOT NULL CHECK (visible_replies >= 0),
    up_votes          INTEGER     NOT NULL CHECK (up_votes >= 0),
    down_votes        INTEGER     NOT NULL CHECK (down_votes >= 0),
    rank              DOUBLE PRECISION NOT NULL,
    open_reports      INTEGER     NOT NULL CHECK (open_reports >= 0),
    staff             BOOLEAN     NOT NULL,
    featured          BOOLEAN     NOT NULL DEFAULT FALSE,
    badges            TEXT        NOT NULL DEFAULT '',
    avatar_url        TEXT        NOT NULL DEFAULT '',
    created_at        TIMESTAMPTZ NOT NULL,
    edited_at         TIMESTAMPTZ
);
CREATE INDEX comments_thread_roots ON comments (article_id, created_at, id)
    WHERE parent_id IS NULL AND (status = 'approved' OR visible_replies > 0);
CREATE INDEX comments_thread_best ON comments (article_id, rank, created_at, id)
    WHERE parent_id IS NULL AND (status = 'approved' OR visible_replies > 0);
CREATE INDEX comments_thread_replies ON comments (root_id, created_at, id)
    WHERE parent_id IS NOT NULL AND (status = 'approved' OR visible_replies > 0);
CREATE INDEX comments_latest ON comments (article_id, status, created_at, id);
CREATE INDEX comments_staff ON comments (id) WHERE staff;
CREATE INDEX comments_queue ON comments (site_id, status, created_at, id);
CREATE INDEX comments_risk ON comments (site_id, status, risk, id);
CREATE INDEX comments_commenter ON comments (commenter_id, browser_id, status);
CREATE INDEX comments_reader ON comments (browser_id, created_at, id) WHERE browser_id LIKE 'reader:%';
CREATE INDEX comments_language ON comments (site_id, status, language, created_at, id) WHERE language <> '';
CREATE INDEX comments_cluster ON comments (cluster) WHERE cluster IS NOT NULL;
CREATE INDEX comments_parent ON comments (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX comments_reported ON comments (site_id, created_at, id) WHERE open_reports > 0;
CREATE INDEX comments_most_reported ON comments (site_id, open_reports, id) WHERE open_reports > 0;
CREATE INDEX comments_to_erase ON comments (id) WHERE status = 'deleted' AND author_name <> '';

CREATE TABLE status_counts (
    site_id   UUID    NOT NULL PRIMARY KEY REFERENCES sites (id),
    pending   INTEGER NOT NULL,
    approved  INTEGER NOT NULL,
    rejected  INTEGER NOT NULL,
    spam      INTEGER NOT NULL,
    deleted   INTEGER NOT NULL,
    reported  INTEGER NOT NULL,
    appealed  INTEGER NOT NULL
);

CREATE TABLE pending_rules (
    rule_key    BIGINT      NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    comment_id  UUID        NOT NULL REFERENCES comments (id),
    PRIMARY KEY (rule_key, created_at, comment_id)
) /* WITHOUT ROWID */;
CREATE INDEX pending_rules_comment ON pending_rules (comment_id);

CREATE TABLE pending_rule_names (
    rule_key  BIGINT  NOT NULL PRIMARY KEY,
    site_id   UUID    NOT NULL,
    rule      TEXT    NOT NULL
);

CREATE INDEX pending_rule_names_site ON pending_rule_names (site_id, rule);

CREATE TABLE pending_hosts (
    site_id     UUID        NOT NULL,
    host        TEXT        NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    comment_id  UUID        NOT NULL REFERENCES comments (id),
    PRIMARY KEY (site_id, host, created_at, comment_id)
) /* WITHOUT ROWID */;
CREATE INDEX pending_hosts_comment ON pending_hosts (comment_id);

CREATE TABLE rulesets (
    id          UUID        NOT NULL PRIMARY KEY,
    site_id     UUID        NOT NULL REFERENCES sites (id),
    version     INTEGER     NOT NULL,
    source      TEXT        NOT NULL,
    checksum    TEXT        NOT NULL,
    note        TEXT        NOT NULL,
    created_by  TEXT        NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    base        TEXT        NOT NULL DEFAULT '',
    UNIQUE (site_id, version)
);

CREATE TABLE active_rulesets (
    site_id       UUID        NOT NULL PRIMARY KEY REFERENCES sites (id),
    ruleset_id    UUID        NOT NULL REFERENCES rulesets (id),
    activated_by  TEXT        NOT NULL,
    activated_at  TIMESTAMPTZ NOT NULL
);

CREATE TABLE submissions (
    id                UUID        NOT NULL,
    site_id           UUID        NOT NULL,
    article_id        UUID        NOT NULL,
    commenter_id      UUID        NOT NULL,
    comment_id        UUID        NOT NULL,
    revision          INTEGER     NOT NULL,
    author_name       TEXT        NOT NULL,
    author_url        TEXT        NOT NULL,
    body              TEXT,
    fingerprint       BYTEA       NOT NULL,
    facts             BYTEA       NOT NULL,
    verdict           BYTEA       NOT NULL,
    ruleset_id        UUID        NOT NULL REFERENCES rulesets (id),
    address_index     BYTEA,
    address_prefix    TEXT,
    created_at        TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (comment_id, revision)
);
CREATE INDEX submissions_site ON submissions (site_id, created_at);
CREATE INDEX submissions_commenter ON submissions (commenter_id, created_at);
CREATE INDEX submissions_article ON submissions (article_id, created_at);
CREATE INDEX submissions_address ON submissions (address_index, created_at) WHERE address_index IS NOT NULL;
CREATE INDEX submissions_fingerprint ON submissions (fingerprint, created_at);
CREATE INDEX submissions_retention ON submissions (created_at) WHERE address_index IS NOT NULL;

CREATE TABLE sketches (
    band_1      BIGINT      NOT NULL,
    band_2      BIGINT      NOT NULL,
    band_3      BIGINT      NOT NULL,
    band_4      BIGINT      NOT NULL,
    revision    INTEGER     NOT NULL,
    comment_id  UUID        NOT NULL REFERENCES comments (id),
    sketch      BYTEA       NOT NULL,
    PRIMARY KEY (comment_id, revision)
);

CREATE INDEX sketches_band_1 ON sketches (band_1);
CREATE INDEX sketches_band_2 ON sketches (band_2);
CREATE INDEX sketches_band_3 ON sketches (band_3);
CREATE INDEX sketches_band_4 ON sketches (band_4);

CREATE TABLE decisions (
    id             UUID        NOT NULL PRIMARY KEY,
    site_id        UUID        NOT NULL,
    comment_id     UUID        NOT NULL,
    commenter_id   UUID,
    version        INTEGER     NOT NULL,
    action         TEXT        NOT NULL CHECK (action IN ('approve', 'hold', 'reject', 'spam', 'delete')),
    from_status    TEXT        NOT NULL,
    to_status      TEXT        NOT NULL,
    actor          TEXT        NOT NULL CHECK (actor IN ('ruleset', 'moderator', 'commenter', 'readers', 'import', 'retention')),
    moderator_id   TEXT        NOT NULL,
    ruleset_id     UUID        NOT NULL,
    submission_id  UUID        NOT NULL,
    reason         TEXT        NOT NULL,
    note           TEXT        NOT NULL,
    reason_code    TEXT        NOT NULL,
    undoes         UUID,
    bulk_id        TEXT        NOT NULL,
    created_at     TIMESTAMPTZ NOT NULL,
    UNIQUE (comment_id, version)
);
CREATE INDEX decisions_bulk ON decisions (bulk_id, id) WHERE bulk_id <> '';
CREATE INDEX decisions_site ON decisions (site_id, created_at);
CREATE INDEX decisions_actors ON decisions (site_id, actor, created_at, id) WHERE actor <> 'ruleset';
CREATE INDEX decisions_reasons ON decisions (site_id, reason_code, created_at) WHERE reason_code <> '';
CREATE INDEX decisions_negative ON decisions (commenter_id, created_at) WHERE to_status IN ('rejected', 'spam');
CREATE INDEX decisions_people ON decisions (site_id, created_at, id) WHERE actor = 'moderator' AND to_status <> 'deleted';

CREATE TABLE decision_hours (
    site_id       UUID        NOT NULL REFERENCES sites (id),
    hour          TIMESTAMPTZ NOT NULL,
    actor         TEXT        NOT NULL,
    moderator_id  TEXT        NOT NULL,
    arrival       BOOLEAN     NOT NULL,
    to_status     TEXT        NOT NULL,
    reason_code   TEXT        NOT NULL,
    decisions     BIGINT      NOT NULL,
    PRIMARY KEY (site_id, hour, actor, moderator_id, arrival, to_status, reason_code)
);

CREATE TABLE decision_waits (
    site_id    UUID        NOT NULL REFERENCES sites (id),
    hour       TIMESTAMPTZ NOT NULL,
    bucket     INTEGER     NOT NULL,
    decisions  BIGINT      NOT NULL,
    PRIMARY KEY (site_id, hour, bucket)
);

CREATE TABLE decision_hour_progress (
    site_id     UUID        NOT NULL PRIMARY KEY REFERENCES sites (id),
    tallied_at  TIMESTAMPTZ NOT NULL
);

CREATE TABLE classifiers (
    site_id     UUID        NOT NULL PRIMARY KEY REFERENCES sites (id),
    version     INTEGER     NOT NULL,
    model       BYTEA       NOT NULL,
    learned_at  TIMESTAMPTZ NOT NULL,
    learned_id  UUID        NOT NULL,
    updated_at  TIMESTAMPTZ NOT NULL
);

CREATE TABLE external_classifiers (
    id             UUID        NOT NULL PRIMARY KEY,
    name           TEXT        NOT NULL UNIQUE,
    settings       JSONB       NOT NULL,
    secret_sealed  BYTEA,
    version        INTEGER     NOT NULL,
    created_at     TIMESTAMPTZ NOT NULL,
    updated_at     TIMESTAMPTZ NOT NULL
);

CREATE TABLE external_sites (
    classifier_id  UUID        NOT NULL REFERENCES external_classifiers (id),
    site_id        UUID        NOT NULL REFERENCES sites (id),
    PRIMARY KEY (classifier_id, site_id)
);

CREATE TABLE external_progress (
    classifier_id  UUID        NOT NULL REFERENCES external_classifiers (id),
    site_id        UUID        NOT NULL REFERENCES sites (id),
    decided_at     TIMESTAMPTZ NOT NULL,
    decision_id    UUID        NOT NULL,
    PRIMARY KEY (classifier_id, site_id)
);

CREATE TABLE external_calls (
    id             UUID        NOT NULL PRIMARY KEY,
    classifier_id  UUID        NOT NULL REFERENCES external_classifiers (id),
    site_id        UUID        NOT NULL,
    comment_id     UUID        NOT NULL REFERENCES comments (id),
    submission_id  UUID        NOT NULL,
    kind           TEXT        NOT NULL CHECK (kind IN ('judge', 'spam', 'ham')),
    failed         BOOLEAN     NOT NULL,
    tries          INTEGER     NOT NULL,
    due_at         TIMESTAMPTZ NOT NULL,
    error          TEXT        NOT NULL,
    created_at     TIMESTAMPTZ NOT NULL,
    UNIQUE (submission_id, classifier_id, kind)
);

CREATE INDEX external_calls_due ON external_calls (due_at, id);
CREATE INDEX external_calls_comment ON external_calls (comment_id);

CREATE TABLE external_days (
    classifier_id  UUID        NOT NULL REFERENCES external_classifiers (id),
    day            TEXT        NOT NULL,
    sent           BIGINT      NOT NULL,
    answered       BIGINT      NOT NULL,
    late           BIGINT      NOT NULL,
    failed         BIGINT      NOT NULL,
    skipped        BIGINT      NOT NULL,
    cached         BIGINT      NOT NULL,
    micros         BIGINT      NOT NULL,
    max_micros     BIGINT      NOT NULL,
    agreed         BIGINT      NOT NULL,
    disagreed      BIGINT      NOT NULL,
    PRIMARY KEY (classifier_id, day)
);

CREATE TABLE rule_days (
    site_id            UUID        NOT NULL REFERENCES sites (id),
    rule               TEXT        NOT NULL,
    day                TEXT        NOT NULL,
    hits               BIGINT      NOT NULL,
    acted              BIGINT      NOT NULL,
    upheld             BIGINT      NOT NULL,
    overturned         BIGINT      NOT NULL,
    shadow_hits        BIGINT      NOT NULL,
    shadow_upheld      BIGINT      NOT NULL,
    shadow_overturned  BIGINT      NOT NULL,
    last_at            TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (site_id, rule, day)
);

CREATE TABLE rule_day_progress (
    site_id         UUID        NOT NULL PRIMARY KEY REFERENCES sites (id),
    submissions_at  TIMESTAMPTZ NOT NULL,
    submissions_id  UUID        NOT NULL,
    decisions_at    TIMESTAMPTZ NOT NULL,
    decisions_id    UUID        NOT NULL
);

CREATE TABLE rule_starts (
    site_id     UUID        NOT NULL REFERENCES sites (id),
    rule        TEXT        NOT NULL,
    started_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (site_id, rule)
);

CREATE TABLE votes (
    comment_id  UUID        NOT NULL REFERENCES comments (id),
    voter       BYTEA,
    value       INTEGER     NOT NULL CHECK (value IN (-1, 1)),
    created_at  TIMESTAMPTZ NOT NULL,
    UNIQUE (comment_id, voter)
);
CREATE INDEX votes_retention ON votes (created_at) WHERE voter IS NOT NULL;

CREATE TABLE reports (
    id           UUID        NOT NULL PRIMARY KEY,
    comment_id   UUID        NOT NULL REFERENCES comments (id),
    reporter     BYTEA,
    reason       TEXT        NOT NULL CHECK (reason IN ('offensive', 'spam', 'personal', 'off-topic', 'other')),
    note         TEXT        NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL,
    resolved_at  TIMESTAMPTZ,
    decision_id  UUID        NOT NULL,
    UNIQUE (comment_id, reporter)
);
CREATE INDEX reports_open ON reports (comment_id) WHERE resolved_at IS NULL;
CREATE INDEX reports_retention ON reports (created_at) WHERE reporter IS NOT NULL;

CREATE TABLE appeals (
    comment_id    UUID        NOT NULL PRIMARY KEY REFERENCES comments (id),
    body          TEXT        NOT NULL,
    moderator_id  TEXT        NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    resolved_at   TIMESTAMPTZ,
    outcome       TEXT        NOT NULL CHECK (outcome IN ('', 'pending', 'approved', 'rejected', 'spam', 'deleted'))
);
CREATE INDEX appeals_open ON appeals (comment_id) WHERE resolved_at IS NULL;
CREATE INDEX appeals_newest ON appeals (created_at);

CREATE TABLE idempotency_keys (
    site_id       UUID        NOT NULL,
    key_hash      BYTEA       NOT NULL,
    request_hash  BYTEA       NOT NULL,
    comment_id    UUID        NOT NULL REFERENCES comments (id),
    created_at    TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (key_hash, site_id)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

CREATE TABLE moderators (
    id             TEXT        NOT NULL PRIMARY KEY,
    email_index    BYTEA       NOT NULL UNIQUE,
    email_sealed   BYTEA       NOT NULL,
    name           TEXT        NOT NULL,
    role           TEXT        NOT NULL CHECK (role IN ('admin', 'moderator', 'rules', 'writer', 'viewer', 'key')),
    password_hash  TEXT        NOT NULL,
    must_change_password BOOLEAN NOT NULL,
    language       TEXT        NOT NULL,
    time_zone      TEXT        NOT NULL,
    disabled_at    TIMESTAMPTZ,
    created_at     TIMESTAMPTZ NOT NULL
);

CREATE TABLE moderator_sites (
    moderator_id  TEXT NOT NULL REFERENCES moderators (id),
    site_id       UUID NOT NULL REFERENCES sites (id),
    PRIMARY KEY (moderator_id, site_id)
);

CREATE TABLE article_authors (
    article_id    UUID NOT NULL REFERENCES articles (id),
    moderator_id  TEXT NOT NULL REFERENCES moderators (id),
    PRIMARY KEY (moderator_id, article_id)
);
CREATE INDEX article_authors_article ON article_authors (article_id);

CREATE TABLE server_keys (
    id              TEXT        NOT NULL PRIMARY KEY REFERENCES moderators (id),
    name            TEXT        NOT NULL,
    scopes          JSONB       NOT NULL,
    per_minute      INTEGER     NOT NULL,
    hint            TEXT        NOT NULL,
    secret_hash     BYTEA       NOT NULL UNIQUE,
    previous_hash   BYTEA       UNIQUE,
    previous_until  TIMESTAMPTZ,
    created_by      TEXT        NOT NULL,
    created_at      TIMESTAMPTZ NOT NULL,
    rotated_at      TIMESTAMPTZ,
    expires_at      TIMESTAMPTZ,
    revoked_at      TIMESTAMPTZ,
    last_used_at    TIMESTAMPTZ
);

CREATE TABLE account_links (
    moderator_id  TEXT        NOT NULL PRIMARY KEY REFERENCES moderators (id),
    kind          TEXT        NOT NULL CHECK (kind IN ('invitation', 'password_reset')),
    secret_hash   BYTEA       NOT NULL UNIQUE,
    created_at    TIMESTAMPTZ NOT NULL,
    expires_at    TIMESTAMPTZ NOT NULL
);

CREATE TABLE setup_links (
    secret_hash  BYTEA       NOT NULL PRIMARY KEY,
    expires_at   TIMESTAMPTZ NOT NULL
);

CREATE TABLE second_factors (
    moderator_id   TEXT        NOT NULL PRIMARY KEY REFERENCES moderators (id),
    secret_sealed  BYTEA       NOT NULL,
    last_step      BIGINT      NOT NULL,
    created_at     TIMESTAMPTZ NOT NULL,
    confirmed_at   TIMESTAMPTZ
);

CREATE TABLE recovery_codes (
    moderator_id  TEXT  NOT NULL REFERENCES moderators (id),
    code_hash     BYTEA NOT NULL,
    PRIMARY KEY (moderator_id, code_hash)
);

CREATE TABLE sessions (
    id            TEXT        NOT NULL PRIMARY KEY,
    moderator_id  TEXT        NOT NULL REFERENCES moderators (id),
    client        TEXT        NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    last_used_at  TIMESTAMPTZ NOT NULL,
    expires_at    TIMESTAMPTZ NOT NULL,
    ended_at      TIMESTAMPTZ,
    device_id     TEXT
);
CREATE INDEX sessions_moderator ON sessions (moderator_id, last_used_at);
CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX sessions_age ON sessions (expires_at);

CREATE TABLE devices (
    id            TEXT        NOT NULL PRIMARY KEY,
    moderator_id  TEXT        NOT NULL REFERENCES moderators (id),
    created_at    TIMESTAMPTZ NOT NULL,
    last_used_at  TIMESTAMPTZ NOT NULL
);
CREATE INDEX devices_moderator ON devices (moderator_id);
CREATE INDEX devices_age ON devices (last_used_at);

CREATE TABLE federated_identities (
    id            TEXT        NOT NULL PRIMARY KEY,
    moderator_id  TEXT        NOT NULL UNIQUE REFERENCES moderators (id),
    provider      TEXT        NOT NULL,
    issuer        TEXT        NOT NULL,
    subject       TEXT        NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    last_used_at  TIMESTAMPTZ NOT NULL,
    confirmed_at  TIMESTAMPTZ,
    UNIQUE (issuer, subject)
);

CREATE TABLE federated_sessions (
    session_id         TEXT        NOT NULL PRIMARY KEY REFERENCES sessions (id),
    identity_id        TEXT        NOT NULL REFERENCES federated_identities (id),
    moderator_id       TEXT        NOT NULL REFERENCES moderators (id),
    provider           TEXT        NOT NULL,
    provider_session   TEXT        NOT NULL,
    credential_sealed  BYTEA       NOT NULL,
    checked_at         TIMESTAMPTZ NOT NULL,
    next_check_at      TIMESTAMPTZ NOT NULL
);

CREATE INDEX federated_sessions_due ON federated_sessions (next_check_at);
CREATE INDEX federated_sessions_identity ON federated_sessions (identity_id);
CREATE INDEX federated_sessions_moderator ON federated_sessions (moderator_id);

CREATE TABLE refresh_tokens (
    id            TEXT        NOT NULL PRIMARY KEY,
    moderator_id  TEXT        NOT NULL REFERENCES moderators (id),
    family_id     TEXT        NOT NULL REFERENCES sessions (id),
    secret_hash   BYTEA       NOT NULL UNIQUE,
    predecessor_id TEXT,
    sealed        BYTEA,
    created_at    TIMESTAMPTZ NOT NULL,
    expires_at    TIMESTAMPTZ NOT NULL,
    used_at       TIMESTAMPTZ,
    revoked_at    TIMESTAMPTZ
);
CREATE INDEX refresh_tokens_family ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_age ON refresh_tokens (expires_at);

CREATE TABLE login_failures (
    attempt_key    BYTEA       NOT NULL PRIMARY KEY,
    failures       INTEGER     NOT NULL,
    blocked_until  TIMESTAMPTZ,
    last_at        TIMESTAMPTZ NOT NULL
);

CREATE TABLE sign_ins (
    id             TEXT        NOT NULL PRIMARY KEY,
    moderator_id   TEXT        REFERENCES moderators (id),
    outcome        TEXT        NOT NULL CHECK (outcome IN ('sign_in', 'sign_in_failed', 'second_factor_failed', 'locked_out')),
    client         TEXT        NOT NULL,
    address_index  BYTEA,
    created_at     TIMESTAMPTZ NOT NULL
);
CREATE INDEX sign_ins_newest ON sign_ins (created_at, id);
CREATE INDEX sign_ins_moderator ON sign_ins (moderator_id, created_at);
CREATE INDEX sign_ins_address ON sign_ins (created_at) WHERE address_index IS NOT NULL;
CREATE INDEX sign_ins_known ON sign_ins (moderator_id, address_index, created_at) WHERE outcome = 'sign_in';

CREATE TABLE claims (
    comment_id    UUID        NOT NULL PRIMARY KEY REFERENCES comments (id),
    site_id       UUID        NOT NULL REFERENCES sites (id),
    moderator_id  TEXT        NOT NULL REFERENCES moderators (id),
    expires_at    TIMESTAMPTZ NOT NULL,
    tab           TEXT        NOT NULL DEFAULT '',
    tab_seq       BIGINT      NOT NULL DEFAULT 0
);
CREATE INDEX claims_moderator ON claims (moderator_id, expires_at);

CREATE TABLE claim_tabs (
    moderator_id  TEXT        NOT NULL REFERENCES moderators (id),
    tab           TEXT        NOT NULL,
    left_seq      BIGINT      NOT NULL,
    seen_at       TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (moderator_id, tab)
);
CREATE INDEX claim_tabs_age ON claim_tabs (seen_at);

CREATE TABLE blocks (
    id           UUID        NOT NULL PRIMARY KEY,
    site_id      UUID        NOT NULL REFERENCES sites (id),
    kind         TEXT        NOT NULL CHECK (kind IN ('email', 'domain', 'name', 'host', 'prefix')),
    value_index  BYTEA       NOT NULL,
    shown        TEXT        NOT NULL,
    action       TEXT        NOT NULL CHECK (action IN ('hold', 'reject', 'spam')),
    note         TEXT        NOT NULL,
    comment_id   UUID        REFERENCES comments (id),
    created_by   TEXT        NOT NULL REFERENCES moderators (id),
    created_at   TIMESTAMPTZ NOT NULL,
    expires_at   TIMESTAMPTZ
);
CREATE INDEX blocks_value ON blocks (site_id, value_index);
CREATE INDEX blocks_newest ON blocks (site_id, created_at, id);
CREATE INDEX blocks_expiry ON blocks (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX blocks_comment ON blocks (comment_id) WHERE comment_id IS NOT NULL;

CREATE TABLE notes (
    id            UUID        NOT NULL PRIMARY KEY,
    comment_id    UUID        NOT NULL REFERENCES comments (id),
    commenter_id  UUID        NOT NULL REFERENCES commenters (id),
    about         TEXT        NOT NULL CHECK (about IN ('comment', 'commenter')),
    moderator_id  TEXT        NOT NULL REFERENCES moderators (id),
    body          TEXT        NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL
);
CREATE INDEX notes_comment ON notes (comment_id, created_at, id);
CREATE INDEX notes_commenter ON notes (commenter_id, about, created_at, id);

CREATE TABLE ruleset_drafts (
    site_id       UUID        NOT NULL REFERENCES sites (id),
    moderator_id  TEXT        NOT NULL REFERENCES moderators (id),
    from_version  INTEGER     NOT NULL,
    source        TEXT        NOT NULL,
    changed_at    TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (site_id, moderator_id)
);
CREATE INDEX ruleset_drafts_moderator ON ruleset_drafts (moderator_id);

CREATE TABLE audit_entries (
    id            TEXT        NOT NULL PRIMARY KEY,
    moderator_id  TEXT        REFERENCES moderators (id),
    action        TEXT        NOT NULL,
    site_id       UUID        REFERENCES sites (id),
    subject_id    TEXT        NOT NULL,
    reason        TEXT        NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL
);
CREATE INDEX audit_entries_site ON audit_entries (site_id, created_at, id);
CREATE INDEX audit_entries_subject ON audit_entries (subject_id) WHERE reason <> '';
CREATE INDEX audit_entries_newest ON audit_entries (created_at, id);

CREATE TABLE outbox_events (
    id          UUID        NOT NULL PRIMARY KEY,
    kind        TEXT        NOT NULL,
    site_id     UUID        NOT NULL,
    comment_id  UUID        REFERENCES comments (id),
    created_at  TIMESTAMPTZ NOT NULL
);
CREATE INDEX outbox_events_comment ON outbox_events (comment_id);

CREATE TABLE outbox (
    id            UUID        NOT NULL PRIMARY KEY,
    channel       TEXT        NOT NULL CHECK (channel IN ('mail', 'webhook')),
    kind          TEXT        NOT NULL,
    site_id       UUID,
    commenter_id  UUID,
    moderator_id  TEXT,
    comment_id    UUID,
    webhook_id    UUID,
    payload       JSONB       NOT NULL,
    dedupe        TEXT        UNIQUE,
    state         TEXT        NOT NULL CHECK (state IN ('waiting', 'sent', 'dropped', 'failed')),
    tries         INTEGER     NOT NULL,
    due_at        TIMESTAMPTZ NOT NULL,

    error         TEXT        NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    done_at       TIMESTAMPTZ
);
CREATE INDEX outbox_due ON outbox (due_at, id) WHERE state = 'waiting' AND channel = 'mail';
CREATE INDEX outbox_webhook_due ON outbox (webhook_id, due_at, id) WHERE state = 'waiting' AND channel = 'webhook';
CREATE INDEX outbox_webhook ON outbox (webhook_id, id) WHERE webhook_id IS NOT NULL;
CREATE INDEX outbox_newest ON outbox (created_at, id);
CREATE INDEX outbox_failed ON outbox (created_at, id) WHERE state = 'failed';
CREATE INDEX outbox_done ON outbox (done_at) WHERE done_at IS NOT NULL;
CREATE INDEX outbox_reader ON outbox (commenter_id, done_at) WHERE commenter_id IS NOT NULL;

CREATE TABLE subscriptions (
    id            UUID        NOT NULL PRIMARY KEY,
    site_id       UUID        NOT NULL,
    article_id    UUID        NOT NULL,
    commenter_id  UUID        NOT NULL,
    comment_id    UUID        REFERENCES comments (id),

    language      TEXT        NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    stopped_at    TIMESTAMPTZ,
    UNIQUE (comment_id)
);
CREATE INDEX subscriptions_reader ON subscriptions (commenter_id, created_at);
CREATE UNIQUE INDEX subscriptions_article ON subscriptions (article_id, commenter_id) WHERE comment_id IS NULL;

CREATE TABLE reader_mail (
    commenter_id   UUID        NOT NULL PRIMARY KEY REFERENCES commenters (id),
    site_id        UUID        NOT NULL,
    replies        TEXT        NOT NULL CHECK (replies IN ('at_once', 'hourly', 'daily', 'never')),
    outcomes       BOOLEAN     NOT NULL,
    confirmations  INTEGER     NOT NULL,
    asked_at       TIMESTAMPTZ,
    stopped_at     TIMESTAMPTZ
);
CREATE INDEX reader_mail_site ON reader_mail (site_id);

CREATE TABLE confirmed_browsers (
    commenter_id  UUID        NOT NULL REFERENCES commenters (id),
    browser_id    TEXT        NOT NULL,
    confirmed_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (commenter_id, browser_id)
);

CREATE TABLE mail_stops (
    email_index  BYTEA       NOT NULL PRIMARY KEY,
    reason       TEXT        NOT NULL CHECK (reason IN ('reader', 'bounced')),
    created_at   TIMESTAMPTZ NOT NULL
);

CREATE TABLE mail_requests (
    email_index  BYTEA       NOT NULL,
    kind         TEXT        NOT NULL,
    requests     INTEGER     NOT NULL,
    asked_at     TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (email_index, kind)
);

CREATE INDEX mail_requests_asked ON mail_requests (asked_at);

CREATE TABLE moderator_mail (
    moderator_id  TEXT    NOT NULL PRIMARY KEY REFERENCES moderators (id),
    choices       JSONB   NOT NULL
);

CREATE TABLE identity_keys (
    id          UUID        NOT NULL PRIMARY KEY,
    site_id     UUID        NOT NULL REFERENCES sites (id),
    name        TEXT        NOT NULL,
    kind        TEXT        NOT NULL CHECK (kind IN ('secret', 'public', 'url')),
    sealed      BYTEA       NOT NULL,
    created_by  TEXT        NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    expires_at  TIMESTAMPTZ
);

CREATE INDEX identity_keys_site ON identity_keys (site_id, created_at, id);

CREATE TABLE signed_readers (
    id             UUID        NOT NULL PRIMARY KEY,
    site_id        UUID        NOT NULL REFERENCES sites (id),
    subject_index  BYTEA       NOT NULL,
    first_seen_at  TIMESTAMPTZ NOT NULL,
    UNIQUE (subject_index, site_id)
);

CREATE INDEX signed_readers_site ON signed_readers (site_id);

CREATE TABLE webhooks (
    id                 UUID        NOT NULL PRIMARY KEY,
    site_id            UUID        NOT NULL REFERENCES sites (id),
    name               TEXT        NOT NULL,
    type               TEXT        NOT NULL CHECK (type IN ('standard', 'slack', 'discord', 'mattermost', 'telegram')),
    host               TEXT        NOT NULL,
    url_sealed         BYTEA       NOT NULL,
    chat               TEXT        NOT NULL,
    events             JSONB       NOT NULL,
    email              BOOLEAN     NOT NULL,
    depth              INTEGER     NOT NULL,
    deep               BOOLEAN     NOT NULL,
    secret_sealed      BYTEA,
    old_secret_sealed  BYTEA,
    old_secret_until   TIMESTAMPTZ,
    state              TEXT        NOT NULL CHECK (state IN ('active', 'paused')),
    pause_reason       TEXT        NOT NULL,
    failures           INTEGER     NOT NULL,
    failing_since      TIMESTAMPTZ,
    version            INTEGER     NOT NULL,
    created_at         TIMESTAMPTZ NOT NULL
);

CREATE TABLE webhook_attempts (
    id          UUID        NOT NULL PRIMARY KEY,
    message_id  UUID        NOT NULL,
    webhook_id  UUID        NOT NULL,
    site_id     UUID        NOT NULL,
    comment_id  UUID,
    at          TIMESTAMPTZ NOT NULL,
    took        BIGINT      NOT NULL,
    status      INTEGER     NOT NULL,
    error       TEXT        NOT NULL,
    exchange    BYTEA       NOT NULL
);
CREATE INDEX webhook_attempts_message ON webhook_attempts (message_id, id);
CREATE INDEX webhook_attempts_comment ON webhook_attempts (comment_id) WHERE comment_id IS NOT NULL;
CREATE INDEX webhook_attempts_at ON webhook_attempts (at);

CREATE TABLE imports (
    id          UUID        NOT NULL PRIMARY KEY,
    site_id     UUID        NOT NULL REFERENCES sites (id),
    format      TEXT        NOT NULL,
    source      TEXT        NOT NULL,
    file_name   TEXT        NOT NULL,
    status      TEXT        NOT NULL CHECK (status IN ('running', 'done', 'failed', 'undoing', 'undone')),
    report      JSONB       NOT NULL,
    learn       BOOLEAN     NOT NULL,
    learned_id  UUID        NOT NULL,
    created_by  TEXT        NOT NULL,
    started_at  TIMESTAMPTZ NOT NULL,
    updated_at  TIMESTAMPTZ NOT NULL
);

CREATE INDEX imports_site ON imports (site_id, started_at, id);

CREATE TABLE imported_comments (
    comment_id  UUID        NOT NULL PRIMARY KEY,
    site_id     UUID        NOT NULL,
    import_id   UUID        NOT NULL,
    source_key  BYTEA       NOT NULL,
    UNIQUE (source_key, site_id)
);

CREATE INDEX imported_comments_import ON imported_comments (import_id, comment_id);

CREATE TABLE imported_votes (
    comment_id  UUID        NOT NULL PRIMARY KEY REFERENCES comments (id),
    up          INTEGER     NOT NULL CHECK (up >= 0),
    down        INTEGER     NOT NULL CHECK (down >= 0)
);
