-- Rulesets that extend a shared base, backtests by site, and what each rule did day by day.

ALTER TABLE rulesets ADD COLUMN base TEXT NOT NULL DEFAULT '';

CREATE INDEX submissions_site ON submissions (site_id, created_at, id);

CREATE TABLE rule_days (
    site_id            TEXT        NOT NULL REFERENCES sites (id),
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
    site_id         TEXT        NOT NULL PRIMARY KEY REFERENCES sites (id),
    submissions_at  TIMESTAMPTZ NOT NULL,
    submissions_id  TEXT        NOT NULL,
    decisions_at    TIMESTAMPTZ NOT NULL,
    decisions_id    TEXT        NOT NULL
);

CREATE TABLE rule_starts (
    site_id     TEXT        NOT NULL REFERENCES sites (id),
    rule        TEXT        NOT NULL,
    started_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (site_id, rule)
);
