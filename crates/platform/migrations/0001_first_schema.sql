-- One schema for SQLite and PostgreSQL: TEXT and BIGINT alone, flags 0 or 1, times in milliseconds since 1970-01-01 UTC.
-- Ids are text made by the service, but for a device's, which the device chooses.

CREATE TABLE account (
    id           TEXT PRIMARY KEY NOT NULL,
    -- The subject at the identity provider; none for a trial without sign-in.
    identity     TEXT UNIQUE,
    email        TEXT,
    -- Who it is at the billing provider.
    customer_id  TEXT UNIQUE,
    device_limit BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    closed_at    BIGINT
);

CREATE TABLE subscription (
    account_id     TEXT PRIMARY KEY NOT NULL REFERENCES account (id),
    plan_code      TEXT NOT NULL,
    -- The agreement at the billing provider that this is a copy of; none for a trial and a grant.
    agreement_id   TEXT,
    standing       TEXT NOT NULL CHECK (standing IN ('trial', 'active', 'past_due', 'ending', 'free', 'revoked')),
    -- The end of the trial or of the period that was paid.
    ends_at        BIGINT,
    past_due_since BIGINT,
    -- The period that runs.
    period_start   BIGINT,
    period_end     BIGINT,
    -- Only grows.
    rev            BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL,
    -- When the billing provider was last asked.
    synced_at      BIGINT
);

CREATE TABLE device (
    id          TEXT PRIMARY KEY NOT NULL,
    account_id  TEXT NOT NULL REFERENCES account (id),
    name        TEXT NOT NULL,
    os          TEXT NOT NULL,
    app_version TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('active', 'replaced', 'revoked', 'forked')),
    -- Counts its licences; only grows.
    seq         BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    seen_at     BIGINT NOT NULL
);

CREATE INDEX device_by_account ON device (account_id, state);

-- What a device proves itself with: hashed, never the credential. One that was replaced stays as 'previous' until its successor is
-- used, so that a crash before the successor was kept locks nobody out; afterwards it is 'spent', and seeing it again means that
-- the device's store was copied.
CREATE TABLE credential (
    hash       TEXT PRIMARY KEY NOT NULL,
    device_id  TEXT NOT NULL REFERENCES device (id),
    state      TEXT NOT NULL CHECK (state IN ('current', 'previous', 'spent')),
    created_at BIGINT NOT NULL
);

CREATE INDEX credential_by_device ON credential (device_id, state);

-- A device has one trial, whatever becomes of its account.
CREATE TABLE trial (
    device_id   TEXT PRIMARY KEY NOT NULL,
    account_id  TEXT NOT NULL REFERENCES account (id),
    -- The key under which it was asked for, so that the same request may be sent again when its answer was lost.
    request_key TEXT NOT NULL,
    started_at  BIGINT NOT NULL,
    ends_at     BIGINT NOT NULL
);

-- The set that the root signed last is the one that is served.
CREATE TABLE keyset (
    issued_at BIGINT PRIMARY KEY NOT NULL,
    signed    TEXT NOT NULL
);
