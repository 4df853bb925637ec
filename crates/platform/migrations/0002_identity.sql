-- Signing in, and the terms that were accepted.

-- The account that a trial's account was merged into when its device signed in to one that was there already.
ALTER TABLE account ADD COLUMN adopted_by TEXT REFERENCES account (id);

CREATE INDEX account_by_adopter ON account (adopted_by);

-- Only added to: what was accepted stays as it was.
CREATE TABLE terms_acceptance (
    id          TEXT PRIMARY KEY NOT NULL,
    account_id  TEXT NOT NULL REFERENCES account (id),
    device_id   TEXT,
    -- Hashed: the key under which it was sent, so that it can be sent again when the answer was lost.
    request_key TEXT NOT NULL,
    doc         TEXT NOT NULL,
    version     TEXT NOT NULL,
    lang        TEXT NOT NULL,
    -- Of the exact bytes that were shown.
    sha256      TEXT NOT NULL,
    accepted_at BIGINT NOT NULL,
    -- By the device's clock: earlier, when it was accepted without a connection.
    client_time BIGINT NOT NULL,
    app_version TEXT NOT NULL,
    -- Where in the application.
    surface     TEXT NOT NULL,
    UNIQUE (account_id, request_key)
);

CREATE INDEX terms_acceptance_by_account ON terms_acceptance (account_id, doc);
