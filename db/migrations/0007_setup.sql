-- Links to set a server up in the browser, and moderation modes of articles.

CREATE TABLE setup_links (
    secret_hash  BYTEA       NOT NULL PRIMARY KEY,
    expires_at   TIMESTAMPTZ NOT NULL
);

ALTER TABLE articles ADD COLUMN mode TEXT NOT NULL DEFAULT '';
