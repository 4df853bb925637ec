-- Money of vendor-billed use, and the counts of metered features. Amounts are whole nano-dollars (1e-9 USD).
-- How the accounts of the ledger work together stands in src/wallet.rs.

-- One row an account: sums over the ledger's lines and the holds, kept so that one statement can check and take.
CREATE TABLE wallet (
    account_id     TEXT PRIMARY KEY NOT NULL REFERENCES account (id),
    -- The month that runs: the agreement it belongs to ('' for none), the period at the billing provider, its own bounds.
    agreement_id   TEXT NOT NULL,
    billing_start  BIGINT NOT NULL,
    month_start    BIGINT NOT NULL,
    month_end      BIGINT NOT NULL,
    -- Whether its allowance was granted, and what the plan includes.
    is_granted     BIGINT NOT NULL,
    included       BIGINT NOT NULL,
    -- To be taken off the next grant.
    overspent      BIGINT NOT NULL,
    -- What is left of the allowance: the sum of the month's allowance account. Below zero when a call cost more than all there was.
    allowance      BIGINT NOT NULL,
    -- What the customer owes for this month; and what it was before the last settlement.
    overage        BIGINT NOT NULL,
    overage_before BIGINT NOT NULL,
    -- The most that overage may come to: by the plan, by the user, and the lower of the two.
    plan_cap       BIGINT NOT NULL,
    user_cap       BIGINT NOT NULL,
    cap            BIGINT NOT NULL,
    -- The sum of the holds in state 'held'.
    held           BIGINT NOT NULL,
    -- When its month is looked at next.
    look_at        BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL
);

CREATE INDEX wallet_by_look ON wallet (look_at);

-- What is set aside for one call. Its id is the client's name for the call.
CREATE TABLE hold (
    account_id   TEXT NOT NULL REFERENCES account (id),
    id           TEXT NOT NULL,
    -- Counts how often a call of this name was begun: one that cost nothing may be begun again.
    attempt      BIGINT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('held', 'settled', 'released', 'expired')),
    amount       BIGINT NOT NULL,
    -- The most that overage might come to when it was begun: a cap lowered meanwhile does not make it free.
    cap          BIGINT NOT NULL,
    request_hash TEXT NOT NULL,
    provider     TEXT NOT NULL,
    model        TEXT NOT NULL,
    cost         BIGINT,
    is_estimated BIGINT NOT NULL,
    -- Tokens by kind, JSON.
    usage        TEXT,
    -- The provider's name for the call.
    request_id   TEXT,
    created_at   BIGINT NOT NULL,
    -- When nobody is left who could settle it.
    expires_at   BIGINT NOT NULL,
    ended_at     BIGINT,
    -- Its outcome is unknown; the vendor bears what it cost.
    needs_review BIGINT NOT NULL,
    PRIMARY KEY (account_id, id)
);

CREATE INDEX hold_by_end ON hold (state, expires_at);

-- Double entry: the lines of a transaction add up to zero. Only ever added to (store/append_only.rs).
CREATE TABLE ledger_line (
    txn_id         TEXT NOT NULL,
    line           BIGINT NOT NULL,
    ledger_account TEXT NOT NULL,
    -- Whose line it is; none on our own side.
    account_id     TEXT REFERENCES account (id),
    amount         BIGINT NOT NULL,
    kind           TEXT NOT NULL CHECK (kind IN ('grant', 'lapse', 'use', 'use_estimated', 'writeoff')),
    -- The start of the wallet's month that it counts in.
    month          BIGINT NOT NULL,
    at             BIGINT NOT NULL,
    PRIMARY KEY (txn_id, line)
);

CREATE INDEX ledger_line_by_account ON ledger_line (account_id, at, txn_id, line);
CREATE INDEX ledger_line_by_ledger_account ON ledger_line (ledger_account, month);

-- Running totals of metered features by agreement ('' for none) and period at the billing provider.
CREATE TABLE usage_total (
    account_id   TEXT NOT NULL REFERENCES account (id),
    agreement_id TEXT NOT NULL,
    feature      TEXT NOT NULL,
    period_start BIGINT NOT NULL,
    -- In parts; so many parts are one unit that is reported. Money is kept in nano-dollars and reported in cents.
    total        BIGINT NOT NULL,
    parts        BIGINT NOT NULL,
    -- In units: what the billing provider has taken note of.
    reported     BIGINT NOT NULL,
    report_at    BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (account_id, agreement_id, feature, period_start)
);

CREATE INDEX usage_total_by_report ON usage_total (report_at);

-- Which events were counted, so that none is counted twice.
CREATE TABLE usage_event (
    account_id  TEXT NOT NULL REFERENCES account (id),
    event_id    TEXT NOT NULL,
    feature     TEXT NOT NULL,
    quantity    BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, event_id)
);

CREATE INDEX usage_event_by_receipt ON usage_event (received_at);

-- What is done now and then by one of all replicas.
CREATE TABLE chore (
    name   TEXT PRIMARY KEY NOT NULL,
    due_at BIGINT NOT NULL
);
