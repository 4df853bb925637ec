-- Requests that must not be done twice: who runs one, and what it was answered. Kept for a day.

CREATE TABLE idempotency (
    account_id   TEXT NOT NULL REFERENCES account (id),
    -- A hash of the client's name for the request.
    request_key  TEXT NOT NULL,
    -- A hash of method, path and body: the same name for another request is refused.
    request_hash TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('running', 'done')),
    -- Who runs it. One that was taken over does not store its answer.
    claim        TEXT NOT NULL,
    -- Whoever runs it is taken for dead then.
    lease_until  BIGINT NOT NULL,
    status       BIGINT,
    kind         TEXT,
    body         TEXT,
    expires_at   BIGINT NOT NULL,
    PRIMARY KEY (account_id, request_key)
);

CREATE INDEX idempotency_by_end ON idempotency (expires_at);
