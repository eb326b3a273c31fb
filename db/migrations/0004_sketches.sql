-- Summaries of texts, by which those that are nearly the same are found for a day.

CREATE TABLE sketches (
    site_id        TEXT        NOT NULL REFERENCES sites (id),
    band           BIGINT      NOT NULL,
    created_at     TIMESTAMPTZ NOT NULL,
    submission_id  TEXT        NOT NULL REFERENCES submissions (id),
    sketch         BYTEA       NOT NULL,
    PRIMARY KEY (site_id, band, created_at, submission_id)
);

CREATE INDEX sketches_submission ON sketches (submission_id);
CREATE INDEX sketches_age ON sketches (created_at);
