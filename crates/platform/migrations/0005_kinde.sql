-- What Kinde's webhooks said, each once, whatever how often it is said. A row is kept for longer than Kinde repeats an event.
CREATE TABLE inbox (
    -- Kinde's own, out of the signed part.
    event_id    TEXT PRIMARY KEY NOT NULL,
    kind        TEXT NOT NULL,
    -- When it happened, as Kinde says.
    occurred_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    -- Whom it is about, at Kinde. What else an event holds is not kept: it is read anew.
    customer_id TEXT,
    user_id     TEXT,
    -- A parked one was tried too often and waits for a person.
    state       TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'parked')),
    attempts    BIGINT NOT NULL,
    -- When it is tried next. Who tries puts this forward first, so that nobody else does.
    due_at      BIGINT NOT NULL,
    error       TEXT
);

CREATE INDEX inbox_due ON inbox (state, due_at);
