-- When the billing provider is to be asked next; none while there is nothing to ask.
ALTER TABLE subscription ADD COLUMN sync_due_at BIGINT;
-- Since when the provider names no agreement although there was one: believed when it is said twice.
ALTER TABLE subscription ADD COLUMN missing_since BIGINT;
-- The newest word of a payment that was taken in; older ones come too late.
ALTER TABLE subscription ADD COLUMN payment_event_at BIGINT;

CREATE INDEX subscription_by_sync ON subscription (sync_due_at);

-- Changes of plan, asked for by the customer. A refused one stays, with the reason.
CREATE TABLE plan_change (
    id           TEXT PRIMARY KEY NOT NULL,
    account_id   TEXT NOT NULL REFERENCES account (id),
    -- The client's name for the request.
    request_key  TEXT NOT NULL,
    from_plan    TEXT NOT NULL,
    to_plan      TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('scheduled', 'pending', 'done', 'failed', 'withdrawn')),
    -- When the new plan begins; the old one is credited and the new one charged as of then.
    effective_at BIGINT NOT NULL,
    reason       TEXT,
    attempts     BIGINT NOT NULL,
    -- When the provider said yes: from then on it is only looked for, never asked for again.
    accepted_at  BIGINT,
    -- When it is tried next. Who tries puts this forward first, so that nobody else does.
    run_at       BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    UNIQUE (account_id, request_key)
);

CREATE UNIQUE INDEX plan_change_open ON plan_change (account_id) WHERE state IN ('scheduled', 'pending');
CREATE INDEX plan_change_due ON plan_change (state, run_at);

-- First payments. What came of one is looked up at the billing provider.
CREATE TABLE checkout (
    id          TEXT PRIMARY KEY NOT NULL,
    account_id  TEXT NOT NULL REFERENCES account (id),
    request_key TEXT NOT NULL,
    plan_code   TEXT NOT NULL,
    return_url  TEXT NOT NULL,
    -- The provider's link.
    link        TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('pending', 'paid', 'declined', 'abandoned')),
    invoice_id  TEXT,
    created_at  BIGINT NOT NULL,
    UNIQUE (account_id, request_key)
);

-- The books of the embedded billing. Amounts are whole cents (hundredths of the catalogue's currency).
CREATE TABLE billing_customer (
    id         TEXT PRIMARY KEY NOT NULL,
    account_id TEXT NOT NULL UNIQUE REFERENCES account (id),
    -- A credit that the next invoice takes from.
    balance    BIGINT NOT NULL CHECK (balance >= 0),
    -- The simulated card; none before the first.
    card       TEXT CHECK (card IN ('accepted', 'declined', 'fails_at_renewal')),
    -- Counts what is written for this customer. Writing it first makes writers wait for each other.
    rev        BIGINT NOT NULL
);

CREATE TABLE billing_agreement (
    id             TEXT PRIMARY KEY NOT NULL,
    customer_id    TEXT NOT NULL REFERENCES billing_customer (id),
    plan_code      TEXT NOT NULL,
    -- Periods are counted from here by the calendar, so that a 31st comes back after a February.
    anchor_at      BIGINT NOT NULL,
    period_number  BIGINT NOT NULL,
    period_start   BIGINT NOT NULL,
    period_end     BIGINT NOT NULL,
    -- What a whole period like the running one was paid with.
    paid_price     BIGINT NOT NULL,
    -- When it ends for good.
    ends_at        BIGINT,
    past_due_since BIGINT,
    -- The invoice that is due.
    open_invoice   TEXT,
    -- When something happens by itself next: a renewal, a retry, the end. None once it has ended.
    next_at        BIGINT
);

CREATE INDEX billing_agreement_due ON billing_agreement (next_at);
CREATE INDEX billing_agreement_by_customer ON billing_agreement (customer_id, next_at);

CREATE TABLE billing_invoice (
    id          TEXT PRIMARY KEY NOT NULL,
    number      BIGINT NOT NULL UNIQUE,
    customer_id TEXT NOT NULL REFERENCES billing_customer (id),
    currency    TEXT NOT NULL,
    total       BIGINT NOT NULL CHECK (total >= 0),
    state       TEXT NOT NULL CHECK (state IN ('open', 'paid', 'given_up')),
    issued_at   BIGINT NOT NULL,
    paid_at     BIGINT
);

CREATE INDEX billing_invoice_by_customer ON billing_invoice (customer_id, number);

-- Invoices are numbered without a gap.
CREATE TABLE billing_invoice_number (
    last BIGINT NOT NULL
);
INSERT INTO billing_invoice_number (last) VALUES (0);

CREATE TABLE billing_invoice_line (
    invoice_id TEXT NOT NULL REFERENCES billing_invoice (id),
    line       BIGINT NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('plan', 'unused', 'usage', 'balance')),
    text       TEXT NOT NULL,
    amount     BIGINT NOT NULL,
    from_at    BIGINT,
    until_at   BIGINT,
    PRIMARY KEY (invoice_id, line)
);

CREATE TABLE billing_usage (
    agreement_id TEXT NOT NULL REFERENCES billing_agreement (id),
    feature      TEXT NOT NULL,
    period_start BIGINT NOT NULL,
    -- Units, as reported last; only grows.
    total        BIGINT NOT NULL,
    -- How many of them are on an invoice.
    billed       BIGINT NOT NULL,
    PRIMARY KEY (agreement_id, feature, period_start)
);

-- Links to the embedded billing's own pages, by the hash of what nobody can guess in them.
CREATE TABLE billing_page (
    token_hash  TEXT PRIMARY KEY NOT NULL,
    customer_id TEXT NOT NULL REFERENCES billing_customer (id),
    -- The plan that is paid for the first time; none on the page that shows everything.
    plan_code   TEXT,
    return_url  TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('pending', 'paid', 'declined', 'abandoned')),
    invoice_id  TEXT,
    expires_at  BIGINT NOT NULL
);
