-- The tabs in which moderators claim comments, so that a page that is left releases what it asked for.

ALTER TABLE claims ADD COLUMN tab TEXT NOT NULL DEFAULT '';
ALTER TABLE claims ADD COLUMN tab_seq BIGINT NOT NULL DEFAULT 0;

CREATE TABLE claim_tabs (
    moderator_id  TEXT        NOT NULL REFERENCES moderators (id),
    tab           TEXT        NOT NULL,
    left_seq      BIGINT      NOT NULL,
    seen_at       TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (moderator_id, tab)
);

CREATE INDEX claim_tabs_age ON claim_tabs (seen_at);
