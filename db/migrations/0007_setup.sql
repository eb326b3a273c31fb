-- Links to set a server up in the browser.

CREATE TABLE setup_links (
    secret_hash  BYTEA       NOT NULL PRIMARY KEY,
    expires_at   TIMESTAMPTZ NOT NULL
);
