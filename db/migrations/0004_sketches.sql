-- Summaries of texts, by which those that are nearly the same are found for a day.

CREATE TABLE sketches (
    comment_id  TEXT        NOT NULL REFERENCES comments (id),
    revision    INTEGER     NOT NULL,
    site_id     TEXT        NOT NULL,
    band_1      BIGINT      NOT NULL,
    band_2      BIGINT      NOT NULL,
    band_3      BIGINT      NOT NULL,
    band_4      BIGINT      NOT NULL,
    sketch      BYTEA       NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (comment_id, revision)
);

CREATE INDEX sketches_band_1 ON sketches (site_id, band_1, created_at);
CREATE INDEX sketches_band_2 ON sketches (site_id, band_2, created_at);
CREATE INDEX sketches_band_3 ON sketches (site_id, band_3, created_at);
CREATE INDEX sketches_band_4 ON sketches (site_id, band_4, created_at);
CREATE INDEX sketches_age ON sketches (created_at);
