-- A third place for keys. A check cannot be altered, so the table is made anew; nothing refers to it.
CREATE TABLE key_record_new (
    id              TEXT PRIMARY KEY NOT NULL,
    profile         TEXT NOT NULL,
    provider        TEXT NOT NULL,
    protocol        TEXT NOT NULL,
    label           TEXT NOT NULL,
    base_url        TEXT NOT NULL,
    origin          TEXT NOT NULL,
    -- Both or neither: an endpoint without a key has nothing in the store.
    last4           TEXT,
    entry_id        TEXT UNIQUE,
    place           TEXT NOT NULL CHECK (place IN ('system', 'session', 'passphrase')),
    -- Kept on a removed record, so that undoing the removal gives the default back.
    is_default      INTEGER NOT NULL CHECK (is_default IN (0, 1)),
    health_json     TEXT CHECK (health_json IS NULL OR json_valid(health_json)),
    models_json     TEXT CHECK (models_json IS NULL OR json_valid(models_json)),
    added_at        INTEGER NOT NULL,
    last_checked_at INTEGER,
    removed_at      INTEGER,
    CHECK ((last4 IS NULL) = (entry_id IS NULL)),
    CHECK (last4 IS NULL OR length(last4) <= 4)
) STRICT;

INSERT INTO key_record_new (id, profile, provider, protocol, label, base_url, origin, last4, entry_id, place, is_default,
                            health_json, models_json, added_at, last_checked_at, removed_at)
SELECT id, profile, provider, protocol, label, base_url, origin, last4, entry_id, place, is_default,
       health_json, models_json, added_at, last_checked_at, removed_at
FROM key_record ORDER BY rowid;

DROP TABLE key_record;
ALTER TABLE key_record_new RENAME TO key_record;
CREATE UNIQUE INDEX key_record_one_default ON key_record (profile, provider) WHERE is_default = 1 AND removed_at IS NULL;

-- What is about to be done is done in one place.
ALTER TABLE key_intent ADD COLUMN place TEXT NOT NULL DEFAULT 'system' CHECK (place IN ('system', 'session', 'passphrase'));
