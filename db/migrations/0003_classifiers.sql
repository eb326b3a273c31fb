-- What sites' classifiers have learned from the decisions of moderators.

CREATE TABLE classifiers (
    site_id     TEXT        NOT NULL PRIMARY KEY REFERENCES sites (id),
    version     INTEGER     NOT NULL,
    model       BYTEA       NOT NULL,
    learned_at  TIMESTAMPTZ NOT NULL,
    learned_id  TEXT        NOT NULL,
    updated_at  TIMESTAMPTZ NOT NULL
);

CREATE INDEX decisions_people ON decisions (site_id, created_at, id) WHERE actor = 'moderator' AND to_status <> 'deleted';
