-- Browsers that a moderator signed in on before, and a faster look-up of addresses that they signed in from.

CREATE TABLE devices (
    id            TEXT        NOT NULL PRIMARY KEY,
    moderator_id  TEXT        NOT NULL REFERENCES moderators (id),
    created_at    TIMESTAMPTZ NOT NULL,
    last_used_at  TIMESTAMPTZ NOT NULL
);

CREATE INDEX devices_moderator ON devices (moderator_id);
CREATE INDEX devices_age ON devices (last_used_at);

ALTER TABLE sessions ADD COLUMN device_id TEXT;

CREATE INDEX sign_ins_known ON sign_ins (moderator_id, address_index, created_at) WHERE outcome = 'sign_in';
